"""Which encoding a file is in. The only module that knows chardet.

DETECTORS run in order; the first answer counts.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from ...model.errors import InputProblem
from ...model.source import SourceEncoding, is_damage
from .damage import CESU, common_reading, damaged_cost, decode_tolerantly, strict
from .likelihood import (
    ALPHABETS,
    ASCII,
    CODECS,
    CONTROLS,
    DAMAGE,
    WIDER,
    alphabet_cost,
    alphabet_cost_of,
    eaten_cost,
    reading_cost,
    text_cost,
)

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
GB = {"gb2312": "gb18030", "gbk": "gb18030"}
USUAL = GB | {"ascii": "utf-8", "euc_kr": "cp949", "shift_jis": "cp932", "big5": "cp950", "iso8859-1": "cp1252"}
ESCAPES = re.compile(rb"\x1b\$|\x1b\([BIJ]|~\{[!-~]+~\}")
ESCAPING = ("iso2022_kr", "iso2022_jp", "iso2022_jp_2", "iso2022_jp_3", "iso2022_jp_2004", "iso2022_jp_ext", "hz")
DECLARED = re.compile(
    rb"""<\?xml[^>]*?encoding\s*=\s*["']([\w.:-]+)|<meta[^>]*?charset\s*=\s*["']?\s*([\w.:-]+)""", re.I
)
WINDOWS = (1024, 16384, 192)  # bytes that are weighed; the next where these don't decide (half of them shifted, say)
BEFORE = 64  # bytes of the line before it that are weighed, too: t\x82 is no word, té is one
BEYOND = re.compile(rb"[\x00\x80-\xff]")
NULS = 0.05  # share of NULs from which on UTF-8 is doubtful
SHIFTED = ("utf-16-le", "utf-16-be")  # where a byte too many makes nonsense of all that follows
STRANGE = 50  # half bits a character; no character that anybody uses costs more
RANDOM = 34  # half bits a character; UTF-16 costs less, and what is no text can look like rare hanzi
FEW_BYTES = 16  # in which UTF-16 keeps to one script: 00 01 02 FF would be `Ā＂`
PICTURE = "\U0001f600".encode()  # what CESU-8 writes in six bytes
SURE = 16  # bytes beyond ASCII that are UTF-8 by chance in one text of a million
LINES = 32768  # bytes of which the lines are looked at one by one
LIKELY = 30  # half bits a character, in text that is not all damage
UNEXPLAINED = 0.3  # share of text in lines that no encoding explains
CLEAR = 22  # half bits a character: no wrong reading of ENOUGH characters is that cheap
ENOUGH = 24
GLANCE = 160  # characters on which that is decided
DAMAGED = 0.25  # share of bad places among characters beyond ASCII with which a codec still counts as the right one
UNKNOWN = 6  # half bits by which an unknown alphabet is rarer than GB18030
# chardet's own figure, and how often it was right from there on (280 files in one-byte codecs, and pieces)
CALIBRATED = ((0.4, 0.995), (0.15, 0.98), (0.05, 0.8), (0.0, 0.5))
SURELY = 0.95  # what it takes against a reading that is possible, too
CONFIDENT = 0.6  # what a file needs to be read; below it is left alone


NO_ENCODING = re.compile("idna|punycode|undefined|(raw-)?unicode-escape")  # of Python, for other data than files


class Sample(NamedTuple):
    """What they see: bytes from the first one that is not ASCII, whether these reach the end, and how it begins."""

    raw: bytes
    final: bool
    head: bytes


def known(name: str) -> str | None:
    """Python's name of an encoding that files may be in; None where nothing is called so."""
    try:
        codec = codecs.lookup(name).name
        "".encode(codec)
    except (LookupError, ValueError):  # rot13 is a codec of text to text
        return None
    return None if NO_ENCODING.fullmatch(codec) else codec


