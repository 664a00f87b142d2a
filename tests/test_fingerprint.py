"""What decides whether a file is done again: everything that changes its result, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from samples import OURS, cleaner

from cleaner.ledger import fingerprint

BARE = ("--no-builtin-rules", "--no-config")
TEXT = "雨停了。【青瓦书屋】路还很长。\n\n\n\n他走了。   \n王×同志说好。\n求月票\n"
PLAIN = "雨停了，路还很长。\n"
SHOP = '[pack]\nstage = "boilerplate"\n{head}[rules.shop]\nkind = "ad"\nliteral = "路还很长。"\n{more}'
SHOPS = {
    "shop": ("", ""),
    "other": ('order = "sequence"\n', ""),
    "kept": ("", "unless = '雨'\n"),
    "paths": ("", "paths = ['dirty.txt']\n"),
    "told": ("", "why = 'no longer open'\nhit = []\nkeep = []\ngroup = 'shops'\n"),
}
DECISIONS = '{{"format": 1, "undecided": "{undecided}"}}'
OVERRIDE = "[[overrides]]\npaths = ['{paths}']\noff = ['boilerplate/sample']\n"


def written(folder: Path) -> None:
    """Inputs, and files that options name."""
    (folder / "in").mkdir()
    (folder / "in" / "dirty.txt").write_text(TEXT, "utf-8")
    (folder / "in" / "plain.txt").write_text(PLAIN, "utf-8")
    for name, (head, more) in SHOPS.items():
        (folder / name).mkdir()
        (folder / name / "shop.toml").write_text(SHOP.format(head=head, more=more), "utf-8")
    for undecided in ("accept", "reject"):
        (folder / f"{undecided}.json").write_text(DECISIONS.format(undecided=undecided), "utf-8")
    for paths in ("dirty.txt", "other.txt"):
        (folder / f"{paths}.toml").write_text(OVERRIDE.format(paths=paths), "utf-8")


def done_again(folder: Path, first: str, then: str, *more: str) -> str:
    """How many files the second of two runs cleaned."""
    for options in (first, then):
        before = ["--config", options.split()[-1]] if "--config" in options else ["--no-config"]
        given = options.split("--config", maxsplit=1)[0].split()
        said = cleaner(*before, "clean", "in", "-o", "out", *BARE[:1], "--rules", OURS, *given, *more, code=None)
    last = next(line for line in said.splitlines() if " file" in line and "changed" in line)
    held = re.search(r"(\d+) done before", last)
    return f"{2 - int(held[1] if held else 0)} {'again' if 'cleaned again' in last else 'new'}"


@pytest.mark.parametrize(
    ("first", "then", "cleaned"),
    [
        ("", "", "0 new"),
        ("", "--jobs 2", "0 new"),
        ("", "--lang zh --lang en", "0 new"),
        ("", "--max-size 9999", "0 new"),
        ("", "--yes-large", "0 new"),
        ("", "--rules shop/shop.toml", "2 again"),
        ("--rules shop/shop.toml", "--rules told/shop.toml", "0 new"),
        ("--rules shop/shop.toml", "--rules kept/shop.toml", "2 again"),
        ("--rules shop/shop.toml", "--rules other/shop.toml", "2 again"),
        ("--rules shop/shop.toml", "--rules paths/shop.toml", "2 again"),
        ("--rules shop/shop.toml", "", "2 again"),
        ("", "--off boilerplate/sample/stamp", "1 again"),
        ("", "--off boilerplate/sample/vote", "1 again"),
        ("", "--on whitespace/latin", "1 again"),
        ("", "--profile official", "2 again"),
        ("", "--level aggressive", "2 again"),
        ("", "--level normal", "0 new"),
        ("", "--tags inline", "2 again"),
        ("--tags inline", "--tags inline --tag-template <{kind}_{n}>", "2 again"),
        ("", "--tags standoff", "2 again"),
        ("", "--output-encoding gb18030", "2 again"),
        ("", "--encoding utf-8", "2 again"),
        ("", "--decisions accept.json", "2 again"),
        ("--decisions accept.json", "--decisions reject.json", "2 again"),
        ("", "--config dirty.txt.toml", "1 again"),
        ("--config dirty.txt.toml", "", "1 again"),
        ("", "--config other.txt.toml", "0 new"),
    ],
)
def test_what_changes_results_is_done_again(
    first: str, then: str, cleaned: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path)
    assert done_again(tmp_path, first, then) == cleaned


def test_the_budget_is_asked_again(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "stamps.txt").write_text("正文。【青瓦书屋】\n" * 300, "utf-8")
    given = ("clean", tmp_path / "in", "-o", tmp_path / "out", *BARE[:1], "--rules", OURS)
    assert "held back" in cleaner(*given, code=3)
    assert "1 changed" in cleaner(*given, "--yes-large")
    assert "1 done before" in cleaner(*given, "--yes-large")
    assert "held back" in cleaner(*given, code=3)


def test_paths_hold_in_every_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path)
    for jobs in ("1", "3"):
        config = ("--config", "dirty.txt.toml")
        cleaner(*config, "clean", "in", "-o", jobs, *BARE[:1], "--rules", OURS, "--jobs", jobs)
        assert "【青瓦书屋】" in (tmp_path / jobs / "dirty.txt").read_text("utf-8")
        said = cleaner(*config, "check", "in", *BARE[:1], "--rules", OURS, "--jobs", jobs, code=1)
        assert "boilerplate" not in said


def test_decisions_that_an_earlier_run_used_are_no_mistakes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path)
    said = '{"decisions": [{"verdict": "reject", "rule": "boilerplate/sample/stamp"}]}'
    (tmp_path / "said.json").write_text(said, "utf-8")
    for _ in range(2):
        given = ("in", "-o", "out", *BARE[:1], "--rules", OURS, "--decisions", "said.json")
        assert "without an edit" not in cleaner("clean", *given)


def test_other_versions_of_libraries_clean_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A text was read right with chardet 5.2 and wrong with 7.7: what one of them did is not done for the other."""
    monkeypatch.chdir(tmp_path)
    written(tmp_path)
    assert done_again(tmp_path, "", "") == "0 new"
    now = fingerprint.library_versions()
    assert set(now) == {"chardet", "ftfy", "regex", "unicode"}
    for name in now:
        monkeypatch.setattr(fingerprint, "library_versions", lambda name=name: now | {name: "0.0"})
        said = cleaner("--no-config", "clean", "in", "-o", "out", "--no-builtin-rules", "--rules", OURS)
        assert "2 cleaned again" in said
        monkeypatch.undo()
        monkeypatch.chdir(tmp_path)
