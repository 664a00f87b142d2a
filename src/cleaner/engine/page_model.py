"""A learned scorer of the lines of a flattened web page: sums of integer weights of words and of shapes.

A line's first sum is over its words and pairs of words, and over what needs no language: lengths, ends, capitals,
repetition, its place, and the shapes of the lines around it. A second sum is over the first sums of its neighbours and
over how much text lies before and behind. Above 0 speaks for boilerplate. All sums are of integers.
"""

from __future__ import annotations

import json
import re
import zlib
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

Array = np.ndarray[Any, Any]
BITS = 16  # of the buckets of shapes, and of those of words
UNIT = 32  # steps of a weight in one unit of log odds
SCALE = 1024  # steps of a weight of the second sum
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
WORD, UPPER, NUMBER, END, COMMA, BAR, QUOTE, RIGHTS = (1 << bit for bit in range(8))
SIGNS = {
    **dict.fromkeys("。！？.!?…", END),
    **dict.fromkeys("，、；,;", COMMA),
    **dict.fromkeys("|｜»›>«·•/→", BAR),
    **dict.fromkeys('“”"「」', QUOTE),
    "©": RIGHTS,
}
LENGTHS = (1, 2, 3, 5, 8, 12, 18, 28, 45, 80, 140)
NEAR = (-3, -2, -1, 1, 2, 3)
FAR = (6, 15)
MOST_TEXT = 300  # characters of a line that count as text


class PageTokens(NamedTuple):
    """The lines of a page that are not blank, and for the first sum their buckets, each with the line it is of."""

    numbers: list[int]
    sizes: Array  # characters of each line, 300 at most
    shapes: Array
    shape_line: Array
    words: Array
    word_line: Array


def _bins(values: Array, cuts: tuple[float, ...]) -> Array:
    return np.searchsorted(np.array(cuts), values, "left").astype(np.int64)


def _mixed(*parts: Array | int) -> Array:
    """A bucket for each row of some small numbers."""
    key = np.full(1, 0x9E3779B97F4A7C15, np.uint64)
    for part in parts:
        key = (key ^ np.asarray(part).astype(np.uint64)) * np.uint64(0xFF51AFD7ED558CCD)
        key = key ^ (key >> np.uint64(32))
    return np.asarray(key & np.uint64((1 << BITS) - 1)).astype(np.int64)


@cache
def _sign(token: str) -> int:
    """The hash of a token in its upper bits, what it is in the lower eight."""
    if token.isdigit():
        return (zlib.crc32(b"0" * min(4, len(token))) << 8) | WORD | NUMBER
    kind = SIGNS.get(token, 0)
    if token[0].isalpha():
        kind = WORD | (UPPER if token[0].isupper() else 0)
    return (zlib.crc32(token.lower().encode("utf-8", "surrogatepass")) << 8) | kind


def tokens(text: str) -> PageTokens:
    """What the first sum of a text (line ends `\\n`) is over."""
    rows = text.split("\n")
    numbers = [number for number, row in enumerate(rows) if row.strip()]
    lines = [rows[number].strip() for number in numbers]
    found = [TOKEN.findall(line[:LOOKED_AT]) for line in lines]
    counts = np.array([len(one) for one in found], np.int64)
    signs = np.array([_sign(token) for one in found for token in one], np.int64)
    line = np.repeat(np.arange(len(lines)), counts)
    shapes = _shapes(rows, numbers, lines, signs & 255, line)
    words, word_line = _words(lines, signs >> 8, line, counts)
    sizes = np.array([min(len(one), MOST_TEXT) for one in lines], np.int64)
    shape_line = np.tile(np.arange(len(lines)), len(shapes))
    return PageTokens(numbers, sizes, np.concatenate(shapes), shape_line, words, word_line)


def _words(lines: list[str], hashes: Array, line: Array, counts: Array) -> tuple[Array, Array]:
    """Words, pairs of them, the first and the last one, and short lines as a whole (twice)."""
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


