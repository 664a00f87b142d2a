"""A region while the stages work on it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import NamedTuple

from ..matching.normalize import NewlineView
from ..matching.rule import Rule, RuleTimeout
from ..matching.ruleset import LEVELS
from ..model.blocks import Decision
from ..model.edits import Edit, apply
from .document_context import ContextWindow
from .linewrap import WrapStyle
from .page_features import CandidateFeature

Plan = dict[str, tuple[Rule, ...]]  # by stage
CharSpan = tuple[int, int]


class Candidates(NamedTuple):
    """What the scanner found in a text: the rules that may match; the probes of the folded view that fired, with

    their rows; and for each probe the lines (characters, without their ends) on which it fired.
    """

    plan: Plan
    folds: tuple[tuple[int, int], ...]
    spots: dict[int, list[CharSpan]]


class RegionContext:
    """The text of a region, what fired in it, and the layers made so far.

    The first `head` and last `tail` characters lie in the head and tail of the source; `first` and `last` tell
    whether the region begins or ends the document. `wake` scans any text and gives the rules that may match there.
    """

    __slots__ = (
        "_protected",
        "around",
        "decisions",
        "failed",
        "first",
        "folds",
        "head",
        "last",
        "layers",
        "level",
        "lines",
        "page",
        "plan",
        "spots",
        "tail",
        "text",
        "wake",
        "wrap",
    )

    def __init__(self, text: str, woken: Candidates, wake: Callable[[str, bool, bool], Candidates]) -> None:
        self.text = text
        self.lines = NewlineView(text)  # what rules see
        self.plan, self.folds, self.spots = woken
        self.wake = wake
        self.head = self.tail = 0
        self.first = self.last = False
        self.level = LEVELS["normal"]
        # who answers for a page, and which signs a text may hold, until it is cut
        self.page: tuple[Rule, Callable[[str], Iterable[CandidateFeature]]] | None = None
        self.layers: list[list[Edit]] = []
        self.decisions: list[Decision] | None = None  # collected where somebody asked for explanations
        self.failed: set[str] = set()
        self._protected: dict[tuple[str, str], bool] = {}  # by `unless`: a rule, and the line on which it matches
        self.around: Callable[[], ContextWindow] | None = None  # the document around it, for rules that ask elsewhere
        self.wrap: WrapStyle | None = None  # how its lines were broken, until they are joined

    def take(self, edits: list[Edit]) -> None:
        """Applies a layer, and looks again at what it left."""
        if self.head or self.tail:
            length = len(self.text)
            self.head += sum(_growth(edit) for edit in edits if edit.end <= self.head)
            self.tail += sum(_growth(edit) for edit in edits if edit.start >= length - self.tail)
        self.text = apply(self.text, edits)
        self.lines = NewlineView(self.text)
        self.layers.append(edits)
        self.plan, self.folds, self.spots = self.wake(self.text, self.first, self.last)

    def spans(self, rule: Rule, text: str, lines: Iterable[CharSpan] | None = None) -> Iterable[tuple[int, int, str]]:
        """Where `rule` matches in `text`, its place and exceptions heeded; nothing, and a note, if it is too slow.

        `lines` are those to look at, where the caller knows better than the scanner.
        """
        if rule.id in self.failed:
            return []
        try:
            if rule.spans_lines or (lines is None and text is not self.lines.text):
                found = rule.spans(text)
            else:
                ranges = self._plain_ranges(rule) if lines is None else lines
                found = [span for low, high in ranges for span in rule.spans(text, low, high)]
        except RuleTimeout:
            self.failed.add(rule.id)
            return []
        if found and (rule.written.zone != "anywhere" or rule.unless is not None):
            found = [span for span in found if self._allowed(rule, text, span[0], span[1])]
        return found

    def ranges(self, rule: Rule) -> list[CharSpan]:
        """The lines of the region that a rule has to look at: where its probes fired, else all of it."""
        spots = self.spots
        fired = spots.keys() & rule.probes
        if len(fired) == 1:
            return spots[fired.pop()]
        return sorted({span for probe in fired for span in spots[probe]}) or [(0, len(self.text))]

    def _plain_ranges(self, rule: Rule) -> list[CharSpan]:
        """The same in the plain lines of the region."""
        found = self.ranges(rule)
        if self.lines.text is self.text:
            return found
        return [(self.lines.forth(start), self.lines.forth(end)) for start, end in found]

    def edges(self) -> tuple[int, int]:
        """Where in the plain lines of the region the head of the source ends and its tail begins."""
        return self.lines.forth(self.head), self.lines.forth(len(self.text) - self.tail)

    def in_place(self, rule: Rule, start: int, end: int) -> bool:
        """Whether characters `[start, end)` of the plain lines of the region lie where `rule` may match."""
        place = rule.written.zone
        if place == "anywhere" or rule.is_sign:
            return True
        if place == "start":
            return self.first and start == 0
        if place == "end":
            return self.last and end == len(self.lines.text)
        head, tail = self.edges()
        return (place != "tail" and end <= head) or (place != "head" and start >= tail)

    def _allowed(self, rule: Rule, text: str, start: int, end: int) -> bool:
        if text is self.lines.text and not self.in_place(rule, start, end):
            return False
        if rule.unless is None:
            return True
        low = text.rfind("\n", 0, start) + 1
        high = text.find("\n", end)
        asked = rule.id, text[low : high if high >= 0 else len(text)]
        protected = self._protected.get(asked)
        if protected is None:
            protected = self._protected[asked] = bool(rule.unless.search(asked[1]))
        return not protected


def _growth(edit: Edit) -> int:
    return len(edit.after) - (edit.end - edit.start)


RuleMatch = tuple[int, int, int, str, Rule]  # characters, the rule's rank, what stands there instead


def rule_edits(
    work: RegionContext,
    stage: str,
    rules: Sequence[Rule],
    also: Callable[[RegionContext, str, Sequence[Rule], list[RuleMatch]], list[RuleMatch]] | None = None,
) -> list[Edit]:
    """What rules without evidence do: each match an edit; where two overlap, the earlier rule's stays.

    `also` finds more, in the same text (whose line ends are `\\n`), knowing what the rules found.
    """
    lines = work.lines
    found = [
        (start, end, number, after, rule)
        for number, rule in enumerate(rules)
        if rule.expression
        for start, end, after in work.spans(rule, lines.text)
    ]
    if also is not None:
        found += also(work, lines.text, rules, found)
    if lines.text is not work.text:
        newline = "\r\n" if "\r\n" in work.text else "\r"
        found = [
            (*lines.back(start, end), number, after.replace("\n", newline), rule)
            for start, end, number, after, rule in found
        ]
    if len(found) > 1:
        found = _without_overlaps(found)
    text = work.text
    return [
        Edit(start, end, text[start:end], after, stage, rule.id, rule.kind)
        for start, end, _, after, rule in found
        if text[start:end] != after
    ]


def _without_overlaps(found: list[RuleMatch]) -> list[RuleMatch]:
    if all(found[i][1] <= found[i + 1][0] for i in range(len(found) - 1)):
        return found
    taken: list[RuleMatch] = []  # by their places
    for span in sorted(found, key=lambda span: (span[2], span[0])):
        at = bisect_left(taken, span[0], key=itemgetter(0))
        if (not at or taken[at - 1][1] <= span[0]) and (at == len(taken) or span[1] <= taken[at][0]):
            taken.insert(at, span)
    return taken
