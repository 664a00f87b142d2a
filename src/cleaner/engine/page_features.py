"""Which features of a page a text can hold, and on which of its lines.

They have a prefilter of their own: pages are few, and all the words of menus would make the scan of every text slower.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from ..matching import Prefilter, Rule, literal_triggers
from ..model.lines import trigger_lines

CandidateFeature = tuple[
    Rule, list[tuple[int, int]] | None
]  # a feature and the lines to look at, in characters; None for all


class PageFeatures:
    """The features of all packs, in their order."""

    def __init__(self, rules: Sequence[Rule], make: Callable[[Sequence[tuple[str, bool]]], Prefilter]) -> None:
        self._rules: list[tuple[Rule, list[int]]] = []  # and their expressions; none: always a candidate
        wanted: dict[tuple[str, bool], int] = {}
        for rule in rules:
            triggers = [wanted.setdefault((one, rule.caseless), len(wanted)) for one in literal_triggers(rule)]
            self._rules.append((rule, triggers))
        self._prefilter = make(list(wanted))

    def candidates(self, text: str) -> Iterator[CandidateFeature]:
        """The features that `text` may hold; its line ends are `\\n`."""
        if self._prefilter.name == "plain":  # to look for its words takes as long as to look for the sign
            yield from ((rule, None) for rule, _ in self._rules)
            return
        data = text.encode() + b"\n"
        lines = trigger_lines(text + "\n", data, 0, len(data), sorted(self._prefilter.scan(data)))
        for rule, triggers in self._rules:
            fired = [lines[trigger] for trigger in triggers if trigger in lines]
            if not triggers or (fired and rule.spans_lines):
                yield rule, None
            elif fired:
                yield rule, sorted({line for found in fired for line in found})
