"""Redactions: × and its kind, found and typed. Tags never change the text; see rules/placeholder.

What a rule matches without its lookarounds is its core (`×+`); dozens of rules share one. So the cores are searched
first, and only where one stands are the rules asked, in their order: the first that matches there says the kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache

import regex

from ..edits import Tag
from ..fold import PlainLines
from ..packs.rule import SECONDS, Rule
from ..scanner.rewrite import CLASS, Unscannable, as_python, first_characters, scanner_pattern
from .work import Range, Work

NAME = "placeholder"
CAPTURING = re.compile(r"(?<!\\)\((?:\?P?<(?![=!])|(?!\?))")


class _Group:
    """Rules with one core, as one expression that is asked at a place."""

    def __init__(self, core: str, rules: Sequence[Rule]) -> None:
        self.rules = list(rules)
        self.core = regex.compile(core, regex.MULTILINE | regex.VERSION0)
        first = first_characters(core)
        simple = first is not None and not re.search(r"\\[pP]", core)
        self.first = re.compile(f"[{as_python(first or '')}]") if simple else None
        self.quick = re.compile(as_python(core), re.MULTILINE) if simple else None

    @cached_property
    def pattern(self) -> regex.Pattern[str]:
        """All rules as one, compiled when a core is found: dozens of word lists take a tenth of a second."""
        alternatives = (f"(?P<rule{number}>{rule.expression})" for number, rule in enumerate(self.rules))
        return regex.compile("|".join(alternatives), regex.MULTILINE | regex.VERSION0)

    def _cores(self, text: str, low: int, high: int) -> Iterator[regex.Match[str] | re.Match[str]]:
        """Like finditer of the core, but looks only where one may begin."""
        if self.first is None or self.quick is None:
            yield from self.core.finditer(text, low, high, timeout=SECONDS)
            return
        at = low
        for found in self.first.finditer(text, low, high):
            if found.start() >= at:
                core = self.quick.match(text, found.start(), high)
                if core:
                    at = max(core.end(), at)
                    yield core

    def matches(
        self, work: Work, text: str, low: int, high: int, taken: list[Range]
    ) -> Iterator[tuple[int, int, Rule]]:
        try:
            for core in self._cores(text, low, high):
                if any(start <= core.start() < end for start, end in taken):
                    continue  # asking dozens of rules takes 45 microseconds
                match = self.pattern.match(text, core.start(), timeout=SECONDS)
                if match and match.end() > match.start():
                    yield match.start(), match.end(), self.rules[int(match.lastgroup[4:])]
        except TimeoutError:
            work.failed.update(rule.id for rule in self.rules)


def tags(work: Work, rules: tuple[Rule, ...]) -> list[Tag]:
    """Sorted and disjoint. A rule without a kind takes its match from the rules behind it: 3×4 is no redaction."""
    lines = PlainLines(work.text)
    taken: list[Range] = []
    found: list[Tag] = []
    for start, end, rule in _candidates(work, lines.text, rules, taken):
        if all(end <= low or start >= high for low, high in taken):
            taken.append((start, end))
            if rule.kind is not None:
                low, high = lines.back(start, end)
                found.append(Tag(low, high, rule.kind, work.text[low:high], rule.id))
    return sorted(found, key=lambda tag: tag.start)


def _candidates(work: Work, text: str, rules: tuple[Rule, ...], taken: list[Range]) -> Iterator[tuple[int, int, Rule]]:
    """Matches: first of the rules that protect, then of the others; in each, those that share a core go together."""
    for groups, alone in _grouped(rules):
        for group in groups:
            for low, high in work.ranges(group.rules[0]) if text is work.text else [(0, len(text))]:
                yield from group.matches(work, text, low, high, taken)
        for rule in alone:
            for start, end, _ in work.spans(rule, text):
                yield start, end, rule


@lru_cache(maxsize=4096)
def _grouped(rules: tuple[Rule, ...]) -> list[tuple[list[_Group], list[Rule]]]:
    protecting = [rule for rule in rules if rule.kind is None]
    tagging = [rule for rule in rules if rule.kind is not None]
    return [_by_core(members) for members in (protecting, tagging) if members]


def _by_core(rules: Sequence[Rule]) -> tuple[list[_Group], list[Rule]]:
    cores: dict[str, list[Rule]] = {}
    for rule in rules:
        cores.setdefault(_core(rule), []).append(rule)
    alone = cores.pop("", [])
    return [_Group(core, members) for core, members in cores.items()], alone


def _core(rule: Rule) -> str:
    """What the rule matches without its lookarounds; "" for a rule that has to be asked by itself."""
    if (
        rule.written.place != "anywhere"
        or rule.unless is not None
        or CAPTURING.search(CLASS.sub("", rule.expression))
        or rule.written.any
    ):
        return ""
    try:
        core = scanner_pattern(rule.expression)
    except Unscannable:
        return ""
    return "" if "\\x{" in core or core.startswith("^") else core
