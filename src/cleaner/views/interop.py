"""What became of rules that were imported or exported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.console import Console

from ..authoring.interop.importer import ImportedRule
from ..matching.rule import Rule
from .console import say
from .display import clipped, plain, rules_counted
from .i18n import t


def print_import(console: Console, path: str, imported: Sequence[ImportedRule]) -> None:
    """Each rule that is not as it was where it came from, with the reason, and a count."""
    for one in imported:
        if one.why:
            word = t("translated") if one.fate == "taken" else t(one.fate)
            name = one.name or clipped(plain(one.foreign.pattern), 30)
            say(console, f"  {word}: {name}  {clipped(plain(one.foreign.name), 30)}  ({plain(t(one.why))})")
    counts = Counter(one.fate for one in imported)
    parts = ", ".join(f"{number} {t(fate)}" for fate, number in counts.items())
    say(console, f"{plain(path)}: {rules_counted(len(imported))}: {parts}")


def print_left(console: Console, count: int, left: Sequence[tuple[Rule, str]]) -> None:
    """Rules that an export can't hold."""
    for rule, why in left:
        say(console, f"  {t('left out')}: {rule.id}  ({t(why)})")
    say(console, f"{rules_counted(count)}, {len(left)} {t('left out')}")
