"""Undo of a run: its outputs are removed, or files cleaned in place are restored; or undo of one rule in it."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import msgspec

from ..io.atomic import AtomicFile, Output, write_problem
from ..io.folder import Folder
from ..io.formats import FORMATS
from ..matching.ruleset import has_prefix
from ..model.errors import CleanerError, InputProblem, UsageProblem
from .codec import NotRestored, StoredPart, original, pack, restores, unpack
from .fingerprint import RunFingerprint
from .place import FOLDER
from .revert_rule import RuleReverter
from .rows import RunRow, StoredFile
from .store import Ledger

AGAIN = "clean it again with --off {}"
BY_HAND = "keep your version under another name, put back what the run wrote, and undo again"


class UndoResult(msgspec.Struct):
    """What became of one file: "removed", "restored", "rewritten" or "as before"; `why` is the problem, if any."""

    path: str
    what: str = "as before"
    why: CleanerError | None = None


def pick_run(ledger: Ledger, number: int | None) -> RunRow:
    """The run of this number, or the last one, if it can be undone. Raises UsageProblem."""
    runs = [run for run in ledger.runs() if run.files and run.state != "undone" and number in (None, run.id)]
    if not runs:
        what = f"there is no run {number} to undo" if number else "there is nothing to undo"
        raise UsageProblem(what, ledger.path, "see cleaner undo --list")
    return runs[-1]


def undo(ledger: Ledger, folder: Folder, run: RunRow, names: Iterable[str], rule: str | None) -> Iterator[UndoResult]:
    """Undo a run, or what `rule` did in it, in the files called `names` or in all; an unknown name is a refusal too.

    The run is undone in the ledger where nothing was left out or refused. Raises UsageProblem where `rule` did nothing,
    and where a row is not ours: before any file is touched.
    """
    for _ in ledger.files(run.id):
        pass
    wanted = {os.path.normpath(name) for name in names}
    seen: set[str] = set()

    def chosen(file: StoredFile) -> bool:
        called = wanted & file.names(folder.path)
        seen.update(called)
        return not wanted or bool(called)

    count = refused = 0
    for result in undo_rule(ledger, folder, run, rule, chosen) if rule else undo_run(ledger, folder, run, chosen):
        count, refused = count + 1, refused + (result.why is not None)
        yield result
    unknown = sorted(wanted - seen)
    yield from (UndoResult(name, why=InputProblem(f"run {run.id} did nothing to it")) for name in unknown)
    if rule and not count and not unknown:
        hint = "cleaner rules list shows the names of rules"
        raise UsageProblem(f"run {run.id} has nothing that {rule} did", hint=hint)
    if not (refused or wanted or rule):
        ledger.end(run.id, "undone")


def planned(
    ledger: Ledger, folder: Folder, run: RunRow, names: Iterable[str], rule: str | None
) -> Iterator[UndoResult]:
    """The files that `undo` would work on, and what it would try; nothing is done."""
    wanted = {os.path.normpath(name) for name in names}
    for file in ledger.files(run.id):
        chosen = file.undone is None and file.outputs and (not wanted or wanted & file.names(folder.path))
        if chosen and (rule is None or _did(ledger, file, rule)):
            what = "rewritten" if rule else "restored" if run.in_place else "removed"
            yield UndoResult(folder.full(file.name), what)


def undo_run(ledger: Ledger, folder: Folder, run: RunRow, chosen: Callable[[StoredFile], bool]) -> Iterator[UndoResult]:
    """Undo what a run did to the chosen files, the latest first. A file that was changed since is refused."""
    setup = ledger.setup(run.setup)
    for file in ledger.files(run.id):
        if file.undone is not None or not file.outputs or not chosen(file):
            continue
        done = UndoResult(folder.full(file.name))
        with _problems_to(done):
            known = _as_it_is(ledger, folder, file)
            for output in known.outputs:
                if run.in_place and not output.suffix:
                    done.what = _restore(ledger, folder, known, output, setup)
                elif output.ours:
                    # no run writes a copy over its input (tags next to a file that was cleaned in place are none)
                    if not output.suffix and os.path.abspath(known.path) == os.path.abspath(done.path):
                        raise InputProblem("the ledger calls it a copy of itself", done.path, "it was left as it is")
                    done.what = _remove(ledger, folder, known, output)
            with ledger.change():
                ledger.undone(file.id)
        yield done


def undo_rule(
    ledger: Ledger, folder: Folder, run: RunRow, rule: str, chosen: Callable[[StoredFile], bool]
) -> Iterator[UndoResult]:
    """Write the chosen files of a run again, without the edits of `rule` (or a family). Raises UsageProblem."""
    setup = ledger.setup(run.setup)
    if setup.settings["tags"] != "none":
        raise UsageProblem(f"run {run.id} wrote placeholders between the edits", hint=AGAIN.format(rule))
    for file in ledger.files(run.id):
        done = UndoResult(folder.full(file.name))
        with _problems_to(done):
            if file.undone is not None or not file.outputs or not chosen(file) or not _did(ledger, file, rule):
                continue
            _rewrite(ledger, folder, _as_it_is(ledger, folder, file), setup, rule, run.in_place)
            done.what = "rewritten"
        yield done


def _did(ledger: Ledger, file: StoredFile, rule: str) -> bool:
    names = set(file.report.edits_by_rule)
    names.update(name for part in ledger.parts(file) for _, name, _ in unpack(part).rules)
    return any(has_prefix(name, rule) for name in names)


def _rewrite(
    ledger: Ledger, folder: Folder, file: StoredFile, setup: RunFingerprint, rule: str, in_place: bool
) -> None:
    """Like a run: write a temporary file, then the ledger, then rename the file."""
    path, source, encoding = folder.full(file.name), file.source, setup.settings["encoding"]
    assert source is not None
    if source.method in {one.name for one in FORMATS}:  # its edits are of its text, not of the file
        what = "the edits of a document can't be taken back one by one: it does not hold the markup that went with them"
        raise InputProblem(what, path, AGAIN.format(rule))
    if not folder.is_file(file.name) or folder.hash(file.name) != file.outputs[0].stamp.hash:
        raise _changed(ledger, folder, file)
    if not next(ledger.parts(file), b""):
        raise InputProblem("the ledger kept no text of it (--ledger hash)", path, AGAIN.format(rule))
    try:
        with AtomicFile(folder, file.name) as new:
            with folder.read(file.name) as now:
                reverter = RuleReverter(now, source, encoding, lambda edit: has_prefix(edit.rule, rule))
                digest = _copied(reverter.pieces(ledger.parts(file)), new)
                stamp = new.close(stat.S_IMODE(os.fstat(now.fileno()).st_mode), digest)
            parts = reverter.recorder.parts or [pack(StoredPart())]
            if in_place:
                with folder.read(new.temporary) as made:
                    if not restores(made, source, encoding, parts, file.read.hash if file.read else b""):
                        raise NotRestored("without the rule")
            counts = {"edits_by_rule": reverter.edits_by_rule, "removed_by_rule": reverter.removed_by_rule}
            report = msgspec.structs.replace(file.report, **counts)
            outputs = [Output("", stamp, kept=file.outputs[0].kept)]
            rewritten = msgspec.structs.replace(file, setup=b"", report=report, outputs=outputs)
            with ledger.change():
                ledger.undone(file.id)
                ledger.add(rewritten, parts)
            new.commit()
    except (NotRestored, UnicodeError, LookupError, AssertionError):  # the last two: a ledger that was not ours
        raise InputProblem("the ledger does not hold what was there", path, AGAIN.format(rule)) from None


def _copied(pieces: Iterable[bytes], new: AtomicFile) -> bytes:
    """Write all pieces; return the hash of what was written."""
    digest = hashlib.sha256()
    for piece in pieces:
        new.write([piece])
        digest.update(piece)
    return digest.digest()


@contextmanager
def _problems_to(done: UndoResult) -> Iterator[None]:
    """Put what is raised into the result."""
    try:
        yield
    except OSError as error:
        done.why = write_problem(error, done.path)
    except CleanerError as why:
        done.why = why


def _as_it_is(ledger: Ledger, folder: Folder, file: StoredFile) -> StoredFile:
    """The row of what is there: the one before, where a run was killed between the ledger and the rename."""
    if file.setup or not folder.is_file(file.name):
        return file
    found = folder.hash(file.name)
    if found == file.outputs[0].stamp.hash:
        return file
    before = ledger.row_before(file)
    return before if found in {output.stamp.hash for output in before.outputs[:1]} else file


def _remove(ledger: Ledger, folder: Folder, file: StoredFile, output: Output) -> str:
    """Remove an output; what --overwrite replaced with it comes back."""
    name, kept = file.name + output.suffix, f"{FOLDER}/{output.kept}"
    there = folder.status(name)
    ours = there is not None and folder.is_file(name) and folder.hash(name) == output.stamp.hash
    if output.kept and not ours and folder.status(kept) is None:
        return "as before"  # killed before it was replaced, or after it was given back
    if there is not None and not ours:
        raise _changed(ledger, folder, file, name)
    if output.kept and folder.status(kept) is not None:
        folder.replace(kept, name)
        return "restored"
    if there is None:
        return "as before"
    folder.unlink(name)
    folder.remove_empty(os.path.dirname(name))
    return "removed"


def _restore(ledger: Ledger, folder: Folder, file: StoredFile, output: Output, setup: RunFingerprint) -> str:
    path = folder.full(file.name)
    found = folder.hash(file.name)
    if file.read is None or file.source is None or found not in (file.read.hash, output.stamp.hash):
        raise _changed(ledger, folder, file)
    if found == file.read.hash:
        return "as before"
    if not next(ledger.parts(file), b""):
        raise InputProblem("the ledger kept no text of it (--ledger hash)", path, "bring it back from a copy")
    try:
        with AtomicFile(folder, file.name) as new:
            with folder.read(file.name) as now:
                digest = _copied(original(now, file.source, setup.settings["encoding"], ledger.parts(file)), new)
                mode = stat.S_IMODE(os.fstat(now.fileno()).st_mode)
            if digest != file.read.hash:
                raise NotRestored("another hash")
            new.close(mode, b"", mtime=file.read.mtime)
            new.commit()
    except NotRestored:
        raise InputProblem("the ledger does not restore it", path, "it was left as it is") from None
    return "restored"


def _changed(ledger: Ledger, folder: Folder, file: StoredFile, name: str | None = None) -> InputProblem:
    name = name or file.name
    later = ledger.hashes(file.name).get(folder.hash(name)) if folder.is_file(name) else None
    if later is not None and later > file.run:
        return InputProblem(
            f"run {later} changed it again", folder.full(name), f"undo that first: cleaner undo {later}"
        )
    return InputProblem(f"it was edited since run {file.run}", folder.full(name), BY_HAND)
