"""What people type, and what they are told."""

from __future__ import annotations

import io
import sys
import time
from pathlib import Path

import pytest
from samples import OURS, cleaner
from test_write_job import RULES, TEXT

from cleaner.cli import notices

PACK = ("--no-builtin-rules", "--rules", OURS)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()
    Path("in/a.txt").write_text(TEXT, "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("sample/stamp", "boilerplate/sample/stamp\n"),
        ("boilerplate/sample", "boilerplate/sample/reader-group  contact"),
        ("sample", "boilerplate/sample/reader-group  contact"),
        ("boilerplate", "boilerplate/sample/reader-group  contact"),
    ],
)
def test_a_rule_by_the_name_that_is_shown(name: str, found: str) -> None:
    assert found in cleaner("rules", "show", name, *PACK)


def test_a_rule_that_is_not_there() -> None:
    assert "did you mean 'boilerplate/sample/stamp'" in cleaner("rules", "show", "sample/stam", *PACK, code=2)
    assert "no rule has all of these words" in cleaner("rules", "list", "NOSUCH", *PACK, code=2)


@pytest.mark.parametrize(
    ("name", "lang", "edits"),
    [("repairs", "en", 1), ("watermark", "en", 1), ("水印", "zh", 1), ("修补", "zh", 1), ("sample/stamp", "en", 1)],
)
def test_only_what_is_shown(here: Path, name: str, lang: str, edits: int) -> None:
    said = cleaner("diff", "in", "--only", name, "--lang", lang, *RULES, code=1)
    assert ("青瓦" in said) == (name in ("watermark", "水印", "sample/stamp"))


def test_output_to_a_dash(here: Path) -> None:
    assert "a filter is" in cleaner("clean", "in", "-o", "-", *RULES, code=2)
    assert not Path("-").exists()


SIZES = {"10": 10, "1k": 1 << 10, "10M": 10 << 20, "2 GiB": 2 << 30, "1TB": 1 << 40}


@pytest.mark.parametrize("given", [*SIZES, "0", "-1", "M", "1X", "1.5M"])
def test_sizes(here: Path, given: str) -> None:
    said = cleaner("config", "--show", "--max-size", given, code=0 if given in SIZES else 2)
    assert f"max-size = {SIZES[given]} " in said if given in SIZES else "for example 10M" in said


def test_config_says_what_holds(here: Path) -> None:
    assert 'jobs = ""' in cleaner("config", "--show")


def test_a_second_run_says_that_there_is_nothing_to_do(here: Path) -> None:
    assert "boilerplate/sample/stamp" in cleaner("clean", "in", "-o", "out", *RULES)
    said = cleaner("clean", "in", "-o", "out", *RULES)
    assert said.startswith("nothing to do: earlier runs did it all\n1 file, 1 changed, 1 done before")
    assert "boilerplate/sample/stamp" not in said


def test_a_summary_says_what_was_not_written(here: Path) -> None:
    Path("in/b.txt").write_text("20××年×月，×县县委书记张×讲话。\n", "utf-8")
    few = ("--no-builtin-rules", "--off", "mojibake", "--off", "invisible", "--jobs", "1")
    assert "placeholders (not written: --tags none): " in cleaner("clean", "in", "-o", "none", *few)
    assert "placeholders: " in cleaner("clean", "in", "-o", "inline", "--tags", "inline", *few)
    assert "placeholders: " in cleaner("check", "in", *few, code=1)


def test_decisions_are_refused_in_words(here: Path) -> None:
    Path("d.json").write_text('{"decisions": [{"verdict": "x", "rule": "y"}]}', "utf-8")
    said = cleaner("diff", "in", "--decisions", "d.json", *RULES, code=2)
    assert "decisions[0].verdict: there is no 'x'" in said
    assert "$" not in said


def test_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "_SAID", [])
    monkeypatch.setenv("CLEANER_PATIENCE", "0.05")
    said = io.StringIO()
    monkeypatch.setattr(sys, "stderr", said)
    with notices.patience():
        pass
    assert said.getvalue() == ""
    for _ in range(2):
        with notices.patience():
            time.sleep(0.3)
    assert said.getvalue().count("reading and compiling the rules") == 1
