"""A run for a command that shows things while they happen: in this process, one input after the other."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from .executor import expected, watch_for

if TYPE_CHECKING:
    from ..jobs.decisions import ApplyDecisions
    from ..jobs.filters import Filter
    from ..jobs.run import Run
    from ..jobs.worker import RowSink
    from ..matching.ruleset import RuleSet
    from ..model.inputs import InputFile
    from ..model.report import Sink, Totals


def go(
    rules: RuleSet, paths: Iterable[str], given: dict[str, Any], sink: Sink | None, output_encoding: str = "utf-8",
    lens: Filter | None = None, quiet: bool = False, explains: bool = False,
) -> Totals:  # fmt: skip
    """A run over `paths`, counted; `quiet` shows no progress, `explains` keeps the sums behind what is decided."""
    from ..model.report import NullSink, Totals

    watch = watch_for({"log_json": False, "quiet": quiet})
    totals = Totals()
    found, _ = expected(inputs(tuple(paths), given), watch)
    for report in run_of(rules, given, output_encoding, lens, explains).over(found, sink or NullSink()):
        totals.add(report)
        watch.tick(report.bytes)
        watch.done(report)
    watch.end(totals)
    return totals


def run_of(
    rules: RuleSet, given: dict[str, Any], output_encoding: str = "utf-8", lens: Filter | None = None,
    explains: bool = False,
) -> Run:  # fmt: skip
    from ..jobs.run import Run
    from ..pipeline import Pipeline
    from ..stages.decode import read_as

    hint = read_as(given["encoding"]) if given["encoding"] else None
    pipeline = Pipeline(rules, explains=explains)
    _ = pipeline.scanner  # a bad expression ends the run before it begins
    return Run(pipeline, hint, output_encoding, lens, given.get("yes_large", True))


def inputs(paths: tuple[str, ...], given: dict[str, Any]) -> Iterator[InputFile]:
    """What the user named, `-` for stdin; a sample of it where one was asked for."""
    from ..io.discover import PathFilter, discover, sample
    from ..model.inputs import InputFile

    if paths == ("-",):
        return iter([InputFile("-", "-")])
    found = discover(paths, PathFilter(given["include"], given["exclude"], given["max_size"]))
    return sample(found, given["sample"]) if given.get("sample") else found


@contextlib.contextmanager
def on_stdout(shape: str, rules: RuleSet) -> Iterator[Sink | None]:
    """What writes a run to stdout for programs; None where `shape` is text."""
    if shape == "jsonl":
        from ..views.jsonl import JsonLines

        yield JsonLines(sys.stdout.buffer.write)
    elif shape == "sarif":
        from ..views.sarif import Sarif

        sarif = Sarif(sys.stdout.buffer.write, rules)
        yield sarif
        sarif.finish()
    else:
        yield None


def rows(shape: str, sink: Sink | None) -> RowSink | None:
    """What writes the rows of one input: where each has its own, workers do it; else the sink of `on_stdout`."""
    if shape == "jsonl":
        from ..views.jsonl import JsonLines

        return JsonLines
    return (lambda _: sink) if sink is not None else None


def obeyed(path: str | None) -> list[ApplyDecisions]:
    """The lens of a decisions file, if one was named. Raises UsageProblem."""
    from ..jobs.decisions import ApplyDecisions, load_decisions
    from .notices import name_successors

    if not path:
        return []
    said = load_decisions(path)
    name_successors(decision.rule for decision in said.decisions)
    return [ApplyDecisions(said)]


def print_unused(lenses: list[ApplyDecisions]) -> None:
    """Decisions that found nothing to decide: the source, the rules or the paths are others than they were."""
    from ..views.display import plain
    from ..views.i18n import t
    from .options import console

    for lens in lenses:
        unused = lens.unused()
        for decision in unused[:10]:
            where = f"{decision.path}: " if decision.path else ""
            line = f"{t('decision without an edit')}: {where}{decision.verdict} {decision.rule} {decision.text or ''}"
            console(stderr=True).print(plain(line), soft_wrap=True)
        if len(unused) > 10:
            console(stderr=True).print(f"{t('decision without an edit')}: {t('more')} {len(unused) - 10}")
