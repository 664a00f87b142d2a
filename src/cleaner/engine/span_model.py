"""A learned scorer of characters: sums of the integer weights of n-grams, and the spans whose sum is high.

There is no hidden layer. A character's sum is that of the n-grams that cover it, smoothed over its neighbours and its
line; a span is judged by a second sum over numbers such as its length, its place and how often it returns.
All arithmetic is on integers, so every machine gives the same answer.
"""

from __future__ import annotations

import json
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .span_ends import ADDRESS, LETTERS, PAIRS, SENTENCE_END, Sums, is_code, may_hold_mark, runs

if TYPE_CHECKING:
    from pathlib import Path

Array = np.ndarray[Any, Any]
BITS = 18  # of the buckets of n-grams
GRAMS = (("text", 1), ("text", 2), ("text", 3), ("text", 4), ("text", 5), ("class", 3), ("class", 5), ("class", 7))
WHOLE = 420  # divisible by the lengths of all n-grams
UNIT = 24  # steps of a weight in one unit of log odds
BOX = 9  # characters over which a sum is smoothed
CHUNK = 1 << 14  # characters whose n-grams are summed at once, small enough for the cache
REACH = 8  # more than the longest n-gram
EDGE = 40  # lines of the head and the tail
PERSONS = re.compile("[他她我你咱]")
SAID = re.compile("[“”「」‘’]")


Parts = tuple[tuple[str, float], ...]


class Span(NamedTuple):
    """Characters `[start, end)` of a text, and what the second sum makes of them, in log odds above the threshold."""

    start: int
    end: int
    score: float


class RowSpan(NamedTuple):
    """A span in characters of its line; `parts` are the n-grams that count most in it, as evidence."""

    start: int
    end: int
    score: float
    parts: Parts


def folded(text: str) -> tuple[Array, Array]:
    """The characters of a text without differences of width, case and digits; and their classes."""
    codes = np.frombuffer(text.encode("utf-32-le"), np.uint32).copy()
    wide = (codes >= 0xFF01) & (codes <= 0xFF5E)
    codes[wide] -= 0xFEE0
    codes[codes == 0x3000] = 32
    upper = (codes >= 65) & (codes <= 90)
    codes[upper] += 32
    digits = (codes >= 48) & (codes <= 57)
    codes[digits] = 48
    classes = np.full(codes.size, 9, np.uint32)
    classes[(codes >= 0x3400) & (codes < 0xA000)] = 1
    classes[(codes >= 97) & (codes <= 122)] = 2
    classes[digits] = 3
    classes[(codes == 32) | (codes == 9)] = 4
    classes[codes == 10] = 5
    classes[(codes >= 0x2010) & (codes < 0x2100)] = 6
    classes[(codes >= 0x3001) & (codes < 0x3030)] = 6
    classes[(codes > 32) & (codes < 127) & (classes == 9)] = 7
    return codes, classes


def buckets(codes: Array, classes: Array) -> list[Array]:
    """For each kind of n-gram the bucket of the one that begins at each character; at the end it is padded."""
    found = []
    for number, (source, length) in enumerate(GRAMS):
        values = np.concatenate([(codes if source == "text" else classes) + np.uint32(1), np.zeros(length, np.uint32)])
        key = np.full(codes.size, (2654435761 * (number + 1)) & 0xFFFFFFFF, np.uint32)
        for offset in range(length):
            key = (key ^ values[offset : offset + codes.size]) * np.uint32(16777619)
            key ^= key >> np.uint32(15)
        key = key * np.uint32(2246822519)
        found.append(((key ^ (key >> np.uint32(13))) & np.uint32((1 << BITS) - 1)).astype(np.int32))
    return found


def cover(values: Array, length: int) -> Array:
    """For each character the sum over the `length` places that end with it."""
    sums = np.concatenate([np.zeros(length, values.dtype), np.cumsum(values)])
    return np.asarray(sums[length:] - sums[: values.size])


def box(values: Array) -> Array:
    """For each character the sum over BOX characters around it, outside of the text none."""
    half = BOX // 2
    sums = np.pad(np.cumsum(values), (half + 1, 0))
    sums = np.pad(sums, (0, half), "edge")
    return np.asarray(sums[2 * half + 1 :] - sums[: values.size])


