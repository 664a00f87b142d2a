"""A run for a command: inputs, processes, what is shown meanwhile, and the reports of the files counted."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from ..jobs.decisions import ApplyDecisions
    from ..jobs.executors import Executor, ShardWork
    from ..jobs.filters import Filter
    from ..jobs.run import Run
    from ..jobs.worker import RowSink, TaskResult
    from ..matching.ruleset import RuleSet
    from ..model.inputs import InputFile
    from ..model.report import Sink, Totals
    from ..views.progress import Watch
    from .options import Options

FEW = (8, 256 << 10)  # files and bytes for which starting a process costs more than it gains
MEMORY = 0.8  # share of the machine's memory that all workers together may take


def run(
    rules: RuleSet, paths: Iterable[str], options: Options, sink: Sink | None, output_encoding: str = "utf-8",
    keep: Filter | None = None, quiet: bool = False, explains: bool = False,
) -> Totals:  # fmt: skip
    """Run over `paths` in this process, one input after the other, for commands that show results meanwhile.

    `quiet` shows no progress, `explains` keeps the evidence behind decisions.
    """
    from ..model.report import NullSink, Totals

    watch = make_watch(log_json=False, quiet=quiet)
    totals = Totals()
    found, _ = count_inputs(inputs(tuple(paths), options), watch)
    for report in make_run(rules, options, output_encoding, keep, explains).over(found, sink or NullSink()):
        totals.add(report)
        watch.tick(report.bytes)
        watch.done(report)
    watch.end(totals)
    return totals


def make_run(
    rules: RuleSet, options: Options, output_encoding: str = "utf-8", keep: Filter | None = None,
    explains: bool = False,
) -> Run:  # fmt: skip
    from ..jobs.run import Run
    from ..pipeline import Pipeline
    from ..stages.decode import read_as
    from .notices import patience
    from .options import encodings_by_path

    hint = read_as(options.encoding) if options.encoding else None
    pipeline = Pipeline(rules, explains=explains)
    with patience():
        rules.check()  # a bad expression ends the run before it begins
    return Run(
        pipeline, hint, output_encoding, keep, options.yes_large, options.as_text, encodings_by_path(), options.field,
        options.annotate,
    )  # fmt: skip


def dry(paths: tuple[str, ...], rules: RuleSet, options: Options, made: Run, one_process: bool) -> Totals:
    """Carry out a run that writes no files; `one_process` where no other can do it (stdin, decisions)."""
    from ..jobs.write_job import dry_run

    watch = make_watch(options.log_json, options.quiet, options.verbose)
    found, few = count_inputs(inputs(paths, options), watch)
    with stdout_sink(options.format, rules) as sink:
        alone = one_process or options.format == "sarif"
        make = executors(1 if alone else options.jobs, watch, few, None if alone else options)
        results = dry_run(made, found, row_sinks(options.format, sink), make)
        return drive(results, watch, options.max_failures)


def finish(totals: Totals, rules: RuleSet, options: Options, verb: str, out: Console | None = None) -> None:
    """Say what a run came to: the summary on stdout, problems on stderr. `verb` as for `print_summary`."""
    from ..views.summary import print_summary, summary_json
    from .options import console

    if options.format == "json":
        from ..views.jsonl import encoded

        sys.stdout.buffer.write(encoded(summary_json(totals, rules)) + b"\n")
    elif options.format == "text" and not options.quiet:
        print_summary(out or console(), totals, rules, verb, untagged=options.tags == "none")
    if not options.log_json and out is None:
        print_problems(totals, options.quiet)


def drive(results: Generator[TaskResult, None, None], watch: Watch, max_failures: int | None) -> Totals:
    """Carry out a run in processes; rows are written to stdout. Ctrl-C ends it cleanly."""
    from ..model.report import Totals

    totals = Totals()
    try:
        with contextlib.closing(results):
            for result in results:
                totals.add(result.report)
                watch.done(result.report)
                sys.stdout.buffer.write(result.rows)
                if max_failures is not None and totals.files["failed"] >= max_failures:
                    totals.stopped = True
                    break
    finally:
        watch.end(totals)
    return totals


def inputs(paths: tuple[str, ...], options: Options) -> Iterator[InputFile]:
    """What the user named, `-` for stdin; with --sample a sample of it."""
    from msgspec import structs

    from ..io.discover import PathFilter, discover, expanded, sample
    from ..io.records import renamed
    from ..model.inputs import InputFile

    if paths == ("-",):
        return iter([InputFile("-", "-", data=sys.stdin.buffer.read())])
    found = discover(expanded(paths), PathFilter(options.include, options.exclude, options.max_size))
    if options.to is not None:
        found = (structs.replace(item, name=renamed(item.name, options.to)) for item in found)
    return sample(found, options.sample) if options.sample else found


def count_inputs(found: Iterator[InputFile], watch: Watch) -> tuple[Iterator[InputFile], bool]:
    """The same inputs, and whether they are few; `watch` learns how many there are, unless they are too many."""
    at_least = FEW[0] + 1
    head = list(islice(found, max(watch.counts, at_least)))
    size = sum(item.size for item in head)
    if len(head) < watch.counts:
        watch.expect(len(head), size)
    return chain(head, found), len(head) < at_least and size < FEW[1]


def make_watch(log_json: bool, quiet: bool = False, verbose: bool = False) -> Watch:
    from ..views.progress import FileLog, JsonLog, Progress, Watch

    if log_json:
        return JsonLog(sys.stderr)
    if verbose:
        return FileLog(sys.stderr)
    shown = not quiet and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    return Progress(sys.stderr) if shown else Watch()


def executors(
    jobs: int | None, watch: Watch, few: bool = False, options: Options | None = None
) -> Callable[[ShardWork], Executor]:
    """What makes the executor of some work: this process for one job or few inputs, else a pool of processes.

    With `options` that name Ray it is a cluster.
    """
    jobs = jobs or (1 if few else cores())

    def make(work: ShardWork) -> Executor:
        if options is not None and options.engine == "ray":
            from ..jobs.executors.ray import RayCluster

            return RayCluster(work, options.address, watch.tick, watch.lost)
        if jobs == 1:
            from ..jobs.executors import InProcess

            return InProcess(work, watch.tick)
        from ..jobs.executors.processes import ProcessPool

        return ProcessPool(work, jobs, watch.tick, _memory(jobs), on_lost=watch.lost)

    return make


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _memory(jobs: int) -> int | None:
    """Bytes that one worker may take."""
    try:
        return int(MEMORY * os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / jobs)
    except (AttributeError, ValueError, OSError):
        return None


@contextlib.contextmanager
def page_file(name: str) -> Iterator[Callable[[bytes], object]]:
    """What writes to a file that appears when it is whole."""
    from ..io.atomic import AtomicFile
    from ..model.atomic import umask
    from ..views.display import path
    from ..views.i18n import t
    from .options import console

    file = AtomicFile.at(name)
    try:
        yield lambda part: file.write([part])
        file.close(0o666 & ~umask(), b"")
        file.commit()
    finally:
        file.drop()
    console().print(f"{t('report written')}: {path(name)}", soft_wrap=True)


@contextlib.contextmanager
def stdout_sink(form: str, rules: RuleSet) -> Iterator[Sink | None]:
    """What writes a run to stdout for programs; None for text."""
    if form == "jsonl":
        from ..views.jsonl import JsonLines

        yield JsonLines(sys.stdout.buffer.write)
    elif form == "sarif":
        from ..views.sarif import Sarif

        sarif = Sarif(sys.stdout.buffer.write, rules)
        yield sarif
        sarif.finish()
    else:
        yield None


def row_sinks(form: str, sink: Sink | None) -> RowSink | None:
    """What writes the rows of one input: for jsonl the workers do, else `sink`, the one of `stdout_sink`."""
    if form == "jsonl":
        from ..views.jsonl import JsonLines

        return JsonLines
    return (lambda _: sink) if sink is not None else None


def load_filters(path: str | None) -> list[ApplyDecisions]:
    """The filter of a decisions file, if one was named. Raises UsageProblem."""
    if not path:
        return []
    from ..jobs.decisions import ApplyDecisions, load_decisions
    from .notices import name_successors

    said = load_decisions(path)
    name_successors(decision.rule for decision in said.decisions)
    return [ApplyDecisions(said)]


def print_problems(totals: Totals, quiet: bool = False) -> None:
    """Print the inputs that failed or were skipped; most runs have none and need not import what prints."""
    if totals.problems or totals.skipped or totals.stopped:
        from ..views.summary import print_problems
        from .options import console

        print_problems(console(stderr=True), totals, quiet)


def print_unused(filters: Sequence[ApplyDecisions]) -> None:
    """Print decisions without an edit: the source, the rules or the paths are others than they were."""
    for one in filters:
        unused = one.unused()
        if not unused:
            continue
        from ..views.display import plain
        from ..views.i18n import t
        from .options import console

        for decision in unused[:10]:
            where = f"{decision.path}: " if decision.path else ""
            line = f"{t('decision without an edit')}: {where}{decision.verdict} {decision.rule} {decision.text or ''}"
            console(stderr=True).print(plain(line), soft_wrap=True)
        if len(unused) > 10:
            console(stderr=True).print(f"{t('decision without an edit')}: {t('more')} {len(unused) - 10}")
