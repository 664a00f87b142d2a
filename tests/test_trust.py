"""A folder from a stranger: nothing outside it is written, removed or read, and no value in it ends in a traceback."""

from __future__ import annotations

import io
import os
import pickle
import shutil
import sqlite3
import zlib
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from samples import cleaner
from test_write_job import RULES, TEXT, tree

from cleaner.io import folder as folders
from cleaner.io.folder import Folder, is_inside
from cleaner.model.errors import InputProblem

posix = pytest.mark.skipif(os.name != "posix", reason="signals")
CLEAN_TEXT = "雨停了。路还很长。\n\n他走了。\n"


def clean(*args: object, code: int | None = 0) -> str:
    return cleaner("clean", *args, "--jobs", 1, *RULES, code=code)


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a run in its ledger, and files of the user above it; the working directory is above both."""
    (tmp_path / "in").mkdir()
    for name in "abc":
        (tmp_path / "in" / f"{name}.txt").write_text(TEXT + name, "utf-8")
    (tmp_path / "precious.txt").write_text(CLEAN_TEXT + "a", "utf-8")
    monkeypatch.chdir(tmp_path)
    clean("in", "-o", "out")
    assert Path("precious.txt").read_bytes() == Path("out/a.txt").read_bytes()
    return Path("out")


def ledger(out: Path) -> sqlite3.Connection:
    return sqlite3.connect(out / ".cleaner" / "ledger.sqlite")


def forge(out: Path, *statements: str) -> None:
    with ledger(out) as db:
        for statement in statements:
            db.execute(statement)


NAMES = ("../precious.txt", "{top}/precious.txt", "x/../../precious.txt", "..", ".", "", "/", ".cleaner/ledger.sqlite")


@pytest.mark.parametrize("trust", [(), ("--trust-ledger",)])
@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_leads_out_is_refused(out: Path, name: str, trust: tuple[str, ...]) -> None:
    forge(out, f"UPDATE files SET name = '{name.format(top=out.absolute().parent)}' WHERE name = 'a.txt'")
    before = tree(Path())
    assert "help" in cleaner("undo", "--in", out, *trust, code=2)
    assert tree(Path()) == before


@pytest.mark.parametrize("trust", [(), ("--trust-ledger",)])
@pytest.mark.parametrize("column", ["suffix = '/../../precious.txt'", "kept = '../../precious.txt'"])
def test_a_suffix_that_leads_out_is_refused(out: Path, column: str, trust: tuple[str, ...]) -> None:
    forge(out, f"UPDATE outputs SET {column}")
    before = tree(Path())
    cleaner("undo", "--in", out, *trust, code=2)
    assert tree(Path()) == before


def test_names() -> None:
    assert all(map(is_inside, ("a", "a/b.txt", "...", "a..b", "a b/c", "\udcff")))
    assert not any(map(is_inside, ("", "/", "..", "a/..", "./a", "a//b", "/a", "a/", "a\0b", "C:a", "c:/a")))


def test_a_ledger_of_a_stranger_is_refused(out: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CLEANER_DATA_DIR", str(tmp_path / "another"))
    before = tree(out)
    for args in (("undo", "--in", out), ("undo", "--list"), ("explain", "a.txt:1", "--run", 1, "--in", out)):
        assert "--trust-ledger" in cleaner(*args, code=2)
    assert "--trust-ledger" in clean("in", "-o", out, code=2)
    assert tree(out) == before
    cleaner("undo", "--in", out, "--trust-ledger")
    assert tree(out) == {}


FORGED = (
    "UPDATE files SET hash = zeroblob(32)",
    "UPDATE outputs SET hash = zeroblob(32)",
    "UPDATE runs SET in_place = 1",
    "UPDATE edits SET packed = zeroblob(9)",
    "UPDATE files SET name = 'b.txt' WHERE name = 'a.txt'",
    "INSERT INTO outputs VALUES (1, '.tags.json', zeroblob(32), 1, 1, 1, '')",
)


@pytest.mark.parametrize("statement", FORGED)
def test_what_was_not_signed_is_refused(out: Path, statement: str) -> None:
    forge(out, statement)
    before = tree(out)
    said = cleaner("undo", "--in", out, "--rule", "boilerplate", code=None)
    assert "not what you signed" in said
    assert tree(out) == before


def test_the_key_is_private(out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tmp_path / "data"
    monkeypatch.setenv("CLEANER_DATA_DIR", str(data))
    clean("in", "-o", "new")
    assert [(path.name, path.stat().st_mode & 0o777, path.stat().st_size) for path in data.iterdir()] == [
        ("ledger.key", 0o600, 32)
    ]
    (data / "ledger.key").chmod(0o644)
    assert "others may know the key" in cleaner("undo", "--in", "new", code=2)
    (data / "ledger.key").chmod(0o600)
    (data / "ledger.key").write_bytes(b"")
    assert "damaged" in cleaner("undo", "--in", "new", code=2)


def test_without_a_key_a_run_is_unsigned(out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("CLEANER_DATA_DIR", str(tmp_path / "file"))
    clean("in", "-o", "new")
    cleaner("undo", "--in", "new", code=2)
    cleaner("undo", "--in", "new", "--trust-ledger")
    assert tree(Path("new")) == {}


SCHEMAS = (
    "CREATE TRIGGER t AFTER INSERT ON runs BEGIN DELETE FROM files; END",
    "CREATE VIEW v AS SELECT * FROM files",
    "CREATE TABLE more (x)",
    "CREATE INDEX i ON files (path)",
    "ALTER TABLE runs ADD COLUMN x INTEGER DEFAULT 1",
)


@pytest.mark.parametrize("statement", SCHEMAS)
def test_a_schema_that_is_not_ours_is_refused(out: Path, statement: str) -> None:
    forge(out, statement)
    rows = ledger(out).execute("SELECT * FROM runs").fetchall()
    for args in (("undo", "--in", out, "--trust-ledger"), ("undo", "--list", "--trust-ledger")):
        assert "other tables than ours" in cleaner(*args, code=2)
    assert "other tables than ours" in clean("in", "-o", out, "--trust-ledger", code=2)
    assert ledger(out).execute("SELECT * FROM runs").fetchall() == rows


@posix
@pytest.mark.parametrize("ending", ["-journal", "-wal", "-shm"])
def test_files_next_to_a_ledger(out: Path, ending: str) -> None:
    """SQLite itself deletes the file that a journal names: https://sqlite.org/fileformat2.html, the super-journal."""
    name = os.fsencode(Path("precious.txt").absolute())
    header = bytes.fromhex("d9d505f920a163d7") + b"\0" * 4 + os.urandom(4) + (5).to_bytes(4, "big")
    header += (512).to_bytes(4, "big") + (4096).to_bytes(4, "big")
    checksum = (sum(name) & 0xFFFFFFFF).to_bytes(4, "big")
    body = header.ljust(512, b"\0") + b"\0\0\0\0" + name + len(name).to_bytes(4, "big") + checksum
    (out / ".cleaner" / f"ledger.sqlite{ending}").write_bytes(body + bytes.fromhex("d9d505f920a163d7"))
    before = tree(Path())
    assert "help" in cleaner("undo", "--in", out, code=2)
    assert "help" in clean("in", "-o", out, code=2)
    assert tree(Path()) == before


