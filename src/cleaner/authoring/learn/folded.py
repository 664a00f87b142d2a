"""A text as the finder compares it: letters only, without width, case and look-alikes, a run of digits as one 0.

What a site changes from file to file (numbers, dates, symbols between letters, full width, Cyrillic letters) is gone,
so that the same mark gives the same letters. Each letter knows its character, so that the way back is exact.
"""

from __future__ import annotations

import re
from functools import cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

from ...matching.normalize import ALIKE

if TYPE_CHECKING:
    import numpy

    Array = numpy.ndarray[Any, Any]

NEWLINE, ZERO = 10, ord("0")
EAST = 0x2E80  # from here on a letter stands for a syllable or a word
WINDOW = 6  # letters, in lines with letters of the East
LATIN_WINDOW = 16  # letters, in other lines: six are one word
# No brackets, dots or quotes, in which an author puts words as well.
SIGN = r"[=＝|｜~～*＊^＾_+＋#＃@★☆◆◇■□●○※]"
SHORT = re.compile(rf"(?<={SIGN})[\u4e00-\u9fff]{{3,{WINDOW - 1}}}(?={SIGN})")
MOST_CHARS = 4 << 20  # of one file that are looked at


class Folded(NamedTuple):
    """Letters, the character of the text that each stands for, and where each line begins and ends in the letters."""

    text: str
    letters: Array
    at: Array
    starts: Array
    ends: Array

    def string(self, start: int, end: int) -> str:
        return str(self.letters[start:end].astype("<u4").tobytes().decode("utf-32-le"))


def fold(text: str) -> Folded:
    """The letters of a text whose line ends are `\\n`."""
    import numpy as np

    text = text[:MOST_CHARS]
    codes = np.frombuffer(text.encode("utf-32-le", "replace"), np.uint32)
    letters = _table()[np.minimum(codes, 0xFFFF)]
    digit = letters == ZERO
    kept = letters != 0
    kept &= ~_again(digit, letters)
    at = np.flatnonzero(kept)
    letters = letters[at]
    breaks = np.flatnonzero(letters == NEWLINE)
    starts = np.concatenate(([0], breaks + 1))
    return Folded(text, letters, at, starts, np.concatenate((breaks, [letters.size])))


def _again(digit: Array, letters: Array) -> Array:
    """The digits behind a digit, whatever stands between them but letters and line ends: 2024-05-01 is one number."""
    import numpy as np

    some = np.flatnonzero(letters != 0)
    after = np.zeros(letters.size, bool)
    after[some[1:]] = digit[some[1:]] & digit[some[:-1]]
    return after


@cache
def _table() -> Array:
    """What each character becomes; 0 for what is no letter."""
    import numpy as np

    table = np.zeros(0x10000, np.uint32)
    for code in range(0x10000):
        char = chr(code)
        if char.isdecimal():
            table[code] = ZERO
        elif char.isalpha():
            plain = code - 0xFEE0 if 0xFF21 <= code <= 0xFF5A else code
            table[code] = ord(chr(plain).translate(ALIKE).lower()[0])
    table[NEWLINE] = NEWLINE
    table[0xFFFF] = 0  # a character beyond the first plane: emoji, rare characters
    return table


def line_hashes(folded: Folded) -> Array:
    """A number for each line, the same for the same letters."""
    import numpy as np

    if not folded.letters.size:
        return np.zeros(folded.starts.size, np.uint64)
    spot = np.arange(folded.letters.size) - np.repeat(
        folded.starts, np.diff(np.append(folded.starts, folded.letters.size))
    )
    mixed = _mix(folded.letters.astype(np.uint64) + (spot.astype(np.uint64) << np.uint64(32)))
    mixed[folded.letters == NEWLINE] = 0
    sums: Any = np.concatenate((np.zeros(1, np.uint64), np.cumsum(mixed)))
    return _mix(np.asarray(sums[folded.ends] - sums[folded.starts]))


def short_words(folded: Folded) -> tuple[list[tuple[int, int]], Array]:
    """Where words lie that no window holds, for they stand alone between symbols (`=落雪论坛=`); a number for each."""
    import numpy as np

    places = [found.span() for found in SHORT.finditer(folded.text)]
    words = (blake2b(folded.text[first:last].encode(), digest_size=8).digest() for first, last in places)
    return places, np.array([int.from_bytes(word) for word in words], np.uint64)


def windows(folded: Folded) -> tuple[Array, Array, Array]:
    """Of all windows within one line: where they begin, how long they are, and a number for each."""
    import numpy as np

    lengths: Any = folded.ends - folded.starts
    east: Any = np.concatenate((np.zeros(1, np.int64), np.cumsum(folded.letters >= EAST)))
    eastern = (east[folded.ends] - east[folded.starts]) * 3 >= lengths
    found = []
    for size, lines in ((WINDOW, eastern), (LATIN_WINDOW, ~eastern)):
        count = np.where(lines, np.maximum(lengths - size + 1, 0), 0)
        first = np.repeat(folded.starts - np.concatenate(([0], np.cumsum(count)[:-1])), count)
        start = first + np.arange(count.sum())
        key = np.zeros(start.size, np.uint64)
        for offset in range(size if start.size else 0):
            key = key * np.uint64(0x100000001B3) + folded.letters[start + offset]
        found.append((start, np.full(start.size, size), _mix(key)))
    start, size_of, key = (np.concatenate(pair) for pair in zip(*found, strict=True))
    order = np.argsort(start, kind="stable")
    return start[order], size_of[order], key[order]


def _mix(key: Array) -> Array:
    import numpy as np

    key = (key ^ (key >> np.uint64(31))) * np.uint64(0x9E3779B97F4A7C15)
    key = (key ^ (key >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed: Array = key ^ (key >> np.uint64(32))
    return mixed
