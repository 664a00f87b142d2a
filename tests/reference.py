"""The oracle: every expression tried by `regex` alone on every line, one after the other. No literals, no memory."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from cleaner.matching import RuleSet
from cleaner.matching.literals import FAR, MANY
from cleaner.matching.prefilter import Prefilter, Search
from cleaner.pipeline import Pipeline


class ReferencePrefilter(Prefilter):
    """Says of every line what matches there, as slowly as can be."""

    def scan(self, text: str) -> list[tuple[int, int]]:
        return [(end, number) for number, one in enumerate(self._searches) for end in ends(one, text)]

    def present(self, text: str) -> set[int]:
        return set(range(len(self._searches)))


def ends(one: Search, text: str) -> Iterator[int]:
    """Where matches of an expression end, in characters; a match over several lines has an end on each."""
    pattern = regex.compile(one.expression, one.flags)
    over_lines = one.facts.spans_lines
    reach = FAR if over_lines >= MANY else over_lines
    low = 0
    while low <= len(text):
        high = text.find("\n", low)
        high = high if high >= 0 else len(text)
        if not over_lines:
            yield from (match.end() for match in pattern.finditer(text, low, high))
        else:
            window = high
            for _ in range(reach):
                window = text.find("\n", window + 1) if 0 <= window < len(text) else -1
            window = window + 1 if window >= 0 else len(text)
            for at in range(low, high + 1):
                if match := pattern.match(text, at, window):
                    yield match.end()
                    if over_lines >= MANY:
                        yield from (n + 1 for n in range(at, match.end() - 1) if text[n] == "\n")
        low = high + 1


def reference(rules: RuleSet) -> Pipeline:
    """A pipeline that finds by the oracle what the rules may match."""
    pipeline = Pipeline(rules)
    searches = [trigger.search for trigger in rules.program.triggers if trigger.search is not None]
    pipeline.__dict__["prefilter"] = ReferencePrefilter(searches)
    return pipeline
