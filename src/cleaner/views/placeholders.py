"""`check --placeholders`: the placeholders of each input, and which of them likely hide one value."""

from __future__ import annotations

import msgspec
from rich.console import Console

from ..io.markup import ValueNumbers
from ..model.blocks import Block, Region
from ..model.lines import line_ends
from ..model.report import FileReport
from .console import say
from .diff_lines import LINE_END, LineReader
from .display import clipped, ending, padded, path, plain, width
from .i18n import t
from .jsonl import Row, error_of, number_of
from .view import View

AROUND = 14  # characters shown on each side
REST = 36  # columns for the kind, the mask, its lines
LINES = 8  # lines named for one value


class FoundPlaceholder(msgspec.Struct):
    """One placeholder. `value` is the same number where likely the same value of this kind is meant."""

    line: int
    start: int
    end: int
    kind: str
    text: str
    value: int
    before: str
    after: str
    rule: str


class PlaceholderRow(Row, kw_only=True):
    placeholders: list[FoundPlaceholder]


class Placeholders(View):
    """Gathers the placeholders of one input, for the table and for JSON."""

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self.found: list[FoundPlaceholder] = []
        self._lines = LineReader()
        self._numbers = ValueNumbers()

    def block(self, block: Block) -> None:
        for region, source, before in self._lines.regions(block):
            self._region(region, source, before + 1)

    def _region(self, region: Region, source: str, first_line: int) -> None:
        text = region.text
        for tag, inside in zip(region.tags, region.output_tags, strict=True):
            low, high = inside.start, inside.end
            before = LINE_END.split(text[max(low - AROUND, 0) : low])[-1]
            after = LINE_END.split(text[high : high + AROUND], 1)[0]
            line = first_line + line_ends(source, 0, tag.start - region.offset)
            value = self._numbers.of(text, inside)
            self.found.append(
                FoundPlaceholder(line, tag.start, tag.end, tag.kind, tag.text, value, before, after, tag.rule)
            )

    def row(self, report: FileReport) -> Row:
        error = error_of(report)
        return PlaceholderRow(
            path=report.path, record=number_of(report), status=report.status, error=error, placeholders=self.found
        )

    def end(self, report: FileReport) -> None:
        self._clear()


class PlaceholderTable(Placeholders):
    """Prints a table for each input, one row for a value."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console
        self._side = min(2 * AROUND, (console.width - REST) // 2) if console.is_terminal else 2 * AROUND

    def end(self, report: FileReport) -> None:
        if report.status == "ok" and self.found:
            self._put_table(path(report.path))
        super().end(report)

    def _put_table(self, name: str) -> None:
        values: dict[tuple[str, int], list[FoundPlaceholder]] = {}
        for found in self.found:
            values.setdefault((found.kind, found.value), []).append(found)
        say(self._console, name, 2, "bold")
        for (kind, _), places in values.items():
            self._put(kind, places)
        counts = f"{len(self.found):,} {t('placeholders' if len(self.found) > 1 else 'placeholder')}"
        counts += f", {len(values):,} {t('values' if len(values) > 1 else 'value')}"
        say(self._console, f"  {counts}\n", style="dim")

    def _put(self, kind: str, places: list[FoundPlaceholder]) -> None:
        from rich.text import Text

        first = places[0]
        lines = list(dict.fromkeys(found.line for found in places))
        where = ",".join(map(str, lines[:LINES])) + (",..." if len(lines) > LINES else "")
        times = f"x{len(places)}" if len(places) > 1 else ""
        before, after = ending(plain(first.before), self._side), clipped(plain(first.after), self._side)
        pad = " " * max(0, self._side - width(before))
        row = Text.assemble(
            (f"  {padded(t(kind), 7)}{times:>4}  ", "dim"), pad, before, ("[" + plain(first.text) + "]", "reverse"),
            after, (f"  {t('line')} {where}", "dim"),
        )  # fmt: skip
        self._console.print(row, soft_wrap=True)
