"""diff: the change itself, in one of several views."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import rich_click as click

from ..views import DIFF, make, named
from .options import console, decisions_option, format_option, input_options, rule_options, ruleset, view_options
from .session import go, obeyed, on_stdout, print_unused

if TYPE_CHECKING:
    from ..jobs.filters import Filter
    from ..matching.ruleset import RuleSet
    from ..model.report import Totals


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@view_options(DIFF)
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
            report = named(DIFF, view or "inline")
            shown = make(report.view, out, whitespace)
            totals = go(rules, paths, given, shown, lens=lens, quiet=out.is_terminal)
            shown.finish(totals)
            if report.summary:
                if totals.edits_by_rule or totals.placeholders:
                    out.print()
                print_summary(out, totals, rules, "would change")
    print_problems(console(stderr=True), totals)
    print_unused(said)
    return totals.exit_code(found=1)


def _html(rules: RuleSet, paths: tuple[str, ...], given: dict[str, Any], html: str, lens: Filter | None) -> Totals:
    from ..io.atomic import AtomicFile
    from ..model.atomic import umask
    from ..views.display import path
    from ..views.html import HtmlReport
    from ..views.i18n import t
    from ..views.summary import print_summary

    file = AtomicFile(html)
    try:
        report = HtmlReport(lambda part: file.write([part]), rules, ", ".join(map(path, paths)))
        totals = go(rules, paths, given, report, lens=lens)
        report.finish(totals)
        file.close(0o666 & ~umask(), b"")
        file.commit()
    finally:
        file.drop()
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
