"""The ledger: a SQLite file next to the outputs. One process writes to it; while it does, no other may.

A file's row is safe on the disk before its output is moved to its place. So a later run knows by its hash what it finds
in that place: a hash that a row has as output is ours, one that it has as input was not replaced yet, and every other
file is of another program.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import msgspec

from ..io.atomic import FileStamp, Output
from ..model.errors import CleanerError, DiskFull, InputSkipped, UsageProblem
from ..model.report import FileReport
from ..model.source import SourceEncoding
from .fingerprint import RunFingerprint
from .schema import check_schema

FOLDER = ".cleaner"
ENDING = ".sqlite"
# In the order in which a ledger stores them.
COUNTS = ("bytes", "chars", "scanned_bytes", "edits_by_rule", "removed_by_rule", "placeholders", "flags")
COLUMNS = "id, run, setup, name, path, status, hash, size, mtime, ctime, reason, report, source, undone, off"
_SOURCE = msgspec.msgpack.Decoder(SourceEncoding | None)


class StoredFile(msgspec.Struct):
    """One input of one run.

    `setup` is the digest of the run's fingerprint. `read` is None where the input was not read to its end; `undone` is
    when its run was undone, in seconds since 1970. `off` is the digest of the rules that were off for its path.
    """

    id: int
    run: int
    setup: bytes
    name: str
    path: str
    read: FileStamp | None
    report: FileReport
    source: SourceEncoding | None
    undone: float | None
    outputs: list[Output]
    off: bytes = b""

    def names(self, folder: str) -> set[str]:
        """The paths by which a user may name it after a run that wrote into `folder`."""
        return {self.name, os.path.normpath(self.path), os.path.normpath(os.path.join(folder, self.name))}


class RunRow(msgspec.Struct, frozen=True):
    """One run. `state` is running, finished, interrupted or undone; times are seconds since 1970."""

    id: int
    began: float
    ended: float | None
    state: str
    in_place: bool
    setup: bytes
    sources: list[str]
    files: int  # that can be undone: not those that were skipped, failed, left as they were or undone


class Ledger:
    """All methods raise UsageProblem where the file can't be used. `path` "" keeps it in memory, for this run only."""

    def __init__(self, path: str, writes: bool = True) -> None:
        self.path = path
        with self._refusals():
            if path and writes:
                os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
                os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            self._db = sqlite3.connect(path or ":memory:", isolation_level=None, timeout=0.2)
            if writes:
                self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
                self._db.execute("PRAGMA journal_mode = TRUNCATE")
                self._db.execute("PRAGMA synchronous = FULL")
                self._db.execute("BEGIN EXCLUSIVE")
            check_schema(self._db, path)
            if writes:
                self._db.execute("COMMIT")

    def close(self) -> None:
        with suppress(sqlite3.Error):
            self._db.execute("PRAGMA journal_mode = DELETE")
        self._db.close()

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise _refusal(error, self.path) from None
        except OSError as error:
            raise UsageProblem(
                f"the ledger can't be written: {error.strerror}", self.path, "choose another folder, or --ledger off"
            ) from None

    @contextmanager
    def change(self) -> Iterator[None]:
        """One transaction; after it all of it is safe on the disk, or nothing."""
        with self._refusals():
            self._db.execute("BEGIN")
            try:
                yield
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def _rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        try:  # the same as `_refusals`, which costs more than most queries
            return self._db.execute(query, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise _refusal(error, self.path) from None

    def begin(self, setup: RunFingerprint, sources: Sequence[str], in_place: bool) -> int:
        """The number of a new run, or of the last one, if that was the same and was interrupted."""
        with self.change():
            self._db.execute("UPDATE runs SET state = 'interrupted' WHERE state = 'running'")
            packed = msgspec.msgpack.encode([_stored(source) for source in sources])
            last = self._db.execute("SELECT id, state, setup, sources, in_place FROM runs ORDER BY id DESC").fetchone()
            if last and last[1:] == ("interrupted", setup.digest, packed, in_place):
                self._db.execute("UPDATE runs SET state = 'running' WHERE id = ?", (last[0],))
                return int(last[0])
            stored = setup.digest, msgspec.msgpack.encode(setup)
            self._db.execute("INSERT OR IGNORE INTO setups VALUES (?, ?)", stored)
            row = (time.time(), "running", in_place, setup.digest, packed)
            done = self._db.execute(
                "INSERT INTO runs (began, state, in_place, setup, sources) VALUES (?, ?, ?, ?, ?)", row
            )
            return int(done.lastrowid or 0)

    def end(self, run: int, state: str) -> None:
        with self.change():
            self._db.execute("UPDATE runs SET state = ?, ended = ? WHERE id = ?", (state, time.time(), run))

    def add(self, file: StoredFile, parts: Sequence[bytes]) -> None:
        """Add a row, and set `file.id`. Within `change`."""
        report, read = file.report, file.read or FileStamp(b"", -1, -1)
        why = report.problem
        done = self._db.execute(
            "INSERT INTO files (run, setup, name, path, status, reason, encoding, hash, size, mtime, ctime, report,"
            " source, off) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                file.run, file.setup, _stored(file.name), _stored(file.path), report.status,
                _stored(why.what) if why else None, file.source.encoding if file.source else None,
                read.hash, read.size, read.mtime, read.ctime, _counts(report),
                msgspec.msgpack.encode(file.source), file.off,
            ),
        )  # fmt: skip
        file.id = int(done.lastrowid or 0)
        self._db.executemany(
            "INSERT INTO outputs VALUES (?, ?, ?, ?, ?, ?)",
            [(file.id, o.suffix, o.stamp.hash, o.stamp.size, o.stamp.mtime, o.ours) for o in file.outputs],
        )
        self._db.executemany("INSERT INTO edits VALUES (?, ?, ?)", [(file.id, n, p) for n, p in enumerate(parts)])

    def still_holds(self, file: int, setup: bytes, read: FileStamp) -> None:
        """Note that the row of a file also is the result of this setup and of an input with this stamp.

        Within `change`.
        """
        self._db.execute(
            "UPDATE files SET setup = ?, size = ?, mtime = ?, ctime = ? WHERE id = ?",
            (setup, read.size, read.mtime, read.ctime, file),
        )

    def undone(self, file: int) -> None:
        """Note that a file was undone now. Within `change`."""
        self._db.execute("UPDATE files SET undone = ? WHERE id = ?", (time.time(), file))

    def row_before(self, file: StoredFile) -> StoredFile:
        """The row of the same input and run that `undo --rule` replaced with this one."""
        where = "run = ? AND name = ? AND id < ? ORDER BY id DESC LIMIT 1"
        return self._files(where, file.run, _stored(file.name), file.id)[0]

    def setups(self) -> list[bytes]:
        """The digests of the fingerprints of all runs."""
        return [row[0] for row in self._rows("SELECT digest FROM setups")]

    def setup(self, digest: bytes) -> RunFingerprint:
        rows = self._rows("SELECT setup FROM setups WHERE digest = ?", digest)
        return msgspec.msgpack.decode(rows[0][0], type=RunFingerprint)

    def runs(self) -> list[RunRow]:
        rows = self._rows(
            "SELECT r.id, began, ended, state, in_place, r.setup, sources, count(DISTINCT o.file) FROM runs r"
            " LEFT JOIN files f ON f.run = r.id AND undone IS NULL LEFT JOIN outputs o ON o.file = f.id"
            " GROUP BY r.id ORDER BY r.id"
        )
        return [
            RunRow(number, began, ended, state, bool(in_place), setup, _names(sources), files)
            for number, began, ended, state, in_place, setup, sources, files in rows
        ]

    def files(self, run: int) -> Iterator[StoredFile]:
        """The files of a run, the latest first."""
        for (number,) in self._rows("SELECT id FROM files WHERE run = ? ORDER BY id DESC", run):
            yield self.file(number)

    def latest(self, name: str) -> StoredFile | None:
        """The last row of an input, by its name below the folder, that was not undone."""
        found = self._files("name = ? AND undone IS NULL ORDER BY id DESC LIMIT 1", _stored(name))
        return found[0] if found else None

    def file(self, number: int) -> StoredFile:
        return self._files("id = ?", number)[0]

    def hashes(self, name: str) -> dict[bytes, int]:
        """The hashes of what runs wrote under this name, each with the last run that did."""
        query = "SELECT o.hash, run FROM files f JOIN outputs o ON o.file = f.id WHERE name = ? AND ours ORDER BY f.id"
        return dict(self._rows(query, _stored(name)))

    def parts(self, file: int) -> Iterator[bytes]:
        for (part,) in self._rows("SELECT part FROM edits WHERE file = ? ORDER BY part", file):
            yield self._rows("SELECT packed FROM edits WHERE file = ? AND part = ?", file, part)[0][0]

    def _files(self, where: str, *values: Any) -> list[StoredFile]:
        return [self._file(*row) for row in self._rows(f"SELECT {COLUMNS} FROM files WHERE {where}", *values)]

    def _file(self, number: int, run: int, setup: bytes, *rest: Any) -> StoredFile:
        name, path, status, digest, size, mtime, ctime, reason, counts, source, undone, off = rest
        name, path, source = os.fsdecode(name), os.fsdecode(path), _SOURCE.decode(source)
        outputs = self._rows("SELECT suffix, hash, size, mtime, ours FROM outputs WHERE file = ?", number)
        made = [Output(suffix, FileStamp(*stamp), bool(ours)) for suffix, *stamp, ours in outputs]
        read = FileStamp(digest, size, mtime, ctime) if size >= 0 else None
        report = _report(path, status, reason, counts, source)
        return StoredFile(number, run, setup, name, path, read, report, source, undone, made, off)


