"""diff: the change itself, in one of several views."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rich_click as click

from ..views import DIFF, make, named
from .options import DECISIONS, FORMAT, INPUTS, QUIET, RULES, Options, console, load_rules, takes, view_options
from .session import finish, load_filters, page_file, print_problems, print_unused, run, stdout_sink

if TYPE_CHECKING:
    from ..jobs.filters import Filter
    from ..matching.ruleset import RuleSet
    from ..model.report import Totals


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@view_options(DIFF)
@click.option("--html", metavar="FILE", help="Write a report as one page, to review in a browser.")
@click.option("--only", multiple=True, metavar="NAME", help="Only this kind, stage, rule or family. Repeatable.")
@click.option(
    "--from", "first", metavar="STAGE",
    help="Begin with the text after a stage: decode, mojibake, invisible, boilerplate, whitespace.",
)  # fmt: skip
@click.option(
    "--to", "last", metavar="STAGE",
    help="End with the text after a stage: mojibake, invisible, boilerplate, whitespace, placeholder.",
)  # fmt: skip
@click.option("-U", "--context", type=click.IntRange(0, 1000), metavar="N", help="Show N lines around each change.")
@click.option("--whitespace", is_flag=True, help="Show whitespace edits too.")
@click.option("--no-pager", is_flag=True, help="Never through a pager (CLEANER_PAGER, PAGER, less).")
@takes(DECISIONS, FORMAT, QUIET, INPUTS, RULES)
def diff(
    paths: tuple[str, ...], view: str | None, html: str | None, only: tuple[str, ...], first: str | None,
    last: str | None, context: int | None, whitespace: bool, no_pager: bool, options: Options,
) -> int:  # fmt: skip
    """Show the change itself, line by line. Writes nothing."""
    from ..jobs.filters import compose_filters
    from ..views.pager import paged

    rules = load_rules(options)
    decided = load_filters(options.decisions)
    report = named(DIFF, view or "inline")
    if context is not None and (html is not None or options.format != "text" or not report.context):
        raise click.UsageError("-U goes with the inline diff, --side-by-side and --unified")
    keep = compose_filters([*decided, *_filters(rules, only, first, last, view, bool(decided))])
    if html is not None:
        totals = _html(rules, paths, options, html, keep)
    elif options.format != "text":
        with stdout_sink(options.format, rules) as sink:
            totals = run(rules, paths, options, sink, keep=keep)
        if options.format == "json":
            finish(totals, rules, options, "would change", console())
    else:
        whitespace = whitespace or any(name.startswith("whitespace") for name in only)
        with paged(console(), not no_pager) as out:
            shown = make(report.view, out, whitespace, context)
            totals = run(rules, paths, options, shown, keep=keep, quiet=out.is_terminal)
            shown.finish(totals)
            if report.summary and not options.quiet:
                if totals.edits_by_rule or totals.placeholders or totals.flags:
                    out.print()
                finish(totals, rules, options, "would change", out)
    print_problems(totals, options.quiet)
    print_unused(decided)
    return totals.exit_code(found=1)


def _html(rules: RuleSet, paths: tuple[str, ...], options: Options, html: str, keep: Filter | None) -> Totals:
    from ..views.display import path
    from ..views.html import HtmlReport
    from ..views.summary import print_summary

    with page_file(html) as write:
        report = HtmlReport(write, rules, ", ".join(map(path, paths)))
        totals = run(rules, paths, options, report, keep=keep)
        report.finish(totals)
        if not options.quiet:
            print_summary(console(), totals, rules, "would change")
    return totals


def _filters(
    rules: RuleSet, only: tuple[str, ...], first: str | None, last: str | None, view: str | None, decided: bool
) -> list[Filter]:
    from ..jobs.filters import REPAIRS, check_only, select, stage_range
    from ..matching.ruleset import full_id
    from ..model.choices import REMOVAL, TAGS
    from ..rules.stages import points
    from ..views.i18n import t

    filters: list[Filter] = []
    if first is not None or last is not None:
        order = points(rules.stages)
        first, last = first or order[0], last or order[-1]
        _check_range(order, first, last, view, decided)
        filters.append(stage_range(first, last, order))
    if only:
        shown = {t(kind): kind for kind in (*REMOVAL, *TAGS, REPAIRS)}
        only = tuple(shown.get(name, full_id(name, rules.all)) for name in only)
        check_only(only, [rule.id for rule in rules.all])
        filters.append(select(only))
    return filters


def _check_range(order: tuple[str, ...], first: str, last: str, view: str | None, decided: bool) -> None:
    """Raises UsageProblem for a range of stages that the run, the view or the decisions don't allow."""
    from ..model.errors import UsageProblem

    unknown = next((name for name in (first, last) if name not in order), None)
    if unknown is not None:
        raise UsageProblem(f"the text after {unknown!r} can't be shown", hint=f"in order: {', '.join(order)}")
    if order.index(first) >= order.index(last):
        raise UsageProblem(f"--from {first} is not before --to {last}", hint=f"in order: {', '.join(order)}")
    if decided:
        raise UsageProblem("decisions are about the whole change", hint="leave out --from and --to, or --decisions")
    if view == "unified" and first != order[0]:
        raise UsageProblem("a patch is one of the files: it can't begin after a stage", hint="leave out --from")
