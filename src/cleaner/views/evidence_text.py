"""The sum of the evidence behind what was decided about a place, for `explain` and the review screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..model.blocks import Decision, Region
from ..model.edits import Evidence
from .i18n import t

MOST = 200  # decisions of one region that are looked through


def sums(region: Region, low: int, high: int, enough: float) -> Iterator[str]:
    """What fired on characters `[low, high)` of a region and what it weighed, line by line.

    A line is decided once in every round and by more than one way: what is said twice is left out, and so is what
    was not enough where something else removed the same place, and what only speaks for leaving it alone.
    """
    here = [decision for decision in region.decisions if decision.start < high and decision.end > low][:MOST]
    gone = [decision for decision in here if decision.removed]
    seen: set[tuple[int, int, tuple[tuple[str, float], ...]]] = set()
    for decision in here:
        key = decision.start, decision.end, decision.parts
        if key in seen or (not decision.removed and (_inside(decision, gone) or not _speaks_for_it(decision))):
            continue
        seen.add(key)
        yield from _sum(decision.parts, decision.run, enough, t("removed") if decision.removed else t("kept"))


def recorded_sum(evidence: Evidence, enough: float) -> Iterator[str]:
    """The same for a removal that a ledger recorded."""
    yield from _sum(evidence.parts, evidence.sum if evidence.run else None, enough, t("removed"))


def _sum(parts: Sequence[tuple[str, float]], run: float | None, enough: float, outcome: str) -> Iterator[str]:
    yield from (f"{weight:5.2f}  {rule}" for rule, weight in parts)
    against = f"{t('needed')} {enough:.2f}" if run is None else f"{t('of its run')} {run:.2f}"
    yield f"{sum(weight for _, weight in parts):5.2f}  {t('sum')}, {against}: {outcome}"


def _inside(decision: Decision, others: list[Decision]) -> bool:
    return any(other.start <= decision.start and decision.end <= other.end for other in others)


def _speaks_for_it(decision: Decision) -> bool:
    return any(weight > 0 for _, weight in decision.parts)
