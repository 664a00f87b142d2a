"""Inputs and outputs in object stores (s3:// and what else fsspec brings), named by URLs.

An output is made on this machine and uploaded when the ledger has it: with one request up to 5 GB, which leaves all
of it or nothing. The ledger of such a run lies on this machine.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from typing import Any, BinaryIO

from ..model.errors import InputProblem, UsageProblem
from ..model.inputs import InputFile
from .folder import Folder
from .records.compression import EXTRA

URL = re.compile(r"[a-z][a-z0-9+]*://")
OWN = ".cleaner/"  # below it lies what is local: the ledger, and outputs before they are moved
ONE_REQUEST = 5 << 30  # bytes; the most that S3 takes at once
COPY = 1 << 20


def is_remote(path: str) -> bool:
    return URL.match(path) is not None and not path.startswith("file://")


def store(url: str) -> tuple[Any, str]:
    """The file system of a URL, and its path in it. Raises UsageProblem where what reads it is not installed."""
    try:
        from fsspec.core import url_to_fs

        fs, path = url_to_fs(url)
    except (ImportError, ValueError) as error:
        what = f"what reads it is not installed: {str(error).splitlines()[0]}"
        raise UsageProblem(what, url, f"{EXTRA} brings what reads s3://") from None
    return fs, path


def open_path(path: str) -> BinaryIO:
    """A file to read, by path or URL. Raises OSError."""
    if not is_remote(path):
        return open(path, "rb")
    fs, inner = store(path)
    return fs.open(inner, "rb")  # type: ignore[no-any-return]


def status_of(path: str) -> os.stat_result:
    """That of a file, by path or URL; the times of an object are those of its last change. Raises OSError."""
    if not is_remote(path):
        return os.stat(path)
    fs, inner = store(path)
    fs.invalidate_cache()
    return _status(fs.info(inner))


def hash_of(path: str) -> bytes:
    """The SHA-256 of a file, by path or URL. Raises OSError."""
    with open_path(path) as file:
        return _hash(file)


def _hash(file: BinaryIO) -> bytes:
    found = hashlib.sha256()
    for piece in iter(lambda: file.read(COPY), b""):
        found.update(piece)
    return found.digest()


def _status(info: Any) -> os.stat_result:
    if info["type"] != "file":
        raise IsADirectoryError(21, "it is a folder", info["name"])
    changed = info.get("LastModified") or info.get("mtime") or info.get("created") or 0
    seconds = changed.timestamp() if hasattr(changed, "timestamp") else float(changed)
    times = (int(seconds),) * 3
    exact = {"st_mtime_ns": int(seconds * 1e9), "st_ctime_ns": 0}
    return os.stat_result((stat.S_IFREG | 0o644, 0, 0, 1, 0, 0, int(info["size"]), *times), exact)


def discover_remote(url: str) -> Iterator[InputFile]:
    """The objects below a URL, that of the URL itself, or those that fit its pattern."""
    fs, inner = store(url)
    try:
        found = fs.glob(inner, detail=True) if "*" in inner else fs.find(inner, detail=True)
        items = {name: info for name, info in found.items() if info["type"] == "file"}
        if not items:
            raise FileNotFoundError
    except FileNotFoundError:
        why = InputProblem("there is no such file or directory", url, "check the path")
        yield InputFile(url, os.path.basename(inner), why)
        return
    top = inner.rstrip("/") if "*" not in inner else os.path.dirname(inner[: inner.index("*") + 1])
    for name in sorted(items):
        below = os.path.basename(name) if name == top else os.path.relpath(name, top)
        yield InputFile(fs.unstrip_protocol(name), below, None, int(items[name]["size"]))


class RemoteFolder(Folder):
    """A folder in an object store. What has a name below `.cleaner` lies in a folder of this machine."""

    remote = True

    def __init__(self, path: str, url: str = "") -> None:
        super().__init__(path, make=True)
        self.url = url

    def __reduce__(self) -> Any:
        return RemoteFolder, (self.path, self.url)

    def _object(self, name: str) -> tuple[Any, str]:
        return store(f"{self.url.rstrip('/')}/{name}")

    def status(self, name: str) -> os.stat_result | None:
        if name.startswith(OWN) or name in ("", OWN[:-1]):
            return super().status(name)
        fs, inner = self._object(name)
        fs.invalidate_cache()
        try:
            return _status(fs.info(inner))
        except FileNotFoundError:
            return None

    def read(self, name: str) -> BinaryIO:
        if name.startswith(OWN):
            return super().read(name)
        fs, inner = self._object(name)
        return fs.open(inner, "rb")  # type: ignore[no-any-return]

    def hash(self, name: str) -> bytes:
        with self.read(name) as file:
            return _hash(file)

    def replace(self, old: str, new: str) -> None:
        if new.startswith(OWN):
            super().replace(old, new)
            return
        fs, inner = self._object(new)
        more = {"chunksize": ONE_REQUEST // 2} if "s3" in fs.protocol else {}
        fs.put_file(super().full(old), inner, **more)
        super().unlink(old)

    def keep(self, old: str, new: str) -> None:
        with self.read(old) as file, self.create(new) as copy:
            for piece in iter(lambda: file.read(COPY), b""):
                copy.write(piece)

    def unlink(self, name: str) -> None:
        if name.startswith(OWN):
            super().unlink(name)
            return
        fs, inner = self._object(name)
        fs.rm_file(inner)

    def remove_empty(self, name: str) -> None:
        if name.startswith(OWN):
            super().remove_empty(name)


def local_folder(url: str) -> str:
    """Where the ledger of a folder in an object store lies: below the data folder of the user."""
    import platformdirs

    data = os.environ.get("CLEANER_DATA_DIR") or platformdirs.user_data_path("cleaner", appauthor=False)
    return os.path.join(data, "remote", hashlib.sha256(url.rstrip("/").encode()).hexdigest()[:32])


def open_folder(path: str, make: bool) -> Folder:
    """The folder of a run's outputs, by path or URL."""
    return RemoteFolder(local_folder(path), path) if is_remote(path) else Folder(path, make)
