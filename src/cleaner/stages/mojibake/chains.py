"""Which misreadings a repair undid: the edits hold only what it changed, so the search is asked again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from ...model.edits import Edit, apply
from .moves import MOVES, Move
from .search import FTFY, applied, changes_by, search

Chain = tuple[Move, ...]
REPAIRS = "mojibake/repair/"  # the rules that undo a chain; others of the stage spell characters in another form


def chain_of(line: str, edits: Sequence[Edit], near: str, known: Iterable[Chain] = (), more: bool = True) -> Chain:
    """The chain that makes `edits` of a line, in its characters; () where none does.

    Chains that are `known` from other lines are tried first, and where there may be `more` those that explain the line
    or the text `near` it: a line may have been repaired by what its neighbours said.
    """
    wanted = apply(line, edits)
    tried = chain(known, _thought_of(line, near)) if more else known
    return next((one for one in tried if one and _undone(line, one) == wanted), ())


def _thought_of(line: str, near: str) -> Iterator[Chain]:
    for text in (line, near):
        found = search(text).chain
        if FTFY in found:  # its plan does not say what it undid; most often the same thing twice
            yield from ((move,) * times for move in MOVES if move.right == "utf-8" for times in (1, 2, 3))
        yield found


def _undone(text: str, moves: Chain) -> str:
    for move in moves:
        text = applied(text, changes_by(move, text))
    return text


def history(moves: Chain) -> str:
    """What happened to the text, first things first: `utf-8 -> read as cp1252 -> saved`."""
    steps: list[str] = []
    for move in reversed(moves):
        steps += [f"saved as {move.right}" if steps else move.right]
        if move.layered:
            steps += ["read as cp1252", "saved as utf-8"]
        steps += ["read as several encodings" if move is FTFY else f"read as {move.wrong}"]
    return " -> ".join([*steps, "saved"])
