"""Bytes that a codec does not simply read: damage, many codes for one character, lines in another encoding.

Whatever is wrong is confined to its line. A line is read the way that costs least (see `likelihood`): in the codec of
the file with some bytes left over, or as a whole in another encoding. What encoding the text again would not give back
becomes a place.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ...engine.language.scorer import BAD, cost_of_character
from ...model.source import ByteSpan, encode_with_spans
from .likelihood import languages_of, text_cost

# Decoding and encoding again gives the same bytes, tried with every code (tests/test_source.py); not so for the others.
LOSSLESS = frozenset(
    ("utf-8", "gb18030", "cp949", "euc_jp", "euc_jis_2004", "shift_jis_2004", "utf-16-le", "utf-16-be")
)
LONGEST = 1 << 14  # bytes of a line that are read at once
STRETCH = 1 << 13  # bytes of lines that are tried together before they are read one by one
TAIL = 8  # bytes before the end of such a part that may belong to a character of the next
SKIP = 64  # half bits for a byte that belongs to no character; more than any character, or rare ones would be lost
FOREIGN = 24  # half bits that a line must cost less in another encoding
COMMON = 24  # half bits a character, as text in the right encoding costs
FEW = 3  # characters that say little
ELSEWHERE = ("utf-8", "gb18030", "cp950", "cp932", "euc_jp", "cp949")  # what single lines may be written in
WIDE = re.compile(r"utf-(16|32)")
# A letter or a quote of Windows-1252 alone among ASCII letters: café, don’t.
LATIN = re.compile(
    rb"(?<![\x80-\xff])(?:(?<=[A-Za-z])[\x91-\x94\x96\x97\xc0-\xff]|[\x91-\x94\xc0-\xff](?=[A-Za-z]))(?![\x80-\xff])"
)
PLAIN = re.compile(r"[\x00-\x7f｡-ﾟ]+")  # ASCII, and katakana of one byte, as which cp932 reads half of GB2312
HIGH = re.compile(rb"[\x80-\xff]")
UTF8_LINE = re.compile(
    rb"^(?=[^\n]*[\x80-\xff])(?:[\x00-\x09\x0b-\x7f]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3})+$",
    re.MULTILINE,
)
# GB18030 of 2022 gave these codes real characters; Python's table has the private ones of 2000.
GB18030_2022 = str.maketrans(
    "\ue78d\ue78e\ue78f\ue790\ue791\ue792\ue793\ue794\ue795\ue796\ue7c7\ue81e\ue826\ue82b\ue82c\ue832\ue843\ue854\ue864",
    "\ufe10\ufe12\ufe11\ufe13\ufe14\ufe15\ufe16\ufe17\ufe18\ufe19\u1e3f\u9fb4\u9fb5\u9fb6\u9fb7\u9fb8\u9fb9\u9fba\u9fbb",
)
PRIVATE = re.compile("[\ue000-\uf8ff]")
# Damage that still says which character it was.
CESU = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")
BOM = b"\xef\xbb\xbf"


def decode_tolerantly(raw: bytes, codec: str, final: bool) -> tuple[str, int, list[ByteSpan]]:
    """Text, how many bytes it took, and its places. What may belong to what follows waits unless `final`."""
    cut = len(raw) if final else _cut(raw, codec)
    text = plainly(raw[:cut], codec)
    if text or (text is not None and final):
        return text, cut, []
    return _Lines(raw, codec, final).read()


def plainly(raw: bytes, codec: str) -> str | None:
    """`raw` as text, if that is all there is to it."""
    try:
        text = raw.decode(codec)
    except UnicodeDecodeError:
        return None
    if codec not in LOSSLESS and _encoded(text, codec) != raw:
        return None
    if codec == "gb18030" and b"\xee" in text.encode() and PRIVATE.search(text):
        return None  # lead byte 0xEE: the private characters that 2022 replaced, or Big5
    if codec.startswith("utf-16") and raw.count("\n".encode(codec)) != text.count("\n"):
        return None  # a byte too many or too few has shifted the rest
    return text


def strict(raw: bytes, codec: str) -> str | None:
    """`raw` as text, None where something in it can't be read."""
    try:
        text = raw.decode(codec)
    except UnicodeDecodeError:
        return None
    return text.translate(GB18030_2022) if codec == "gb18030" and PRIVATE.search(text) else text


def _encoded(text: str, codec: str) -> bytes | None:
    try:
        return text.encode(codec)
    except UnicodeEncodeError:
        return None


