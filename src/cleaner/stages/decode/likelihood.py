"""How likely bytes are under an encoding: what the text costs that they would be (see `language.scorer`), in half bits.

Damage costs, too: the right codec with two bad places still costs less than a wrong one without. What no reading
explains better than an unknown alphabet of one byte a letter is left to others.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from itertools import pairwise
from typing import NamedTuple

from ...engine.language.scorer import BAD, CONTROL, PRINTABLE, cost, cost_of_character
from ...engine.language.tables import CJK, script_of

CUT = 20  # half a character at the end
DAMAGE = 20  # once for any damage: one file in a thousand has some
LEAST_BYTE = 10  # a letter of an unknown alphabet; Russian has 9, and kana in EUC-JP, half of them one byte, 6
CONTROLS = bytes((*range(9), 11, *range(14, 27), *range(28, 32), 127))  # ESC is in every ISO-2022
ASCII = bytes(range(128))


class Codec(NamedTuple):
    """A codec, the languages that are written in it, and how much rarer it is than GB18030, in half bits."""

    codec: str
    languages: tuple[str, ...]
    rarity: int = 0


WIDER = {"cp950": "big5hkscs", "cp932": "shift_jis_2004", "euc_jp": "euc_jis_2004"}  # where the usual codec fails
BASE = {wider: usual for usual, wider in WIDER.items()}
CODECS = {
    reading.codec: reading
    for reading in (
        Codec("gb18030", ("zh", "zh-hant")),
        Codec("utf-8", CJK, 4),
        Codec("cp950", ("zh-hant",), 4),
        Codec("cp932", ("ja",), 4),
        Codec("euc_jp", ("ja",), 6),
        Codec("cp949", ("ko",), 4),
        Codec("utf-16-le", CJK, 16),
        Codec("utf-16-be", CJK, 20),
        Codec("utf-32-le", CJK, 16),
        Codec("utf-32-be", CJK, 20),
        Codec("johab", ("ko",), 24),
    )
}


class Alphabet(NamedTuple):
    """A codec of one byte a character, the script it was made for, and how much rarer it is than GB18030."""

    script: str
    rarity: int


UNLISTED = 16  # half bits for a codec that only chardet thought of
FOREIGN = 16  # half bits for a text without a word in the script that its codec was made for
CEDILLA = re.compile("[şţŞŢ]")
COMMA = str.maketrans("şţŞŢ", "șțȘȚ")
EATEN = 24  # half bits for ASCII that is half of a hanzi where all stand alone: 180癈 is 180°C, ？ola is ¡Hola
COMMON = 24  # half bits: 2021年 has one in Big5, too
TOUCHING = re.compile(rb"[\x80-\xff]{2}")
HALF_KANA = re.compile(r"[\x00-\x7f]*(?:[｡-ﾟ][\x00-\x7f]*){16,}")  # fewer may be a word of another alphabet
TILL = 8  # half bits by which a text of half-width katakana alone is rarer than one of Shift_JIS
TO_HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}  # what most of it would be today
# Where several give the same text, the first counts.
ALPHABETS = {
    name: Alphabet(script, rarity)
    for script, rarities in {
        "LATIN": {
            "cp1252": 0, "cp1250": 4, "cp1254": 4, "cp1257": 4, "cp1258": 6, "iso8859-15": 6, "iso8859-2": 6,
            "iso8859-13": 8, "mac_roman": 10, "cp850": 10, "cp852": 10, "cp437": 12, "cp775": 14, "cp857": 14,
            "cp865": 16, "cp861": 16, "cp863": 16, "cp860": 16, "mac_latin2": 18, "mac_turkish": 18, "mac_iceland": 20,
            "iso8859-4": 20, "iso8859-3": 20, "iso8859-16": 40, "iso8859-14": 20, "iso8859-10": 22,
        },
        "CYRILLIC": {
            "cp1251": 0, "koi8-r": 4, "koi8-u": 5, "cp866": 6, "iso8859-5": 8, "mac_cyrillic": 12, "kz1048": 14,
            "cp855": 16, "cp1125": 16, "ptcp154": 16, "koi8-t": 16,
        },
        "GREEK": {"cp1253": 2, "iso8859-7": 4, "cp737": 12, "cp869": 16, "mac_greek": 18},
        "HEBREW": {"cp1255": 2, "iso8859-8": 6, "cp862": 14},
        "ARABIC": {"cp1256": 2, "iso8859-6": 6, "cp720": 16},
        "THAI": {"cp874": 2},
    }.items()
    for name, rarity in rarities.items()
}  # fmt: skip


def alphabet_cost_of(text: str, codec: str) -> int:
    """What it costs that somebody wrote `text` in a codec of one byte a character.

    Codecs before ISO-8859-16 write the Romanian ș and ț with a cedilla: that is no other word.
    """
    script, rarity = ALPHABETS.get(codec, Alphabet("", UNLISTED))
    costs = text_cost(text, codec)
    if CEDILLA.search(text):
        costs = min(costs, text_cost(text.translate(COMMA), codec))
    return costs + rarity + FOREIGN * bool(script and not _has_word(text, script))


def _has_word(text: str, script: str) -> bool:
    """Whether letters of a script touch somewhere: £825 in DOS Cyrillic is г825."""
    return any(script_of(left) == script == script_of(right) for left, right in set(pairwise(text)))


def languages_of(codec: str) -> tuple[str, ...]:
    """The languages of hanzi and syllables that are written in a codec."""
    return CODECS[BASE.get(codec, codec)].languages if BASE.get(codec, codec) in CODECS else CJK


def text_cost(text: str, codec: str) -> int:
    """What `text`, read in `codec`, costs in the language that suits it best."""
    return cost(text, languages_of(codec))


def eaten_cost(raw: bytes, codec: str) -> int:
    """What it costs that `raw` has no two bytes beyond ASCII next to each other, and still is hanzi."""
    if codec.startswith("utf") or TOUCHING.search(raw):
        return 0
    languages = CODECS[codec].languages
    wide = [char for char in raw.decode(codec, "ignore") if char > "\x7f"]
    if len(set(wide)) == 1 and not wide[0].isalpha():  # 【 and 】 around a word are two
        return EATEN * len(wide)
    return EATEN * sum(cost_of_character(char, languages) > COMMON for char in wide)


def alphabet_cost(raw: bytes) -> float:
    """What `raw` costs as text in an unknown one-byte codec, which is learned while reading (Krichevsky-Trofimov)."""
    high = raw.translate(None, ASCII)
    controls = len(raw) - len(raw.translate(None, CONTROLS))
    learned = math.lgamma(len(high) + 64) - math.lgamma(64)
    learned -= sum(math.lgamma(count + 0.5) - math.lgamma(0.5) for count in Counter(high).values())
    letters = max(2 * learned / math.log(2), LEAST_BYTE * len(high))
    return letters + PRINTABLE * (len(raw) - len(high) - controls) + CONTROL * controls


def reading_cost(raw: bytes, codec: str) -> int:
    """What `raw` costs in `codec`, damage included."""
    text = raw.decode(codec, "replace")
    bad = text.count("\ufffd")
    cost = text_cost(text, codec) + CODECS[codec].rarity
    if codec == "cp932" and HALF_KANA.fullmatch(text):
        cost = min(cost, text_cost(unicodedata.normalize("NFKC", text).translate(TO_HIRAGANA), codec) + TILL)
    if bad and codec.startswith("utf-32"):
        return cost + 4 * bad * BAD  # four bytes each
    if bad and text.endswith("\ufffd"):
        bad -= 1
        cost += CUT - BAD
    return cost + DAMAGE * (bad > 0)
