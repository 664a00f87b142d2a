"""The review screen, driven by keys; and what it makes of them."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from samples import FIXTURES, builtins
from textual.pilot import Pilot
from textual.widgets import OptionList

from cleaner.authoring.examples import check_packs
from cleaner.authoring.new_rule import read_lines
from cleaner.io.discover import PathFilter, discover
from cleaner.jobs.decisions import ApplyDecisions, ReviewDecisions, load_decisions, save_decisions
from cleaner.jobs.run import Run
from cleaner.model.report import NullSink
from cleaner.pipeline import Pipeline
from cleaner.rules.exceptions import add_exception, add_keep, add_rule
from cleaner.rules.parser import load_pack
from cleaner.views import html, i18n
from cleaner.views.review_session import Review
from cleaner.views.tui import KEYS, ReviewScreen

PACK = '[pack]\nstage = "boilerplate"\n\n[rules.stamp]\nwhy = "a stamp"\nkind = "ad"\nliteral = "青瓦书屋网"\n' \
    'hit = [ { text = "青瓦书屋网" } ]\nkeep = [ "青瓦" ]\n'  # fmt: skip


def read(folder: Path, said: ReviewDecisions | None = None) -> Review:
    review = Review(builtins(), said)
    run = Run(Pipeline(builtins()))
    run.pipeline = Pipeline(builtins(), explains=True)
    assert {one.status for one in run.over(discover([str(folder)], PathFilter()), review)} <= {"ok", "skipped"}
    review.resume()
    return review


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(FIXTURES / "demo", tmp_path / "demo")
    (tmp_path / "demo" / "hostile.txt").write_text(
        "[bold]他\x1b[31m说\u202e：[/]【首发www.example.com】走。\n", "utf-8"
    )
    return tmp_path


def made(folder: Path) -> Callable[[str, str], str]:
    return lambda text, line: add_rule(folder / "my.toml", text, line)


def driven(review: Review, folder: Path, *keys: str, see: Callable[[ReviewScreen], None] | None = None) -> object:
    """Presses keys on the screen; gives what the screen ended with."""
    app = ReviewScreen(
        review, lambda: save_decisions(str(folder / "d.json"), review.decisions()), made(folder), read_lines
    )

    async def run() -> None:
        async with app.run_test(size=(100, 30)) as pilot:
            await pilot.pause()
            for key in keys:
                await pilot.press(key)
            await pilot.pause()
            if see:
                see(app)

    asyncio.run(run())
    return app.return_value


def test_decide_undo_save_resume_write(folder: Path) -> None:
    review = read(folder / "demo")
    assert driven(review, folder, "y", "n", "x", "u", "n", "q") is False
    said = load_decisions(str(folder / "d.json"))
    assert [one.verdict for one in said.decisions] == ["accept", "reject", "reject"]
    again = read(folder / "demo", said)
    assert again.verdicts == review.verdicts
    assert driven(again, folder, "w") is None
    assert driven(again, folder, "w", "escape") is None
    assert driven(again, folder, "w", "a") is True
    assert load_decisions(str(folder / "d.json")) == said
    assert driven(again, folder, "w", "d") is True
    assert load_decisions(str(folder / "d.json")).undecided == "reject"
    again.decide([spot for rule in builtins().all for spot in again.of_rule(rule.id)], "accept")
    assert driven(again, folder, "w") is True
    lens = ApplyDecisions(said)
    list(Run(Pipeline(builtins()), block_filter=lens).over(discover([str(folder / "demo")], PathFilter()), NullSink()))
    assert lens.unused() == []


def test_a_whole_rule_and_the_rest_of_a_file(folder: Path) -> None:
    review = read(folder / "demo")
    novel = next(n for n, file in enumerate(review.files) if file.name == "novel.txt")
    stamp = review.files[novel].hunks[0].rule

    def rule(app: ReviewScreen) -> None:
        app.go((novel, 0))
        app.action_rule("reject")
        assert {review.verdict(spot) for spot in review.of_rule(stamp)} == {"reject"}
        app.action_undo()
        assert {review.verdict(spot) for spot in review.of_rule(stamp)} == {None}
        app.action_rest("accept")

    driven(review, folder, see=rule)
    assert review.undecided(novel) == 0
    assert len(review.verdicts) == len(review.files[novel].hunks)


def test_the_list_of_keys_does_not_lie_over_a_question(folder: Path) -> None:
    seen: list[int] = []
    for keys in (["?"], ["?", "m"]):
        driven(read(folder / "demo"), folder, *keys, see=lambda app: seen.append(len(app._notifications)))
    assert seen == [1, 0]


def test_a_rule_from_the_selection(folder: Path) -> None:
    review = read(folder / "demo")
    driven(review, folder, "m", "enter", "enter")
    pack = load_pack(folder / "my.toml")
    assert len(pack.rules) == 1
    assert list(check_packs([pack])) == []


def test_a_rule_from_an_ad_that_is_left(folder: Path) -> None:
    path = folder / "demo" / "left.txt"
    path.write_text("【首发www.example.com】雨停了。\n\n小店新到伞具三折起\n他走了。\n", "utf-8")
    review = read(folder / "demo")
    left = next(n for n, file in enumerate(review.files) if file.name == "left.txt")
    app = ReviewScreen(review, lambda: None, made(folder), read_lines)

    async def run() -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            app.go((left, 0))
            await pilot.press("m", "down", "down", "enter", "enter")
            await pilot.pause()

    asyncio.run(run())
    (rule,) = load_pack(folder / "my.toml").rules.values()
    assert rule.literal == "小店新到伞具三折起"


def test_a_long_name_shows_its_end(folder: Path) -> None:
    deep = folder / ("很长的文件夹名" * 9)
    deep.mkdir()
    (deep / "the-end.txt").write_text("【首发www.example.com】雨停了。\n", "utf-8")
    app = ReviewScreen(read(folder), lambda: None, made(folder), read_lines)
    seen: list[str] = []

    async def run() -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            app.go((next(n for n, file in enumerate(app.review.files) if "the-end" in file.path), 0))
            await pilot.pause()
            seen.append(str(app.query_one("#hunks", OptionList).border_title))
            await pilot.pause()

    asyncio.run(run())
    assert seen[0].startswith("...")
    assert seen[0].endswith("/the-end.txt")


def test_the_page_has_the_keys_of_the_screen() -> None:
    page = (Path(html.__file__).parent / "html_page" / "report.js").read_text("utf-8")
    listed = page[page.index("const KEYS") : page.index("document.addEventListener")]
    keys = set(re.findall(r"(?m)(?:^\s*|, )(\w): ", listed))
    screen = {key for key, action, _ in KEYS if key != "question_mark" and action not in ("make", "write", "leave")}
    assert screen <= keys


def test_hostile_text_stays_text(folder: Path) -> None:
    review = read(folder / "demo")
    hostile = next(n for n, file in enumerate(review.files) if file.name == "hostile.txt")

    def see(app: ReviewScreen) -> None:
        app.go((hostile, 0))
        shown = app.export_screenshot()
        assert "\x1b" not in shown
        assert "\u202e" not in shown
        assert "[bold]" in shown.replace("&#91;", "[").replace("&#93;", "]")

    driven(review, folder, see=see)


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (160, 40)])
def test_it_fits_and_speaks_chinese(folder: Path, size: tuple[int, int]) -> None:
    review = read(folder / "demo")

    async def run() -> None:
        i18n.choose("zh")
        app = ReviewScreen(review, lambda: None, made(folder), read_lines)
        try:
            async with app.run_test(size=size) as pilot:
                await look(pilot)
        finally:
            i18n.choose("en")

    async def look(pilot: Pilot[bool]) -> None:
        await pilot.pause()
        await pilot.press("question_mark")
        await pilot.pause()
        assert "接受" in pilot.app.export_screenshot().replace("&#160;", " ")

    asyncio.run(run())


def test_exceptions_become_keeps(tmp_path: Path) -> None:
    path = tmp_path / "my-site.toml"
    path.write_text(PACK, "utf-8")
    assert add_keep(path, "boilerplate/my-site/stamp", "他说：“青瓦书屋网”。")
    assert add_keep(path, "boilerplate/my-site/stamp", "他说：“青瓦书屋网”。")
    assert not add_keep(path, "boilerplate/novel/stamp", "别的")
    assert load_pack(path).rules["stamp"].keep == ["他说：“青瓦书屋网”。", "青瓦"]
    assert [bad.word for bad in check_packs([load_pack(path)])] == ["Noisy"]


def test_exceptions_of_other_packs_become_rules(tmp_path: Path) -> None:
    line = '他念道：【首发www.example.com】"是什么\\？'
    path = tmp_path / "mine.toml"
    name = add_exception(path, "boilerplate/novel/bracket-stamp", line, "【首发www.example.com】")
    assert add_exception(path, "boilerplate/novel/bracket-stamp", line, "【首发www.example.com】") == name
    assert add_rule(path, "青瓦读者群：1", "　青瓦读者群：1") == "seen-1"
    pack = load_pack(path)
    assert list(check_packs([pack])) == []
