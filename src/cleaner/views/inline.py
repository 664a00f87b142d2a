"""The default view of `diff`: removed and new text inside the line, rule ids in a left gutter.

Whitespace edits are counted, and shown only with `whitespace`. Unchanged text far from any edit is folded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model.blocks import Block, Region
from ..model.inputs import InputFile
from ..model.report import Document, FileReport
from .console import Paint, gutter_of, say
from .diff_lines import FOLD, DiffLine, LineReader, diff_lines
from .display import path
from .i18n import t
from .view import View

if TYPE_CHECKING:
    from rich.console import Console


class InlineDiff(View):
    """A sink that prints each input's changes as soon as a block is decided."""

    def __init__(self, console: Console, whitespace: bool = False) -> None:
        self.paint = Paint(console)
        self._whitespace = whitespace
        self._heading: str | None = None
        self._lines = LineReader()
        self._hidden = self._last = 0

    def begin(self, item: InputFile, document: Document) -> None:
        self._heading = f"{path(item.path)}  {document.source.encoding}"
        self._lines = LineReader()
        self._last = self._hidden = 0

    def block(self, block: Block) -> None:
        for region, source, before in self._lines.regions(block):
            self._region(region, source, before)

    def end(self, report: FileReport) -> None:
        if self._hidden:
            self._put_heading()
            what = t("whitespace edit not shown") if self._hidden == 1 else t("whitespace edits not shown")
            self.paint.put([(f"  {self._hidden} {what}", "dim")])
        self._heading = None
        self._hidden = 0

    def _region(self, region: Region, source: str, before: int) -> None:
        for line in diff_lines(region, source, before, self._whitespace):
            if self._heading is not None:
                self._put_heading()
            elif line.number > self._last + 1:
                self.paint.put([(FOLD, "dim")])
            self._last = line.number
            self.show(line)
        if not self._whitespace:
            self._hidden += sum(edit.stage == "whitespace" for edit in region.edits)

    def _put_heading(self) -> None:
        if self._heading is not None:
            self.paint.console.print()
            say(self.paint.console, self._heading, 2, "bold")
            self._heading = None

    def show(self, line: DiffLine) -> None:
        """Prints one line."""
        self.paint.row(str(line.number), line.rules, gutter_of(self.paint.width), line.chars)
