"""Misreadings undone: a move takes characters for the bytes that a wrong codec made them from, and reads these again.

A move never looks at what is likely; it gives every replacement that its codecs allow (see `search` for the choice).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from itertools import accumulate
from typing import NamedTuple

import regex

HIGH = range(0x80, 0x100)
NO_BYTE = "\ue000"  # stands for a character that the wrong codec never writes
# UTF-8 beyond ASCII; a hole is what is left of a character where a byte was lost; ASCII may stand between.
SEQUENCE = rb"(?:[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|\xf0[\x90-\xbf][\x80-\xbf]{2})"
HOLE = rb"(?:[\xe2-\xef][\x80-\xbf]?[\xff?][\x80-\xbf]?|[\x80-\xbf]{0,2}\xff[\x80-\xbf]{0,2})"
HOLED = re.compile(rb"%s(?:%s|%s|[\x20-\x7e]{1,40}(?=%s))*" % (SEQUENCE, SEQUENCE, HOLE, SEQUENCE))
RUN = re.compile(SEQUENCE.decode("latin-1") + "+")
BEYOND = regex.compile(r"[^\x00-\x7f](?:[^\n\r]*[^\x00-\x7f])?\??")
HALF = re.compile("[\ufffd?]*\ufffd[\ufffd?]*")
Replacement = tuple[int, int, str]  # characters `[start, end)` become the text


class Move(NamedTuple):
    """One misreading: text in the codec `right` was read as `wrong`; `price` in half bits, the rarer the dearer."""

    right: str
    wrong: str
    price: int
    blank: str | None = None  # the no-break blank of `à` became a common one: what stands behind the letter now
    layered: bool = False  # Windows-1252 stood between, in which ä¸­ costs more than the 盲赂颅 it became

    @property
    def name(self) -> str:
        return f"{self.right} read as {self.wrong}"


# Alphabets first, as they are met; Latin-1 is what is left of Windows-1252 where that has no character.
UTF8_AS_BYTES = {
    "cp1252": 8, "mac_roman": 16, "cp437": 16, "cp850": 16, "cp1250": 14, "cp1251": 14, "cp1254": 14, "cp1253": 16,
    "cp1257": 18, "iso8859-15": 18, "iso8859-2": 18, "cp866": 18, "koi8-r": 18, "cp852": 20, "cp1255": 20,
    "cp1256": 20, "cp874": 22, "cp1258": 22,
}  # fmt: skip
UTF8_AS_PAIRS = {"gb18030": 10, "cp950": 14, "cp932": 14, "cp949": 14}
LEGACY = {
    "gb18030": 12, "cp950": 16, "cp932": 16, "cp949": 16, "euc_jp": 18, "cp1251": 12, "koi8-r": 16, "koi8-u": 17,
    "cp866": 16, "mac_cyrillic": 20, "iso8859-5": 20, "cp1253": 14, "iso8859-7": 16, "cp1255": 16, "iso8859-8": 20,
    "cp1256": 16, "iso8859-6": 20, "cp874": 16, "cp1250": 16, "iso8859-2": 17, "cp1254": 18, "cp1257": 20,
    "mac_roman": 18, "cp850": 20, "cp437": 21, "cp852": 22, "cp1252": 18,
}  # fmt: skip
WITH_BLANK = ("cp1252", "cp1250", "cp1251", "mac_roman")
MOVES = (
    *(Move("utf-8", wrong, price) for wrong, price in (UTF8_AS_BYTES | UTF8_AS_PAIRS).items()),
    *(Move("utf-8", wrong, price + 8, layered=True) for wrong, price in UTF8_AS_PAIRS.items()),
    *(Move("utf-8", wrong, UTF8_AS_BYTES[wrong] + 8, blank) for wrong in WITH_BLANK for blank in ("", " ")),
    *(Move(right, "cp1252", price) for right, price in LEGACY.items() if right != "cp1252"),
    *(Move(right, "gb18030", price + 6) for right, price in LEGACY.items() if right != "gb18030"),
    *(Move("mac_roman", wrong, 20) for wrong in ("cp1250", "cp1251")),
    *(Move("cp1251", wrong, 20) for wrong in ("koi8-r", "cp866", "mac_roman")),
    *(Move("koi8-r", wrong, 20) for wrong in ("cp1251",)),
    *(Move("cp866", wrong, 20) for wrong in ("cp1251",)),
    *(Move("gb18030", wrong, 20) for wrong in ("cp437", "cp850", "cp1251", "mac_roman")),
    *(Move("cp932", wrong, 22) for wrong in ("cp437", "cp850")),
)


def replacements(text: str, move: Move) -> list[Replacement]:
    """Where and by what the move changes `text`; nothing where it gives no text."""
    if move.right == "utf-8":
        find: Callable[[str, str], Iterator[Replacement]] = (
            _utf8_as_pairs if move.wrong in UTF8_AS_PAIRS else _utf8_as_bytes
        )
        found = find(text, move.wrong) if move.blank is None else _a_grave(text, move)
        if move.layered:
            found = ((start, end, _below(after)) for start, end, after in found)
    else:
        found = _legacy(text, move)
    return [(start, end, after) for start, end, after in found if text[start:end] != after]


@cache
def byte_of(codec: str) -> dict[int, str]:
    """For `str.translate`: the byte, as a character of Latin-1, that each character beyond ASCII was in a codec.

    Bytes that the codec does not know are controls of Latin-1, as browsers and editors read them.
    """
    table: dict[int, str] = {byte: chr(byte) for byte in range(0x80, 0xA0)}
    for byte in HIGH:
        try:
            char = bytes((byte,)).decode(codec)
        except UnicodeDecodeError:
            continue
        table[ord(char)] = chr(byte)
    if codec == "cp1252":
        table |= {byte: chr(byte) for byte in HIGH}
    return table


class _Others(dict[int, str]):
    """Gives a character that is no byte for everything that a table does not hold."""

    def __missing__(self, code: int) -> str:
        return chr(code) if code < 0x80 else NO_BYTE


@cache
def _view(codec: str) -> _Others:
    return _Others(byte_of(codec))


def _utf8_as_bytes(text: str, wrong: str) -> Iterator[Replacement]:
    for run in RUN.finditer(text.translate(_view(wrong))):
        try:
            yield run.start(), run.end(), run.group().encode("latin-1").decode()
        except UnicodeDecodeError:  # a surrogate, a form that is too long
            continue


def _below(text: str) -> str:
    pieces, at = [], 0
    for start, end, after in _utf8_as_bytes(text, "cp1252"):
        pieces += [text[at:start], after]
        at = end
    return "".join([*pieces, text[at:]])


def _a_grave(text: str, move: Move) -> Iterator[Replacement]:
    """`Ã` and a blank for `à`, in which U+00A0 is a byte: voilÃ le, hĂ i."""
    assert move.blank is not None
    for found in re.finditer("\xc3 ", text.translate(_view(move.wrong))):
        yield found.start(), found.end(), "à" + move.blank


def _utf8_as_pairs(text: str, wrong: str) -> Iterator[Replacement]:
    """A byte that had no partner took the ASCII character behind it: `[` for half of a hanzi."""
    for run in BEYOND.finditer(text):
        raw = _bytes(run.group(), wrong)
        found = list(HOLED.finditer(raw))
        places = _starts(run.group(), wrong) if found else {}
        for one in found:
            start, end = one.span()
            end += end not in places and raw[end : end + 1].isascii()
            if start in places and end in places:
                after = HALF.sub("\ufffd", raw[start:end].decode("utf-8", "replace"))
                yield run.start() + places[start], run.start() + places[end], after


def _starts(text: str, codec: str) -> dict[int, int]:
    """Where the bytes of each character begin, and where the last ones end."""
    widths = accumulate((_width(char, codec) for char in text), initial=0)
    return {start: at for at, start in enumerate(widths)}


@lru_cache(maxsize=1 << 16)
def _width(char: str, codec: str) -> int:
    return len(_bytes(char, codec))


def _bytes(text: str, codec: str) -> bytes:
    """The bytes that a codec read as `text`: what could not be read is 0xFF here; Windows reads 0x80 in GBK as €."""
    if codec == "gb18030" and "€" in text:
        return b"\x80".join(_bytes(part, codec) for part in text.split("€"))
    return b"\xff".join(part.encode(codec, "replace") for part in text.split("\ufffd"))


def _legacy(text: str, move: Move) -> Iterator[Replacement]:
    """Runs of what the wrong codec can write; all of a run is read again, or nothing of it."""
    if move.wrong == "gb18030":
        for run in BEYOND.finditer(text):
            after = _read(run.group().encode("gb18030", "replace"), move.right)
            if after is not None:
                yield run.start(), run.end(), after
        return
    view = text.translate(_view(move.wrong))
    for run in _RUNS.finditer(view):
        after = _read(run.group().encode("latin-1"), move.right)
        if after is not None:
            yield run.start(), run.end(), after


# From one character beyond ASCII to the last, on one line; one of ASCII behind it may be half of a character.
_RUNS = re.compile("[\x80-\xff](?:[\x20-\x7e\t\x80-\xff]*[\x80-\xff])?[0-9@-~]?(?![\x80-\xff])")


def _read(raw: bytes, codec: str) -> str | None:
    try:
        text = raw.decode(codec)
    except UnicodeDecodeError:
        return None
    return None if "\n" in text or "\r" in text else text
