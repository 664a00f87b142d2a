"""How the bytes of an input became text, so that they can be restored exactly."""

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
    """The codec for text in an encoding, and the BOM that is written once before it."""
    return WITH_BOM.get(encoding, (encoding, b""))


class ByteSpan(msgspec.Struct, frozen=True, gc=False):
    """Characters `[start, end)` of the decoded text whose bytes encoding them again would not give.

    The bytes are `raw`; where that is empty, the characters are lines in `encoding`, which is not that of the rest.
    """

    start: int
    end: int
    raw: bytes
    encoding: str = ""


class SourceEncoding(msgspec.Struct, frozen=True):
    """How the bytes of one input became text.

    `encoding` is a Python codec name ("utf-8-sig" where a UTF-8 BOM was there); `method` is the detection step that
    decided; `confidence` is 0 to 1; `bom` the bytes dropped in front; `spans`, in characters, are sorted and disjoint.
    A ledger calls `method` and `spans` by their first names, `found` and `places`.
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
        """Spans that could not be decoded (others only encode to other bytes)."""
        return [span for span in self.spans if is_damage(span, self.codec)]

    @property
    def foreign_spans(self) -> list[ByteSpan]:
        """Lines that were in another encoding than the rest."""
        return [span for span in self.spans if span.encoding]


class Reading(msgspec.Struct, frozen=True):
    """What a line says in one encoding; of a long line a part."""

    encoding: str
    text: str


class Judgement(msgspec.Struct, frozen=True):
    """What speaks for and against a reading of an input.

    `readings` is the one that was chosen and the runner-up, or the two or three that none was chosen of, as they read
    `line` (from 1, 0 for none), the first on which the first two differ. `label` is what the text says of its own
    encoding, with where; it `lies` where it stands for another text.
    """

    line: int = 0
    readings: tuple[Reading, ...] = ()
    label: str = ""
    lies: bool = False


def is_damage(span: ByteSpan, codec: str) -> bool:
    """Whether the bytes of a span could not be decoded with `codec`."""
    return not span.encoding and not decodes(span.raw, codec)


def decodes(raw: bytes, codec: str = "utf-8") -> bool:
    """Whether `codec` decodes all of `raw`."""
    try:
        raw.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def restore(text: str, source: SourceEncoding) -> bytes:
    """The bytes that were decoded to `text`.

    Raises UnicodeEncodeError when `text` is not the text that `source` was made with.
    """
    return source.bom + encode_with_spans(text, source.codec, source.spans)


def encode_with_spans(text: str, codec: str, spans: Sequence[ByteSpan]) -> bytes:
    """`text` in `codec`, except `spans`, which are in characters of `text`. Raises UnicodeEncodeError."""
    pieces = []
    at = 0
    for span in spans:
        pieces.append(text[at : span.start].encode(codec))
        pieces.append(span.raw or text[span.start : span.end].encode(span.encoding))
        at = span.end
    pieces.append(text[at:].encode(codec))
    return b"".join(pieces)


def spans_between(spans: Sequence[ByteSpan], start: int, end: int) -> list[ByteSpan]:
    """The spans in characters `[start, end)`, counted from `start`; foreign spans are cut at both ends."""
    found = []
    for number in range(bisect_right(spans, start, key=lambda span: span.end), len(spans)):
        span = spans[number]
        if span.start >= end:
            break
        low, high = max(span.start, start), min(span.end, end)
        if not span.raw or (low, high) == (span.start, span.end):
            found.append(ByteSpan(low - start, high - start, span.raw, span.encoding))
    return found
