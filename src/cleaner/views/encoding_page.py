"""`check --encodings` as one page: self-contained, no network, no script. It shows what the table shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..model.report import FileReport, Totals
from .display import path, plain
from .encoding_table import notes_of, percent
from .encodings import EncodingRow, Encodings, UndecidedRow
from .html import PAGE, hash_of, page_parts
from .i18n import t
from .neighbours import Neighbourhood, counts_of


class EncodingPage(Encodings):
    """Writes the page with `write`, in UTF-8, in `finish`; it is called `title`."""

    def __init__(self, write: Callable[[bytes], object], title: str) -> None:
        super().__init__()
        self._write, self._title = write, plain(title)
        self._rows: list[dict[str, Any]] = []
        self._neighbours = Neighbourhood()

    def end(self, report: FileReport) -> None:
        row = self.row(report)
        self._neighbours.add(row, report.path)
        if isinstance(row, EncodingRow):
            cells = [row.encoding, t(row.found), percent(row.confidence), f"{row.damaged or ''}", path(report.path)]
            readings = [(reading.encoding, plain(reading.text)) for reading in row.readings]
            self._rows.append({"cells": cells, "line": row.line, "readings": readings, "notes": notes_of(row)})
        elif report.status == "failed" and report.problem is not None:
            found = (row.line, row.readings) if isinstance(row, UndecidedRow) else (0, ())
            flagged = [(f"--encoding {reading.encoding}", plain(reading.text)) for reading in found[1]]
            cells, problem = ["?", t("undecided"), "", "", path(report.path)], plain(t(report.problem.what))
            self._rows.append({"cells": cells, "problem": problem, "line": found[0], "readings": flagged})

    def finish(self, totals: Totals) -> None:
        style = (PAGE / "encodings.css").read_text("utf-8")
        parts = page_parts(
            "encodings.html", title=self._title, style=style, style_hash=hash_of(style),
            counts=counts_of(totals), hints=self._neighbours.hints(), rows=self._rows,
        )  # fmt: skip
        self._write("".join(parts).encode("utf-8", "backslashreplace"))
