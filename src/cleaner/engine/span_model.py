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
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

    import numpy

    Array = numpy.ndarray[Any, Any]

BITS = 18  # of the buckets of n-grams
GRAMS = (("text", 1), ("text", 2), ("text", 3), ("text", 4), ("text", 5), ("class", 3), ("class", 5), ("class", 7))
WHOLE = 420  # divisible by the lengths of all n-grams
UNIT = 24  # steps of a weight in one unit of log odds
BOX = 9  # characters over which a sum is smoothed
CHUNK = 1 << 14  # characters whose n-grams are summed at once, small enough for the cache
REACH = 8  # more than the longest n-gram
EDGE = 40  # lines of the head and the tail
OWN = 60  # per cent of a line that are high, from which the runs on it are one
NEAR = 2  # characters between two runs that are one
SNAP = 5  # characters at the beginning of a run in which the end of a sentence is looked for
FEW = 5  # letters that may be left of a line
SENTENCE_END = frozenset("。！？…”’」』!?\n")
BLANK = " \t\u3000"
PUNCTUATION = " \t\u3000，。、！？；：,.!?;:"
PAIRS = {
    "(": ")",
    "（": "）",
    "[": "]",
    "【": "】",
    "〖": "〗",
    "［": "］",
    "<": ">",
    "《": "》",
    "『": "』",
    "「": "」",
    "{": "}",
}
CODE = re.compile(r"^```|\]\(https?:|^#+ |^\s*[{}]\s*$|^\|.*\|$|^\s*\"\w+\": ", re.MULTILINE)
MOST_CODE = 3  # per cent of the lines of a document that may look like code or markup
ADDRESS = re.compile(r"www|https?:|\.\s?(?:com|net|org|cn|cc|la|info)|[a-z0-9]{3,}\.[a-z]{2,3}", re.IGNORECASE)
LETTERS = re.compile(r"[\u3400-\u9fffA-Za-z\uff21-\uff3a\uff41-\uff5a\u3040-\u30ff\uac00-\ud7a3]")
DIGITS = re.compile(r"[0-9\uff10-\uff19]")
EASTERN = re.compile(r"[\u3400-\u9fff\u3040-\u30ff]")
LEAST_LETTERS, LONGEST = 9, 200  # of a span; a longer line is no mark, whatever its blanks and symbols look like
# A row of a table; 尧，舜，禹，汤 and 毫！无！美！感！, which look like a name with symbols between its characters.
TABLE = re.compile(r"&.*&|\t.*\t|\|.*\|")
LISTED = re.compile(r"(?:[\u3400-\u9fff][，．。、,！-]){3}")
SENTENCE = re.compile("[，。！？：；…“”「」『』 \t\u3000]")
# A hidden value: 毕业于XX大学XX学院 looks like a name with symbols between its characters.
SYMBOL = re.compile(r"[\u2190-\u2bff\u266f|/\\<>*#~^+=_-]")
CITED = frozenset(("“”", "「」", "『』", "《》", "‘’"))
MASK = re.compile(r"[×✕□○△⟦⟧]|[XxＸｘ*＊]{2}|某")
COLOPHON = re.compile(r"印\s*张|版\s*次|字\s*数|ISBN|定\s*价|开\s*本")  # what a publisher printed
PERSONS = re.compile("[他她我你咱]")
SAID = re.compile("[“”「」‘’]")


Parts = tuple[tuple[str, float], ...]


class Span(NamedTuple):
    """Characters `[start, end)` of a text, and what the second sum makes of them, in log odds above the threshold."""

    start: int
    end: int
    score: float


class Sums(NamedTuple):
    """For each character of a text its smoothed sum, its own, and the number of its line; the mean of each line."""

    smooth: Array
    own: Array
    line: Array
    means: Array


class RowSpan(NamedTuple):
    """A span in characters of its line; `parts` are the n-grams that count most in it, as evidence."""

    start: int
    end: int
    score: float
    parts: Parts


def folded(text: str) -> tuple[Array, Array]:
    """The characters of a text without differences of width, case and digits; and their classes."""
    import numpy as np

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
    import numpy as np

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
    import numpy as np

    sums = np.concatenate([np.zeros(1, values.dtype), np.cumsum(values)])
    at = np.arange(1, values.size + 1)
    return np.asarray(sums[at] - sums[np.maximum(at - length, 0)])


