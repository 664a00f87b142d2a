"""Runs taken back, and runs killed at any moment: each file is the old one or the new one, whole; undo is exact."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from samples import cleaner
from test_source import damaged
from test_write_job import CLEAN, RULES, TEXT, tree

KILLS = int(os.environ.get("KILLS", "50"))


def fill(folder: Path, files: int = 40) -> dict[str, bytes]:
    """A folder of files in many encodings, some damaged; what is in it."""
    (folder / "deep").mkdir(parents=True)
    codecs = ["utf-8", "gb18030", "utf-16", "utf-8-sig"]
    for number in range(files):
        text = f"第{number}章\n{TEXT * (1 + number % 7) if number % 4 else CLEAN}"
        raw = text.encode(codecs[number % 4]) + (b"\xff\xfe" if number % 5 == 0 and number % 4 < 2 else b"")
        (folder / ("deep" if number % 2 else ".") / f"{number:02}.txt").write_bytes(raw)
    return tree(folder)


def test_a_tree_is_taken_back(tmp_path: Path) -> None:
    fill(tmp_path / "in")
    cleaner("clean", tmp_path / "in", "-o", tmp_path / "out", "--jobs", 1, *RULES)
    (tmp_path / "out" / "01.txt").unlink(missing_ok=True)
    (tmp_path / "out" / "02.txt").write_text("edited", "utf-8")
    said = cleaner("undo", "--in", tmp_path / "out", code=3)
    assert "edited since run 1" in said
    assert tree(tmp_path / "out") == {"02.txt": b"edited"}
    assert not (tmp_path / "out" / "deep").exists()


@pytest.mark.parametrize("encoding", ["keep", "utf-8"])
def test_in_place_comes_back_byte_for_byte(tmp_path: Path, encoding: str) -> None:
    folder = tmp_path / "in"
    before = fill(folder)
    args = ("clean", "--in-place", folder, "--output-encoding", encoding, "--jobs", 1, *RULES)
    cleaner(*args)
    cleaned = tree(folder)
    assert cleaned != before
    assert "40 done before" in cleaner(*args)
    cleaner("undo", "--in", folder, "--file", "02.txt")
    assert tree(folder) == cleaned | {"02.txt": before["02.txt"]}
    cleaner("undo", "1", "--in", folder)
    assert tree(folder) == before
    assert "undone" in cleaner("undo", "--list", "--in", folder)


@given(damaged())
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_damage_comes_back(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    folder = tmp_path_factory.mktemp("any")
    (folder / "a.txt").write_bytes(raw)
    cleaner("clean", "--in-place", folder, "--output-encoding", "utf-8", *RULES, code=None)
    if (folder / "a.txt").read_bytes() != raw:
        cleaner("undo", "--in", folder)
    assert (folder / "a.txt").read_bytes() == raw


def test_what_was_edited_since_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    fill(folder)
    cleaner("clean", "--in-place", folder, "--jobs", 1, *RULES)
    (folder / "02.txt").write_text("mine", "utf-8")
    said = cleaner("undo", "--in", folder, code=3)
    assert "it was edited since run 1" in said
    assert "help: keep your version" in said
    assert (folder / "02.txt").read_text("utf-8") == "mine"


@pytest.mark.parametrize(("encoding", "rewritten"), [("keep", 8), ("utf-8", 9)])
def test_one_rule_of_a_run_goes_and_the_rest_can_follow(tmp_path: Path, encoding: str, rewritten: int) -> None:
    """Where the encoding stays, a region with damaged bytes in it is refused."""
    folder = tmp_path / "in"
    before = fill(folder, 12)
    cleaner("clean", "--in-place", folder, "--output-encoding", encoding, "--jobs", 1, *RULES)
    cleaned = tree(folder)
    said = cleaner("undo", "--in", folder, "--rule", "boilerplate/sample/stamp", code=None)
    assert f"{rewritten} rewritten" in said
    assert "【青瓦书屋】" in (folder / "02.txt").read_text("utf-16" if encoding == "keep" else "utf-8")
    assert "他走了。   " not in (folder / "02.txt").read_text("utf-16" if encoding == "keep" else "utf-8")
    (folder / "02.txt").write_bytes(cleaned["02.txt"])  # as if killed before the rename
    said = cleaner("undo", "--in", folder)
    assert "refused" not in said
    assert tree(folder) == before


def test_what_a_rule_did_is_done_again_when_asked(tmp_path: Path) -> None:
    fill(tmp_path / "in", 12)
    args = ("clean", tmp_path / "in", "-o", tmp_path / "out", "--jobs", 1, *RULES)
    cleaner(*args)
    whole = tree(tmp_path / "out")
    cleaner("undo", "--in", tmp_path / "out", "--rule", "boilerplate")
    assert tree(tmp_path / "out") != whole
    assert "9 cleaned again" in cleaner(*args)
    assert tree(tmp_path / "out") == whole


def begun(*args: object) -> int:
    """The command line in a process of its own, forked so that nothing is loaded again; its number."""
    number = os.fork()
    if number == 0:
        try:
            for one in (signal.SIGINT, signal.SIGTERM):  # as the command does, and whoever started the tests may not
                signal.signal(one, signal.default_int_handler)
            cleaner(*args, code=None)
        finally:
            os._exit(0)
    return number


SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT) if os.name == "posix" else ()


def killed(chosen: random.Random, lasts: float, *args: object) -> str:
    """Run a command and kill it at any moment, in one of three ways; the name of the signal."""
    process = begun(*args)
    time.sleep(chosen.uniform(0, 1.4) * lasts)  # a busy machine takes longer than it did before
    how = chosen.choice(SIGNALS)
    os.kill(process, how)
    os.waitpid(process, 0)
    return how.name


def time_of(*args: object) -> float:
    """Seconds; compiling the rules is not among them."""
    cleaner("check", __file__, *RULES, code=None)
    began = time.monotonic()
    os.waitpid(begun(*args), 0)
    return time.monotonic() - began


@pytest.mark.skipif(not hasattr(os, "fork"), reason="signals")
def test_killed_at_any_moment(tmp_path: Path) -> None:
    """KILLS=1000 does it more often, with half of them here and half in the next test."""
    folder, whole = tmp_path / "in", tmp_path / "whole"
    before = fill(folder, 20)
    fill(whole, 20)
    args = ("clean", "--in-place", "--jobs", 2, *RULES)
    lasts = time_of(*args, whole)
    after = tree(whole)
    chosen = random.Random(6)
    found: Counter[str] = Counter()
    for _ in range(KILLS // 2):
        found[killed(chosen, lasts, *args, folder)] += 1
        now = tree(folder)
        assert now.keys() == before.keys()
        assert all(data in (before[name], after[name]) for name, data in now.items())
        found["old" if now == before else "new" if now == after else "some new"] += 1
        if now == after or (now != before and chosen.random() < 0.3):
            cleaner("undo", "--in", folder)
            assert tree(folder) == before
            found["undone"] += 1
    cleaner("clean", "--in-place", folder, "--jobs", 1, *RULES)
    assert tree(folder) == after
    print(dict(found))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="signals")
def test_a_mirror_over_files_of_the_user_killed_at_any_moment(tmp_path: Path) -> None:
    """What --overwrite replaces is there, or in the ledger, at every moment; the input is never touched."""
    source, out, whole = tmp_path / "in", tmp_path / "out", tmp_path / "whole"
    before = fill(source, 20)
    (source / "noise.bin").write_bytes(bytes(range(256)))
    before["noise.bin"] = bytes(range(256))
    mine = {"02.txt": "mine".encode("utf-16"), "deep/03.txt": b"mine, too", "noise.bin": b"", "other.txt": b"mine"}
    args = ("clean", source, "--overwrite", "--jobs", 2, *RULES, "-o")
    lasts = time_of(*args, whole)
    after = tree(whole)
    chosen = random.Random(7)
    found: Counter[str] = Counter()
    shutil.rmtree(out, ignore_errors=True)
    for _ in range(KILLS - KILLS // 2):
        if not out.exists():
            (out / "deep").mkdir(parents=True)
            for name, data in mine.items():
                (out / name).write_bytes(data)
        found[killed(chosen, lasts, *args, out)] += 1
        now = tree(out)
        assert tree(source) == before
        assert mine.keys() <= now.keys()
        assert all(data in (mine.get(name), after.get(name)) for name, data in now.items())
        found["old" if now == mine else "new" if now == after | {"other.txt": b"mine"} else "some new"] += 1
        if now != mine and chosen.random() < 0.3:
            while (said := cleaner("undo", "--in", out, code=None)).startswith("run"):
                assert "refused" not in said
                found["undone"] += 1
            assert tree(out) == mine
            shutil.rmtree(out)
    print(dict(found))


# A shell's background jobs ignore interrupts, and so would what they start.
HEEDS = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from cleaner.cli import main; main()"


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, bytes]]:
    """A folder that takes a while, and what comes of it."""
    folder = tmp_path_factory.mktemp("many")
    (folder / "in").mkdir()
    for number in range(80):
        (folder / "in" / f"{number:03}.txt").write_text(f"{number}\n" + TEXT * 60, "utf-8")
    cleaner("clean", folder / "in", "-o", folder / "out", "--jobs", 1, *RULES)
    return folder / "in", tree(folder / "out")


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize(
    ("how", "jobs"), [(signal.SIGINT, "1"), (signal.SIGINT, "2"), (signal.SIGTERM, "1"), (signal.SIGTERM, "2")]
)
def test_interrupted_and_resumed(
    many: tuple[Path, dict[str, bytes]], tmp_path: Path, how: signal.Signals, jobs: str
) -> None:
    (source, whole), out = many, tmp_path / "out"
    args = [sys.executable, "-c", HEEDS, "clean", str(source), "-o", str(out), "--jobs", jobs, *RULES]
    process = subprocess.Popen(args, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
    while process.poll() is None and not any(out.glob("*.txt")):
        time.sleep(0.002)
    if how == signal.SIGINT:
        os.killpg(process.pid, how)  # as a terminal does
    else:
        process.send_signal(how)
    said = process.communicate()[0].decode()
    assert process.returncode == 130, said
    assert "the same command continues" in said
    assert "Traceback" not in said
    assert sorted(path.name for path in (out / ".cleaner").iterdir()) == [".gitignore", "ledger.sqlite"]
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)
    written = tree(out)
    assert 0 < len(written) < len(whole)
    assert written.items() <= whole.items()
    assert f"{len(written)} done before" in cleaner("clean", source, "-o", out, "--jobs", 1, *RULES)
    assert tree(out) == whole


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="asks Linux which signals are caught")
def test_terminated_while_it_starts(tmp_path: Path) -> None:
    """From the moment on that it catches SIGTERM, long before there is a run to end."""
    args = [sys.executable, "-c", HEEDS, "clean", str(tmp_path), "-o", str(tmp_path / "out")]
    process = subprocess.Popen(args, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    status = Path(f"/proc/{process.pid}/status")
    while not int(status.read_text().split("SigCgt:")[1].split()[0], 16) >> (signal.SIGTERM - 1) & 1:
        assert process.poll() is None
        time.sleep(0.001)
    process.send_signal(signal.SIGTERM)
    said = process.communicate()[0].decode()
    assert process.returncode == 130, said
    assert said.strip() == "interrupted"


@pytest.mark.parametrize("where", [("-o", "out"), ("--in-place",)])
def test_list_counts_what_undo_takes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()
    texts = {"a.txt": "雨停了。 \n", "b.txt": "路还很长。 \n", "as-it-should-be.txt": "他走了。\n", "empty.txt": ""}
    for name, text in texts.items():
        Path("in", name).write_text(text, "utf-8")
    Path("in/binary.dat").write_bytes(bytes(range(256)))
    cleaner("clean", "in", *where, *RULES)
    folder = "out" if "-o" in where else "in"
    changed = 5 if "-o" in where else 2  # what is skipped is copied into a mirror
    assert f" {changed} files " in cleaner("undo", "--list", "--in", folder)
    cleaner("undo", "--in", folder, "--file", f"{folder}/a.txt")
    assert f" {changed - 1} file" in cleaner("undo", "--list", "--in", folder)
    assert cleaner("undo", "--in", folder) in (f"run 1: {changed - 1} removed\n", f"run 1: {changed - 1} restored\n")
    assert " 0 files " in cleaner("undo", "--list", "--in", folder)
