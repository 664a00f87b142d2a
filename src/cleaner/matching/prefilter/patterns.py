"""Triggers from an expression: as short as they can be, and begun with literals (decisions 0011 and 0082).

A literal costs a scan nothing; anything else at the beginning is an automaton that runs on every byte.
"""

from __future__ import annotations

import re

from .expression import (
    Atom,
    UnsupportedPattern,
    alternatives,
    atoms,
    closing,
    least,
    single_characters,
    spans_lines,
    times,
)
from .rewrite import prefilter_pattern, simplified

FEW = 12  # characters of a class that are scanned for one by one: a plain choice
TEXT = 3  # bytes of a literal that is worth scanning for, one hanzi: a plain choice
LONGEST = 20_000  # characters of all triggers of one expression: beyond that compiling took 18.7 s, not 8.7 (0082)


def prefilter_patterns(pattern: str) -> list[str]:
    """The same as several expressions, each as short as it can be and still match on the same lines.

    What may be missing at either end is left out. A class of a few characters becomes as many literals, which cost
    0.01 ns a byte each; a class of its own costs 0.15. Raises UnsupportedPattern.
    """
    if spans_lines(pattern):  # every end is on one more line that belongs to the match
        widened = prefilter_pattern(pattern)
        if not widened:
            raise UnsupportedPattern(pattern)  # nothing but lookarounds: (?<=\n)(?=\S)
        return _unfolded(widened)
    short = [_shortened(atoms(part)) for part in alternatives(prefilter_pattern(pattern))]
    if not all(short):
        raise UnsupportedPattern(pattern)  # it may match nothing but a place
    single = [parts[0] for parts in short if len(parts) == 1]
    kept = [parts for parts in short if len(parts) == 1 or not any(atom in parts for atom in single)]
    texts = [simplified("".join(atom + count for atom, count in parts)) for parts in kept]
    return list(
        dict.fromkeys(
            one for text in texts for part in alternatives(text) for way in _unfolded(part) for one in _expanded(way)
        )
    )


def _shortened(parts: list[Atom]) -> list[Atom]:
    flags = [atom for atom, _ in parts if atom.startswith("(?") and not atom.startswith("(?:")]
    if flags:
        return parts if len(flags) < len(parts) else []  # a flag counts for what follows it
    while parts and not least(parts[-1][1]):
        parts = parts[:-1]
    while parts and not least(parts[0][1]):
        parts = parts[1:]
    if not parts:
        return []
    parts = [*parts[:-1], (parts[-1][0], times(least(parts[-1][1])))]
    return [(parts[0][0], times(least(parts[0][1]))), *parts[1:]]


def _expanded(pattern: str) -> list[str]:
    """An expression without literals that begins with a class of a few characters, as one for each of these.

    ASCII characters remain one class, which costs no more.
    """
    parts = atoms(pattern)
    body, count = parts[0]
    chars = single_characters(body)
    rest = pattern[len(body + count) :]
    if not chars or count not in ("", "{2}") or any(not atom.startswith(("[", "(")) for atom, _ in parts[1:]):
        return [pattern]
    rest = body + rest if count else rest
    if not rest:
        return [_literal(char) for char in chars] if len(chars) <= FEW else [pattern]
    plain = [char for char in chars if char.isascii() and not char.startswith(r"\x")]
    others = [_literal(char) for char in chars if char not in plain]
    first = ["[" + "".join(plain) + "]"] if plain else []
    return [one + rest for one in (*first, *others)] if len(others) <= FEW else [pattern]


def _unfolded(pattern: str) -> list[str]:
    """An expression that begins with a group of literals, as one that begins with each of them.

    Literals are found in a table; a group of a hundred is an automaton that runs on every byte and costs 2 to 4 ns.
    """
    if len(alternatives(pattern)) > 1:
        return [pattern]
    body, count = atoms(pattern)[0]
    ways = _ways(body) if body.startswith("(?:") and not count else []
    texts = [way for way in ways if text_first(way) >= TEXT]
    others = [way for way in ways if way not in texts]
    rest = pattern[len(body) :]
    if not texts or len(ways) * len(rest) > LONGEST:
        return [pattern]
    return [way + rest for way in texts] + ([f"(?:{'|'.join(others)}){rest}"] if others else [])


def _ways(group: str) -> list[str]:
    """The alternatives of a group, also of groups that are all there is in it."""
    ways = alternatives(group[3:-1])
    while len(ways) == 1 and ways[0].startswith("(?:") and closing(ways[0], 3) == len(ways[0]):
        ways = alternatives(ways[0][3:-1])
    return ways


def text_first(pattern: str) -> int:
    """The bytes of the literal with which every match begins."""
    size = 0
    for atom, count in atoms(pattern):
        if count or len(atom) > 1 or atom in ".$^":
            break
        size += len(atom.encode())
    return size


def _literal(char: str) -> str:
    return char if char.startswith("\\") else re.escape(char)
