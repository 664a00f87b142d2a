"""diff: the change itself, in one of several views."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import rich_click as click

from .options import console, decisions_option, format_option, input_options, rule_options, ruleset
from .session import go, obeyed, on_stdout, print_unused

if TYPE_CHECKING:
    from rich.console import Console

    from ..jobs.filters import Filter
    from ..matching.ruleset import RuleSet
    from ..model.report import Sink, Totals

    View = Callable[[Console, bool], Sink]


def _inline(out: Console, whitespace: bool) -> Sink:
    from ..views.inline import InlineDiff

    return InlineDiff(out, whitespace)


def _side_by_side(out: Console, whitespace: bool) -> Sink:
    from ..views.side_by_side import SideBySide

    return SideBySide(out, whitespace)


def _unified(out: Console, _: bool) -> Sink:
    from ..views.unified import Unified, on_terminal

    if out.is_terminal:
        return Unified(on_terminal(out))
    return Unified(lambda data, _codec: sys.stdout.buffer.write(data))


def _stat(out: Console, _: bool) -> Sink:
    from ..views.stat import Stat

    return Stat(out)


def _by_rule(out: Console, whitespace: bool) -> Sink:
    from ..views.by_rule import ByRule

    return ByRule(out, whitespace)


VIEWS: dict[str, View] = {
    "inline": _inline,
    "side-by-side": _side_by_side,
    "unified": _unified,
    "stat": _stat,
    "by-rule": _by_rule,
}


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("-y", "--side-by-side", "view", flag_value="side-by-side", help="Source and result in two columns.")
@click.option("-u", "--unified", "view", flag_value="unified", help="A patch, for git apply.")
@click.option("--stat", "view", flag_value="stat", help="One line for each changed file.")
@click.option("--by-rule", "view", flag_value="by-rule", help="All hits of each rule together.")
@click.option("--html", metavar="FILE", help="Write a report as one page, to look at and decide in a browser.")
@click.option("--only", multiple=True, metavar="NAME", help="Only this kind, stage, rule or family. Repeatable.")
@click.option(
    "--from", "first", metavar="STAGE",
    help="Begin with the text after a stage: decode, mojibake, invisible, boilerplate, whitespace.",
)  # fmt: skip
@click.option(
    "--to", "last", metavar="STAGE",
    help="End with the text after a stage: mojibake, invisible, boilerplate, whitespace, placeholder.",
)  # fmt: skip
@click.option("--whitespace", is_flag=True, help="Show whitespace edits too.")
@click.option("--no-pager", is_flag=True, help="Never through a pager (CLEANER_PAGER, PAGER, less).")
@decisions_option
@format_option
@input_options
@rule_options
def diff(
    paths: tuple[str, ...], view: str | None, html: str | None, only: tuple[str, ...], first: str | None,
    last: str | None, whitespace: bool, no_pager: bool, decisions: str | None, shape: str, **given: Any,
) -> int:  # fmt: skip
    """The change itself, line by line. Writes nothing."""
    from ..jobs.filters import compose_filters
    from ..views.pager import paged
    from ..views.summary import print_problems, print_summary

    rules = ruleset(given)
    said = obeyed(decisions)
    lens = compose_filters([*said, *_lenses(rules, only, first, last, view, bool(said))])
    if html is not None:
        totals = _html(rules, paths, given, html, lens)
    elif shape != "text":
        with on_stdout(shape, rules) as sink:
            totals = go(rules, paths, given, sink, lens=lens)
    else:
        whitespace = whitespace or any(name.startswith("whitespace") for name in only)
        with paged(console(), not no_pager) as out:
            shown = VIEWS[view or "inline"](out, whitespace)
            totals = go(rules, paths, given, shown, lens=lens, quiet=out.is_terminal)
            if view == "by-rule":
                shown.show()  # type: ignore[attr-defined]
            if view != "unified":
                if totals.hits or totals.tags:
                    out.print()
                print_summary(out, totals, rules, "would change")
    print_problems(console(stderr=True), totals)
    print_unused(said)
    return totals.exit_code(found=1)


def _html(rules: RuleSet, paths: tuple[str, ...], given: dict[str, Any], html: str, lens: Filter | None) -> Totals:
    from ..views.display import path
    from ..views.html import HtmlReport
    from ..views.i18n import t
    from ..views.summary import print_summary

    report = HtmlReport(html, rules)
    totals = go(rules, paths, given, report, lens=lens)
    report.finish(totals, ", ".join(map(path, paths)))
    print_summary(console(), totals, rules, "would change")
    console().print(f"{t('report written')}: {path(html)}", soft_wrap=True)
    return totals


def _lenses(
    rules: RuleSet, only: tuple[str, ...], first: str | None, last: str | None, view: str | None, decided: bool
) -> list[Filter]:
    from ..jobs.filters import check_only, stage_range
    from ..jobs.filters import select as chosen
    from ..model.errors import UsageProblem
    from ..rules.stages import points

    lenses: list[Filter] = []
    if first is not None or last is not None:
        order = points(rules.stages)
        first, last = first or order[0], last or order[-1]
        unknown = next((name for name in (first, last) if name not in order), None)
        if unknown is not None:
            raise UsageProblem(f"the text after {unknown!r} can't be shown", hint=f"in order: {', '.join(order)}")
        if order.index(first) >= order.index(last):
            raise UsageProblem(f"--from {first} is not before --to {last}", hint=f"in order: {', '.join(order)}")
        if decided:
            raise UsageProblem("decisions are about the whole change", hint="leave out --from and --to, or --decisions")
        if view == "unified" and first != order[0]:
            raise UsageProblem("a patch is one of the files: it can't begin after a stage", hint="leave out --from")
        lenses.append(stage_range(first, last, order))
    if only:
        check_only(only, [rule.id for rule in rules.all])
        lenses.append(chosen(only))
    return lenses
