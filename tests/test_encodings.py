"""The report on encodings: what is shown of each file, how mojibake came about, what gets into the configuration."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from samples import FIXTURES

from cleaner.cli import cleaner
from cleaner.config import add_encodings, find_config, pattern_of
from cleaner.model.edits import Edit
from cleaner.model.source import Reading
from cleaner.stages.mojibake.chains import chain_of, history
from cleaner.stages.mojibake.search import search
from cleaner.views import i18n
from cleaner.views.display import width
from cleaner.views.readings import readings_side_by_side


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    i18n.choose("en")
    yield
    i18n.choose("en")


TROUBLES = str(FIXTURES / "encodings")


def rows() -> dict[str, dict[str, object]]:
    done = CliRunner().invoke(cleaner, ["--no-config", "check", TROUBLES, "--encodings", "--format", "jsonl"])
    found = map(json.loads, done.stdout.splitlines())
    return {Path(row["path"]).stem: row for row in found}


def test_ten_kinds_of_trouble() -> None:
    found = rows()
    assert {name: row.get("encoding") for name, row in found.items()} == {
        "cafe": "utf-8", "damaged": "gb18030", "double": "utf-8", "letter": "koi8-r", "mail": "cp1251",
        "no-bom": "utf-16-le", "oven": "cp1252", "page": "utf-8", "short": None, "till": "cp932",
        "traditional": "cp950", "two-encodings": "utf-8",
    }  # fmt: skip
    assert {name for name, row in found.items() if row.get("lies")} == {"mail", "page"}
    assert {name for name, row in found.items() if row.get("damaged")} == {"damaged"}
    assert {name for name, row in found.items() if row.get("stretches")} == {"two-encodings"}
    chains = {name: [one["chain"] for one in row["repairs"]] for name, row in found.items() if row.get("repairs")}  # type: ignore[attr-defined]
    assert chains == {
        "cafe": ["utf-8 -> read as cp1252 -> saved"],
        "double": [
            "utf-8 -> read as gb18030 -> saved",
            "utf-8 -> read as cp1252 -> saved as utf-8 -> read as cp1252 -> saved",
        ],
    }
    readings = found["short"]["readings"]
    assert [reading["text"] for reading in readings] == ["A股", "A믈", "A嘖"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_says_the_same(lang: str, tmp_path: Path) -> None:
    (tmp_path / "x\u202e<b>.txt").write_bytes(b"A\xb9\xc9 \x1b[31m<script>\n")
    page = tmp_path / "page.html"
    command = ["--no-config", "check", TROUBLES, str(tmp_path), "--encodings", "--html", str(page), "--lang", lang]
    done = CliRunner().invoke(cleaner, command, standalone_mode=False)
    assert done.return_value == 3
    shown = page.read_text("utf-8")
    for said in ("180癈", "--encoding gb18030", "&lt;RLO&gt;&lt;b&gt;", "&lt;ESC&gt;[31m&lt;script&gt;", "gb2312"):
        assert said in shown
    assert "<script" not in shown
    assert "\x1b" not in shown
    assert ("次选" in shown or "乱码" in shown) == (lang == "zh")


CHAINS = {
    "utf-8 -> read as cp1252 -> saved": ("d'électricité l'été", [("utf-8", "cp1252")]),
    "utf-8 -> read as cp1252 -> saved as utf-8 -> read as cp1252 -> saved": (
        "un café très frío", [("utf-8", "cp1252"), ("utf-8", "cp1252")],
    ),
    "utf-8 -> read as gb18030 -> saved": ("中文的文件在这里", [("utf-8", "gb18030")]),
    "gb18030 -> read as cp1252 -> saved": ("雨下了一夜到天亮才停", [("gb18030", "latin-1")]),
    "cp1251 -> read as cp1252 -> saved": ("Дождь шёл всю ночь", [("cp1251", "cp1252")]),
}  # fmt: skip


@pytest.mark.parametrize("said", CHAINS)
def test_how_mojibake_came_about(said: str) -> None:
    text, steps = CHAINS[said]
    wrong = text
    for right, misread in steps:
        wrong = wrong.encode(right).decode(misread)
    assert search(wrong).text == text
    chain = chain_of(wrong, [Edit(0, len(wrong), wrong, text, "mojibake", "")], wrong)
    assert history(chain) == said
    assert chain_of(wrong, [Edit(0, len(wrong), wrong, text, "mojibake", "")], "", [chain], more=False) == chain


def test_what_no_chain_explains_has_none() -> None:
    assert chain_of("abc", [Edit(0, 3, "abc", "xyz", "mojibake", "")], "abc") == ()


@pytest.mark.parametrize("columns", [48, 60, 80, 100, 200])
@pytest.mark.parametrize("flags", [False, True])
def test_readings_fit_the_terminal(columns: int, flags: bool) -> None:
    readings = [
        Reading("gb18030", "雨下了一夜，" * 30),
        Reading("iso8859-16", "гъЯ\x1b[31m" * 40),
        Reading("cp949", ""),
    ]
    for count in (2, 3):
        shown = readings_side_by_side(12345, readings[:count], columns, flags)
        assert max(map(width, shown)) <= columns
        assert "\x1b" not in "".join(shown)
        assert all(reading.encoding in "".join(shown) for reading in readings[:count])


@pytest.mark.parametrize("name", ["a.txt", "b/[x]*?.txt", "c/#!d.txt", " e .txt ", "f\\g.txt", "!h", "雨/夜.txt"])
def test_a_row_names_one_file_alone(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    pattern = pattern_of(name, str(tmp_path))
    assert pattern is not None
    add_encodings(tmp_path / "cleaner.toml", {"*": "utf-8"})
    add_encodings(tmp_path / "cleaner.toml", {pattern: "cp1251"})
    table = find_config(str(tmp_path)).encodings()
    assert table.of(name) == "cp1251"
    assert {table.of(other) for other in ("z.txt", f"z/{name}", "b/xy.txt", name + "x")} == {"utf-8"}


@pytest.mark.parametrize("name", ["../a.txt", "a\udcff.txt", "a\nb.txt"])
def test_what_no_row_can_name(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert pattern_of(name, str(tmp_path)) is None


CONFIGS = {
    "cleaner.toml": (
        '# mine\r\nprofile = "novel" # yes\n\n[[overrides]]\npaths = ["a"]\noff = ["boilerplate"]',
        "[encodings]",
    ),
    "pyproject.toml": (
        '[project]\nname = "x"\n\n[tool.cleaner]\nprofile = "novel" # yes\n\n[tool.z]\na = 1\n',
        "[tool",
    ),
}


@pytest.mark.parametrize("name", CONFIGS)
def test_comments_of_a_configuration_are_kept(name: str, tmp_path: Path) -> None:
    path, (before, header) = tmp_path / name, CONFIGS[name]
    path.write_bytes(before.encode())
    add_encodings(path, {"/b.txt": "gb18030", "/c.txt": "cp1251"})
    add_encodings(path, {"/b.txt": "big5"})
    after = path.read_bytes().decode()
    assert all(line in after for line in before.split("\n"))
    assert header in after
    assert find_config(str(tmp_path)).encodings().rows == (("/c.txt", "cp1251"), ("/b.txt", "big5"))
