"""What the prefilter of a rule set looks for: expressions, and the rules that each of them makes candidates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from .analysis import LINES, Query, analyze
from .normalize import DEOBFUSCATIONS
from .prefilter import Prefilter, Search
from .rule import Rule

ENDS = ("head", "tail", "ends", "start", "end")


class Trigger(msgspec.Struct, frozen=True):
    """One expression that is scanned for; None for the one of hard-wrapped lines, which another detector finds.

    `rules` are positions in the rule set; `reach` is how far around a hit lines are candidates: 0 its line, 1 the
    adjacent ones too; `back` is how many lines before it may belong to the match; `deobfuscation` is the position in
    DEOBFUSCATIONS of the disguise that it finds; `page`: several lines with hits may make the document a web page;
    `opens`: a line with a hit is a candidate, with `ends` only in the head and the tail.
    """

    search: Search | None
    rules: tuple[int, ...]
    reach: int
    back: int
    deobfuscation: int | None = None
    page: bool = False
    opens: bool = True
    ends: bool = False


class Program(msgspec.Struct, frozen=True):
    """Everything that is scanned for in a run. The id of a trigger is its position in `triggers`.

    `unwrap` is the trigger of the rules that join hard-wrapped lines, the last one. `of_rule` gives the triggers of a
    rule by its id.
    """

    triggers: tuple[Trigger, ...]
    unwrap: int | None
    of_rule: Mapping[str, frozenset[int]]

    def prefilter(self) -> Prefilter:
        return Prefilter([trigger.search for trigger in self.triggers if trigger.search is not None])


def compile_triggers(rules: Sequence[Rule]) -> Program:
    """The program of `rules`, which are on."""
    wanted: dict[Search, list[int]] = {}
    for number, rule in enumerate(rules):
        if rule.is_triggered:
            wanted.setdefault(search_of(rule), []).append(number)
    triggers = [_trigger(one, numbers, rules) for one, numbers in wanted.items()]
    if any(rule.deobfuscates for rule in rules):
        triggers += disguises()
    joining = [number for number, rule in enumerate(rules) if rule.does == "join"]
    if joining:
        triggers.append(_trigger(None, joining, rules))
    of_rule: dict[str, set[int]] = {rule.id: set() for rule in rules}
    for at, trigger in enumerate(triggers):
        for position in trigger.rules:
            of_rule[rules[position].id].add(at)
    return Program(
        tuple(triggers),
        len(triggers) - 1 if joining else None,
        {rule: frozenset(found) for rule, found in of_rule.items()},
    )


def search_of(rule: Rule) -> Search:
    return Search(rule.analysis.search, rule.flags, rule.analysis.search_facts)


def disguises() -> list[Trigger]:
    """Those of DEOBFUSCATIONS."""
    found = analyze(disguise_queries())
    return [
        Trigger(Search(row.suspicious, LINES, one.search_facts), (), 1, 0, deobfuscation=number)
        for number, (row, one) in enumerate(zip(DEOBFUSCATIONS, found, strict=True))
    ]


def disguise_queries() -> list[Query]:
    return [Query(row.suspicious, "", LINES, False) for row in DEOBFUSCATIONS]


def check(rules: Iterable[Rule]) -> None:
    """Raises UsageProblem for the first expression that `regex` refuses, also of rules that are off."""
    for rule in rules:
        if rule.expression:
            _ = rule.pattern
        _ = rule.unless


def _trigger(one: Search | None, numbers: Sequence[int], rules: Sequence[Rule]) -> Trigger:
    found = [rules[number] for number in numbers]
    opening = [rule for rule in found if rule.does != "page"]
    return Trigger(
        one,
        tuple(numbers),
        reach=int(any(rule.stage == "boilerplate" or "\n" in (rule.replace or "") for rule in found)),
        back=one.facts.back if one else max(rule.spans_lines for rule in found),
        page=len(opening) < len(found),
        opens=bool(opening),
        ends=all(rule.written.zone in ENDS for rule in opening),
    )
