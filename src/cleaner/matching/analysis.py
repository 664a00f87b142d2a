"""What a rule's expression says by itself, for all rules of a pack at once: derived once on a machine.

For the 950 built-in rules it takes seconds to derive and milliseconds to read from the cache.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .context_pattern import ContextPattern, split_contexts
from .prefilter.disk_cache import memoize_on_disk
from .prefilter.expression import spans_lines
from .prefilter.patterns import prefilter_patterns
from .prefilter.rewrite import prefilter_pattern
from .required_literals import RequiredLiterals, find_required_literals

MANY = 64  # expressions from which on the cache is used: a plain choice, few are derived as fast as a file is read


class Query(NamedTuple):
    """What an analysis depends on: an expression, and the one to find its candidates by.

    `context`: the context pattern is wanted, `required`: the required literals are.
    """

    expression: str
    opens: str
    context: bool
    required: bool


class Analysis(NamedTuple):
    """`triggers` are the expressions of which one matches on a line of every match; None where no prefilter takes it.

    `spans_lines` counts the line ends that a match may hold as far as the expression shows them, lookarounds included;
    `takes_lines` says whether the match itself, without lookarounds, may hold one.
    """

    triggers: list[str] | None
    spans_lines: int
    takes_lines: bool
    context: ContextPattern
    required: RequiredLiterals


def analyze(queries: Sequence[Query]) -> list[Analysis]:
    if len(queries) < MANY:
        return [_analyze(*query) for query in queries]
    return memoize_on_disk("rules", queries, list[Analysis], lambda: [_analyze(*query) for query in queries])


def _analyze(expression: str, opens: str, context: bool, required: bool) -> Analysis:
    spans = spans_lines(expression)
    return Analysis(
        _triggers(opens),
        spans,
        _takes_lines(expression, spans),
        split_contexts(expression) if context else ContextPattern(),
        find_required_literals(expression, not spans) if required else RequiredLiterals(),
    )


def _triggers(expression: str) -> list[str] | None:
    try:
        return prefilter_patterns(expression) if expression else []
    except ValueError:  # UnsupportedPattern, and a code that is no number
        return None


def _takes_lines(expression: str, spans: int) -> bool:
    try:
        return spans_lines(prefilter_pattern(expression)) > 0
    except ValueError:  # UnsupportedPattern, and a code that is no number
        return spans > 0
