"""Where the ledgers of a folder lie, and what has to hold of their files before SQLite opens them (0102)."""

from __future__ import annotations

import os
import stat
from contextlib import suppress

from ..io.folder import Folder
from ..model.errors import UsageProblem

FOLDER = ".cleaner"
ENDING = ".sqlite"
IGNORE = f"{FOLDER}/.gitignore"  # a ledger holds all that was removed: `git add -A` must not take it along
SUPER_JOURNAL = bytes.fromhex("d9d505f920a163d7")  # the last bytes of a journal that names another file
HINT = "look at what is there; where you can't say how it came there, delete it"


def ledger_file(name: str) -> str:
    return f"{FOLDER}/{name}{ENDING}"


def check_folder(folder: Folder, make: bool, trusted: bool = False) -> None:
    """Make the folder of the ledgers, private, or refuse one that is not ours. Raises UsageProblem, OSError."""
    found = folder.status(FOLDER)
    if found is None:
        if make:
            folder.make(FOLDER)
        return
    if not stat.S_ISDIR(found.st_mode):
        raise UsageProblem("it is no folder but a link or a file", folder.full(FOLDER), HINT)
    _check_owner(found, folder.full(FOLDER), trusted)
    if make:
        folder.protect(FOLDER)


def check_file(folder: Folder, name: str, make: bool, trusted: bool = False) -> None:
    """Refuse a ledger that SQLite could do harm with; make it where there is none. Raises UsageProblem, OSError.

    SQLite deletes the file that a journal names as its super-journal, whatever that is.
    """
    file = ledger_file(name)
    path = folder.full(file)
    for ending in ("-wal", "-shm"):
        if folder.status(file + ending) is not None:
            raise UsageProblem("cleaner never writes such a file", path + ending, HINT)
    if folder.status(f"{file}-journal") is not None:
        with folder.read(f"{file}-journal") as journal:
            journal.seek(max(os.fstat(journal.fileno()).st_size - len(SUPER_JOURNAL), 0))
            if journal.read() == SUPER_JOURNAL:
                raise UsageProblem("this journal names another file", f"{path}-journal", HINT)
    found = folder.status(file)
    if found is not None:
        if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1:
            raise UsageProblem("the ledger is no file of its own but a link or a device", path, HINT)
        _check_owner(found, path, trusted)
    elif make:
        folder.create(file).close()
        with suppress(FileExistsError), folder.create(IGNORE) as ignore:
            ignore.write(b"*\n")


def _check_owner(found: os.stat_result, path: str, trusted: bool) -> None:
    if not trusted and hasattr(os, "geteuid") and found.st_uid != os.geteuid():
        raise UsageProblem("it belongs to another user", path, "where you know why, add --trust-ledger")
