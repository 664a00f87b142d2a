"""Files that appear whole or not at all, and are safe on the disk when somebody says so."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import hashlib
import os
import stat
import sys
import tempfile
from collections.abc import Collection, Sequence
from functools import cache
from typing import BinaryIO

import msgspec

from ..model.errors import CleanerError, DiskFull, InputProblem


class FileStamp(msgspec.Struct, frozen=True):
    """What tells two contents of a file apart: SHA-256, size in bytes, times of the last change (ns since 1970).

    `ctime` can't be set back by a program, but moves with a rename; 0 where it is not known.
    """

    hash: bytes
    size: int
    mtime: int
    ctime: int = 0

    def fits(self, now: os.stat_result) -> bool:
        """Whether a file that looks like this is surely the same without reading it."""
        return (self.size, self.mtime) == (now.st_size, now.st_mtime_ns) and self.ctime in (0, now.st_ctime_ns)


class Output(msgspec.Struct, frozen=True):
    """A file that a run made: what stands behind the name of the input, what is in it, and whether it was new there."""

    suffix: str
    stamp: FileStamp
    ours: bool = True


class AtomicFile:
    """A file that is written aside (beside its place, or as `temporary`) and moved there when it is whole."""

    def __init__(self, path: str, temporary: str | None = None) -> None:
        self.path = path
        try:
            if temporary is None:
                folder = os.path.dirname(path) or "."
                os.makedirs(folder, exist_ok=True)
                handle, temporary = tempfile.mkstemp(prefix=".cleaner-", dir=folder)
            else:
                handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        except OSError as error:
            raise write_problem(error, path) from None
        self.temporary = temporary
        self.file: BinaryIO = os.fdopen(handle, "wb")

    def write(self, pieces: Sequence[bytes]) -> None:
        try:
            self.file.writelines(pieces)
        except OSError as error:
            raise write_problem(error, self.path) from None

    def close(self, mode: int, digest: bytes) -> FileStamp:
        """All of it is given to the system, not yet safe on the disk."""
        try:
            self.file.flush()
            os.chmod(self.temporary, mode)
            now = os.fstat(self.file.fileno())
            self.file.close()
        except OSError as error:
            raise write_problem(error, self.path) from None
        return FileStamp(digest, now.st_size, now.st_mtime_ns)

    def put(self, like: str) -> None:
        """Moves the file to its place, with the mode of `like`, whatever is there."""
        try:
            self.close(stat.S_IMODE(os.stat(like).st_mode) | stat.S_IWUSR, b"")
            sync([self.temporary])
            os.replace(self.temporary, self.path)
            sync_folders([os.path.dirname(self.path) or "."])
        except OSError as error:
            raise write_problem(error, self.path) from None

    def drop(self) -> None:
        """Removes what was written; nothing is left of it."""
        with contextlib.suppress(OSError):
            self.file.close()
        with contextlib.suppress(OSError):
            os.unlink(self.temporary)


def write_problem(error: OSError, path: str) -> CleanerError:
    """What to raise when writing `path` failed."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(path)
    return InputProblem(f"can't write: {error.strerror}", path, "check the output folder and its permissions")


def sync(paths: Sequence[str]) -> None:
    """Makes files safe on the disk: all of them with one call where the system has it (Linux).

    One by one costs six times the wall time of the whole run on small files.
    """
    if len(paths) > 2 and sync_around(paths[0]):
        return
    for path in paths:
        handle = os.open(path, os.O_RDWR)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def sync_around(path: str) -> bool:
    """Makes everything on the file system of `path` safe. Returns whether the system can do that."""
    syncfs = _syncfs()
    if syncfs is None:
        return False
    handle = os.open(path, os.O_RDONLY)
    try:
        return bool(syncfs(handle) == 0)
    finally:
        os.close(handle)


def sync_folders(folders: Collection[str]) -> None:
    """Makes renames safe on the disk, where the system lets one open a folder."""
    for folder in folders:
        with contextlib.suppress(PermissionError):
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


@cache
def _syncfs():  # type: ignore[no-untyped-def]
    if sys.platform != "linux":
        return None
    return getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)


def hash_of(path: str) -> bytes:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
