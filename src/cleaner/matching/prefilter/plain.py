"""The prefilter for machines without hyperscan: one expression after the other. Slow, and right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import regex

from ...model.source import decodes
from .expression import MANY, as_python, spans_lines

SECONDS = 2.0  # for one expression on one text, as for a rule (see match_limit)


class PlainPrefilter:
    """With `once` all expressions are reported: to find out which may match costs as much here as matching."""

    name = "plain"

    def __init__(self, expressions: Sequence[tuple[str, bool]], once: bool = False) -> None:
        self._once = once
        self._timed_out: set[int] = set()
        self._patterns = [
            regex.compile(
                as_python(expression),
                regex.MULTILINE | regex.VERSION0 | (regex.IGNORECASE if caseless else 0),
            )
            for expression, caseless in expressions
        ]

        self._many = {number for number, (expression, _) in enumerate(expressions) if spans_lines(expression) >= MANY}

    def scan(self, data: bytes) -> list[tuple[int, int]]:
        if self._once:
            return [(0, number) for number in range(len(self._patterns))]
        text = data.decode()
        ends = [
            (end, number) for number, pattern in enumerate(self._patterns) for end in self._found(number, pattern, text)
        ]
        if len(text) == len(data):
            return ends
        offsets = dict(_bytes_of(text, sorted({end for end, _ in ends})))
        return [(offsets[end], number) for end, number in ends]

    def _found(self, number: int, pattern: regex.Pattern[str], text: str) -> list[int]:
        """Ends of what one expression matches; the end of every line once it took too long."""
        if number not in self._timed_out:
            try:
                found = pattern.finditer(text, overlapped=True, timeout=SECONDS)
                return [end for match in found for end in (_ends(match) if number in self._many else (match.end(),))]
            except TimeoutError:
                self._timed_out.add(number)
        return [at for at, char in enumerate(text, 1) if char == "\n"]

    def valid(self, data: bytes) -> bool:
        return decodes(data)


def _ends(found: regex.Match[str]) -> list[int]:
    """The end of a match, and of every line in it: hyperscan reports each end that a match can have."""
    inside = found.group().count("\n", 0, -1)
    if not inside:
        return [found.end()]
    return [found.end(), *(at + 1 for at in range(found.start(), found.end()) if found.string[at] == "\n")]


def _bytes_of(text: str, positions: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Each position in characters with its position in bytes of UTF-8."""
    at = 0
    for before, position in pairwise((0, *positions)):
        at += len(text[before:position].encode())
        yield position, at
