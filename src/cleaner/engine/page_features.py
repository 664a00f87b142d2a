"""Which signs of a page a text can hold, and on which of its lines.

They have a scanner of their own: pages are few, and all the words of menus would make the scan of every text slower.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from ..matching.prefilter import Prefilter
from ..matching.prefilter.expression import UnsupportedPattern
from ..matching.prefilter.patterns import TEXT, prefilter_patterns, text_first
from ..matching.rule import Rule
from ..model.lines import trigger_lines

CandidateFeature = tuple[
    Rule, list[tuple[int, int]] | None
]  # a sign and the lines to look at, in characters; None for all


class PageFeatures:
    """The signs of all packs, in their order."""

    def __init__(self, rules: Sequence[Rule], make: Callable[[Sequence[tuple[str, bool]]], Prefilter]) -> None:
        self._rules: list[tuple[Rule, list[int]]] = []  # with the numbers of their expressions; none: always asked
        wanted: dict[tuple[str, bool], int] = {}
        for rule in rules:
            probes = [wanted.setdefault((one, rule.caseless), len(wanted)) for one in _patterns(rule)]
            self._rules.append((rule, probes))
        self._scanner = make(list(wanted))

    def asked(self, text: str) -> Iterator[CandidateFeature]:
        """The signs that `text` may hold; its line ends are `\\n`."""
        if self._scanner.name == "plain":  # to look for its words takes as long as to look for the sign
            yield from ((rule, None) for rule, _ in self._rules)
            return
        data = text.encode() + b"\n"
        lines = trigger_lines(text + "\n", data, 0, len(data), sorted(self._scanner.scan(data)))
        for rule, probes in self._rules:
            fired = [lines[probe] for probe in probes if probe in lines]
            if not probes or (fired and rule.spans_lines):
                yield rule, None
            elif fired:
                yield rule, sorted({line for found in fired for line in found})


def _patterns(rule: Rule) -> list[str]:
    """Expressions for the scanner where the rule names them, or begins with texts: shapes fire at every character."""
    try:
        patterns = prefilter_patterns(rule.written.prefilter or rule.expression)
    except UnsupportedPattern:
        return []
    return patterns if rule.written.prefilter or all(text_first(one) >= TEXT for one in patterns) else []
