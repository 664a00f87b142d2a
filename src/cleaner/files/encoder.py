"""Decided blocks as the bytes of the output."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import InputProblem
from ..pipeline import Block, Cleaned
from ..source import Place, Source, encode_with_places, places_between
from .marks import Marks


class Encoder:
    """Turns decided blocks into the bytes of the output."""

    def __init__(self, source: Source, places: Sequence[Place], encoding: str, marks: Marks | None = None) -> None:
        self.keeps = encoding == "keep"
        self.codec = source.codec if self.keeps else "utf-8" if encoding == "utf-8-sig" else encoding
        self.start = source.bom if self.keeps else b"\xef\xbb\xbf" if encoding == "utf-8-sig" else b""
        self.plain = self.codec == "utf-8" and not self.keeps
        self.places = places  # grows while the source is read
        self.marks = marks
        self.written: list[Cleaned] = []  # the regions of the last block that were written, with their tags
        opening = marks.escapes if marks is not None else None
        self.escapes = (opening[0].encode(), opening[1].encode()) if opening is not None else None

    def pieces(self, block: Block) -> list[bytes]:
        """Raises InputProblem for characters that the encoding does not have."""
        out: list[bytes] = []
        at = 0
        chars = block.offset
        self.written = []
        for region in block.regions:
            if not region.edits and not (region.tags and self.marks) and self.plain:
                continue
            self.written.append(self.marks.tagged(block, region) if self.marks else region)
            out.append(self._unchanged(block.data[at : region.start], chars))
            out.append(self._region(block, self.written[-1]))
            at = region.end
            chars = region.offset + len(block.data[region.start : region.end].decode()) if not self.plain else 0
        out.append(self._unchanged(block.data[at:], chars))
        return out

    def _unchanged(self, data: bytes, offset: int) -> bytes:
        """Text between regions; a sign in it that would open a tag is written as one."""
        if self.escapes is None or self.escapes[0] not in data:
            return self._same(data, offset)
        sign, escaped = self.escapes
        out = []
        for piece in data.split(sign):
            out.append(self._same(piece, offset))
            offset += len(piece.decode()) + 1 if not self.plain else 0
        return self._encoded(escaped.decode()).join(out)

    def _same(self, data: bytes, offset: int) -> bytes:
        if self.plain:
            return data
        text = data.decode()
        if not self.keeps or not self.places:
            return self._encoded(text)
        return encode_with_places(text, self.codec, places_between(self.places, offset, offset + len(text)))

    def _region(self, block: Block, region: Cleaned) -> bytes:
        if not self.keeps or not self.places:
            return self._encoded(region.text)
        source = block.data[region.start : region.end].decode()
        out = []
        at = 0
        for edit in region.edits:
            start, end = edit.start - region.offset, edit.end - region.offset
            out.append(self._same(source[at:start].encode(), region.offset + at))
            around = places_between(self.places, edit.start, edit.end + 1)
            out.append(self._encoded(edit.after, around[0].encoding if around else ""))
            at = end
        out.append(self._same(source[at:].encode(), region.offset + at))
        return b"".join(out)

    def _encoded(self, text: str, codec: str = "") -> bytes:
        try:
            return text.encode(codec or self.codec)
        except UnicodeEncodeError as error:
            char = error.object[error.start]
            raise InputProblem(
                f"{char!r} (U+{ord(char):04X}) can't be written in {self.codec}",
                hint="choose another --output-encoding; utf-8 holds everything",
            ) from None
