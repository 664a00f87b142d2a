"""The inputs of a run, and the name of each in the output tree."""

from __future__ import annotations

import glob
import hashlib
import heapq
import os
import stat
from collections.abc import Iterable, Iterator, Sequence

from msgspec import structs

from ..model.errors import InputProblem, InputSkipped
from ..model.globs import compile_globs, matches
from ..model.inputs import InputFile, split_address
from .remote import discover_remote, is_remote

NEVER = frozenset((".git", ".hg", ".svn", ".cleaner"))


class PathFilter:
    """Which files to read: patterns as in .gitignore, relative to the folder that was named; `largest` in bytes."""

    def __init__(self, include: Sequence[str] = (), exclude: Sequence[str] = (), largest: int | None = None) -> None:
        self._include, self._exclude = tuple(include), tuple(exclude)
        for patterns in (self._include, self._exclude):
            compile_globs(patterns)  # a bad one is reported before anything is read
        self.largest = largest

    def accepts(self, name: str, folder: bool) -> bool:
        shown = f"{name}/" if folder else name
        if self._exclude and matches(self._exclude, shown):
            return False
        return folder or not self._include or matches(self._include, shown)


def expanded(paths: Sequence[str]) -> list[str]:
    """The paths, with what a pattern finds in its place: shells leave a quoted one as it is, and some know none.

    A name that exists is no pattern, and one that finds nothing is kept, to be reported.
    """
    found: list[str] = []
    for path in paths:
        path = path.removeprefix("file://")  # noqa: PLW2901 - what it says is the same
        is_pattern = not is_remote(path) and glob.has_magic(path) and not os.path.lexists(path)
        found += (sorted(glob.glob(path, recursive=True)) if is_pattern else []) or [path]
    return found


def discover(paths: Sequence[str], choice: PathFilter) -> Iterator[InputFile]:
    """Every file below `paths`, sorted within its folder; a path that can't be read comes with its problem."""
    for path in paths:
        try:
            if is_remote(path):
                yield from (item for item in discover_remote(path) if choice.accepts(item.name, False))
                continue
            if os.path.isdir(path):
                yield from _walk(path, "", os.path.realpath(path), choice)
                continue
            found, record = split_address(path)
            yield structs.replace(_file(found, os.path.basename(found), choice), record=record)
        except OSError as error:
            yield InputFile(path, os.path.basename(path), InputProblem(_reason(error), path, "check the path"))


def _walk(folder: str, name: str, root: str, choice: PathFilter) -> Iterator[InputFile]:
    try:
        entries = sorted(os.scandir(os.path.join(folder, name) if name else folder), key=lambda entry: entry.name)
    except OSError as error:
        path = os.path.join(folder, name) if name else folder
        yield InputFile(path, name, InputProblem(_reason(error), path, "check its permissions"))
        return
    for entry in entries:
        inner = os.path.join(name, entry.name)
        if entry.is_dir(follow_symlinks=False):
            if entry.name not in NEVER and choice.accepts(inner, True):
                yield from _walk(folder, inner, root, choice)
        elif choice.accepts(inner, False):
            yield _linked(entry.path, inner, root, choice) if entry.is_symlink() else _file(entry.path, inner, choice)


def _linked(path: str, name: str, root: str, choice: PathFilter) -> InputFile:
    """A link counts as the file it leads to, if that lies below the folder that was named."""
    target = os.path.realpath(path)
    if os.path.isdir(target):
        return InputFile(path, name, InputSkipped("a link to a directory", path))
    if os.path.commonpath((root, target)) != root:
        return InputFile(path, name, InputSkipped("a link that leads out of the directory", path))
    try:
        return _file(path, name, choice)
    except OSError as error:
        return InputFile(path, name, InputProblem(_reason(error), path, "the link leads nowhere"))


def _file(path: str, name: str, choice: PathFilter) -> InputFile:
    status = os.stat(path)
    if not stat.S_ISREG(status.st_mode):
        return InputFile(path, name, InputSkipped("no regular file", path))
    if choice.largest is not None and status.st_size > choice.largest:
        return InputFile(path, name, InputSkipped(f"larger than {choice.largest} bytes", path))
    return InputFile(path, name, None, status.st_size)


def _reason(error: OSError) -> str:
    return {
        "FileNotFoundError": "there is no such file or directory",
        "PermissionError": "no permission to read it",
    }.get(type(error).__name__, error.strerror or str(error))


def partition(inputs: Iterable[InputFile], part: int, parts: int) -> Iterator[InputFile]:
    """The inputs of the machine `part` of `parts` (from 1): a hash of the name decides."""
    return (item for item in inputs if _number(item.name) % parts == part - 1)


def sample(inputs: Iterable[InputFile], count: int) -> Iterator[InputFile]:
    """`count` of the inputs, in their order; the same ones each time."""
    chosen = heapq.nsmallest(count, ((_number(item.name), at, item) for at, item in enumerate(inputs)))
    return (item for _, _, item in sorted(chosen, key=lambda one: one[1]))


def _number(name: str) -> int:
    return int.from_bytes(hashlib.sha256(os.fsencode(name)).digest()[:8], "big")
