"""The tables behind the scorer, as `training/` wrote them: read once, when first needed.

`letters.bin` holds, for each alphabet, what a letter costs behind another one in each of its languages;
`frequency/*.txt` what a character of Chinese, Japanese and Korean costs wherever it stands.
"""

from __future__ import annotations

import unicodedata
import zlib
from functools import cache
from importlib.resources import files

import msgspec

LANE = 32  # bits of a sum for one language: 65 million letters of the highest cost
HIGHEST = 32  # half bits; what a letter costs that a language does not have
BACKOFF = 4  # half bits by which a letter behind one that it never follows costs more than anywhere
TWO = [b"".join((2 + 2 * half).to_bytes(LANE // 8, "little") for half in divmod(byte, 16)) for byte in range(256)]
CJK = ("zh", "zh-hant", "ja", "ko")


class Packed(msgspec.Struct, frozen=True):
    """Costs of one alphabet as stored: of pairs (two characters each) and of single letters, one nibble a language."""

    languages: list[str]
    letters: str
    letter_costs: bytes
    pairs: str
    pair_costs: bytes


class Alphabet:
    """What the letters of one script cost, one lane of a big integer for each language, so that a sum is one addition.

    A cost is 2 + 2n half bits for a nibble n.
    """

    def __init__(self, packed: Packed) -> None:
        self.languages = packed.languages
        self._width = (len(packed.languages) + 1) // 2
        self._pairs = {packed.pairs[at : at + 2]: at // 2 for at in range(0, len(packed.pairs), 2)}
        self._letters = {letter: number for number, letter in enumerate(packed.letters)}
        self._packed = packed
        self.unknown = self._lanes(b"\xff" * self._width)

    def row(self, before: str, letter: str) -> int:
        """The lanes of `letter` behind `before`, both in lower case; a blank stands for what is no letter."""
        number = self._pairs.get(before + letter)
        costs = self._packed.pair_costs
        if number is None:
            number, costs = self._letters.get(letter), self._packed.letter_costs
        return self.unknown if number is None else self._lanes(costs[number * self._width : (number + 1) * self._width])

    def middling(self, letter: str) -> int:
        """What `letter` costs where nothing is known of its neighbours."""
        number = self._letters.get(letter)
        return HIGHEST if number is None else max(2, self.cheapest(self.row("", letter))[0] - BACKOFF)

    def cheapest(self, lanes: int) -> tuple[int, int]:
        """The cost in the language that suits best, and its number."""
        size = len(self.languages)
        costs = memoryview(lanes.to_bytes(size * LANE // 8, "little")).cast("I")
        return min((cost, number) for number, cost in enumerate(costs))

    def in_language(self, lanes: int, number: int) -> int:
        return lanes >> (number * LANE) & 0xFFFFFFFF

    def _lanes(self, nibbles: bytes) -> int:
        return int.from_bytes(b"".join([TWO[byte] for byte in nibbles])[: len(self.languages) * LANE // 8], "little")


@cache
def alphabets() -> dict[str, Alphabet]:
    """By the first word of the Unicode names of their letters (LATIN, CYRILLIC)."""
    raw = zlib.decompress(files(__package__).joinpath("letters.bin").read_bytes())
    stored = msgspec.msgpack.decode(raw, type=dict[str, Packed])
    return {script: Alphabet(packed) for script, packed in stored.items()}


@cache
def script_of(char: str) -> str:
    """The first word of the name of a letter or a mark that belongs to one script; "" for all else."""
    if unicodedata.category(char)[0] not in "LM" or unicodedata.normalize("NFKC", char)[0].isascii() > char.isascii():
        return ""  # ª, ﬁ, ｗ are no letters of a word
    name = unicodedata.name(char, "").split()
    return "" if not name or name[0] in ("MODIFIER", "COMBINING", "ZERO", "MICRO", "VARIATION") else name[0]


@cache
def frequencies(language: str) -> dict[str, int]:
    """What the characters of a language of `CJK` cost, in half bits."""
    table: dict[str, int] = {}
    for line in files(__package__).joinpath(f"frequency/{language}.txt").read_text("utf-8").splitlines():
        cost, _, chars = line.partition(" ")
        if cost != "#":
            table.update(dict.fromkeys(chars, int(cost)))
    return table
