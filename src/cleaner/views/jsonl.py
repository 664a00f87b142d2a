"""One JSON object per input (per 10,000 edits of it)."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from ..model.blocks import Block
from ..model.edits import Edit, Flag, Tag
from ..model.inputs import InputFile
from ..model.report import Document, FileReport
from ..model.source import SourceEncoding

PART = 10_000
# In UTF-8: DEL, C1 controls, ALM, LRM to RLM, line and paragraph separator, LRE to RLO, LRI to PDI.
STEERING = re.compile(rb"\x7f|\xc2[\x80-\x9f]|\xd8\x9c|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]")


class JsonLines:
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

    def begin(self, item: InputFile, document: Document) -> None:
        self._path, self._source = item.path, document.source

    def block(self, block: Block) -> None:
        self._edits += block.edits
        self._tags += block.tags
        self._flags += block.flags
        while len(self._edits) > self._part:
            here, self._edits = self._edits[: self._part], self._edits[self._part :]
            tags = [tag for tag in self._tags if tag.start < self._edits[0].start]
            self._tags = self._tags[len(tags) :]
            self._parts += 1
            self._put("ok", self._path, self._source, True, False, here, tags, [], self._parts)

    def end(self, report: FileReport) -> None:
        if report.status == "ok":
            part = self._parts + 1 if self._parts else None
            self._put(
                "ok", report.path, report.source, report.changed, report.recoded, self._edits, self._tags,
                [*self._flags, *flags_of(report)], part,
            )  # fmt: skip
        else:
            self._line(headed(report))
        self._edits, self._tags, self._flags, self._parts = [], [], [], 0

    def _put(
        self, status: str, path: str, source: SourceEncoding | None, changed: bool, recoded: bool,
        edits: list[Edit], tags: list[Tag], flags: Sequence[object], part: int | None,
    ) -> None:  # fmt: skip
        row = named(path) | {
            "status": status,
            "encoding": source.encoding if source else None,
            "changed": changed,
            "recoded": recoded,
            "edits": edits,
            "tags": tags,
            "flags": flags,
        }
        if part is not None:
            row["part"] = part
        self._line(row)

    def _line(self, row: dict[str, Any]) -> None:
        self._write(encoded(row) + b"\n")


def encoded(value: object) -> bytes:
    """JSON that does nothing to a terminal: what would steer it or turn its text around is escaped, C1 and bidi too."""
    return STEERING.sub(_escape, msgspec.json.encode(value))


def _escape(found: re.Match[bytes]) -> bytes:
    return b"\\u%04x" % ord(found.group().decode())


def flags_of(report: FileReport) -> list[dict[str, Any]]:
    """What is worth knowing and was not changed."""
    flags: list[dict[str, Any]] = []
    if report.source is not None and report.source.spans:
        damaged = report.source.damaged
        if damaged:
            flags.append({"flag": "damage", "count": len(damaged), "first": damaged[0].start})
        flags += [
            {"flag": "encoding", "encoding": place.encoding, "start": place.start, "end": place.end}
            for place in report.source.foreign_spans
        ]
    if report.flags["unencodable"]:
        flags.append({"flag": "unencodable", "count": report.flags["unencodable"]})
    flags += [{"flag": "rule-timeout", "rule": rule} for rule in sorted(report.timed_out)]
    return flags


def headed(report: FileReport) -> dict[str, Any]:
    """How an object about one input begins in every report: its name, what became of it, what is wrong with it."""
    why = {} if report.problem is None else {"error": report.problem.what}
    return named(report.path) | {"status": report.status} | why


def named(path: str) -> dict[str, Any]:
    """The version of the format, and the path."""
    row: dict[str, Any] = {"v": 1, "path": path}
    try:
        path.encode()
    except UnicodeEncodeError:
        raw = path.encode("utf-8", "surrogateescape")
        row = {"v": 1, "path": raw.decode("utf-8", "backslashreplace"), "path_bytes": base64.b64encode(raw).decode()}
    return row
