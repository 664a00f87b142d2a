"""What a run did to a line, by its ledger."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress

import msgspec

from ..io.folder import Folder
from ..model.edits import Edit
from ..model.errors import UsageProblem
from ..model.lines import line_ends
from .codec import NotRestored, unpack
from .place import ENDING, FOLDER, check_folder
from .rows import RunRow, StoredFile
from .store import Ledger


class Lookup(msgspec.Struct):
    """A file of a run, and the edits that touch a line of it.

    `level` is the name of the level of that run. `recorded`: the ledger holds edits of the file, not only counts.
    """

    run: RunRow
    file: StoredFile
    edits: list[Edit]
    recorded: bool
    level: str


def find_ledgers(folders: Sequence[str]) -> list[tuple[str, str]]:
    """The ledgers in the folders, or here and one folder below: the folder and the name of each.

    Raises UsageProblem where there is none.
    """
    below = sorted(entry.name for entry in os.scandir(".") if entry.is_dir(follow_symlinks=False))
    found = []
    for place in folders or (".", *below):
        with suppress(OSError, *(() if folders else (UsageProblem,))), Folder(place) as folder:
            check_folder(folder, make=False, trusted=True)  # who owns it is asked when a ledger is opened
            names = [name.removesuffix(ENDING) for name in folder.names(FOLDER) if name.endswith(ENDING)]
            found += [(place, name) for name in names]
    if not found:
        raise UsageProblem(
            "there is no ledger here", ", ".join(folders), hint="say where the run wrote: cleaner undo --in FOLDER"
        )
    return found


def look_up(places: Sequence[tuple[str, str]], run: int, name: str, line: int, trusted: bool) -> Lookup:
    """Raises UsageProblem where no ledger knows the file in that run, and where what it holds can't be read."""
    for place, ledger_name in places:
        with Folder(place) as folder:
            ledger = Ledger(folder, ledger_name, writes=False, trusted=trusted)
            try:
                row = next((row for row in ledger.runs() if row.id == run), None)
                file = _file(ledger, place, run, name) if row else None
                if row and file:
                    recorded = next(ledger.parts(file), b"") != b""
                    level = ledger.setup(row.setup).settings["level"]
                    return Lookup(row, file, _on_line(ledger, file, line), recorded, level)
            except NotRestored as why:
                raise UsageProblem(why.what, ledger.path) from None
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
    for part in map(unpack, ledger.parts(file)):
        for first, edit in part.flat():
            if first > line:
                return found
            if line <= first + line_ends(edit.before.removesuffix("\n")):
                found.append(edit)
    return found
