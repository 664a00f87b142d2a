"""A run for a command: inputs found, cleaned, counted."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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


def json_sink() -> Sink:
    """One JSON object a line on stdout."""
    from ..reports.jsonl import JsonLines

    return JsonLines(sys.stdout.buffer.write)


def _progress(inputs: Iterator[Input]) -> Iterator[Input]:
    """Shows on a terminal how far a run is that takes longer than a second."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield from inputs
        return
    from ..reports.progress import shown_progress

    yield from shown_progress(inputs)
