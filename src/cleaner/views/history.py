"""What a run did to a line, as its ledger tells it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ..matching.ruleset import RuleSet
from .display import path as shown_path
from .display import plain
from .explain import print_edit
from .i18n import t

if TYPE_CHECKING:
    from rich.console import Console

    from ..ledger.lookup import Lookup


def print_recorded(console: Console, rules: RuleSet, found: Lookup, line: int) -> None:
    """The rules say why they exist, where they still do."""
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(found.run.began))
    undone = f", {t('undone')}" if found.file.undone is not None else ""
    said = f"{shown_path(found.file.path)}:{line}  {t('run')} {found.run.id}, {when}{undone}"
    console.print(said, soft_wrap=True, highlight=False, markup=False)
    for edit in found.edits:
        print_edit(console, rules, edit)
    if not found.edits:
        console.print(f"  {_instead(found)}", soft_wrap=True, highlight=False, markup=False)


def _instead(found: Lookup) -> str:
    """What there is to say without edits."""
    report = found.file.report
    if report.status != "ok":
        return t(report.status) + (f": {plain(report.why.what)}" if report.why else "")
    if report.hits and not found.kept:
        return f"{t('the ledger kept no text of it')}: {', '.join(sorted(report.hits))}"
    return t("unchanged")
