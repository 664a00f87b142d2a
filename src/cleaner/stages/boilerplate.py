"""What the distributor or the site put into the text: advertising, watermarks, frames, menus, notices."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ..engine.context import Candidates, CharSpan, RegionContext
from ..engine.scoring import Match, SpanDecision, decide, in_question, is_whole, with_lines
from ..engine.webpage import PageLine, cut, read
from ..matching.normalize import DEOBFUSCATIONS, NewlineView, NormalizedText
from ..matching.rule import Rule
from ..model.blocks import Decision
from ..model.edits import Edit, Evidence, OffsetMap

NAME = "boilerplate"


def edits(work: RegionContext, rules: Sequence[Rule]) -> list[Edit]:
    lines = work.lines
    text = lines.text
    findings = []
    block = None
    leaving = []
    against = []
    for rule in rules:
        if rule.against:
            against.append(rule)
        elif rule.does is None:
            findings += [Match(start, end, rule, after) for start, end, after in work.spans(rule, text)]
        elif rule.does == "block":
            block = rule
        elif rule.does == "protect":
            leaving.append(rule)
    if work.folds:
        findings += _disguised(work, text, findings)
    if not findings and work.page is None:
        return []
    if leaving:
        findings = _unprotected(work, text, findings, leaving)
    if against:
        lines_asked = in_question(findings, text, work.level.enough) if work.decisions is None else [(0, len(text))]
        findings += [
            Match(start, end, rule) for rule in against for start, end, _ in work.spans(rule, text, lines_asked)
        ]
    head, tail = work.edges()
    verdicts = decide(findings, text, head, tail, block, work.level.enough)
    if work.page is not None:
        verdicts = with_lines(verdicts, _page(work, text, verdicts))
        work.page = None
    if work.decisions is not None:
        work.decisions += [_in_source(verdict, work, lines) for verdict in verdicts]
    return [_edit(verdict, work.text, lines) for verdict in verdicts if verdict.removed and _changes(verdict, text)]


def _page(work: RegionContext, text: str, verdicts: Sequence[SpanDecision]) -> list[SpanDecision]:
    """A verdict on each line of a page; blank lines inside a run of furniture go with the line before."""
    assert work.page is not None
    rule, asked = work.page
    known = [(verdict.start, verdict.end) for verdict in verdicts if verdict.removed and is_whole(verdict, text)]
    lines = read(text, asked(text), lambda sign, where: work.spans(sign, text, where))
    cut(lines, known, rule.written.weight, work.level.shift)
    decided: list[SpanDecision] = []
    blanks: list[PageLine] = []
    for line in lines:
        if line.blank:
            blanks.append(line)
            continue
        if blanks and line.furniture and decided and decided[-1].removed and decided[-1].end == blanks[0].start:
            decided[-1] = msgspec.structs.replace(decided[-1], end=blanks[-1].end)
        blanks = []
        if line.furniture or work.decisions is not None:
            lead = max((sign for sign in line.parts if sign.kind), key=lambda sign: sign.written.weight, default=rule)
            parts = tuple((sign.id, sign.written.weight) for sign in line.parts)
            decided.append(SpanDecision(line.start, line.end, lead, line.furniture, parts, run=line.run))
    return decided


def _changes(verdict: SpanDecision, text: str) -> bool:
    return text[verdict.start : verdict.end] != verdict.after


def _edit(verdict: SpanDecision, text: str, lines: NewlineView) -> Edit:
    start, end = lines.back(verdict.start, verdict.end)
    after = verdict.after.replace("\n", "\r\n") if "\r\n" in text else verdict.after
    rule = verdict.rule
    return Edit(start, end, text[start:end], after, NAME, rule.id, rule.kind, (), _reason(verdict))


def _reason(verdict: SpanDecision) -> Evidence | msgspec.UnsetType:
    if len(verdict.parts) == 1 and verdict.run is None:
        return msgspec.UNSET
    total = verdict.total if verdict.run is None else verdict.run
    parts = tuple((rule, round(weight, 3)) for rule, weight in verdict.parts)
    return Evidence(round(total, 3), parts, verdict.run is not None)


def _in_source(verdict: SpanDecision, work: RegionContext, lines: NewlineView) -> Decision:
    """For people: where it stands in the region as it was, and not behind what earlier layers took away."""
    start, end = lines.back(verdict.start, verdict.end)
    for layer in reversed(work.layers):
        start, end = OffsetMap(layer).back(start, end)
    return Decision(start, end, verdict.rule.id, verdict.removed, verdict.parts, verdict.run)


def _unprotected(work: RegionContext, text: str, findings: list[Match], leaving: Sequence[Rule]) -> list[Match]:
    """Without those that lie wholly in what a rule says to leave alone."""
    kept = [(start, end) for rule in leaving for start, end, _ in work.spans(rule, text)]
    if not kept:
        return findings
    return [f for f in findings if not any(start <= f.start and f.end <= end for start, end in kept)]


def _disguised(work: RegionContext, text: str, plain: Sequence[Match]) -> list[Match]:
    """What the rules find in the folded view of suspicious lines and did not find in the text itself."""
    seen = {(finding.start, finding.end) for finding in plain}
    lines: dict[CharSpan, set[int]] = {}
    for probe, row in work.folds:
        for span in work.spots.get(probe, ()) if text is work.text else [(0, len(text))]:
            lines.setdefault(span, set()).add(row)
    found = []
    for (low, high), rows in lines.items():
        for finding in _in_view(work, text[low:high], rows):
            start, end = finding.start + low, finding.end + low
            if (start, end) not in seen and work.in_place(finding.rule, start, end):
                found.append(Match(start, end, finding.rule, finding.after))
    return found


def _in_view(work: RegionContext, text: str, rows: set[int]) -> list[Match]:
    """What the rules find once the disguises are off; taking one off may show the next."""
    view = NormalizedText(text)
    done: set[int] = set()
    woken = Candidates({}, (), {})
    while rows:
        for row in sorted(rows):
            view.take_off(DEOBFUSCATIONS[row])
        done |= rows
        if not view.differs:
            return []
        woken = work.wake(view.text, False, False)
        rows = {row for _, row in woken.folds} - done
    return [
        Match(*view.back(start, end), rule, after)
        for rule in woken.plan.get(NAME, ())
        if rule.folds and rule.does is None and not rule.against
        for start, end, after in work.spans(rule, view.text)
    ]
