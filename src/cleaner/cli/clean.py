"""clean: a mirrored tree, the files themselves, or a filter."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import rich_click as click

from ..model.choices import Annotation, Fallback, LedgerLevel, RecordForm, TagStyle
from .options import DECISIONS, FORMAT, INPUTS, RULES, RUNNING, TRUST, Options, choice, load_rules, takes
from .session import (
    count_inputs,
    drive,
    dry,
    executors,
    finish,
    inputs,
    load_filters,
    make_run,
    make_watch,
    print_problems,
    print_unused,
    row_sinks,
    stdout_sink,
)  # fmt: skip

if TYPE_CHECKING:
    from ..io.outputs import OutputOptions
    from ..jobs.decisions import ApplyDecisions
    from ..jobs.worker import RowSink
    from ..jobs.write_job import OutputLayout
    from ..matching.ruleset import RuleSet
    from ..model.report import Totals


def _part(_context: click.Context, _option: click.Parameter, given: str | None) -> tuple[int, int] | None:
    """I/N as two numbers."""
    if given is None:
        return None
    left, _, right = given.partition("/")
    if not (left.isdecimal() and right.isdecimal() and 1 <= int(left) <= int(right)):
        raise click.BadParameter("it is I/N, the part I of N: for example 1/4")
    return int(left), int(right)


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="SRC...")
@click.option("-o", "--output", metavar="OUT", help="Folder for the clean files, a mirror of SRC.")
@click.option("--in-place", is_flag=True, help="Replace the files themselves; `cleaner undo` restores them.")
@click.option("-n", "--dry-run", is_flag=True, help="Show what would change; write nothing.")
@click.option("--overwrite", is_flag=True, help="Replace files that are in the way.")
@click.option(
    "--output-encoding", metavar="NAME", help="utf-8 (default with -o), keep (default with --in-place) or a name."
)
@click.option(
    "--unencodable", type=choice(Fallback), default="error", show_default=True,
    help="What the encoding lacks: the file fails, &#20117;, \\u4e95 or ?; it is counted.",
)  # fmt: skip
@click.option(
    "--tags", type=choice(TagStyle), default="none", show_default=True,
    help="Write placeholders into the text, into a file next to it, or not.",
)  # fmt: skip
@click.option("--tag-template", metavar="TEXT", help="How --tags inline writes one; fields {glyphs} {kind} {KIND} {n}.")
@click.option(
    "--ledger", type=choice(LedgerLevel), default="full", show_default=True,
    help="What OUT/.cleaner records: removed text and all, no text, or nothing.",
)  # fmt: skip
@click.option("--to", type=choice(RecordForm), help="Write files of records in this form and compression.")
@click.option(
    "--annotate", type=choice(Annotation), default="none", show_default=True,
    help="Write beside each record what was done to it, in a field of its own.",
)  # fmt: skip
@TRUST
@click.option("--shard", callback=_part, metavar="I/N", help="Clean part I of N: one part on each of N machines.")
@takes(RUNNING, DECISIONS, FORMAT, INPUTS, RULES)
def clean(sources: tuple[str, ...], options: Options) -> int:
    """Write clean copies into OUT; `cleaner clean -` filters stdin to stdout. SRC changes only --in-place.

    The same command continues a run that was interrupted; `cleaner undo` undoes a run.
    """
    return clean_sources(sources, options)


def clean_sources(sources: tuple[str, ...], options: Options) -> int:
    """The exit code of `clean`."""
    from ..io.discover import expanded

    sources = tuple(expanded(sources))
    rules = load_rules(options)
    written = _output_options(options)
    if sources == ("-",):
        return _filter(rules, written, options)
    from ..io.layout import InPlaceLayout, MirrorLayout

    if options.output == "-":
        raise click.UsageError("-o names a folder; a filter is `cleaner clean - < FILE`")
    if (options.output is None) != options.in_place or "-" in sources:
        raise click.UsageError(
            "say where to write: cleaner clean SRC -o OUT, or --in-place (or `cleaner clean -` as a filter)"
        )
    if options.dry_run:
        return _dry(sources, rules, written, options)
    if options.output is not None:
        return _write([(MirrorLayout(options.output, sources), sources)], rules, written, options)
    return _write([(InPlaceLayout(top), below) for top, below in _folders(sources).items()], rules, written, options)


def _output_options(options: Options) -> OutputOptions:
    from ..io.markup import DEFAULT, Template
    from ..io.outputs import OutputOptions
    from ..stages.decode import codec_name

    name = options.output_encoding or ("keep" if options.in_place else "utf-8")
    encoding = name if name == "keep" else codec_name(name)
    template = None
    if options.tags == "inline":
        template = Template(DEFAULT if options.tag_template is None else options.tag_template).written
    elif options.tag_template is not None:
        raise click.UsageError("--tag-template says how tags are written into the text: add --tags inline")
    return OutputOptions(
        encoding, options.tags, template, options.in_place, options.overwrite, options.unencodable, options.annotate
    )  # fmt: skip


def _filter(rules: RuleSet, written: OutputOptions, options: Options) -> int:
    """Write the clean text and return 0, or the input as it is and return 3."""
    from io import BytesIO

    from ..io.outputs import FilterWriter
    from ..jobs.filters import compose_filters
    from ..model.report import NullSink, Totals
    from ..views.i18n import t

    totals = Totals()
    made = make_run(rules, options, written.encoding, compose_filters(load_filters(options.decisions)))
    (item,) = inputs(("-",), options)
    writer = FilterWriter(BytesIO(), written)
    totals.add(made.one(item, NullSink(), writer))
    sys.stdout.buffer.write(writer.out.getvalue() if totals.files["ok"] else b"" if writer.lacking else item.data)
    if totals.files["records"] and not options.quiet:  # nothing but its form said so
        print(f"-: {t('read as JSON lines; --as-text reads it as plain text')}", file=sys.stderr)
    print_problems(totals, options.quiet and bool(totals.files["ok"]))
    return 3 if item.data and not totals.files["ok"] else totals.exit_code(found=0)


def _dry(sources: tuple[str, ...], rules: RuleSet, written: OutputOptions, options: Options) -> int:
    """Show what `clean` would change; nothing is written, not even a ledger."""
    from ..jobs.filters import compose_filters

    decided = load_filters(options.decisions)
    made = make_run(rules, options, written.encoding, compose_filters(decided))
    totals = dry(sources, rules, options, made, bool(decided))
    finish(totals, rules, options, "would change")
    print_unused(decided)
    return totals.exit_code(found=0)


def _folders(sources: Sequence[str]) -> dict[str, list[str]]:
    """Sources by the folder of their ledger: of a folder itself, of a file the one it is in."""
    folders: dict[str, list[str]] = {}
    for source in sources:
        path = os.path.realpath(source) if os.path.islink(source) else source
        folders.setdefault(path if os.path.isdir(path) else os.path.dirname(path) or ".", []).append(path)
    return folders


def _write(
    layouts: Sequence[tuple[OutputLayout, Sequence[str]]], rules: RuleSet, written: OutputOptions, options: Options
) -> int:
    """Clean into each layout and show what happened; the exit code."""
    from ..model.report import Totals

    totals = Totals()
    decided = load_filters(options.decisions)
    with stdout_sink(options.format, rules) as sink:
        rows = row_sinks(options.format, sink)
        for layout, sources in layouts:
            totals.join(_write_into(layout, sources, rules, written, decided, rows, options))
    finish(totals, rules, options, "changed")
    if not totals.files["done before"]:  # what an earlier run did has used its decisions
        print_unused(decided)
    return totals.exit_code(found=0)


def _write_into(
    layout: OutputLayout, sources: Sequence[str], rules: RuleSet, written: OutputOptions,
    decided: list[ApplyDecisions], rows: RowSink | None, options: Options,
) -> Totals:  # fmt: skip
    from ..io.discover import partition
    from ..jobs.decisions import decisions_digest
    from ..jobs.filters import compose_filters
    from ..jobs.write_job import LedgerOptions, WriteJob
    from ..ledger.fingerprint import setup_of
    from ..views.i18n import t

    made = make_run(rules, options, written.encoding, compose_filters(decided))
    settings: dict[str, Any] = {
        "encoding": written.encoding,
        "tags": written.tags,
        "template": written.template,
        "hint": made.hint,
    }
    if made.encodings.rows:
        settings["encodings"] = [list(row) for row in made.encodings.rows]
    if options.as_text:
        settings["as-text"] = True
    if written.unencodable != "error":
        settings["unencodable"] = written.unencodable
    if options.field != "text":
        settings["field"] = options.field
    if options.annotate != "none":
        settings["annotate"] = options.annotate
    settings["decisions"] = decisions_digest([one.said for one in decided])
    shard = options.shard
    name = f"ledger-{shard[0]}-of-{shard[1]}" if shard else "ledger"
    ledger = LedgerOptions(options.ledger, name, options.trust_ledger)
    job = WriteJob(made, layout, written, setup_of(rules, settings), ledger, rows)
    watch = make_watch(options.log_json, options.quiet, options.verbose)
    found = inputs(tuple(sources), options)
    found, few = count_inputs(partition(found, *shard) if shard else found, watch)
    one_process = decided or options.format == "sarif"  # which counts the decisions it used, or writes one document
    make = executors(1 if one_process else options.jobs, watch, few, None if one_process else options)
    names = [one if "://" in one else os.path.abspath(one) for one in sources]
    try:
        return drive(job.over(found, names, make), watch, options.max_failures)
    except KeyboardInterrupt:
        print(t("interrupted: finished files are complete; the same command continues"), file=sys.stderr)
        raise
