"""Redactions: × and its kind, found and typed. Tags never change the text; see rules/placeholder."""

from __future__ import annotations

from collections.abc import Sequence

from ..edits import Tag
from ..fold import PlainLines
from ..packs.rule import Rule
from .work import Work

NAME = "placeholder"


def tags(work: Work, rules: Sequence[Rule]) -> list[Tag]:
    """Sorted and disjoint; where two rules match, the earlier one in its pack says the kind."""
    lines = PlainLines(work.text)
    taken: dict[int, Tag] = {}
    covered: set[int] = set()
    for rule in rules:
        for start, end, _ in work.spans(rule, lines.text):
            start, end = lines.back(start, end)
            if not covered.isdisjoint(range(start, end)):
                continue
            covered.update(range(start, end))
            if rule.kind is not None:  # without a kind it says that this is none: 3×4
                taken[start] = Tag(start, end, rule.kind, work.text[start:end], rule.id)
    return [taken[start] for start in sorted(taken)]
