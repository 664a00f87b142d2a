"""Characters that do not show and carry nothing. All of it is rules: see rules/invisible."""

from __future__ import annotations

from collections.abc import Sequence

from ..edits import Edit
from ..packs.rule import Rule
from .work import Work, rule_edits

NAME = "invisible"


def edits(work: Work, rules: Sequence[Rule]) -> list[Edit]:
    return rule_edits(work, NAME, rules)
