"""A flattened web page: its lines weighed by a model and by features, and cut into runs of boilerplate and of content.

A learned model scores every line; every feature is a rule with a weight. Above 0 they speak for boilerplate (menus,
lists of links, forms, notices), below 0 for content. A run is decided as a whole: the cheapest way to cut the page,
where each change between boilerplate and content costs `cost`. Shape alone never decides: a run needs a cue word.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence

import msgspec

from ..matching.rule import Rule
from .page_features import CandidateFeature

PARAGRAPH = 30  # characters; of a line with commas or full stops as hanzi have them
WORDS = 18  # in a line of a language that puts blanks between them
MOST = 200  # characters of one paragraph that count when the core of the page is looked for
TITLE = 3  # lines of a headline and what stands below it
LEAST = 40.0  # a page without that much is all menu or all verse, and is left alone
OTHER = 12  # what each line that is no paragraph costs there
CUE_LINES = 3  # that a document needs to be taken for a page: around its text, or
TOGETHER = 8  # among so many lines that follow each other
TEXT = -2.0  # a line of this sum reads as text, whatever stands around it
SURE = 1.0  # the sum from which a line of a run is boilerplate outside of its first and last cue word
CUE_SUM = 0.5  # the sum from which a line with a cue word is boilerplate

SENTENCE = re.compile("[，。]|[\u4e00-\u9fff][,.][^\n]*[\u4e00-\u9fff][,.!?]")  # some write 好,很好.
Spans = Callable[[Rule, Sequence[tuple[int, int]] | None], Iterable[tuple[int, int, str]]]


class PageLine(msgspec.Struct):
    """Characters `[start, end)` of a page, its line end included; `place` is where: page-head, page-core, page-tail.

    `parts` are the features that hold for it, `model` what the learned model says; a `title` is kept.
    """

    start: int
    end: int
    blank: bool
    place: str = "page-core"
    parts: list[Rule] = []
    model: float = 0.0
    title: bool = False
    is_boilerplate: bool = False
    run: float = 0.0  # the sum of the run it belongs to

    @property
    def total(self) -> float:
        return self.model + sum(rule.written.weight for rule in self.parts)

    @property
    def is_cue(self) -> bool:
        return any(rule.kind for rule in self.parts) and self.total > CUE_SUM


def read(text: str, features: Iterable[CandidateFeature], spans: Spans) -> list[PageLine]:
    """The lines of a page and the features that hold for each, none where there is no content for boilerplate to frame.

    `spans` gives where a feature matches on some lines, or anywhere.
    """
    lines = _lines(text)
    if not lines:
        return []
    starts = [line.start for line in lines]
    places = _places(lines)
    for feature, where in features:
        place = feature.written.zone
        for start, _, _ in spans(feature, places[place] if where is None else where):
            line = lines[bisect_right(starts, start) - 1]
            if not line.blank and place in ("page", line.place) and feature not in line.parts:
                line.parts.append(feature)
    _keep_titles(lines)
    return lines


def _places(lines: Sequence[PageLine]) -> dict[str, list[tuple[int, int]]]:
    """Where each place of a page lies, in characters."""
    places = {"page": [(0, lines[-1].end)], "page-head": [], "page-core": [], "page-tail": []}
    for line in lines:
        if not places[line.place]:
            places[line.place] = [(line.start, line.end)]
        places[line.place][-1] = (places[line.place][-1][0], line.end)
    return places


def _keep_titles(lines: Sequence[PageLine]) -> None:
    """The last lines that a protecting sign holds for are the title of what follows: TITLE of them in a row at most."""
    left = TITLE
    for line in reversed(lines):
        protected = [rule for rule in line.parts if rule.does == "protect"]
        if protected:
            line.parts = [rule for rule in line.parts if rule.does != "protect"]
            line.title = left > 0
            left -= 1
        elif not line.blank and left < TITLE:
            left = 0


def cut(lines: Sequence[PageLine], known: Sequence[tuple[int, int]], cost: float, shift: float = 0.0) -> None:
    """Decide which lines are boilerplate. `known` are spans removed for other reasons; they are boilerplate too.

    Each change between boilerplate and content costs `cost`; `shift` is added to the sum of each line.
    """
    starts = [line.start for line in lines]
    taken = {at for start, end in known for at in range(bisect_right(starts, start) - 1, bisect_right(starts, end - 1))}
    if not _has_boilerplate([line for at, line in enumerate(lines) if at not in taken]):
        return
    sums = [
        0.0 if line.blank else line.total + shift + (2 * cost if at in taken else 0.0) for at, line in enumerate(lines)
    ]
    for low, high in boilerplate_runs(sums, cost):
        _decide_run(lines, low, high, taken, sum(sums[low:high]))


def _has_boilerplate(lines: Sequence[PageLine]) -> bool:
    """Whether enough lines are boilerplate around the content, or together in it: single ones are ads.

    What is removed for other reasons does not count: a novel with a stamp, a pager and a copyright line is no page.
    """
    if sum(line.is_cue and line.place != "page-core" for line in lines) >= CUE_LINES:
        return True
    places = [at for at, line in enumerate(line for line in lines if not line.blank) if line.is_cue]
    ahead = places[CUE_LINES - 1 :]
    return any(last - first < TOGETHER for first, last in zip(places, ahead, strict=False))


def _lines(text: str) -> list[PageLine]:
    lines = []
    at = 0
    for row in text.split("\n"):
        end = min(at + len(row) + 1, len(text))
        if end > at:
            lines.append(PageLine(at, end, not row.strip(), parts=[]))
        at = end
    first, last = _core(text, lines)
    if first > last:
        return []
    for number, line in enumerate(lines):
        line.place = "page-head" if number < first else "page-tail" if number > last else "page-core"
    return lines


def _core(text: str, lines: Sequence[PageLine]) -> tuple[int, int]:
    """The first and last line of the part with most paragraphs and least else; (1, 0) where there is none."""
    best = (LEAST, 1, 0)
    score = 0.0
    start = 0
    for number, line in enumerate(lines):
        if line.blank:
            continue
        row = text[line.start : line.end].strip()
        if score <= 0:
            score, start = 0.0, number
        score += min(len(row), MOST) if _is_paragraph(row) else -OTHER
        if score > best[0]:
            best = (score, start, number)
    return best[1], best[2]


def _is_paragraph(row: str) -> bool:
    return (len(row) >= PARAGRAPH and bool(SENTENCE.search(row))) or row.count(" ") >= WORDS - 1


def boilerplate_runs(sums: Sequence[float], cost: float) -> list[tuple[int, int]]:
    """The runs of boilerplate in the cheapest cut: best[0] ends in content, best[1] in boilerplate."""
    best = (0.0, 0.0)
    came: list[tuple[bool, bool]] = []
    for value in sums:
        came.append((best[1] - cost > best[0], best[0] - cost > best[1]))
        best = (max(best[0], best[1] - cost), max(best[1], best[0] - cost) + value)
    runs = []
    inside = best[1] > best[0]
    end = len(sums)
    for number in range(len(sums) - 1, -1, -1):
        if inside and came[number][1]:
            runs.append((number, end))
            inside = False
        elif not inside and came[number][0]:
            inside, end = True, number
    if inside:
        runs.append((0, end))
    return runs[::-1]


def _decide_run(lines: Sequence[PageLine], low: int, high: int, taken: set[int], total: float) -> None:
    """Decide which lines of a run are removed: outside of its first and last cue word only those that are SURE."""
    cues = [number for number in range(low, high) if lines[number].is_cue or number in taken]
    if not cues:
        return
    first = low if all(line.blank for line in lines[:low]) else cues[0]
    last = high - 1 if all(line.blank for line in lines[high:]) else cues[-1]
    for number in range(low, high):
        line = lines[number]
        least = TEXT if first <= number <= last else SURE
        line.is_boilerplate = not line.blank and not line.title and line.total > least
        line.run = total
