"""Stamps that return across the files of a folder, proposed as rules. Nothing is removed: a pack is a person's yes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ...model.lines import plain_ends
from .counting import Counts
from .folded import fold
from .gathering import Gathering
from .proposing import Learned, Proposal, proposed
from .trial import SAMPLED, tried, usable

__all__ = ["MIN_FILES", "Learned", "Proposal", "learn", "learn_from"]

MIN_FILES = 3
Named = tuple[str, str]


def learn(texts: Sequence[str] | Sequence[Named], min_files: int = MIN_FILES) -> Learned:
    """The stamps that return in at least `min_files` of the texts (or pairs of name and text)."""
    named = [one if isinstance(one, tuple) else (str(number), one) for number, one in enumerate(texts)]
    return learn_from(lambda start, step: named[start::step], Counts(), min_files)


def learn_from(read: Callable[[int, int], Iterable[Named]], counts: Counts, min_files: int = MIN_FILES) -> Learned:
    """The same of what `read` gives: all from a text on, all again, and every so many of them to try the proposals.

    `counts` may hold the first files already.
    """
    for _, text in read(counts.files, 1):
        counts.add(fold(plain_ends(text)))
    gathering = Gathering(counts, counts.least(min_files))
    for name, text in read(0, 1):
        gathering.add(name, fold(plain_ends(text)))
    learned = usable(proposed(gathering, min_files))
    if not learned.proposals:
        return learned
    return tried(learned, (plain_ends(text) for _, text in read(0, max(1, counts.files // SAMPLED))))
