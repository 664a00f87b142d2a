"""Whatever stands in a text, no view sends it to a terminal; lines fit, columns stand under each other."""

from __future__ import annotations

import io
import json
import re
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console
from samples import builtins

from cleaner.io.discover import PathFilter, discover
from cleaner.jobs.run import Run
from cleaner.model.inputs import InputFile
from cleaner.model.report import Document, Totals
from cleaner.pipeline import Pipeline
from cleaner.views import CHECK, DIFF, Report, make
from cleaner.views.console import say_parts
from cleaner.views.display import HIDDEN
from cleaner.views.jsonl import JsonLines, JsonRows
from cleaner.views.pager import paged
from cleaner.views.sarif import Sarif
from cleaner.views.unified import Unified, on_terminal
from cleaner.views.view import View

AD = "【首发www.example.com】"
TEXTS = {
    "escapes": f"\x1b[31m红\x1b]8;;http://x\x07链\x9b2J{AD}\x1b[0m\r\n<script>alert(1)</script>{AD}[bold]雨[/bold]\r\n",
    "overrides": f"他说\u202e：\u2066{AD}走\u2069。\u200f\ufeff{AD}\n" + "e\u0301" * 50 + "\u0301" * 500 + f"{AD}\n",
    "a long line": "他走了。" * 20_000 + AD + "雨停了。" * 20_000 + "\n",
    "a long word": "a" * 80_000 + AD + "b" * 80_000 + "\n",
    "many on a line": "".join(f"雨停了。{AD}第{n}里" for n in range(200)) + "\n",
    "scripts": f"한국어 문장입니다{AD} مرحبا بالعالم 👨‍👩‍👧 ❤️ 🇨🇳 กำ नमस्ते ｶﾞ{AD}\u3000かな漢字\n雨{AD}停\n",
}
VIEWS = {report.name: (report, True) for report in DIFF} | {report.name: (report, False) for report in CHECK}
STEERS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
SGR = re.compile(r"\x1b\[[0-9;]*m")
SYSTEMS: dict[str, str | None] = {"true": "truecolor", "256": "256", "16": "standard", "none": None}


class Recorded:
    """A sink that records its calls: cleaning takes longer than showing, and is the same for every view."""

    def __init__(self) -> None:
        self.told: list[tuple[str, tuple[Any, ...]]] = []

    def begin(self, item: InputFile, document: Document) -> None:
        judgement = document.judgement()  # its file is closed when the calls are replayed
        document.judgement = lambda: judgement  # type: ignore[method-assign]
        self.told.append(("begin", (item, document)))

    def block(self, *told: Any) -> None:
        self.told.append(("block", told))

    def end(self, *told: Any) -> None:
        self.told.append(("end", told))


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    top: Path = tmp_path_factory.mktemp("hostile")
    for name, text in TEXTS.items():
        (top / f"{name}.txt").write_bytes(text.encode())
    (top / "esc\x1b[31m\n\u202e<b>.txt").write_text(f"第×届{AD}停\u200b\n", "utf-8")
    run = Recorded()
    assert {one.status for one in Run(Pipeline(builtins())).over(discover([str(top)], PathFilter()), run)} == {"ok"}
    return run


def shown(recorded: Recorded, view: str, width: int, colours: str | None) -> str:
    out = io.StringIO()
    console = Console(
        file=out, width=width, force_terminal=colours is not None, color_system=colours,  # type: ignore[arg-type]
        highlight=False, markup=False, emoji=False, _environ={},
    )  # fmt: skip
    report, of_diff = VIEWS[view]
    whitespace = (True,) if of_diff else ()
    sink = Unified(on_terminal(console)) if view == "unified" else make(report.view, console, *whitespace)
    for what, told in recorded.told:
        getattr(sink, what)(*told)
    sink.finish(Totals())
    return out.getvalue()


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_of_a_text_reaches_a_terminal(recorded: Recorded, view: str) -> None:
    for colours in SYSTEMS.values():
        text = shown(recorded, view, 80, colours)
        assert len(text) > 100
        assert not HIDDEN.search(SGR.sub("", text).replace("\n", "").replace("\t", "")), colours
        assert len(text) < 8_000_000


