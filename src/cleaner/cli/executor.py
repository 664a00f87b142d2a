"""How a run is carried out: options, processes, what is shown while it lasts."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any

import rich_click as click

from .options import all_of

if TYPE_CHECKING:
    from ..jobs.executors import Executor, ShardWork
    from ..jobs.worker import TaskResult
    from ..model.inputs import InputFile
    from ..model.report import Totals
    from ..views.progress import Watch

FEW = (8, 256 << 10)  # files and bytes for which starting a process costs more than it gains
MEMORY = 0.8  # share of the machine's memory that all workers together may take

running_options = all_of(
    (
        click.option("--jobs", type=click.IntRange(1), metavar="N", help="Processes.  [default: one for each core]"),
        click.option("--max-failures", type=click.IntRange(1), metavar="K", help="Stop after K failed inputs."),
        click.option("--log-json", is_flag=True, help="Messages and progress as JSON lines on stderr."),
    )
)


def part(_context: click.Context, _option: click.Parameter, given: str | None) -> tuple[int, int] | None:
    """I/N as two numbers."""
    if given is None:
        return None
    left, _, right = given.partition("/")
    if not (left.isdecimal() and right.isdecimal() and 1 <= int(left) <= int(right)):
        raise click.BadParameter("it is I/N, the part I of N: for example 1/4")
    return int(left), int(right)


def engines(jobs: int | None, watch: Watch, few: bool = False) -> Callable[[ShardWork], Executor]:
    """Makes the engine for some work: this process for one job or few inputs, else as many others."""
    jobs = jobs or (1 if few else cores())

    def engine(work: ShardWork) -> Executor:
        if jobs == 1:
            from ..jobs.executors import InProcess

            return InProcess(work, watch.tick)
        from ..jobs.executors.processes import ProcessPool

        return ProcessPool(work, jobs, watch.tick, _memory(jobs), on_lost=watch.lost)

    return engine


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _memory(jobs: int) -> int | None:
    try:
        return int(MEMORY * os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / jobs)
    except (AttributeError, ValueError, OSError):
        return None


def watch_for(given: dict[str, Any]) -> Watch:
    if given["log_json"]:
        from ..views.progress import JsonLog

        return JsonLog(sys.stderr)
    from ..views.progress import Progress, Watch

    shown = not given.get("quiet") and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    return Progress(sys.stderr) if shown else Watch()


def expected(inputs: Iterator[InputFile], watch: Watch) -> tuple[Iterator[InputFile], bool]:
    """The same inputs, and whether they are few; where somebody watches and they are not too many, they are counted."""
    from itertools import chain, islice

    least = FEW[0] + 1
    head = list(islice(inputs, max(watch.counts, least)))
    size = sum(item.size for item in head)
    if len(head) < watch.counts:
        watch.expect(len(head), size)
    return chain(head, inputs), len(head) < least and size < FEW[1]


def carry_out(records: Generator[TaskResult, None, None], watch: Watch, max_failures: int | None) -> Totals:
    """Goes through a run; rows go to stdout. Ctrl-C ends it cleanly."""
    from ..model.report import Totals

    totals = Totals()
    try:
        with closing(records):
            for record in records:
                totals.add(record.report)
                watch.done(record.report)
                sys.stdout.buffer.write(record.rows)
                if max_failures is not None and totals.files["failed"] >= max_failures:
                    totals.stopped = True
                    break
    finally:
        watch.end(totals)
    return totals
