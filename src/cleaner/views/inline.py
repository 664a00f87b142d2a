"""The change itself, in the terminal: what goes and what comes inside the line, rule ids in a left gutter.

Whitespace edits are applied but not shown unless asked for. Unchanged text far from any edit is folded away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model.blocks import Block, Region
from ..model.inputs import InputFile
from ..model.report import Document, FileReport
from .console import Paint, gutter_of, say
from .diff_lines import FOLD, DiffLine, LineReader, shown_rows
from .display import path
from .i18n import t

if TYPE_CHECKING:
    from rich.console import Console


class InlineDiff:
    """A sink that prints each input's changes as soon as a block is decided."""

    def __init__(self, console: Console, whitespace: bool = False) -> None:
        self.paint = Paint(console)
        self._whitespace = whitespace
        self._head: str | None = None
        self._lines = LineReader()
        self._hidden = self._last = 0

    def begin(self, item: InputFile, document: Document) -> None:
        self._head = f"{path(item.path)}  {document.source.encoding}"
        self._lines = LineReader()
        self._last = self._hidden = 0

    def block(self, block: Block) -> None:
        for region, source, before in self._lines.regions(block):
            self._region(region, source, before)

    def end(self, report: FileReport) -> None:
        if self._hidden:
            self._put_head()
            what = t("whitespace edit not shown") if self._hidden == 1 else t("whitespace edits not shown")
            self.paint.put([(f"  {self._hidden} {what}", "dim")])
        self._head = None
        self._hidden = 0

    def _region(self, region: Region, source: str, before: int) -> None:
        for row in shown_rows(region, source, before, self._whitespace):
            if self._head is not None:
                self._put_head()
            elif row.number > self._last + 1:
                self.paint.put([(FOLD, "dim")])
            self._last = row.number
            self.show(row)
        if not self._whitespace:
            self._hidden += sum(edit.stage == "whitespace" for edit in region.edits)

    def _put_head(self) -> None:
        if self._head is not None:
            self.paint.console.print()
            say(self.paint.console, self._head, 2, "bold")
            self._head = None

    def show(self, row: DiffLine) -> None:
        """Prints one line."""
        self.paint.row(str(row.number), row.rules, gutter_of(self.paint.width), row.chars)
