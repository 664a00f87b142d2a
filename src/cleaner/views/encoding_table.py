"""`check --encodings`, for people: a row for each input, and below it what else it may be and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from rich.console import Console

from ..model.report import FileReport, Totals
from ..model.source import Reading
from .console import say
from .display import path, plain, quoted, width
from .encodings import EncodingRow, Encodings, Repair, UndecidedRow
from .i18n import t
from .neighbours import Neighbourhood, counts_of
from .readings import readings_side_by_side
from .wrapping import styled, wrap

SETTLED = ("bom", "escapes", "utf-8", "given")  # ways of finding an encoding that leave nothing to choose
LINES = 8  # lines named of one kind; all are counted
COLUMNS = (("encoding", 14), ("found by", 10), ("confidence", 10), ("damage", 6))  # and how wide they are


class Choice(msgspec.Struct, frozen=True):
    """A file whose bytes do not settle how it is read: its encoding where one was sure enough, and other readings."""

    path: str
    encoding: str
    confidence: float
    line: int
    readings: tuple[Reading, ...]


class EncodingTable(Encodings):
    """Prints the rows of each input when it is done."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console
        self._begun = False
        self._neighbours = Neighbourhood()
        self.choices: list[Choice] = []

    def end(self, report: FileReport) -> None:
        row = self.row(report)
        self._neighbours.add(row, report.path)
        if isinstance(row, EncodingRow):
            self._row(row.encoding, t(row.found), percent(row.confidence), f"{row.damaged or ''}", path(report.path))
            self._readings(row)
            for note in notes_of(row):
                say(self._console, f"  {note}", 4, "yellow")
            if row.found not in SETTLED:
                self.choices.append(Choice(report.path, row.encoding, row.confidence, row.line, row.readings))
        elif report.status == "failed" and report.problem is not None:
            self._row("?", t("undecided"), "", "", path(report.path), t(report.problem.what))
            if isinstance(row, UndecidedRow):
                self.choices.append(Choice(report.path, "", 0.0, row.line, row.readings))
                self._readings(row)

    def finish(self, totals: Totals) -> None:
        """Print how many files are in which encoding, and what those next to an undecided one are."""
        for hint in self._neighbours.hints():
            say(self._console, hint, 2)
        if counts := counts_of(totals):
            say(self._console, counts, 2, "dim")

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

    def _readings(self, row: EncodingRow | UndecidedRow) -> None:
        rows = readings_side_by_side(row.line, row.readings, self._console.width, isinstance(row, UndecidedRow))
        for number, text in enumerate(rows):
            say(self._console, text, style="dim" if number == 0 and len(rows) == 2 else None)


def notes_of(row: EncodingRow) -> list[str]:
    """What is wrong with an input, a line for each kind."""
    notes = [f"{t('label that lies')}: {plain(row.label)}"] if row.lies else []
    by_encoding: dict[str, list[str]] = {}
    for one in row.stretches:
        lines = f"{one.line}-{one.last}" if one.last > one.line else f"{one.line}"
        by_encoding.setdefault(one.encoding, []).append(lines)
    notes += [_with_lines(encoding, spans) for encoding, spans in by_encoding.items()]
    if row.damage:
        notes.append(_with_lines(t("damage"), list(dict.fromkeys(str(one.line) for one in row.damage))))
    return notes + [f"{t('mojibake')}: {repair_text(repair)}" for repair in row.repairs]


def _with_lines(what: str, lines: list[str]) -> str:
    shown = ", ".join(lines[:LINES]) + (f", ... ({len(lines)})" if len(lines) > LINES else "")
    return f"{what}: {t('line')} {shown}"


def percent(confidence: float) -> str:
    return f"{int(100 * confidence)} %"


def chain_text(chain: str) -> str:
    """`utf-8 -> read as cp1252 -> saved` in the chosen language."""
    chain = chain.replace("read as", t("read as")).replace("several encodings", t("several encodings"))
    return chain.replace("saved as", t("saved as")).replace("saved", t("saved"))


def repair_text(repair: Repair) -> str:
    runs = f"{repair.runs:,} x {chain_text(repair.chain) or repair.rule}"
    return f"{runs}; {t('line')} {repair.line}: {quoted(repair.before)} {t('becomes')} {quoted(repair.after)}"


def _aligned(cells: Sequence[str], last: str) -> str:
    padded = []
    for number, (cell, (_, columns)) in enumerate(zip(cells, COLUMNS, strict=True)):
        pad = " " * max(0, columns - width(cell))
        padded.append(pad + cell if number > 1 else cell + pad)
    return "  ".join([*padded, last])
