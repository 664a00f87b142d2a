"""An expression without its contexts matches wherever the expression does, and at least as much."""

from __future__ import annotations

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.matching.expression import UnsupportedPattern, without_contexts

FLAGS = regex.MULTILINE | regex.VERSION0
WRITTEN = [
    "(?>a(?!b)|ab)c",
    "a++(?=b)|(?<!c)a{1,2}+b*?",
    r"^(?:a(?=c)|a(?=b))+\b",
    r"(?P<x>a)(b)?(?:(?<=b)c|[^a(?:)])$",
    r"[(?=a)]+\(?a",
]


@pytest.mark.parametrize("expression", WRITTEN)
@settings(max_examples=80)
@given(text=st.text(st.sampled_from("abcab(?=)\n"), max_size=30))
def test_it_matches_wherever_the_expression_does(expression: str, text: str) -> None:
    bare = without_contexts(expression)
    for found in regex.finditer(expression, text, FLAGS, overlapped=True):
        assert regex.compile(bare, FLAGS).match(text, found.start())


@pytest.mark.parametrize("expression", [r"(a)\1", "(?i)a", "(?i:a)", "(?|a|b)", "(?R)", r"a\Kb", "(?=a)?b", "(?#a)b"])
def test_what_is_not_understood_is_refused(expression: str) -> None:
    with pytest.raises(UnsupportedPattern):
        without_contexts(expression)


def test_equal_alternatives_are_one() -> None:
    assert without_contexts("(?:(?<=a)x++(?=b)|(?<=c)x+)") == "x+"
