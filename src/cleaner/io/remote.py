"""Inputs and outputs in object stores (s3:// and what else fsspec brings), named by URLs.

An output is made on this machine and uploaded when the ledger has it: with one request up to 5 GB, which leaves all
of it or nothing. The ledger of such a run lies on this machine. A worker on another machine uploads what it made below
`.cleaner` in the store; from there the store itself copies it to its place.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import stat
from collections.abc import Collection, Iterator
from contextlib import suppress
from typing import Any, BinaryIO

from ..model.errors import InputProblem, UsageProblem
from ..model.inputs import InputFile
from .folder import Folder
from .records.compression import EXTRA

URL = re.compile(r"[a-z][a-z0-9+]*://")
OWN = ".cleaner/"  # below it lies what is local: the ledger, and outputs before they are moved
ONE_REQUEST = 5 << 30  # bytes; the most that S3 takes at once
PIECE = 64 << 20  # bytes of a larger object that are sent at once; there may be 10,000
READ = 8 << 20  # bytes; s3fs reads, and holds, 50 MB ahead
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
    return _opened(*store(path))


def _opened(fs: Any, inner: str) -> BinaryIO:
    """With all methods of a file: what fsspec opens reads no line of a limited length."""
    return io.BufferedReader(fs.open(inner, "rb", block_size=READ))


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
        items = {name: info for name, info in found.items() if info["type"] == "file" and f"/{OWN}" not in name}
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


def _upload(path: str, fs: Any, inner: str) -> None:
    """Make an object of a file: whole, or not at all. Of a larger one an upload that was killed is taken back first."""
    if "s3" not in fs.protocol:
        fs.put_file(path, inner)
        return
    bucket, key, _ = fs.split_path(inner)
    if os.path.getsize(path) <= ONE_REQUEST:
        with open(path, "rb") as file:  # put_file would hold all of it in memory
            fs.call_s3("put_object", Bucket=bucket, Key=key, Body=file)
    else:
        _take_back(fs, bucket, key)
        fs.put_file(path, inner, chunksize=PIECE, max_concurrency=2)
    fs.invalidate_cache(inner)


def _take_back(fs: Any, bucket: str, key: str) -> None:
    found = fs.call_s3("list_multipart_uploads", Bucket=bucket, Prefix=key)
    for one in found.get("Uploads", []):
        if one["Key"] == key:
            fs.call_s3("abort_multipart_upload", Bucket=bucket, Key=key, UploadId=one["UploadId"])


class RemoteFolder(Folder):
    """A folder in an object store. What has a name below `.cleaner` lies in a folder of this machine.

    On another machine than that of the command (`away`) it lies in one of that machine until `sync` uploads it.
    """

    remote = True

    def __init__(self, path: str, url: str = "", home: tuple[int, int] | None = None) -> None:
        self.away = home is not None and not _is(path, home)
        super().__init__(local_folder(url) if self.away else path, make=True)
        self.url = url

    def __reduce__(self) -> Any:
        return RemoteFolder, (self.path, self.url, self._identity)

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
        if self._is_here(name):
            return super().read(name)
        return _opened(*self._object(name))

    def _is_here(self, name: str) -> bool:
        return name.startswith(OWN) and super().status(name) is not None

    def hash(self, name: str) -> bytes:
        with self.read(name) as file:
            return _hash(file)

    def replace(self, old: str, new: str) -> None:
        if new.startswith(OWN):
            super().replace(old, new)
            return
        fs, inner = self._object(new)
        if self._is_here(old):
            _upload(super().full(old), fs, inner)
            super().unlink(old)
        else:
            fs.cp_file(self._object(old)[1], inner)
            fs.rm_file(self._object(old)[1])

    def sync(self, names: Collection[str]) -> None:
        if not self.away:
            super().sync(names)
            return
        for name in names:
            if self._is_here(name):
                _upload(super().full(name), *self._object(name))
                super().unlink(name)
                super().remove_empty(os.path.dirname(name))

    def names(self, name: str) -> list[str]:
        return sorted({*super().names(name), *self._staged(name)})

    def clear(self, name: str) -> None:
        super().clear(name)
        for inner in self._staged(name):
            fs, path = self._object(f"{name}/{inner}")
            fs.rm_file(path)

    def _staged(self, name: str) -> list[str]:
        """What workers on other machines have uploaded."""
        fs, inner = self._object(name)
        fs.invalidate_cache()
        with suppress(OSError):
            return [os.path.basename(found.rstrip("/")) for found in fs.ls(inner, detail=False)]
        return []

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


def _is(path: str, identity: tuple[int, int]) -> bool:
    try:
        found = os.stat(path)
    except OSError:
        return False
    return (found.st_dev, found.st_ino) == identity


def local_folder(url: str) -> str:
    """Where the ledger of a folder in an object store lies: below the data folder of the user."""
    import platformdirs

    data = os.environ.get("CLEANER_DATA_DIR") or platformdirs.user_data_path("cleaner", appauthor=False)
    return os.path.join(data, "remote", hashlib.sha256(url.rstrip("/").encode()).hexdigest()[:32])


def open_folder(path: str, make: bool) -> Folder:
    """The folder of a run's outputs, by path or URL."""
    return RemoteFolder(local_folder(path), path) if is_remote(path) else Folder(path, make)