def _cut(raw: bytes, codec: str) -> int:
    """Where what is whole ends: behind the last line end, which needs no decoding, else before half a character."""
    newline = "\n".encode(codec)
    if len(newline) == 1 and (found := raw.rfind(newline)) >= 0:
        return found + 1
    try:
        raw.decode(codec)
    except UnicodeDecodeError as error:
        return error.start if error.start > len(raw) - TAIL else len(raw)
    return len(raw)


class _Lines:
    """Reads lines one by one, each as what it is."""

    def __init__(self, raw: bytes, codec: str, final: bool) -> None:
        self.raw = raw
        self.codec = codec
        self.final = final
        self.newline = "\n".encode(codec)
        self.pieces: list[str] = []
        self.places: list[ByteSpan] = []
        self.chars = 0
        self.others = False  # whether lines in other encodings were seen

    def read(self) -> tuple[str, int, list[ByteSpan]]:
        at = tried = 0
        while at < len(self.raw):
            if at >= tried and not self.others:
                tried = self.raw.rfind(b"\n", at, at + STRETCH) + 1
                used = self._well(self.raw[at:tried])
                at += used
                if used:
                    continue
            found = self.raw.find(self.newline, at, at + LONGEST)
            end = found + len(self.newline) if found >= 0 else min(len(self.raw), at + LONGEST)
            whole = found >= 0 or (end == len(self.raw) and self.final)
            if not whole and at and end == len(self.raw):
                break  # the rest of the line is to come
            used = self._line(self.raw[at:end], whole)
            if not used:
                break
            at += used
        return "".join(self.pieces), at, self.places

    def _well(self, lines: bytes) -> int:
        """Reads lines if nothing is wrong in them and none may be in another encoding. How many bytes it took."""
        if not lines or len(self.newline) > 1 or (self.codec != "utf-8" and UTF8_LINE.search(lines)):
            return 0
        text = plainly(lines, self.codec)
        return self._take(text, lines) if text else 0

    def _line(self, line: bytes, whole: bool) -> int:
        """Reads a line or, where it is not `whole`, the first part of one. How many bytes it took."""
        text = strict(line, self.codec)
        if text is None and not whole:
            line = line[: _cut(line, self.codec)]
            text = strict(line, self.codec)
        if whole and not WIDE.match(self.codec) and (text is None or self._suspicious(line, text)):
            elsewhere = _elsewhere(line, self.codec, text)
            if elsewhere is not None:
                self.others = True
                return self._take(elsewhere[1], line, elsewhere[0])
        return self._take(text, line) if text else self._damaged(line, whole)

    def _suspicious(self, line: bytes, text: str) -> bool:
        """Whether a line that reads well may still be in another encoding."""
        if self.codec == "utf-8" or line.isascii():
            return False
        return self.others or PRIVATE.search(text) is not None or strict(line, "utf-8") is not None

    def _take(self, text: str, raw: bytes, encoding: str = "") -> int:
        """Adds text that was read well, in another `encoding` than that of the file where one is given."""
        codec = encoding or self.codec
        if _encoded(text, codec) == raw:
            if encoding:
                self._foreign(ByteSpan(self.chars, self.chars + len(text), b"", encoding))
        elif encoding:
            self.places.append(ByteSpan(self.chars, self.chars + len(text), raw, encoding))
        else:
            self.places += _places(text, raw, codec, self.chars)
        self._add(text)
        return len(raw)

    def _foreign(self, place: ByteSpan) -> None:
        last = self.places[-1] if self.places else place
        if last.end == place.start and last.encoding == place.encoding and not last.raw:
            self.places[-1] = place = ByteSpan(last.start, place.end, b"", place.encoding)
        else:
            self.places.append(place)

    def _add(self, text: str) -> None:
        self.pieces.append(text)
        self.chars += len(text)

    def _damaged(self, line: bytes, whole: bool) -> int:
        """Reads a line the way that costs least, bytes left over included."""
        at = 0
        last = len(line) if whole else len(line) - TAIL
        for start, end, char in cheapest(line, self.codec)[1]:
            if start >= last:
                break
            self._between(line[at:start])
            self.places.append(ByteSpan(self.chars, self.chars + 1, line[start:end]))
            self._add(char)
            at = end
        if at < last:
            rest = line[at:] if whole else line[at : at + _cut(line[at:last], self.codec)]
            self._between(rest)
            at += len(rest)
        return at

    def _between(self, raw: bytes) -> None:
        text = strict(raw, self.codec)
        assert text is not None  # `cheapest` read it
        if raw:
            self._take(text, raw)


