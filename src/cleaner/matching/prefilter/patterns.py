"""The expressions for the scanner that find where a rule may match: as short as they can be, and begun with texts.

A text costs the scanner nothing, anything else at the beginning a machine that runs on every byte.
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

FEW = 12  # characters of a class that are looked for one by one
TEXT = 3  # bytes that tell enough to be looked for
LONGEST = 20_000  # characters of all expressions that one becomes


def prefilter_patterns(pattern: str) -> list[str]:
    """The same as several expressions, each as short as it can be and still fire on the same lines.

    What may be missing at either end tells nothing, and a class of a few characters is as many texts, which the
    scanner finds almost for nothing (0.01 ns a byte each; a class of its own costs 0.15). Raises Unscannable.
    """
    if spans_lines(pattern):  # every end tells of one more line that belongs to the match
        return _unfolded(prefilter_pattern(pattern))
    short = [_shortened(atoms(part)) for part in alternatives(prefilter_pattern(pattern))]
    if not all(short):
        raise UnsupportedPattern(pattern)  # it may match nothing but a place
    single = [things[0] for things in short if len(things) == 1]
    kept = [things for things in short if len(things) == 1 or not any(atom in things for atom in single)]
    texts = [simplified("".join(atom + count for atom, count in things)) for things in kept]
    return list(
        dict.fromkeys(
            one for text in texts for part in alternatives(text) for way in _unfolded(part) for one in _expanded(way)
        )
    )


def _shortened(things: list[Atom]) -> list[Atom]:
    flags = [atom for atom, _ in things if atom.startswith("(?") and not atom.startswith("(?:")]
    if flags:
        return things if len(flags) < len(things) else []  # a flag counts for what follows it
    while things and not least(things[-1][1]):
        things = things[:-1]
    while things and not least(things[0][1]):
        things = things[1:]
    if not things:
        return []
    things = [*things[:-1], (things[-1][0], times(least(things[-1][1])))]
    return [(things[0][0], times(least(things[0][1]))), *things[1:]]


def _expanded(pattern: str) -> list[str]:
    """What begins with a class of a few single characters and holds no text, as one that begins with each of them.

    The scanner finds what begins with a text almost for nothing. ASCII characters stay one class, which costs no more.
    """
    things = atoms(pattern)
    body, count = things[0]
    chars = single_characters(body)
    rest = pattern[len(body + count) :]
    if not chars or count not in ("", "{2}") or any(not atom.startswith(("[", "(")) for atom, _ in things[1:]):
        return [pattern]
    rest = body + rest if count else rest
    if not rest:
        return [_literal(char) for char in chars] if len(chars) <= FEW else [pattern]
    plain = [char for char in chars if char.isascii() and not char.startswith(r"\x")]
    others = [_literal(char) for char in chars if char not in plain]
    first = ["[" + "".join(plain) + "]"] if plain else []
    return [one + rest for one in (*first, *others)] if len(others) <= FEW else [pattern]


def _unfolded(pattern: str) -> list[str]:
    """What begins with a group of texts, as one that begins with each of them.

    Texts are found in a table; a group of a hundred is a machine that runs on every byte and costs 2 to 4 ns each.
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
    """Bytes of the text with which every match begins."""
    size = 0
    for atom, count in atoms(pattern):
        if count or len(atom) > 1 or atom in ".$^":
            break
        size += len(atom.encode())
    return size


def _literal(char: str) -> str:
    return char if char.startswith("\\") else re.escape(char)
