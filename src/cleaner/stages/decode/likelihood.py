"""How likely bytes are under an encoding: what its characters cost, in half bits, by how common they are.

A wrong codec turns common characters into rare ones, so the reading that costs least is the right one, and how much
less it costs than the next says how sure that is. Damage is a character too, a costly one: the right codec with two bad
places still costs less than a wrong one without. What no reading explains better than an unknown alphabet of one byte
a letter is left to others.
"""

from __future__ import annotations

import math
from collections import Counter
from functools import cache
from importlib.resources import files
from typing import NamedTuple

PRINTABLE = 14  # an ASCII character, the same in every reading
LETTER = 20  # of an alphabet
WIDE = 26  # full-width letters and symbols that word lists don't have
BAD = 40  # U+FFFD: what could not be decoded
CUT = 20  # half a character at the end
DAMAGE = 20  # once for any damage: one file in a thousand has some
CONTROL = 44
RARE = 48  # a hanzi or a syllable that no word list has
STRANGE = 56  # private use
REPEATED = 22  # what a listed character costs at most when it comes again: names, dashes, 平平仄仄仄平
LEAST_BYTE = 10  # a letter of an unknown alphabet; Russian has 9, and kana in EUC-JP, half of them one byte, 6
CONTROLS = bytes((*range(9), 11, *range(14, 27), *range(28, 32), 127))  # ESC is in every ISO-2022
ASCII = bytes(range(128))
CJK = ("zh", "zh-hant", "ja", "ko")


class Codec(NamedTuple):
    """A codec, the languages that are written in it, and how much rarer it is than GB18030, in half bits."""

    codec: str
    languages: tuple[str, ...]
    rarity: int = 0


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

WIDER = {"cp950": "big5hkscs", "cp932": "shift_jis_2004", "euc_jp": "euc_jis_2004"}  # where the usual codec fails
BASE = {wider: usual for usual, wider in WIDER.items()}


class CharCosts(dict[str, int]):
    """What a character costs in a language."""

    def __missing__(self, char: str) -> int:
        cost = self[char] = _unlisted(char)
        return cost


def _unlisted(char: str) -> int:
    code = ord(char)
    if code < 0x80:
        return PRINTABLE if char.isprintable() or char in "\t\n\r\x1b" else CONTROL
    if char == "\ufffd":
        return BAD
    if 0xFF00 < code < 0xFF5F:
        return WIDE
    if code < 0xA0 or not char.isprintable():
        return STRANGE
    return LETTER if code < 0xE80 and char.isalnum() else RARE


@cache
def costs(language: str) -> CharCosts:
    """The table of a language, read from `frequency/`."""
    table = CharCosts()
    for line in files(__package__).joinpath(f"frequency/{language}.txt").read_text("utf-8").splitlines():
        cost, _, chars = line.partition(" ")
        if cost != "#":
            table.update(dict.fromkeys(chars, int(cost)))
    return table


def _languages(codec: str) -> tuple[str, ...]:
    return CODECS[BASE.get(codec, codec)].languages if BASE.get(codec, codec) in CODECS else CJK


def char_cost(char: str, codec: str) -> int:
    return min(costs(language)[char] for language in _languages(codec))


def text_cost(text: str, codec: str) -> int:
    """What `text`, read in `codec`, costs in the language that suits it best."""
    counts = Counter(text)
    return min(_cost(counts, costs(language)) for language in _languages(codec))


def _cost(counts: Counter[str], table: CharCosts) -> int:
    total = 0
    for char, count in counts.items():
        cost = table[char]
        total += cost + (count - 1) * (min(cost, REPEATED) if cost < BAD else cost)
    return total


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
    if bad and codec.startswith("utf-32"):
        return cost + 4 * bad * BAD  # four bytes each
    if bad and text.endswith("\ufffd"):
        bad -= 1
        cost += CUT - BAD
    return cost + DAMAGE * (bad > 0)
