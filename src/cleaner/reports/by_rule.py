"""All hits of one rule together, over all inputs, each with the line it stands on: for judging a rule."""

from __future__ import annotations

from array import array
from collections import Counter
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

import msgspec

from ..blocks import Block, Cleaned
from ..edits import Edit
from ..files.discover import Input
from ..run import FileReport
from ..stages.decode import Document
from .painted import Paint, gutter_of
from .rows import Lines, marked_line, marks_of
from .shown import clipped, path, width
from .wrap import Char, runs

if TYPE_CHECKING:
    from rich.console import Console


class Hit(msgspec.Struct, array_like=True):
    """Where a rule hit, and its line as characters and styles."""

    path: str
    line: int
    chars: list[Char]


class ByRule:
    """A sink. What is shown waits on disk until the run is over; in memory are only the places there."""

    def __init__(self, console: Console, whitespace: bool = False) -> None:
        self._paint = Paint(console)
        self._whitespace = whitespace
        self._spool = TemporaryFile()  # noqa: SIM115 - closed with the sink
        self._places: dict[str, array[int]] = {}
        self._chars: Counter[str] = Counter()
        self._last: dict[str, Hit] = {}
        self._hits: Counter[str] = Counter()
        self._path = ""
        self._lines = Lines()

    def begin(self, item: Input, document: Document) -> None:
        self._path, self._lines = item.path, Lines()

    def block(self, block: Block) -> None:
        for region, source, before in self._lines.regions(block):
            self._region(region, source, before + 1)

    def end(self, report: FileReport) -> None: ...

    def _region(self, region: Cleaned, source: str, line: int) -> None:
        marks = marks_of(region, self._whitespace)
        hits = [(e.start, e.end, e.rule, len(e.after)) for e in region.edits if self._shows(e)]
        hits += [(tag.start, tag.end, tag.rule, tag.end - tag.start) for tag in region.tags]
        at = 0
        for begin, stop, rule, after in sorted(hits):
            start, end = begin - region.offset, stop - region.offset
            line, at = line + source.count("\n", at, start), start
            self._keep(rule, Hit(path(self._path), line, marked_line(source, marks, start, end)))
            self._hits[rule] += 1
            self._chars[rule] += end - start - after

    def _shows(self, edit: Edit) -> bool:
        return self._whitespace or edit.stage != "whitespace"

    def _keep(self, rule: str, hit: Hit) -> None:
        if self._last.get(rule) == hit:  # another hit on a line that is shown whole
            return
        self._last[rule] = hit
        self._places.setdefault(rule, array("q")).append(self._spool.tell())
        self._spool.write(msgspec.json.encode(hit) + b"\n")

    def show(self, most: int = 0) -> None:
        """Prints the rules, those with most hits first, of each the last `most` hits (0: all)."""
        gutter = gutter_of(self._paint.width)
        for rule, places in sorted(self._places.items(), key=lambda item: (-self._hits[item[0]], item[0])):
            self._paint.console.print()
            self._paint.put([(f"{rule}  {self._hits[rule]:,}  {-self._chars[rule]:+,}", "bold")])
            for place in places[-most:]:
                self._spool.seek(place)
                self._hit(msgspec.json.decode(self._spool.readline(), type=Hit), gutter)

    def _hit(self, hit: Hit, gutter: int) -> None:
        where = f":{hit.line}"
        name = clipped(hit.path.rpartition("/")[2], gutter - 2 - len(where)) + where
        for number, row in enumerate(self._paint.cut(hit.chars, self._paint.width - gutter - 1)):
            left = name if number == 0 else ""
            self._paint.put([("  " + left + " " * (gutter - 1 - width(left)), "dim"), *runs(row)])
