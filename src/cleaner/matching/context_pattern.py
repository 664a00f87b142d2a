"""Context patterns: the expression of a placeholder rule as left context, core and right context."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..rules.tokens import CLASS
from .expression import UnsupportedPattern, edge_characters, without_contexts
from .sides import Sides, sides

CAPTURING = re.compile(r"(?<!\\)\((?:\?P?<(?![=!])|(?!\?)|\?[a-zA-Z-]+[:)])")


class ContextPattern(NamedTuple):
    """`core` is the expression without its lookarounds, "" for one that has to be matched whole.

    `first` matches each character with which a match of the core may begin.
    """

    core: str = ""
    first: str = ""
    sides: tuple[Sides, ...] = ()


def split_contexts(expression: str) -> ContextPattern:
    """Split an expression into what its matches share, its core, and the contexts of its alternatives."""
    if CAPTURING.search(CLASS.sub("", expression)):
        return ContextPattern()
    try:
        core = without_contexts(expression)
    except UnsupportedPattern:
        return ContextPattern()
    first = edge_characters(core)
    return ContextPattern(core, first, tuple(sides(expression))) if first else ContextPattern()
