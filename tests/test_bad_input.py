"""Bad input is answered with what is wrong and what to do, never with a traceback, and never without an end."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from samples import cleaner, ours

import cleaner as library
from cleaner.pipeline import Pipeline
from cleaner.rules.expressions import pieces

FEW = ("--no-builtin-rules", "--off", "placeholder", "--off", "mojibake", "--off", "invisible")
DIGITS = "9" * 5000
posix = pytest.mark.skipif(os.name != "posix", reason="signals")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("a.txt").write_text("雨停了。 \n", "utf-8")
    if os.name == "posix":
        os.mkfifo("fifo")
    return tmp_path


@posix
@pytest.mark.parametrize(
    ("arguments", "target", "code"),
    [
        (("check",), "> /dev/full", 3),
        (("check", "--format", "jsonl"), "> /dev/full", 3),
        (("diff",), "> /dev/full", 3),
        (("clean", "-"), "< a.txt > /dev/full", 3),
        (("check",), ">&-", 2),
        (("check",), "2>&-", 1),
    ],
)
def test_stdout_that_takes_nothing(here: Path, arguments: tuple[str, ...], target: str, code: int) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("needs bash")
    paths = () if "-" in arguments else ("a.txt",)
    words = [sys.executable, "-m", "cleaner", *arguments, *FEW, *paths]
    done = subprocess.run(f"{' '.join(words)} {target}", shell=True, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert code != 3 or "error: " in done.stderr


CONFIGS = {
    f"max-size = {DIGITS}": "thousands of digits",
    f"max-size = 0x{'f' * 5000}": "max-size",
    "jobs = 0": "jobs",
    'rules = ["fifo"]': "no file but a device",
    'rules = ["/dev/zero"]': "no file but a device",
    'rules = ["\\u0000"]': "no file has such a name",
    "overrides = 5": "it must be a list",
    "overrides = [5]": "it must be a table",
    'overrides = [{ paths = 5, off = ["x"] }]': "it must be a list",
    'overrides = [{ paths = ["*"], off = 5 }]': "it must be a list",
    "[tool.cleaner]\nx = 1": "unknown key",
}


@posix
@pytest.mark.parametrize("text", CONFIGS, ids=lambda text: text[:30])
def test_configurations(here: Path, text: str) -> None:
    Path("c.toml").write_text(text, "utf-8")
    assert CONFIGS[text] in cleaner("--config", "c.toml", "check", *FEW, "a.txt", code=2)


def test_a_table_that_is_a_number(here: Path) -> None:
    Path("pyproject.toml").write_text("[tool]\ncleaner = 5\n", "utf-8")
    assert "tool.cleaner is no table" in cleaner("check", *FEW, "a.txt", code=2)


@pytest.mark.parametrize("expression", ["a{1000000000}b", "(a{1000}){1000}", "(?:a|b){90000}c", f"a{{1,{DIGITS}}}"])
def test_counts_that_nobody_can_compile(here: Path, expression: str) -> None:
    Path("p.toml").write_text(
        f"[pack]\nstage = \"boilerplate\"\n[rules.a]\nkind = \"ad\"\nmatch = '''{expression}'''\n", "utf-8"
    )
    assert "counts are written out" in cleaner("check", *FEW, "--rules", "p.toml", "a.txt", code=2)


def test_pieces_of_an_expression() -> None:
    assert [pieces(text) for text in ("", "abc", "a{3}b", "(ab){2,4}", "[a{9}]", r"\{3}", "a+", r"\x{41}{2}")] == [
        0, 3, 4, 8, 1, 3, 2, 2,
    ]  # fmt: skip


@posix
@pytest.mark.parametrize("name", ["fifo", "/dev/zero"])
def test_decisions_that_are_no_file(here: Path, name: str) -> None:
    assert "no file but a device" in cleaner("diff", *FEW, "--decisions", name, "a.txt", code=2)


def test_the_library_is_called_twice(here: Path) -> None:
    pipeline = Pipeline(ours())
    for _ in range(2):
        assert [file.report.status for file in library.files(["a.txt"], pipeline)] == ["ok"]
        assert list(library.records([{"text": "雨停了。 \n"}, {"text": None}], pipeline=pipeline)) == [
            {"text": "雨停了。\n"}, {"text": None},
        ]  # fmt: skip


def test_records_that_are_none() -> None:
    with pytest.raises(TypeError, match="record 1 is no mapping"):
        list(library.records([{"text": ""}, None], pipeline=Pipeline(ours())))  # type: ignore[list-item]
    with pytest.raises(TypeError, match="'text' of record 0 is no text but int"):
        list(library.records([{"text": 5}], pipeline=Pipeline(ours())))
