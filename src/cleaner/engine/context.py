"""A region while the stages work on it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from ..matching import LEVELS, Level, NewlineView, Program, Rule, RuleTimeout
from ..matching.rule import LONG, NEAR
from ..model.blocks import Decision
from ..model.edits import Edit, OffsetMap, apply
from ..rules.spec import PIECE_ZONES
from .page_features import CandidateFeature
from .webpage import PageLine

if TYPE_CHECKING:
    from .linewrap import WrapStyle
    from .samples import Sample
    from .span_model import RowSpan

Plan = dict[str, tuple[Rule, ...]]  # by stage
CharSpan = tuple[int, int]
# Who answers for a web page, which features a text may hold, and what the model says of its lines.
PageSums = Callable[[str, Sequence[PageLine]], Mapping[int, float]]
PageJudge = tuple[Rule, Callable[[str], Iterable[CandidateFeature]], PageSums]


class Candidates(NamedTuple):
    """What the prefilter found in a text: the rules that may match; the triggers of disguises that matched, with

    their rows; and for each trigger the lines (characters, without their ends) on which it matched.
    """

    plan: Plan
    disguises: tuple[tuple[int, int], ...]
    trigger_lines: dict[int, list[CharSpan]]


class RegionFacts(NamedTuple):
    """What is known of a region before the stages work on it; nothing here changes.

    `first` and `last` tell whether the region begins or ends the document; its first `head` and last `tail` characters
    lie in those zones. `wrap` is how its lines were broken, `page` who answers for a web page, each None where that
    does not apply. `evidence` are the rules that answer for what the document itself shows to be no part of it, and
    what finds that in a text. `modelled` is the same for a learned model. `explains`: decisions are kept for people.
    `sample` holds lines of the document around. `zone_at` says in which zone of a document in pieces a character of the
    region's source lies, `allows` whether a rule may take a text that begins there.
    """

    first: bool = False
    last: bool = False
    head: int = 0
    tail: int = 0
    level: Level = LEVELS["normal"]
    wrap: WrapStyle | None = None
    page: PageJudge | None = None
    evidence: tuple[tuple[Rule, Callable[[str], Iterable[CharSpan]]], ...] = ()
    modelled: tuple[Rule, Callable[[str], Iterable[tuple[int, RowSpan]]]] | None = None
    explains: bool = False
    sample: Sample | None = None
    zone_at: Callable[[int], str] | None = None
    allows: Callable[[Rule, int, str], bool] | None = None


class RegionContext:
    """The text of a region as the stages so far left it, what may match in it, and the changesets made.

    `facts` hold for the source; `head` and `tail` are its zones in characters of `text`. `rescan` scans any text and
    gives the rules that may match there. Rules in `failed`, shared by the regions of a document, ran out of time.
    """

    __slots__ = (
        "_protected",
        "changesets",
        "decisions",
        "disguises",
        "facts",
        "failed",
        "head",
        "is_segmented",
        "is_unwrapped",
        "lines",
        "plan",
        "program",
        "rescan",
        "tail",
        "text",
        "trigger_lines",
    )

    def __init__(
        self,
        text: str,
        candidates: Candidates,
        rescan: Callable[[str, bool, bool], Candidates],
        program: Program,
        facts: RegionFacts,
        failed: set[str],
    ) -> None:
        self.text = text
        self.program = program
        self.lines = NewlineView(text)  # what rules see
        self.plan, self.disguises, self.trigger_lines = candidates
        self.rescan = rescan
        self.facts = facts
        self.head, self.tail = facts.head, facts.tail
        self.is_segmented = facts.page is None  # a web page is cut once: what is left of it is no page
        self.is_unwrapped = facts.wrap is None  # once: joined lines are too long to be judged by their width
        self.changesets: list[list[Edit]] = []
        self.decisions: list[Decision] = []
        self.failed = failed
        self._protected: dict[tuple[str, str], bool] = {}  # by `unless`: a rule, and the line on which it matches

    def take(self, edits: list[Edit]) -> None:
        """Applies a layer, and looks again at what it left."""
        if self.head or self.tail:
            length = len(self.text)
            self.head += sum(_growth(edit) for edit in edits if edit.end <= self.head)
            self.tail += sum(_growth(edit) for edit in edits if edit.start >= length - self.tail)
        self.text = apply(self.text, edits)
        self.lines = NewlineView(self.text)
        self.changesets.append(edits)
        self.plan, self.disguises, self.trigger_lines = self.rescan(self.text, self.facts.first, self.facts.last)

    def spans(self, rule: Rule, lines: Iterable[CharSpan] | None = None) -> Iterable[tuple[int, int, str]]:
        """Where `rule` matches in `self.lines`, its zone and exceptions heeded; nothing, and a note, if it is too slow.

        `lines` are those to look at, where the caller knows better than the prefilter.
        """
        ranges = None if rule.spans_lines else self._plain_ranges(rule) if lines is None else lines
        if rule.at_ends:
            ranges = self._at_ends(rule, ranges)
        found = self.spans_in(rule, self.lines.text, ranges)
        if found and rule.written.zone != "anywhere":
            found = [span for span in found if self.in_place(rule, span[0], span[1])]
        return found

    def spans_in(
        self, rule: Rule, text: str, ranges: Iterable[CharSpan] | None = None
    ) -> Sequence[tuple[int, int, str]]:
        """Where `rule` matches in any text, or in some ranges of it; its exceptions heeded, its zone not."""
        if rule.id in self.failed:
            return []
        try:
            if ranges is None:
                found = rule.spans(text)
            else:
                found = [span for low, high in ranges for span in rule.spans(text, low, high)]
        except RuleTimeout:
            self.failed.add(rule.id)
            return []
        if found and rule.unless is not None:
            found = [span for span in found if not self._is_protected(rule, text, span[0], span[1])]
        return found

    def ranges(self, rule: Rule) -> list[CharSpan]:
        """The lines of the region that a rule has to look at: where its triggers matched, else all of it."""
        trigger_lines = self.trigger_lines
        fired = trigger_lines.keys() & self.program.of_rule[rule.id]
        if len(fired) == 1:
            return trigger_lines[fired.pop()]
        return sorted({span for trigger in fired for span in trigger_lines[trigger]}) or [(0, len(self.text))]

    def sample(self, rules: Iterable[Rule]) -> str:
        """Lines of the document around on which one of `rules` may match."""
        if self.facts.sample is None:
            return ""
        triggers = frozenset[int]().union(*(self.program.of_rule[rule.id] for rule in rules))
        return self.facts.sample.lines(triggers, lambda text: self.rescan(text, False, False).trigger_lines)

    def _plain_ranges(self, rule: Rule) -> list[CharSpan]:
        """The same in the plain lines of the region."""
        found = self.ranges(rule)
        if self.lines.is_identity:
            return found
        return [(self.lines.forth(start), self.lines.forth(end)) for start, end in found]

    def _at_ends(self, rule: Rule, lines: Iterable[CharSpan] | None) -> list[CharSpan]:
        """Those of `lines`, of all of the text where they are None, that touch a zone in which `rule` may match."""
        head, tail = self.edges()
        head = 0 if rule.written.zone == "tail" else head
        length = len(self.lines.text)
        tail = length if rule.written.zone == "head" else tail
        if lines is not None:
            return [line for line in lines if line[0] < head or line[1] > tail]
        return [(0, length)] if head >= tail else [span for span in ((0, head), (tail, length)) if span[0] < span[1]]

    def edges(self) -> tuple[int, int]:
        """Where in the plain lines of the region the head of the source ends and its tail begins."""
        return self.lines.forth(self.head), self.lines.forth(len(self.text) - self.tail)

    def in_place(self, rule: Rule, start: int, end: int) -> bool:
        """Whether characters `[start, end)` of the plain lines of the region lie where `rule` may match."""
        place = rule.written.zone
        if place == "anywhere" or rule.is_feature:
            return True
        if place in PIECE_ZONES:
            zone = self.facts.zone_at(self.in_source(start)) if self.facts.zone_at is not None else ""
            return zone == place or (place == "piece" and zone not in ("", "cue"))
        if place == "start":
            return self.facts.first and start == 0
        if place == "end":
            return self.facts.last and end == len(self.lines.text)
        head, tail = self.edges()
        return (place != "tail" and end <= head) or (place != "head" and start >= tail)

    def allows(self, rule: Rule, start: int, before: str) -> bool:
        """Whether a document in pieces lets `rule` take `before`, which begins at `start` of the plain lines."""
        return self.facts.allows is None or self.facts.allows(rule, self.in_source(start), before)

    def in_source(self, char: int) -> int:
        """Where a character of the plain lines stood in the source of the region."""
        at = self.lines.back(char, char)[0]
        for changeset in reversed(self.changesets):
            at = OffsetMap(changeset).back(at, at)[0]
        return at

    def _is_protected(self, rule: Rule, text: str, start: int, end: int) -> bool:
        """Whether the line around `[start, end)` is an exception (`unless`) of the rule."""
        assert rule.unless is not None
        low = text.rfind("\n", 0, start) + 1
        high = text.find("\n", end)
        high = high if high >= 0 else len(text)
        if high - low > LONG:  # in steps: what is known of a part holds for all matches in it
            low, high = max(low, (start // NEAR - 1) * NEAR), min(high, (end // NEAR + 2) * NEAR)
        line = text[low:high]
        protected = self._protected.get((rule.id, line))
        if protected is None:
            protected = self._protected[rule.id, line] = bool(rule.unless.search(line))
        return protected


def _growth(edit: Edit) -> int:
    return len(edit.after) - (edit.end - edit.start)


RuleMatch = tuple[int, int, int, str, Rule]  # characters, the rule's rank, what stands there instead


def rule_edits(
    context: RegionContext,
    stage: str,
    rules: Sequence[Rule],
    also: Callable[[RegionContext, str, Sequence[Rule], list[RuleMatch]], list[RuleMatch]] | None = None,
) -> list[Edit]:
    """What rules without evidence do: each match an edit; where two overlap, the earlier rule's is kept.

    `also` finds more, in the same text (whose line ends are `\\n`), knowing what the rules found.
    """
    lines = context.lines
    found = [
        (start, end, number, after, rule)
        for number, rule in enumerate(rules)
        if rule.expression
        for start, end, after in context.spans(rule)
    ]
    if also is not None:
        found += also(context, lines.text, rules, found)
    if not lines.is_identity:
        found = [
            (*lines.back(start, end), number, lines.with_ends(after), rule) for start, end, number, after, rule in found
        ]
    if len(found) > 1:
        found = _without_overlaps(found)
    text = context.text
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
