"""One line for each changed input: how many edits, how much of it goes, and a bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model.blocks import Block
from ..model.inputs import InputFile
from ..model.report import Document, FileReport
from .console import Paint
from .display import cells, path, width
from .i18n import t

if TYPE_CHECKING:
    from rich.console import Console

BAR = 20  # columns for a whole input; half of it on a narrow terminal
NUMBERS = 28  # columns of the figures


class Stat:
    """A sink. The bar is the share of the input that goes; one column where it is less than that."""

    def __init__(self, console: Console) -> None:
        self._paint = Paint(console)
        self._bar = BAR if self._paint.width >= 80 else BAR // 2
        self._columns = max(self._paint.width - self._bar - NUMBERS - 1, 12)
        self._headed = False

    def begin(self, item: InputFile, document: Document) -> None: ...

    def block(self, block: Block) -> None: ...

    def end(self, report: FileReport) -> None:
        if report.status != "ok" or not report.changed:
            return
        if not self._headed:
            self._headed = True
            self._line(t("path"), (t("edits"), t("characters"), t("share")), "", "bold")
        gone = sum(report.removed_by_rule.values())
        share = max(gone, 0) / max(report.chars, 1)
        bar = min(self._bar, max(round(share * self._bar), 1 if gone > 0 else 0))
        figures = (f"{sum(report.edits_by_rule.values()):,}", f"{-gone:+,}", f"{100 * share:.1f} %")
        self._line(shortened(path(report.path), self._columns), figures, " " * bar, "")

    def _line(self, name: str, figures: tuple[str, str, str], bar: str, style: str) -> None:
        cells = [" " * (size - width(text)) + text for text, size in zip(figures, (8, 11, 8), strict=True)]
        bar = bar if self._paint.colour else "-" * len(bar)
        self._paint.put(
            [(name + " " * (self._columns - width(name)), style), ("".join(cells) + " ", style), (bar, "gone")]
        )


def shortened(text: str, columns: int) -> str:
    """The end of a long path, which tells more than its beginning."""
    if width(text) <= columns:
        return text
    used, at = 3, len(text)
    while at > 0 and used + cells(text[at - 1]) <= columns:
        at -= 1
        used += cells(text[at])
    return "..." + text[at:]
