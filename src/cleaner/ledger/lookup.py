"""What a run did to a line, by its ledger."""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence

import msgspec

from ..model.edits import Edit
from ..model.errors import UsageProblem
from ..model.lines import line_ends
from .codec import unpack
from .store import ENDING, FOLDER, Ledger, RunRow, StoredFile


class Lookup(msgspec.Struct):
    """A file of a run, and the edits that touch a line of it.

    `level` is the name of the level of that run. `recorded`: the ledger holds edits of the file, not only counts.
    """

    run: RunRow
    file: StoredFile
    edits: list[Edit]
    recorded: bool
    level: str


def find_ledgers(folders: Sequence[str]) -> list[str]:
    """The ledgers in the folders, or here and one folder below. Raises UsageProblem where there is none."""
    places = folders or (".", *(entry.name for entry in os.scandir(".") if entry.is_dir()))
    patterns = [os.path.join(glob.escape(place), FOLDER, "*" + ENDING) for place in places]
    found = [os.path.normpath(path) for pattern in patterns for path in sorted(glob.glob(pattern))]
    if not found:
        raise UsageProblem("there is no ledger here", hint="say where the run wrote: cleaner undo --in FOLDER")
    return found


def look_up(paths: Sequence[str], run: int, name: str, line: int) -> Lookup:
    """Raises UsageProblem where no ledger of `paths` knows the file in that run."""
    for path in paths:
        ledger = Ledger(path, writes=False)
        try:
            row = next((row for row in ledger.runs() if row.id == run), None)
            file = _file(ledger, os.path.dirname(os.path.dirname(path)), run, name) if row else None
            if row and file:
                recorded = next(ledger.parts(file.id), b"") != b""
                level = ledger.setup(row.setup).settings["level"]
                return Lookup(row, file, _on_line(ledger, file, line), recorded, level)
        finally:
            ledger.close()
    hint = "cleaner undo --list shows the runs; --in FOLDER says where it wrote"
    raise UsageProblem(f"run {run} has no file of this name", name, hint)


def _file(ledger: Ledger, folder: str, run: int, name: str) -> StoredFile | None:
    wanted = os.path.normpath(name)
    return next((file for file in ledger.files(run) if wanted in file.names(folder)), None)


def _on_line(ledger: Ledger, file: StoredFile, line: int) -> list[Edit]:
    """The edits of a line; its line end is one of its characters."""
    found: list[Edit] = []
    for part in map(unpack, ledger.parts(file.id)):
        for first, edit in part.flat():
            if first > line:
                return found
            if line <= first + line_ends(edit.before.removesuffix("\n")):
                found.append(edit)
    return found
