"""The second pass: what stands in many files is counted exactly, with places, spellings and surroundings."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import msgspec

from .counting import Counts
from .folded import Folded, line_hashes, short_words, windows

if TYPE_CHECKING:
    import numpy

    Array = numpy.ndarray[Any, Any]

HEAD, EDGE = 6, 40  # lines from the head or the tail
MOST_WORKS = 4096  # that are known apart for one mark
MOST_SPELLINGS, MOST_SIDES, SAMPLES = 64, 256, 3
MOST_MARKS = 50_000  # stamps, or near misses, that are held; the rarer half is dropped when there are more
LONGEST = 200  # letters of a mark
COVERED = 0.5  # share of a line's letters that return, from which on the line may be a mark with a part that varies
BLOCK = 4  # lines that return one after the other make a block
EDGES = frozenset("[]【】（）()<>〈〉{}=*＊_~～^＾|｜★☆◆◇■□●○※#＃+＋-—·・/／@&;")  # what a site puts around its name
MOST_EDGES = 4  # such characters on each side that belong to a mark
PEAK = 0.5  # share of the highest count of a piece, below which what stands next to it is not its own


class Sample(msgspec.Struct, frozen=True):
    """A real place of a mark: its file, its line from 1, and the line."""

    file: str
    line: int
    text: str


class Mark(msgspec.Struct):
    """What returns: `letters` of one string, or of several with something else between them. Filled place by place.

    `form` is "line", "inside" (a sentence) or "varying" (a line with a part of its own in each file).
    """

    form: str
    letters: tuple[str, ...]
    works: set[int] = msgspec.field(default_factory=set)
    folders: set[str] = msgspec.field(default_factory=set)
    files: int = 0
    places: int = 0
    chars: int = 0
    near_edge: int = 0  # places within HEAD lines of the head or the tail
    in_head: int = 0  # within EDGE lines
    in_tail: int = 0
    in_block: int = 0  # in a block of lines that return
    spellings: Counter[str] = msgspec.field(default_factory=Counter)
    lefts: set[Any] = msgspec.field(default_factory=set)
    rights: set[Any] = msgspec.field(default_factory=set)
    sides: Counter[tuple[str, str]] = msgspec.field(default_factory=Counter)
    samples: list[Sample] = msgspec.field(default_factory=list)
    last_file: int = -1

    def add(self, file: Place, line: int, raw: str, sides: tuple[str, str], around: tuple[Any, Any]) -> None:
        self.places += 1
        self.chars += len(raw)
        if self.last_file != file.number:
            self.last_file, self.files = file.number, self.files + 1
            if len(self.works) < MOST_WORKS:
                self.works.add(file.work)
            if len(self.folders) < MOST_SIDES:
                self.folders.add(file.name.rpartition("/")[0])
            if len(self.samples) < SAMPLES:
                self.samples.append(Sample(file.name, line + 1, file.lines[line]))
        low, high = file.ranks[line], file.rows - 1 - file.ranks[line]
        self.near_edge += min(low, high) < min(HEAD, max(1, file.rows // 4))  # in a short poem every line is near one
        self.in_head += line < EDGE
        self.in_tail += len(file.lines) - line <= EDGE
        for known, one in ((self.lefts, around[0]), (self.rights, around[1])):
            if len(known) < MOST_SIDES:
                known.add(one)
        if raw in self.spellings or len(self.spellings) < MOST_SPELLINGS:
            self.spellings[raw] += 1
        if sides in self.sides or len(self.sides) < MOST_SIDES:
            self.sides[sides] += 1


class Place:
    """The file that is read: its number, its name, its work and its lines; `ranks` count lines that hold letters."""

    def __init__(self, number: int, name: str, work: int, folded: Folded) -> None:
        import numpy as np

        self.number, self.name, self.work = number, name, work
        self.lines = folded.text.split("\n")
        full = folded.ends > folded.starts
        self.ranks = (np.cumsum(full) - 1).tolist()
        self.rows = int(full.sum())


class Gathering:
    """Stamps by their form and letters. `least`: in how many files a mark has to stand."""

    def __init__(self, counts: Counts, least: int) -> None:
        self.counts, self.least = counts, least
        self.marks: dict[tuple[str, tuple[str, ...]], Mark] = {}
        self.near: Counter[str] = Counter()  # letters that differ from a mark in one, perhaps
        self._works = counts.works()
        self._files = 0
        self.all_works = len(set(self._works)) - counts.empty

    def add(self, name: str, folded: Folded) -> None:
        """Gather from the next file, in the order of the first pass."""
        place = Place(self._files, name, self._works[self._files], folded)
        self._files += 1
        hashes = line_hashes(folded)
        hot = self.counts.hot_lines(folded, hashes, self.least)
        full = [line for line in range(len(place.lines)) if folded.ends[line] > folded.starts[line]]
        blocks = _blocks(full, hot)
        before = dict(zip(full[1:], full, strict=False))
        after = dict(pairwise(full))
        for line in full:
            start, end = int(folded.starts[line]), int(folded.ends[line])
            if hot[line] and end - start <= LONGEST:
                around = _hash(hashes, before.get(line)), _hash(hashes, after.get(line))
                raw = place.lines[line].strip()
                mark = self._mark("line", (folded.string(start, end),))
                mark.add(place, line, raw, ("\n", "\n"), around)
                mark.in_block += blocks[line] >= BLOCK
        self._inside(place, folded, hot)
        self._short(place, folded, hot)
        if len(self.marks) > MOST_MARKS or len(self.near) > MOST_MARKS:
            self._forget()

    def _mark(self, form: str, letters: tuple[str, ...]) -> Mark:
        key = form, letters
        if key not in self.marks:
            self.marks[key] = Mark(form, letters)
        return self.marks[key]

    def _forget(self) -> None:
        often = sorted(mark.files for mark in self.marks.values())
        rare = often[MOST_MARKS // 2] if len(often) > MOST_MARKS else 1
        self.marks = {key: mark for key, mark in self.marks.items() if mark.files > rare}
        self.near = Counter({letters: count for letters, count in self.near.items() if count > 1})

    def _inside(self, place: Place, folded: Folded, hot: Array) -> None:
        import numpy as np

        start, size, key = windows(folded)
        if not start.size:
            return
        found = self.counts.in_files(key)
        line = np.searchsorted(folded.starts, start, "right") - 1
        kept = (found >= self.least) & (hot[line] == 0)
        by_line: dict[int, list[tuple[int, int]]] = {}
        for low, high in _pieces(start[kept], size[kept], found[kept]):
            by_line.setdefault(int(np.searchsorted(folded.starts, low, "right") - 1), []).append((low, high))
        for number, pieces in by_line.items():
            self._line(place, folded, number, pieces)

    def _line(self, place: Place, folded: Folded, line: int, pieces: list[tuple[int, int]]) -> None:
        low, high = int(folded.starts[line]), int(folded.ends[line])
        raw_line = place.lines[line].strip()
        letters = tuple(folded.string(*piece) for piece in pieces)
        if sum(map(len, letters)) >= COVERED * (high - low) and high - low <= LONGEST:
            self.near[folded.string(low, high)] += 1
            self._mark("varying", letters).add(place, line, raw_line, ("\n", "\n"), (line, line))
        for one, other in pairwise(pieces):
            if other[0] - one[1] == 1:
                self.near[folded.string(one[0], other[1])] += 1
        for (start, end), string in zip(pieces, letters, strict=True):
            if end - start > LONGEST:
                continue
            self._string(place, line, string, int(folded.at[start]), int(folded.at[end - 1]) + 1, folded.text)

    def _short(self, place: Place, folded: Folded, hot: Array) -> None:
        places, hashes = short_words(folded)
        for (first, last), files in zip(places, self.counts.with_hash(hashes), strict=True):
            line = folded.text.count("\n", 0, first)
            if files >= self.least and not hot[line]:
                self._string(place, line, folded.text[first:last], first, last, folded.text)

    def _string(self, place: Place, line: int, letters: str, first: int, last: int, text: str) -> None:
        first, last = _with_edges(text, first, last)
        sides = text[first - 1 : first] or "\n", text[last : last + 1] or "\n"
        around = text[max(0, first - 8) : first], text[last : last + 8]
        self._mark("inside", (letters,)).add(place, line, text[first:last], sides, around)


def _hash(hashes: Array, line: int | None) -> int:
    return 0 if line is None else int(hashes[line])


def _blocks(full: list[int], hot: Array) -> dict[int, int]:
    """For each line with letters how many lines return one after the other there."""
    found: dict[int, int] = {}
    run: list[int] = []
    for line in [*full, -1]:
        if line >= 0 and hot[line]:
            run.append(line)
            continue
        found |= dict.fromkeys(run, len(run))
        found[line] = 0
        run = []
    return found


def _with_edges(text: str, first: int, last: int) -> tuple[int, int]:
    """A mark with the brackets and symbols around it."""
    low, high = max(0, first - MOST_EDGES), min(len(text), last + MOST_EDGES)
    while first > low and text[first - 1] in EDGES:
        first -= 1
    while last < high and text[last] in EDGES:
        last += 1
    return first, last


def _pieces(start: Array, size: Array, count: Array) -> list[tuple[int, int]]:
    """Stretches of letters whose windows return about equally often, the highest counts first taken."""
    import numpy as np

    if not start.size:
        return []
    breaks = np.flatnonzero(np.diff(start) != 1) + 1
    found = []
    for run in np.split(np.arange(start.size), breaks):
        rest = [(int(run[0]), int(run[-1]) + 1)]
        while rest:
            low, high = rest.pop()
            part = count[low:high]
            peak = int(part.argmax())
            least = part[peak] * PEAK
            left = right = peak
            while left > 0 and part[left - 1] >= least:
                left -= 1
            while right + 1 < part.size and part[right + 1] >= least:
                right += 1
            found.append((int(start[low + left]), int(start[low + right] + size[low + right])))
            gap = int(size[low + left])  # windows that hold a letter of this piece are not another's
            if left > gap:
                rest.append((low, low + left - gap + 1))
            if low + right + gap < high:
                rest.append((low + right + gap, high))
    return sorted(found)