def wide_enough(codec: str, sample: Sample) -> str:
    """What is meant by the name of an encoding: the usual one of its family, or one that holds more where it has to."""
    usual = USUAL.get(codec, codec)
    widest = (usual, WIDER.get(usual, usual), codec)
    return next((one for one in widest if _whole(sample, one) is not None), usual)


def detect(sample: Sample) -> SourceEncoding:
    """How to decode a file. Raises InputProblem where no encoding is likely enough."""
    found = likeliest(sample)
    if found is None or found.confidence < CONFIDENT:
        raise InputProblem(_unsure(found), hint="name it with --encoding")
    return found


def likeliest(sample: Sample) -> SourceEncoding | None:
    """What the first step that knows an answer says, however sure it is."""
    return next((found for step in DETECTORS if (found := step(sample)) is not None), None)


def _unsure(found: SourceEncoding | None) -> str:
    if found is None or found.encoding not in CODECS:
        return "its encoding is not recognized, so it was left alone"
    guess, sure = found.encoding, f"{found.confidence:.0%}"
    return f"its encoding is not recognized ({guess} is most likely, {sure}), so it was left alone"


def _by_bom(sample: Sample) -> SourceEncoding | None:
    found = next(((bom, encoding) for bom, encoding in BOMS if sample.raw.startswith(bom)), None)
    if found is None:
        return None
    bom, encoding = found
    rest = sample._replace(raw=sample.raw[len(bom) :])
    if encoding == "utf-8-sig" and rest.raw and _whole(rest, "utf-8") is None:
        other = _by_frequency(rest)  # a BOM glued to something else
        if other is not None and other.encoding != "utf-8":
            return SourceEncoding(other.encoding, other.method, other.confidence, bom)
    return SourceEncoding(encoding, "bom", bom=bom)


def _by_escapes(sample: Sample) -> SourceEncoding | None:
    if not sample.raw.isascii() or not ESCAPES.search(sample.raw):
        return None
    for codec in ESCAPING:
        text = strict(sample.raw, codec)
        if text and not text.isascii() and _cost_of_characters(text, "utf-8") <= LIKELY:
            return SourceEncoding(codec, "escapes")
    return None


def _by_utf8(sample: Sample) -> SourceEncoding | None:
    if b"\xed" in sample.raw:
        sample = sample._replace(raw=CESU.sub(PICTURE, sample.raw))
    raw = sample.raw
    if _whole(sample, "utf-8") is None or _full_of_nuls(raw):
        return None
    if raw.isascii() and len(raw) % 2 == 0 and len(raw.translate(None, CONTROLS)) < len(raw):
        other = _by_frequency(sample)  # kana in UTF-16 are ASCII, too: `0` and a control character
        if other is not None and other.encoding in SHIFTED and other.confidence >= SURELY:
            return other
    return SourceEncoding("utf-8", "utf-8") if _is_sure(raw) else None


def _full_of_nuls(raw: bytes) -> bool:
    """As UTF-16 and UTF-32 are; four NULs and more are no text of theirs either, but what a crash left."""
    if raw.count(0) <= NULS * len(raw):
        return False
    text = re.sub(rb"\0{4,}", b"", raw)
    return text.count(0) > NULS * len(text)


def _is_sure(raw: bytes) -> bool:
    """Whether bytes that are UTF-8 are so for a reason: `一些` in GB18030 is two letters of UTF-8, of two scripts."""
    high = raw[:256].translate(None, ASCII)
    if len(high) <= SURE:
        high = raw.translate(None, ASCII)
    if len(high) > SURE or not high or any(byte >= 0xE0 for byte in high):
        return True
    return len({_script(char) for char in high.decode()}) == 1


def _script(char: str) -> int:
    """Which alphabet below U+0800: Latin, Greek, Cyrillic as Russians write it, the rest by their first byte."""
    code = ord(char)
    return 0 if code < 0x250 else 3 if code < 0x400 else 4 if code < 0x460 else 1 + (code >> 8)


