"""What else can be said of rules: slow, broad, covered by others, never used. Advice, no verdict."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from ..matching.rule import Rule, RuleTimeout
from ..matching.ruleset import RuleSet
from ..pipeline import Pipeline
from ..rules.spec import Pack
from .false_positives import MOST_CHARS, MOST_LINES, clean_text, harm

LintCode = Literal["Slow", "Broad", "Covered", "Unused"]
MOST_MS = 20.0  # of CPU on the clean text (87,000 characters); built-in rules need 0.1 to 6

MOST_AT_ENDS = 0.1  # of the lines of clean text that a rule for head or tail may open


class LintWarning(msgspec.Struct, frozen=True):
    """A remark on a rule, and the figure or rule behind it."""

    word: LintCode
    rule: str
    where: str
    why: str


def advise(packs: Sequence[Pack], others: Sequence[Pack]) -> Iterator[LintWarning]:
    """Remarks on every rule of `packs`; `others` are the packs that it runs with."""
    yield from opening(RuleSet(packs))
    together = Pipeline(RuleSet([*others, *packs]))
    for rule in RuleSet(packs).all:
        if not rule.expression or rule.stage != "boilerplate":
            continue
        yield from _cost(rule)
        covering = _covered(rule, together)
        if covering:
            yield LintWarning("Covered", rule.id, rule.where, f"{covering} finds its examples too")


def opening(rules: RuleSet) -> Iterator[LintWarning]:
    """Rules for which too much has to be looked at: no word in them says where they may match."""
    fired = Pipeline(rules).rescan(clean_text(), False, False).trigger_lines
    lines = clean_text().count("\n")
    for at, trigger_lines in fired.items():
        trigger = rules.program.triggers[at]
        if len(trigger_lines) > (MOST_AT_ENDS if trigger.ends else MOST_LINES) * lines and trigger.opens:
            for number in trigger.rules:
                rule = rules.rules[number]
                why = (
                    f"opens {len(trigger_lines) / lines:.0%} of the lines of clean text; "
                    "prefilter = '''...''' (opens in format 1) can say by what to find it"
                )
                yield LintWarning("Broad", rule.id, rule.where, why)


def unused(rules: RuleSet, hits: Mapping[str, int], where: str) -> Iterator[LintWarning]:
    """The rules that can decide alone and had none of `hits`, which were counted on `where`."""
    able = (rule for rule in rules.all if rule.id in rules.on and rule.decisive and not rule.dependent)
    for rule in able:
        if rule.stage not in ("placeholder", "flag") and not hits.get(rule.id):
            yield LintWarning("Unused", rule.id, rule.where, f"no hit on {where}")


def _cost(rule: Rule) -> Iterator[LintWarning]:
    _ = rule.pattern
    begun = time.process_time()
    try:
        done = harm(rule.replacements(clean_text()))
    except RuleTimeout as slow:
        yield LintWarning("Slow", rule.id, rule.where, slow.what)
        return
    took = (time.process_time() - begun) * 1000
    if took > MOST_MS:
        yield LintWarning("Slow", rule.id, rule.where, f"{took:.0f} ms on {len(clean_text())} characters of clean text")
    if rule.decisive and (done.lines > MOST_LINES or done.chars > MOST_CHARS):
        yield LintWarning("Broad", rule.id, rule.where, f"clean text: {done}")


def _covered(rule: Rule, together: Pipeline) -> str:
    """The rule of `together` that does to every hit of this one what this one does, "" if there is none."""
    hits = [one for one in rule.written.hit if one.want is not None]
    if not hits or rule.in_sequence or rule.written.does:
        return ""
    rest = together.without(frozenset([rule.id]))
    found = [rest.clean(one.text) for one in hits]
    if any(result.text != one.want for result, one in zip(found, hits, strict=True)):
        return ""
    return next((edit.rule for result in found for edit in result.edits), "")