def _elsewhere(line: bytes, codec: str, text: str | None) -> tuple[str, str] | None:
    """The encoding of a line that is not in `codec`, and its text. `text`: what the line is in `codec`, if anything."""
    found = _readings(line, codec)
    if found:
        cost, other, reading = found[0]
        if text is None and _is_common(reading, other):
            return other, reading
        own = text_cost(text, codec) if text is not None else damaged_cost(line, codec)
        if cost + FOREIGN < own:
            return other, reading
    if text is None and len(HIGH.findall(line)) == len(LATIN.findall(line)):
        return "cp1252", line.decode("cp1252")
    return None


def common_reading(line: bytes) -> str:
    """The encoding in which a line is made of common characters, "" where there is none."""
    return next((codec for _, codec, text in _readings(line) if _is_common(text, codec)), "")


def _readings(line: bytes, without: str = "") -> list[tuple[int, str, str]]:
    """What a line costs in the encodings in which it can be read, which, and as what; cheapest first."""
    others = [(codec, text) for codec in ELSEWHERE if codec != without and (text := strict(line, codec)) is not None]
    return sorted((text_cost(text, codec), codec, text) for codec, text in others)


def _is_common(text: str, codec: str) -> bool:
    beyond = PLAIN.sub("", text)
    return len(beyond) > FEW and text_cost(beyond, codec) <= COMMON * len(beyond)


def cheapest(line: bytes, codec: str) -> tuple[int, list[tuple[int, int, str]]]:
    """How a damaged line costs least: what it costs, and which bytes `[start, end)` become which character then."""
    best = [0] + [1 << 60] * len(line)
    back: list[tuple[int, str | None]] = [(0, None)] * (len(line) + 1)  # length of the last step; what damage became
    lengths = _lengths(codec)
    for at, cost in enumerate(best):
        for length in lengths:
            step = _step(line[at : at + length], codec)
            if step is not None and at + length <= len(line) and cost + step[0] < best[at + length]:
                best[at + length] = cost + step[0]
                back[at + length] = length, step[1]
    return best[-1], _damage(back)


def damaged_cost(line: bytes, codec: str) -> int:
    """What a line costs with its damage, read the way that costs least."""
    pieces, at, lost = [], 0, 0
    for start, end, char in cheapest(line, codec)[1]:
        pieces += [line[at:start].decode(codec), char]
        lost += (SKIP * (end - start) if char == "\ufffd" else BAD) - BAD
        at = end
    return text_cost("".join([*pieces, line[at:].decode(codec)]), codec) + lost


def _damage(back: list[tuple[int, str | None]]) -> list[tuple[int, int, str]]:
    found: list[tuple[int, int, str]] = []
    at = len(back) - 1
    while at:
        length, char = back[at]
        if char is not None:
            end = at
            if char == "\ufffd" and found and found[-1][0] == at and found[-1][2] == char:
                end = found.pop()[1]
            found.append((at - length, end, char))
        at -= length
    return found[::-1]


def _lengths(codec: str) -> tuple[int, ...]:
    """How many bytes a character may have, damage included."""
    if codec.startswith("utf-16"):
        return (1, 2, 4)
    if codec.startswith("utf-32"):
        return (1, 4)
    return (1, 2, 3, 4, 6) if codec == "utf-8" else (1, 2, 3, 4)


@lru_cache(1 << 16)
def _step(raw: bytes, codec: str) -> tuple[int, str | None] | None:
    """What it costs to read `raw` as one character or as damage, and what damage becomes."""
    text = strict(raw, codec)
    if text is not None and len(text) == 1:
        return cost_of_character(text, languages_of(codec)), None
    if len(raw) == 1:
        return (BAD, "€") if raw == b"\x80" and codec == "gb18030" else (SKIP, "\ufffd")
    if raw == BOM:
        return BAD, "\ufeff"
    if CESU.fullmatch(raw):
        return BAD, raw.decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass").decode("utf-16")
    return None


def _places(text: str, raw: bytes, codec: str, offset: int) -> list[ByteSpan]:
    """Where encoding `text` does not give `raw` again: many codes for one character, mostly."""
    places: list[ByteSpan] = []
    at = 0
    for number, char in enumerate(text):
        again = _encoded(char, codec)
        if again is not None and raw.startswith(again, at):
            at += len(again)
            continue
        length = next((n for n in range(1, 9) if strict(raw[at : at + n], codec) == char), 0)
        if not length:
            places.append(ByteSpan(number, len(text), raw[at:]))
            break
        places.append(ByteSpan(number, number + 1, raw[at : at + length]))
        at += length
    if encode_with_spans(text, codec, places) != raw:
        places = [ByteSpan(0, len(text), raw)]
    return [ByteSpan(place.start + offset, place.end + offset, place.raw) for place in places]