def _is_mixed(text: str) -> bool:
    """Whether a few characters are of several scripts, those of East Asia and their punctuation being one."""
    letters = [char for char in text if char > "\x7f" and not "\u2000" <= char <= "\u206f"]
    return len({-1 if char >= "\u2e80" else _script(char) for char in letters}) > 1


def _by_declaration(sample: Sample) -> SourceEncoding | None:
    found = DECLARED.search(sample.head)
    if found is None or b"\0" in sample.raw[:1024]:
        return None
    codec = known((found[1] or found[2]).decode())
    codec = wide_enough(codec, sample) if codec is not None else ""
    if not codec or codec.startswith("utf-") or not _whole(sample, codec):
        return None
    return SourceEncoding(codec, "declared", 0.98)


def _by_frequency(sample: Sample) -> SourceEncoding | None:
    for size in WINDOWS:
        found = _weighed(sample, size)
        if found is not None or len(sample.raw) < size:
            return found
    return None


def _weighed(sample: Sample, size: int) -> SourceEncoding | None:
    raw = _window(sample.raw, size)
    begin = Sample(raw, sample.final and len(raw) < size, b"")
    for codec in CODECS:
        text = _whole(begin, codec)
        if text is not None and _is_clear(text[:GLANCE], codec) and (clear := _damage(sample, codec)) is not None:
            return SourceEncoding(clear, "frequency", 0.99)
    costs: dict[str, float] = {codec: reading_cost(raw, codec) for codec in CODECS}
    costs[""] = alphabet_cost(raw) + UNKNOWN
    alphabet, gap = ("", 0) if _full_of_nuls(raw) else _alphabet(_lines_beyond_ascii(begin.raw)[:size])
    if alphabet:
        text = raw.decode(alphabet, "replace")
        costs[alphabet] = alphabet_cost_of(text, alphabet)
    if min(costs, key=costs.__getitem__) in ("", alphabet, *SHIFTED) and len(raw) <= WINDOWS[0]:
        for codec in sorted(CODECS, key=costs.__getitem__)[:3]:
            costs[codec] = min(costs[codec], damaged_cost(raw, codec) + CODECS[codec].rarity + DAMAGE)
    for codec in CODECS:
        costs[codec] += eaten_cost(raw, codec)
    codec, second = sorted(costs, key=costs.__getitem__)[:2]
    if codec in SHIFTED and costs[codec] > RANDOM * len(raw) / 2:
        return None
    if codec.startswith("utf-32") and costs[codec] - CODECS[codec].rarity > STRANGE * len(raw) / 4:
        return None
    if codec in SHIFTED and len(raw) <= FEW_BYTES and _is_mixed(raw.decode(codec, "ignore")):
        return None
    if codec == alphabet:
        return SourceEncoding(codec, "frequency", _confidence(min(gap, costs[second] - costs[codec])))
    wider = _damage(sample, codec) if codec else None
    if wider is None:
        return None
    return SourceEncoding(wider, "frequency", _confidence(costs[second] - costs[codec]))


def _lines_beyond_ascii(raw: bytes) -> bytes:
    """The lines that say something about an alphabet."""
    return b"\n".join(line for line in raw.split(b"\n") if not line.isascii())


def _alphabet(raw: bytes) -> tuple[str, int]:
    """The codec of one byte a character that reads `raw` best, and how much more the next other text costs."""
    costs: dict[str, int] = {}
    names: dict[str, str] = {}
    for codec in (*ALPHABETS, _chardet(raw)):
        text = strict(raw, codec) if codec else None
        if text is not None and text not in costs:
            costs[text] = alphabet_cost_of(text, codec)
            names[text] = codec
    best, *others = sorted(costs, key=costs.__getitem__)[:2] or [""]
    gap = costs[others[0]] - costs[best] if others else CLEAR
    return names.get(best, ""), gap


