"""Rows of a ledger as data: whatever stands in the file, what comes out of here has these types and bounds."""

from __future__ import annotations

import os
import re
from collections import Counter
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from ..io.atomic import FileStamp, Output
from ..io.discover import NEVER
from ..io.folder import is_inside
from ..io.markup import TAG_FILE_SUFFIX
from ..model.errors import InputSkipped
from ..model.report import FileReport
from ..model.source import SourceEncoding
from .fingerprint import RunFingerprint

# In the order in which a ledger stores them.
COUNTS = ("bytes", "chars", "scanned_bytes", "edits_by_rule", "removed_by_rule", "placeholders", "flags")
KEPT = re.compile("kept-[0-9a-f]{16}|")

Hash = Annotated[bytes, Meta(min_length=32, max_length=32)]
Time = Annotated[float, Meta(ge=0, le=1e11)]  # seconds since 1970
Numbers = dict[str, int]


class NotOurs(ValueError):
    """A value that no run stores."""


class StoredFile(msgspec.Struct):
    """One input of one run.

    `setup` is the digest of the run's fingerprint. `read` is None where the input was not read to its end; `undone` is
    when its run was undone, in seconds since 1970. `off` is the digest of the rules that were off for its path, `parts`
    the hashes of its packed edits.
    """

    id: int
    run: int
    setup: bytes
    name: str
    path: str
    read: FileStamp | None
    report: FileReport
    source: SourceEncoding | None
    undone: float | None
    outputs: list[Output]
    off: bytes = b""
    parts: bytes = b""

    def names(self, folder: str) -> set[str]:
        """The paths by which a user may name it after a run that wrote into `folder`."""
        return {self.name, os.path.normpath(self.path), os.path.normpath(os.path.join(folder, self.name))}


class RunRow(msgspec.Struct, frozen=True, array_like=True):
    """One run; times are seconds since 1970."""

    id: int
    began: Time
    ended: Time | None
    state: Literal["running", "finished", "interrupted", "undone"]
    in_place: bool
    setup: bytes
    sources: list[str]
    files: int  # that can be undone: not those that were skipped, failed, left as they were or undone


class _FileRow(msgspec.Struct, array_like=True, frozen=True):
    id: int
    run: int
    setup: bytes
    name: str
    path: str
    status: Literal["ok", "skipped", "failed"]
    hash: bytes
    size: int
    mtime: int
    ctime: int
    reason: str | None
    undone: Time | None
    off: bytes
    parts: bytes


class _OutputRow(msgspec.Struct, array_like=True, frozen=True):
    suffix: str
    hash: Hash
    size: int
    mtime: int
    ours: bool
    kept: str


def run_row(row: tuple[Any, ...]) -> RunRow:
    number, began, ended, state, in_place, setup, sources, files = row
    names = [text(name) for name in _decoded(sources, list[Any])]
    found: RunRow = _converted((number, began, ended, state, bool(in_place), setup, names, files), RunRow)
    return found


def stored_file(row: tuple[Any, ...], outputs: list[tuple[Any, ...]]) -> StoredFile:
    """The row of a file and those of its outputs. Raises NotOurs."""
    number, run, setup, name, path, status, digest, size, mtime, ctime, reason, counts, source, off, parts, undone = row
    reason = None if reason is None else text(reason)
    values = number, run, setup, text(name), text(path), status, digest, size, mtime, ctime, reason, undone, off, parts
    found = _converted(values, _FileRow)
    if not is_inside(found.name) or NEVER & {*re.split(r"[/\\]", found.name)}:
        raise NotOurs(f"the name {found.name!r}")
    if len(found.hash) not in (0, 32):
        raise NotOurs("a hash")
    read = FileStamp(found.hash, found.size, found.mtime, found.ctime) if found.size >= 0 else None
    made = [_output(values) for values in outputs]
    encoding = _decoded(source, SourceEncoding | None)
    report = _report(found, counts, encoding)
    return StoredFile(
        found.id, found.run, found.setup, found.name, found.path, read, report, encoding, found.undone, made, found.off,
        found.parts,
    )  # fmt: skip


def _output(row: tuple[Any, ...]) -> Output:
    suffix, digest, size, mtime, ours, kept = row
    found = _converted((suffix, digest, size, mtime, bool(ours), kept), _OutputRow)
    if found.suffix not in ("", TAG_FILE_SUFFIX) or not KEPT.fullmatch(found.kept):
        raise NotOurs(f"the names {found.suffix!r} and {found.kept!r}")
    return Output(found.suffix, FileStamp(found.hash, found.size, found.mtime), found.ours, found.kept)


def packed_counts(report: FileReport) -> bytes:
    """The fields of a report that have no column."""
    counts = [getattr(report, name) for name in COUNTS]
    return msgspec.msgpack.encode([report.recoded, *counts, sorted(report.timed_out)])


def _report(row: _FileRow, counts: Any, source: SourceEncoding | None) -> FileReport:
    kind = tuple[bool, int, int, int, Numbers, Numbers, Numbers, Numbers, list[str]]
    recoded, *numbers, timed_out = _decoded(counts, kind)
    report = FileReport(path=row.path, status=row.status, source=source, recoded=recoded, timed_out=set(timed_out))
    report.problem = InputSkipped(row.reason) if row.reason else None
    for name, number in zip(COUNTS, numbers, strict=True):
        setattr(report, name, Counter(number) if isinstance(number, dict) else number)
    return report


def fingerprint(packed: Any) -> RunFingerprint:
    """Raises NotOurs where it lacks a setting that undo needs."""
    found: RunFingerprint = _decoded(packed, RunFingerprint)
    for name in ("encoding", "tags", "level"):
        if not isinstance(found.settings.get(name), str):
            raise NotOurs(f"the setting {name}")
    return found


def stored(name: str) -> str | bytes:
    """A name as SQLite can hold it: it takes no text that is not Unicode, but names of files may be any bytes."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return os.fsencode(name)
    return name


def text(value: Any) -> str:
    if not isinstance(value, str | bytes):
        raise NotOurs("a name")
    return os.fsdecode(value)


def _decoded(packed: Any, kind: Any) -> Any:
    try:
        return msgspec.msgpack.decode(packed, type=kind)
    except (TypeError, ValueError, RecursionError) as error:
        raise NotOurs(str(error)) from None


def _converted(values: tuple[Any, ...], kind: Any) -> Any:
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        raise NotOurs(str(error)) from None
