"""Placeholders: × and its kind, found and typed. Tags never change the text; see rules/placeholder.

What a rule matches without its lookarounds is its core (`×+`); dozens of rules share one. So the cores are searched
first, and only where one stands are the rules tried, in their order: the first that matches there says the kind.
Which of them are worth trying, the characters on both sides tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache

import regex

from ..engine.context import CharSpan, RegionContext
from ..engine.mask_kinds import built_in
from ..matching import Rule, Sides, compiled, seconds_for
from ..model.edits import Tag

NAME = "placeholder"
PAIRS = 8192  # of neighbours, for which it is remembered what they allow
FINDS = 0.7  # the weight up to which a rule finds a mask and hardly says of what kind
FLAGS = regex.MULTILINE | regex.VERSION0
PlaceholderMatch = tuple[int, int, Rule]
RUN = 16  # equal characters: inside longer runs no mask begins, else each × of a ruler costs as much as a mask
# In a region so many masks are tried and one more for each APART bytes; for the rest of them the file has a notice. Of
# 5,556 regions of judgments, forms and other texts none has more than 266.
MASKS, APART = 1000, 24
MaskStart = tuple[int, int, int]  # where a core may begin, and of its line the end and the length


class _Alternative:
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

    def fits(self, text: str, start: int, end: int, limit: float | None) -> bool:
        """Whether `[start, end)` of `text` stands where it should."""
        before, after = self._before, self._after
        if before is not None and not before.match(text, start, timeout=limit):
            return False
        return after is None or bool(after.match(text, end, timeout=limit))


class _Middle:
    """Ways that match the same between their sides."""

    def __init__(self, expression: str, ways: Sequence[_Alternative]) -> None:
        self._expression = expression
        self._behind = _Neighbours([way.parts.behind for way in ways])
        self._ahead = _Neighbours([way.parts.ahead for way in ways])
        self._ways = ways
        self._between: dict[tuple[str, str], list[_Alternative]] = {}

    @cached_property
    def _pattern(self) -> regex.Pattern[str]:
        return compiled(self._expression, FLAGS)

    def end(self, text: str, start: int, limit: float | None) -> int:
        """Where it ends if it begins at `start` and may stand there, -1 if not."""
        if not self._behind.of(text[start - 1] if start else "\n"):
            return -1
        found = self._pattern.match(text, start, timeout=limit)
        return found.end() if found else -1

    def between(self, behind: str, ahead: str) -> list[_Alternative]:
        """The ways that may match between two characters."""
        ways = self._between.get((behind, ahead))
        if ways is None:
            may = self._behind.of(behind) & self._ahead.of(ahead)
            ways = [way for number, way in enumerate(self._ways) if may >> number & 1]
            if len(self._between) >= PAIRS:
                self._between.clear()
            self._between[behind, ahead] = ways
        return ways


class _Neighbours:
    """For each of several ways the characters that may stand next to it; None for any."""

    def __init__(self, expressions: Sequence[list[str] | None]) -> None:
        self._any = 0  # the ways next to which any character may stand, one bit each
        self._named: dict[str, int] = {}
        self._classes: dict[str, int] = {}
        for number, expression in enumerate(expressions):
            if not expression:
                self._any |= 1 << number
            for one in expression or ():
                kind = self._named if len(one) == 1 and one != "." else self._classes
                kind[one] = kind.get(one, 0) | 1 << number
        self._ways: dict[str, int] = {}

    def of(self, char: str) -> int:
        """The ways that allow `char`, one bit each."""
        ways = self._ways.get(char)
        if ways is None:
            ways = self._any | self._named.get(char, 0)
            for one, bits in self._classes.items():
                if bits & ~ways and (pattern := _compiled(one)) and pattern.match(char):
                    ways |= bits
            self._ways[char] = ways
        return ways


@lru_cache(maxsize=4096)
def _compiled(expression: str | None) -> regex.Pattern[str] | None:
    return compiled(expression, FLAGS) if expression else None


class _Group:
    """Rules with one core, which begins with one of `first`."""

    def __init__(self, core: str, rules: Sequence[Rule]) -> None:
        self.rules = list(rules)
        self.first = rules[0].context.first
        self._expression = core

    @cached_property
    def _core(self) -> regex.Pattern[str]:
        return compiled(self._expression, FLAGS)

    @cached_property
    def _middles(self) -> list[_Middle]:
        """Made when a core is found: dozens of word lists take a while."""
        ways: dict[str, list[_Alternative]] = {}
        apart = [(rule, parts) for rule in self.rules for parts in rule.context.sides]
        for order, (rule, parts) in enumerate(apart):
            ways.setdefault(parts.middle, []).append(_Alternative(rule, order, parts))
        return [_Middle(middle, members) for middle, members in ways.items()]

    def core_end(self, text: str, start: int, high: int, limit: float | None) -> int:
        """Where the core that begins at `start` ends, on a line up to `high`; -1 for none."""
        core = self._core.match(text, start, high, timeout=limit)
        return core.end() if core else -1

    def match(self, text: str, start: int, limit: float | None) -> tuple[int, Rule] | None:
        """Where the match of the first rule that matches at `start` ends."""
        behind = text[start - 1] if start else "\n"
        candidates: list[tuple[_Alternative, int]] = []
        for middle in self._middles:
            end = middle.end(text, start, limit)
            if end > start:
                candidates += [(way, end) for way in middle.between(behind, text[end : end + 1] or "\n")]
        if len(candidates) > 1 and len(self._middles) > 1:
            candidates.sort(key=lambda one: one[0].order)
        for way, end in candidates:
            if way.fits(text, start, end, limit):
                return end, way.rule
        return None


class _Pass:
    """Rules that are tried together, those that share a core in one go."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        cores: dict[str, list[Rule]] = {}
        self.alone: list[Rule] = []
        for rule in rules:
            if rule.context.core:
                cores.setdefault(rule.context.core, []).append(rule)
            else:
                self.alone.append(rule)
        self.groups = [_group(core, tuple(members)) for core, members in cores.items()]
        self._starting: dict[str, list[_Group]] = {}

    def matches(
        self, context: RegionContext, text: str, places: Sequence[MaskStart], taken: bytearray
    ) -> Iterator[PlaceholderMatch]:
        reached: dict[_Group, int] = {}
        left = MASKS + len(text.encode()) // APART
        for start, high, chars in places:
            if not left:
                context.failed.add(NAME)
                break
            limit = seconds_for(chars)
            tried = False
            for group in self._with_first(text[start]):
                if start < reached.get(group, 0):
                    continue
                try:
                    end = group.core_end(text, start, high, limit)
                    reached[group] = max(end, 0)
                    if end < 0 or taken[start]:
                        continue
                    tried = True
                    found = group.match(text, start, limit)
                except TimeoutError:
                    context.failed.update(rule.id for rule in group.rules)
                    continue
                if found is not None:
                    yield start, *found
            left -= tried
        for rule in self.alone:
            for start, end, _ in context.spans(rule):
                yield start, end, rule

    def _with_first(self, char: str) -> list[_Group]:
        groups = self._starting.get(char)
        if groups is None:
            groups = self._starting[char] = [group for group in self.groups if regex.match(group.first, char)]
        return groups