def _chardet(raw: bytes) -> str:
    """What chardet takes `raw` for, if that is one byte a character."""
    import chardet

    codec = known(chardet.detect(raw)["encoding"] or "utf-8") or ""
    codec = USUAL.get(codec, codec)
    others = codec in CODECS or codec.startswith("utf") or b"a".decode(codec, "ignore") != "a"  # EBCDIC
    return "" if others else codec


def _confidence(gap: float) -> float:
    return 1 / (1 + 2 ** (-gap / 2))


def _window(raw: bytes, size: int) -> bytes:
    """Bytes to weigh, from the line of the first one beyond ASCII on, on a boundary of four."""
    found = BEYOND.search(raw)
    first = found.start() if found else 0
    first = max(raw.rfind(b"\n", 0, first) + 1, first - BEFORE)
    first -= first % 4
    return raw[first : first + size]


def _is_clear(text: str, codec: str) -> bool:
    wide = sum(char > "\x7f" and not "｡" <= char <= "ﾟ" for char in text)  # those are letters of KOI8, too
    return wide >= ENOUGH and _cost_of_characters(text, codec) <= CLEAR


def _cost_of_characters(text: str, codec: str) -> float:
    """Half bits per character beyond ASCII."""
    beyond = "".join(char for char in text if char > "\x7f" or not (char.isprintable() or char.isspace()))
    return text_cost(beyond, codec) / len(beyond) if beyond else 1e9


def _damage(sample: Sample, codec: str) -> str | None:
    """`codec` or a wider one, if it can read the sample with little damage."""
    if _whole(sample, codec) is not None:
        return codec
    wider = _whole(sample, WIDER[codec]) if codec in WIDER else None
    if wider is not None and _cost_of_characters(wider[:LINES], codec) <= LIKELY:
        return WIDER[codec]
    raw = sample.raw[: 64 << 10]
    text, _, places = decode_tolerantly(raw, codec, sample.final and len(raw) == len(sample.raw))
    bad = sum(is_damage(place, codec) for place in places)
    good = sum(char > "\x7f" for char in text) - bad
    return codec if bad <= max(1, DAMAGED * good) else None


def _by_lines(sample: Sample) -> SourceEncoding | None:
    """Where lines are in several encodings, the one of most of them."""
    shares: Counter[str] = Counter()
    for line in _window(sample.raw, LINES).split(b"\n")[:-1] if b"\0" not in sample.raw[:LINES] else ():
        if not line.isascii():
            shares[common_reading(line)] += len(line)
    if len(shares) < 2 or shares[""] > UNEXPLAINED * shares.total():
        return None
    return SourceEncoding(
        next(codec for codec, _ in shares.most_common() if codec), "lines", 1 - shares[""] / shares.total()
    )


def _whole(sample: Sample, codec: str) -> str | None:
    """The sample as text, strictly; where more follows it may end in a part of a character."""
    try:
        return sample.raw.decode(codec)
    except UnicodeDecodeError as error:
        if sample.final or len(sample.raw) - error.start > 3:
            return None
        return sample.raw[: error.start].decode(codec)


def _by_chardet(sample: Sample) -> SourceEncoding | None:
    import chardet

    said = chardet.detect(sample.raw)
    if not said["encoding"]:
        return None
    codec = known(said["encoding"])
    if codec is None:
        return None
    codec = USUAL.get(codec, codec)
    confidence = next(share for least, share in CALIBRATED if (said["confidence"] or 0) >= least)
    weighed = codec in CODECS and (codec.startswith("utf") or _whole(sample, codec) is None)
    doubtful = weighed or codec in ALPHABETS  # these lost against an alphabet that nobody knows
    return SourceEncoding(codec, "chardet", min(confidence, 0.5) if doubtful else confidence)


DETECTORS: tuple[Callable[[Sample], SourceEncoding | None], ...] = (
    _by_bom,
    _by_escapes,
    _by_utf8,
    _by_declaration,
    _by_frequency,
    _by_lines,
    _by_chardet,
)
