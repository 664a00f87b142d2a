"""The tables of a ledger: create, migrate or refuse them."""

from __future__ import annotations

import sqlite3

from ..model.errors import UsageProblem

SCHEMA = 3
MIGRATIONS = {  # from this schema to the next one
    1: "ALTER TABLE files ADD COLUMN off BLOB NOT NULL DEFAULT x''",
    2: "",  # packed edits hold their evidence; those that were there have none
}
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


def check_schema(db: sqlite3.Connection, path: str) -> None:
    """Create the tables of a new ledger and migrate those of an older one. Raises UsageProblem for all others."""
    found = db.execute("PRAGMA user_version").fetchone()[0]
    if found == 0 and not db.execute("SELECT 1 FROM sqlite_master").fetchone():
        for statement in TABLES.split(";"):
            db.execute(statement)
        db.execute(f"PRAGMA user_version = {SCHEMA}")
    elif not min(MIGRATIONS) <= found <= SCHEMA:
        raise UsageProblem(
            f"this ledger has schema {found}, this version of cleaner reads {min(MIGRATIONS)} to {SCHEMA}", path,
            "use the version that wrote it, or move the file away to begin a new one",
        )  # fmt: skip
    elif found < SCHEMA:
        _migrate(db, found)


def _migrate(db: sqlite3.Connection, found: int) -> None:
    """All steps or none."""
    alone = not db.in_transaction
    if alone:
        db.execute("BEGIN EXCLUSIVE")
    for version in range(found, SCHEMA):
        db.execute(MIGRATIONS[version])
    db.execute(f"PRAGMA user_version = {SCHEMA}")
    if alone:
        db.execute("COMMIT")
