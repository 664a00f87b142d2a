"""What version 0.1.0 wrote still loads and still means the same: ledgers, decisions, a configuration.

`fixtures/legacy` holds `messy`, what 0.1.0 made of it (`plain`, `out` with inline tags, `replaced` in place, `decided`
with `decisions.json`, `configured` with `cleaner.toml`), and the ledgers of the first three, which nobody signed.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from samples import FIXTURES, cleaner
from test_write_job import tree

LEGACY = FIXTURES / "legacy"


@pytest.fixture
def legacy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(shutil.copytree(LEGACY, tmp_path / "legacy"))
    return Path()


def test_files_cleaned_in_place_come_back(legacy: Path) -> None:
    assert tree(legacy / "replaced") != tree(legacy / "messy")
    cleaner("undo", "--trust-ledger", "--in", "replaced")
    assert tree(legacy / "replaced") == tree(legacy / "messy")


def test_outputs_are_taken_back(legacy: Path) -> None:
    assert "7 files" in cleaner("undo", "--trust-ledger", "--list", "--in", "out")
    cleaner("undo", "--trust-ledger", "--in", "out")
    assert tree(legacy / "out") == {}


def test_one_rule_is_taken_back(legacy: Path) -> None:
    before = (legacy / "plain" / "novel.txt").read_text("utf-8")
    cleaner("undo", "--trust-ledger", "--rule", "boilerplate/novel/more-books", "--in", "plain")
    assert (legacy / "plain" / "novel.txt").read_text("utf-8") == f"{before}\n本章完，更多好书尽在www.example.com\n"


def test_a_run_is_explained(legacy: Path) -> None:
    assert "name-and-domain" in cleaner("explain", "messy/novel.txt:4", "--run", "1", "--in", "out", "--trust-ledger")


def test_tags_are_taken_out(legacy: Path) -> None:
    cleaner("undo", "--tags", "out/speech.txt")
    assert "⟦" not in (legacy / "out" / "speech.txt").read_text("utf-8")


def test_decisions_are_applied(legacy: Path) -> None:
    cleaner("--no-config", "clean", "messy", "-o", "new", "--decisions", "decisions.json", "--ledger", "off")
    assert tree(legacy / "new") == tree(legacy / "decided")


def test_a_configuration_is_read(legacy: Path) -> None:
    said = Path("cleaner.toml").read_text("utf-8")  # 0.1.0 had no learned model, which takes a row of buttons
    Path("cleaner.toml").write_text(said.replace("off = [", 'off = ["boilerplate/model", ', 1), "utf-8")
    cleaner("clean", "messy", "-o", "new", "--ledger", "off")
    assert tree(legacy / "new") == tree(legacy / "configured")
