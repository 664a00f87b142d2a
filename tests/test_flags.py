"""What is reported and not changed."""

from __future__ import annotations

import json

import pytest

from cleaner.jobs.run import Run
from cleaner.matching.ruleset import load_ruleset
from cleaner.model.inputs import InputFile
from cleaner.pipeline import Pipeline
from cleaner.views.jsonl import JsonLines

RULES = load_ruleset(builtin_boilerplate=False)
PIPELINE = Pipeline(RULES)
ZERO, ONE = "\u200b", "\u200c"


def test_a_wrong_word_is_reported_where_it_stands_and_stays() -> None:
    text = "一\u200b、\r\n全会于2020年×月×日至×日在2020举行，市委、市委、县委出席。\r\n"
    result = PIPELINE.clean(text)
    assert result.text == text.replace("\u200b", "")
    assert [(flag.flag, text[flag.start : flag.end]) for flag in result.flags] == [
        ("year-for-place", "2020"),
        ("doubled-body", "市委、市委"),
    ]


@pytest.mark.parametrize(
    ("hidden", "mark", "bits"),
    [
        ((ZERO + ONE) * 8, "zero-width", 16),
        ("".join(chr(0xE0000 + ord(c)) for c in "buy now"), "tag", 49),
        ("".join(chr(0xE0100 + n) for n in (104, 105, 33)), "selector", 24),
    ],
)
def test_a_hidden_message_is_removed_and_named(hidden: str, mark: str, bits: int) -> None:
    result = PIPELINE.clean(f"雨停了！{hidden}他走了。")
    assert result.text == "雨停了！他走了。"
    assert [(f.flag, f.mark, f.bits, f.text) for f in result.flags] == [("hidden-message", mark, bits, hidden)]


@pytest.mark.parametrize(
    "text",
    ["雨停了\u200b\u200b\u200b\u200b\u200b\u200b\u200b\u200b\u200b。", "👩\u200d🚀❤\ufe0f\u200d🔥", "葛\U000e0100城"],
)
def test_one_sign_again_and_again_is_no_message(text: str) -> None:
    assert PIPELINE.clean(text).flags == []


def test_flags_are_in_the_json(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "a.txt"
    path.write_text("县委、县委的领导。\n", "utf-8")
    out: list[bytes] = []
    list(Run(Pipeline(RULES)).over([InputFile(str(path), "a.txt")], JsonLines(out.append)))
    assert json.loads(out[0])["flags"] == [
        {"flag": "doubled-body", "start": 0, "end": 5, "text": "县委、县委", "rule": "flag/placeholder/doubled-body"}
    ]
