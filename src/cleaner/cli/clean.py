"""clean: a mirrored tree, the files themselves, or a filter."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import rich_click as click

from .executor import carry_out, engines, expected, part, running_options, watch_for
from .options import console, decisions_option, format_option, input_options, rule_options, ruleset

if TYPE_CHECKING:
    from ..io.markup import Template
    from ..io.outputs import OutputOptions
    from ..jobs.decisions import ApplyDecisions
    from ..jobs.write_job import OutputLayout
    from ..matching.ruleset import RuleSet
    from ..model.report import Totals


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="SRC...")
@click.option("-o", "--output", metavar="OUT", help="Folder for the clean files, a mirror of SRC.")
@click.option("--in-place", is_flag=True, help="Replace the files themselves; `cleaner undo` takes it back.")
@click.option("--overwrite", is_flag=True, help="Replace files that are in the way.")
@click.option(
    "--output-encoding", metavar="NAME", help="utf-8 (default with -o), keep (default with --in-place) or a name."
)
@click.option(
    "--unencodable", type=click.Choice(["error", "xml", "backslash", "replace"]), default="error", show_default=True,
    help="What the encoding lacks: the file fails, &#20117;, \\u4e95 or ?; it is counted.",
)  # fmt: skip
@click.option(
    "--tags", type=click.Choice(["inline", "standoff", "none"]), default="none", show_default=True,
    help="Write placeholders into the text, beside it, or not.",
)  # fmt: skip
@click.option("--tag-template", metavar="TEXT", help="How --tags inline writes one; fields {glyphs} {kind} {KIND} {n}.")
@click.option(
    "--ledger", type=click.Choice(["full", "hash", "off"]), default="full", show_default=True,
    help="What is remembered in OUT/.cleaner: removed text and all, no text, or nothing.",
)  # fmt: skip
@click.option("--shard", callback=part, metavar="I/N", help="Clean the part I of N, on each of N machines another.")
@running_options
@decisions_option
@format_option
@input_options
@rule_options
def clean(
    sources: tuple[str, ...], output: str | None, in_place: bool, output_encoding: str | None, unencodable: str,
    shape: str, **given: Any,
) -> int:  # fmt: skip
    """Writes clean copies into OUT; `cleaner clean -` filters stdin to stdout. SRC changes only --in-place.

    What was interrupted goes on with the same command; `cleaner undo` takes a run back.
    """
    from ..io.layout import InPlaceLayout, MirrorLayout
    from ..io.outputs import OutputOptions
    from ..stages.decode import codec_name

    rules = ruleset(given)
    name = output_encoding or ("keep" if in_place else "utf-8")
    encoding = name if name == "keep" else codec_name(name)
    template = template_of(given["tags"], given["tag_template"])
    written = template.written if template else None
    way = OutputOptions(encoding, given["tags"], written, in_place, given["overwrite"], unencodable)
    if sources == ("-",):
        return _filter(rules, way, given)
    if (output is None) != in_place or "-" in sources:
        raise click.UsageError(
            "say where to write: cleaner clean SRC -o OUT, or --in-place (or `cleaner clean -` as a filter)"
        )
    homes: list[tuple[OutputLayout, Sequence[str]]]
    if output is not None:
        homes = [(MirrorLayout(output, sources), sources)]
    else:
        homes = [(InPlaceLayout(folder), below) for folder, below in _folders(sources).items()]
    return run_into(homes, rules, way, shape, given)


def _filter(rules: RuleSet, way: OutputOptions, given: dict[str, Any]) -> int:
    from ..io.outputs import FilterWriter
    from ..jobs.filters import compose_filters
    from ..views.summary import print_problems
    from .session import go, obeyed

    lens = compose_filters(obeyed(given["decisions"]))
    totals = go(rules, ("-",), given, FilterWriter(sys.stdout.buffer, way), way.encoding, lens)
    print_problems(console(stderr=True), totals)
    return totals.exit_code(found=0)


def template_of(tags: str, written: str | None) -> Template | None:
    from ..io.markup import DEFAULT, Template

    if written is not None and tags != "inline":
        raise click.UsageError("--tag-template says how tags are written into the text: add --tags inline")
    return Template(DEFAULT if written is None else written) if tags == "inline" else None


def _folders(sources: Sequence[str]) -> dict[str, list[str]]:
    """Sources by the folder that keeps their ledger: a folder its own, a file the one it is in."""
    folders: dict[str, list[str]] = {}
    for source in sources:
        path = os.path.realpath(source) if os.path.islink(source) else source
        folders.setdefault(path if os.path.isdir(path) else os.path.dirname(path) or ".", []).append(path)
    return folders


def run_into(
    homes: Sequence[tuple[OutputLayout, Sequence[str]]],
    rules: RuleSet,
    way: OutputOptions,
    shape: str,
    given: dict[str, Any],
) -> int:
    """Cleans into each home, shows what happened; the exit code."""
    from ..model.report import Totals
    from ..views.summary import print_problems, print_summary
    from .session import obeyed, on_stdout, print_unused, rows

    totals = Totals()
    said = obeyed(given["decisions"])
    with on_stdout(shape, rules) as sink:
        given |= {"rows": rows(shape, sink), "alone": bool(said) or shape == "sarif"}
        for home, sources in homes:
            totals.join(_into(home, sources, rules, way, said, given))
    if shape == "text":
        print_summary(console(), totals, rules, "changed")
    if not given["log_json"]:
        print_problems(console(stderr=True), totals)
    if not totals.files["done before"]:  # what an earlier run did has used its decisions
        print_unused(said)
    return totals.exit_code(found=0)


def _into(
    home: OutputLayout,
    sources: Sequence[str],
    rules: RuleSet,
    way: OutputOptions,
    said: list[ApplyDecisions],
    given: dict[str, Any],
) -> Totals:
    from ..io.discover import partition
    from ..jobs.decisions import decisions_digest
    from ..jobs.filters import compose_filters
    from ..jobs.write_job import LedgerOptions, WriteJob
    from ..ledger.fingerprint import setup_of
    from ..views.i18n import t
    from .session import inputs, run_of

    run = run_of(rules, given, way.encoding, compose_filters(said))
    shard = given["shard"]
    settings = {"encoding": way.encoding, "tags": way.tags, "template": way.template, "hint": run.hint}
    if way.unencodable != "error":
        settings["unencodable"] = way.unencodable
    settings["decisions"] = decisions_digest([lens.said for lens in said])
    keeping = LedgerOptions(given["ledger"], "ledger" if shard is None else f"ledger-{shard[0]}-of-{shard[1]}")
    writing = WriteJob(run, home, way, setup_of(rules, settings), keeping, given["rows"])
    watch = watch_for(given)
    found = inputs(tuple(sources), given)
    found, few = expected(partition(found, *shard) if shard else found, watch)
    engine = engines(1 if given["alone"] else given["jobs"], watch, few)  # one process counts the decisions it used
    try:
        return carry_out(
            writing.over(found, [os.path.abspath(s) for s in sources], engine), watch, given["max_failures"]
        )
    except KeyboardInterrupt:
        print(t("interrupted: what is done is whole; the same command goes on from there"), file=sys.stderr)
        raise