class _CandidateRules:
    """The rules of the stage that may match: first those that protect, then those that tag."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        tagging = [rule for rule in rules if rule.kind is not None and not rule.by_model]
        self.by_model = {str(rule.kind): rule for rule in rules if rule.by_model}
        self.passes = [_Pass([rule for rule in rules if rule.kind is None]), _Pass(tagging)] if tagging else []
        self._tagging = [rule.id for rule in tagging]
        first = "|".join(dict.fromkeys(group.first for one in self.passes for group in one.groups))
        self._first = (regex if r"\p" in first.lower() else re).compile(first) if first else None

    def places(self, context: RegionContext, text: str) -> list[MaskStart]:
        """Where a core may begin, on the lines that are candidates of a rule that tags."""
        if self._first is None:
            return []
        lines: Iterable[CharSpan] = [(0, len(text))]
        if context.lines.is_identity:
            triggers = context.trigger_lines.keys() & frozenset().union(
                *map(context.program.of_rule.__getitem__, self._tagging)
            )
            marked = {line for trigger in triggers for line in context.trigger_lines[trigger]}
            lines = sorted(marked) or lines
        return [(start, high, high - low) for low, high in lines for start in self._starts(text, low, high)]

    def _starts(self, text: str, low: int, high: int) -> Iterator[int]:
        assert self._first is not None
        for found in self._first.finditer(text, low, high):
            start = found.start()
            if start == 0 or text[start - 1 : start + RUN] != text[start] * (RUN + 1):
                yield start

    def resolved(self, context: RegionContext, text: str, start: int, end: int, rule: Rule) -> Rule:
        """The rule that says the kind of a mask that `rule` found: the model's.

        `rule` itself where it says more than that there is a mask and the model has the same kind, or with no model on.
        """
        if not self.by_model:
            return rule
        guess, sure = str(rule.kind), rule.written.weight
        kind = built_in().kind(text, start, end, self.by_model, guess, sure)
        return rule if kind == guess and sure > FINDS else self.by_model[kind]


@lru_cache(maxsize=4096)
def _candidate_rules(rules: tuple[Rule, ...]) -> _CandidateRules:
    return _CandidateRules(rules)


def tags(context: RegionContext, rules: tuple[Rule, ...]) -> list[Tag]:
    """Sorted and disjoint. A rule without a kind takes its match from the rules behind it: 3×4 is no placeholder."""
    lines = context.lines
    text = lines.text
    taken = bytearray(len(text))
    found: list[Tag] = []
    candidates = _candidate_rules(rules)
    places = candidates.places(context, text)
    for start, end, rule in (match for one in candidates.passes for match in one.matches(context, text, places, taken)):
        if 1 not in taken[start:end]:
            taken[start:end] = b"\1" * (end - start)
            if rule.kind is not None:
                low, high = lines.back(start, end)
                chosen = rule if rule.decisive else candidates.resolved(context, text, start, end, rule)
                found.append(Tag(low, high, str(chosen.kind), context.text[low:high], chosen.id))
    return sorted(found, key=lambda tag: tag.start)


@lru_cache(maxsize=4096)
def _group(core: str, rules: tuple[Rule, ...]) -> _Group:
    return _Group(core, rules)
