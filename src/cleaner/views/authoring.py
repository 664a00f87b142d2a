"""Candidates for a rule, the rule written, what packs are advised, and what each rule costs."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ..authoring.lint import LintWarning
from ..authoring.suggest import Suggestion
from ..matching.ruleset import RuleSet
from ..model.report import Totals
from .console import say
from .display import clipped, plain, rules_counted
from .i18n import t
from .summary import table

if TYPE_CHECKING:
    from rich.console import Console

    from ..model.blocks import Block
    from ..model.inputs import InputFile
    from ..model.report import Document, FileReport

SAMPLES = 3


class Samples:
    """A sink that keeps the first different texts that edits take away."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def begin(self, item: InputFile, document: Document) -> None: ...

    def block(self, block: Block) -> None:
        for edit in block.edits:
            if len(self.texts) < SAMPLES and edit.before.strip() not in self.texts:
                self.texts.append(edit.before.strip())

    def end(self, report: FileReport) -> None: ...


def print_candidate(
    console: Console, number: int, candidate: Suggestion, matches: int, files: int, samples: Sequence[str], harm: str
) -> None:
    found = f"{matches:,} {t('match') if matches == 1 else t('matches')}"
    say(console, f"{number}  {t(candidate.name)}: {found}, {files:,} {t('file') if files == 1 else t('files')}")
    say(console, f"   {plain(candidate.match)}", hang=3)
    for sample in samples:
        say(console, f"   - {clipped(plain(sample), 90)}")
    say(console, f"   {t('harm on clean text')}: {t(harm)}")


def print_written(console: Console, path: str, where: str) -> None:
    """Where the rule stands, or how to have one written."""
    said = f"{where}: {t('written, and its examples hold')}" if path else t("use --pick N to write one of them")
    say(console, plain(said))


def print_advice(console: Console, found: Iterable[LintWarning]) -> None:
    for one in found:
        say(console, f"{t('advice')}: {t(one.word)}: {one.rule}  ({plain(t(one.why))})")
        say(console, f"  --> {one.where}")


def timed(rules: RuleSet) -> Counter[str]:
    """Lets every rule add the CPU seconds it takes to what is returned."""
    seconds: Counter[str] = Counter()

    def watch(name: str, find: Callable[..., Any]) -> Callable[..., Any]:
        def found(*given: Any) -> Any:
            begun = time.process_time()
            try:
                return find(*given)
            finally:
                seconds[name] += time.process_time() - begun  # type: ignore[assignment] # seconds, not a count

        return found

    for rule in rules.all:
        rule.spans = watch(rule.id, rule.spans)  # type: ignore[method-assign]
        rule.replacements = watch(rule.id, rule.replacements)  # type: ignore[method-assign]
    return seconds


def print_profile(console: Console, rules: RuleSet, totals: Totals, seconds: Counter[str]) -> None:
    names = sorted(rules.on, key=lambda name: (-totals.hits[name], -seconds[name], name))
    rows = table((t("rule"), t("edits"), t("characters"), "ms"))
    for name in names:
        if totals.hits[name] or seconds[name]:
            figures = f"{totals.hits[name]:,}", f"{-totals.chars[name]:+,}", f"{seconds[name] * 1000:,.1f}"
            rows.add_row(name, *figures)
    console.print(rows)
    idle = [name for name in names if not totals.hits[name] and not seconds[name]]
    say(console, f"{rules_counted(len(idle))}: {t('never run')}")
