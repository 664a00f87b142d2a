"""A run on one screen."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

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


def print_summary(console: Console, totals: Totals, rules: RuleSet, verb: str, untagged: bool = True) -> None:
    """Tables of rules and kinds, then one line of counts; `verb` is "would change" or "changed".

    `untagged`: placeholders are found, and not written.
    """
    if totals.files["done before"] and totals.files["done before"] == totals.files["ok"]:
        say(console, t("nothing to do: earlier runs did it all"))
    if totals.edits_by_rule:
        _print_rules(console, totals)
        _print_kinds(console, totals, rules)
    if totals.placeholders:
        found = [f"{t(kind)} {count:,}" for kind, count in totals.placeholders.most_common()]
        count = totals.placeholders.total()
        name = t("placeholders")
        if untagged and count == 1:
            name = t("1 placeholder found, not written (--tags inline writes it)")
        elif untagged:
            name = t(f"{count:,} placeholders found, not written (--tags inline writes them)")
        say_parts(console, [f"{name}: {found[0]}", *found[1:]], "  ")
    if totals.flags:
        _print_flags(console, totals)
    files = totals.files
    if not any(files.values()):
        say(console, t("no files were found"))
        return
    counts = [f"{files['ok']:,} {t('files') if files['ok'] != 1 else t('file')}"]
    if files["records"]:
        counts.append(f"{files['records']:,} {t('records') if files['records'] != 1 else t('record')}")
    counts.append(f"{files['changed']:,} {t(verb)}")
    counts += [
        f"{files[word]:,} {t(word)}"
        for word in ("done before", "cleaned again", "recoded", "skipped", "copied as they are", "failed")
        if files[word]
    ]
    if totals.bytes:
        counts.append(
            f"{t('share of the text that rules looked at')}: {100 * totals.scanned_bytes / totals.bytes:.1f} %"
        )
    say_parts(console, counts, ", ")


def summary_json(totals: Totals, rules: RuleSet) -> dict[str, object]:
    """The same for programs. Names of files are as in the lines of `--format jsonl`; `removed` are characters."""
    return {
        "v": 1,
        "files": {word.replace(" ", "-"): count for word, count in totals.files.items() if count},
        "bytes": totals.bytes,
        "chars": totals.chars,
        "rules": {
            rule: {"kind": rules.by_id[rule].kind, "edits": edits, "removed": totals.removed_by_rule[rule]}
            for rule, edits in sorted(totals.edits_by_rule.items())
        },
        "placeholders": dict(sorted(totals.placeholders.items())),
        "flags": dict(sorted(totals.flags.items())),
        "problems": [_problem_json(name, why) for name, why in totals.problems],
        "skipped": [_problem_json(name, why) for name, why in totals.skipped],
        "stopped": totals.stopped,
    }


def _problem_json(name: str, why: CleanerError) -> dict[str, str]:
    return {"path": why.where or name, "error": why.what}


def _print_flags(console: Console, totals: Totals) -> None:
    """How often each thing was flagged, and where the first ones are."""
    found = [f"{name} {count:,}" for name, count in totals.flags.most_common()]
    say_parts(console, [f"{t('flags')}: {found[0]}", *found[1:]], "  ")
    for name, line, flag in totals.flagged[:MOST_NAMED]:
        say(console, f"  {path(name)}:{line}: {flag}", 4)


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


def print_problems(console: Console, totals: Totals, quiet: bool = False) -> None:
    """Every failed input by name, and unless `quiet` the first skipped ones, for stderr."""
    for name, why in totals.problems:
        print_problem(console, name, why)
    if quiet:
        return
    for name, why in totals.skipped[:MOST_NAMED]:
        say(console, f"{t('skipped')}: {path(name)}: {t(why.what)}")
    if totals.stopped:
        say(console, t("stopped: so many inputs failed"))
    if len(totals.skipped) > MOST_NAMED:
        say(console, f"{t('skipped')}: {t('more')} {len(totals.skipped) - MOST_NAMED}")


def print_problem(console: Console, name: str, why: CleanerError) -> None:
    for line in problem(why, name):
        say(console, line, hang=4)
