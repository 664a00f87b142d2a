"""Matches an expression only on lines that hold its required literals, and only where a match can begin."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from time import monotonic

import regex

from .match_limit import seconds_for
from .patterns import compiled
from .required_literals import LONG, RequiredLiterals

Matches = Iterator[regex.Match[str]]


class Matcher:
    """Finds the matches of a pattern that was compiled from `expression`."""

    def __init__(self, pattern: regex.Pattern[str], expression: str, required: RequiredLiterals) -> None:
        self._pattern = pattern
        self._expression = expression
        self._begins = bool(required.begins)
        behind = required.begins.replace("\n", "")
        self._behind = re.compile(f"[{re.escape(behind)}]") if behind else None
        self._required = _compiled(required.held, pattern.flags & (regex.IGNORECASE | regex.MULTILINE | regex.VERSION0))

    def finditer(self, text: str, low: int, high: int) -> Matches:
        """The matches in characters `[low, high)` of `text`. Raises TimeoutError."""
        seconds = seconds_for(self._expression, high - low)
        if not self._required or high - low > LONG:
            return iter(self._pattern.finditer(text, low, high, timeout=seconds))
        return (self._from_starts if self._begins else self._on_lines)(text, low, high, seconds)

    def _from_starts(self, text: str, low: int, high: int, seconds: float | None) -> Matches:
        match = self._pattern.match
        until = 0.0 if seconds is None else monotonic() + seconds
        last = low
        for start, end in self._lines(text, low, high):
            for at in self._starts(text, start, end):
                if at < last:
                    continue
                left = None if seconds is None else max(until - monotonic(), 0.001)
                found = match(text, at, high, timeout=left)
                if found:
                    yield found
                    last = found.end()

    def _starts(self, text: str, start: int, end: int) -> Iterator[int]:
        yield start
        if self._behind is not None:
            for found in self._behind.finditer(text, start, end):
                yield found.end()

    def _on_lines(self, text: str, low: int, high: int, seconds: float | None) -> Matches:
        for start, end in self._lines(text, low, high):
            yield from self._pattern.finditer(text, start, end, timeout=seconds)

    def _lines(self, text: str, low: int, high: int) -> Iterator[tuple[int, int]]:
        """The lines that hold all required literals, without their line ends."""
        places = [-1] * len(self._required)
        at = low
        while at <= high:
            line = at
            for number, literal in enumerate(self._required):
                if places[number] < line:
                    found = literal.search(text, line, high)
                    if not found:
                        return
                    places[number] = found.start()
                    line = max(line, text.rfind("\n", low, places[number]) + 1)
            at = line
            if min(places, default=line) >= line:
                end = text.find("\n", line, high)
                end = end if end >= 0 else high
                yield line, end
                at = end + 1


def _compiled(expressions: Sequence[str], flags: int) -> list[regex.Pattern[str]]:
    try:
        return [_one(expression, flags) for expression in expressions]
    except regex.error:
        return []


@cache
def _one(expression: str, flags: int) -> regex.Pattern[str]:
    """Many rules require the same."""
    return compiled(expression, flags)
