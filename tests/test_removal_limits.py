"""A removal of most of a text is held back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from samples import builtins

from cleaner.io.discover import PathFilter, discover
from cleaner.jobs.run import Run
from cleaner.model.report import FileReport, NullSink
from cleaner.pipeline import Pipeline

STAMP = "正文。【首发www.example.com】\n"
STORY = "他走了很远的路，天亮的时候到了海边。\n"


@pytest.fixture
def cleaned(tmp_path: Path) -> Callable[[str, bool], FileReport]:
    def clean(text: str, yes_large: bool) -> FileReport:
        path = tmp_path / "a.txt"
        path.write_text(text, "utf-8")
        return next(
            Run(Pipeline(builtins()), yes_large=yes_large).over(discover([str(path)], PathFilter()), NullSink())
        )

    return clean


def test_most_of_a_text_is_held_back(cleaned: Callable[[str, bool], FileReport]) -> None:
    report = cleaned(STAMP * 200, False)
    assert report.status == "failed"
    assert report.problem is not None
    assert "held back" in report.problem.what


@pytest.mark.parametrize(
    ("text", "yes_large"), [(STAMP * 200, True), (STAMP * 20, False), (STORY * 300 + STAMP * 100, False)]
)
def test_what_is_not_held_back(text: str, yes_large: bool, cleaned: Callable[[str, bool], FileReport]) -> None:
    report = cleaned(text, yes_large)
    assert report.status == "ok"
    assert report.changed
