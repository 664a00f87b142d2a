"""check and explain: what would change, and why."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import rich_click as click
from click.globals import get_current_context

if TYPE_CHECKING:
    from ..model.report import Totals
    from ..views.view import View

from ..views import CHECK, Report, make, named
from .options import (
    FORMAT,
    INPUTS,
    RULES,
    RUNNING,
    TRUST,
    Options,
    console,
    line_range,
    load_rules,
    takes,
    view_options,
)
from .session import dry, finish, make_run, page_file, print_problems, run


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--sample", type=click.IntRange(1), metavar="N", help="Look at N inputs only, each time the same.")
@view_options(CHECK)
@click.option("--html", metavar="FILE", help="With --encodings: write the list as one page.")
@click.option("--write", is_flag=True, help="With --encodings: write the readings that you accept into cleaner.toml.")
@click.option("-y", "--yes", is_flag=True, help="With --write: do not ask, write those that are sure.")
@takes(RUNNING, FORMAT, INPUTS, RULES)
def check(
    paths: tuple[str, ...], view: str | None, html: str | None, write: bool, yes: bool, options: Options
) -> int:  # fmt: skip
    """Show what would change, as a summary. Writes nothing.

    With --encodings only mojibake is looked for, which is a change.
    """
    if html is not None and write:
        raise click.UsageError("--html or --write, not both")
    if (html is not None or write) and view != "encodings":
        raise click.UsageError("--html and --write need --encodings")
    if html is not None:
        return _page(html, paths, options)
    if write:
        return _write(paths, yes, options)
    if view is not None:
        return _list(view, paths, options)
    rules = load_rules(options)
    totals = dry(paths, rules, options, make_run(rules, options), one_process="-" in paths)
    finish(totals, rules, options, "would change")
    return totals.exit_code(found=1)


@click.command()
@click.argument("place", metavar="FILE:LINE")
@click.option(
    "--run", "number", type=click.IntRange(1), metavar="R", help="What run R did to the line, from its ledger."
)
@click.option("--in", "folder", metavar="FOLDER", help="Where run R wrote.")
@TRUST
@takes(INPUTS, RULES)
def explain(place: str, number: int | None, folder: str | None, options: Options) -> int:
    """Show why a line was or was not changed; with --run what was done to it, even if the file is gone."""
    from ..model.errors import UsageProblem
    from ..model.inputs import split_address

    found = line_range(place)
    if not found or found[1] != found[2]:
        raise UsageProblem(f"{place!r} is not FILE:LINE", hint="for example: cleaner explain speech.txt:3")
    path, line, _ = found
    by_piece = split_address(place)[1] is not None
    rules = load_rules(options)
    if number is not None:
        from ..ledger.lookup import find_ledgers, look_up
        from ..views.explain import print_line_history
        from .notices import name_successors

        history = look_up(find_ledgers([folder] if folder else []), number, path, line, options.trust_ledger)
        print_line_history(console(), rules, history, line)
        name_successors(edit.rule for edit in history.edits)
    else:
        from ..jobs.explain import explain_line
        from ..model.errors import Undecided
        from ..views.explain import print_explanation, print_undecided
        from .options import encodings_by_path

        hint = encodings_by_path().of(path) or options.encoding
        try:
            explained = explain_line(rules, path, line, hint, options.field, by_piece)
            print_explanation(console(), rules, explained)
        except Undecided as why:
            if why.judgement is not None:
                print_undecided(console(), why.judgement)
            raise
    return 0


def _list(view: str, paths: tuple[str, ...], options: Options) -> int:
    """List one kind of finding, as a table or as JSON; the exit code."""
    from ..views.jsonl import JsonRows

    if options.format not in ("text", "jsonl"):
        raise click.UsageError(f"--{view} comes as text or jsonl")
    text = options.format == "text"
    report = named(CHECK, view)
    sink = make(report.view, console()) if text else JsonRows(make(report.rows), sys.stdout.buffer.write)
    totals = _listed(report, sink, paths, options)
    print_problems(totals)
    return totals.exit_code(found=1)


def _page(html: str, paths: tuple[str, ...], options: Options) -> int:
    """Write the list of encodings as a page; the exit code."""
    from ..views.display import path
    from ..views.encoding_page import EncodingPage

    with page_file(html) as write:
        page = EncodingPage(write, ", ".join(map(path, paths)))
        totals = _listed(named(CHECK, "encodings"), page, paths, options)
    print_problems(totals)
    return totals.exit_code(found=1)


def _write(paths: tuple[str, ...], yes: bool, options: Options) -> int:
    """List the encodings, and write what the user accepts into the configuration; the exit code."""
    from ..views.encoding_table import EncodingTable
    from .encodings import write_choices

    if options.format != "text" or "-" in paths or get_current_context().find_root().params["no_config"]:
        raise click.UsageError("--write needs files, a configuration and text")
    table = EncodingTable(console())
    totals = _listed(named(CHECK, "encodings"), table, paths, options)
    print_problems(totals)
    write_choices(table.choices, yes)
    return totals.exit_code(found=1)


def _listed(report: Report, sink: View, paths: tuple[str, ...], options: Options) -> Totals:
    """Run what a list needs."""
    from ..matching.ruleset import RuleSet

    if report.stages is not None:  # whatever an input holds, it has an encoding; nothing is cut
        chosen = tuple(name for name in report.stages if name in (options.stages or report.stages))
        off = (*options.off, "mojibake/forms")  # entities and wide letters are no misreading
        options = replace(options, as_text=True, yes_large=True, stages=chosen or options.stages, off=off)
    rules = load_rules(options) if report.stages is None or chosen else RuleSet([])
    totals = run(rules, paths, options, sink, quiet=console().is_terminal)
    sink.finish(totals)
    return totals
