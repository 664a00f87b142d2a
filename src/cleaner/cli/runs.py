"""A run for a command: inputs found, cleaned, counted."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..decisions import Obeyed
    from ..files.discover import Input
    from ..lens import Lens
    from ..packs.ruleset import RuleSet
    from ..run import Run, Sink, Totals


def go(
    rules: RuleSet, paths: Iterable[str], given: dict[str, Any], sink: Sink | None, output_encoding: str = "utf-8",
    lens: Lens | None = None, quiet: bool = False,
) -> Totals:  # fmt: skip
    """A run over `paths`, counted; `quiet` shows no progress."""
    from ..run import Nothing, Run, Totals
    from ..stages.decode import codec_name

    hint = codec_name(given["encoding"]) if given["encoding"] else None
    run: Run = Run(rules, hint, output_encoding, lens)
    _ = run.pipeline.scanner  # a bad expression ends the run before it begins
    totals = Totals()
    found = inputs(tuple(paths), given)
    for report in run.over(found if quiet else _progress(found), sink or Nothing()):
        totals.add(report)
    return totals


def inputs(paths: tuple[str, ...], given: dict[str, Any]) -> Iterator[Input]:
    """What the user named, `-` for stdin."""
    from ..files.discover import Choice, Input, discover

    if paths == ("-",):
        return iter([Input("-", "-")])
    return discover(paths, Choice(given["include"], given["exclude"], given["max_size"]))


@contextlib.contextmanager
def on_stdout(shape: str, rules: RuleSet) -> Iterator[Sink | None]:
    """What writes a run to stdout for programs; None where `shape` is text."""
    if shape == "jsonl":
        from ..reports.jsonl import JsonLines

        yield JsonLines(sys.stdout.buffer.write)
    elif shape == "sarif":
        from ..reports.sarif import Sarif

        sarif = Sarif(sys.stdout.buffer.write, rules)
        yield sarif
        sarif.finish()
    else:
        yield None


def _progress(inputs: Iterator[Input]) -> Iterator[Input]:
    """Shows on a terminal how far a run is that takes longer than a second."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield from inputs
        return
    from ..reports.progress import shown_progress

    yield from shown_progress(inputs)


def obeyed(path: str | None) -> list[Obeyed]:
    """The lens of a decisions file, if one was named. Raises UsageProblem."""
    from ..decisions import Obeyed, load_decisions

    return [Obeyed(load_decisions(path))] if path else []


def print_unused(lenses: list[Obeyed]) -> None:
    """Decisions that found nothing to decide: the source, the rules or the paths are others than they were."""
    from ..lang import t
    from ..reports.shown import plain
    from .options import console

    for lens in lenses:
        unused = lens.unused()
        for decision in unused[:10]:
            where = f"{decision.path}: " if decision.path else ""
            line = f"{t('decision without an edit')}: {where}{decision.verdict} {decision.rule} {decision.text or ''}"
            console(stderr=True).print(plain(line), soft_wrap=True)
        if len(unused) > 10:
            console(stderr=True).print(f"{t('decision without an edit')}: {t('more')} {len(unused) - 10}")
