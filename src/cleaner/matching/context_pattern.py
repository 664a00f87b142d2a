"""Rules about redactions taken apart: what they match, and what has to stand on both sides of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from ..rules.tokens import CLASS
from .prefilter.disk_cache import memoize_on_disk
from .prefilter.expression import UnsupportedPattern, edge_characters
from .prefilter.rewrite import prefilter_pattern
from .prefilter.sides import Sides, sides

if TYPE_CHECKING:
    from .rule import Rule

CAPTURING = re.compile(r"(?<!\\)\((?:\?P?<(?![=!])|(?!\?)|\?[a-zA-Z-]+[:)])")


class ContextPattern(NamedTuple):
    """`core` is what the rule matches without its lookarounds, "" for a rule that has to be asked by itself."""

    core: str = ""
    sides: tuple[Sides, ...] = ()


def split_contexts(rules: Sequence[Rule]) -> None:
    """Sets `apart` of the rules about redactions."""
    members = [rule for rule in rules if rule.stage == "placeholder" and _can_be(rule)]
    expressions = [rule.expression for rule in members]
    found = memoize_on_disk("apart", expressions, list[ContextPattern], lambda: [_apart(one) for one in expressions])
    for rule, apart in zip(members, found, strict=True):
        rule.apart = apart


def _can_be(rule: Rule) -> bool:
    return rule.written.zone == "anywhere" and rule.written.unless is None and not rule.written.any


def _apart(expression: str) -> ContextPattern:
    if CAPTURING.search(CLASS.sub("", expression)):
        return ContextPattern()
    try:
        core = prefilter_pattern(expression)
    except UnsupportedPattern:
        return ContextPattern()
    return ContextPattern(core, tuple(sides(expression))) if edge_characters(core) else ContextPattern()
