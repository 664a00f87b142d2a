"""check, explain and rules: options in, a run, a report out."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import rich_click as click

from .options import console, format_option, input_options, rule_options, ruleset
from .running import carry_out, engines, expected, running_options, watch_for
from .runs import go, inputs, on_stdout, rows, run_of

if TYPE_CHECKING:
    from ..run import Sink


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--sample", type=click.IntRange(1), metavar="N", help="Look at N inputs only, each time the same.")
@click.option("--placeholders", "view", flag_value="placeholders", help="List the placeholders instead.")
@click.option("--invisible", "view", flag_value="invisible", help="List the characters that do not show instead.")
@running_options
@format_option
@input_options
@rule_options
def check(paths: tuple[str, ...], sample: int | None, view: str | None, shape: str, **given: Any) -> int:
    """What would change, as a summary. Writes nothing."""
    from ..files.discover import sampled
    from ..reports.summary import print_problems, print_summary
    from ..writing import look

    rules = ruleset(given)
    if view is not None:
        totals = go(rules, paths, given, _view(view, shape))
        print_problems(console(stderr=True), totals)
        return totals.exit_code(found=1)
    watch = watch_for(given)
    found = inputs(paths, given)
    found, few = expected(sampled(found, sample) if sample else found, watch)
    run = run_of(rules, given)
    with on_stdout(shape, rules) as sink:
        alone = "-" in paths or shape == "sarif"  # only this process has stdin, and one document has one writer
        jobs = 1 if alone else given["jobs"]
        totals = carry_out(look(run, found, rows(shape, sink), engines(jobs, watch, few)), watch, given["max_failures"])
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
    from ..errors import UsageProblem
    from ..reports.explain import print_explanation

    path, _, line = place.rpartition(":")
    if not path or not line.isdecimal() or line == "0":
        raise UsageProblem(f"{place!r} is not FILE:LINE", hint="for example: cleaner explain speech.txt:3")
    rules = ruleset(given)
    if run is not None:
        from ..ledger.lookup import look_up
        from ..reports.recorded import print_recorded
        from .undo import ledgers

        found = look_up(ledgers([folder] if folder else []), run, path, int(line))
        print_recorded(console(), rules, found, int(line))
        return 0
    print_explanation(console(), rules, path, int(line), given["encoding"])
    return 0


def _view(view: str, shape: str) -> Sink:
    """What lists one kind of finding, as a table or as JSON."""
    from ..reports.invisible import InvisibleJson, InvisibleTable
    from ..reports.placeholders import PlaceholderJson, PlaceholderTable

    if shape not in ("text", "jsonl"):
        raise click.UsageError(f"--{view} comes as text or jsonl")
    if shape == "jsonl":
        return (InvisibleJson if view == "invisible" else PlaceholderJson)(sys.stdout.buffer.write)
    return (InvisibleTable if view == "invisible" else PlaceholderTable)(console())
