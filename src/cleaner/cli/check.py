"""check and explain: what would change, and why."""

from __future__ import annotations

import sys
from dataclasses import replace

import rich_click as click

from ..views import CHECK, make, named
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
from .session import dry, finish, make_run, run


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--sample", type=click.IntRange(1), metavar="N", help="Look at N inputs only, each time the same.")
@view_options(CHECK)
@takes(RUNNING, FORMAT, INPUTS, RULES)
def check(paths: tuple[str, ...], view: str | None, options: Options) -> int:
    """Show what would change, as a summary. Writes nothing.

    With --encodings no rule is run: 3 where a file was left alone because its encoding is not sure, else 0.
    """
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

    found = line_range(place)
    if not found or found[1] != found[2]:
        raise UsageProblem(f"{place!r} is not FILE:LINE", hint="for example: cleaner explain speech.txt:3")
    path, line, _ = found
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
        from ..views.explain import print_explanation

        print_explanation(console(), rules, explain_line(rules, path, line, options.encoding))
    return 0


def _list(view: str, paths: tuple[str, ...], options: Options) -> int:
    """List one kind of finding, as a table or as JSON; the exit code."""
    from ..matching.ruleset import RuleSet
    from ..views.jsonl import JsonRows
    from ..views.summary import print_problems

    if options.format not in ("text", "jsonl"):
        raise click.UsageError(f"--{view} comes as text or jsonl")
    report = named(CHECK, view)
    text = options.format == "text"
    sink = make(report.view, console()) if text else JsonRows(make(report.rows), sys.stdout.buffer.write)
    rules = load_rules(options)  # also for the encodings: a bad pack is refused in every view
    options = options if report.rules else replace(options, as_text=True)  # whatever it holds, it has an encoding
    totals = run(rules if report.rules else RuleSet([]), paths, options, sink, quiet=console().is_terminal)
    sink.finish(totals)
    print_problems(console(stderr=True), totals)
    return totals.exit_code(found=1)
