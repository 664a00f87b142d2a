"""check, clean, explain and rules: options in, a run, a report out."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import rich_click as click

from .options import console, decisions_option, format_option, input_options, rule_options, ruleset
from .runs import go, obeyed, on_stdout, print_unused

if TYPE_CHECKING:
    from ..run import Sink
    from ..tags import Template


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@format_option
@input_options
@rule_options
def check(paths: tuple[str, ...], shape: str, **given: Any) -> int:
    """What would change, as a summary. Writes nothing."""
    from ..reports.summary import print_problems, print_summary

    rules = ruleset(given)
    with on_stdout(shape, rules) as sink:
        totals = go(rules, paths, given, sink)
    if shape == "text":
        print_summary(console(), totals, rules, "would change")
    print_problems(console(stderr=True), totals)
    return totals.exit_code(found=1)


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="SRC...")
@click.option("-o", "--output", metavar="OUT", help="Folder for the clean files, a mirror of SRC.")
@click.option("--overwrite", is_flag=True, help="Replace files that are in the way.")
@click.option("--output-encoding", default="utf-8", show_default=True, metavar="NAME", help="utf-8, keep or a name.")
@click.option(
    "--tags", type=click.Choice(["inline", "standoff", "none"]), default="none", show_default=True,
    help="Write placeholders into the text, beside it, or not.",
)  # fmt: skip
@click.option("--tag-template", metavar="TEXT", help="How --tags inline writes one; fields {glyphs} {kind} {KIND} {n}.")
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Processes (this version uses one).")
@decisions_option
@format_option
@input_options
@rule_options
def clean(
    sources: tuple[str, ...], output: str | None, overwrite: bool, output_encoding: str, tags: str,
    tag_template: str | None, jobs: int, decisions: str | None, shape: str, **given: Any,
) -> int:  # fmt: skip
    """Writes clean copies into OUT; `cleaner clean -` filters stdin to stdout. SRC is never changed."""
    from ..files.outputs import Filter, FolderWriter
    from ..files.write import Tree
    from ..lens import in_turn
    from ..reports.summary import print_problems, print_summary
    from ..run import each
    from ..stages.decode import codec_name

    rules = ruleset(given)
    encoding = output_encoding if output_encoding in ("keep", "utf-8-sig") else codec_name(output_encoding)
    template = _template(tags, tag_template)
    said = obeyed(decisions)
    if sources == ("-",):
        totals = go(rules, sources, given, Filter(sys.stdout.buffer, encoding, template), encoding, in_turn(said))
        print_problems(console(stderr=True), totals)
        return totals.exit_code(found=0)
    if output is None or "-" in sources:
        raise click.UsageError("say where to write: cleaner clean SRC -o OUT (or `cleaner clean -` as a filter)")
    writer: Sink = FolderWriter(Tree(output, sources, overwrite), encoding, tags, template)
    with on_stdout(shape, rules) as shown:
        totals = go(rules, sources, given, each(writer, shown) if shown else writer, encoding, in_turn(said))
    if shape == "text":
        out = console()
        print_summary(out, totals, rules, "changed")
    print_problems(console(stderr=True), totals)
    print_unused(said)
    return totals.exit_code(found=0)


@click.command()
@click.argument("place", metavar="FILE:LINE")
@input_options
@rule_options
def explain(place: str, **given: Any) -> int:
    """Why a line was or was not changed."""
    from ..errors import UsageProblem
    from ..reports.explain import print_explanation

    path, _, line = place.rpartition(":")
    if not path or not line.isdecimal() or line == "0":
        raise UsageProblem(f"{place!r} is not FILE:LINE", hint="for example: cleaner explain speech.txt:3")
    rules = ruleset(given)
    print_explanation(console(), rules, path, int(line), given["encoding"])
    return 0


def _template(tags: str, written: str | None) -> Template | None:
    from ..tags import DEFAULT, Template

    if written is not None and tags != "inline":
        raise click.UsageError("--tag-template says how tags are written into the text: add --tags inline")
    return Template(DEFAULT if written is None else written) if tags == "inline" else None
