"""How much of a text may go before somebody is asked."""

from __future__ import annotations

from collections.abc import Mapping

from ..matching.ruleset import RuleSet
from ..model.errors import InputProblem
from ..rules.spec import REMOVING_STAGES

LEAST = 2000  # characters: in shorter texts a frame may well be longer than what it frames
OF_RULE = 0.5  # share of a file that one rule may take
OF_FILE = 0.8  # share that all of them may take


def check(rules: RuleSet, chars: Mapping[str, int], length: int) -> None:
    """Raises InputProblem where removals took more of `length` characters than they may; `chars` counts them by rule.

    The furniture of web pages has no budget: much of a page is menus (median 0.52, at most 0.94 of 81 labelled pages).
    """
    if length < LEAST:
        return
    taken = {rule: count for rule, count in chars.items() if _counts(rules, rule)}
    if not taken:
        return
    rule, most = max(taken.items(), key=lambda item: item[1])
    if most > OF_RULE * length:
        raise _held(f"rule {rule} would remove {most / length:.0%} of the text")
    if sum(taken.values()) > OF_FILE * length:
        raise _held(f"{sum(taken.values()) / length:.0%} of the text would be removed")


def _counts(rules: RuleSet, rule: str) -> bool:
    found = rules.by_id[rule]
    return found.stage in REMOVING_STAGES and not found.is_sign and found.does != "page"


def _held(what: str) -> InputProblem:
    return InputProblem(f"held back: {what}", hint="look at it with diff, then add --yes-large")
