"""The default view of `diff`: removed and new text inside the line, rule ids in a left gutter.

Whitespace edits are counted, and shown only with `whitespace`. Unchanged text far from any edit is folded; `context`
lines around a changed one are shown.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from rich.console import Console

from ..model.blocks import Block, Region
from ..model.inputs import InputFile
from ..model.report import Document, FileReport
from .console import Paint, gutter_of, say
from .diff_lines import FOLD, DiffLine, LineReader, diff_lines, unchanged_lines
from .display import path
from .i18n import t
from .view import View


class InlineDiff(View):
    """A sink that prints each input's changes as soon as a block is decided."""

    def __init__(self, console: Console, whitespace: bool = False, context: int | None = None) -> None:
        self.paint = Paint(console)
        self._whitespace = whitespace
        self._context = context or 0
        self._waiting: deque[DiffLine] = deque(maxlen=self._context)  # unchanged lines before the next change
        self._after = 0  # unchanged lines that are still shown after the last change
        self._heading: str | None = None
        self._lines = LineReader()
        self._hidden = self._last = 0

    def begin(self, item: InputFile, document: Document) -> None:
        self._heading = f"{path(item.path)}  {document.source.encoding}"
        self._lines = LineReader()
        self._last = self._hidden = self._after = 0
        self._waiting.clear()

    def block(self, block: Block) -> None:
        at = 0
        for region, source, before in self._lines.regions(block):
            if self._context:
                self._unchanged(self._lines.between(block, at, region.start))
                at = region.end
            self._region(region, source, before)
        if self._context:
            self._unchanged(self._lines.between(block, at, len(block.data)))

    def end(self, report: FileReport) -> None:
        if self._hidden:
            self._put_heading()
            what = t("whitespace edit not shown") if self._hidden == 1 else t("whitespace edits not shown")
            self.paint.put([(f"  {self._hidden} {what}", "dim")])
        self._heading = None
        self._hidden = 0

    def _region(self, region: Region, source: str, before: int) -> None:
        around = unchanged_lines(source, before) if self._context else iter(())
        for line in diff_lines(region, source, before, self._whitespace):
            for other in around:
                if other.number < line.number:
                    self._unchanged([other])
                if other.number >= line.last:
                    break
            while self._waiting:
                self._put(self._waiting.popleft())
            self._put(line)
            self._after = self._context
        self._unchanged(around)
        if not self._whitespace:
            self._hidden += sum(edit.stage == "whitespace" for edit in region.edits)

    def _unchanged(self, lines: Iterable[DiffLine]) -> None:
        """Show those that follow a change; keep the last ones for the next change."""
        for line in lines:
            if self._after:
                self._after -= 1
                self._put(line)
            else:
                self._waiting.append(line)

    def _put(self, line: DiffLine) -> None:
        if self._heading is not None:
            self._put_heading()
        elif line.number > self._last + 1:
            self.paint.put([(FOLD, "dim")])
        self._last = line.last
        self.show(line)

    def _put_heading(self) -> None:
        if self._heading is not None:
            self.paint.console.print()
            say(self.paint.console, self._heading, 2, "bold")
            self._heading = None

    def show(self, line: DiffLine) -> None:
        """Prints one line."""
        self.paint.row(str(line.number), line.rules, gutter_of(self.paint.width), line.chars)
