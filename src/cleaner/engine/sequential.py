"""Packs with order = "sequence": each rule sees the text that the one before left, as in the reader it comes from.

No region is opened for them: a later rule may match what an earlier one wrote, or look far around. They get the whole
document in pieces of whole lines (see `model.lines.LONG`), and go over each once.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..matching import NewlineView, Prefilter, Rule, RuleTimeout, search_of
from ..model.edits import Edit, apply, compose, shifted
from .context import RegionContext

BEFORE = "\n"  # stands before a piece that does not begin its document, so that ^ does not match there
BEHIND = "\ue000"  # and behind one that does not end it


class SequentialRules:
    """The rules of all such packs, and a prefilter that says which of them a text can concern at all."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        self._prefilter = Prefilter([search_of(rule) for rule in rules])

    def edits(self, context: RegionContext, off: frozenset[str] = frozenset()) -> list[Edit]:
        """What the rules make of `context.text`, composed to one changeset; `context.failed` gets those too slow."""
        lines = context.lines
        lead, trail = "" if context.facts.first else BEFORE, "" if context.facts.last else BEHIND
        source = text = f"{lead}{lines.text}{trail}"
        flat: list[Edit] = []
        candidates = self._prefilter.present(text)
        for number, rule in enumerate(self._rules):
            if number not in candidates or rule.id in off or rule.id in context.failed:
                continue
            changeset = _changeset(rule, text, len(lead), len(text) - len(trail), context.failed)
            if changeset:
                flat = compose(flat, changeset, source, text)
                text = apply(text, changeset)
                candidates = self._prefilter.present(text)
        return _with_returns(shifted(flat, -len(lead)), context.text, lines)


def _changeset(rule: Rule, text: str, low: int, high: int, failed: set[str]) -> list[Edit]:
    try:
        found = rule.replacements(text)
    except RuleTimeout:
        failed.add(rule.id)
        return []
    return [
        Edit(start, end, before, after, rule.stage, rule.id, rule.kind)
        for start, end, after in found
        if low <= start and end <= high and (before := text[start:end]) != after
    ]


def _with_returns(edits: list[Edit], text: str, lines: NewlineView) -> list[Edit]:
    """The same edits in a text whose line ends may be `\\r\\n` or `\\r`."""
    if lines.is_identity:
        return edits
    back = []
    for edit in edits:
        start, end = lines.back(edit.start, edit.end)
        back.append(
            Edit(
                start, end, text[start:end], lines.with_ends(edit.after), edit.stage, edit.rule, edit.kind, edit.through
            )
        )
    return [edit for edit in back if edit.before != edit.after]
