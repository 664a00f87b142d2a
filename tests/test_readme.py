"""The two READMEs show the same code and links and fit on a screen; what they and the other pages name exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from samples import ROOT

from cleaner.authoring.examples import check_packs
from cleaner.rules.parser import load_pack

READMES = ("README.md", "README.zh-CN.md")
BLOCK = re.compile(r"(?ms)^```(\w+(?: \w+)?)\n(.*?)^```$")
LINK = re.compile(r"\]\(([^)]+)\)")
LINES = 64


def text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def blocks(name: str) -> list[tuple[str, str]]:
    """Code without its comments and without prose of the author's language."""
    return [
        (kind, re.sub(r" +# .*|^why +=.*", "", body, flags=re.MULTILINE)) for kind, body in BLOCK.findall(text(name))
    ]


def test_both_show_the_same_code() -> None:
    assert blocks(READMES[0]) == blocks(READMES[1])


def test_both_link_to_the_same_pages() -> None:
    english, chinese = (
        {re.sub(r"\.(zh|zh-CN)(?=\.)", "", link) for link in LINK.findall(text(name))} for name in READMES
    )
    same = {"docs/site/index.md": "docs/site/tutorial.md"}
    assert {same.get(link, link) for link in english} == chinese


@pytest.mark.parametrize("name", READMES)
def test_one_screen_and_no_dead_link(name: str) -> None:
    assert text(name).count("\n") <= LINES
    assert [link for link in LINK.findall(text(name)) if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("name", READMES)
def test_its_rule_works(name: str, tmp_path: Path) -> None:
    pack = tmp_path / "my-site.toml"
    pack.write_text(next(body for kind, body in BLOCK.findall(text(name)) if kind == "toml"), "utf-8")
    assert list(check_packs([load_pack(pack)])) == []


PAGES = ("ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "docs/glossary.md")
PLACES = ("", "src/cleaner", "src/cleaner/stages/decode", "tests", "docs")
TOP = "src|rules|tests|docs|fixtures|training|evaluation|benchmarks|tools"
PATH = re.compile(rf"`((?:{TOP})/[^`\s]*|[\w./-]+\.(?:py|md))`")


def is_there(path: str) -> bool:
    return any((ROOT / place / path).exists() for place in PLACES)


@pytest.mark.parametrize("page", [*READMES, *PAGES])
def test_paths_that_a_page_names_exist(page: str) -> None:
    assert [
        path for path in PATH.findall(text(page)) if not is_there(path) and not re.search("[A-Z]{4}|[<*]", path)
    ] == []


@pytest.mark.parametrize(
    "module", sorted((ROOT / "src").rglob("*.py")), ids=lambda path: path.relative_to(ROOT).as_posix()
)
def test_paths_that_a_module_names_exist(module: Path) -> None:
    found = [path for path in PATH.findall(module.read_text("utf-8")) if path.endswith((".py", ".md"))]
    assert [path for path in found if not (is_there(path) or (module.parent / path).exists())] == []
