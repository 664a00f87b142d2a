"""How much of a text may be removed without `--yes-large`."""

from __future__ import annotations

from collections.abc import Mapping

from ..matching.ruleset import RuleSet
from ..model.errors import InputProblem
from ..rules.stages import stage_spec

MIN_CHARS = 2000  # characters: in shorter texts the boilerplate may well be longer than the content
MAX_SHARE_OF_RULE = 0.5  # of a file's characters
MAX_SHARE = 0.8  # by all rules


def check(rules: RuleSet, removed: Mapping[str, int], length: int) -> None:
    """Raise InputProblem where more of `length` characters was removed than may be; `removed` counts them by rule.

    The boilerplate of web pages has no limit: much of a page is menus (median 0.52, at most 0.94 of 81 labelled pages).
    """
    if length < MIN_CHARS:
        return
    taken = {rule: count for rule, count in removed.items() if _counts(rules, rule)}
    if not taken:
        return
    rule, most = max(taken.items(), key=lambda item: item[1])
    if most > MAX_SHARE_OF_RULE * length:
        raise _held(f"rule {rule} would remove {most / length:.0%} of the text")
    if sum(taken.values()) > MAX_SHARE * length:
        raise _held(f"{sum(taken.values()) / length:.0%} of the text would be removed")


def _counts(rules: RuleSet, rule: str) -> bool:
    found = rules.by_id[rule]
    return (
        stage_spec(found.stage).removes
        and not found.is_feature
        and found.does != "page"
        and found.written.zone != "menu"
    )


def _held(what: str) -> InputProblem:
    return InputProblem(f"held back: {what}", hint="look at it with diff, then add --yes-large")
