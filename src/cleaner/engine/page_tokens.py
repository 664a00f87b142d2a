"""The lines of a flattened web page as buckets: of words and pairs of words, and of what needs no language.

That is lengths, ends, capitals, repetition, place, and the shapes of the lines around.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy

    Array = numpy.ndarray[Any, Any]

BITS = 17  # of the buckets of shapes, and of those of words
UNIT = 32  # steps of a weight in one unit of log odds
LOOKED_AT = 300  # characters of a line
MOST_WORDS = 60
SHORT = 12  # words of a line that is also looked up whole
TOKEN = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]|[^\W\d_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]+(?:['’][a-z]+)?|\d+|[^\w\s]"
)
ADDRESS = re.compile(r"https?:|www\.|\.com|\.cn|\.org|\.net|@", re.IGNORECASE)
DATE = re.compile(
    r"\d{4}[-/年.]\d{1,2}|\d{1,2}[:：]\d{2}|\d{1,2}/\d{1,2}/\d{2,4}"
    r"|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? \d|\bago\b",
    re.IGNORECASE,
)
KIND_BITS = 13
WORD, UPPER, NUMBER, END, COMMA, BAR, QUOTE, RIGHTS, QUESTION, MONEY, SELF, REPLY, TELLING = (
    1 << bit for bit in range(KIND_BITS)
)
TELLS = 4  # letters of a word that says what a text is about
SIGNS = {
    **dict.fromkeys("。！.!…", END),
    **dict.fromkeys("?？", END | QUESTION),
    **dict.fromkeys("，、；,;", COMMA),
    **dict.fromkeys("|｜»›>«·•/→", BAR),
    **dict.fromkeys('“”"「」', QUOTE),
    **dict.fromkeys("$€£¥￥", MONEY),
    "©": RIGHTS,
}
SAID = {
    **dict.fromkeys(("i", "i'm", "i've", "my", "we", "我"), SELF),
    **dict.fromkeys(("reply", "quote", "report", "like", "share"), REPLY),
}
LENGTHS = (1, 2, 3, 5, 8, 12, 18, 28, 45, 80, 140)
NEAR = (-3, -2, -1, 1, 2, 3)
LONGEST = 2000  # characters of a line that are counted


class PageTokens(NamedTuple):
    """The lines of a page that are not blank, and for the first sum their buckets, each with the line it is of.

    `facts` has a row for each line: characters (2000 at most), words, stops, how it closes, commas, capitals, numbers,
    lines that are equal, those that begin alike, its form, whether it has a date. `hashes` and `signs` are of tokens.
    """

    numbers: list[int]
    shapes: Array
    shape_line: Array
    words: Array
    word_line: Array
    facts: Array
    hashes: Array
    signs: Array
    line: Array

    def kinds(self, kind: int) -> Array:
        """How many tokens of a kind each line has."""
        import numpy as np

        return np.bincount(self.line, (self.signs & kind) > 0, len(self.numbers)).astype(np.int64)


def _bins(values: Array, cuts: tuple[float, ...]) -> Array:
    import numpy as np

    return np.searchsorted(np.array(cuts), values, "left").astype(np.int64)


def _mixed(*parts: Array | int) -> Array:
    """A bucket for each row of some small numbers."""
    import numpy as np

    key = np.full(1, 0x9E3779B97F4A7C15, np.uint64)
    for part in parts:
        key = (key ^ np.asarray(part).astype(np.uint64)) * np.uint64(0xFF51AFD7ED558CCD)
        key = key ^ (key >> np.uint64(32))
    return np.asarray(key & np.uint64((1 << BITS) - 1)).astype(np.int64)


@cache
def _sign(token: str) -> int:
    """The hash of a token in its upper bits, what it is in the lower ones."""
    if token.isdigit():
        return (zlib.crc32(b"0" * min(4, len(token))) << KIND_BITS) | WORD | NUMBER
    kind, low = SIGNS.get(token, 0), token.lower()
    if token[0].isalpha():
        kind = WORD | (UPPER if token[0].isupper() else 0) | SAID.get(low, 0)
        kind |= TELLING if len(token) >= TELLS or token > "\u3040" else 0
    return (zlib.crc32(low.encode("utf-8", "surrogatepass")) << KIND_BITS) | kind


def tokens(text: str) -> PageTokens:
    """What the first sum of a text (line ends `\\n`) is over."""
    import numpy as np

    rows = text.split("\n")
    numbers = [number for number, row in enumerate(rows) if row.strip()]
    lines = [rows[number].strip() for number in numbers]
    found = [TOKEN.findall(line[:LOOKED_AT]) for line in lines]
    counts = np.array([len(one) for one in found], np.int64)
    signs = np.array([_sign(token) for one in found for token in one], np.int64)
    line = np.repeat(np.arange(len(lines)), counts)
    hashes, signs = signs >> KIND_BITS, signs & ((1 << KIND_BITS) - 1)
    shapes, facts = _shapes(rows, numbers, lines, signs, line)
    words, word_line = _words(lines, hashes, line, counts)
    shape_line = np.tile(np.arange(len(lines)), len(shapes))
    return PageTokens(numbers, np.concatenate(shapes), shape_line, words, word_line, facts, hashes, signs, line)


def _words(lines: list[str], hashes: Array, line: Array, counts: Array) -> tuple[Array, Array]:
    """Words, pairs of them, the first and the last one, and short lines as a whole (twice)."""
    import numpy as np

    first = np.cumsum(counts) - counts
    keep = np.arange(hashes.size) - first[line] < MOST_WORDS
    pair = keep[1:] & (line[1:] == line[:-1])
    short = np.flatnonzero((counts < SHORT) & (counts > 0))
    whole = np.array([zlib.crc32(re.sub(r"\d", "0", lines[n].lower()).encode("utf-8", "replace")) for n in short], int)
    buckets = [
        _mixed(1, hashes[keep]),
        _mixed(2, hashes[:-1][pair], hashes[1:][pair]),
        _mixed(3, hashes[first[short]]),
        _mixed(4, hashes[first[short] + counts[short] - 1]),
        _mixed(5, whole),
        _mixed(5, whole),
    ]
    of = [line[keep], line[1:][pair], short, short, short, short]
    return np.concatenate(buckets), np.concatenate(of)


def _shapes(
    rows: list[str], numbers: list[int], lines: list[str], kinds: Array, line: Array
) -> tuple[list[Array], Array]:
    """The buckets of what needs no language, an array for each kind of them, with one number for each line; facts."""
    import numpy as np

    size = len(lines)
    at = np.arange(size)

    def count(kind: int) -> Array:
        return np.bincount(line, (kinds & kind) > 0, size)

    length = np.array([min(len(one), LONGEST) for one in lines], np.int64)
    words = count(WORD)
    many = np.maximum(words, 1)
    ends, commas = count(END), count(COMMA)
    last = np.array([ord(one[-1]) for one in lines], np.int64)
    closed = np.array([2 if one[-1] in "。！？.!?…'”\"」』)）" else one[-1] in ":：" for one in lines], np.int64)
    opened = np.array([_opening(one[0]) for one in lines], np.int64)
    wide = _bins(words, LENGTHS)
    capitals = _bins(count(UPPER) / many, (0.2, 0.5, 0.8))
    repeated, starts = Counter(lines), Counter(one[:4] for one in lines)
    again = np.array([min(3, repeated[one] - 1) for one in lines], np.int64)
    alike = _bins(np.array([starts[one[:4]] - 1 for one in lines]), (0, 2, 6))
    blank = np.array([not row.strip() for row in [*rows, ""]])
    number = np.array(numbers, np.int64)
    before, behind = (blank[number - 1] & (number > 0)).astype(int), blank[number + 1].astype(int)
    prose = np.where((words >= 12) & (ends > 0), words, 0)
    total = max(1.0, float(prose.sum()))
    place = _bins((np.cumsum(prose) - prose) / total, (0, 0.1, 0.5, 0.9, 0.999))
    head, tail = _bins(at, LENGTHS), _bins(size - 1 - at, LENGTHS)
    much, few = _bins(np.full(size, total) / 8, LENGTHS), np.minimum(wide, 8)
    dated = np.array([DATE.search(one[:200]) is not None for one in lines], np.int64)
    linked = np.array([ADDRESS.search(one[:200]) is not None for one in lines], np.int64)
    form = (np.minimum(wide, 10) * 3 + closed) * 4 + np.where(wide < 9, capitals, 0)
    rough = form // 4
    found: list[tuple[Array | int, ...]] = [
        (wide, _bins(length, (4, 9, 16, 30, 60, 120, 300))), (closed, wide), (capitals, wide),
        (_bins(count(NUMBER) / many, (0, 0.1, 0.3, 0.6)), np.minimum(wide, 6)), (again, wide), (alike, few),
        (before, behind, wide), (place,), (place, wide), (head,), (head, few), (tail,), (tail, few),
        (np.minimum(count(BAR), 3), few), (linked, wide), (dated, wide), (_bins(ends / many, (0, 0.05, 0.12)), wide),
        (_bins(commas / many, (0, 0.04, 0.1)), wide), (count(QUOTE) > 0, wide), (count(RIGHTS) > 0,),
        (opened, np.minimum(wide, 5)), (np.where(last < 0x250, last, 0),), (at == 0,),
        (np.full(size, int(_bins(np.array([size / 8]), LENGTHS)[0])),), (much,), (much, place),
        (moved(rough, -1), form, moved(rough, 1)), (place, form, before, behind),
    ]  # fmt: skip
    for step in NEAR:
        found.append((moved(form, step), step + 9))
        found.append((moved(wide, step), step + 9, rough))
    sums = np.concatenate([[0.0], np.cumsum(words)])
    for reach in (4, 10):
        low, high = np.maximum(at - reach, 0), np.minimum(at + reach + 1, size)
        found.append((_bins((sums[at] - sums[low]) // np.maximum(at - low, 1), LENGTHS), reach, wide))
        found.append((_bins((sums[high] - sums[at + 1]) // np.maximum(high - at - 1, 1), LENGTHS), reach, wide))
    buckets = [np.broadcast_to(_mixed(64 + kind, *parts), (size,)) for kind, parts in enumerate(found)]
    equal = np.array([repeated[one] for one in lines], np.int64) - 1
    facts = [length, words, ends, closed, commas, count(UPPER), count(NUMBER), equal]
    facts += [np.array([starts[one[:4]] for one in lines], np.int64), rough, dated]
    return buckets, np.stack(facts, 1).astype(np.int64)


def _opening(char: str) -> int:
    if char.isalpha():
        return 1 if char.isupper() else 2 if char.islower() else 3
    return 4 if char.isdigit() else min(ord(char), 0x3100)


def moved(values: Array, step: int, none: int = 999) -> Array:
    """Those of the line `step` lines further on, `none` where there is none."""
    import numpy as np

    found = np.full(values.size, none, values.dtype)
    if abs(step) < values.size:
        if step > 0:
            found[:-step] = values[step:]
        else:
            found[-step:] = values[:step]
    return found