def box(values: Array) -> Array:
    """For each character the sum over BOX characters around it, outside of the text none."""
    import numpy as np

    half = BOX // 2
    sums = np.concatenate([np.zeros(1, values.dtype), np.cumsum(values)])
    at = np.arange(values.size)
    return np.asarray(sums[np.minimum(at + half + 1, values.size)] - sums[np.maximum(at - half, 0)])


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
        import numpy as np

        codes, classes = folded(text)
        own = np.zeros(codes.size, np.int64)
        for start in range(0, codes.size, CHUNK):
            end = min(start + CHUNK, codes.size)
            low = max(0, start - REACH)
            own[start:end] = self._own(codes[low : end + REACH], classes[low : end + REACH])[start - low : end - low]
        line = np.concatenate([[0], np.cumsum(codes == 10)[:-1]]) if codes.size else np.zeros(0, np.int64)
        sums = np.zeros(int(line[-1]) + 1 if codes.size else 0, np.int64)
        np.add.at(sums, line, own)
        means = sums // np.maximum(np.bincount(line, minlength=sums.size), 1)
        smooth = (own * 4 + box(own) * 4 // BOX + means[line] * 4) // 10
        scale = UNIT * WHOLE
        return Sums(smooth / scale, own / scale, line, means / scale)

    def _own(self, codes: Array, classes: Array) -> Array:
        import numpy as np

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
            kept = tuple(RowSpan(one.start - low, one.end - low, one.score, ()) for one in spans if one.score > least)
            if row not in found or sum(one.score for one in kept) < sum(one.score for one in found[row]):
                found[row] = kept
        return {row: tuple(self._explained(row, one) for one in spans) for row, spans in found.items() if spans}

    def _explained(self, row: str, span: RowSpan) -> RowSpan:
        grams = tuple((f"“{gram}”", weight) for gram, weight in self.reasons(row, span.start, span.end, span.score > 0))
        return span._replace(parts=grams)

    def reasons(self, text: str, start: int, end: int, removed: bool, most: int = 3) -> list[tuple[str, float]]:
        """The n-grams whose weights count most for what was decided about a span, with what each adds in all."""
        codes, classes = folded(text)
        shares: Counter[str] = Counter()
        sign = 1 if removed else -1
        for (source, length), bucket in zip(GRAMS, buckets(codes, classes), strict=True):
            if source == "class" or length == 1:
                continue
            for at in range(start, max(start, end - length + 1)):
                shares[text[at : at + length]] += int(self.weights[bucket[at]])
        ranked = sorted(shares.items(), key=lambda one: (-sign * one[1], one[0]))
        return [(gram, round(weight / UNIT, 2)) for gram, weight in ranked[:most]]


def is_code(text: str) -> bool:
    return 100 * len(CODE.findall(text)) > MOST_CODE * (text.count("\n") + 1)


def _may_be_mark(string: str) -> bool:
    """Whether a string has letters enough to say something and is no row of a table, list or foreign word."""
    if len(LETTERS.findall(string)) < LEAST_LETTERS or len(string) > LONGEST:
        return False
    if TABLE.search(string) or LISTED.search(string) or COLOPHON.search(string) or MASK.search(string):
        return False
    if len(EASTERN.findall(string)) < 2 and not ADDRESS.search(string):  # a heading in another script
        return False
    return 2 * len(DIGITS.findall(string)) < len(string)


def runs(text: str, sums: Sums, opens: float) -> list[tuple[int, int]]:
    """Runs of characters of one line whose smoothed sum is over `opens`, with exact ends."""
    high = sums.smooth > opens
    if not high.any():
        return []
    found: list[tuple[int, int]] = []
    at = 0
    for row in text.split("\n"):
        inside = high[at : at + len(row)]
        if inside.any():
            spans = _line_runs(row, inside.tolist(), sums.own[at : at + len(row)].tolist(), opens)
            found += ((at + low, at + top) for low, top in spans if _may_be_mark(row[low:top]))
        at += len(row) + 1
    return found


def _line_runs(row: str, high: list[bool], own: list[float], opens: float) -> list[tuple[int, int]]:
    """The runs of one line: the line itself where next to nothing else is on it, else cut where the n-grams end."""
    joined: list[list[int]] = []
    for number, one in enumerate(high):
        if one and joined and number - joined[-1][1] <= NEAR:
            joined[-1][1] = number + 1
        elif one:
            joined.append([number, number + 1])
    if 100 * sum(high) >= OWN * len(row):
        joined = [[joined[0][0], joined[-1][1]]]
    spans = []
    for first, last in joined:
        low, top = first, last
        while low < top and (own[low] < opens or row[low] in PUNCTUATION):
            low += 1
        while low < top and (own[top - 1] < opens or row[top - 1] in PUNCTUATION):
            top -= 1
        spans.append(_widened(row, *_bracketed(row, low, top)))
    return [(low, top) for low, top in spans if top > low and not _is_spoken(row, low, top)]


def _is_spoken(row: str, low: int, top: int) -> bool:
    """Whether a span is cited, runs into a sentence, or is words without an address in one: 把这一页加入书签."""
    left, right = row[low - 1 : low], row[top : top + 1]
    if left + right in CITED:
        return True
    if EASTERN.match(right) and EASTERN.match(row[top - 1]):  # nobody can say where it ends
        return True
    return EASTERN.match(left) is not None and not ADDRESS.search(row[low:top])


def _widened(row: str, low: int, top: int) -> tuple[int, int]:
    """To the ends of the line where only a few letters are left there, to those of a sentence where one is near."""
    if ends := [at for at in range(low, min(low + SNAP, top)) if row[at] in SENTENCE_END]:
        low = ends[-1] + 1
    elif not row[:low].strip() or (row[low - 1] not in BLANK and _is_little(row[:low])):
        low = len(row) - len(row.lstrip())
    elif row[low - 1] not in SENTENCE_END and (before := [at for at in (low - 2, low - 3) if row[at] in SENTENCE_END]):
        low = before[0] + 1
    rest = row[top:]
    if rest and rest[0] not in BLANK and _is_little(rest) and row[top - 1] not in ")）】]":
        top = len(row.rstrip())
    symbols = [at + 1 for at in range(max(low, top - SNAP), top) if SYMBOL.match(row[at])]
    if symbols and row[top : top + 1] and EASTERN.match(row[top]):
        top = symbols[-1]
    cuts = [at + 1 for at in range(max(low, top - SNAP), top - 1) if row[at] in "。！？" and row[at + 1] in BLANK]
    top = cuts[0] if cuts else top
    opening = [at for at in range(low, min(low + SNAP, top)) if row[at] in PAIRS]
    if opening and PAIRS[row[opening[0]]] == row[top - 1]:
        low = opening[0]
    return low, top


def _is_little(rest: str) -> bool:
    """Whether what is left of a line is a few letters without punctuation: the beginning of a name, not 他说：."""
    return len(LETTERS.findall(rest)) < FEW and not SENTENCE.search(rest.strip())


def _bracketed(row: str, low: int, top: int) -> tuple[int, int]:
    """With both brackets around, or without the half of a pair at either end."""
    if low and top < len(row) and PAIRS.get(row[low - 1]) == row[top]:
        return low - 1, top + 1
    if top < len(row) and PAIRS.get(row[low : low + 1]) == row[top]:
        return low, top + 1
    if low and top > low and PAIRS.get(row[low - 1]) == row[top - 1]:
        return low - 1, top
    return low, top


NUMBERS = 26


def features(text: str, found_sums: Sums, spans: list[tuple[int, int]], whole: bool = True) -> list[list[float]]:
    """The numbers of each span that the second sum is over: constant, evidence, length, place, repetition, look."""
    import numpy as np

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
        ])  # fmt: skip
    return found


@cache
def load_model(path: Path) -> SpanModel:
    """The model that lies in two files: PATH.json with the second sum, PATH.bin with the weights of n-grams."""
    import numpy as np

    head = json.loads(path.with_suffix(".json").read_text("utf-8"))
    weights = np.frombuffer(zlib.decompress(path.with_suffix(".bin").read_bytes()), np.int8)
    return SpanModel(weights, head["second"], head["threshold"], head["opens"])


def save_model(model: SpanModel, path: Path) -> None:
    """Write what `load_model` reads."""
    head = {"second": model.second, "threshold": model.threshold, "opens": model.opens}
    path.with_suffix(".json").write_text(json.dumps(head, indent=1) + "\n", "utf-8")
    path.with_suffix(".bin").write_bytes(zlib.compress(model.weights.tobytes(), 9))
