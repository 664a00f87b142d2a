"""The ledger: a SQLite file next to the outputs. One process writes to it; while it does, no other may.

A file's row is safe on the disk before its output is moved to its place. So a later run knows by its hash what it finds
in that place: a hash that a row has as output is ours, one that it has as input was not replaced yet, and every other
file is of another program.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec

from ..io.atomic import FileStamp
from ..io.folder import Folder
from ..model.errors import CleanerError, DiskFull, UsageProblem
from .codec import NotRestored
from .fingerprint import RunFingerprint
from .place import check_file, check_folder, ledger_file
from .rows import NotOurs, RunRow, StoredFile, fingerprint, packed_counts, run_row, stored, stored_file
from .schema import SCHEMA, check_schema, make_tables, migrate
from .signing import is_signed, signature, user_key

T = TypeVar("T")
COLUMNS = (
    "f.id, f.run, f.setup, name, path, status, hash, size, mtime, ctime, reason, report, source, off, parts, undone,"
    " r.in_place, r.setup, mac"
)
LARGEST = 1 << 28  # bytes of one value
TRUST = "where you know who wrote it, add --trust-ledger"


class Ledger:
    """What runs wrote into `folder`; without one it is kept in memory, for this run only.

    Only what this user signed is read, unless it is `trusted`: then a ledger that is opened to be written to is signed.
    All methods raise UsageProblem where the file can't be used.
    """

    def __init__(self, folder: Folder | None, name: str = "ledger", writes: bool = True, trusted: bool = False) -> None:
        self.path = "" if folder is None else folder.full(ledger_file(name))
        self._key, self._trusted, self._id = b"", trusted or folder is None, b""
        self._db = sqlite3.connect(":memory:", isolation_level=None)
        try:
            with self._refusals():
                if folder is not None:
                    self._open(folder, name, writes)
                self._prove(writes)
                if self._db.in_transaction:
                    self._db.execute("COMMIT")
        except CleanerError as why:
            self.close()
            raise UsageProblem(why.what, why.where, why.hint) from None

    def _open(self, folder: Folder, name: str, writes: bool) -> None:
        self._key = user_key()
        check_folder(folder, writes, self._trusted)
        check_file(folder, name, writes, self._trusted)
        there = f"file:{quote(os.fsencode(os.path.abspath(self.path)))}?mode=rw"
        self._db = db = sqlite3.connect(there, uri=True, isolation_level=None, timeout=0.2)
        db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST)
        for setting in ("trusted_schema = OFF", "cell_size_check = ON", *(WRITING if writes else READING)):
            db.execute(f"PRAGMA {setting}")
        if writes:
            db.execute("BEGIN EXCLUSIVE")
        found = folder.status(ledger_file(name))
        if found is None or not os.path.samestat(found, os.lstat(self.path)):
            raise UsageProblem("the folder was exchanged", self.path)

    def _prove(self, writes: bool) -> None:
        """Refuse what is no ledger or not of this user, before anything is written to it."""
        found = check_schema(self._db, self.path)
        if found == 0:
            make_tables(self._db)
            self._identify()
            return
        if found < SCHEMA:
            if not self._trusted:
                raise UsageProblem("this ledger is of an earlier version: nobody signed it", self.path, TRUST)
            if not writes:
                self._to_memory()
            migrate(self._db, found)
        rows = self._db.execute("SELECT ledger, mac FROM identity").fetchall()
        if len(rows) == 1 and is_signed(self._key, rows[0][1], "ledger", rows[0][0]):
            self._id = rows[0][0]
        elif not self._trusted:
            what = "you did not sign this ledger: it came from elsewhere, or your key is lost"
            raise UsageProblem(what, self.path, TRUST)
        if self._trusted and writes and self._key:
            self._sign_all()

    def _sign_all(self) -> None:
        self._identify()
        for (file,) in self._db.execute("SELECT id FROM files").fetchall():
            parts = self._db.execute("SELECT packed FROM edits WHERE file = ? ORDER BY part", (file,))
            digests = _digests([row[0] for row in parts])
            self._db.execute("UPDATE files SET parts = ? WHERE id = ?", (digests, file))
            self._sign(file)
        self._trusted = False

    def _to_memory(self) -> None:
        memory = sqlite3.connect(":memory:", isolation_level=None)
        self._db.backup(memory)
        self._db.close()
        self._db = memory

    def _identify(self) -> None:
        self._id = os.urandom(16)
        self._db.execute("DELETE FROM identity")
        self._db.execute("INSERT INTO identity VALUES (?, ?)", (self._id, signature(self._key, "ledger", self._id)))

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
            packed = msgspec.msgpack.encode([stored(source) for source in sources])
            last = self._db.execute("SELECT id, state, setup, sources, in_place FROM runs ORDER BY id DESC").fetchone()
            if last and last[1:] == ("interrupted", setup.digest, packed, in_place):
                self._db.execute("UPDATE runs SET state = 'running' WHERE id = ?", (last[0],))
                return int(last[0])
            self._db.execute("INSERT OR REPLACE INTO setups VALUES (?, ?)", (setup.digest, _packed(setup)))
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
            " source, off, parts) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                file.run, file.setup, stored(file.name), stored(file.path), report.status,
                stored(why.what) if why else None, file.source.encoding if file.source else None,
                read.hash, read.size, read.mtime, read.ctime, packed_counts(report),
                msgspec.msgpack.encode(file.source), file.off, _digests(parts),
            ),
        )  # fmt: skip
        file.id = int(done.lastrowid or 0)
        self._db.executemany(
            "INSERT INTO outputs VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(file.id, o.suffix, o.stamp.hash, o.stamp.size, o.stamp.mtime, o.ours, o.kept) for o in file.outputs],
        )
        self._db.executemany("INSERT INTO edits VALUES (?, ?, ?)", [(file.id, n, p) for n, p in enumerate(parts)])
        self._sign(file.id)

    def still_holds(self, file: int, setup: bytes, read: FileStamp) -> None:
        """Note that the row of a file also is the result of this setup and of an input with this stamp.

        Within `change`.
        """
        self._db.execute(
            "UPDATE files SET setup = ?, size = ?, mtime = ?, ctime = ? WHERE id = ?",
            (setup, read.size, read.mtime, read.ctime, file),
        )
        self._sign(file)

    def undone(self, file: int) -> None:
        """Note that a file was undone now. Within `change`."""
        self._db.execute("UPDATE files SET undone = ? WHERE id = ?", (time.time(), file))

    def row_before(self, file: StoredFile) -> StoredFile:
        """The row of the same input and run that `undo --rule` replaced with this one; the row itself where none is."""
        where = "f.run = ? AND name = ? AND f.id < ? ORDER BY f.id DESC LIMIT 1"
        return next(iter(self._files(where, file.run, stored(file.name), file.id)), file)

    def setups(self) -> list[bytes]:
        """The digests of the fingerprints of all runs."""
        return [row[0] for row in self._rows("SELECT digest FROM setups")]

    def setup(self, digest: bytes) -> RunFingerprint:
        rows = self._rows("SELECT setup FROM setups WHERE digest = ?", digest)
        found = self._read(lambda: fingerprint(rows[0][0] if rows else None))
        if not self._trusted and found.digest != digest:
            raise self._unsigned("the settings of a run")
        return found

    def runs(self) -> list[RunRow]:
        rows = self._rows(
            "SELECT r.id, began, ended, state, in_place, r.setup, sources, count(DISTINCT o.file) FROM runs r"
            " LEFT JOIN files f ON f.run = r.id AND undone IS NULL LEFT JOIN outputs o ON o.file = f.id"
            " GROUP BY r.id ORDER BY r.id"
        )
        return self._read(lambda: [run_row(row) for row in rows])

    def files(self, run: int) -> Iterator[StoredFile]:
        """The files of a run, the latest first."""
        for (number,) in self._rows("SELECT id FROM files WHERE run = ? ORDER BY id DESC", run):
            yield self.file(number)

    def latest(self, name: str) -> StoredFile | None:
        """The last row of an input, by its name below the folder, that was not undone."""
        found = self._files("name = ? AND undone IS NULL ORDER BY f.id DESC LIMIT 1", stored(name))
        return found[0] if found else None

    def file(self, number: int) -> StoredFile:
        return self._files("f.id = ?", number)[0]

    def hashes(self, name: str) -> dict[bytes, int]:
        """The hashes of what runs wrote under this name, each with the last run that did."""
        files = self._files("name = ? ORDER BY f.id", stored(name))
        return {output.stamp.hash: file.run for file in files for output in file.outputs if output.ours}

    def parts(self, file: StoredFile) -> Iterator[bytes]:
        for (part,) in self._rows("SELECT part FROM edits WHERE file = ? ORDER BY part", file.id):
            packed = self._rows("SELECT packed FROM edits WHERE file = ? AND part = ?", file.id, part)[0][0]
            number = part if isinstance(part, int) and part >= 0 else 0
            if not self._trusted and _digests([packed]) != file.parts[32 * number : 32 * number + 32]:
                raise self._unsigned(file.name)
            if not isinstance(packed, bytes):
                raise NotRestored("what the ledger holds can't be read: it is no data")
            yield packed

    def _files(self, where: str, *values: Any) -> list[StoredFile]:
        query = f"SELECT {COLUMNS} FROM files f JOIN runs r ON r.id = f.run WHERE {where}"
        return [self._file(*row) for row in self._rows(query, *values)]

    def _file(self, *row: Any) -> StoredFile:
        outputs = self._outputs(row[0])
        if not self._trusted and not is_signed(self._key, row[-1], *_signed(self._id, row, outputs)):
            raise self._unsigned(f"file {row[0]}")
        return self._read(lambda: stored_file(row[: -len(OF_RUN)], outputs))

    def _outputs(self, file: int) -> list[tuple[Any, ...]]:
        return self._rows("SELECT suffix, hash, size, mtime, ours, kept FROM outputs WHERE file = ? ORDER BY 1", file)

    def _sign(self, file: int) -> None:
        """Within a change, after any other."""
        if self._key:
            query = f"SELECT {COLUMNS} FROM files f JOIN runs r ON r.id = f.run WHERE f.id = ?"
            for row in self._rows(query, file):
                mac = signature(self._key, *_signed(self._id, row, self._outputs(file)))
                self._rows("UPDATE files SET mac = ? WHERE id = ?", mac, file)

    def _read(self, read: Callable[[], T]) -> T:
        try:
            return read()
        except NotOurs as error:
            raise UsageProblem(
                f"the ledger is damaged: {error}", self.path, "move it away to begin a new one"
            ) from None

    def _unsigned(self, what: str) -> UsageProblem:
        return UsageProblem(f"this is not what you signed: {what}", self.path, TRUST)


OF_RUN = ("in_place", "setup", "mac")  # the last of COLUMNS
READING = ("query_only = ON",)
WRITING = ("locking_mode = EXCLUSIVE", "journal_mode = TRUNCATE", "synchronous = FULL")


def _signed(ledger: bytes, row: tuple[Any, ...], outputs: list[tuple[Any, ...]]) -> tuple[Any, ...]:
    """What a signature covers: all but when the file was undone."""
    return ledger, *row[: -len(OF_RUN) - 1], *row[-len(OF_RUN) : -1], outputs


def _digests(parts: Sequence[Any]) -> bytes:
    return b"".join(sha256(part if isinstance(part, bytes) else b"").digest() for part in parts)


def _packed(setup: RunFingerprint) -> bytes:
    return msgspec.msgpack.encode(setup)


def _refusal(error: sqlite3.DatabaseError, path: str) -> CleanerError:
    message = str(error)
    if "full" in message:
        return DiskFull(path)
    if "locked" in message:
        return UsageProblem("another run is at work here", path, "wait until it is done")
    return UsageProblem(f"the ledger can't be used: {error}", path, "move it away to begin a new one")
