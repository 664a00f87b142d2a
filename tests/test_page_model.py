"""The learned model of lines of web pages: what it takes, what it leaves, how it is loaded."""

from __future__ import annotations

import time
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.engine.page_model import BITS, NUMBERS, PageModel, load_page_model, numbers_of, tokens
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
    assert len(model.second) == NUMBERS
    load_page_model.cache_clear()
    began = time.process_time()
    load_page_model(PATH)
    assert time.process_time() - began < 0.1  # about 3 ms where nothing else runs
    assert len(zlib.decompress(PATH.with_suffix(".bin").read_bytes())) == 2 << BITS


def test_menus_go_and_the_text_stays() -> None:
    result = Pipeline(load_ruleset()).clean(PAGE)
    for kept in ("Council approves plan", "The council met", "“We have waited"):
        assert kept in result.text
    for gone in ("Subscribe", "Related stories", "Privacy policy"):
        assert gone not in result.text


def test_content_has_lower_sums_than_menus(model: PageModel) -> None:
    sums = model.sums(PAGE)
    rows = PAGE.split("\n")
    assert sorted(sums) == [number for number, row in enumerate(rows) if row.strip()]
    text = [total for number, total in sums.items() if len(rows[number]) > 60]
    assert max(text) < min(sums[rows.index(word)] for word in ("Subscribe", "Privacy policy"))


def test_a_page_without_words_has_no_sums(model: PageModel) -> None:
    assert model.sums("\n \n") == {}


def test_plain_prose_is_no_page() -> None:
    text = "He came home late and went to bed.\n" * 3 + "“Log in,” she said.\n" + PARAGRAPH
    assert not [edit for edit in Pipeline(load_ruleset()).clean(text).edits if edit.rule.startswith(RUN)]


@settings(max_examples=20, deadline=None)
@given(st.text(alphabet="甲乙 aB1.©|\n", min_size=1, max_size=80))
def test_every_text_has_a_number_for_each_line(text: str) -> None:
    found = tokens(text)
    assert len(found.numbers) == sum(bool(row.strip()) for row in text.split("\n"))
    if found.numbers:
        sums = np.arange(len(found.numbers)) * 7 % 90
        assert numbers_of(sums, found.sizes).shape == (len(found.numbers), NUMBERS)
