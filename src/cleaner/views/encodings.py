"""`check --encodings`: what each input is read as, how that was found out, how sure it is, what is damaged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from ..model.blocks import Block
from ..model.inputs import InputFile
from ..model.lines import line_ends
from ..model.report import Document, FileReport, Totals
from ..model.source import ByteSpan, SourceEncoding
from .console import say
from .display import path, width
from .i18n import t
from .jsonl import Row, head
from .view import View
from .wrapping import styled, wrap

if TYPE_CHECKING:
    from rich.console import Console

LINES = 8  # lines named of one kind; all are counted
MOST = 1000  # spans listed in JSON; all are counted
COLUMNS = (("encoding", 14), ("found by", 10), ("confidence", 10), ("damage", 6))  # and how wide they are


class Damage(msgspec.Struct):
    """What could not be decoded: its line, its characters in the decoded text, its bytes in hex."""

    line: int
    start: int
    end: int
    bytes: str


class ForeignSpan(msgspec.Struct):
    """Lines `line` to `last` in another encoding than the rest, and their characters."""

    encoding: str
    line: int
    last: int
    start: int
    end: int


class EncodingRow(Row, kw_only=True):
    encoding: str
    found: str
    confidence: float
    damaged: int
    damage: list[Damage]
    stretches: list[ForeignSpan]


class Encodings(View):
    """Gathers how one input is read, for the table and for JSON."""

    def __init__(self) -> None:
        self._spans: Sequence[ByteSpan] = ()
        self._lines: list[int] = []  # of the first and the last character of each span
        self._line = 1

    def begin(self, item: InputFile, document: Document) -> None:
        self._spans, self._lines, self._line = document.spans, [], 1

    def block(self, block: Block) -> None:
        """The spans of a block are known before it; only their lines are counted here."""
        end = block.offset + block.chars
        text, at = "", 0
        while (number := len(self._lines)) < 2 * len(self._spans):
            span = self._spans[number // 2]
            position = span.end - 1 if number % 2 else span.start
            if position >= end:
                break
            text = text or block.data.decode()
            self._line += line_ends(text, at, position - block.offset)
            at = max(at, position - block.offset)
            self._lines.append(self._line)
        self._line += line_ends(text, at) if text else line_ends(block.data)

    def damage(self, source: SourceEncoding) -> list[Damage]:
        lines = {span.start: line for span, line in zip(source.spans, self._lines[::2], strict=True)}
        return [Damage(lines[one.start], one.start, one.end, one.raw.hex()) for one in source.damaged]

    def foreign_spans(self, source: SourceEncoding) -> list[ForeignSpan]:
        """Adjacent spans in one encoding are joined."""
        found: list[ForeignSpan] = []
        for span, first, last in zip(source.spans, self._lines[::2], self._lines[1::2], strict=True):
            if not span.encoding:
                continue
            if found and (found[-1].encoding, found[-1].end) == (span.encoding, span.start):
                found[-1].last, found[-1].end = last, span.end
            else:
                found.append(ForeignSpan(span.encoding, first, last, span.start, span.end))
        return found

    def row(self, report: FileReport) -> Row:
        source = report.source
        if report.status != "ok" or source is None:
            return head(report)
        damage = self.damage(source)
        return EncodingRow(
            path=report.path, status="ok", encoding=source.encoding, found=source.method,
            confidence=round(source.confidence, 4), damaged=len(damage), damage=damage[:MOST],
            stretches=self.foreign_spans(source)[:MOST],
        )  # fmt: skip


class EncodingTable(Encodings):
    """Prints a row for each input, and below it the lines that are damaged or in another encoding."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console
        self._begun = False

    def end(self, report: FileReport) -> None:
        if report.status == "failed" and report.problem is not None:
            self._row("?", "", "", "", path(report.path), t(report.problem.what))
        if report.status != "ok" or report.source is None:
            return
        source, damage = report.source, self.damage(report.source)
        sure = f"{int(100 * source.confidence)} %"
        self._row(source.encoding, t(source.method), sure, f"{len(damage) or ''}", path(report.path))
        by_encoding: dict[str, list[str]] = {}
        for one in self.foreign_spans(source):
            lines = f"{one.line}-{one.last}" if one.last > one.line else f"{one.line}"
            by_encoding.setdefault(one.encoding, []).append(lines)
        for encoding, spans in by_encoding.items():
            self._below(encoding, spans)
        self._below(t("damage"), list(dict.fromkeys(str(one.line) for one in damage)))

    def finish(self, totals: Totals) -> None:
        """Print how many files are in which encoding."""
        if totals.encodings:
            counts = ", ".join(f"{name} {count:,}" for name, count in totals.encodings.most_common())
            files = totals.files["ok"]
            say(self._console, f"{files:,} {t('files' if files > 1 else 'file')}: {counts}", 2, "dim")

    def _row(self, *cells: str) -> None:
        if not self._begun:
            self._begun = True
            say(self._console, _aligned([t(name) for name, _ in COLUMNS], t("path")), 4, "bold")
        fixed, (name, *why) = cells[: len(COLUMNS)], cells[len(COLUMNS) :]
        row, last = _aligned(fixed, ""), ": ".join([name, *why])
        if not self._console.is_terminal or width(row + last) <= self._console.width:
            say(self._console, row + last)
            return
        say(self._console, row.rstrip())  # the name below it: in pieces it is hard to read
        for piece in wrap(styled(last, ""), self._console.width - 4):
            say(self._console, "    " + "".join(char for char, _ in piece))

    def _below(self, what: str, lines: list[str]) -> None:
        if lines:
            shown = ", ".join(lines[:LINES]) + (f", ... ({len(lines)})" if len(lines) > LINES else "")
            say(self._console, f"  {what}: {t('line')} {shown}", 4, "dim")


def _aligned(cells: Sequence[str], last: str) -> str:
    padded = []
    for number, (cell, (_, columns)) in enumerate(zip(cells, COLUMNS, strict=True)):
        pad = " " * max(0, columns - width(cell))
        padded.append(pad + cell if number > 1 else cell + pad)
    return "  ".join([*padded, last])
