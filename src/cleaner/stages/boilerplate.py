"""What the distributor or the site put into the text: advertising, watermarks, frames, menus, notices."""

from __future__ import annotations

from collections.abc import Sequence

from ..edits import Edit
from ..evidence import Finding, Verdict, decide
from ..fold import ROWS, PlainLines, View
from ..packs.rule import Rule
from .work import Plan, Work

NAME = "boilerplate"


def edits(work: Work, rules: Sequence[Rule]) -> list[Edit]:
    lines = PlainLines(work.text)
    text = lines.text
    block = next((rule for rule in rules if rule.does == "block"), None)
    findings = [
        Finding(start, end, rule, after)
        for rule in rules
        if rule.does is None
        for start, end, after in work.spans(rule, text)
    ]
    if work.folds:
        findings += _disguised(work, text, findings)
    if not findings:
        return []
    findings = _unprotected(work, text, findings, [rule for rule in rules if rule.does == "leave"])
    verdicts = decide(findings, text, work.head, work.tail, block)
    if work.verdicts is not None:
        work.verdicts += verdicts
    return [_edit(verdict, work.text, lines) for verdict in verdicts if verdict.removed and _changes(verdict, text)]


def _changes(verdict: Verdict, text: str) -> bool:
    return text[verdict.start : verdict.end] != verdict.after


def _edit(verdict: Verdict, text: str, lines: PlainLines) -> Edit:
    start, end = lines.back(verdict.start, verdict.end)
    after = verdict.after
    rule = verdict.rule
    return Edit(start, end, text[start:end], after, NAME, rule.id, rule.kind)


def _unprotected(work: Work, text: str, findings: list[Finding], leaving: Sequence[Rule]) -> list[Finding]:
    """Without those that lie wholly in what a rule says to leave alone."""
    kept = [(start, end) for rule in leaving for start, end, _ in work.spans(rule, text)]
    if not kept:
        return findings
    return [f for f in findings if not any(start <= f.start and f.end <= end for start, end in kept)]


def _disguised(work: Work, text: str, plain: Sequence[Finding]) -> list[Finding]:
    """What the rules find in the folded view and did not find in the text itself."""
    view = View(text)
    done: set[int] = set()
    rows = work.folds
    plan: Plan = {}
    while rows:
        for row in rows:
            view.take_off(ROWS[row])
        done.update(rows)
        if not view.differs:
            return []
        plan, rows = work.wake(view.text, False, False)
        rows = tuple(row for row in rows if row not in done)
    seen = {(finding.start, finding.end) for finding in plain}
    found = []
    for rule in plan.get(NAME, ()):
        if rule.folds and rule.does is None:
            for start, end, after in work.spans(rule, view.text):
                start, end = view.back(start, end)
                if (start, end) not in seen:
                    found.append(Finding(start, end, rule, after))
    return found
