"""Stamps that a document gives away itself: strings that return at places where no sentence has room for them.

No word of a stamp has to be known. Where an author repeats a phrase, its first character follows what stands before it
elsewhere in the document too, and its last one is followed in the same way. A stamp cuts a sentence: its edges fit
nothing, and the two sides of the cut fit each other. Both are counted, as logarithms of how much more often two
characters stand together than chance would have it, with the string's own occurrences taken out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import regex  # re takes milliseconds to compile a class of all hanzi

from ..model.lines import character_start, plain_ends

if TYPE_CHECKING:
    import numpy

    Array = numpy.ndarray[Any, Any]

SMALLEST = 2048  # bytes: a shorter document has too few sentences to compare with
SECTION = 4 << 20  # bytes of UTF-8 that are counted together: most novels whole
CHUNK = 1 << 15  # characters that are hashed at once, few enough for the cache
WINDOW = 6  # characters: the shortest string that is looked for
LONGEST = 120
LEAST = 4  # how often it returns, at different places
MOST = 64  # stamps of one horizon
OFTEN, MEAN, SUM = 6, 2.0, 40.0  # a string without a cue word: how often, and how badly it fits, each time and in all
CUE_MEAN, VARIANT_MEAN = 0.0, -3.0  # a string with cue words; with many, between sentences
SIDE = 12  # characters of the surroundings that have to differ
MAJORITY = 0.9  # of the places at which a neighbour belongs to the string
ON_LINES = 0.8  # of the places, from which a string is a line of its own

BLANKS = " \t\u3000\u00a0"
TRIMMED = BLANKS + "，。、！？：；…“”‘’「」『』—"
NAMED = ("“”", "‘’", "「」", "『』", "《》", '""', "''")  # what stands in them is a name or is said
LETTERS = regex.compile(r"[\u3400-\u9fffA-Za-z]")
LATIN = re.compile(r"[A-Za-z0-9./:_-]")
HAN = regex.compile(r"[\u3400-\u9fff]")
PROSE = 0.3  # the share of Han characters from which a section is Chinese
ENDS = frozenset("。！？…”’」』）)】］]~.!?\n")  # what stands before a stamp that was put between two sentences
# Words of those who copy books. A strong one counts twice.
STRONG = re.compile(
    r"手[_~\-.*]?打|无[_~\-]?弹[_~\-]?窗|(?:小说|文学|书)[_~\-]?网|txt下载|最新章节|本书由|首发(?:网|站|于)|电子书"
    r"|域名|www\.|https?:|\.(?:com|net|org|cc|cn|la|info)\b|下载站|免费阅读|文字版|转载",
    re.IGNORECASE,
)
WEAK = regex.compile(
    r"阅读|下载|小说|文学|章节|看书|本站|书[库屋友城吧包签架]|收藏|全文字|免费|无错|最新|制作|校对|扫描|排版|论坛"
    r"|首发|[_~|<>]|txt|网(?![络页民友吧球卡])|(?<=[\u4e00-\u9fff])\.(?=[】）)\]])",
    regex.IGNORECASE,
)
CODE = re.compile(r'"|^[.,]')  # a key of JSON; a piece of an address
ENTITY = re.compile(r"&#?\w{1,8};|</?\w+[^<>]*>")


class Stamp(NamedTuple):
    """A string that is no part of the text, at how many places it stands, and the mean of how badly it fits."""

    text: str
    places: int
    mean: float


def find_stamps(data: bytes) -> list[Stamp]:
    """The stamps of a horizon, the strongest first; MOST at most."""
    found: dict[str, Stamp] = {}
    start = 0
    while len(data) - start >= SMALLEST:
        end = character_start(data, start + SECTION)
        text = plain_ends(data[start:end].decode())
        for stamp in _stamps(text):
            found.setdefault(stamp.text, stamp)
        start = end
    return sorted(found.values(), key=lambda stamp: (-stamp.places * stamp.mean, stamp.text))[:MOST]


def _stamps(text: str) -> Iterator[Stamp]:
    groups = _repeated(text)
    if not groups:
        return
    means = _Fit(text).means(groups)
    taken: list[str] = []
    scored = [(string, places, mean) for (string, places), mean in zip(groups.items(), means, strict=True)]
    for string, places, mean in sorted(scored, key=lambda one: (-len(one[1]), len(one[0]), one[0])):
        if any(shorter in string for shorter in taken):
            continue
        if mean < MEAN and not (STRONG.search(string) or WEAK.search(string)):
            continue
        whole, at = _extended(text, string, places)
        if _is_stamp(text, whole, at, mean):
            taken.append(whole)
            yield Stamp(whole, len(at), mean)


def _repeated(text: str) -> dict[str, list[int]]:
    """Strings of one line, without punctuation at their ends, that return at least LEAST times, and where."""
    import numpy

    codes = numpy.frombuffer(text.encode("utf-32-le"), numpy.uint32)
    if (codes[(codes >= 0x3400) & (codes < 0xA000)]).size < PROSE * codes.size or codes.size < WINDOW:
        return {}
    windows = codes.size - WINDOW + 1
    bits = _bits(windows)
    bucket = numpy.empty(windows, numpy.int32)
    for start in range(0, windows, CHUNK):
        size = min(CHUNK, windows - start)
        key = numpy.zeros(size, numpy.uint32)
        for offset in range(WINDOW):
            key = (key ^ codes[start + offset : start + offset + size]) * numpy.uint32(0x9E3779B1)
            key ^= key >> numpy.uint32(15)
        bucket[start : start + size] = key >> numpy.uint32(32 - bits)
    full = numpy.bincount(bucket, minlength=1 << bits) >= LEAST
    often = numpy.flatnonzero(full[bucket])
    del bucket, full
    lines = numpy.zeros(codes.size + 1, numpy.int32)
    numpy.cumsum(codes == 10, out=lines[1:])
    often = often[lines[often + WINDOW] == lines[often]]
    del lines
    if not often.size:
        return {}
    exact = numpy.zeros(often.size, numpy.uint64)
    for offset in range(WINDOW):
        exact = exact * numpy.uint64(0x9E3779B97F4A7C15) + codes[often + offset]
    _, which, counts = numpy.unique(exact, return_inverse=True, return_counts=True)
    often = often[counts[which] >= LEAST]
    if not often.size:
        return {}
    breaks = numpy.flatnonzero(numpy.diff(often) != 1)
    firsts = often[numpy.concatenate(([0], breaks + 1))]
    lasts = often[numpy.concatenate((breaks, [often.size - 1]))] + WINDOW
    groups: dict[str, list[int]] = {}
    for start, end in zip(firsts.tolist(), lasts.tolist(), strict=True):
        run = text[start:end]
        string = run.strip(TRIMMED)
        if WINDOW - 1 <= len(string) <= LONGEST:
            groups.setdefault(string, []).append(start + len(run) - len(run.lstrip(TRIMMED)))
    return {string: at for string, at in groups.items() if len(at) >= LEAST and len(LETTERS.findall(string)) >= 2}


def _bits(count: int) -> int:
    """How many bits number the buckets in which so many things are counted."""
    return min(max(count.bit_length() + 1, 10), 20)  # a count of 8 bytes for each: 8 MB


class _Fit:
    """How often two characters of a text stand together. Blanks at the ends of a line count as its end."""

    def __init__(self, text: str) -> None:
        import numpy

        self._np = numpy
        codes = numpy.frombuffer(text.encode("utf-32-le"), numpy.uint32).astype(numpy.uint64)
        self._codes = codes
        self._single = numpy.bincount((codes & numpy.uint64(0xFFFF)).astype(numpy.int64), minlength=1 << 16)
        self._pairs = numpy.sort(self._pair(codes[:-1], codes[1:]))

    def _pair(self, left: Array, right: Array) -> Array:
        return self._np.asarray((left << self._np.uint64(32)) | right)

    def means(self, groups: dict[str, list[int]]) -> list[float]:
        """For each string how badly it fits its places: the sides fit each other, its edges fit them not."""
        np = self._np
        which = np.repeat(np.arange(len(groups)), [len(at) for at in groups.values()])
        start = np.array([at for places in groups.values() for at in places])
        length = np.repeat([len(string) for string in groups], [len(at) for at in groups.values()])
        codes = self._codes
        line_end = np.uint64(10)
        padded = np.concatenate(([line_end], codes, [line_end]))
        left, right = padded[start], padded[start + length + 1]
        for blank in " \t\u3000\u00a0":
            left = np.where(left == np.uint64(ord(blank)), line_end, left)
            right = np.where(right == np.uint64(ord(blank)), line_end, right)
        first, last = codes[start], codes[start + length - 1]
        own_left = self._own(which, left)
        own_right = self._own(which, right)
        fit = (
            self._together(left, right) - self._together(left, first, own_left) - self._together(last, right, own_right)
        )
        sums = np.bincount(which, weights=np.round(fit, 6), minlength=len(groups))
        return [round(float(one), 4) for one in sums / np.bincount(which, minlength=len(groups))]

    def _own(self, which: Array, side: Array) -> Array:
        """How many places of the same string have the same neighbour."""
        np = self._np
        key = (which.astype(np.uint64) << np.uint64(32)) | side
        _, inverse, counts = np.unique(key, return_inverse=True, return_counts=True)
        found: Array = counts[inverse]
        return found

    def _together(self, left: Array, right: Array, own: Any = 0) -> Array:
        np = self._np
        pair = self._pair(left, right)
        seen = np.searchsorted(self._pairs, pair, "right") - np.searchsorted(self._pairs, pair)
        seen = np.maximum(seen - own, 0)
        low = np.uint64(0xFFFF)
        single = self._single
        chance = single[(left & low).astype(np.int64)] * single[(right & low).astype(np.int64)] / self._codes.size
        found: Array = np.log((seen + 0.5) / (chance + 0.5))
        return found


def _extended(text: str, string: str, places: Sequence[int]) -> tuple[str, list[int]]:
    """The string with what stands on its sides at nearly every place, and where it then stands."""
    at = [start for start in places if text.startswith(string, start)]
    for step, never in ((-1, TRIMMED + "\n"), (1, BLANKS + "\n”’」』》")):
        while len(string) < LONGEST:
            edge = Counter(text[max(0, n - 1) : n] if step < 0 else text[n : n + 1] for n in _edges(string, at, step))
            char, count = edge.most_common(1)[0]
            if not char or char in never or count < MAJORITY * len(at):
                break
            if step < 0:
                at = [start - 1 for start in at if text[start - 1 : start] == char]
                string = char + string
            else:
                at = [start for start in at if text.startswith(char, start + len(string))]
                string += char
    return string, at


def _edges(string: str, at: Sequence[int], step: int) -> list[int]:
    return list(at) if step < 0 else [start + len(string) for start in at]


def _is_stamp(text: str, string: str, places: Sequence[int], mean: float) -> bool:
    count = len(places)
    if CODE.search(string):
        return False
    ends = [at + len(string) for at in places]
    around = {(text[max(0, at - SIDE) : at], text[end : end + SIDE]) for at, end in zip(places, ends, strict=True)}
    if len(around) < max(LEAST, 0.6 * count):
        return False
    sides = [(text[at - 1 : at], text[end : end + 1]) for at, end in zip(places, ends, strict=True)]
    if 2 * sum(left + right in NAMED for left, right in sides) > count:
        return False
    if 2 * sum(_is_cut(left, string[0]) or _is_cut(string[-1], right) for left, right in sides) > count:
        return False
    cues = 2 * len(STRONG.findall(string)) + len(WEAK.findall(string))
    if sum(_on_line(text, at, end) for at, end in zip(places, ends, strict=True)) >= ON_LINES * count:
        return STRONG.search(string) is not None
    between = sum(left in ENDS for left, _ in sides) / count  # the share of places that lie between two sentences
    is_odd = count >= OFTEN and mean >= MEAN and count * mean >= SUM
    if len(HAN.findall(ENTITY.sub("", string))) < 2:  # the name of a product, else
        return is_odd and between >= 0.6
    if cues >= 3:  # several variants of one stamp make each look as if it fitted
        return mean >= (CUE_MEAN if cues < 4 or between < 0.6 else VARIANT_MEAN)
    return is_odd or (cues > 0 and between >= 0.9 and count >= OFTEN and mean >= 0.5)


def _on_line(text: str, start: int, end: int) -> bool:
    """Whether nothing but punctuation stands on the line of `[start, end)` besides."""
    low, high = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    return not (text[low:start] + text[end : high if high >= 0 else len(text)]).strip(TRIMMED)


def _is_cut(left: str, right: str) -> bool:
    """Whether a Latin word or an address runs on between the two characters."""
    return LATIN.fullmatch(left) is not None and LATIN.fullmatch(right) is not None