@posix
@pytest.mark.parametrize("what", [".cleaner", ".cleaner/ledger.sqlite"])
@pytest.mark.parametrize("trust", [(), ("--trust-ledger",)])
def test_links_for_the_ledger_are_refused(out: Path, what: str, trust: tuple[str, ...]) -> None:
    shutil.move(out / what, "elsewhere")
    (out / what).symlink_to(Path("elsewhere").absolute())
    before = tree(Path())
    assert "link" in clean("in", "-o", out, *trust, code=2)
    cleaner("undo", "--in", out, *trust, code=2)
    assert tree(Path()) == before


@posix
def test_the_output_folder_is_no_link(out: Path) -> None:
    Path("elsewhere").mkdir()
    Path("link").symlink_to("elsewhere")
    assert "name the folder it leads to" in clean("in", "-o", "link", code=2)
    assert tree(Path("elsewhere")) == {}


@posix
def test_a_link_below_the_output_folder_is_not_followed(out: Path) -> None:
    (Path("in") / "deep").mkdir()
    (Path("in") / "deep" / "d.txt").write_text(TEXT, "utf-8")
    Path("elsewhere").mkdir()
    (out / "inside").mkdir()
    for target in (Path("elsewhere").absolute(), Path("inside")):
        (out / "deep").symlink_to(target)
        assert "a folder on the way to it is a link" in clean("in", "-o", out, code=3)
        (out / "deep").unlink()
    assert tree(Path("elsewhere")) == tree(out / "inside") == {}
    clean("in", "-o", out)
    shutil.move(out / "deep", "moved")
    (out / "deep").symlink_to(Path("moved").absolute())
    cleaner("undo", "--in", out, code=3)
    assert tree(Path("moved")) == {"d.txt": CLEAN_TEXT.encode()}


