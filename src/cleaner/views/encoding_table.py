"""`check --encodings`, for people: a row for each input, and below it what else it may be and what is wrong with it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from ..model.report import FileReport, Totals
from .console import say
from .display import path, plain, quoted, width
from .encodings import EncodingRow, Encodings, Repair, UndecidedRow
from .i18n import t
from .readings import readings_side_by_side
from .wrapping import styled, wrap

if TYPE_CHECKING:
    from rich.console import Console

LINES = 8  # lines named of one kind; all are counted
COLUMNS = (("encoding", 14), ("found by", 10), ("confidence", 10), ("damage", 6))  # and how wide they are


class Neighbours(msgspec.Struct):
    """The inputs of one folder: how many are in which encoding, and those undecided with what they may be."""

    encodings: Counter[str] = msgspec.field(default_factory=Counter)
    undecided: list[tuple[str, tuple[str, ...]]] = []


class EncodingTable(Encodings):
    """Prints the rows of each input when it is done."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console
        self._begun = False
        self._folders: dict[str, Neighbours] = {}

    def end(self, report: FileReport) -> None:
        row = self.row(report)
        folder = self._folders.setdefault(os.path.dirname(report.path), Neighbours())
        if isinstance(row, EncodingRow):
            folder.encodings[row.encoding] += 1
            self._row(row.encoding, t(row.found), percent(row.confidence), f"{row.damaged or ''}", path(report.path))
            self._readings(row)
            self._below(row)
        elif report.status == "failed" and report.problem is not None:
            self._row("?", "", "", "", path(report.path), t(report.problem.what))
            if isinstance(row, UndecidedRow):
                folder.undecided.append((report.path, tuple(reading.encoding for reading in row.readings)))
                self._readings(row)

    def finish(self, totals: Totals) -> None:
        """Print how many files are in which encoding, and what those beside an undecided one are."""
        for name, folder in self._folders.items():
            for hint in neighbour_hints(name, folder):
                say(self._console, hint, 2)
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

    def _readings(self, row: EncodingRow | UndecidedRow) -> None:
        for text in readings_side_by_side(
            row.line, row.readings, self._console.width, flags=isinstance(row, UndecidedRow)
        ):
            say(self._console, text)

    def _below(self, row: EncodingRow) -> None:
        if row.lies:
            say(self._console, f"  {t('label that lies')}: {plain(row.label)}", 4)
        by_encoding: dict[str, list[str]] = {}
        for one in row.stretches:
            lines = f"{one.line}-{one.last}" if one.last > one.line else f"{one.line}"
            by_encoding.setdefault(one.encoding, []).append(lines)
        for encoding, spans in by_encoding.items():
            self._lines_of(encoding, spans)
        self._lines_of(t("damage"), list(dict.fromkeys(str(one.line) for one in row.damage)))
        for repair in row.repairs:
            say(self._console, f"  {t('mojibake')}: {repair_text(repair)}", 4)

    def _lines_of(self, what: str, lines: list[str]) -> None:
        if lines:
            shown = ", ".join(lines[:LINES]) + (f", ... ({len(lines)})" if len(lines) > LINES else "")
            say(self._console, f"  {what}: {t('line')} {shown}", 4, "dim")


def percent(confidence: float) -> str:
    return f"{int(100 * confidence)} %"


def chain_text(chain: str) -> str:
    """`utf-8 -> read as cp1252 -> saved` in the chosen language."""
    return " -> ".join(map(t, chain.split(" -> ")))


def repair_text(repair: Repair) -> str:
    runs = f"{repair.runs:,} x {chain_text(repair.chain) or repair.rule}"
    return f"{runs}; {t('line')} {repair.line}: {quoted(repair.before)} {t('becomes')} {quoted(repair.after)}"


def neighbour_hints(name: str, folder: Neighbours) -> list[str]:
    """What the files beside an undecided one are, where that is one of its readings. They settle nothing."""
    hints = []
    files = folder.encodings.total()
    for undecided, readings in folder.undecided:
        encoding, count = max(
            ((one, folder.encodings[one]) for one in readings), key=lambda pair: pair[1], default=("", 0)
        )
        if count:
            flag = f"--encoding {encoding}"
            hints.append(t(f"{path(undecided)}: {count} of {files} files beside it are {encoding}; {flag} reads it so"))
    return hints


def _aligned(cells: Sequence[str], last: str) -> str:
    padded = []
    for number, (cell, (_, columns)) in enumerate(zip(cells, COLUMNS, strict=True)):
        pad = " " * max(0, columns - width(cell))
        padded.append(pad + cell if number > 1 else cell + pad)
    return "  ".join([*padded, last])
