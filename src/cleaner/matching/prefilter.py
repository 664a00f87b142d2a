"""One pass over a text for all triggers at once: a literal automaton says on which lines an expression is tried.

The only module that imports ahocorasick_rs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

import regex
from ahocorasick_rs import AhoCorasick, Implementation

from .literals import FAR, MANY, Facts, fold
from .patterns import SECONDS, compiled, to_line_end

SHORT = 4096  # characters of a line of which one match is enough: it is one segment and never cut
INSIDE = 16  # matches that begin inside another one: each of `=C3=A9=C3=A9...` holds all that follow
ROWS = 8192  # lines that are remembered: a plain choice
FEW = 2048  # characters that cost less than to build an automaton for them


class Search(NamedTuple):
    """An expression to look for, and what was derived from it."""

    expression: str
    flags: int
    facts: Facts


class _Line(NamedTuple):
    """What is known of a line, wherever it stands: `(end, number)` of matches, and what may match from there on."""

    hits: tuple[tuple[int, int], ...]
    begins: tuple[int, ...]


NOTHING = _Line((), ())


class Prefilter:
    """Finds expressions. Its automaton is built with the first scan, an expression compiled when it is first tried.

    What was found on a line is remembered: after an edit most lines of a text are what they were.
    """

    def __init__(self, searches: Sequence[Search]) -> None:
        self._searches = searches
        slow = [number for number, one in enumerate(searches) if not one.facts.literals]
        self._slow = [number for number in slow if not searches[number].facts.spans_lines]
        self._slow_over_lines = [number for number in slow if searches[number].facts.spans_lines]
        self._known: dict[str, _Line] = {}
        self._seen = 0  # characters

    @cached_property
    def _index(self) -> _LiteralIndex | None:
        wanted = [(number, one.facts.literals) for number, one in enumerate(self._searches) if one.facts.literals]
        return _LiteralIndex(wanted) if wanted else None

    def scan(self, text: str) -> list[tuple[int, int]]:
        """`(end, number)` in characters, of at least one match on each line on which an expression matches.

        A match over several lines has one for each of them. `text` has `\\n` line ends. In no order.
        """
        known = self._known
        if len(known) > ROWS:
            known.clear()
        rows = text.split("\n")
        self._learn([row for row in dict.fromkeys(rows) if row not in known])
        hits: list[tuple[int, int]] = []
        at = 0
        for row in rows:
            found, begins = known[row]
            for end, number in found:
                hits.append((at + end, number))
            for number in begins:
                hits += self._over_lines(number, text, at, at + len(row))
            at += len(row) + 1
        for number in self._slow_over_lines:
            hits += self._everywhere(number, text)
        return hits

    def _learn(self, rows: Sequence[str]) -> None:
        known = self._known
        known.update(dict.fromkeys(rows, NOTHING))
        text = "\n".join(rows)
        self._seen += len(text)
        slow = [hit for number in self._slow for hit in self._on_lines(number, text)]
        for low, high, numbers in self._candidates(text):
            hits = []
            begins = []
            for number in numbers:
                if self._searches[number].facts.spans_lines:
                    begins.append(number)
                else:
                    hits += self._on_line(number, text, low, high)
            if hits or begins:
                known[text[low:high]] = _Line(tuple((end - low, number) for end, number in hits), tuple(begins))
        low, high = 0, -1
        found: list[tuple[int, int]] = []
        for at, number in [*sorted(slow), (len(text) + 1, 0)]:  # the last one is behind all lines
            if at > high:
                if found:
                    row = text[low:high]
                    known[row] = _Line((*known[row].hits, *found), known[row].begins)
                low, found = text.rfind("\n", 0, at) + 1, []
                high = text.find("\n", at)
                high = len(text) if high < 0 else high
            found.append((at - low, number))

    def lines(self, text: str) -> dict[int, list[tuple[int, int]]]:
        """The lines on which an expression may match, without their ends, by number; nothing for slow ones."""
        found: dict[int, list[tuple[int, int]]] = {}
        for low, high, numbers in self._candidates(text):
            for number in numbers:
                found.setdefault(number, []).append((low, high))
        return found

    def present(self, text: str) -> set[int]:
        """The expressions that may match at all, on whatever lines their literals stand."""
        found = {*self._slow, *self._slow_over_lines}
        if self._index is not None:
            found.update(self._index.of(self._index.sets_in(text)))
        return found

    def _candidates(self, text: str) -> Iterator[tuple[int, int, list[int]]]:
        """The lines with literals, as characters without line ends, and what may match there."""
        index = self._index
        if index is None:
            return
        sets_of, find = index.sets_of, text.find
        here: set[int] = set()
        low = high = -1
        for literal, start, _ in index.hits(text):
            if start > high:
                if here and (numbers := index.of(here)):
                    yield low, high, numbers
                low = text.rfind("\n", 0, start) + 1
                high = find("\n", start)
                if high < 0:
                    high = len(text)
                here = set()
            here.update(sets_of[literal])
        if here and (numbers := index.of(here)):
            yield low, high, numbers

    def _on_line(self, number: int, text: str, low: int, high: int) -> list[tuple[int, int]]:
        expression, flags, facts = self._searches[number]
        if high - low <= SHORT:
            if facts.plain:
                return [(high, number)]
            pattern = compiled(expression, flags)
            match = (pattern.match if facts.anchored else pattern.search)(text, low, high)
            return [(match.end(), number)] if match else []
        pattern = compiled(expression, flags)
        try:
            return [(match.end(), number) for match in pattern.finditer(text, low, high, timeout=SECONDS)]
        except TimeoutError:
            return [(high, number)]  # the line counts as one that it matches

    def _over_lines(self, number: int, text: str, low: int, high: int) -> list[tuple[int, int]]:
        expression, flags, facts = self._searches[number]
        try:
            return [(end, number) for end in _over_lines(compiled(expression, flags), facts, text, low, high)]
        except TimeoutError:
            return [(high, number)]

    def _on_lines(self, number: int, text: str) -> Iterator[tuple[int, int]]:
        """One match on each line; all of them on a long one."""
        if self._seen > FEW and (lines := to_line_end(*self._searches[number][:2])) is not None:
            for match in lines.finditer(text):
                low, high = text.rfind("\n", 0, match.start()) + 1, match.end()
                yield from [(high, number)] if high - low <= SHORT else self._on_line(number, text, low, high)
            return
        search = compiled(*self._searches[number][:2]).search
        at = 0
        while at < len(text):
            try:
                match = search(text, at, timeout=SECONDS)
            except TimeoutError:
                match = None
                yield from ((end, number) for end, char in enumerate(text[at:], at + 1) if char == "\n")
            if match is None:
                return
            low, high = text.rfind("\n", 0, match.start()) + 1, text.find("\n", match.end() - 1)
            if high < 0:
                high = len(text)
            if high - low <= SHORT:
                yield match.end(), number
            else:
                yield from self._on_line(number, text, low, high)
            at = high + 1

    def _everywhere(self, number: int, text: str) -> list[tuple[int, int]]:
        expression, flags, facts = self._searches[number]
        try:
            found = compiled(expression, flags).finditer(text, overlapped=facts.spans_lines > 0, timeout=SECONDS)
            return [(end, number) for match in found for end in _ends(match, facts)]
        except TimeoutError:
            return [(at, number) for at, char in enumerate(text, 1) if char == "\n"]


class _LiteralIndex:
    """The literals of all expressions, each once, and the sets that they belong to."""

    def __init__(self, wanted: Sequence[tuple[int, tuple[tuple[str, ...], ...]]]) -> None:
        sets: dict[tuple[str, ...], int] = {}
        self._first: dict[int, list[tuple[int, frozenset[int]]]] = {}  # by the rarest set: what else has to be there
        for number, literals in wanted:
            ids = [sets.setdefault(one, len(sets)) for one in literals]
            self._first.setdefault(ids[0], []).append((number, frozenset(ids[1:])))
        of_literal: dict[str, list[int]] = {}
        for texts, number in sets.items():
            for text in texts:
                of_literal.setdefault(text, []).append(number)
        self.sets_of = [tuple(numbers) for numbers in of_literal.values()]
        self._ids = {literal: number for number, literal in enumerate(of_literal)}
        self._lengths = sorted({len(literal) for literal in of_literal})
        self._seen = 0  # characters

    @cached_property
    def _automaton(self) -> AhoCorasick:
        return AhoCorasick(list(self._ids), store_patterns=False, implementation=Implementation.NoncontiguousNFA)

    def hits(self, text: str) -> Sequence[tuple[int, int, int]]:
        """`(literal, start, end)`, sorted by their ends; none holds a line end."""
        folded = fold(text)
        self._seen += len(text)
        if self._seen <= FEW:
            return list(self._looked_up(folded))
        return self._automaton.find_matches_as_indexes(folded, overlapping=True)

    def _looked_up(self, folded: str) -> Iterator[tuple[int, int, int]]:
        ids = self._ids
        for end in range(1, len(folded) + 1):
            for length in self._lengths:
                if length > end:
                    break
                number = ids.get(folded[end - length : end])
                if number is not None:
                    yield number, end - length, end

    def sets_in(self, text: str) -> set[int]:
        return {number for literal in {hit[0] for hit in self.hits(text)} for number in self.sets_of[literal]}

    def of(self, here: set[int]) -> list[int]:
        """What may match where these sets have a literal."""
        first = self._first
        return [number for one in here if one in first for number, others in first[one] if others <= here]


def _over_lines(pattern: regex.Pattern[str], facts: Facts, text: str, low: int, high: int) -> Iterator[int]:
    """The ends of matches that begin on a line, and of the lines in them."""
    window = high
    for _ in range(FAR if facts.spans_lines >= MANY else facts.spans_lines):
        window = text.find("\n", window + 1)
        if window < 0:
            break
    window = len(text) if window < 0 else window + 1
    at = low
    reached = inside = 0
    while at <= high:
        search = pattern.match if facts.anchored else pattern.search
        match = search(text, at, window, timeout=SECONDS)
        if match is None or match.start() > high:
            return
        yield from _ends(match, facts)
        if facts.anchored:
            return
        inside = inside + 1 if match.start() < reached else 0
        reached = match.end()
        at = match.start() + 1 if inside < INSIDE else max(match.start() + 1, reached)


def _ends(match: regex.Match[str], facts: Facts) -> Iterator[int]:
    yield match.end()
    if facts.spans_lines >= MANY:
        start, end = match.span()
        at = match.string.find("\n", start, end - 1)
        while at >= 0:
            yield at + 1
            at = match.string.find("\n", at + 1, end - 1)
