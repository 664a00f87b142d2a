"""The tables of a ledger: create, migrate or refuse them."""

from __future__ import annotations

import sqlite3
from functools import cache

from ..model.errors import UsageProblem

SCHEMA = 4
MIGRATIONS = {  # from this schema to the next one
    1: "ALTER TABLE files ADD COLUMN off BLOB NOT NULL DEFAULT x''",
    2: "",  # packed edits hold their evidence; those that were there have none
    3: """ALTER TABLE files ADD COLUMN parts BLOB NOT NULL DEFAULT x'';
        ALTER TABLE files ADD COLUMN mac BLOB NOT NULL DEFAULT x'';
        ALTER TABLE outputs ADD COLUMN kept TEXT NOT NULL DEFAULT '';
        CREATE TABLE identity (ledger BLOB NOT NULL, mac BLOB NOT NULL)""",
}
CREATED = 3  # the schema of TABLES
TABLES = """
CREATE TABLE setups (digest BLOB PRIMARY KEY, setup BLOB NOT NULL);
CREATE TABLE runs (
    id INTEGER PRIMARY KEY, began REAL NOT NULL, ended REAL, state TEXT NOT NULL, in_place INTEGER NOT NULL,
    setup BLOB NOT NULL, sources BLOB NOT NULL);
CREATE TABLE files (
    id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES runs, setup BLOB NOT NULL, name NOT NULL, path NOT NULL,
    status TEXT NOT NULL, reason TEXT, encoding TEXT, hash BLOB, size INTEGER, mtime INTEGER, ctime INTEGER,
    report BLOB NOT NULL, source BLOB, undone REAL, off BLOB NOT NULL);
CREATE INDEX files_by_name ON files (name);
CREATE INDEX files_by_run ON files (run);
CREATE TABLE outputs (
    file INTEGER NOT NULL REFERENCES files, suffix TEXT NOT NULL, hash BLOB NOT NULL, size INTEGER, mtime INTEGER,
    ours INTEGER NOT NULL, PRIMARY KEY (file, suffix));
CREATE TABLE edits (
    file INTEGER NOT NULL REFERENCES files, part INTEGER NOT NULL, packed BLOB, PRIMARY KEY (file, part));
"""


WITHOUT_OFF = TABLES.replace(", off BLOB NOT NULL", "")  # schema 1


def make_tables(db: sqlite3.Connection) -> None:
    """Those of this version, in a ledger that has none."""
    _run(db, TABLES)
    migrate(db, CREATED)


def check_schema(db: sqlite3.Connection, path: str) -> int:
    """The schema of a ledger, 0 for a new one. Raises UsageProblem for one that holds anything but our tables."""
    found = int(db.execute("PRAGMA user_version").fetchone()[0])
    there = _tables_of(db)
    if found == 0 and not there:
        return 0
    if not min(MIGRATIONS) <= found <= SCHEMA:
        raise UsageProblem(
            f"this ledger has schema {found}, this version of cleaner reads {min(MIGRATIONS)} to {SCHEMA}", path,
            "use the version that wrote it, or move the file away to begin a new one",
        )  # fmt: skip
    if there not in _known(found):
        hint = "it is not from cleaner: delete it, or move it away to begin a new one"
        raise UsageProblem("this ledger has other tables than ours, or triggers", path, hint)
    return found


def migrate(db: sqlite3.Connection, found: int) -> None:
    """All steps from a schema to this one. Within a transaction."""
    for version in range(found, SCHEMA):
        _run(db, MIGRATIONS[version])
    db.execute(f"PRAGMA user_version = {SCHEMA}")


def _run(db: sqlite3.Connection, statements: str) -> None:
    for statement in statements.split(";"):
        db.execute(statement)


def _tables_of(db: sqlite3.Connection) -> frozenset[tuple[str, ...]]:
    rows = db.execute("SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master")
    return frozenset(tuple("".join(str(value).split()) for value in row) for row in rows)


@cache
def _known(schema: int) -> list[frozenset[tuple[str, ...]]]:
    """The tables of a schema: as they were created, and as they are after migrations from earlier ones."""
    found = []
    for first, tables in ((1, WITHOUT_OFF), (2, TABLES)):
        db = sqlite3.connect(":memory:")
        _run(db, tables)
        for version in range(first, schema):
            _run(db, MIGRATIONS[version])
        found.append(_tables_of(db))
        db.close()
    return found
