"""Required literals: what a line holds if an expression matches there, and where matches begin (decision 0084).

`(?=[^\\n]{0,70}?(?:读书网|书吧))(?=[^\\n]{0,70}?(?:收藏|请到))` is tried at every character of a line; to find that
the line holds none of its words takes a tenth of the time.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from .expression import (
    TOKEN,
    Atom,
    UnsupportedPattern,
    alternatives,
    atoms,
    least,
    single_characters,
    spans_lines,
)
from .match_limit import GROUP, harmless

# Plain choices, but for LONG and MANY.
ENOUGH = 2  # characters of a literal that is worth looking for
LONG = 16384  # characters of a text in which none of it may take long: what `match_limit.LOOPS` allows one quantifier
FEW = 12  # characters of a class that is as rare as one character
MANY = 80  # alternatives, from which on they take as long as the expression itself (decision 0084)
MOST = 3  # required literals that are looked for; the rarest first
UNUSUAL = re.compile(r"\\(?:[KGLXRNUc]|\d\d)|\(\?(?:[-a-zA-Z]+\)|[R&|(\d])|\(\*|(?<!\\[pPx])\{(?:[^\d,}]|\d+[a-z])")
EDGE = re.compile(r"\\[AZz]")
REFERENCE = re.compile(r"\\[1-9gk]|\(\?P[=>]")
CODE = re.compile(r"\\(?:(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2}))|.)", re.DOTALL)
PLACES = ("^", "$", r"\b", r"\B")


class RequiredLiterals(NamedTuple):
    """Where matches begin (see `begins`), and what their first lines hold (see `needs`)."""

    begins: str = ""
    held: tuple[str, ...] = ()


def find_required_literals(expression: str, in_line: bool) -> RequiredLiterals:
    """Empty where nothing can be derived; `in_line` says that no match looks beyond its line."""
    if in_line and EDGE.search(expression):  # an edge of the text, which a line matched alone would be
        return RequiredLiterals()
    starts = begins(expression)
    held = needs(expression, not in_line) if starts or in_line else []
    return RequiredLiterals(starts, tuple(held)) if held else RequiredLiterals()


def needs(expression: str, on_first_line: bool = False) -> list[str]:
    """Expressions, each of which matches somewhere in every text in which `expression` does, the likely rarer first.

    With `on_first_line`, each matches on the line on which the match begins. None takes long on LONG characters.
    """
    if _is_unusual(expression):
        return []
    try:
        found = _needs(CODE.sub(_character, expression), on_first_line)
    except UnsupportedPattern:
        return []
    cheap = [one for one in dict.fromkeys(found) if _ways(one) <= MANY and 2 * len(one) <= len(expression)]
    return sorted(cheap, key=_ways)[:MOST]


def begins(expression: str) -> str:
    """The characters after one of which every match begins, if not where the text does; "" if that is unknown."""
    if _is_unusual(expression):
        return ""
    try:
        return "".join(dict.fromkeys(_begins(CODE.sub(_character, expression))))
    except UnsupportedPattern:
        return ""


def _is_unusual(expression: str) -> bool:
    return bool(UNUSUAL.search(TOKEN.sub(lambda found: "x" if found[0].startswith("[") else found[0], expression)))


def _character(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    return re.escape(chr(int(code, 16))) if code else found[0]


def _ways(expression: str) -> int:
    return expression.count("|")


@cache
def _needs(expression: str, on_first_line: bool) -> list[str]:
    found = [_of_sequence(atoms(part), on_first_line) for part in alternatives(expression)]
    if len(found) == 1:
        return found[0]
    if not all(found):
        return []
    return ["|".join(dict.fromkeys(min(some, key=_ways) for some in found))]


def _of_sequence(parts: list[Atom], on_first_line: bool) -> list[str]:
    """The literals in it, and what the groups need that hold none themselves."""
    found: list[str] = []
    run, weight = "", 0
    for atom, count in [*parts, ("", "")]:
        chars = 0 if count or not atom else _weight(atom)
        if chars or (run and not count and _takes_nothing(atom)):
            run, weight = run + atom, weight + chars
            continue
        if weight >= ENOUGH and harmless(run) >= LONG and not REFERENCE.search(run):
            found.append(f"(?:{run})" if len(alternatives(run)) > 1 else run)
        run, weight = "", 0
        if least(count):
            found += _inside(atom, on_first_line)
        if on_first_line and not atom.startswith(("(?=", "(?!", "(?<=", "(?<!")) and spans_lines(atom):
            break
    return [one for one in found if not (on_first_line and spans_lines(one))]


def _takes_nothing(atom: str) -> bool:
    return atom in PLACES or (atom.startswith(("(?!", "(?<")) and bool(GROUP.match(atom)) and harmless(atom) > LONG)


def _inside(atom: str, on_first_line: bool) -> list[str]:
    group = GROUP.match(atom)
    if not group or group["once"] in ("!", "<!") or (on_first_line and group["once"] == "<="):
        return []
    return _needs(atom[group.end() : -1], on_first_line)


@cache
def _weight(atom: str) -> int:
    """The least number of characters of a literal that it matches; 0 for other expressions."""
    group = GROUP.match(atom)
    if group and group["once"] in (None, ">"):
        return min(
            sum(_weight(one) for one, count in atoms(part) if least(count))
            for part in alternatives(atom[group.end() : -1])
        )
    if atom.startswith("["):
        return int(0 < len(single_characters(atom)) <= FEW)
    return int(len(atom) == 1 and atom not in "(.^$" and not atom.isspace()) or int(
        bool(re.fullmatch(r"\\[^\w\s]", atom))
    )


def _begins(expression: str) -> list[str]:
    found: list[str] = []
    for part in alternatives(expression):
        found += _first(atoms(part))
    return found


def _first(parts: list[Atom]) -> list[str]:
    """Raises UnsupportedPattern if it may begin anywhere."""
    behind: list[str] = []
    for atom, count in parts:
        if count:
            break
        if atom == "^":
            return ["\n"]
        if atom.startswith("(?<=") and not behind:
            chars = [single_characters(one) or [one] for one in alternatives(atom[4:-1])]
            behind = [char for some in chars for char in some]
        elif atom.startswith("(?:"):
            return _begins(atom[3:-1])
        elif not atom.startswith(("(?=", "(?!", "(?<")):
            break
    if not behind or any(len(char) != 1 or char in ".^$" or char.lower() != char.upper() for char in behind):
        raise UnsupportedPattern("it may begin anywhere")
    return behind
