"""Heads and numbers of pages: what shows that there are pages, and what only looks like it."""

from __future__ import annotations

import pytest

from cleaner.engine.page_heads import PageHeads, find_heads

PAGE = """The mill stood by the river for years
and nobody came to see how it was
turned. The miller slept late, and
the children played on the sacks until
it was dark and their mothers called
"""
CHAPTER = "It rained.\nHe left the house.\nNobody saw him.\nThe road was long.\nHe slept in a barn.\n"


def pages(foot: str, page: str = PAGE, head: str = "") -> str:
    return "".join(f"{head}{page}\n{foot.format(n, n + 1)}\n\n" for n in range(1, 6))


@pytest.mark.parametrize(
    "foot",
    ["Page {} of 5", "- {} -", "{}", "{}/5", "第{}页 共5页", "Seite {}", "OF MILLS | {}", "{}  OF MILLS", "[{}]"],
)
def test_numbers_of_pages(foot: str) -> None:
    assert find_heads(pages(foot).encode()).numbers == {foot.format(n) for n in range(1, 6)}


def test_a_head_is_known_by_the_numbers() -> None:
    found = find_heads(pages("Page {}", head="OF MILLS\nA report\n").encode())
    assert found.heads == {"OF MILLS", "A report"}


@pytest.mark.parametrize(
    "text",
    [
        pages("{}", CHAPTER),
        pages("Chapter {}"),
        pages("第{}章"),
        pages("Table {}"),
        pages("On mills {}", CHAPTER),
        "1\n2\n3\n4\n5\n",
        "12\n" + PAGE + "40\n" + PAGE + "7\n",
        PAGE * 5,
    ],
)
def test_what_is_no_page(text: str) -> None:
    assert find_heads(text.encode()) == PageHeads()


def test_blank_lines_go_where_a_sentence_goes_on() -> None:
    heads = PageHeads(frozenset(["Page 1"]), frozenset(["OF MILLS"]))
    text = "so long that nobody\n\nPage 1\nOF MILLS\n\nremembered it.\n\nPage 1\n\nThen he left.\n"
    assert [text[start:end] for start, end in heads.spans(text)] == ["\nPage 1\nOF MILLS\n\n", "Page 1\n"]


def test_a_head_without_a_number_is_the_title() -> None:
    heads = PageHeads(frozenset(["Page 1"]), frozenset(["OF MILLS"]))
    assert list(heads.spans("OF MILLS\n\nThe mill stood.\n")) == []
