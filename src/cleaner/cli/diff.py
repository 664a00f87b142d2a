"""diff: the change itself, in one of several views."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import rich_click as click

from ..model.choices import STAGE_POINTS
from .options import DECISIONS, FORMAT, INPUTS, RULES, Options, console, load_rules, takes
from .session import load_filters, print_unused, run, stdout_sink

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
@click.option("--html", metavar="FILE", help="Write a report as one page, to review in a browser.")
@click.option("--only", multiple=True, metavar="NAME", help="Only this kind, stage, rule or family. Repeatable.")
@click.option(
    "--from",
    "first",
    type=click.Choice(STAGE_POINTS),
    default=STAGE_POINTS[0],
    metavar="STAGE",
    help=f"Begin with the text after a stage: {', '.join(STAGE_POINTS[:-1])}.",
)
@click.option(
    "--to",
    "last",
    type=click.Choice(STAGE_POINTS),
    default=STAGE_POINTS[-1],
    metavar="STAGE",
    help=f"End with the text after a stage: {', '.join(STAGE_POINTS[1:])}.",
)
@click.option("--whitespace", is_flag=True, help="Show whitespace edits too.")
@click.option("--no-pager", is_flag=True, help="Never through a pager (CLEANER_PAGER, PAGER, less).")
@takes(DECISIONS, FORMAT, INPUTS, RULES)
def diff(
    paths: tuple[str, ...], view: str | None, html: str | None, only: tuple[str, ...], first: str, last: str,
    whitespace: bool, no_pager: bool, options: Options,
) -> int:  # fmt: skip
    """Show the change itself, line by line. Writes nothing."""
    from ..jobs.filters import compose_filters
    from ..views.pager import paged
    from ..views.summary import print_problems, print_summary

    rules = load_rules(options)
    decided = load_filters(options.decisions)
    _check_range(first, last, view, bool(decided))
    keep = compose_filters([*decided, *_filters(rules, only, first, last)])
    if html is not None:
        totals = _html(rules, paths, options, html, keep)
    elif options.format != "text":
        with stdout_sink(options.format, rules) as sink:
            totals = run(rules, paths, options, sink, keep=keep)
    else:
        whitespace = whitespace or any(name.startswith("whitespace") for name in only)
        with paged(console(), not no_pager) as out:
            shown = VIEWS[view or "inline"](out, whitespace)
            totals = run(rules, paths, options, shown, keep=keep, quiet=out.is_terminal)
            if view == "by-rule":
                shown.show()  # type: ignore[attr-defined]
            if view != "unified":
                if totals.hits or totals.tags:
                    out.print()
                print_summary(out, totals, rules, "would change")
    print_problems(console(stderr=True), totals)
    print_unused(decided)
    return totals.exit_code(found=1)


def _html(rules: RuleSet, paths: tuple[str, ...], options: Options, html: str, keep: Filter | None) -> Totals:
    from ..views.display import path
    from ..views.html import HtmlReport
    from ..views.i18n import t
    from ..views.summary import print_summary

    report = HtmlReport(html, rules)
    totals = run(rules, paths, options, report, keep=keep)
    report.finish(totals, ", ".join(map(path, paths)))
    print_summary(console(), totals, rules, "would change")
    console().print(f"{t('report written')}: {path(html)}", soft_wrap=True)
    return totals


def _check_range(first: str, last: str, view: str | None, decided: bool) -> None:
    """Raises UsageProblem for a range of stages that the view or the decisions don't allow."""
    from ..model.errors import UsageProblem

    if STAGE_POINTS.index(first) >= STAGE_POINTS.index(last):
        raise UsageProblem(f"--from {first} is not before --to {last}", hint=f"in order: {', '.join(STAGE_POINTS)}")
    if decided and (first, last) != (STAGE_POINTS[0], STAGE_POINTS[-1]):
        raise UsageProblem("decisions are about the whole change", hint="leave out --from and --to, or --decisions")
    if view == "unified" and first != STAGE_POINTS[0]:
        raise UsageProblem("a patch is one of the files: it can't begin after a stage", hint="leave out --from")


def _filters(rules: RuleSet, only: tuple[str, ...], first: str, last: str) -> list[Filter]:
    from ..jobs.filters import check_only, select, stage_range

    filters: list[Filter] = []
    if (first, last) != (STAGE_POINTS[0], STAGE_POINTS[-1]):
        filters.append(stage_range(first, last))
    if only:
        check_only(only, [rule.id for rule in rules.all])
        filters.append(select(only))
    return filters
