"""What the distributor or the site put into the text: advertising, watermarks, frames, menus, notices."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from ..engine.context import Candidates, CharSpan, RegionContext
from ..engine.scoring import Match, SpanDecision, decide, in_question, is_whole, line_of, with_lines
from ..engine.webpage import PageLine, cut, read
from ..matching.normalize import DEOBFUSCATIONS, NormalizedText
from ..matching.rule import Rule
from ..model.blocks import Decision
from ..model.edits import Edit, Evidence, OffsetMap

if TYPE_CHECKING:
    from ..engine.span_model import RowSpan

NAME = "boilerplate"
SENTENCE_ENDS = frozenset("。！？…”’」』")


class _Roles(NamedTuple):
    """Rules of the stage by what they are for."""

    match: list[Rule]
    protecting: list[Rule]
    negative: list[Rule]  # their weight speaks against a removal
    block: Rule | None  # answers for plain lines of a block


@lru_cache(maxsize=4096)
def _roles(rules: tuple[Rule, ...]) -> _Roles:
    return _Roles(
        [rule for rule in rules if rule.does is None and not rule.negative],
        [rule for rule in rules if rule.does == "protect" and not rule.negative],
        [rule for rule in rules if rule.negative],
        next((rule for rule in reversed(rules) if rule.does == "block" and not rule.negative), None),
    )


def edits(context: RegionContext, rules: tuple[Rule, ...]) -> list[Edit]:
    text = context.lines.text
    roles = _roles(rules)
    found = _matches(context, text, roles)
    if not found and context.is_segmented:
        return []
    head, tail = context.edges()
    decided = decide(found, text, head, tail, roles.block, context.facts.level.enough)
    if not context.is_segmented:
        decided = with_lines(decided, _page(context, text, decided))
        context.is_segmented = True
    if context.facts.explains:
        decided += _not_taken(context, text, decided)
        context.decisions += [_in_source(one, context) for one in decided]
    return [_edit(one, context) for one in decided if one.removed and _changes(one, text)]


def _matches(context: RegionContext, text: str, roles: _Roles) -> list[Match]:
    """What the rules find, without what is protected, and what speaks against lines that lighter rules would take."""
    found = [Match(start, end, rule, after) for rule in roles.match for start, end, after in context.spans(rule)]
    if context.disguises:
        found += _disguised(context, text, found)
    if context.facts.evidence:
        shown = [Match(*piece, rule) for rule, find in context.facts.evidence for piece in find(text)]
        found = [*_within_lines(found, shown, text), *shown]
    found += _modelled(context, text, context.facts.level.enough - 1.0)
    if context.facts.allows is not None:
        found = [one for one in found if _is_allowed(context, one, text)]
    if not found and context.is_segmented:
        return []
    if roles.protecting:
        found = _unprotected(context, found, roles.protecting)
    if roles.negative:
        facts = context.facts
        lines = [(0, len(text))] if facts.explains else in_question(found, text, facts.level.enough)
        found += [Match(start, end, rule) for rule in roles.negative for start, end, _ in context.spans(rule, lines)]
    return found


def _is_allowed(context: RegionContext, match: Match, text: str) -> bool:
    """Lighter rules speak of their line."""
    start, end = (match.start, match.end) if match.rule.decisive else line_of(text, match.start, match.end)
    return context.allows(match.rule, match.start, text[start:end])


def _modelled(context: RegionContext, text: str, least: float) -> list[Match]:
    """What the learned model takes, with the n-grams that count most, and what all else adds to them.

    A web page is cut first: what the model takes there would be missing among the cue words around the content.
    """
    if context.facts.modelled is None or not context.is_segmented:
        return []
    rule, find = context.facts.modelled
    return [
        Match(at + span.start, at + span.end, rule, "", _parts(rule, span))
        for at, span in find(text)
        if span.score > least
    ]


def _parts(rule: Rule, span: RowSpan) -> tuple[tuple[str, float], ...]:
    rest = 1.0 + span.score - sum(weight for _, weight in span.parts)
    return (*span.parts, (rule.id, round(rest, 2)))


def _not_taken(context: RegionContext, text: str, decided: Sequence[SpanDecision]) -> list[SpanDecision]:
    """For people: what the model looked at and left."""
    found = _modelled(context, text, -1e9)
    taken = [(one.start, one.end) for one in decided if one.removed]
    return [
        SpanDecision(one.start, one.end, one.rule, False, one.parts)
        for one in found
        if not any(low < one.end and one.start < high for low, high in taken)
    ]


def _within_lines(found: list[Match], shown: Sequence[Match], text: str) -> list[Match]:
    """Without those that take more than the document shows to be a stamp: a whole line, or a sentence next to it."""
    lines = {line_of(text, match.start, match.end) for match in shown}
    return [
        match
        for match in found
        if line_of(text, match.start, match.end) not in lines
        or (match.rule.written.extent != "line" and not any(_takes_sentence(match, stamp, text) for stamp in shown))
    ]


def _takes_sentence(match: Match, stamp: Match, text: str) -> bool:
    """Whether a match holds a stamp and, behind it, what ends as a sentence does: （site）他笑了。"""
    return (
        match.start <= stamp.start
        and stamp.end < match.end
        and text[stamp.end : match.end].rstrip()[-1:] in SENTENCE_ENDS
    )


def _page(context: RegionContext, text: str, decisions: Sequence[SpanDecision]) -> list[SpanDecision]:
    """A verdict on each line of a page; blank lines inside a run of boilerplate are removed with the line before."""
    assert context.facts.page is not None
    rule, candidates, sums = context.facts.page
    known = [
        (one.start, one.end)
        for one in decisions
        if one.removed and is_whole(one, text) and one.rule.written.zone != "menu"  # which takes no neighbours along
    ]
    lines = read(text, candidates(text), context.spans)
    if lines:
        for number, total in sums(text, lines).items():
            lines[number].model = total
    cut(lines, known, rule.written.weight, context.facts.level.shift)
    decided: list[SpanDecision] = []
    blanks: list[PageLine] = []
    for line in lines:
        if line.blank:
            blanks.append(line)
            continue
        if blanks and line.is_boilerplate and decided and decided[-1].removed and decided[-1].end == blanks[0].start:
            decided[-1] = msgspec.structs.replace(decided[-1], end=blanks[-1].end)
        blanks = []
        if line.is_boilerplate or context.facts.explains:
            lead = max(
                (feature for feature in line.parts if feature.kind),
                key=lambda feature: feature.written.weight,
                default=rule,
            )
            parts = (*((feature.id, feature.written.weight) for feature in line.parts), (rule.id, line.model))
            decided.append(SpanDecision(line.start, line.end, lead, line.is_boilerplate, parts, run=line.run))
    return decided


def _changes(decision: SpanDecision, text: str) -> bool:
    return text[decision.start : decision.end] != decision.after


def _edit(decision: SpanDecision, context: RegionContext) -> Edit:
    text = context.text
    start, end = context.lines.back(decision.start, decision.end)
    rule = decision.rule
    return Edit(
        start,
        end,
        text[start:end],
        context.lines.with_ends(decision.after),
        NAME,
        rule.id,
        rule.kind,
        (),
        _reason(decision),
    )


def _reason(decision: SpanDecision) -> Evidence | msgspec.UnsetType:
    if len(decision.parts) == 1 and decision.run is None:
        return msgspec.UNSET
    total = decision.total if decision.run is None else decision.run
    parts = tuple((rule, round(weight, 3)) for rule, weight in decision.parts)
    return Evidence(round(total, 3), parts, decision.run is not None)


def _in_source(decision: SpanDecision, context: RegionContext) -> Decision:
    """For people: where it stands in the region as it was, and not behind what earlier layers took away."""
    start, end = context.lines.back(decision.start, decision.end)
    for changeset in reversed(context.changesets):
        start, end = OffsetMap(changeset).back(start, end)
    return Decision(start, end, decision.rule.id, decision.removed, decision.parts, decision.run)


def _unprotected(context: RegionContext, matches: list[Match], leaving: Sequence[Rule]) -> list[Match]:
    """Without those that lie wholly in what a rule says to leave alone."""
    kept = [(start, end) for rule in leaving for start, end, _ in context.spans(rule)]
    if not kept:
        return matches
    return [f for f in matches if not any(start <= f.start and f.end <= end for start, end in kept)]


def _disguised(context: RegionContext, text: str, plain: Sequence[Match]) -> list[Match]:
    """What the rules find in the folded view of suspicious lines and did not find in the text itself."""
    seen = {(match.start, match.end) for match in plain}
    lines: dict[CharSpan, set[int]] = {}
    for trigger, row in context.disguises:
        for span in context.trigger_lines.get(trigger, ()) if context.lines.is_identity else [(0, len(text))]:
            lines.setdefault(span, set()).add(row)
    found = []
    for (low, high), rows in lines.items():
        for match in _in_view(context, text[low:high], rows):
            start, end = match.start + low, match.end + low
            if (start, end) not in seen and context.in_place(match.rule, start, end):
                found.append(Match(start, end, match.rule, match.after))
    return found


def _in_view(context: RegionContext, text: str, rows: set[int]) -> list[Match]:
    """What the rules find once the disguises are off; taking one off may show the next."""
    view = NormalizedText(text)
    done: set[int] = set()
    rescanned = Candidates({}, (), {})
    while rows:
        for row in sorted(rows):
            view.take_off(DEOBFUSCATIONS[row])
        done |= rows
        if not view.differs:
            return []
        rescanned = context.rescan(view.text, False, False)
        rows = {row for _, row in rescanned.disguises} - done
    return [
        Match(*view.back(start, end), rule, after)
        for rule in rescanned.plan.get(NAME, ())
        if rule.deobfuscates and rule.does is None and not rule.negative
        for start, end, after in context.spans_in(rule, view.text)
    ]
