"""The speech that started it all, where it is at hand: what goes, what stays, and what its twelve × stand for."""

from __future__ import annotations

import pytest
from samples import SHARED, builtins

from cleaner.pipeline import Pipeline, Result
from cleaner.stages.decode import decode

SPEECH = SHARED / "data" / "gongwen" / "speech.txt"
KINDS = ["number"] * 4 + ["date"] * 3 + ["person"] * 2 + ["place", "other", "other"]

pytestmark = pytest.mark.skipif(not SPEECH.is_file(), reason="the shared data is not here")


@pytest.fixture(scope="module")
def source() -> str:
    return decode(SPEECH.read_bytes())[0]


@pytest.fixture(scope="module")
def result(source: str) -> Result:
    return Pipeline(builtins()).clean(source)


def test_the_head_goes_and_nothing_else(source: str, result: Result) -> None:
    title = source.index("在全县干部大会")
    assert result.text.rstrip("\r\n") == source[title:].rstrip("\r\n")
    assert source.count("\n", 0, title) == 15


def test_advertising_is_removed_as_such(source: str, result: Result) -> None:
    gone = {source.count("\n", 0, edit.start) + 1 for edit in result.edits if edit.stage == "boilerplate"}
    assert gone == {1, 2, 3, 4, 5, 7, 8, 9}


def test_blank_lines_are_whitespace(source: str, result: Result) -> None:
    title = source.index("在全县干部大会")
    blank = [edit for edit in result.edits if edit.stage == "whitespace" and edit.start < title]
    assert sum(edit.before.count("\n") for edit in blank) == 7
    assert all(not edit.before.strip() and not edit.after for edit in blank)


def test_every_placeholder_has_its_kind(source: str, result: Result) -> None:
    assert [tag.kind for tag in result.tags] == KINDS
    assert [tag.start for tag in result.tags] == [at for at, char in enumerate(source) if char == "×"]
