"""What people type, and what they are told."""

from __future__ import annotations

import io
import json
import re
import sys
import time
from pathlib import Path

import pytest
from samples import OURS, cleaner
from test_write_job import RULES, TEXT, tree

from cleaner.cli import notices
from cleaner.config import MEANINGS, WrittenConfig, read_config
from cleaner.views import i18n

PACK = ("--no-builtin-rules", "--rules", OURS)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    i18n.choose("en")
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
    assert said.startswith("nothing to do: earlier runs did it all\n1 file, 0 changed, 1 done before")
    assert "boilerplate/sample/stamp" not in said


def test_a_summary_says_what_was_not_written(here: Path) -> None:
    Path("in/b.txt").write_text("20××年×月，×县县委书记张×讲话。\n", "utf-8")
    few = ("--no-builtin-rules", "--off", "mojibake", "--off", "invisible", "--jobs", "1")
    assert "placeholders found, not written (--tags inline writes them): " in cleaner("clean", "in", "-o", "none", *few)
    assert "placeholders: " in cleaner("clean", "in", "-o", "inline", "--tags", "inline", *few)
    unwritten = "placeholders found, not written (--tags inline writes them): "
    assert unwritten in cleaner("check", "in", *few, code=1)
    assert unwritten in cleaner("diff", "in", *few[:-2], code=1)


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


def test_a_mirror_holds_what_is_not_cleaned(here: Path) -> None:
    for name, data in OTHERS.items():
        Path("in", name).write_bytes(data)
    Path("in/big.bin").write_bytes(bytes(range(256)) * 5_000)
    few = ("--max-size", "100k", *RULES)
    assert "3 skipped, 3 copied as they are" not in cleaner("clean", "in", "-o", "out", *few)
    assert {path.name for path in Path("out").iterdir()} == {".cleaner", "a.txt", *OTHERS}
    assert all(Path("out", name).read_bytes() == data for name, data in OTHERS.items())
    assert "nothing to do" in cleaner("clean", "in", "-o", "out", *few)
    Path("in/empty.txt").write_bytes(b"\0\1\2")
    cleaner("clean", "in", "-o", "out", *few)
    assert Path("out/empty.txt").read_bytes() == b"\0\1\2"
    cleaner("undo", "--in", "out")
    cleaner("undo", "1", "--in", "out")
    assert {path.name for path in Path("out").iterdir()} == {".cleaner"}


OTHERS = {"empty.txt": b"", "noise.bin": bytes(range(256)) * 9, "page.html": b"<html><p>x</p></html>\n"}


def test_a_copy_goes_over_nothing(here: Path) -> None:
    Path("in/empty.txt").write_bytes(b"")
    Path("out").mkdir()
    Path("out/empty.txt").write_text("mine", "utf-8")
    assert "something else is already there" in cleaner("clean", "in", "-o", "out", *RULES, code=3)
    assert Path("out/empty.txt").read_text("utf-8") == "mine"
    cleaner("clean", "in", "-o", "out", "--overwrite", *RULES)
    assert Path("out/empty.txt").read_bytes() == b""
    cleaner("undo", "--in", "out")
    assert Path("out/empty.txt").read_text("utf-8") == "mine"


def test_what_is_not_cleaned_stays_in_place(here: Path) -> None:
    Path("in/page.json").write_bytes(b'{"a": "1"}')
    said = cleaner("clean", "--in-place", "in", *RULES)
    assert "1 skipped" in said
    assert "copied" not in said


def test_a_run_counts_what_it_did(here: Path) -> None:
    cleaner("clean", "in", "-o", "out", *RULES)
    Path("in/b.txt").write_text(TEXT, "utf-8")
    said = cleaner("clean", "in", "-o", "out", *RULES)
    assert "2 files, 1 changed, 1 done before" in said
    assert re.search(r"boilerplate/sample/stamp +1 +-6\n", said)


def test_quiet_and_verbose(here: Path) -> None:
    Path("in/empty.txt").touch()
    assert cleaner("check", "in", "-q", *RULES, code=1) == ""
    assert cleaner("clean", "in", "-o", "out", "--quiet", *RULES) == ""
    assert "no such file" in cleaner("check", "none", "-q", *RULES, code=3)
    said = cleaner("check", "in", "-v", "-j", 1, *RULES, code=1)
    assert "changed: in/a.txt  edits 3" in said
    assert "skipped: in/empty.txt" in said
    assert "would change" not in cleaner("diff", "in", "-q", *RULES, code=1)


def test_a_pattern_that_no_shell_expanded(here: Path) -> None:
    Path("in/b[1].txt").write_text(TEXT, "utf-8")
    Path("in/c.md").write_text(TEXT, "utf-8")
    assert "2 files" in cleaner("check", "in/*.txt", *RULES, code=1)
    assert "1 file," in cleaner("check", "in/b[1].txt", *RULES, code=1)
    assert "2 files" in cleaner("clean", "*/*.txt", "-o", "out", *RULES)
    assert "no such file" in cleaner("check", "none/*", *RULES, code=3)


def test_a_summary_for_programs(here: Path) -> None:
    Path("in/empty.txt").touch()
    for args in (("check",), ("diff",), ("clean", "-n", "-o", "out"), ("clean", "-o", "out")):
        said = json.loads(cleaner(*args, "in", "--format", "json", *RULES, code=None).split("\n")[0])
        assert said["files"]["changed"] == said["files"]["ok"] == said["files"]["skipped"] == 1
        assert said["rules"]["boilerplate/sample/stamp"] == {"kind": "watermark", "edits": 1, "removed": 6}
        assert said["skipped"] == [{"path": "in/empty.txt", "error": "empty"}]


