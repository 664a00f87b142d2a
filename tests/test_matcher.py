"""What is looked for only where it can be is all that there is."""

from __future__ import annotations

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import every_rule

from cleaner.matching.expression import spans_lines
from cleaner.matching.match_limit import harmless
from cleaner.matching.matcher import Matcher
from cleaner.matching.required_literals import begins, find_required_literals, needs
from cleaner.matching.rule import Rule

FLAGS = regex.MULTILINE | regex.VERSION0
RULES = [rule for rule in every_rule().rules if rule.expression and not rule.in_sequence]
WITH_LITERALS = [rule for rule in RULES if rule.required.held]
PIECES = sorted({text for rule in RULES for text in (*(hit.text for hit in rule.written.hit), *rule.written.keep)})
WRITTEN = [
    r"^(?=[^\n]{0,5}?(?:ab|一二))(?=[^\n]*(?:cd|三))[^\n]+",
    r"(?:^[ ]*+(?=[^\n]{0,3}?(?:ab|ba))|(?<=[。！])(?=[^\n]{0,2}?(?:ab|ba)))[^\n。]*。?",
    r"^[^\n]{0,3}ab\n{1,2}[^\n]*cd",
    r"(?<=[。！])\n?ab|^ba",
    r"(?<=a\n)^(?:ab|ba)c?",
    r"[^\n]{0,3}(?:ab|cd(?!a))[ab]*$",
    r"(?:ab(?=[^\n]*cd)|(?<!a)ba)[^\n]",
    r"^(?P<x>ab|cd)[^\n]*(?P=x)",
    r"^(?:ab)?(?:cd){2}a|^b{2}\u4e00",
    r"(?i:^k[^\n]*ss)",
    r"(?>ab|a)c[^\n]*(?!b)",
    r"^ab$\n(?=cd)",
    r"(?<=[。])ab\Z|^ab[^\n]*cd$",
]


def spans(
    finder: Matcher | regex.Pattern[str], text: str, low: int = 0, high: int | None = None
) -> list[tuple[int, int]]:
    found = finder.finditer(text, low, len(text) if high is None else high)
    return [one.span() for one in found if one.end() > one.start()]


@pytest.mark.parametrize("rule", WITH_LITERALS, ids=lambda rule: rule.id)
def test_a_rule_finds_what_its_expression_matches(rule: Rule) -> None:
    finder = Matcher(rule.pattern, rule.expression, rule.required)
    own = [hit.text for hit in rule.written.hit] + rule.written.keep
    others = PIECES[len(rule.expression) % 97 :: 97]
    for text in (*own, "\n".join(own), "。".join(own), "\n".join([*others, *own, *others])):
        assert spans(finder, text) == spans(rule.pattern, text)


@pytest.mark.parametrize("rule", WITH_LITERALS[::6], ids=lambda rule: rule.id)
@settings(max_examples=5)
@given(data=st.data())
def test_a_rule_finds_it_between_anything(rule: Rule, data: st.DataObject) -> None:
    own = [hit.text for hit in rule.written.hit] + rule.written.keep
    text = "".join(
        data.draw(st.lists(st.sampled_from([*own, *own, *PIECES[:200], "\n", "。", " ", "他走了"]), max_size=12))
    )
    assert spans(Matcher(rule.pattern, rule.expression, rule.required), text) == spans(rule.pattern, text)


@pytest.mark.parametrize("expression", WRITTEN)
@settings(max_examples=80)
@given(data=st.data())
def test_an_expression_is_found_where_it_matches(expression: str, data: st.DataObject) -> None:
    pieces = st.sampled_from(
        ["ab", "cd", "ba", "a", "b", "c", "\n", "\n", "。", "！", " ", "一二", "三", "kſs", "bb一"]
    )
    text = "".join(data.draw(st.lists(pieces, max_size=16)))
    low = data.draw(st.integers(0, len(text)))
    high = data.draw(st.integers(low, len(text)))
    for flags in (FLAGS, FLAGS | regex.IGNORECASE):
        pattern = regex.compile(expression, flags)
        needed = find_required_literals(expression, not spans_lines(expression))
        finder = Matcher(pattern, expression, needed)
        assert spans(finder, text) == spans(pattern, text)
        assert spans(finder, text, low, high) == spans(pattern, text, low, high)


@pytest.mark.parametrize(
    "odd",
    [r"\x41\x42", r"\101\102", r"\u7f51\u7ad9", "(?:网站){2i+1d<=3}", r"(?x:网 站)", "(?#网站)", r"\N{DIGIT ONE}"],
)
def test_what_is_written_oddly_is_not_taken_by_its_letters(odd: str) -> None:
    needed = needs(rf"^[^\n]*{odd}[^\n]*(?:[^\n]{{9}}|[^\n]{{8}})$")
    assert needed in ([], ["AB"], ["网站"])
    assert not needed or all(regex.search(one, "在AB网站上") for one in needed)


def test_what_an_expression_needs() -> None:
    assert needs(r"^(?=[^\n]{0,70}?(?:读书网|书吧))(?=[^\n]*?(?:收藏|请到|看书))[^\n]{5,90}") == [
        "(?:读书网|书吧)",
        "(?:收藏|请到|看书)",
    ]
    assert needs(r"^[^\n]*\n[^\n]*网站(?:大全)?[^\n]{9}", on_first_line=True) == []
    assert begins(r"(?:^[ ]*|(?<=[。！])(?=[^\n]*网))站") == "\n。！"
    assert begins("(?<=[-。])(?=a)b|(?<=！)c") == "-。！"
    assert not begins(r"^a|b")
    assert WITH_LITERALS[30:]


@pytest.mark.parametrize(
    "expression", ["(?:a+)+b", r"(?:a|a?)+?b", "a*a*a*a*b", r"(?P<x>a)(?P=x)", r"(a*)*\1", "a+b?c+"]
)
def test_what_may_take_long_is_not_looked_for(expression: str) -> None:
    assert needs(rf"^(?=[^\n]*?网(?:{expression}站|点))[^\n]{{9}}") == []


@pytest.mark.parametrize(
    ("expression", "chars"),
    [("a", float("inf")), ("a{2,9}b", float("inf")), ("a+b", 16384), ("(?=[^a]*b)c+", 16384), ("a+(?:b*|c*d+)e", 256)],
)
def test_how_many_characters_an_expression_may_look_at(expression: str, chars: float) -> None:
    assert harmless(expression) == chars
