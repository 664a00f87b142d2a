"""What an input's bytes were, so that they can be given back exactly."""

from __future__ import annotations

import codecs
from bisect import bisect_right
from collections.abc import Sequence

import msgspec

WITH_BOM = {
    "utf-8-sig": ("utf-8", codecs.BOM_UTF8),
    "utf-16": ("utf-16-le", codecs.BOM_UTF16_LE),
    "utf-32": ("utf-32-le", codecs.BOM_UTF32_LE),
}


def written_as(encoding: str) -> tuple[str, bytes]:
    """The codec for text in an encoding, and what stands once before it."""
    return WITH_BOM.get(encoding, (encoding, b""))


class ByteSpan(msgspec.Struct, frozen=True, gc=False):
    """Characters `[start, end)` of the decoded text stood for bytes that encoding them again would not give.

    The bytes are `raw`, or where that is empty what `encoding` makes of the characters: a stretch of lines that were
    not in the encoding of the rest.
    """

    start: int
    end: int
    raw: bytes
    encoding: str = ""


class SourceEncoding(msgspec.Struct, frozen=True):
    """How the bytes of one input became text.

    `encoding` is a Python codec name ("utf-8-sig" where a UTF-8 BOM was there); `found` is the step that decided;
    `confidence` is 0 to 1; `bom` the bytes dropped in front; `places` are sorted and disjoint.
    """

    encoding: str
    method: str = msgspec.field(name="found")
    confidence: float = 1.0
    bom: bytes = b""
    spans: tuple[ByteSpan, ...] = msgspec.field(default=(), name="places")

    @property
    def codec(self) -> str:
        """The codec for the bytes behind the BOM."""
        return "utf-8" if self.encoding == "utf-8-sig" else self.encoding

    @property
    def damaged(self) -> list[ByteSpan]:
        """Places that could not be decoded (others only encode back differently)."""
        return [place for place in self.spans if is_damage(place, self.codec)]

    @property
    def foreign_spans(self) -> list[ByteSpan]:
        """Lines that were in another encoding than the rest."""
        return [place for place in self.spans if place.encoding]


def is_damage(place: ByteSpan, codec: str) -> bool:
    if place.encoding:
        return False
    try:
        place.raw.decode(codec)
    except UnicodeDecodeError:
        return True
    return False


def restore(text: str, source: SourceEncoding) -> bytes:
    """The bytes that were decoded to `text`.

    Raises UnicodeEncodeError when `text` is not the text that `source` was made with.
    """
    return source.bom + encode_with_spans(text, source.codec, source.spans)


def encode_with_spans(text: str, codec: str, places: Sequence[ByteSpan]) -> bytes:
    pieces = []
    at = 0
    for place in places:
        pieces.append(text[at : place.start].encode(codec))
        pieces.append(place.raw or text[place.start : place.end].encode(place.encoding))
        at = place.end
    pieces.append(text[at:].encode(codec))
    return b"".join(pieces)


def spans_between(places: Sequence[ByteSpan], start: int, end: int) -> list[ByteSpan]:
    """The places in characters `[start, end)`, from there; of stretches in another encoding what lies in it."""
    found = []
    for number in range(bisect_right(places, start, key=lambda place: place.end), len(places)):
        place = places[number]
        if place.start >= end:
            break
        low, high = max(place.start, start), min(place.end, end)
        if not place.raw or (low, high) == (place.start, place.end):
            found.append(ByteSpan(low - start, high - start, place.raw, place.encoding))
    return found
