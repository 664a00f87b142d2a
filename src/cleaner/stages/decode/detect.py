"""Which encoding a file is in. The only module that knows chardet.

DETECTORS run in order; the first answer counts.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Callable

from ...model.errors import InputProblem
from ...model.source import SourceEncoding, is_damage
from .damage import CESU, common_reading, damaged_cost, decode_tolerantly, strict
from .labels import label_of
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
from .readings import stands
from .sample import USUAL, WINDOWS, Sample, known, lines_beyond_ascii, whole, window

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
ESCAPES = re.compile(rb"\x1b\$|\x1b\([BIJ]|~\{[!-~]+~\}")
ESCAPING = ("iso2022_kr", "iso2022_jp", "iso2022_jp_2", "iso2022_jp_3", "iso2022_jp_2004", "iso2022_jp_ext", "hz")
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


def detect(sample: Sample) -> SourceEncoding:
    """How to decode a file. Raises InputProblem where no encoding is likely enough."""
    found = likeliest(sample)
    if found is None or found.confidence < CONFIDENT:
        raise InputProblem(_unsure(found), hint="name it with --encoding; check --encodings shows what it may be")
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
    if encoding == "utf-8-sig" and rest.raw and whole(rest, "utf-8") is None:
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
    if whole(sample, "utf-8") is None or _full_of_nuls(raw):
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


def _by_label(sample: Sample) -> SourceEncoding | None:
    """What the text says of itself, unless another reading is better by far."""
    label = label_of(sample)
    if label is None or not label.codec or label.codec.startswith("utf-"):
        return None
    text = whole(sample, label.codec)
    if not text or not (_is_clear(text[:GLANCE], label.codec) or stands(sample, label.codec)):
        return None
    return SourceEncoding(label.codec, "declared", 0.98)


def _by_frequency(sample: Sample) -> SourceEncoding | None:
    for size in WINDOWS:
        found = _weighed(sample, size)
        if found is not None or len(sample.raw) < size:
            return found
    return None


def _weighed(sample: Sample, size: int) -> SourceEncoding | None:
    raw = window(sample.raw, size)
    begin = Sample(raw, sample.final and len(raw) < size, b"")
    for codec in CODECS:
        text = whole(begin, codec)
        if text is not None and _is_clear(text[:GLANCE], codec) and (clear := _damage(sample, codec)) is not None:
            return SourceEncoding(clear, "frequency", 0.99)
    costs: dict[str, float] = {codec: reading_cost(raw, codec) for codec in CODECS}
    costs[""] = alphabet_cost(raw) + UNKNOWN
    alphabet, gap = ("", 0) if _full_of_nuls(raw) else _alphabet(lines_beyond_ascii(begin.raw)[:size])
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


def _is_clear(text: str, codec: str) -> bool:
    wide = sum(char > "\x7f" and not "｡" <= char <= "ﾟ" for char in text)  # those are letters of KOI8, too
    return wide >= ENOUGH and _cost_of_characters(text, codec) <= CLEAR


def _cost_of_characters(text: str, codec: str) -> float:
    """Half bits per character beyond ASCII."""
    beyond = "".join(char for char in text if char > "\x7f" or not (char.isprintable() or char.isspace()))
    return text_cost(beyond, codec) / len(beyond) if beyond else 1e9


def _damage(sample: Sample, codec: str) -> str | None:
    """`codec` or a wider one, if it can read the sample with little damage."""
    if whole(sample, codec) is not None:
        return codec
    wider = whole(sample, WIDER[codec]) if codec in WIDER else None
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
    for line in window(sample.raw, LINES).split(b"\n")[:-1] if b"\0" not in sample.raw[:LINES] else ():
        if not line.isascii():
            shares[common_reading(line)] += len(line)
    if len(shares) < 2 or shares[""] > UNEXPLAINED * shares.total():
        return None
    return SourceEncoding(
        next(codec for codec, _ in shares.most_common() if codec), "lines", 1 - shares[""] / shares.total()
    )


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
    weighed = codec in CODECS and (codec.startswith("utf") or whole(sample, codec) is None)
    doubtful = weighed or codec in ALPHABETS  # these lost against an alphabet that nobody knows
    return SourceEncoding(codec, "chardet", min(confidence, 0.5) if doubtful else confidence)


DETECTORS: tuple[Callable[[Sample], SourceEncoding | None], ...] = (
    _by_bom,
    _by_escapes,
    _by_utf8,
    _by_label,
    _by_frequency,
    _by_lines,
    _by_chardet,
)