@posix
@pytest.mark.parametrize("by_handle", [True, False])
def test_a_folder_that_is_exchanged_while_it_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by_handle: bool
) -> None:
    """Each step of a run is tried after an attacker put a link in the place of a folder."""
    monkeypatch.setattr(folders, "BY_HANDLE", by_handle)
    top, outside = tmp_path / "top", tmp_path / "outside"
    steps: list[Callable[[Folder], object]] = [
        lambda folder: folder.create("sub/new"),
        lambda folder: folder.read("sub/file"),
        lambda folder: folder.replace("other", "sub/file"),
        lambda folder: folder.replace("sub/file", "other"),
        lambda folder: folder.keep("sub/file", "kept"),
        lambda folder: folder.unlink("sub/file"),
        lambda folder: folder.make("sub/folder"),
        lambda folder: folder.status("sub/file"),
        lambda folder: folder.hash("sub/file"),
        lambda folder: folder.protect("sub"),
    ]
    for step in steps:
        for path in (top, outside):
            shutil.rmtree(path, ignore_errors=True)
            (path / "sub").mkdir(parents=True)
        (outside / "file").write_text("theirs")
        (top / "other").write_text("ours")
        with Folder(str(top)) as folder:
            (top / "sub").rmdir()
            (top / "sub").symlink_to(outside)
            mode = outside.stat().st_mode
            with pytest.raises((InputProblem, OSError)):
                step(folder)
        assert tree(outside) == {"file": b"theirs"}
        assert outside.stat().st_mode == mode


@posix
def test_no_name_of_a_new_file_can_be_guessed(tmp_path: Path) -> None:
    with Folder(str(tmp_path)) as folder:
        names = {folder.create_next_to("a.txt")[0] for _ in range(20)}
        (tmp_path / "link").symlink_to(tmp_path / "target")
        with pytest.raises(FileExistsError):
            folder.create("link")
    assert len(names) == 20
    assert not (tmp_path / "target").exists()


def test_what_was_overwritten_comes_back(out: Path) -> None:
    new = Path("new")
    new.mkdir()
    (new / "a.txt").write_text("mine", "utf-8")
    assert "3 failed" not in clean("in", "-o", new, "--overwrite")
    assert (new / "a.txt").read_text("utf-8") == CLEAN_TEXT + "a"
    Path("in/a.txt").write_text(TEXT * 2, "utf-8")
    clean("in", "-o", new)
    cleaner("undo", "2", "--in", new)
    cleaner("undo", "1", "--in", new)
    assert tree(new) == {"a.txt": b"mine"}


def test_a_file_that_was_not_overwritten_any_more_is_no_edit(out: Path) -> None:
    """A kill between the ledger and the rename: undo called the user's own file an edit, and refused."""
    new = Path("new")
    new.mkdir()
    (new / "a.txt").write_text("mine", "utf-8")
    clean("in", "-o", new, "--overwrite")
    (kept,) = (new / ".cleaner").glob("kept-*")
    kept.replace(new / "a.txt")
    assert "refused" not in cleaner("undo", "--in", new)
    assert tree(new) == {"a.txt": b"mine"}


