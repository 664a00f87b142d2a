"""The evidence behind decisions in words, for `explain` and the review screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..model.blocks import Decision
from ..model.edits import Evidence
from .i18n import t


def evidence_lines(decisions: Sequence[Decision], threshold: float) -> Iterator[str]:
    """The rules that counted for each decision with their weights, then the sum and what it had to reach.

    A line is decided once in every round and in more than one way. Left out are repetitions, decisions below the
    threshold where another one removed the same characters, and those with contributions against a removal only.
    """
    removals = [decision for decision in decisions if decision.removed]
    seen: set[tuple[int, int, tuple[tuple[str, float], ...]]] = set()
    for decision in decisions:
        key = decision.start, decision.end, decision.parts
        if key in seen or (not decision.removed and (_inside(decision, removals) or not _has_support(decision))):
            continue
        seen.add(key)
        yield from _sum(decision.parts, decision.run, threshold, t("removed") if decision.removed else t("kept"))


def recorded_evidence(evidence: Evidence, threshold: float) -> Iterator[str]:
    """The same for a removal that a ledger recorded."""
    yield from _sum(evidence.parts, evidence.sum if evidence.run else None, threshold, t("removed"))


def _sum(parts: Sequence[tuple[str, float]], run: float | None, threshold: float, outcome: str) -> Iterator[str]:
    yield from (f"{weight:5.2f}  {rule}" for rule, weight in parts)
    against = f"{t('needed')} {threshold:.2f}" if run is None else f"{t('of its run')} {run:.2f}"
    yield f"{sum(weight for _, weight in parts):5.2f}  {t('sum')}, {against}: {outcome}"


def _inside(decision: Decision, others: list[Decision]) -> bool:
    return any(other.start <= decision.start and decision.end <= other.end for other in others)


def _has_support(decision: Decision) -> bool:
    return any(weight > 0 for _, weight in decision.parts)
