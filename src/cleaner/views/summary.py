"""A run on one screen."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from ..matching.ruleset import RuleSet
from ..model.errors import CleanerError
from ..model.report import Totals
from .console import say, say_parts
from .display import path, problem
from .i18n import t

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

MOST = 20  # rows of a table
MOST_NAMED = 10  # files named one by one


def print_summary(console: Console, totals: Totals, rules: RuleSet, verb: str, untagged: bool = False) -> None:
    """Tables of rules and kinds, then one line of counts; `verb` is "would change" or "changed".

    `untagged`: the run writes, but no placeholders.
    """
    if totals.files["done before"] and totals.files["done before"] == totals.files["ok"]:
        say(console, t("nothing to do: earlier runs did it all"))
        totals = msgspec.structs.replace(totals, edits_by_rule=Counter(), placeholders=Counter(), flags=Counter())
    if totals.edits_by_rule:
        _print_rules(console, totals)
        _print_kinds(console, totals, rules)
    if totals.placeholders:
        found = [f"{t(kind)} {count:,}" for kind, count in totals.placeholders.most_common()]
        name = f"{t('placeholders')} ({t('not written: --tags none')})" if untagged else t("placeholders")
        say_parts(console, [f"{name}: {found[0]}", *found[1:]], "  ")
    if totals.flags:
        found = [f"{name} {count:,}" for name, count in totals.flags.most_common()]
        say_parts(console, [f"{t('flags')}: {found[0]}", *found[1:]], "  ")
    files = totals.files
    counts = [f"{files['ok']:,} {t('files') if files['ok'] != 1 else t('file')}"]
    counts.append(f"{files['changed']:,} {t(verb)}")
    counts += [
        f"{files[word]:,} {t(word)}"
        for word in ("done before", "cleaned again", "recoded", "skipped", "failed")
        if files[word]
    ]
    if totals.bytes:
        counts.append(
            f"{t('share of the text that rules looked at')}: {100 * totals.scanned_bytes / totals.bytes:.1f} %"
        )
    say_parts(console, counts, ", ")


def _print_rules(console: Console, totals: Totals) -> None:
    counts = table((t("rule"), t("edits"), t("characters")))
    ranked = sorted(totals.edits_by_rule.items(), key=lambda item: (-item[1], item[0]))
    for rule, hits in ranked[:MOST]:
        counts.add_row(rule, f"{hits:,}", f"{-totals.removed_by_rule[rule]:+,}")
    if rest := ranked[MOST:]:
        edits, chars = sum(hits for _, hits in rest), sum(totals.removed_by_rule[rule] for rule, _ in rest)
        counts.add_row(f"({t('more')}: {len(rest)})", f"{edits:,}", f"{-chars:+,}")
    console.print(counts)
    console.print()


def _print_kinds(console: Console, totals: Totals, rules: RuleSet) -> None:
    kinds: Counter[str] = Counter()
    chars: Counter[str] = Counter()
    for rule, hits in totals.edits_by_rule.items():
        kind = t(rules.by_id[rule].kind or "repairs")
        kinds[kind] += hits
        chars[kind] += totals.removed_by_rule[rule]
    parts = [f"{kind} {hits:,} ({-chars[kind]:+,})" for kind, hits in kinds.most_common()]
    say_parts(console, parts, "  ")


def table(columns: tuple[str, ...]) -> Table:
    """A table without rows: the first column for names, on the left; the others for figures, on the right."""
    from rich.table import Table

    empty = Table(box=None, pad_edge=False, header_style="bold")
    for number, column in enumerate(columns):
        empty.add_column(column, justify="right" if number else "left", overflow="fold")
    return empty


def print_problems(console: Console, totals: Totals) -> None:
    """Every failed input by name, and the first skipped ones, for stderr."""
    for name, why in totals.problems:
        print_problem(console, name, why)
    for name, why in totals.skipped[:MOST_NAMED]:
        say(console, f"{t('skipped')}: {path(name)}: {t(why.what)}")
    if totals.stopped:
        say(console, t("stopped: so many inputs failed"))
    if len(totals.skipped) > MOST_NAMED:
        say(console, f"{t('skipped')}: {t('more')} {len(totals.skipped) - MOST_NAMED}")


def print_problem(console: Console, name: str, why: CleanerError) -> None:
    for line in problem(why, name):
        say(console, line, hang=4)