def _refusal(error: sqlite3.DatabaseError, path: str) -> CleanerError:
    message = str(error)
    if "full" in message:
        return DiskFull(path)
    if "locked" in message:
        return UsageProblem("another run is at work here", path, "wait until it is done")
    return UsageProblem(f"the ledger can't be used: {error}", path, "move it away to begin a new one")


def _stored(name: str) -> str | bytes:
    """A name as SQLite can hold it: it takes no text that is not Unicode, but names of files may be any bytes."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return os.fsencode(name)
    return name


def _names(packed: bytes) -> list[str]:
    return [os.fsdecode(name) for name in msgspec.msgpack.decode(packed)]


def _counts(report: FileReport) -> bytes:
    """The fields of a report that have no column."""
    counts = [getattr(report, name) for name in COUNTS]
    return msgspec.msgpack.encode([report.recoded, *counts, sorted(report.timed_out)])


def _report(path: str, status: str, reason: Any, counts: bytes, source: SourceEncoding | None) -> FileReport:
    recoded, *numbers, timed_out = msgspec.msgpack.decode(counts)
    report = FileReport(path=path, status=status, source=source, recoded=recoded, timed_out=set(timed_out))
    report.problem = InputSkipped(os.fsdecode(reason)) if reason else None
    for name, number in zip(COUNTS, numbers, strict=True):
        setattr(report, name, Counter(number) if isinstance(number, dict) else number)
    return report
