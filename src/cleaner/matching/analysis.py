"""What a rule's expression says by itself: for the built-in rules kept in `derived.json`, in the folder of their packs.

Deriving takes 3 ms a rule. `python -m tools.derive` writes the file; what is not in it is derived anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

import msgspec
import regex

from ..rules import builtin
from .context_pattern import ContextPattern, split_contexts
from .literals import Facts, derive

LINES = int(regex.VERSION0 | regex.MULTILINE)


class Query(NamedTuple):
    """What an analysis depends on: an expression, and `opens`, an expression to find candidates by ("" for

    none). `context`: the context pattern is wanted.
    """

    expression: str
    opens: str
    flags: int
    context: bool


class Analysis(NamedTuple):
    """What a rule matches (`facts`, without literals), and the expression by which the prefilter finds where."""

    facts: Facts
    search: str
    search_facts: Facts
    context: ContextPattern


class Kept(msgspec.Struct, frozen=True):
    """The file: the sets of literals, of which many are those of several rules, and what is known by a query's name.

    `literals` are positions in `sets`, for the facts of the search.
    """

    sets: list[tuple[str, ...]]
    found: dict[str, tuple[list[int], Analysis]]

    def of(self, query: Query) -> Analysis | None:
        if (one := self.found.get(name(query))) is None:
            return None
        literals = tuple(self.sets[number] for number in one[0])
        return one[1]._replace(search_facts=msgspec.structs.replace(one[1].search_facts, literals=literals))


def analyze(queries: Sequence[Query]) -> list[Analysis]:
    """Where `regex` refuses an expression, nothing is known of it."""
    kept = _kept()
    return [kept.of(query) or derived(query) for query in queries]


def name(query: Query) -> str:
    """Changes with everything that an analysis depends on."""
    return hashlib.sha256(msgspec.json.encode(query)).hexdigest()[:16]


def kept(queries: Iterable[Query]) -> Kept:
    """What is to be kept of these."""
    sets: dict[tuple[str, ...], int] = {}
    found = {}
    for query in queries:
        one = derived(query)
        numbers = [sets.setdefault(literals, len(sets)) for literals in one.search_facts.literals]
        found[name(query)] = numbers, one._replace(search_facts=_bare(one.search_facts))
    return Kept(list(sets), found)


@cache
def _kept() -> Kept:
    try:
        return msgspec.json.decode(builtin.derived().read_bytes(), type=Kept)
    except (OSError, msgspec.MsgspecError):
        return Kept([], {})


def _bare(facts: Facts) -> Facts:
    return msgspec.structs.replace(facts, literals=())


def derived(query: Query) -> Analysis:
    if not query.expression:
        return Analysis(Facts(), "", Facts(), ContextPattern())
    facts = _facts(query.expression, query.flags)
    context = split_contexts(query.expression) if query.context else ContextPattern()
    return Analysis(_bare(facts), *_search(query, facts, context), context)


def _search(query: Query, facts: Facts, context: ContextPattern) -> tuple[str, Facts]:
    """The expression by which a rule is found: what its author says, its core, else its own."""
    search = query.opens or context.core
    return (search, _facts(search, query.flags)) if search else (query.expression, facts)


@cache
def _facts(expression: str, flags: int) -> Facts:
    try:
        return derive(expression, flags)
    except (regex.error, RecursionError):
        return Facts()