def test_clean_writes_nothing_where_it_is_told_so(here: Path) -> None:
    before = tree(here)
    for where in (("-o", "out"), ("--in-place",)):
        assert "1 file, 1 would change" in cleaner("clean", "in", *where, "--dry-run", *RULES)
        assert tree(here) == before
    cleaner("clean", "in", "--dry-run", *RULES, code=2)


def test_a_configuration_to_begin_with(here: Path) -> None:
    assert "cleaner.toml: written" in cleaner("config", "init")
    written = Path("cleaner.toml").read_text("utf-8")
    found = read_config(Path("cleaner.toml"))
    assert found is not None
    assert found.said == WrittenConfig()
    assert "edit it" in cleaner("config", "init", code=2)
    Path("cleaner.toml").write_text(re.sub(r'(?m)^# (?=[a-z-]+ = |\[|")', "", written), "utf-8")
    found = read_config(Path("cleaner.toml"))
    assert found is not None
    assert {key.replace("-", "_") for key in found.lines} == set(WrittenConfig.__struct_fields__)
    assert set(MEANINGS) == set(WrittenConfig.__struct_fields__)
    assert set(MEANINGS.values()) <= set(i18n.chinese())
    assert 'profile = "safe"' in cleaner("--no-config", "config")


@pytest.mark.parametrize("view", ["inline", "unified"])
def test_colours_are_had_by_asking(here: Path, view: str) -> None:
    shown = () if view == "inline" else (f"--{view}",)
    assert "\x1b[" not in cleaner("diff", "in", *shown, *RULES, code=1)
    assert "\x1b[" in cleaner("diff", "in", "--color=always", *shown, *RULES, code=1)
    assert "\x1b[" not in cleaner("diff", "in", "--color", "never", *shown, *RULES, code=1)


def test_a_flag_has_its_line(here: Path) -> None:
    Path("in/a.txt").write_text("一\r\n" * 3 + "全会于2020年召开，市委、市委、县委出席。\r\n", "utf-8")
    few = ("--no-builtin-rules", "--lang", "en")
    assert "flags: doubled-body 1\n  in/a.txt:4: doubled-body" in cleaner("check", "in", "-j", 1, *few, code=None)
    said = cleaner("diff", "in", *few, code=None)
    assert "    4 flag doubled-body" in said
    assert "{!市委、市委!}" in said


def test_lines_around_a_change(here: Path) -> None:
    Path("in/a.txt").write_text(
        "".join(f"第{n}行\n" for n in range(1, 9)) + "好书就在青瓦书屋网。\n一\n二\n三\n", "utf-8"
    )
    few = ("--off", "mojibake", *RULES)
    near = [line[:6].strip() for line in cleaner("diff", "in", "-U", 2, *few, code=1).split("\n")[2:7]]
    assert near == ["7", "8", "9", "10", "11"]
    patch = cleaner("diff", "in", "-u", "-U", 1, *few, code=1)
    assert "@@ -8,3 +8,2 @@" in patch
    assert "-U goes with" in cleaner("diff", "in", "--stat", "-U", 1, *few, code=2)


def test_a_removed_page_is_one_entry(here: Path) -> None:
    page = "".join(f"好书就在青瓦书屋网{n}\n\n" for n in range(500))
    Path("in/a.txt").write_text(f"雨停了。\n{page}他走了。\n", "utf-8")
    Path("page.toml").write_text(
        '[pack]\nstage = "boilerplate"\n[rules.p]\nwhy = "p"\nkind = "ad"\nmatch = "好书就在青瓦书屋网[0-9]+\\n\\n?"\n'
        'hit = [{ text = "好书就在青瓦书屋网1\\n" }]\nkeep = ["好书"]\n', "utf-8"
    )  # fmt: skip
    said = cleaner("diff", "in", "--rules", "page.toml", "--no-builtin-rules", "-q", "--yes-large", code=1)
    assert said.count("\n") < 15
    assert re.search(r"<\(99\d more lines removed\)>", said)
    assert "青瓦书屋网0" in said


def test_a_removed_page_whose_blank_lines_are_only_fewer(here: Path) -> None:
    """Edits of blank lines are not shown; between removed lines they kept a page from being folded."""
    page = "".join(f"关注公众号青瓦小说网，每日更新第{n}本新书 www.example.com\n\n\n" for n in range(60))
    Path("in/a.txt").write_text(f"雨停了。\n{page}" + "雪下了一夜，天亮才停。\n" * 200, "utf-8")
    said = cleaner("diff", "in", "-q", "--yes-large", code=1)
    assert "<(56 more lines removed)>" in said
    assert said.count("青瓦小说网") == 4


def test_a_match_of_several_lines_says_so(here: Path) -> None:
    Path("in/a.txt").write_text("雨停了。\n【青瓦\n书屋\n导读】\n他走了。\n", "utf-8")
    Path("page.toml").write_text(
        '[pack]\nstage = "boilerplate"\n[rules.p]\nwhy = "p"\nkind = "ad"\nmatch = "【青瓦[^】]*】\\n"\n'
        'hit = [{ text = "【青瓦】\\n" }]\nkeep = ["青瓦"]\n', "utf-8"
    )  # fmt: skip
    said = cleaner("diff", "in", "--by-rule", "--rules", "page.toml", "--no-builtin-rules", code=1)
    assert "【青瓦-] (the first of 3 lines)" in said
