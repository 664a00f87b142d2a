"""JSON lines: one object on each line, all other bytes as they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec

from ...model.blocks import Block
from ...model.edits import Edit
from ...model.errors import InputProblem, InputSkipped
from ...model.inputs import Part
from ...model.lines import count_characters
from ...model.report import Document
from . import ANNOTATIONS, Done, Record
from .json_text import OBJECTS, Found, Rewritten, block_of, find_text, json_edits

CHUNK = 1 << 20  # bytes read at a time
LARGEST = 64 << 20  # bytes of a line; a longer one is left as it is
BLANKS = b" \t\r\n\xef\xbb\xbf"
LINES = re.compile(rb"[^\n]*\n|[^\n]+")  # splitlines would cut at a lone \r too
PASSED = "annotate"  # stands for stage and rule where a note is written next to a record


class Line(msgspec.Struct, frozen=True, gc=False):
    """A record in a batch: bytes `[start, end)`, without blanks, and where the text is in them."""

    start: int
    end: int
    found: Found | None


class JsonBatch:
    """Whole lines, from character `offset` of the file on."""

    def __init__(self, data: bytes, offset: int, records: list[Record], lines: list[Line], annotation: str) -> None:
        self.data, self.offset, self.records, self._lines = data, offset, records, lines
        self._annotation = annotation

    def block(self, done: list[Done]) -> Block:
        return block_of(self.data, self.offset, list(self._rewritten(done)))

    def _rewritten(self, done: list[Done]) -> Iterator[Rewritten]:
        for line, one in zip(self._lines, done, strict=True):
            if line.found is None or one.edits is None:
                continue
            start, end = line.start + line.found.start, line.start + line.found.end
            if one.edits:
                yield Rewritten(start, end, json_edits(self.data[start:end].decode(), one.edits))
            if one.annotation is not msgspec.UNSET:
                note = f',"{self._annotation}":{msgspec.json.encode(one.annotation).decode()}'
                yield Rewritten(line.end - 1, line.end, [Edit(0, 0, "", note, PASSED, PASSED)])

    def table(self, done: list[Done]) -> Any:
        """Records that are none are left out: columns have no place for them."""
        from .parquet import table_of

        lines = filter(None, (line.strip(BLANKS) for line in self.lines(done).split(b"\n")))
        good = [line for line, one in zip(lines, done, strict=False) if one.edits is not None]
        return table_of([msgspec.json.decode(line, type=dict[str, Any]) for line in good])

    def lines(self, done: list[Done]) -> bytes:
        return self.block(done).text.encode()


class JsonReader:
    """Reads a file, or the part of it that is given, in batches of about 1 MB."""

    def __init__(self, file: BinaryIO, field: str, annotate: str = "none") -> None:
        self._file, self._field = file, field
        self._annotation = ANNOTATIONS.get(annotate, "")

    @classmethod
    def of(cls, file: BinaryIO, field: str, annotate: str) -> JsonReader:
        """Raises InputSkipped where no record at the beginning of the file has the field."""
        file.seek(0)
        lines = LINES.findall(file.read(CHUNK) + file.readline(LARGEST))  # the first one alone may be longer
        if lines and not any(_has(line.strip(BLANKS), field) for line in lines):
            raise InputSkipped(f"JSON lines without the field {field!r}: --field names another, --as-text insists")
        return cls(file, field, annotate)

    def batches(self, part: Part | None = None, document: Document | None = None) -> Iterator[JsonBatch]:
        """Those of the file, or of a part of whole lines; the hash of `document` gets what is read."""
        number, offset = (part.record, part.chars) if part else (1, 0)
        inside = False  # a line that is too long
        for data, whole in self._pieces(part):
            if document is not None and document.hash is not None:
                document.hash.update(data)
            if whole:
                yield self._batch(data, number, offset)
            else:
                what = InputProblem(f"it is longer than {LARGEST >> 20} MB")
                records = [] if inside else [Record(number, problem=what)]
                yield JsonBatch(data, offset, records, [Line(0, 0, None) for _ in records], "")
            inside = not whole and not data.endswith(b"\n")
            number += data.count(b"\n")
            offset += count_characters(data, 0, len(data))

    def _pieces(self, part: Part | None) -> Iterator[tuple[bytes, bool]]:
        """Whole lines, or a piece of a line that is too long to be held."""
        self._file.seek(part.start if part else 0)
        left = part.end - part.start if part else 1 << 62
        pending: list[bytes] = []
        size, inside = 0, False
        while left and (chunk := self._file.read(min(CHUNK, left))):
            left -= len(chunk)
            if inside:
                cut = chunk.find(b"\n") + 1 or len(chunk)
                inside = not chunk.endswith(b"\n", 0, cut)
                yield chunk[:cut], False
                chunk = chunk[cut:]
            cut = chunk.rfind(b"\n") + 1
            if cut:
                yield b"".join([*pending, chunk[:cut]]), True
                pending, size = [], 0
            pending.append(chunk[cut:])
            size += len(chunk) - cut
            if size > LARGEST:
                yield b"".join(pending), False
                pending, size, inside = [], 0, True
        if size:
            yield b"".join(pending), True

    def _batch(self, data: bytes, number: int, offset: int) -> JsonBatch:
        records, lines = [], []
        at = 0
        for raw in LINES.findall(data):
            line = raw.strip(BLANKS)
            if line:
                start = at + raw.index(line)
                record, found = self._record(line, number, torn=at + len(raw) == len(data) and not raw.endswith(b"\n"))
                records.append(record)
                lines.append(Line(start, start + len(line), found))
            at += len(raw)
            number += 1
        return JsonBatch(data, offset, records, lines, self._annotation)

    def _record(self, line: bytes, number: int, torn: bool) -> tuple[Record, Found | None]:
        try:
            found = find_text(line, self._field, self._annotation or None)
        except InputProblem as why:
            cut = torn and not line.endswith(b"}")
            return Record(number, problem=InputProblem("the last line is cut off") if cut else why), None
        return Record(number, found.text), found


def _has(line: bytes, field: str) -> bool:
    try:
        return field in OBJECTS.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
