"""Parses regular expressions as text: alternatives, the atoms in them, their quantifiers."""

from __future__ import annotations

import re

from ..rules.tokens import CLASS, ESCAPE

TOKEN = re.compile(rf"{ESCAPE.pattern}|{CLASS.pattern}|[()|]", re.DOTALL)
REPEAT = re.compile(r"((?:[*+?]|\{\d*,?\d*\})\+?)\??")
PART = re.compile(
    rf"(?P<other>\\[0-9gkKL]|\((?:\*|\?(?![:>=!]|P?<)|\?P=))|{ESCAPE.pattern}|{CLASS.pattern}"
    r"|(?P<look>\(\?(?:[=!]|<[=!]))|(?P<group>\((?:\?(?:[:>]|P?<\w+>))?)"
    r"|(?P<count>[*+?]|\{\d*,?\d*\})(?:(?P<lazy>\?)|\+)?|.",
    re.DOTALL,
)
EMPTY = re.compile(r"(?<!\\)\(\?:\|*\)(?:[*?+]|\{[\d,]*\})?[?+]?")
PLACES = ("^", r"\b", r"\B", r"\A", r"\Z", r"\z", r"\G", r"\m", r"\M")  # which take no character


class UnsupportedPattern(ValueError):
    """What this expression takes is not seen from its text."""


def alternatives(pattern: str) -> list[str]:
    """The alternatives at the top of a pattern."""
    if "|" not in pattern:
        return [pattern]
    parts, start, depth = [], 0, 0
    for found in TOKEN.finditer(pattern):
        token = found.group()
        depth += (token == "(") - (token == ")")
        if token == "|" and not depth:
            parts.append(pattern[start : found.start()])
            start = found.end()
    if depth > 0:
        raise UnsupportedPattern("a group is not closed")
    return [*parts, pattern[start:]]


def behind(pattern: str, at: int) -> int:
    """The position after the atom that begins at `at`: an escape, a class, a group or a character."""
    if pattern[at] == "(":
        return closing(pattern, at + 1)
    found = TOKEN.match(pattern, at)
    return found.end() if found else at + 1


def closing(pattern: str, at: int) -> int:
    """The position after the parenthesis that closes the group whose inside begins at `at`."""
    depth = 1
    for found in TOKEN.finditer(pattern, at):
        token = found.group()
        depth += (token == "(") - (token == ")")
        if not depth:
            return found.end()
    raise UnsupportedPattern("a group is not closed")


Atom = tuple[str, str]  # an escape, a class, a group or a character, and its quantifier


def atoms(pattern: str) -> list[Atom]:
    """The atoms at the top of a pattern without alternatives; lazy quantifiers are given as greedy ones."""
    found: list[Atom] = []
    at = 0
    while at < len(pattern):
        start = at
        at = behind(pattern, at)
        quantifier = REPEAT.match(pattern, at)
        found.append((pattern[start:at], quantifier[1] if quantifier else ""))
        at = quantifier.end() if quantifier else at
    return found


def least(count: str) -> int:
    if count.startswith("{"):
        return int(count.strip("{}+").partition(",")[0] or 0)
    return int(count in ("", "+", "++"))


def without_contexts(pattern: str) -> str:
    """An expression that matches wherever `pattern` does, and takes no character that `pattern` may not take.

    Lookarounds are dropped, and what they decided is left open: atomic groups and possessive quantifiers become plain
    ones, since (?>a(?!b)|ab)c finds abc and (?>a|ab)c does not. Raises UnsupportedPattern for references and flags.
    """
    out: list[str] = []
    at = 0
    while at < len(pattern):
        found = PART.match(pattern, at)
        if found is None or found["other"]:
            raise UnsupportedPattern(pattern[at:])
        at = found.end()
        if found["look"]:
            at = closing(pattern, at)
            if REPEAT.match(pattern, at):
                raise UnsupportedPattern(pattern[at:])
        elif found["group"]:
            out.append("(?:")
        elif found["count"]:
            out.append(found["count"] + (found["lazy"] or ""))
        else:
            out.append(found[0])
    return simplified("".join(out))


def simplified(pattern: str) -> str:
    """Without groups that lookarounds left empty, and with equal alternatives once, so that rules share expressions."""
    before = ""
    while before != pattern:
        before = pattern
        pattern = EMPTY.sub("", pattern)
        parts = list(dict.fromkeys(alternatives(pattern)))
        pattern = "|".join(parts) if all(parts) else pattern
        if pattern.startswith("(?:") and pattern.endswith(")") and closing(pattern, 3) == len(pattern):
            pattern = pattern[3:-1]
    return pattern


def edge_characters(pattern: str, last: bool = False) -> str | None:
    """An expression for every character with which a match may begin (or end), as alternatives.

    The pattern is one `without_contexts`. None where they are unknown, as for a pattern that may be empty.
    """
    edges, empty = _edges(pattern, last)
    return None if empty else "|".join(dict.fromkeys(edges))


def _edges(pattern: str, last: bool) -> tuple[list[str], bool]:
    """The characters at one end, and whether there may be none."""
    edges: list[str] = []
    empty = False
    for part in alternatives(pattern):
        parts = atoms(part)
        for atom, count in reversed(parts) if last else parts:
            found, nothing = _edge(atom, last)
            edges += found
            if least(count) and not nothing:
                break
        else:
            empty = True
    return edges, empty


def _edge(atom: str, last: bool) -> tuple[list[str], bool]:
    if atom.startswith("("):
        return _edges(atom[3:-1], last) if atom.startswith("(?:") else ([], True)
    if atom == "$":
        return [r"\n"], last
    return ([], True) if atom in PLACES else ([atom], False)
