"""Packs with order = "sequence" do what a loop of `regex.sub` over their rules does, and say so in edits."""

from __future__ import annotations

import msgspec
import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st
from samples import texts

from cleaner.authoring.examples import check_packs
from cleaner.matching.ruleset import RuleSet
from cleaner.model.edits import apply
from cleaner.model.lines import LONG
from cleaner.pipeline import Pipeline
from cleaner.rules.spec import Hit, Pack, PackHeader, RuleSpec

# What later rules find is often what earlier ones wrote; some match nothing but a place, look over line ends, or mean
# an edge of the text.
RULES = (
    ("春", "夏"), ("夏", "秋秋"), ("秋秋", ""), (r"[ab]", r"<\g<0>>"), (r"<a>", "b"), (r"(?m)^", "> "), (r"^", "首"),
    (r"$", "尾"), (r"\s+$", ""), (r"(?m)$", "。"), (r"\b(?=书)", "《"), (r"(?<=记)", "》"), (r"\n(?=[人我])", ""),
    (r"(?s)我.{1,4}?他", "我们"), (r"(.)\1+", r"\1"), (r"\n{2,}", "\n"), (r"(?:[^\n]*\n)[>]", ""), (r"(?i)X|Y", "z"),
    (r"\A\s+", ""), (r"[^\n]+(?!\n)\Z", "末"), (r"一*", "-"), (r"。", "\n"),
    (r"(?<=\n)(?=\S)", "　"),
)  # fmt: skip


def in_order(rules: list[tuple[str, str]]) -> RuleSet:
    written = {
        f"r{number}": RuleSpec(match=match, replace=after or None, kind=None if after else "ad")
        for number, (match, after) in enumerate(rules)
    }
    return RuleSet([Pack("made", "made.toml", PackHeader("boilerplate", order="sequence"), written, {})])


def looped(rules: list[tuple[str, str]], text: str) -> str:
    for match, after in rules:
        text = regex.sub(match, after, text, flags=regex.VERSION0)
    return text


def test_its_rules_are_tried_on_their_examples() -> None:
    rule = RuleSpec(
        why="a stamp", kind="ad", literal="【青瓦书屋】", hit=[Hit("【青瓦书屋】雨停了。", "雨停了。")], keep=["雨"]
    )
    pack = Pack("imported", "imported.toml", PackHeader("boilerplate", order="sequence"), {"stamp": rule}, {})
    assert list(check_packs([pack])) == []
    wrong = msgspec.structs.replace(rule, hit=[Hit("【青瓦书屋】雨停了。", "雨停了")])
    assert [bad.word for bad in check_packs([msgspec.structs.replace(pack, rules={"stamp": wrong})])] == ["Wrong"]


@given(st.lists(st.sampled_from(RULES), min_size=1, max_size=6), texts(longest=60))
def test_as_a_loop(rules: list[tuple[str, str]], text: str) -> None:
    text = text.replace("\r", "") or "春"
    result = Pipeline(in_order(rules)).clean(text)
    assert result.text == looped(rules, text)
    assert apply(text, result.edits) == result.text


def test_two_rules_in_order() -> None:
    text = "春天a书记\n\n夏天，我和他 \n人人人X\n" * 3
    for one in RULES:
        for other in RULES:
            assert Pipeline(in_order([one, other])).clean(text).text == looped([one, other], text)


def test_edges_of_the_document_not_of_pieces() -> None:
    text = "书记在山上看见了我。\n" * (LONG // 10)
    assert Pipeline(in_order([(r"^书", "首"), (r"\s+$", "尾"), (r"\A.", "一")])).clean(text).text == (
        f"一{text[1:-1]}尾"
    )


def test_line_ends_stay_as_they_are() -> None:
    result = Pipeline(in_order([("春\n", "夏\n"), ("\n夏", ""), ("(?m)$", "。")])).clean("一春\r\n春\r\n二")
    assert result.text == "一夏。\r\n二。"
    assert apply("一春\r\n春\r\n二", result.edits) == result.text


def test_a_rule_that_was_too_slow_once_is_left_out_for_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cleaner.matching.rule.SECONDS", 0.05)
    rules = in_order([(r"(?:a|a?)+?b(?:a|aa)+$c", "x"), ("春", "夏")])
    blocks = list(Pipeline(rules).blocks([("a" * 40 + "ba" + "a" * 40 + "\n春\n").encode() * 2000]))
    assert {rule for block in blocks for rule in block.timed_out} == {"boilerplate/made/r0"}
    assert blocks[0].regions[0].text.count("夏") > 100
