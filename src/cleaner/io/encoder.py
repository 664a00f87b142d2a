"""Blocks as the bytes of the output."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from ..model.blocks import Block, Region
from ..model.errors import InputProblem
from ..model.source import ByteSpan, SourceEncoding, encode_with_spans, spans_between, written_as
from ..stages.decode.damage import GB18030_2022
from .markup_writer import MarkupWriter

# Names of Python's error handlers for characters that an encoding lacks.
FALLBACKS = {"error": "strict", "xml": "xmlcharrefreplace", "backslash": "backslashreplace", "replace": "replace"}
CHARACTERS, LINES = 5, 5  # in an error text; the others are counted
# Python's table of GB18030 is that of 2000: the private characters there hold the codes that these have since 2022.
OF_2022 = {new: old for old, new in GB18030_2022.items()}
NEEDS_2022 = re.compile(f"[{''.join(map(chr, OF_2022))}]")


class UnencodableReport:
    """The characters that an encoding lacks: how often they were to be written, and on which lines of the source."""

    def __init__(self, codec: str) -> None:
        self._codec = codec
        self._lines: dict[str, list[int]] = {}
        self.count = 0

    def note(self, text: str, line: int) -> None:
        for number, row in enumerate(text.split("\n"), line):
            for char in dict.fromkeys(char for char in row if not _holds(char, self._codec)):
                self.add(char, number, row.count(char))

    def add(self, char: str, line: int, count: int) -> None:
        self._lines.setdefault(char, []).append(line)
        self.count += count

    def problem(self) -> InputProblem:
        named = [f"{char!r} (U+{ord(char):04X}) {_few(lines)}" for char, lines in self._lines.items()]
        more = [f"... ({len(named)})"] if len(named) > CHARACTERS else []
        shown = "; ".join(named[:CHARACTERS] + more)
        return InputProblem(
            f"{self.count} of its characters are not in {self._codec} (with their lines): {shown}",
            hint="--output-encoding utf-8 holds everything; --unencodable names a fallback",
        )


def _few(lines: list[int]) -> str:
    lines = list(dict.fromkeys(lines))
    return ", ".join(map(str, lines[:LINES])) + (f", ... ({len(lines)})" if len(lines) > LINES else "")


@lru_cache(1 << 16)
def _holds(char: str, codec: str) -> bool:
    try:
        char.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


class Encoder:
    """Turns blocks into the bytes of the output. `spans` may grow while the source is read.

    Characters that `encoding` ("keep": that of the source) lacks are counted in `lacking` and written as `unencodable`,
    a key of FALLBACKS, says; for "error" the caller raises `lacking.problem()` at the end of the input. `written` are
    the regions of the last block that were encoded, with the tags that `markup` wrote into them.
    """

    def __init__(
        self, source: SourceEncoding, spans: Sequence[ByteSpan], encoding: str, markup: MarkupWriter | None = None,
        unencodable: str = "error",
    ) -> None:  # fmt: skip
        self.keeps = encoding == "keep"
        self.codec, self.start = (source.codec, source.bom) if self.keeps else written_as(encoding)
        self.lacking = UnencodableReport(self.codec)
        self.fails = unencodable == "error"
        self._fallback = "replace" if self.fails else FALLBACKS[unencodable]
        self._line = 1  # of the source, where the block begins
        self.plain = self.codec == "utf-8" and not self.keeps
        self.written: list[Region] = []
        self._spans = spans
        self._markup = markup
        opening = markup.escapes if markup is not None else None
        self.escapes = (opening[0].encode(), opening[1].encode()) if opening is not None else None

    def pieces(self, block: Block) -> list[bytes]:
        """The output of a block; nothing once a character was lacking that may not be replaced."""
        self.written = [
            self._markup.tagged(block, region) if self._markup else region
            for region in block.regions
            if region.edits or (region.tags and self._markup) or not self.plain
        ]
        try:
            out = self._pieces(block, "strict")
        except UnicodeEncodeError as error:
            before = self.lacking.count
            for text, line in self._texts(block):
                self.lacking.note(text, line)
            if self.lacking.count == before:  # an edit in a foreign span
                self.lacking.add(error.object[error.start], self._line, 1)
            out = self._pieces(block, self._fallback)
        if not self.plain:
            self._line += block.data.count(b"\n")
        return [] if self.fails and self.lacking.count else out

    def _pieces(self, block: Block, errors: str) -> list[bytes]:
        self._errors = errors
        out: list[bytes] = []
        at = 0
        chars = block.offset
        for region in self.written:
            out.append(self._unchanged(block.data[at : region.start], chars))
            out.append(self._region(block, region))
            at = region.end
            chars = region.offset + len(block.data[region.start : region.end].decode()) if not self.plain else 0
        out.append(self._unchanged(block.data[at:], chars))
        return out

    def _texts(self, block: Block) -> Iterator[tuple[str, int]]:
        """The text to be encoded in pieces, and the line of the source on which each begins."""
        line, at = self._line, block.offset
        source = block.data.decode()
        for edit in [edit for region in self.written for edit in region.edits]:
            before = source[at - block.offset : edit.start - block.offset]
            if not self.keeps:
                yield before, line
            line += before.count("\n")
            yield edit.after, line
            line += edit.before.count("\n")
            at = edit.end
        if not self.keeps:
            yield source[at - block.offset :], line

    def _unchanged(self, data: bytes, offset: int) -> bytes:
        """Text between regions; a character in it that would open a tag is written as one."""
        if self.escapes is None or self.escapes[0] not in data:
            return self._same(data, offset)
        opening, escaped = self.escapes
        out = []
        for piece in data.split(opening):
            out.append(self._same(piece, offset))
            offset += len(piece.decode()) + 1 if not self.plain else 0
        return self._encoded(escaped.decode()).join(out)

    def _same(self, data: bytes, offset: int) -> bytes:
        if self.plain:
            return data
        text = data.decode()
        if not self.keeps or not self._spans:
            return self._encoded(text)
        return encode_with_spans(text, self.codec, spans_between(self._spans, offset, offset + len(text)))

    def _region(self, block: Block, region: Region) -> bytes:
        if not self.keeps or not self._spans:
            return self._encoded(region.text)
        source = block.data[region.start : region.end].decode()
        out = []
        at = 0
        for edit in region.edits:
            start, end = edit.start - region.offset, edit.end - region.offset
            out.append(self._same(source[at:start].encode(), region.offset + at))
            around = spans_between(self._spans, edit.start, edit.end + 1)
            out.append(self._encoded(edit.after, around[0].encoding if around else ""))
            at = end
        out.append(self._same(source[at:].encode(), region.offset + at))
        return b"".join(out)

    def _encoded(self, text: str, codec: str = "") -> bytes:
        codec = codec or self.codec
        if codec == "gb18030" and NEEDS_2022.search(text):
            text = text.translate(OF_2022)
        return text.encode(codec, self._errors)
