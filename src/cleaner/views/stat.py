"""One line for each changed input: how many edits, how many characters are removed, and a bar."""

from __future__ import annotations

from rich.console import Console

from ..model.report import FileReport
from .console import Paint
from .display import ending, path, width
from .i18n import t
from .view import View

BAR = 20  # columns for a whole input; half of it on a narrow terminal
NUMBERS = 28  # columns of the figures


class Stat(View):
    """The bar is the share of the input that is removed, one column at least."""

    def __init__(self, console: Console, whitespace: bool = False, context: int | None = None) -> None:
        self._paint = Paint(console)
        self._bar = BAR if self._paint.width >= 80 else BAR // 2
        self._columns = max(self._paint.width - self._bar - NUMBERS - 1, 12)
        self._headed = False

    def end(self, report: FileReport) -> None:
        if report.status != "ok" or not report.changed:
            return
        if not self._headed:
            self._headed = True
            self._line(t("path"), (t("edits"), t("characters"), t("share")), "", "bold")
        removed = sum(report.removed_by_rule.values())
        share = max(removed, 0) / max(report.chars, 1)
        bar = min(self._bar, max(round(share * self._bar), 1 if removed > 0 else 0))
        figures = (f"{sum(report.edits_by_rule.values()):,}", f"{-removed:+,}", f"{100 * share:.1f} %")
        self._line(ending(path(report.path), self._columns), figures, " " * bar, "")

    def _line(self, name: str, figures: tuple[str, str, str], bar: str, style: str) -> None:
        cells = [" " * (size - width(text)) + text for text, size in zip(figures, (8, 11, 8), strict=True)]
        bar = bar if self._paint.colour else "-" * len(bar)
        self._paint.put(
            [(name + " " * (self._columns - width(name)), style), ("".join(cells) + " ", style), (bar, "gone")]
        )
