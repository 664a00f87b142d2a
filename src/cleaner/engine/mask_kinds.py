"""What a mask stands for, by what is written around it: each n-gram on its two sides adds a whole number to each kind.

Nothing else happens: no layers, no floating point, so a result is the same on every machine and its largest shares
explain it. `training/placeholder_kinds.py` writes the weights, `rules/models/placeholder_kinds.md` says of what.
"""

from __future__ import annotations

import hashlib
import math
import re
import zlib
from collections.abc import Collection, Iterator
from functools import cache, lru_cache
from typing import Final, NamedTuple

from ..rules import builtin

KINDS: Final = ("date", "number", "org", "other", "person", "place")
UNIT: Final = 24  # what a weight of 1.0 (natural logarithm of odds) is in the file
GROUPS, WAYS = 1 << 14, 4  # of slots: an n-gram lies in one of the slots of its group
SLOTS: Final = GROUPS * WAYS
REACH: Final = 16  # characters on each side
LONGEST: Final = 6  # a mask of more characters counts as one of so many
SYMBOLS: Final = {"×✕✖╳": "c", "XxＸｘ": "x", "*＊": "s", "□○〇◯△▲◇●■█": "o", "_＿": "u", "某": "m"}
SYMBOL: Final = {symbol: name for symbols, name in SYMBOLS.items() for symbol in symbols}
FOLDED: Final = (
    {ord(symbol): "×" for symbol in SYMBOL if symbol != "某"}
    | {ord(digit): "0" for digit in "0123456789０１２３４５６７８９"}
    | {ord(wide): narrow for wide, narrow in zip("（）：；，！？［］．", "():;,!?[].", strict=True)}
)
RUN = re.compile("×{2,}|0{2,}")
ROW_BEFORE = re.compile("(?:×0?[、,和与及])+$")
ROW_BEHIND = re.compile("0?(?:[、,和与及]×0?)+")


class Share(NamedTuple):
    """What one n-gram adds to a kind: `place` is one of PLACES, `value` in natural logarithms of odds."""

    place: str
    gram: str
    value: float


# Where an n-gram stands, by the letter that it is stored under.
PLACES: Final = {
    "L": "right before it",
    "R": "right behind it",
    "l": "right before it",
    "r": "right behind it",
    "P": "on both sides",
    "C": "before the row of masks",
    "D": "behind the row of masks",
    "a": "before it",
    "b": "before it",
    "c": "before it",
    "d": "behind it",
    "e": "behind it",
    "f": "behind it",
    "g": "as the mask itself",
    "": "always",
}


def features(text: str, start: int, end: int) -> list[str]:
    """The n-grams around the mask `[start, end)` of its line, each behind the letter of its place."""
    low = text.rfind("\n", max(0, start - REACH), start) + 1 or max(0, start - REACH)
    high = text.find("\n", end, end + REACH)
    high = min(len(text), end + REACH) if high < 0 else high
    before = ("^" if not low or text[low - 1] == "\n" else "") + _folded(text[low:start])
    behind = _folded(text[end:high]) + ("$" if text[high : high + 1] in ("", "\n") else "")
    size, symbol = min(end - start, LONGEST), SYMBOL.get(text[start], "c")
    found = ["", f"g{size}", f"g{symbol}", f"g{symbol}{size}"]
    for length in range(1, 6):
        found += (f"L{before[-length:]}", f"R{behind[:length]}")
    for length in range(1, 4):
        found += (f"l{size}{before[-length:]}", f"r{size}{behind[:length]}")
    found += [f"P{before[-i:]}×{behind[:j]}" for i in (1, 2) for j in (1, 2)]
    found += _beyond_the_row(before, behind)
    found += _around(before[::-1], "abc", reverse=True)
    found += _around(behind, "def", reverse=False)
    return list(dict.fromkeys(found))


def _folded(text: str) -> str:
    """Digits and masks of any length are one character."""
    return RUN.sub(lambda run: run[0][0], text.translate(FOLDED))


