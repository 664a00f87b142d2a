"""One JSON object per input (per 10,000 edits of it)."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec
from msgspec import UNSET, UnsetType

from ..io.formats.document import PiecedDocument
from ..io.formats.pieces import Placed
from ..model.blocks import Block
from ..model.edits import Edit, Flag, PiecedEdit, Tag
from ..model.inputs import InputFile
from ..model.report import Document, FileReport, Sink
from ..model.source import SourceEncoding
from .view import View

PART = 10_000
# In UTF-8: DEL, C1 controls, ALM, LRM to RLM, line and paragraph separator, LRE to RLO, LRI to PDI.
STEERING = re.compile(rb"\x7f|\xc2[\x80-\x9f]|\xd8\x9c|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]")


class Row(msgspec.Struct, kw_only=True):
    """How an object about one input begins in every report; a path that is no text comes with its bytes in base64.

    The object of a record has its number; the path is that of its file.
    """

    v: int = 1  # of the format
    path: str
    path_bytes: str | UnsetType = UNSET
    record: int | UnsetType = UNSET
    status: str
    error: str | UnsetType = UNSET

    def __post_init__(self) -> None:
        if self.record is not UNSET:
            self.path = self.path.removesuffix(f"#{self.record}")
        try:
            self.path.encode()
        except UnicodeEncodeError:
            raw = self.path.encode("utf-8", "surrogateescape")
            self.path, self.path_bytes = raw.decode("utf-8", "backslashreplace"), base64.b64encode(raw).decode()


class SourceFlag(msgspec.Struct, omit_defaults=True):
    """Something worth knowing about how an input was read, written or cleaned."""

    flag: str
    count: int | UnsetType = UNSET
    first: int | UnsetType = UNSET
    encoding: str | UnsetType = UNSET
    start: int | UnsetType = UNSET
    end: int | UnsetType = UNSET
    rule: str | UnsetType = UNSET


class SkippedRow(Row, kw_only=True):
    """An input that was read as text and left alone."""

    encoding: str


class FileRow(Row, kw_only=True):
    """What happened to an input, or to a `part` of it."""

    encoding: str | None
    changed: bool
    recoded: bool
    edits: Sequence[Edit]
    tags: list[Tag]
    flags: Sequence[Flag | SourceFlag]
    part: int | UnsetType = UNSET


class JsonLines(View):
    """A sink that writes lines of UTF-8 with `write`."""

    def __init__(self, write: Callable[[bytes], object], part: int = PART) -> None:
        self._write = write
        self._part = part
        self._edits: list[Edit] = []
        self._tags: list[Tag] = []
        self._flags: list[Flag] = []
        self._parts = 0
        self._path = ""
        self._source: SourceEncoding | None = None
        self._record: int | UnsetType = UNSET
        self._pieces: Placed | None = None

    def begin(self, item: InputFile, document: Document) -> None:
        self._path, self._source = item.path, document.source
        self._record = UNSET if item.record is None else item.record
        self._pieces = document.pieces if isinstance(document, PiecedDocument) else None

    def block(self, block: Block) -> None:
        self._edits += map(self._placed, block.edits)
        self._tags += block.tags
        self._flags += block.flags
        while len(self._edits) > self._part:
            here, self._edits = self._edits[: self._part], self._edits[self._part :]
            tags = [tag for tag in self._tags if tag.start < self._edits[0].start]
            self._tags = self._tags[len(tags) :]
            self._parts += 1
            self._put(self._path, self._source, True, False, here, tags, [], self._parts)

    def _placed(self, edit: Edit) -> Edit:
        if self._pieces is None:
            return edit
        return PiecedEdit(*msgspec.structs.astuple(edit), piece=self._pieces.piece_at(edit.start) + 1)

    def end(self, report: FileReport) -> None:
        if report.status == "ok":
            part = self._parts + 1 if self._parts else UNSET
            flags: list[Flag | SourceFlag] = [*self._flags, *flags_of(report)]
            self._put(report.path, report.source, report.changed, report.recoded, self._edits, self._tags, flags, part)
        else:
            self._write(encoded(head(report)) + b"\n")
        self._edits, self._tags, self._flags, self._parts = [], [], [], 0

    def _put(
        self, path: str, source: SourceEncoding | None, changed: bool, recoded: bool,
        edits: list[Edit], tags: list[Tag], flags: Sequence[Flag | SourceFlag], part: int | UnsetType,
    ) -> None:  # fmt: skip
        row = FileRow(
            path=path, record=self._record, status="ok", encoding=source.encoding if source else None,
            changed=changed, recoded=recoded,
            edits=edits, tags=tags, flags=flags, part=part,
        )  # fmt: skip
        self._write(encoded(row) + b"\n")


class Rows(Sink, Protocol):
    """A view of one input, gathered and not shown; `row` is its JSON object."""

    def row(self, report: FileReport) -> Row: ...


class JsonRows(View):
    """Writes the JSON object of `rows` for each input."""

    def __init__(self, rows: Rows, write: Callable[[bytes], object]) -> None:
        self._write = write
        self._rows = rows
        self.begin, self.block = rows.begin, rows.block  # type: ignore[method-assign]

    def end(self, report: FileReport) -> None:
        self._write(encoded(self._rows.row(report)) + b"\n")
        self._rows.end(report)


def encoded(value: object) -> bytes:
    """JSON that does nothing to a terminal: characters that steer it or turn its text around are escaped."""
    return STEERING.sub(_escape, msgspec.json.encode(value))


def _escape(found: re.Match[bytes]) -> bytes:
    return b"\\u%04x" % ord(found.group().decode())


def flags_of(report: FileReport) -> list[SourceFlag]:
    """What is worth knowing about the input as a whole and was not changed."""
    flags: list[SourceFlag] = []
    if report.source is not None:
        if damaged := report.source.damaged:
            flags.append(SourceFlag("damage", count=len(damaged), first=damaged[0].start))
        flags += [
            SourceFlag("encoding", encoding=place.encoding, start=place.start, end=place.end)
            for place in report.source.foreign_spans
        ]
    if report.flags["unencodable"]:
        flags.append(SourceFlag("unencodable", count=report.flags["unencodable"]))
    return flags + [SourceFlag("rule-timeout", rule=rule) for rule in sorted(report.timed_out)]


def head(report: FileReport) -> Row:
    """The beginning of an object about one input; all there is of one that could not be read."""
    if report.status == "skipped" and report.source is not None:
        return SkippedRow(path=report.path, status="skipped", error=error_of(report), encoding=report.source.encoding)
    return Row(path=report.path, record=number_of(report), status=report.status, error=error_of(report))


def number_of(report: FileReport) -> int | UnsetType:
    """The number of the record that a report is about."""
    return UNSET if report.record is None else report.record


def error_of(report: FileReport) -> str | UnsetType:
    return UNSET if report.problem is None else report.problem.what
