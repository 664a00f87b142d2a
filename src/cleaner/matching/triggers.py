"""What the scanner looks for: expressions, and the rules that each of them wakes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import msgspec

from .normalize import DEOBFUSCATIONS
from .prefilter.disk_cache import memoize_on_disk
from .prefilter.expression import UnsupportedPattern, is_class, lines_before
from .prefilter.patterns import prefilter_patterns
from .rule import Rule

ENDS = ("head", "tail", "ends", "start", "end")
MANY = 64  # expressions from which on the cache is worth it
TriggerKey = tuple[str, bool]  # an expression, and whether capitals are as good


class Trigger(msgspec.Struct, frozen=True):
    """One expression of the scanner.

    `rules` are positions in the rule set of those that are on; `reach` is how far a hit wakes: 0 its line, 1 its
    neighbours too; `back` is how many lines before it may belong to the match; `folds` is the row of `fold.ROWS` that
    it gives away; `page` tells that several lines with hits wake a whole document, `wakes` that one wakes its own line
    too, `ends` that it does so only in the head and the tail.
    """

    expression: str
    caseless: bool
    rules: tuple[int, ...]
    reach: int
    back: int
    folds: int | None = None
    page: bool = False
    wakes: bool = True
    ends: bool = False


class TriggerSet(msgspec.Struct):
    """What one scanner looks for: its probes; `slow` are the places of rules that no scanner takes; `rules` have to

    be in order before it is built.
    """

    probes: list[Trigger]
    slow: list[int]
    rules: Sequence[Rule]

    @property
    def expressions(self) -> list[TriggerKey]:
        return [(probe.expression, probe.caseless) for probe in self.probes]


def fingerprint(rules: Sequence[Rule]) -> str:
    """Changes with everything that could make a rule refusable."""
    parts = [f"{rule.id} {rule.expression} {rule.written.unless}" for rule in rules]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def check(rules: Sequence[Rule]) -> None:
    """Raises UsageProblem for the first expression that `regex` refuses, also of rules that are off."""
    for rule in rules:
        if rule.expression:
            _ = rule.pattern
        _ = rule.unless


def search(rules: Sequence[Rule], numbers: Mapping[str, int], checked: Sequence[Rule]) -> TriggerSet:
    """What finds `rules`, also those that are off, which have no place among `numbers`: their probes wake nobody."""
    wanted: dict[TriggerKey, list[Rule]] = {}
    found = _triggers(rules)
    for rule in rules:
        for trigger in found[rule.id] or ():
            wanted.setdefault((trigger, rule.caseless), []).append(rule)
    probes = [_probe(*key, members, numbers) for key, members in _with_one_class(wanted).items()]
    if any(rule.folds for rule in rules):
        rows = [(number, one) for number, row in enumerate(DEOBFUSCATIONS) for one in row.suspicious]
        probes += [Trigger(expression, False, (), 1, 0, folds=number) for number, expression in rows]
    slow = [numbers[rule.id] for rule in rules if found[rule.id] is None and rule.id in numbers]
    return TriggerSet(probes, slow, checked)


def unscanned(rules: Sequence[Rule], numbers: Mapping[str, int]) -> Trigger:
    """The probe of rules that something else than the scanner finds."""
    return _probe("", False, rules, numbers)


def _triggers(rules: Sequence[Rule]) -> dict[str, list[str] | None]:
    """For each rule, by id, the expressions that wake it; None where no scanner takes it."""
    sought = list(dict.fromkeys(rule.sought for rule in rules if rule.sought))
    if len(sought) < MANY:
        made = [_patterns(one) for one in sought]
    else:
        made = memoize_on_disk("triggers", sought, list[list[str] | None], lambda: [_patterns(one) for one in sought])
    found = dict(zip(sought, made, strict=True))
    return {rule.id: found[rule.sought] if rule.sought else rule.texts for rule in rules}


def _patterns(expression: str) -> list[str] | None:
    try:
        return prefilter_patterns(expression)
    except UnsupportedPattern:
        return None


def _with_one_class(wanted: dict[TriggerKey, list[Rule]]) -> dict[TriggerKey, list[Rule]]:
    """The classes of characters of a stage as one: each alone costs the scanner as much as all together."""
    joined: dict[str, list[TriggerKey]] = {}
    for key, rules in wanted.items():
        stages = {rule.stage for rule in rules}
        if is_class(key[0]) and not key[1] and len(stages) == 1:
            joined.setdefault(stages.pop(), []).append(key)
    probes = dict(wanted)
    for keys in joined.values():
        if len(keys) > 1:
            for expression, _ in keys:
                for rule in probes[expression, False]:
                    rule.own_class += expression[1:-1]
            members = [rule for key in keys for rule in probes.pop(key)]
            probes["[" + "".join(expression[1:-1] for expression, _ in keys) + "]", False] = members
    return probes


def _probe(expression: str, caseless: bool, rules: Sequence[Rule], numbers: Mapping[str, int]) -> Trigger:
    rules = [rule for rule in rules if rule.id in numbers] or rules
    on = tuple(sorted({numbers[rule.id] for rule in rules if rule.id in numbers}))
    reach = int(any(rule.stage == "boilerplate" for rule in rules))
    back = lines_before(expression) if expression else max(rule.spans_lines for rule in rules)
    waking = [rule for rule in rules if rule.does != "page"]
    ends = all(rule.written.zone in ENDS for rule in waking)
    return Trigger(expression, caseless, on, reach, back, page=len(waking) < len(rules), wakes=bool(waking), ends=ends)
