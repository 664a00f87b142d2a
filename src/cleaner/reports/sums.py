"""The sum of the evidence behind what was decided about a place, for `explain` and the review screen."""

from __future__ import annotations

from collections.abc import Iterator

from ..blocks import Cleaned
from ..evidence import Verdict
from ..lang import t

MOST = 200  # decisions of one region that are looked through


def sums(region: Cleaned, low: int, high: int, enough: float) -> Iterator[str]:
    """What fired on characters `[low, high)` of a region and what it weighed, line by line.

    A line is decided once in every round and by more than one way: what is said twice is left out, and so is what
    was not enough where something else removed the same place, and what only speaks for leaving it alone.
    """
    here = [verdict for verdict in region.verdicts if verdict.start < high and verdict.end > low][:MOST]
    gone = [verdict for verdict in here if verdict.removed]
    seen: set[tuple[int, int, tuple[tuple[str, float], ...]]] = set()
    for verdict in here:
        key = verdict.start, verdict.end, verdict.parts
        if key in seen or (not verdict.removed and (_inside(verdict, gone) or not _speaks_for_it(verdict))):
            continue
        seen.add(key)
        yield from (f"{weight:5.2f}  {rule}" for rule, weight in verdict.parts)
        word = t("removed") if verdict.removed else t("kept")
        against = f"{t('needed')} {enough:.2f}"
        if verdict.run is not None:
            against = f"{t('of its run')} {verdict.run:.2f}"
        yield f"{verdict.total:5.2f}  {t('sum')}, {against}: {word}"


def _inside(verdict: Verdict, others: list[Verdict]) -> bool:
    return any(other.start <= verdict.start and verdict.end <= other.end for other in others)


def _speaks_for_it(verdict: Verdict) -> bool:
    return any(weight > 0 for _, weight in verdict.parts)
