"""Outputs that appear whole or not at all."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import hashlib
import os
import sys
import tempfile
from collections.abc import Iterable, Sequence
from functools import cache
from typing import BinaryIO, Self

import msgspec

from ..model.atomic import replace_durably, sync_file, write_text_atomically
from ..model.errors import CleanerError, DiskFull, InputProblem


class FileStamp(msgspec.Struct, frozen=True):
    """What distinguishes two contents of a file: SHA-256, size in bytes, times of the last change (ns since 1970).

    `ctime` can't be set back by a program, but moves with a rename; 0 where it is not known. The hash is empty where
    the file was not read.
    """

    hash: bytes
    size: int
    mtime: int
    ctime: int = 0

    @classmethod
    def of(cls, path: str, digest: bytes = b"") -> Self:
        """The stamp of a file as it is now. Raises OSError."""
        return cls.of_status(digest, os.stat(path))

    @classmethod
    def of_status(cls, digest: bytes, now: os.stat_result) -> Self:
        return cls(digest, now.st_size, now.st_mtime_ns, now.st_ctime_ns)

    def fits(self, now: os.stat_result) -> bool:
        """Whether a file that looks like this is surely the same without reading it."""
        return (self.size, self.mtime) == (now.st_size, now.st_mtime_ns) and self.ctime in (0, now.st_ctime_ns)


class Output(msgspec.Struct, frozen=True):
    """A file that a run made: what follows the name of the input ("" or a suffix), its stamp, and whether it is new.

    `ours` is False where the same content was there before any run.
    """

    suffix: str
    stamp: FileStamp
    ours: bool = True


class AtomicFile:
    """A file that is written next to its place, or as `temporary`, and moved to `path` when it is whole.

    As a context it leaves no temporary file behind. All methods raise InputProblem or DiskFull, never OSError.
    """

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

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.drop()

    def write(self, pieces: Iterable[bytes]) -> None:
        try:
            self.file.writelines(pieces)
        except OSError as error:
            raise write_problem(error, self.path) from None

    def close(self, mode: int, digest: bytes) -> FileStamp:
        """Set the mode and give all of it to the system; it is not yet safe on the disk."""
        try:
            self.file.flush()
            os.chmod(self.temporary, mode)
            now = os.fstat(self.file.fileno())
            self.file.close()
        except OSError as error:
            raise write_problem(error, self.path) from None
        return FileStamp(digest, now.st_size, now.st_mtime_ns)

    def commit(self) -> None:
        """Move the closed file to its place, whatever is there."""
        try:
            replace_durably(self.temporary, self.path)
        except OSError as error:
            raise write_problem(error, self.path) from None

    def drop(self) -> None:
        """Remove the temporary file, if it is still there."""
        with contextlib.suppress(OSError):
            self.file.close()
        with contextlib.suppress(OSError):
            os.unlink(self.temporary)


def write_problem(error: OSError, path: str) -> CleanerError:
    """The problem to raise when writing `path` failed."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(path)
    return InputProblem(f"can't write: {error.strerror}", path, "check the output folder and its permissions")


def save_text(path: str, text: str) -> None:
    """Write a text whole or not at all. Raises InputProblem, DiskFull."""
    try:
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        write_text_atomically(path, text)
    except OSError as error:
        raise write_problem(error, path) from None


def sync(paths: Sequence[str]) -> None:
    """Make files safe on the disk: all of them with one call where the system has it (Linux).

    One by one costs six times the wall time of the whole run on small files.
    """
    if len(paths) > 2 and sync_around(paths[0]):
        return
    for path in paths:
        sync_file(path)


def sync_around(path: str) -> bool:
    """Make everything on the file system of `path` safe on the disk; False where the system can't do that."""
    syncfs = _syncfs()
    if syncfs is None:
        return False
    handle = os.open(path, os.O_RDONLY)
    try:
        return bool(syncfs(handle) == 0)
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
