"""Redactions: × and its kind, found and typed. Tags never change the text; see rules/placeholder.

What a rule matches without its lookarounds is its core (`×+`); dozens of rules share one. So the cores are searched
first, and only where one stands are the rules asked, in their order: the first that matches there says the kind.
Which of them are worth asking, the characters on both sides tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache

import regex

from ..edits import Tag
from ..fold import PlainLines
from ..packs.rule import SECONDS, Rule, seconds_for
from ..scanner.expression import CLASS, Unscannable, as_python, edge_characters
from ..scanner.rewrite import scanner_pattern
from ..scanner.sides import Sides, sides
from .work import Work

NAME = "placeholder"
CAPTURING = re.compile(r"(?<!\\)\((?:\?P?<(?![=!])|(?!\?)|\?[a-zA-Z-]+[:)])")
Match = tuple[int, int, Rule]


class _Way:
    """One alternative of a rule: what has to stand before and behind what it matches. `order` is its rank."""

    def __init__(self, rule: Rule, order: int, parts: Sides) -> None:
        self.rule = rule
        self.order = order
        self.parts = parts

    @cached_property
    def _before(self) -> regex.Pattern[str] | None:
        return _compiled(self.parts.before)

    @cached_property
    def _after(self) -> regex.Pattern[str] | None:
        return _compiled(self.parts.after)

    def fits(self, text: str, start: int, end: int, chars: int) -> bool:
        """Whether `[start, end)` of `text` stands where it should, on a line of so many characters."""
        before, after, parts = self._before, self._after, self.parts
        if before is not None and not before.match(text, start, timeout=seconds_for(parts.before, chars)):
            return False
        return after is None or bool(after.match(text, end, timeout=seconds_for(parts.after, chars)))


class _Middle:
    """Ways that match the same between their sides."""

    def __init__(self, expression: str, ways: Sequence[_Way]) -> None:
        self._expression = expression
        self._pattern = _compiled(expression)
        self._behind = _Neighbours([way.parts.behind for way in ways])
        self._ahead = _Neighbours([way.parts.ahead for way in ways])
        self._ways = ways
        self._between: dict[tuple[str, str], list[_Way]] = {}

    def end(self, text: str, start: int, chars: int) -> int:
        """Where it ends if it begins at `start`, -1 if it does not."""
        assert self._pattern is not None
        found = self._pattern.match(text, start, timeout=seconds_for(self._expression, chars))
        return found.end() if found else -1

    def between(self, behind: str, ahead: str) -> list[_Way]:
        """The ways that may match between two characters."""
        ways = self._between.get((behind, ahead))
        if ways is None:
            may = self._behind.of(behind) & self._ahead.of(ahead)
            ways = [way for number, way in enumerate(self._ways) if may >> number & 1]
            self._between[behind, ahead] = ways
        return ways


class _Neighbours:
    """For each of several ways the characters that may stand beside it; None for any."""

    def __init__(self, expressions: Sequence[str | None]) -> None:
        self._patterns = [_compiled(expression) for expression in expressions]
        self._ways: dict[str, int] = {}

    def of(self, char: str) -> int:
        """The ways that allow `char`, one bit each."""
        ways = self._ways.get(char)
        if ways is None:
            bits = (pattern is None or bool(pattern.match(char)) for pattern in self._patterns)
            ways = self._ways[char] = sum(bit << number for number, bit in enumerate(bits))
        return ways


def _compiled(expression: str | None) -> regex.Pattern[str] | None:
    return regex.compile(expression, regex.MULTILINE | regex.VERSION0) if expression else None


class _Group:
    """Rules with one core."""

    def __init__(self, core: str, rules: Sequence[Rule]) -> None:
        self.rules = list(rules)
        self._core = regex.compile(core, regex.MULTILINE | regex.VERSION0)
        first = edge_characters(core)
        simple = first is not None and not re.search(r"\\[pP]", core)
        self._first = re.compile(first or "") if simple else None
        self._quick = re.compile(as_python(core), re.MULTILINE) if simple else None

    @cached_property
    def _middles(self) -> list[_Middle]:
        """Taken apart when a core is found: dozens of word lists take a while."""
        ways: dict[str, list[_Way]] = {}
        taken_apart = [(rule, parts) for rule in self.rules for parts in sides(rule.expression)]
        for order, (rule, parts) in enumerate(taken_apart):
            ways.setdefault(parts.middle, []).append(_Way(rule, order, parts))
        return [_Middle(middle, members) for middle, members in ways.items()]

    def _cores(self, text: str, low: int, high: int) -> Iterator[regex.Match[str] | re.Match[str]]:
        """Like finditer of the core, but looks only where one may begin."""
        if self._first is None or self._quick is None:
            yield from self._core.finditer(text, low, high, timeout=SECONDS)
            return
        at = low
        for found in self._first.finditer(text, low, high):
            if found.start() >= at:
                core = self._quick.match(text, found.start(), high)
                if core:
                    at = max(core.end(), at)
                    yield core

    def matches(self, work: Work, text: str, low: int, high: int, taken: bytearray) -> Iterator[Match]:
        try:
            for core in self._cores(text, low, high):
                start = core.start()
                if not taken[start]:
                    found = self._asked(text, start, high - low)
                    if found is not None:
                        yield start, *found
        except TimeoutError:
            work.failed.update(rule.id for rule in self.rules)

    def _asked(self, text: str, start: int, chars: int) -> tuple[int, Rule] | None:
        """Where the match of the first rule that matches at `start` ends."""
        behind = text[start - 1] if start else "\n"
        asked: list[tuple[_Way, int]] = []
        for middle in self._middles:
            end = middle.end(text, start, chars)
            if end > start:
                asked += [(way, end) for way in middle.between(behind, text[end : end + 1] or "\n")]
        if len(self._middles) > 1:
            asked.sort(key=lambda one: one[0].order)
        return next(((end, way.rule) for way, end in asked if way.fits(text, start, end, chars)), None)


def tags(work: Work, rules: tuple[Rule, ...]) -> list[Tag]:
    """Sorted and disjoint. A rule without a kind takes its match from the rules behind it: 3×4 is no redaction."""
    lines = PlainLines(work.text)
    taken = bytearray(len(lines.text))
    found: list[Tag] = []
    for start, end, rule in _candidates(work, lines.text, rules, taken):
        if 1 not in taken[start:end]:
            taken[start:end] = b"\1" * (end - start)
            if rule.kind is not None:
                low, high = lines.back(start, end)
                found.append(Tag(low, high, rule.kind, work.text[low:high], rule.id))
    return sorted(found, key=lambda tag: tag.start)


def _candidates(work: Work, text: str, rules: tuple[Rule, ...], taken: bytearray) -> Iterator[Match]:
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
    """Groups of rules with one core that the same probes wake, and rules that have to be asked by themselves."""
    cores: dict[tuple[str, tuple[int, ...]], list[Rule]] = {}
    alone = []
    for rule in rules:
        core = _core(rule)
        if core:
            cores.setdefault((core, rule.probes), []).append(rule)
        else:
            alone.append(rule)
    return [_group(core, tuple(members)) for (core, _), members in cores.items()], alone


@lru_cache(maxsize=4096)
def _group(core: str, rules: tuple[Rule, ...]) -> _Group:
    return _Group(core, rules)


@lru_cache(maxsize=4096)
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
