"""A folder that is held open: what lies below it is reached name by name, and through no link (0101)."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import secrets
import stat
import sys
from collections.abc import Collection, Iterator
from functools import cache
from platform import node
from typing import BinaryIO, Self

from ..model.errors import InputProblem

# Without these calls (Windows) real paths are compared before each step: SECURITY.md says what that leaves open.
BY_HANDLE = {os.open, os.stat, os.mkdir, os.rmdir, os.unlink, os.rename, os.link} <= os.supports_dir_fd
SAFE = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)  # no wait for a FIFO
STEP = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
NO_NAME = re.compile(r"[/\\]|\A[A-Za-z]:" if os.name == "nt" else "/")
COPY = 1 << 20  # bytes


def is_inside(name: str) -> bool:
    """Whether a name that was read from somewhere is one of a file below a folder: relative, without `..`."""
    parts = NO_NAME.split(name)
    return not ({"", ".", ".."} & {*parts} or "\0" in name or os.path.isabs(name) or re.match("[A-Za-z]:", name))


class Folder:
    """The folder at `path`, whatever is moved to that path later. Names are relative to it.

    All methods raise OSError, and InputProblem for a name that leads out of the folder or through a link.
    """

    remote = False  # whether it lies in an object store

    def __init__(self, path: str, make: bool = False) -> None:
        self.path = path
        if make:
            os.makedirs(path, exist_ok=True)
        self._handle = os.open(path, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0)) if BY_HANDLE else None
        self._identity = _identity(os.stat(path))

    def __getstate__(self) -> tuple[str, tuple[int, int], str]:
        return self.path, self._identity, node()

    def __setstate__(self, state: tuple[str, tuple[int, int], str]) -> None:
        """In another process: raises where another folder has come to its path."""
        path, identity, machine = state
        self.__init__(path)  # type: ignore[misc]
        same = 0 if machine == node() else 1  # the same file system is another device on another machine
        if self._identity[same:] != identity[same:]:
            raise InputProblem("the folder was exchanged", path)

    def close(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def full(self, name: str) -> str:
        return os.path.join(self.path, name)

    @contextlib.contextmanager
    def _above(self, name: str, make: bool = False) -> Iterator[tuple[str, int | None]]:
        """The last part of a name, and the open folder that it lies in; without handles the whole path and None."""
        if not is_inside(name):
            raise InputProblem("its name leads out of the folder", repr(name))
        *folders, last = NO_NAME.split(name)
        if not BY_HANDLE:
            yield self._checked(folders, last, make), None
            return
        assert self._handle is not None
        here = os.dup(self._handle)
        try:
            for folder in folders:
                if make:
                    with contextlib.suppress(FileExistsError):
                        os.mkdir(folder, dir_fd=here)
                below = self._step(folder, here, name)
                os.close(here)
                here = below
            yield last, here
        finally:
            os.close(here)

    def _step(self, folder: str, here: int, name: str) -> int:
        try:
            return os.open(folder, STEP, dir_fd=here)
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.ENOTDIR) and stat.S_ISLNK(os.lstat(folder, dir_fd=here).st_mode):
                raise self._link(name) from None
            raise

    def _checked(self, folders: list[str], last: str, make: bool) -> str:
        above = os.path.join(self.path, *folders)
        if make:
            os.makedirs(above, exist_ok=True)
        if os.path.realpath(above) != os.path.join(os.path.realpath(self.path), *folders):
            raise self._link(os.path.join(*folders, last))
        return os.path.join(above, last)

    def _refuse_link(self, path: str) -> None:
        """Where there are no handles, the system may not know O_NOFOLLOW either."""
        if os.path.islink(path):
            raise InputProblem("it is a link", path, "remove the link")

    def _link(self, name: str) -> InputProblem:
        return InputProblem("a folder on the way to it is a link", self.full(name), "remove the link")

    def status(self, name: str) -> os.stat_result | None:
        """That of the file or link itself; None where there is none."""
        with contextlib.suppress(FileNotFoundError, NotADirectoryError), self._above(name) as (last, above):
            return os.lstat(last, dir_fd=above)
        return None

    def is_file(self, name: str) -> bool:
        """Whether a file lies there; a link is none."""
        found = self.status(name)
        return found is not None and stat.S_ISREG(found.st_mode)

    def read(self, name: str) -> BinaryIO:
        """The file there, open. Raises InputProblem for a link, a folder and a device."""
        try:
            with self._above(name) as (last, above):
                if above is None:
                    self._refuse_link(last)
                file = os.fdopen(os.open(last, os.O_RDONLY | SAFE, dir_fd=above), "rb")
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise InputProblem("it is a link", self.full(name), "remove the link") from None
            raise
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            file.close()
            raise InputProblem("it is no file", self.full(name))
        return file

    def create(self, name: str) -> BinaryIO:
        """A new file, with the folders above it. Raises FileExistsError for whatever lies there, also a link."""
        with self._above(name, make=True) as (last, above):
            return os.fdopen(os.open(last, os.O_RDWR | os.O_CREAT | os.O_EXCL | SAFE, 0o600, dir_fd=above), "w+b")

    def create_next_to(self, name: str) -> tuple[str, BinaryIO]:
        """A new file with a name that nobody can guess, in the same folder, and that name."""
        new = os.path.join(os.path.dirname(name), f".cleaner-{secrets.token_hex(8)}")
        return new, self.create(new)

    def make(self, name: str) -> None:
        """A new folder that only its owner may enter. Raises FileExistsError."""
        with self._above(name, make=True) as (last, above):
            os.mkdir(last, 0o700, dir_fd=above)

    def protect(self, name: str) -> None:
        """Keep everybody but the owner out of a folder below."""
        with self._above(name) as (last, above):
            if above is None:
                self._refuse_link(last)
                os.chmod(last, 0o700)
                return
            handle = self._step(last, above, name)
            try:
                os.fchmod(handle, 0o700)
            finally:
                os.close(handle)

    def hash(self, name: str) -> bytes:
        with self.read(name) as file:
            return hashlib.file_digest(file, "sha256").digest()  # type: ignore[arg-type]

    def replace(self, old: str, new: str) -> None:
        """Move a file, over whatever lies at `new`; folders above that are made."""
        with self._above(old) as (source, there), self._above(new, make=True) as (target, here):
            os.replace(source, target, src_dir_fd=there, dst_dir_fd=here)

    def keep(self, old: str, new: str) -> None:
        """Give what lies at `old` the name `new` as well, so that `old` may be replaced."""
        with (
            contextlib.suppress(OSError, NotImplementedError),  # a file system without hard links
            self._above(old) as (source, there),
            self._above(new, make=True) as (target, here),
        ):
            os.link(source, target, src_dir_fd=there, dst_dir_fd=here, follow_symlinks=False)
            return
        with self.read(old) as file, self.create(new) as copy:
            for piece in iter(lambda: file.read(COPY), b""):
                copy.write(piece)
            copy.flush()
            os.fsync(copy.fileno())

    def unlink(self, name: str) -> None:
        with self._above(name) as (last, above):
            os.unlink(last, dir_fd=above)

    def remove_empty(self, name: str) -> None:
        """Remove a folder and those above it, as far as they are empty."""
        with contextlib.suppress(OSError):  # a folder that holds something else is kept
            while name:
                with self._above(name) as (last, above):
                    os.rmdir(last, dir_fd=above)
                name = os.path.dirname(name)

    def names(self, name: str) -> list[str]:
        """What lies in a folder below; nothing where there is none."""
        with contextlib.suppress(FileNotFoundError, NotADirectoryError), self._above(name) as (last, above):
            if above is None:
                self._refuse_link(last)
                return sorted(os.listdir(last))
            handle = self._step(last, above, name)
            try:
                return sorted(os.listdir(handle))
            finally:
                os.close(handle)
        return []

    def clear(self, name: str) -> None:
        """Remove a folder of files, and those files; what is no file or can't be removed is kept."""
        with contextlib.suppress(OSError, InputProblem):
            for inner in self.names(name):
                self.unlink(f"{name}/{inner}")
            with self._above(name) as (last, above):
                os.rmdir(last, dir_fd=above)

    def sync(self, names: Collection[str]) -> None:
        """Make the content of files or folders below, "" for this one, safe on the disk.

        With one call where the system has it (Linux): one by one costs six times the wall time of a run on small files.
        """
        if len(names) > 2 and self.sync_around():
            return
        for name in names:
            with contextlib.suppress(PermissionError):  # some systems let no program open a folder
                self._sync(name)

    def sync_around(self) -> bool:
        """Make everything on the file system of the folder safe on the disk; False where the system can't do that."""
        syncfs = _syncfs()
        return syncfs is not None and self._handle is not None and bool(syncfs(self._handle) == 0)

    def _sync(self, name: str) -> None:
        if not name:
            handle = os.open(self.path, os.O_RDONLY) if self._handle is None else os.dup(self._handle)
        else:
            with self._above(name) as (last, above):
                handle = os.open(last, (os.O_RDONLY if BY_HANDLE else os.O_RDWR) | SAFE, dir_fd=above)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _identity(found: os.stat_result) -> tuple[int, int]:
    return found.st_dev, found.st_ino


@cache
def _syncfs():  # type: ignore[no-untyped-def]
    if sys.platform != "linux":
        return None
    import ctypes

    return getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
