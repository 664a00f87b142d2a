"""Splits an expression into what must stand before, what it matches, and what must stand after (decision 0010).

Dozens of rules share what they match (a mask like `×+`) and differ in the context. Split, the mask is matched once for
all of them, and the adjacent characters decide which of them are tried.
"""

from __future__ import annotations

from typing import NamedTuple

from .expression import Atom, UnsupportedPattern, alternatives, atoms, edge_characters, without_contexts

LOOKS = ("(?=", "(?!", "(?<=", "(?<!")


class Sides(NamedTuple):
    """One alternative of an expression: `before`, `middle` and `after` joined are the alternative.

    `before` and `after` take no characters. `behind` and `ahead` are expressions, of which one has to match the
    character before or after the middle; None where any character may stand there.
    """

    before: str
    middle: str
    after: str
    behind: list[str] | None = None
    ahead: list[str] | None = None


def sides(expression: str) -> list[Sides]:
    """The alternatives of an expression, split where that can't change what they match.

    The middle has to match in one way only, with atomic groups and possessive quantifiers: else the right context
    would have a say in how much it takes.
    """
    return [_sides(part) for part in alternatives(expression)]


def _sides(part: str) -> Sides:
    parts = atoms(part)
    low, high = 0, len(parts)
    while low < high and _takes_nothing(*parts[low]):
        low += 1
    while low < high and _takes_nothing(*parts[high - 1]):
        high -= 1
    before, middle, after = parts[:low], parts[low:high], parts[high:]
    if not middle or not all(_one_way(*atom) for atom in middle):
        return Sides("", part, "")
    return Sides(_joined(before), _joined(middle), _joined(after), _neighbour(before, "(?<="), _neighbour(after, "(?="))


def _joined(parts: list[Atom]) -> str:
    return "".join(atom + count for atom, count in parts)


def _takes_nothing(atom: str, count: str) -> bool:
    if count or not atom.startswith("("):
        return False
    return atom.startswith(LOOKS) or (
        atom.startswith("(?:") and all(_empty(alternative) for alternative in alternatives(atom[3:-1]))
    )


def _empty(alternative: str) -> bool:
    return all(_takes_nothing(*atom) for atom in atoms(alternative))


def _one_way(atom: str, count: str) -> bool:
    if len(count) > 1 and count.endswith("+"):
        return True
    if count and ("," in count or not count.startswith("{")):
        return False
    if atom.startswith("(?:"):
        inner = alternatives(atom[3:-1])
        return len(inner) == 1 and all(_one_way(*one) for one in atoms(inner[0]))
    return not atom.startswith("(") or atom.startswith(("(?>", *LOOKS))


def _neighbour(looks: list[Atom], kind: str) -> list[str] | None:
    for atom, _ in looks:
        if atom.startswith(kind):
            try:
                edge = edge_characters(without_contexts(atom[len(kind) : -1]), last=kind == "(?<=")
            except UnsupportedPattern:
                return None
            return alternatives(edge) if edge else None
    return None
