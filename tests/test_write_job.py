"""Runs that write: the same for any number of processes, resumed, redone where rules changed; foreign files stay."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import stat
import subprocess
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from samples import OURS, cleaner

RULES = ("--no-builtin-rules", "--rules", OURS, "--off", "placeholder")  # few rules compile fast
BESIDE = ("--no-builtin-rules", "--off", "mojibake", "--off", "invisible", "--jobs", "1")
TEXT = "雨停了。【青瓦书屋】路还很长。\n\n\n\n他走了。   \n"
CLEAN = "雨停了，路还很长。\n他走了。\n"


def told(*args: object, code: int = 0) -> str:
    """The last line of the summary."""
    return next(
        line
        for line in cleaner(*args, "--jobs", 1, *RULES, code=code).splitlines()
        if " file" in line and "changed" in line
    )


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".cleaner" not in path.parts
    }


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    (folder / "deep").mkdir(parents=True)
    for number in range(30):
        (folder / f"{number:02}.txt").write_text(f"第{number}章\n{TEXT if number % 3 else CLEAN}", "utf-8")
    (folder / "deep" / "gb.txt").write_bytes(TEXT.encode("gb18030") * 3 + b"\xff\xff" + TEXT.encode("gb18030"))
    (folder / "deep" / "big5.txt").write_bytes(("雨停了，路還很長。" * 9).encode("big5"))
    (folder / "binary.bin").write_bytes(bytes(range(256)) * 9)
    (folder / "empty.txt").write_bytes(b"")
    return folder


@pytest.mark.parametrize("form", ["text", "jsonl"])
def test_the_number_of_processes_changes_nothing(source: Path, tmp_path: Path, form: str) -> None:
    cleaner("clean", source, "-o", tmp_path / "first", *RULES)  # where the pack may be introduced
    said = [cleaner("clean", source, "-o", tmp_path / f"{n}", "--jobs", n, "--format", form, *RULES) for n in (1, 2, 5)]
    assert said[0] == said[1] == said[2]
    assert tree(tmp_path / "1") == tree(tmp_path / "2") == tree(tmp_path / "5")
    assert len(tree(tmp_path / "1")) == 34
    looked = [cleaner("check", source, "--jobs", n, "--format", form, *RULES, code=1) for n in (1, 3)]
    assert looked[0] == looked[1]


def test_a_second_run_does_nothing(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    told("clean", source, "-o", out)
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*.txt")}
    assert "32 files, 0 changed, 32 done before" in told("clean", source, "-o", out)
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*.txt")} == before


def test_only_what_changed_is_done_again(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    told("clean", source, "-o", out)
    (source / "00.txt").write_text(TEXT, "utf-8")
    os.utime(source / "01.txt", ns=(1, 1))  # looks changed, is not
    (out / "02.txt").unlink()
    assert "32 files, 2 changed, 30 done before" in told("clean", source, "-o", out)
    assert (out / "00.txt").read_text("utf-8") == "雨停了。路还很长。\n\n他走了。\n"
    assert (out / "02.txt").exists()


def test_rules_that_changed_touch_what_they_can(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    told("clean", source, "-o", out)
    (source / "30.txt").write_text("看他的小铺。\n", "utf-8")
    told("clean", source, "-o", out)
    pack = tmp_path / "shop.toml"
    pack.write_text('[pack]\nstage = "boilerplate"\n[rules.shop]\nkind = "ad"\nliteral = "看他的小铺。"\n', "utf-8")
    last = told("clean", source, "-o", out, "--rules", pack)
    assert "33 files, 22 changed, 11 done before, 22 cleaned again" in last
    assert (out / "30.txt").read_text("utf-8").strip() == ""
    assert "33 done before" in told("clean", source, "-o", out, "--rules", pack)
    assert "33 done before" not in told("clean", source, "-o", out, "--rules", pack, "--tags", "standoff")


def test_what_is_foreign_is_refused_and_what_is_ours_replaced(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "01.txt").write_text("mine", "utf-8")
    assert "1 failed" in told("clean", source, "-o", out, code=3)
    assert (out / "01.txt").read_text("utf-8") == "mine"
    (out / "02.txt").write_text("edited", "utf-8")
    (source / "02.txt").write_text(TEXT * 2, "utf-8")
    (source / "04.txt").write_text(TEXT * 2, "utf-8")
    assert "2 failed" in told("clean", source, "-o", out, code=3)
    assert (out / "02.txt").read_text("utf-8") == "edited"
    assert (out / "04.txt").read_text("utf-8").count("他走了") == 2
    assert "failed" not in told("clean", source, "-o", out, "--overwrite")


def test_an_interrupted_run_goes_on_under_its_number(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (source / "03.txt").write_bytes(bytes([0x90, 0xFF, 0xFE] * 50))
    said = cleaner("clean", source, "-o", out, *RULES, "--jobs", 2, "--max-failures", 1, code=3)
    assert "stopped" in said
    (source / "03.txt").write_text(TEXT, "utf-8")
    told("clean", source, "-o", out)
    with sqlite3.connect(out / ".cleaner" / "ledger.sqlite") as ledger:
        assert ledger.execute("SELECT id, state FROM runs").fetchall() == [(1, "finished")]


def test_the_ledger_is_private(source: Path, tmp_path: Path) -> None:
    told("clean", source, "-o", tmp_path / "out")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "out" / ".cleaner").iterdir()}
    assert modes == {"ledger.sqlite": 0o600, ".gitignore": 0o600}
    assert (tmp_path / "out" / ".cleaner" / ".gitignore").read_text() == "*\n"
    assert stat.S_IMODE((tmp_path / "out" / ".cleaner").stat().st_mode) == 0o700


def contents(ledger: Path) -> bytes:
    with sqlite3.connect(ledger) as db:
        return b"".join(zlib.decompress(packed) for (packed,) in db.execute("SELECT packed FROM edits"))


def test_how_much_the_ledger_keeps(source: Path, tmp_path: Path) -> None:
    for level in ("full", "hash", "off"):
        told("clean", source, "-o", tmp_path / level, "--ledger", level)
    assert "【青瓦书屋】".encode() in contents(tmp_path / "full" / ".cleaner" / "ledger.sqlite")
    assert contents(tmp_path / "hash" / ".cleaner" / "ledger.sqlite") == b""
    assert not (tmp_path / "off" / ".cleaner").exists()
    assert tree(tmp_path / "full") == tree(tmp_path / "hash") == tree(tmp_path / "off")
    assert "32 done before" in told("clean", source, "-o", tmp_path / "hash", "--ledger", "hash")


def test_a_ledger_of_another_version_is_refused(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    told("clean", source, "-o", out)
    with sqlite3.connect(out / ".cleaner" / "ledger.sqlite") as ledger:
        ledger.execute("PRAGMA user_version = 99")
    assert "use the version that wrote it" in cleaner("undo", "--list", "--in", out, code=2)
    assert "schema 99" in cleaner("clean", source, "-o", out, *RULES, code=2)
    (out / ".cleaner" / "ledger.sqlite").write_bytes(b"no database at all" * 99)
    assert "move it away" in cleaner("clean", source, "-o", out, *RULES, code=2)


@pytest.mark.parametrize("schema", [1, 3])
def test_an_older_ledger_is_trusted_once(source: Path, tmp_path: Path, schema: int) -> None:
    out = tmp_path / "out"
    told("clean", source, "-o", out)
    with sqlite3.connect(out / ".cleaner" / "ledger.sqlite") as ledger:
        for table, column in (("files", "parts"), ("files", "mac"), ("outputs", "kept"), ("files", "off"))[
            : 4 if schema == 1 else 3
        ]:
            ledger.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        ledger.execute("DROP TABLE identity")
        ledger.execute(f"PRAGMA user_version = {schema}")
    assert "add --trust-ledger" in cleaner("undo", "--list", "--in", out, code=2)
    assert "34 files" in cleaner("undo", "--list", "--in", out, "--trust-ledger")
    assert "add --trust-ledger" in cleaner("clean", source, "-o", out, *RULES, code=2)
    assert "32 done before" in told("clean", source, "-o", out, "--trust-ledger")
    assert "32 done before" in told("clean", source, "-o", out)
    cleaner("undo", "--in", out)
    assert tree(out) == {}


def test_two_runs_at_once_are_refused(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    told("clean", source, "-o", out)
    with sqlite3.connect(out / ".cleaner" / "ledger.sqlite", isolation_level=None) as ledger:
        ledger.execute("BEGIN EXCLUSIVE")
        assert "another run" in cleaner("clean", source, "-o", out, *RULES, code=2)


def test_parts_by_hand_are_the_whole(source: Path, tmp_path: Path) -> None:
    for part in range(1, 4):
        told("clean", source, "-o", tmp_path / "parts", "--shard", f"{part}/3")
    told("clean", source, "-o", tmp_path / "whole")
    assert tree(tmp_path / "parts") == tree(tmp_path / "whole")
    ledgers = sorted(path.name for path in (tmp_path / "parts" / ".cleaner").glob("*.sqlite"))
    assert ledgers == [f"ledger-{part}-of-3.sqlite" for part in range(1, 4)]


def test_a_sample_is_always_the_same(source: Path) -> None:
    def paths(*args: object) -> list[str]:
        rows = cleaner("check", source, "--format", "jsonl", *args, *RULES, code=1).splitlines()
        return [json.loads(row)["path"] for row in rows if row.startswith("{")]

    ten = paths("--sample", 10)
    assert len(ten) == 10
    assert ten == paths("--sample", 10)
    assert ten == [path for path in paths() if path in ten]


def test_the_log_for_programs(source: Path, tmp_path: Path) -> None:
    said = cleaner("clean", source, "-o", tmp_path / "out", "--log-json", *RULES)
    events = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    assert [event["event"] for event in events] == ["skipped", "skipped", "end"]
    assert events[-1]["status"]["changed"] == 21


def write_many(folder: Path, files: int, times: int) -> Path:
    folder.mkdir()
    for number in range(files):
        (folder / f"{number:02}.txt").write_text(f"{number}\n" + TEXT * times, "utf-8")
    return folder


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("only the super-user makes small disks")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.skipif(shutil.which("mount") is None, reason="no mount")
def test_a_full_disk_stops_the_run_and_all_that_is_there_is_whole(tmp_path: Path, small_disk: Path) -> None:
    source = write_many(tmp_path / "many", 60, 600)
    said = cleaner("clean", source, "-o", small_disk / "out", *RULES, code=3)
    assert "the disk is full" in said
    wanted = tree_of(source, tmp_path / "wanted")
    found = tree(small_disk / "out")
    assert 0 < len(found) < 60
    assert all(wanted[name] == data for name, data in found.items())
    shutil.copytree(small_disk / "out", tmp_path / "more")
    told("clean", source, "-o", tmp_path / "more")
    assert tree(tmp_path / "more") == wanted


@pytest.mark.skipif(shutil.which("mount") is None, reason="no mount")
def test_a_full_disk_in_place_leaves_each_file_old_or_new(tmp_path: Path, small_disk: Path) -> None:
    folder = write_many(small_disk / "in", 12, 300)
    filler = small_disk / "filler"
    shutil.copytree(folder, tmp_path / "wanted")
    told("clean", "--in-place", tmp_path / "wanted")
    before, after = tree(folder), tree(tmp_path / "wanted")
    seen = set()
    for free in (0, 4, 16, 40, 60, 80, 100):  # in pages of 4096 bytes
        with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))
        os.truncate(filler, max(filler.stat().st_size - free * 4096, 0))
        said = cleaner("clean", "--in-place", folder, *RULES, code=None)
        now = tree(folder)
        assert now.keys() == before.keys()
        assert all(data in (before[name], after[name]) for name, data in now.items()), said
        assert "Traceback" not in said
        seen.add(now == after)
        filler.unlink()
    assert False in seen
    told("clean", "--in-place", folder)
    assert tree(folder) == after
    while (said := cleaner("undo", "--in", folder, code=None)).startswith("run"):
        assert "refused" not in said
    assert tree(folder) == before


def tree_of(source: Path, out: Path) -> dict[str, bytes]:
    told("clean", source, "-o", out)
    return tree(out)


def test_placeholders_beside_the_text_are_part_of_the_output(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("20××年×月，×县委书记张×。\n", "utf-8")
    for _ in range(2):
        cleaner("clean", tmp_path / "in", "-o", tmp_path / "out", "--tags", "standoff", *BESIDE)
    assert sorted(tree(tmp_path / "out")) == ["a.txt", "a.txt.tags.json"]
    (tmp_path / "out" / "a.txt.tags.json").unlink()
    cleaner("clean", tmp_path / "in", "-o", tmp_path / "out", "--tags", "standoff", *BESIDE)
    assert sorted(tree(tmp_path / "out")) == ["a.txt", "a.txt.tags.json"]
