"""The edits of one file as the ledger stores them, in compressed parts; and the input, restored from them."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import BinaryIO

import msgspec

from ..model.blocks import Block, Region
from ..model.edits import Edit, Evidence
from ..model.errors import InputProblem
from ..model.lines import line_ends
from ..model.source import ByteSpan, SourceEncoding, encode_with_spans, spans_between, written_as

PART = 5_000  # edits
TEXT = 1 << 22  # characters of all edits of a part, after which another one begins
LARGEST = 1 << 28  # bytes of a part: more is not inflated
CHUNK = 1 << 18  # characters decoded at a time
COPY = 1 << 20  # bytes


class StoredEdit(msgspec.Struct, frozen=True, array_like=True):
    """One edit. `line` is that of its first character in the source, from 1; 0 in changesets.

    `rule` is its place in `StoredPart.rules`. `evidence` is None where the rule decided alone, and in ledgers before
    schema 3.
    """

    line: int
    start: int
    end: int
    before: str
    after: str
    rule: int
    through: tuple[str, ...] = ()
    evidence: Evidence | None = None

    def edit(self, rules: Sequence[tuple[str, str, str | None]]) -> Edit:
        evidence = self.evidence or msgspec.UNSET
        return Edit(self.start, self.end, self.before, self.after, *rules[self.rule], self.through, evidence)


class StoredRegion(msgspec.Struct, frozen=True, array_like=True):
    """The changesets of a region of `chars` characters that begins at character `offset` of the source.

    `chars` is 0 in ledgers that do not have it.
    """

    offset: int
    changesets: list[list[StoredEdit]]
    chars: int = 0


class StoredPart(msgspec.Struct, array_like=True):
    """Some of the edits of a file, in order; or `original`, some of its bytes, where edits could not restore them.

    `rules` are (stage, rule, kind). `regions` are those that several stages changed; everywhere else the edits are the
    only changeset.
    """

    rules: list[tuple[str, str, str | None]] = []
    edits: list[StoredEdit] = []
    regions: list[StoredRegion] = []
    original: bytes | None = None

    def flat(self) -> Iterator[tuple[int, Edit]]:
        """The edits, each with its line."""
        return ((stored.line, stored.edit(self.rules)) for stored in self.edits)


class NotRestored(InputProblem):
    """What is stored does not fit the file, or is nothing that this module stored."""


def pack(part: StoredPart) -> bytes:
    return zlib.compress(msgspec.msgpack.encode(part), 1)


def unpack(blob: bytes) -> StoredPart:
    """Raises NotRestored for what is no part; 3 MB can hold 3 GB."""
    inflater = zlib.decompressobj()
    try:
        raw = inflater.decompress(blob, LARGEST)
        part = msgspec.msgpack.decode(raw, type=StoredPart) if inflater.eof else None
    except (zlib.error, msgspec.MsgspecError) as error:
        raise NotRestored(f"what the ledger holds can't be read: {error}") from None
    if part is None:
        raise NotRestored(f"what the ledger holds can't be read: more than {LARGEST >> 20} MB")
    changed = [edits for region in part.regions for edits in region.changesets]
    if any(not 0 <= edit.rule < len(part.rules) for edits in (part.edits, *changed) for edit in edits):
        raise NotRestored("what the ledger holds can't be read: an edit without a rule")
    return part


class EditRecorder:
    """Packs the edits of a file, region by region as they were written; `parts` are for the ledger."""

    def __init__(self, line: int = 1) -> None:
        self.parts: list[bytes] = []
        self._line = line
        self._new()

    def _new(self) -> None:
        self._part = StoredPart([], [], [])
        self._chars = 0
        self._rules: dict[tuple[str, str, str | None], int] = {}

    def block(self, block: Block, regions: Iterable[Region]) -> None:
        at, line = 0, self._line
        for region in regions:
            if region.edits:
                line += line_ends(block.data, at, region.start)
                at = region.start
                self.region(region, block.data[region.start : region.end].decode(), line)
        self._line = line + line_ends(block.data, at)

    def close(self) -> None:
        if self._part.edits:
            self._part.rules = list(self._rules)
            self.parts.append(pack(self._part))
            self._new()

    def region(self, region: Region, source: str, line: int) -> None:
        """Add a region; `source` is its text before all stages, `line` the number of its first line."""
        at = 0
        for edit in region.edits:
            start = edit.start - region.offset
            line += line_ends(source, at, start)
            at = start
            self._part.edits.append(self._kept(edit, line))
        if len(region.changesets) > 1:
            changesets = [[self._kept(edit, 0) for edit in changeset] for changeset in region.changesets]
            self._part.regions.append(StoredRegion(region.offset, changesets, len(source)))
        self._chars += len(source)
        if len(self._part.edits) >= PART or self._chars >= TEXT:
            self.close()

    def _kept(self, edit: Edit, line: int) -> StoredEdit:
        rule = self._rules.setdefault((edit.stage, edit.rule, edit.kind), len(self._rules))
        evidence = edit.evidence or None
        return StoredEdit(line, edit.start, edit.end, edit.before, edit.after, rule, edit.through, evidence)


def record_original(file: BinaryIO) -> list[bytes]:
    """A file in parts, for the rare one that edits do not restore (some codecs read two codes as one character)."""
    return [pack(StoredPart(original=piece)) for piece in iter(lambda: file.read(COPY), b"")]


def restores(file: BinaryIO, source: SourceEncoding, encoding: str, parts: Iterable[bytes], digest: bytes) -> bool:
    """Whether `original` restores from an open file one with this hash."""
    found = hashlib.sha256()
    try:
        for piece in original(file, source, encoding, parts):
            found.update(piece)
    except NotRestored:
        return False
    return found.digest() == digest


def original(file: BinaryIO, source: SourceEncoding, encoding: str, parts: Iterable[bytes]) -> Iterator[bytes]:
    """The bytes of the input, from the output and the parts. `encoding` is the output encoding of the run.

    Raises NotRestored where they do not belong together; the caller has to compare hashes in any case.
    """
    unpacked = map(unpack, parts)
    first = next(unpacked, StoredPart())
    if first.original is not None:
        yield first.original
        yield from (part.original or b"" for part in unpacked)
        return
    edits = (edit for part in chain([first], unpacked) for _, edit in part.flat())
    try:
        yield from InverseReader(file, source, encoding).back(edits)
    except (UnicodeError, LookupError) as error:
        raise NotRestored(str(error)) from None


class InverseReader:
    """Reads an output in the order of its input: unchanged text recoded, edits inverted, byte spans restored.

    Positions are characters of the input.
    """

    def __init__(self, file: BinaryIO, source: SourceEncoding, encoding: str) -> None:
        self._file = file
        self._keeps = encoding == "keep"
        self._source, self._codec = source, source.codec
        self._written, bom = (source.codec, source.bom) if self._keeps else written_as(encoding)
        self._start = len(bom)
        self._raw, self._at, self._next = b"", 0, 0  # bytes read ahead, where in them, number of the next span

    def back(self, edits: Iterable[Edit]) -> Iterator[bytes]:
        """The bytes of the input."""
        yield self.begin()
        at = 0
        for edit in edits:
            yield from self.unchanged(at, edit.start)
            inside = spans_between(self.spans(edit.end), edit.start, edit.end)
            yield encode_with_spans(self.before(edit.start, edit.end - edit.start, [edit]), self._codec, inside)
            at = edit.end
        yield from self.unchanged(at, 1 << 62)

    def begin(self) -> bytes:
        self._file.seek(self._start)
        return self._source.bom

    def before(self, start: int, chars: int, edits: Sequence[Edit]) -> str:
        """The next `chars` characters of the input, which begin at `start`; byte spans are ignored."""
        pieces = []
        at = start
        for edit in edits:
            pieces += [*self._taken(edit.start - at), edit.before]
            if "".join(self._taken(len(edit.after))) != edit.after:
                raise NotRestored(f"edit at {edit.start}")
            at = edit.end
        return "".join([*pieces, *self._taken(start + chars - at)])

    def unchanged(self, start: int, end: int) -> Iterator[bytes]:
        """The bytes of `[start, end)`, in which there is no edit."""
        for span in self.spans(end):
            yield from self._encoded(span.start - start)
            if self._keeps:
                self._fill(len(span.raw))
                self._at += len(span.raw)
                yield span.raw
            else:
                there = "".join(self._taken(span.end - span.start))
                yield span.raw or there.encode(span.encoding)
            start = span.end
        yield from self._encoded(end - start)

    def spans(self, end: int) -> Sequence[ByteSpan]:
        """The next byte spans, up to character `end`; each is returned once."""
        first, spans = self._next, self._source.spans
        while self._next < len(spans) and spans[self._next].end <= end:
            self._next += 1
        return spans[first : self._next]

    def _encoded(self, count: int) -> Iterator[bytes]:
        return (text.encode(self._codec) for text in self._taken(count))

    def _taken(self, count: int) -> Iterator[str]:
        """The next `count` characters of the output, or all there are, in pieces."""
        while count > 0:
            some = min(count, CHUNK)
            self._fill(4 * some)  # no character of a codec without states is longer
            text = self._raw[self._at : self._at + 4 * some].decode(self._written, "replace")[:some]
            if not text:
                return
            self._at += len(text.encode(self._written))
            count -= len(text)
            yield text

    def _fill(self, size: int) -> None:
        if len(self._raw) - self._at < size:
            self._raw = self._raw[self._at :] + self._file.read(max(size, COPY))
            self._at = 0
