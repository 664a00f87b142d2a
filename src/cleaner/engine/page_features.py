"""Which features of a page a text can hold, and on which of its lines.

They have a prefilter of their own: pages are few, and all the words of menus would make every scan slower.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..matching import Prefilter, Rule, search_of

# a feature and the lines to look at, in characters; None for all
CandidateFeature = tuple[Rule, list[tuple[int, int]] | None]


class PageFeatures:
    """The features of all packs, in their order."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        wanted = [search_of(rule) for rule in rules]
        self._slow = frozenset(number for number, one in enumerate(wanted) if not one.facts.literals)
        self._prefilter = Prefilter(wanted)

    def candidates(self, text: str) -> Iterator[CandidateFeature]:
        """The features that `text` may hold; its line ends are `\\n`."""
        lines = self._prefilter.lines(text)
        for number, rule in enumerate(self._rules):
            if number in self._slow or (number in lines and rule.spans_lines):
                yield rule, None
            elif number in lines:
                yield rule, lines[number]