def _shapes(rows: list[str], numbers: list[int], lines: list[str], kinds: Array, line: Array) -> list[Array]:
    """The buckets of what needs no language, an array for each kind of them, with one number for each line."""
    size = len(lines)
    at = np.arange(size)

    def count(kind: int) -> Array:
        return np.bincount(line, (kinds & kind) > 0, size)

    length = np.array([len(one) for one in lines], np.int64)
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
        (_moved(rough, -1), form, _moved(rough, 1)), (place, form, before, behind),
    ]  # fmt: skip
    for step in NEAR:
        found.append((_moved(form, step), step + 9))
        found.append((_moved(wide, step), step + 9, rough))
    sums = np.concatenate([[0.0], np.cumsum(words)])
    for reach in (4, 10):
        low, high = np.maximum(at - reach, 0), np.minimum(at + reach + 1, size)
        found.append((_bins((sums[at] - sums[low]) // np.maximum(at - low, 1), LENGTHS), reach, wide))
        found.append((_bins((sums[high] - sums[at + 1]) // np.maximum(high - at - 1, 1), LENGTHS), reach, wide))
    return [np.broadcast_to(_mixed(64 + kind, *parts), (size,)) for kind, parts in enumerate(found)]


def _opening(char: str) -> int:
    if char.isalpha():
        return 1 if char.isupper() else 2 if char.islower() else 3
    return 4 if char.isdigit() else min(ord(char), 0x3100)


def _moved(values: Array, step: int) -> Array:
    """Those of the line `step` lines further on, 999 where there is none."""
    found = np.full(values.size, 999, values.dtype)
    if abs(step) < values.size:
        if step > 0:
            found[:-step] = values[step:]
        else:
            found[-step:] = values[:step]
    return found


def numbers_of(sums: Array, sizes: Array) -> Array:
    """The numbers, all whole, that the second sum of each line is over. `sums`: the first ones, in steps of 1/UNIT."""
    size = sums.size
    at = np.arange(size)
    short = np.clip(sums, -6 * UNIT, 6 * UNIT)
    columns = [np.full(size, UNIT), short, np.maximum(short, 0)]
    for step in (1, -1, 2, -2, 3, -3):
        near = _moved(short, step)
        near[near == 999] = 0
        columns += [near, np.maximum(near, 0)]
    total = np.concatenate([[0], np.cumsum(short)])
    for reach in FAR:
        low, high = np.maximum(at - reach, 0), np.minimum(at + reach + 1, size)
        columns += [(total[at] - total[low]) // reach, (total[high] - total[at + 1]) // reach]
    text = sizes * np.clip(UNIT - short, 0, 2 * UNIT)
    ahead, whole = np.cumsum(text) - text, max(1, int(text.sum()))
    first, late = 50 * ahead < whole, 50 * ahead > 49 * whole
    columns += [UNIT * (1000 * ahead < whole), UNIT * first, UNIT * late, UNIT * (1000 * ahead > 999 * whole)]
    long = _bins(sizes, LENGTHS) * UNIT // 4
    columns += [np.full(size, int(total[-1]) // max(1, size)), first * short, late * short, long, long * (short < 0)]
    columns.append(np.full(size, min(12, (whole // UNIT).bit_length()) * UNIT // 4))
    return np.stack(columns, 1)


NUMBERS = 29


class PageModel:
    """The weights of words and of shapes, and those of the second sum."""

    def __init__(self, words: Array, shapes: Array, second: list[int], bias: int) -> None:
        self.words, self.shapes = words, shapes
        self.second, self.bias = second, bias

    def first(self, found: PageTokens) -> Array:
        """The first sum of each line, in steps of 1/UNIT."""
        size = found.sizes.size
        shapes = np.bincount(found.shape_line, self.shapes[found.shapes], size)
        words = np.bincount(found.word_line, self.words[found.words], size)
        many = np.maximum(np.bincount(found.word_line, minlength=size), 1)
        return np.rint(shapes + words / np.sqrt(many) + self.bias).astype(np.int64)

    def sums(self, text: str) -> dict[int, float]:
        """What speaks for boilerplate in each line that is not blank, by its number, in log odds."""
        if not text.strip():
            return {}
        found = tokens(text)
        second = numbers_of(self.first(found), found.sizes) @ np.array(self.second, np.int64)
        return dict(zip(found.numbers, np.round(second / (UNIT * SCALE), 3).tolist(), strict=True))


@cache
def load_page_model(path: Path) -> PageModel:
    """The model that lies in two files: PATH.json with the second sum, PATH.bin with words and shapes."""
    head = json.loads(path.with_suffix(".json").read_text("utf-8"))
    weights = np.frombuffer(zlib.decompress(path.with_suffix(".bin").read_bytes()), np.int8)
    return PageModel(weights[: 1 << BITS], weights[1 << BITS :], head["second"], head["bias"])


def save_page_model(model: PageModel, path: Path) -> None:
    """Write what `load_page_model` reads."""
    path.with_suffix(".json").write_text(json.dumps({"second": model.second, "bias": model.bias}) + "\n", "utf-8")
    path.with_suffix(".bin").write_bytes(zlib.compress(model.words.tobytes() + model.shapes.tobytes(), 9))
