"""Cleaning what was cleaned changes nothing: every text of the fixtures, and edges of 64 KB."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from samples import FIXTURES, SHARED

from cleaner.matching.ruleset import load_ruleset
from cleaner.pipeline import Pipeline
from cleaner.stages.decode import decode

UNDECIDED = FIXTURES / "encodings" / "short.txt"  # too short to say in which encoding it is
TEXTS = sorted(path for path in FIXTURES.rglob("*.txt") if path.stat().st_size and path != UNDECIDED)
DOCUMENTS = sorted((SHARED / "eval" / "dev").glob("*.in.*")) if SHARED.is_dir() else []
MARK = "【青瓦小说网www.example.com】"
EDGE = 64 << 10


@cache
def pipeline(profile: str) -> Pipeline:
    return Pipeline(load_ruleset(profile=profile))


def changed_again(text: str, profile: str = "safe") -> list[tuple[str, str]]:
    once = pipeline(profile).clean(text).text
    return [(edit.rule, edit.before) for edit in pipeline(profile).clean(once).edits]


def read(path: Path) -> str:
    return decode(path.read_bytes())[0]


@pytest.mark.parametrize("profile", ["safe", "official", "novel", "corpus"])
def test_fixtures(profile: str) -> None:
    found = {str(path.relative_to(FIXTURES)): changed_again(read(path), profile) for path in TEXTS}
    assert {name: edits for name, edits in found.items() if edits} == {}


@pytest.mark.parametrize("shift", [-40, -7, -1, 0, 1, 3, 40])
@pytest.mark.parametrize("blank", [" ", "\u3000", "&nbsp;", "\n", "\u200b", "×"])
def test_edges(blank: str, shift: int, request: pytest.FixtureRequest) -> None:
    """A mark, blanks and a line end lie where a line of 64 KB is cut."""
    if blank == "\n" and shift in (-40, -7):
        reason = "blank lines on both sides of a mark are not seen together where a segment of 64 KB ends between them"
        request.applymarker(pytest.mark.xfail(reason=reason, strict=True))
    size = EDGE + shift
    long = "雨停了，路还很长。" * (size // 27) + "a" * (size % 27)
    for text in (long + MARK + blank * 40 + long + "\n", long + blank * 3 + MARK + "\n" + blank * 90 + "\n" + long):
        assert changed_again(text) == []


@pytest.mark.skipif(not DOCUMENTS, reason="../shared is not here")
@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_labelled_documents(path: Path) -> None:
    assert changed_again(read(path)) == []
