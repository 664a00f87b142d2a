"""Blanks and line ends. All of it is rules (see rules/whitespace), but for the joining of broken lines."""

from __future__ import annotations

from collections.abc import Sequence

from ..engine.context import RegionContext, RuleMatch, rule_edits
from ..matching.rule import Rule
from ..model.edits import Edit, apply, flatten, invert

NAME = "whitespace"


def edits(context: RegionContext, rules: Sequence[Rule]) -> list[Edit]:
    return rule_edits(context, NAME, rules, None if context.is_unwrapped else _joins)


def _joins(context: RegionContext, text: str, rules: Sequence[Rule], found: Sequence[RuleMatch]) -> list[RuleMatch]:
    """Line ends that only a page's width put there; not those that another rule takes (a hyphen with its line end).

    They come before the other rules: what is the indent of a paragraph to them is that of a line that is continued.
    """
    rule = next((rule for rule in rules if rule.does == "join"), None)
    wrap = context.facts.wrap
    if rule is None or wrap is None:
        return []
    taken = {end for start, stop, *_ in found for end in _line_ends(text, start, stop)}
    joins = [
        (start, end, -1, after, rule)
        for start, end, after in wrap.breaks(text, _taken_out(context))
        if text.find("\n", start) not in taken
    ]
    context.is_unwrapped = True
    return joins


def _line_ends(text: str, start: int, stop: int) -> list[int]:
    return [at for at in range(start, stop) if text[at] == "\n"]


def _taken_out(context: RegionContext) -> list[tuple[int, str]]:
    """What earlier stages took out inside lines, and where it stood, with `\\n` for every line end."""
    if not context.changesets:
        return []
    source = context.text
    for changeset in reversed(context.changesets):
        source = apply(source, invert(changeset))
    found = []
    shift = 0
    for edit in flatten(context.changesets, source):
        at = edit.start + shift
        shift += len(edit.after) - len(edit.before)
        if len(edit.after) < len(edit.before) and "\n" not in edit.before:
            found.append((at - context.text.count("\r\n", 0, at), edit.before[len(edit.after) :]))
    return found
