"""Suggestions for a rule, the rule written, lint warnings, and what each rule costs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Console

from ..authoring.lint import LintWarning
from ..authoring.suggest import Suggestion
from ..matching.ruleset import RuleSet
from ..model.report import Totals
from .console import say
from .display import clipped, plain, rules_counted
from .i18n import t
from .summary import table
from .view import View

if TYPE_CHECKING:
    from ..model.blocks import Block

SAMPLES = 3


class Samples(View):
    """Keeps the first SAMPLES different texts that edits remove."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def block(self, block: Block) -> None:
        for edit in block.edits:
            if len(self.texts) < SAMPLES and edit.before.strip() not in self.texts:
                self.texts.append(edit.before.strip())


def print_suggestion(
    console: Console, number: int, suggestion: Suggestion, matches: int, files: int, samples: Sequence[str], harm: str
) -> None:
    found = f"{matches:,} {t('match') if matches == 1 else t('matches')}"
    say(console, f"{number}  {t(suggestion.name)}: {found}, {files:,} {t('file') if files == 1 else t('files')}")
    say(console, f"   {plain(suggestion.match)}", hang=3)
    for sample in samples:
        say(console, f"   - {clipped(plain(sample), 90)}")
    say(console, f"   {t('harm on clean text')}: {t(harm)}")


def print_written(console: Console, path: str, where: str) -> None:
    """Say where the rule is, or how to have one written."""
    text = f"{where}: {t('written, and its examples hold')}" if path else t("use --pick N to write one of them")
    say(console, plain(text))


def print_lint(console: Console, warnings: Iterable[LintWarning]) -> None:
    for one in warnings:
        say(console, f"{t('advice')}: {t(one.word)}: {one.rule}  ({plain(t(one.why))})")
        say(console, f"  --> {one.where}")


def print_profile(console: Console, rules: RuleSet, totals: Totals, seconds: Mapping[str, float]) -> None:
    """A table of the rules with a match or a cost; `seconds` are CPU seconds by rule."""
    seconds = defaultdict(float, seconds)
    names = sorted(rules.on, key=lambda name: (-totals.edits_by_rule[name], -seconds[name], name))
    costs = table((t("rule"), t("edits"), t("characters"), "ms"))
    for name in names:
        if totals.edits_by_rule[name] or seconds[name]:
            figures = (
                f"{totals.edits_by_rule[name]:,}",
                f"{-totals.removed_by_rule[name]:+,}",
                f"{seconds[name] * 1000:,.1f}",
            )
            costs.add_row(name, *figures)
    console.print(costs)
    idle = [name for name in names if not totals.edits_by_rule[name] and not seconds[name]]
    say(console, f"{rules_counted(len(idle))}: {t('never run')}")
