"""The HTML report in a real browser: filter, move, decide, export; a text is never run as a script."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import browser, needs_browser
from samples import FIXTURES, builtins

from cleaner.io.discover import PathFilter, discover
from cleaner.jobs.decisions import ApplyDecisions, ReviewDecision, load_decisions
from cleaner.jobs.run import Run
from cleaner.model.report import NullSink, Totals
from cleaner.pipeline import Pipeline
from cleaner.views import i18n
from cleaner.views.display import HIDDEN
from cleaner.views.html import HtmlReport

HOSTILE = (
    "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    "【首发www.example.com】<!--<script>\u202eevil\u2066\x1b[31m\n"
)


def written(source: Path, place: Path, lens: Any = None) -> Totals:
    pieces: list[bytes] = []
    report = HtmlReport(pieces.append, builtins(), source.name)
    totals = Totals()
    for one in Run(Pipeline(builtins()), block_filter=lens).over(discover([str(source)], PathFilter()), report):
        totals.add(one)
    report.finish(totals)
    place.write_bytes(b"".join(pieces))
    return totals


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top: Path = tmp_path_factory.mktemp("html")
    shutil.copytree(FIXTURES / "demo", top / "demo")
    (top / "demo" / "<b>hostile&amp;'.txt").write_text(HOSTILE, "utf-8")
    many = "".join(f"雨停了。【首发www.example.com】第{n}里路还很长。\n" for n in range(180))
    (top / "demo" / "many.txt").write_text(many, "utf-8")
    written(top / "demo", top / "report.html")
    return top


@pytest.fixture(scope="module")
def driver(folder: Path) -> Iterator[Any]:
    with browser(str(folder)) as chromium:
        yield chromium


@pytest.fixture
def page(driver: Any, folder: Path) -> Any:
    driver.get((folder / "report.html").as_uri())
    driver.execute_script("localStorage.clear()")
    driver.get("about:blank")
    driver.get((folder / "report.html").as_uri())
    return driver


def press(page: Any, keys: str) -> None:
    page.find_element("tag name", "body").send_keys(keys)


def texts_of(page: Any, selector: str) -> list[str]:
    return [element.text for element in page.find_elements("css selector", selector)]


def test_the_page_loads_nothing_and_says_so(folder: Path) -> None:
    text = (folder / "report.html").read_text("utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy is not None
    assert "default-src 'none'" in policy[1]
    assert "unsafe" not in policy[1]
    shell = text.split('<script type="application/json"')[0]
    assert re.findall(r"""(?:src|href)=["']?(?!["']?data:|["']?#)[^\s>]*""", shell) == []
    assert "\u202e" not in text
    assert "\x1b" not in text


@needs_browser
def test_hostile_text_stays_text(page: Any) -> None:
    assert page.title == "demo - cleaner"
    page.find_element("id", "search").send_keys("hostile")
    time.sleep(0.4)
    assert len(texts_of(page, "#list .text")) >= 3
    shown = "".join(texts_of(page, "#list li"))
    assert "<b>hostile&amp;'.txt" in shown
    assert "='owned'\">" in shown
    assert "RLO" in shown
    assert not HIDDEN.search(shown.replace("\n", ""))
    assert page.find_elements("css selector", "#list img") == []
    assert [entry for entry in page.get_log("browser") if entry["level"] == "SEVERE"] == []


@needs_browser
def test_filter_and_pages(page: Any) -> None:
    everything = page.find_element("css selector", ".where").text
    assert "page 1 / " in everything
    next(b for b in page.find_elements("css selector", "#files button") if "many.txt" in b.text).click()
    assert "180 of" in page.find_element("css selector", ".where").text
    press(page, ">")
    assert "page 2 / 4" in page.find_element("css selector", ".where").text
    assert "many.txt:51" in texts_of(page, "#list .head a")[0]
    next(b for b in page.find_elements("css selector", "#kinds button") if b.text == "contact").click()
    assert texts_of(page, "#list li") == ["none match"]