def test_undo_names_what_it_would_undo_and_asks(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = tree(out)
    for answer in ("", "n\n"):
        monkeypatch.setattr("sys.stdin", io.StringIO(answer))
        said = cleaner("undo", code=130)
        assert "out/.cleaner/ledger.sqlite: run 1, 3 files: removed" in said
        assert tree(out) == before
    said = cleaner("undo", "--dry-run", "--in", out)
    assert "removed  out/a.txt" in said
    assert "run 1: 3 files; nothing was done" in said
    assert tree(out) == before
    cleaner("undo", "--yes")
    assert tree(out) == {}


@posix
def test_undo_does_not_look_behind_links(out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "link").symlink_to(out.absolute())
    monkeypatch.chdir(tmp_path / "here")
    assert "there is no ledger here" in cleaner("undo", "--yes", code=2)


def bomb(size: int) -> bytes:
    packer = zlib.compressobj(9)
    head = b"\x94\x90\x90\x90\xc6" + size.to_bytes(4, "big")
    return packer.compress(head + bytes(size)) + packer.flush()


def test_what_inflates_too_far_is_not_inflated(out: Path) -> None:
    with ledger(out) as db:
        db.execute("UPDATE edits SET packed = ?", (bomb(300 << 20),))
    for args in (
        ("explain", "a.txt:1", "--run", 1, "--in", out, "--trust-ledger"),
        ("undo", "--in", out, "--trust-ledger", "--rule", "boilerplate"),
    ):
        assert "more than 256 MB" in cleaner(*args, code=None)


COLUMNS = {
    "setups": ("digest", "setup"),
    "runs": ("began", "ended", "state", "in_place", "setup", "sources"),
    "files": (
        "run", "setup", "name", "path", "status", "reason", "encoding", "hash", "size", "mtime", "ctime", "report",
        "source", "undone", "off", "parts", "mac",
    ),
    "outputs": ("suffix", "hash", "size", "mtime", "ours", "kept"),
    "edits": ("part", "packed"),
    "identity": ("ledger", "mac"),
}  # fmt: skip
PLACES = [(table, column) for table, columns in COLUMNS.items() for column in columns]
ODD = st.one_of(
    st.none(), st.integers(-(1 << 63), (1 << 63) - 1), st.floats(), st.binary(max_size=40), st.text(max_size=20),
    st.sampled_from(["\x1b[31m", "../x", b"\x90", b"\xc0", b"\xdd\xff\xff\xff\xff", float("inf")]),
    st.recursive(
        st.none() | st.integers(0, 1 << 63) | st.text() | st.binary(), lambda inner: st.lists(inner, max_size=9)
    ).map(msgspec.msgpack.encode),
    st.lists(st.integers(0, 9), max_size=5).map(msgspec.msgpack.encode).map(zlib.compress),
)  # fmt: skip


@pytest.fixture(scope="module")
def in_place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("place")
    (top / "in").mkdir()
    (top / "in" / "a.txt").write_text(TEXT, "utf-8")
    clean("--in-place", top / "in")
    return top / "in"


@given(st.lists(st.tuples(st.sampled_from(PLACES), ODD), min_size=1, max_size=3), st.booleans(), st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_garbage_in_any_column_is_a_problem_and_no_traceback(
    in_place: Path, tmp_path_factory: pytest.TempPathFactory, garbage: list[tuple[tuple[str, str], object]],
    trusted: bool, cleans: bool,
) -> None:  # fmt: skip
    top = tmp_path_factory.mktemp("garbage")
    outside = top / "x"
    outside.write_text("mine", "utf-8")
    folder = shutil.copytree(in_place, top / "in")
    with ledger(folder) as db:
        for (table, column), value in garbage:
            try:
                db.execute(f"UPDATE {table} SET {column} = ?", (value,))
            except (sqlite3.IntegrityError, OverflowError, UnicodeEncodeError):
                return
    trust = ("--trust-ledger",) if trusted else ()
    for args in (
        ("undo", "--list", "--in", folder, *trust),
        ("explain", "a.txt:1", "--run", 1, "--in", folder, "--no-builtin-rules", *trust),
        ("undo", "--in", folder, "--rule", "boilerplate", *trust),
        ("clean", "--in-place", folder, "--jobs", 1, *RULES, *trust) if cleans else ("undo", "--in", folder, *trust),
    ):
        said = cleaner(*args, code=None)
        assert "\x1b" not in said
    assert {path.name for path in top.iterdir()} == {"in", "x"}
    assert outside.read_text("utf-8") == "mine"
    assert (folder / "a.txt").read_text("utf-8").startswith("雨停了。")


def test_what_was_cleaned_in_place_is_no_copy_to_remove(tmp_path: Path) -> None:
    """With `in_place` damaged in a ledger that is trusted, undo removed the user's only copy."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_text(TEXT, "utf-8")
    clean("--in-place", folder)
    forge(folder, "UPDATE runs SET in_place = 0")
    assert "a copy of itself" in cleaner("undo", "--in", folder, "--trust-ledger", code=3)
    assert (folder / "a.txt").read_text("utf-8").startswith("雨停了。")


def test_tags_next_to_a_file_that_was_cleaned_in_place_are_removed(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT, "utf-8")
    clean("--in-place", tmp_path, "--tags", "standoff")
    assert tree(tmp_path).keys() == {"a.txt", "a.txt.tags.json"}
    cleaner("undo", "--in", tmp_path)
    assert tree(tmp_path) == {"a.txt": TEXT.encode()}


def test_a_bare_name_is_cleaned_in_place(out: Path) -> None:
    Path("x.txt").write_text(TEXT, "utf-8")
    assert "1 changed" in clean("--in-place", "x.txt")
    assert Path("x.txt").read_text("utf-8") == CLEAN_TEXT
    cleaner("undo", "--in", ".")
    assert Path("x.txt").read_text("utf-8") == TEXT


def test_a_worker_opens_the_folder_again_and_no_other(tmp_path: Path) -> None:
    (tmp_path / "top").mkdir()
    with Folder(str(tmp_path / "top")) as folder:
        packed = pickle.dumps(folder)
        with pickle.loads(packed) as again:
            again.create("a").close()
        assert folder.is_file("a")
        (tmp_path / "top").rename(tmp_path / "moved")
        (tmp_path / "top").mkdir()
        with pytest.raises(InputProblem, match="exchanged"):
            pickle.loads(packed)
        folder.create("b").close()
    assert tree(tmp_path / "moved").keys() == {"a", "b"}