def _stretches(size: int, reach: int) -> Iterator[tuple[int, int, int, int]]:
    """CHUNK characters after the other, and the same with their surroundings."""
    for start in range(0, size, CHUNK):
        end = min(start + CHUNK, size)
        yield start, end, max(0, start - reach), min(end + reach, size)


class SpanModel:
    """The weights of n-grams, and those of the second sum with their threshold."""

    def __init__(self, weights: Array, second: list[float], threshold: float, opens: float = 0.0) -> None:
        self.weights = weights
        self._weights = weights.astype("int32")
        self.second = second
        self.threshold = threshold
        self.opens = opens

    def characters(self, text: str) -> Sums:
        """What the n-grams of a text say of its characters and lines, in log odds."""
        codes, classes = folded(text)
        own = np.zeros(codes.size, np.int32)
        for start, end, low, high in _stretches(codes.size, REACH):
            own[start:end] = self._own(codes[low:high], classes[low:high])[start - low : end - low]
        ends = codes == 10
        del codes, classes  # of 4 MB of text each array of numbers is some 10 MB
        line = np.zeros(ends.size, np.int32)
        np.cumsum(ends[:-1], out=line[1:])
        count = int(line[-1]) + 1 if line.size else 0
        sums = np.bincount(line, weights=own, minlength=count).astype(np.int64)  # whole numbers below 2^53: exact
        means = sums // np.maximum(np.bincount(line, minlength=count), 1)
        scale = UNIT * WHOLE
        smooth = np.zeros(own.size)
        for start, end, low, high in _stretches(own.size, BOX):
            near = box(own[low:high].astype(np.int64))[start - low : end - low]
            smooth[start:end] = (own[start:end] * 4 + near * 4 // BOX + means[line[start:end]] * 4) // 10 / scale
        return Sums(smooth, own / scale, line, means / scale)

    def _own(self, codes: Array, classes: Array) -> Array:
        own = np.zeros(codes.size, np.int32)
        for (_, length), bucket in zip(GRAMS, buckets(codes, classes), strict=True):
            own += cover(self._weights[bucket], length) * np.int32(WHOLE // length)
        return own

    def spans(self, text: str, least: float = 0.0, whole: bool = True) -> list[Span]:
        """The spans of a text (line ends `\\n`) whose score is over `least`; `whole`: it begins and ends a document."""
        if not text.strip() or is_code(text):
            return []
        sums = self.characters(text)
        found = runs(text, sums, self.opens)
        scored = [
            Span(start, end, round(sum(a * b for a, b in zip(row, self.second, strict=True)) - self.threshold, 4))
            for (start, end), row in zip(found, features(text, sums, found, whole), strict=True)
        ]
        return [span for span in scored if span.score > least]

    def by_row(self, text: str, least: float, whole: bool) -> dict[str, tuple[RowSpan, ...]]:
        """The same by the lines on which they stand. A line that returns has the spans of where they score least."""
        rows: dict[int, list[Span]] = {}
        for span in self.spans(text, min(least, -1e9), whole):
            rows.setdefault(text.rfind("\n", 0, span.start) + 1, []).append(span)
        found: dict[str, tuple[RowSpan, ...]] = {}
        for low, spans in rows.items():
            end = text.find("\n", low)
            row = text[low : end if end >= 0 else len(text)]
            if not may_hold_mark(row):
                continue
            kept = tuple(RowSpan(one.start - low, one.end - low, one.score, ()) for one in spans if one.score > least)
            if row not in found or sum(one.score for one in kept) < sum(one.score for one in found[row]):
                found[row] = kept
        return {row: tuple(self._explained(row, one) for one in spans) for row, spans in found.items() if spans}

    def _explained(self, row: str, span: RowSpan) -> RowSpan:
        grams = tuple((f"“{gram}”", weight) for gram, weight in self.reasons(row, span.start, span.end, span.score > 0))
        return span._replace(parts=grams)

    def reasons(self, text: str, start: int, end: int, removed: bool, most: int = 3) -> list[tuple[str, float]]:
        """The n-grams whose weights count most for what was decided about a span, with what each adds in all."""
        span = text[start:end]
        shares: Counter[str] = Counter()
        sign = 1 if removed else -1
        for (source, length), bucket in zip(GRAMS, buckets(*folded(span)), strict=True):
            if source == "class" or length == 1:
                continue
            for at in range(len(span) - length + 1):
                shares[span[at : at + length]] += int(self.weights[bucket[at]])
        ranked = sorted(shares.items(), key=lambda one: (-sign * one[1], one[0]))
        return [(gram, round(weight / UNIT, 2)) for gram, weight in ranked[:most]]


NUMBERS = 34


def features(text: str, found_sums: Sums, spans: list[tuple[int, int]], whole: bool = True) -> list[list[float]]:
    """The numbers of each span that the second sum is over: constant, evidence, length, place, repetition, look."""
    if not spans:
        return []
    sums, line, means = found_sums.smooth, found_sums.line, found_sums.means
    rows = text.split("\n")
    filled = [number for number, row in enumerate(rows) if row.strip()]
    rank = {number: at for at, number in enumerate(filled)}
    starts = np.cumsum([0, *(len(row) + 1 for row in rows)])
    same = Counter(row.strip() for row in rows)
    strings = Counter(text[start:end].strip() for start, end in spans)
    total = np.concatenate([[0.0], np.cumsum(sums)])
    share = sum(end - start for start, end in spans) / max(len(text), 1)
    found = []
    for start, end in spans:
        number = int(line[start])
        row, string = rows[number], text[start:end]
        low = int(starts[number])
        size = end - start
        rest = len(row.strip()) - len(string.strip())
        sum_in, sum_line = float(total[end] - total[start]), float(total[low + len(row)] - total[low])
        at = rank.get(number, 0)
        before = float(means[filled[at - 1]]) if at else 0.0
        after = float(means[filled[at + 1]]) if at + 1 < len(filled) else 0.0
        alone = rest <= 1
        left = text[start - 1] if start else "\n"
        right = text[end] if end < len(text) else "\n"
        found.append([
            1.0,
            min(sum_in, 120.0) / 20,
            min(sum_in / size, 6.0),
            min(float(sums[start:end].max()), 8.0) / 2,
            min(size, 80) / 20,
            float(alone),
            float(alone) * min(sum_in / size, 6.0),
            0.0 if alone else max(min((sum_line - sum_in) / max(rest, 1), 2.0), -4.0),
            0.0 if alone else float(left in SENTENCE_END),
            0.0 if alone else float(right in "\n”’」』"),
            0.0 if alone else float(left not in SENTENCE_END and right not in "\n，。！？”"),
            float(whole and at < EDGE),
            float(whole and len(filled) - at <= EDGE),
            min(same[row.strip()] - 1, 5) / 2 if alone else 0.0,
            min(strings[string.strip()] - 1, 5) / 2,
            max(min(before, 3.0), -3.0),
            max(min(after, 3.0), -3.0),
            float(ADDRESS.search(string) is not None),
            float(PERSONS.search(string) is not None),
            float(SAID.search(string) is not None),
            min(len(re.findall("[，；]", string)), 4) / 2,
            float(string[-1:] in "。！？"),
            min(share, 0.5) * 4,
            float(PAIRS.get(string[:1]) == string[-1:]),
            min(len(rows), 400) / 200,
            float(size < 6),
            max(min(sum_in / size, 6.0) - 1.0, 0.0),
            max(min(sum_in / size, 6.0) - 2.0, 0.0),
            max(min(sum_in / size, 6.0) - 3.0, 0.0),
            float(alone and ADDRESS.search(string) is not None),
            float(alone and whole and (at < EDGE or len(filled) - at <= EDGE)),
            float(len(LETTERS.findall(string)) < 9),
            max(min(float(means[number]), 4.0), -4.0),
            float(not alone and ADDRESS.search(string) is not None),
        ])  # fmt: skip
    return found


@cache
def load_model(path: Path) -> SpanModel:
    """The model that lies in two files: PATH.json with the second sum, PATH.bin with the weights of n-grams."""
    head = json.loads(path.with_suffix(".json").read_text("utf-8"))
    weights = np.frombuffer(zlib.decompress(path.with_suffix(".bin").read_bytes()), np.int8)
    return SpanModel(weights, head["second"], head["threshold"], head["opens"])


def save_model(model: SpanModel, path: Path) -> None:
    """Write what `load_model` reads."""
    head = {"second": model.second, "threshold": model.threshold, "opens": model.opens}
    path.with_suffix(".json").write_text(json.dumps(head, indent=1) + "\n", "utf-8")
    path.with_suffix(".bin").write_bytes(zlib.compress(model.weights.tobytes(), 9))