@pytest.mark.parametrize("view", [view for view in VIEWS if view != "unified"])
@pytest.mark.parametrize("width", [60, 80, 120])
def test_lines_fit(recorded: Recorded, view: str, width: int) -> None:
    for line in SGR.sub("", shown(recorded, view, width, "truecolor")).split("\n"):
        assert cell_len(line) <= width, line


@pytest.mark.parametrize("width", [60, 80, 120])
def test_columns_stand_under_each_other(recorded: Recorded, width: int) -> None:
    lines = SGR.sub("", shown(recorded, "side-by-side", width, "truecolor")).split("\n")
    places = {cell_len(line[: line.index(" | ")]) for line in lines if " | " in line}
    assert len(places) == 1


def test_json_holds_nothing_that_steers(recorded: Recorded) -> None:
    outs = [io.BytesIO() for _ in range(len(CHECK) + 2)]
    sinks: list[View] = [JsonRows(make(report.rows), out.write) for report, out in zip(CHECK, outs, strict=False)]
    sinks += [JsonLines(outs[-2].write), Sarif(outs[-1].write, builtins())]
    for sink, out in zip(sinks, outs, strict=True):
        for what, told in recorded.told:
            getattr(sink, what)(*told)
        sink.finish(Totals())
        text = out.getvalue().decode()
        assert "\\u202e" in text
        assert not STEERS.search(text)
        objects = [text] if isinstance(sink, Sarif) else text.splitlines()
        assert "\u202e" in json.dumps([json.loads(one) for one in objects], ensure_ascii=False)


@pytest.mark.parametrize("report", CHECK, ids=lambda report: report.name)
def test_json_of_one_input_holds_nothing_of_another(recorded: Recorded, report: Report) -> None:
    together, alone = io.BytesIO(), io.BytesIO()
    all_rows = JsonRows(make(report.rows), together.write)
    one_row = all_rows
    for what, told in recorded.told:
        one_row = JsonRows(make(report.rows), alone.write) if what == "begin" else one_row
        for rows in (all_rows, one_row):
            getattr(rows, what)(*told)
    assert together.getvalue() == alone.getvalue() != b""


def test_without_colour_there_are_brackets(recorded: Recorded) -> None:
    text = shown(recorded, "inline", 80, None)
    assert "[-" in text
    assert "\x1b" not in text
    assert "[-" not in shown(recorded, "inline", 80, "standard")


@pytest.mark.parametrize(
    ("term", "pager", "through"), [("xterm", "tail", True), ("dumb", "tail", False), ("xterm", "cat", False)]
)
def test_a_pager_only_where_one_can_work(monkeypatch: pytest.MonkeyPatch, term: str, pager: str, through: bool) -> None:
    monkeypatch.setenv("TERM", term)
    monkeypatch.setenv("CLEANER_PAGER", pager)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    console = Console(file=io.StringIO())
    with paged(console) as out:
        assert (out is not console) == through


def test_the_run_ends_when_its_reader_quits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("CLEANER_PAGER", "true")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    with pytest.raises(SystemExit) as ended, paged(Console(file=io.StringIO())):
        time.sleep(10)
    assert ended.value.code == 1


@pytest.mark.parametrize("gap", [", ", "  "])
def test_parts_are_not_cut(gap: str) -> None:
    parts = [f"{n} 个文件" if n % 3 else f"{n} would change" for n in range(60)]
    out = io.StringIO()
    say_parts(Console(file=out, width=60, force_terminal=True), parts, gap)
    lines = out.getvalue().splitlines()
    assert all(cell_len(line) <= 60 for line in lines)
    assert gap.join(line.strip().removesuffix(gap.strip() or " ") for line in lines).split(gap) == parts


def test_256_colours_have_a_dark_red(recorded: Recorded) -> None:
    text = shown(recorded, "inline", 80, "256")
    assert "\x1b[37;48;5;88m" in text
    assert "\x1b[37;48;5;89m" not in text