def _beyond_the_row(before: str, behind: str) -> Iterator[str]:
    """What stands around a row of masks: 县长×、×、×出席."""
    if (row := ROW_BEFORE.search(before)) is not None:
        yield from (f"C{before[: row.start()][-length:]}" for length in (1, 2, 3))
    if (row := ROW_BEHIND.match(behind)) is not None:
        yield from (f"D{behind[row.end() :][:length]}" for length in (1, 2, 3))


def _around(side: str, names: str, reverse: bool) -> Iterator[str]:
    """The n-grams of a side that do not touch the mask; `side` begins next to it."""
    for at in range(1, len(side)):
        name = names[0] if at <= 2 else names[1] if at <= 6 else names[2]
        for length in range(1 if at <= 4 else 2, 5 if at <= 4 else 4):
            gram = side[at : at + length]
            if len(gram) == length:
                yield name + (gram[::-1] if reverse else gram)


def log_odds(sure: float) -> float:
    """What a rule of the weight `sure` says, in the unit of shares; weights beyond 0.01 and 0.99 count as those."""
    sure = min(max(sure, 0.01), 0.99)
    return math.log(sure / (1 - sure))


def slot_of(feature: str) -> tuple[int, int]:
    """The group of slots of an n-gram, and the byte by which it is known there (1 to 255; 0 is an empty slot)."""
    code = zlib.crc32(feature.encode())
    return code % GROUPS, (code >> 16) % 255 + 1


class Weights:
    """The table of a model: a byte for each slot that says which n-gram it holds, then a row of bytes for each slot."""

    def __init__(self, data: bytes) -> None:
        assert len(data) == SLOTS * (1 + len(KINDS))
        self.digest: Final = hashlib.sha256(data).digest()
        self._known = data[:SLOTS]
        self._rows = memoryview(data)[SLOTS:].cast("b")

    def row(self, feature: str) -> memoryview | None:
        """The weights of an n-gram, one for each of KINDS; None for one without."""
        group, check = slot_of(feature)
        at = self._known.find(check, group * WAYS, (group + 1) * WAYS)
        return self._rows[at * len(KINDS) : (at + 1) * len(KINDS)] if at >= 0 else None

    def sums(self, text: str, start: int, end: int) -> list[int]:
        """The sum for each of KINDS around the mask `[start, end)`."""
        low = max(0, start - REACH - 1)
        return list(self._sums(text[low : end + REACH + 1], start - low, end - low))

    @lru_cache(maxsize=4096)  # noqa: B019 - the tables live as long as the program
    def _sums(self, text: str, start: int, end: int) -> list[int]:
        rows = [row for name in features(text, start, end) if (row := self.row(name)) is not None]
        return [sum(column) for column in zip(*rows, strict=True)] or [0] * len(KINDS)

    def kind(
        self, text: str, start: int, end: int, allowed: Collection[str] = KINDS, guess: str = "other", sure: float = 0.5
    ) -> str:
        """The likeliest kind of the mask `[start, end)` among those `allowed`.

        `guess` is the kind that something else has for it, `sure` the probability of that (0.5 says nothing).
        """
        sums = self.sums(text, start, end)
        sums[KINDS.index(guess)] += round(UNIT * log_odds(sure))
        return max((kind for kind in KINDS if kind in allowed), key=lambda kind: sums[KINDS.index(kind)])

    def shares(self, text: str, start: int, end: int, kind: str, most: int = 3) -> list[Share]:
        """The n-grams that speak most clearly for `kind`: what they add to it above the mean of all kinds."""
        at = KINDS.index(kind)
        found = []
        for name in features(text, start, end):
            if (row := self.row(name)) is not None:
                found.append(Share(PLACES[name[:1]], _shown(name), (row[at] - sum(row) / len(KINDS)) / UNIT))
        best = {share.gram: share for share in sorted(found, key=lambda share: share.value)}
        return sorted(best.values(), key=lambda share: -share.value)[:most]


def _shown(feature: str) -> str:
    place, gram = feature[:1], feature[1:]
    return gram[1:] if place in ("l", "r") else gram


@cache
def built_in() -> Weights:
    """The model that ships with the program, read when the first mask needs it."""
    return Weights((builtin.folder() / "models" / "placeholder_kinds.bin").read_bytes())