@needs_browser
def test_charts_have_a_legend_and_count_removals_only(page: Any) -> None:
    found: dict[str, set[tuple[str, str]]] = {}
    for selector in ("#kinds .swatch", "#files .bar i"):
        for sign in page.find_elements("css selector", selector):
            kind = sign.get_attribute("class").split()[-1]
            found.setdefault(selector, set()).add((kind, sign.value_of_css_property("background-color")))
    colours = dict(found["#kinds .swatch"])
    assert found["#files .bar i"] == set(colours.items())
    assert "repairs" not in colours
    assert len(set(colours.values())) == len(colours)


@needs_browser
def test_views_and_links(page: Any) -> None:
    page.find_element("id", "search").send_keys("caf")
    time.sleep(0.4)
    line = page.find_element("css selector", "#list .text")
    assert line.text == "Notes from the cafÃ©é"
    press(page, "\ue00c2")
    assert line.text == "Notes from the cafÃ©"
    press(page, "3")
    assert line.text == "Notes from the café"
    link = page.find_element("css selector", "#list .head a").get_attribute("href")
    page.get("about:blank")
    page.get(link)
    here = page.find_element("css selector", "#list li.here")
    assert here.get_attribute("id") == link.partition("#")[2]


@needs_browser
def test_decide_export_obey(page: Any, folder: Path) -> None:
    next(b for b in page.find_elements("css selector", "#files button") if "novel.txt" in b.text).click()
    press(page, "n")
    press(page, "j")
    press(page, "x")
    press(page, "j")
    press(page, "y")
    press(page, "n")
    press(page, "u")
    assert texts_of(page, "#decided") == ["3"]
    page.refresh()
    assert texts_of(page, "#decided") == ["3"]
    (folder / "decisions.json").unlink(missing_ok=True)
    press(page, "s")
    said = downloaded(folder / "decisions.json")
    assert [decision["verdict"] for decision in said["decisions"]] == ["reject", "exception", "accept"]
    assert "山路很滑" in said["decisions"][1]["line"]
    check_obeyed(folder, said)


def downloaded(path: Path) -> Any:
    for _ in range(100):
        if path.exists() and path.stat().st_size:
            return json.loads(path.read_text("utf-8"))
        time.sleep(0.05)
    raise AssertionError("nothing was downloaded")


def check_obeyed(folder: Path, said: Any) -> None:
    lens = ApplyDecisions(load_decisions(str(folder / "decisions.json")))
    inputs = discover([str(folder / "demo")], PathFilter())
    reports = {Path(r.path).name: r for r in Run(Pipeline(builtins()), block_filter=lens).over(inputs, NullSink())}
    assert lens.unused() == []
    assert len(said["decisions"]) == 3
    assert sum(n for rule, n in reports["novel.txt"].edits_by_rule.items() if rule.startswith("boilerplate")) == 2


@needs_browser
def test_a_narrow_screen(folder: Path) -> None:
    with browser(str(folder), 420, 800) as page:
        page.get((folder / "report.html").as_uri())
        wide = page.execute_script("return document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0
        assert page.find_element("id", "panel").get_attribute("open") is None
        page.find_element("id", "help").click()
        assert page.find_element("id", "keys").is_displayed()
        assert page.get_screenshot_as_png()[:4] == b"\x89PNG"


def test_in_chinese_and_with_decisions_made(folder: Path, tmp_path: Path) -> None:
    i18n.choose("zh")
    try:
        totals = written(folder / "demo" / "novel.txt", tmp_path / "r.html")
    finally:
        i18n.choose("en")
    text = (tmp_path / "r.html").read_text("utf-8")
    assert '<html lang="zh-CN">' in text
    assert "导出决定" in text
    assert totals.files["changed"] == 1
    assert ReviewDecision("reject", "a").text is None
