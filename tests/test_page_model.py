"""The learned model of lines of web pages: what it takes, what it leaves, how it is loaded."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.engine.page_context import columns
from cleaner.engine.page_model import PageModel, Trees, load_page_model
from cleaner.engine.page_tokens import BITS, tokens
from cleaner.engine.webpage import PageLine
from cleaner.matching import load_ruleset
from cleaner.pipeline import Pipeline
from cleaner.rules import builtin

PATH = builtin.folder() / "models" / "page-model"
RUN = "boilerplate/page-features"
PARAGRAPH = (
    "The council met on Tuesday to discuss the new bridge, and after three hours of debate it voted to build it.\n"
    "“We have waited for this since the flood,” said the mayor, who had asked for the money twice before.\n"
)
PAGE = (
    "Home\nNews\nSport\nLog in\nSubscribe\n\nCouncil approves plan for the new bridge\n\n"
    + PARAGRAPH * 4
    + "\nShare this\nRelated stories\nFive ways to save water\nAbout us\nPrivacy policy\n© 2021 Example Media\n"
)


@pytest.fixture(scope="module")
def model() -> PageModel:
    return load_page_model(PATH)


def test_the_weights_are_small_integers_and_load_at_once(model: PageModel) -> None:
    assert len(PATH.with_suffix(".bin").read_bytes()) < 1 << 18
    assert model.words.dtype == model.shapes.dtype == "int8"
    assert model.words.size == model.shapes.size == 1 << BITS
    assert model.trees is not None
    assert {table.dtype for table in model.trees} == {np.dtype("int32")}
    load_page_model.cache_clear()
    began = time.process_time()
    load_page_model(PATH)
    assert time.process_time() - began < 0.1  # about 3 ms where nothing else runs


def test_trees_answer_with_the_leaf_that_a_row_comes_to() -> None:
    # a tree asks column 1, then column 0 where it is above 5; the other one is a leaf
    column, cut = np.array([[1, 0, 0, 0, 0], [0] * 5]), np.array([[5, 9, 0, 0, 0], [0] * 5])
    low, high = np.array([[1, 3, 2, 3, 4], [0, 1, 2, 3, 4]]), np.array([[2, 4, 2, 3, 4], [0, 1, 2, 3, 4]])
    trees = Trees(column, cut, low, high, np.array([[0, 0, 7, 20, 300], [1000, 0, 0, 0, 0]]))
    assert trees.sums(np.array([[9, 6], [9, 5], [10, 5]])).tolist() == [1007, 1020, 1300]


def test_menus_go_and_the_text_stays() -> None:
    result = Pipeline(load_ruleset()).clean(PAGE)
    for kept in ("Council approves plan", "The council met", "“We have waited"):
        assert kept in result.text
    for gone in ("Subscribe", "Related stories", "Privacy policy"):
        assert gone not in result.text


def test_content_has_lower_sums_than_menus(model: PageModel) -> None:
    rows = PAGE.split("\n")
    sums = model.sums(PAGE, _lines(rows))
    assert sorted(sums) == [number for number, row in enumerate(rows) if row.strip()]
    text = [total for number, total in sums.items() if len(rows[number]) > 60]
    assert max(text) < min(sums[rows.index(word)] for word in ("Subscribe", "Privacy policy"))


def test_a_page_without_words_has_no_sums(model: PageModel) -> None:
    assert model.sums("\n \n", _lines(["", " ", ""])) == {}


def test_plain_prose_is_no_page() -> None:
    text = "He came home late and went to bed.\n" * 3 + "“Log in,” she said.\n" + PARAGRAPH
    assert not [edit for edit in Pipeline(load_ruleset()).clean(text).edits if edit.rule.startswith(RUN)]


def _lines(rows: list[str]) -> list[PageLine]:
    return [PageLine(0, 0, not row.strip()) for row in rows]


@settings(max_examples=20, deadline=None)
@given(st.text(alphabet="甲乙 aB1.©|\n", min_size=1, max_size=80))
def test_every_text_has_whole_numbers_for_each_line(text: str) -> None:
    found = tokens(text)
    assert len(found.numbers) == sum(bool(row.strip()) for row in text.split("\n"))
    if found.numbers:
        first = np.arange(len(found.numbers)) * 7 % 90
        rows = columns(found, first, [0] * first.size)
        assert rows.dtype == np.int64
        assert len(rows) == first.size
