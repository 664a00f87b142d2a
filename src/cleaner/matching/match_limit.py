"""The match limit of an expression, derived from the structure of its quantifiers."""

from __future__ import annotations

import math
import re
from functools import cache

from .expression import UnsupportedPattern, alternatives, atoms, least

SECONDS = 2.0  # one rule on one segment of at most 64 KB: a plain choice, good rules need microseconds
# On how many characters n quantifiers without bound, nested in each other, are taken to end within about a second: an
# estimate, at most 3e8 steps for one, 1e9 for two and 4e9 for three.
LOOPS = {0: math.inf, 1: 16384, 2: 1024, 3: 256}
GROUP = re.compile(r"\((?:\?(?P<once>[=!>]|<[=!])|\?(?::|P?<\w+>)|(?!\?))")
UNBOUNDED = 10  # repeats, from which on a quantifier counts as one without bound: a plain choice


def seconds_for(expression: str, chars: int) -> float | None:
    """The limit, which costs 4 µs a match (decision 0010); None where nothing can take long."""
    return None if chars <= harmless(expression) else SECONDS


@cache
def harmless(expression: str) -> float:
    """On how many characters it ends within about a second, whatever they are; 0 where a group repeats."""
    try:
        return LOOPS.get(_loops(expression), 0)
    except UnsupportedPattern:
        return 0


def _loops(expression: str) -> int:
    """How deep quantifiers are nested where all of them fail. Raises UnsupportedPattern if that is unknown."""
    return max(_of_sequence(part) for part in alternatives(expression))


def _of_sequence(part: str) -> int:
    """Lookarounds, atomic groups and possessive quantifiers do not multiply the backtracking of what follows."""
    around = deepest = 0
    for atom, count in atoms(part):
        group = GROUP.match(atom)
        possessive = len(count) > 1 and count.endswith("+")
        again = _most(count) > 1
        if atom.startswith("(") and (not group or (again and not (possessive and least(count) < 2))):
            raise UnsupportedPattern(atom)
        inside = (_loops(atom[group.end() : -1]) if group else 0) + (_most(count) >= UNBOUNDED)
        deepest = max(deepest, around + inside)
        if not possessive and not (group and group["once"]):
            around += inside
    return deepest


def _most(count: str) -> float:
    if not count.startswith("{"):
        return math.inf if count[:1] in ("*", "+") and count else 1
    low, comma, high = count.strip("{}+").partition(",")
    return float(high or math.inf) if comma else float(low)
