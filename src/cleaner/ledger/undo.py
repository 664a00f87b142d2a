"""Runs taken back: outputs that are as they were left go, in place the bytes from before return."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress

import msgspec

from ..errors import CleanerError, InputProblem
from ..files.write import NewFile, Output, hash_of, sync, sync_folders, unwritable
from .parts import NotRestored, original
from .setup import Setup
from .store import File, Ledger, RunRow

BY_HAND = "keep your version under another name, put back what the run wrote, and undo again"


class Undone(msgspec.Struct):
    """What became of one file: "removed", "restored", or "as before"; `why` says what stands against it."""

    path: str
    what: str = "as before"
    why: CleanerError | None = None


def undo_run(ledger: Ledger, folder: str, run: RunRow, chosen: Callable[[File], bool]) -> Iterator[Undone]:
    """Takes back what a run did to the chosen files, the latest first. Whatever was changed since is refused."""
    setup = ledger.setup(run.setup)
    for file in ledger.files(run.id):
        if file.undone is not None or not file.outputs or not chosen(file):
            continue
        done = Undone(os.path.join(folder, file.name))
        try:
            for output in file.outputs:
                if run.in_place and not output.suffix:
                    done.what = _restore(ledger, done.path, file, output, setup)
                elif output.ours:
                    done.what = _remove(ledger, done.path + output.suffix, folder, file, output)
            ledger.undone(file.id)
        except OSError as error:
            done.why = unwritable(error, done.path)
        except CleanerError as why:
            done.why = why
        yield done


def _remove(ledger: Ledger, path: str, folder: str, file: File, output: Output) -> str:
    if not os.path.lexists(path):
        return "as before"
    if os.path.islink(path) or hash_of(path) != output.stamp.hash:
        raise _changed(ledger, path, file)
    os.unlink(path)
    above = os.path.dirname(path)
    with suppress(OSError):  # a folder that holds something else stays
        while os.path.realpath(above) != os.path.realpath(folder):
            os.rmdir(above)
            above = os.path.dirname(above)
    return "removed"


def _restore(ledger: Ledger, path: str, file: File, output: Output, setup: Setup) -> str:
    assert file.read is not None
    assert file.source is not None
    found = hash_of(path)
    if found == file.read.hash:
        return "as before"
    if found != output.stamp.hash:
        raise _changed(ledger, path, file)
    if not next(ledger.parts(file.id), b""):
        raise InputProblem("the ledger kept no text of it (--ledger hash)", path, "bring it back from a copy")
    new = NewFile(path)
    try:
        digest = hashlib.sha256()
        with open(path, "rb") as now:
            for piece in original(now, file.source, setup.settings["encoding"], ledger.parts(file.id)):
                new.write([piece])
                digest.update(piece)
        if digest.digest() != file.read.hash:
            raise NotRestored("another hash")
        new.close(stat.S_IMODE(os.stat(path).st_mode), b"")
        os.utime(new.temporary, ns=(file.read.mtime, file.read.mtime))
        sync([new.temporary])
        os.replace(new.temporary, path)
        sync_folders([os.path.dirname(path) or "."])
    except NotRestored:
        raise InputProblem("the ledger does not give it back", path, "it was left as it is") from None
    finally:
        new.drop()
    return "restored"


def _changed(ledger: Ledger, path: str, file: File) -> InputProblem:
    later = ledger.hashes(file.name).get(hash_of(path)) if os.path.isfile(path) else None
    if later is not None and later > file.run:
        return InputProblem(f"run {later} changed it again", path, f"undo that first: cleaner undo {later}")
    return InputProblem(f"it was edited since run {file.run}", path, BY_HAND)
