"""check, explain and rules: options in, a run, a report out."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import rich_click as click

from ..views import CHECK, make, named
from .executor import carry_out, engines, expected, running_options, watch_for
from .options import console, format_option, input_options, rule_options, ruleset, view_options
from .session import go, inputs, on_stdout, rows, run_of

if TYPE_CHECKING:
    from ..matching.ruleset import RuleSet


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--sample", type=click.IntRange(1), metavar="N", help="Look at N inputs only, each time the same.")
@view_options(CHECK)
@running_options
@format_option
@input_options
@rule_options
def check(paths: tuple[str, ...], view: str | None, shape: str, **given: Any) -> int:
    """What would change, as a summary. Writes nothing.

    With --encodings no rule is asked: 3 where a file was left alone because its encoding is not sure, else 0.
    """
    from ..jobs.write_job import dry_run
    from ..views.summary import print_problems, print_summary

    rules = ruleset(given)
    if view is not None:
        return _look(view, shape, rules, paths, given)
    watch = watch_for(given)
    found, few = expected(inputs(paths, given), watch)
    run = run_of(rules, given)
    with on_stdout(shape, rules) as sink:
        alone = "-" in paths or shape == "sarif"  # only this process has stdin, and one document has one writer
        jobs = 1 if alone else given["jobs"]
        totals = carry_out(
            dry_run(run, found, rows(shape, sink), engines(jobs, watch, few)), watch, given["max_failures"]
        )
    if shape == "text":
        print_summary(console(), totals, rules, "would change")
    if not given["log_json"]:
        print_problems(console(stderr=True), totals)
    return totals.exit_code(found=1)


@click.command()
@click.argument("place", metavar="FILE:LINE")
@click.option("--run", type=click.IntRange(1), metavar="R", help="What run R did to the line, from its ledger.")
@click.option("--in", "folder", metavar="FOLDER", help="Where run R wrote.")
@input_options
@rule_options
def explain(place: str, run: int | None, folder: str | None, **given: Any) -> int:
    """Why a line was or was not changed; with --run what was done to it, also where the file is gone."""
    from ..jobs.explain import explain_line
    from ..model.errors import UsageProblem
    from ..views.explain import print_explanation, print_line_history

    path, _, line = place.rpartition(":")
    if not path or not line.isdecimal() or line == "0":
        raise UsageProblem(f"{place!r} is not FILE:LINE", hint="for example: cleaner explain speech.txt:3")
    rules = ruleset(given)
    if run is not None:
        from ..ledger.lookup import look_up
        from .notices import name_successors
        from .undo import ledgers

        found = look_up(ledgers([folder] if folder else []), run, path, int(line))
        print_line_history(console(), rules, found, int(line))
        name_successors(edit.rule for edit in found.edits)
        return 0
    print_explanation(console(), rules, explain_line(rules, path, int(line), given["encoding"]))
    return 0


def _look(view: str, shape: str, rules: RuleSet, paths: tuple[str, ...], given: dict[str, Any]) -> int:
    """One kind of finding, as a table or as JSON; the exit code."""
    from ..matching.ruleset import RuleSet
    from ..views.jsonl import JsonRows
    from ..views.summary import print_problems

    if shape not in ("text", "jsonl"):
        raise click.UsageError(f"--{view} comes as text or jsonl")
    report = named(CHECK, view)
    sink = make(report.view, console()) if shape == "text" else JsonRows(make(report.rows), sys.stdout.buffer.write)
    totals = go(rules if report.rules else RuleSet([]), paths, given, sink, quiet=console().is_terminal)
    sink.finish(totals)
    print_problems(console(stderr=True), totals)
    return totals.exit_code(found=1)
