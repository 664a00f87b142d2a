"""Outputs that appear whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Self

import msgspec

from ..model.atomic import write_text_atomically
from ..model.errors import CleanerError, DiskFull, InputProblem
from .folder import BY_HANDLE, Folder


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

    `ours` is False where the same content was there before any run. `kept` is the name, in the folder of the ledger, of
    the user's file that lay there before (--overwrite), "" for none.
    """

    suffix: str
    stamp: FileStamp
    ours: bool = True
    kept: str = ""


class AtomicFile:
    """A file that is written as `temporary`, or next to its place, and moved to `name` when it is whole.

    As a context it leaves no temporary file behind. All methods raise InputProblem or DiskFull, never OSError.
    """

    def __init__(self, folder: Folder, name: str, temporary: str | None = None) -> None:
        self._folder, self.name, self.path = folder, name, folder.full(name)
        self.file: BinaryIO
        with self._problems():
            if temporary is None:
                self.temporary, self.file = folder.create_next_to(name)
            else:
                with contextlib.suppress(FileNotFoundError):
                    folder.unlink(temporary)  # left by a worker that was lost
                self.temporary, self.file = temporary, folder.create(temporary)

    @classmethod
    def at(cls, path: str) -> Self:
        """One at a path that the user named; its folder is made where it is not there."""
        try:
            return cls(Folder(os.path.dirname(path) or ".", make=True), os.path.basename(path))
        except OSError as error:
            raise write_problem(error, path) from None

    @contextlib.contextmanager
    def _problems(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise write_problem(error, self.path) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.drop()

    def write(self, pieces: Iterable[bytes]) -> None:
        with self._problems():
            self.file.writelines(pieces)

    def hash(self) -> hashlib._Hash:
        """A hash object that has all that was written."""
        self.file.flush()
        self.file.seek(0)
        found = hashlib.file_digest(self.file, "sha256")  # type: ignore[arg-type]
        self.file.seek(0, os.SEEK_END)
        return found

    def close(
        self, mode: int, digest: bytes, owner_of: os.stat_result | None = None, mtime: int | None = None
    ) -> FileStamp:
        """Set the mode and give all of it to the system; it is not yet safe on the disk.

        A super-user gives it to the owner of another file; `mtime` is in ns since 1970.
        """
        with self._problems():
            self.file.flush()
            place = self.file.fileno() if BY_HANDLE else self._folder.full(self.temporary)
            if owner_of is not None and hasattr(os, "geteuid") and os.geteuid() == 0:
                os.chown(place, owner_of.st_uid, owner_of.st_gid)
            os.chmod(place, mode)
            if mtime is not None:
                os.utime(place, ns=(mtime, mtime))
            now = os.fstat(self.file.fileno())
            self.file.close()
        return FileStamp(digest, now.st_size, now.st_mtime_ns)

    def commit(self) -> None:
        """Move the closed file to its place, whatever is there, after its content is safe on the disk."""
        with self._problems():
            self._folder.sync([self.temporary])
            self._folder.replace(self.temporary, self.name)
            self._folder.sync([os.path.dirname(self.name)])

    def drop(self) -> None:
        """Remove the temporary file, if it is still there."""
        with contextlib.suppress(OSError):
            self.file.close()
        with contextlib.suppress(OSError, InputProblem):
            self._folder.unlink(self.temporary)


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
