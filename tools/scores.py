"""Precision, recall and F1, with intervals from a bootstrap."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TypeVar

T = TypeVar("T")
SEED, DRAWS = 1, 2000


class Counts(NamedTuple):
    """How many (characters or spans) were found and right, found and wrong, or missed."""

    right: float
    wrong: float
    missed: float

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    @property
    def f1(self) -> float:
        """Return 1 where there was nothing to find and nothing was found."""
        return 2 * self.right / (2 * self.right + self.wrong + self.missed) if any(self) else 1.0


def total(some: Iterable[Counts]) -> Counts:
    right, wrong, missed = map(sum, zip((0, 0, 0), *some, strict=True))
    return Counts(right, wrong, missed)


def micro(some: Sequence[Counts]) -> float:
    """Return F1 of all counts together."""
    return total(some).f1


def macro(some: Sequence[Counts]) -> float:
    """Return the mean of the F1 of each."""
    return sum(one.f1 for one in some) / len(some)


def interval(units: Sequence[T], score: Callable[[Sequence[T]], float], draws: int = DRAWS) -> str:
    """Return the 95 % interval of a score over units drawn again with replacement, as `0.12 to 0.34`."""
    drawn = random.Random(SEED)
    scores = sorted(score(drawn.choices(units, k=len(units))) for _ in range(draws))
    return f"{scores[draws // 40]:.3f} to {scores[-1 - draws // 40]:.3f}"
