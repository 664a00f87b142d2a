"""What a run found, for people and for programs. Nothing here decides anything, opens an input or runs a rule.

A new report is a module with a `View` and a row of DIFF or CHECK: the command takes its option from there.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, NamedTuple


class Report(NamedTuple):
    """A report that an option `--NAME` of `diff` or `check` chooses; the one without `help` is the default.

    `view` is the module and the name of what makes it of a console and, for `diff`, of whether whitespace edits are
    shown and how many lines around a change (None: as usual; `context` says whether it can show any). `rows` makes, of
    nothing, the `Rows` of its JSON form. `stages` are those that are run for it, None for all of them; `summary` says
    whether a summary follows.
    """

    name: str
    help: str
    view: str
    rows: str = ""
    letter: str = ""
    stages: tuple[str, ...] | None = None
    context: bool = False
    summary: bool = True


DIFF = (
    Report("inline", "", "inline.InlineDiff", context=True),
    Report("side-by-side", "Source and result in two columns.", "side_by_side.SideBySide", letter="y", context=True),
    Report("unified", "A patch, for git apply.", "unified.unified_diff", letter="u", context=True, summary=False),
    Report("stat", "One line for each changed file.", "stat.Stat"),
    Report("by-rule", "All hits of each rule together.", "by_rule.ByRule"),
)
CHECK = (
    Report(
        "encodings",
        "List the encodings instead: how sure, what else, what is wrong.",
        "encoding_table.EncodingTable",
        "encodings.Encodings",
        stages=("mojibake",),
    ),
    Report(
        "placeholders",
        "List the placeholders instead.",
        "placeholders.PlaceholderTable",
        "placeholders.Placeholders",
    ),
    Report(
        "invisible",
        "List the invisible characters instead.",
        "invisible.InvisibleTable",
        "invisible.Invisible",
    ),
)


def named(reports: tuple[Report, ...], name: str) -> Report:
    return next(report for report in reports if report.name == name)


def make(what: str, *given: Any) -> Any:
    """Make what a row names; its module is imported now, so that no command pays for views that it does not show."""
    module, _, name = what.partition(".")
    return getattr(import_module(f".{module}", __name__), name)(*given)
