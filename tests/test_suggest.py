"""Expressions that are proposed for a mark: they take nothing of the author's, and say honestly what is known."""

from __future__ import annotations

import pytest

from cleaner.authoring.false_positives import ChangeRate, clean_text, harm
from cleaner.authoring.suggest import candidates, pack_of
from cleaner.matching.ruleset import RuleSet
from cleaner.pipeline import Pipeline


def cleaned(match: str, text: str) -> str:
    return Pipeline(RuleSet([pack_of("candidate", "it", {"match": match, "kind": "ad"})])).clean(text).text


@pytest.mark.parametrize(
    ("before", "seen", "after"),
    [
        ("他喊：“走！", "？小?说?txt？", "！”她答。"),
        ("他说：“真的？”", "!青*瓦*txt", "？！“好。”"),
        ("见", "www.a.example/1", "？他问。"),
        ("路很长。", "（夜读小站提醒您早点休息）", "他走了。"),
    ],
)
def test_no_proposal_takes_the_authors_punctuation(before: str, seen: str, after: str) -> None:
    around = before + seen + after
    found = candidates(seen, around)
    assert found
    assert {cleaned(one.match, around) for one in found} == {before + after}


@pytest.mark.parametrize(
    ("name", "seen", "text", "left"),
    [
        ("the same ends", "（夜读小站提醒您早点休息）", "（夜读小站到了。”他说：“您早点休息）", None),
        ("the same ends", "（夜读小站提醒您早点休息）", "好（夜读小站请大家早点休息）了", "好了"),
        ("any digits and addresses", "看www.a.example/1", "看www.b.example/天亮了。", "天亮了。"),
        ("any digits and addresses", "看www.a.example/1", "看www.b.example/x?他问。", "?他问。"),
    ],
)
def test_other_marks_and_the_author(name: str, seen: str, text: str, left: str | None) -> None:
    (match,) = (one.match for one in candidates(seen, f"他{seen}走") if one.name == name)
    assert cleaned(match, text) == (text if left is None else left)


def test_no_harm_found_is_no_promise() -> None:
    assert (
        str(harm([])) == f"0 of {clean_text().count(chr(10)):,} lines, so probably fewer than 0.28% of all such lines"
    )
    assert str(ChangeRate(2, 30, 1000, 90_000)) == "2 of 1,000 lines, 30 of 90,000 characters"
