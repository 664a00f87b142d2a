"""Split expressions match what they match as a whole, and refuse no adjacent character that they allow."""

from __future__ import annotations

from functools import cache

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st
from samples import every_rule

from cleaner.matching.sides import Sides, sides

RULES = [rule for rule in every_rule().rules if rule.stage == "placeholder" and rule.expression]
TEXTS = sorted({text for rule in RULES for text in (*rule.written.keep, *(hit.text for hit in rule.written.hit))})
TRICKY = [
    r"(?<=a|b)(?>x+)(?=x|c)",
    r"(?<=a)x+(?=x)",
    r"x++(?=c)|(?<=[^b]|^)x(?!x)",
    r"(?:(?<!a)|(?=xx))[x]{2}(?=\s*$|b)",
    r"(?<=(?<!a)b)(?>x|xx)(?=[^x]c?)(?<=x)",
    r"\b(?:x|xc)(?=\n)",
    r"(?<=a*)(?:x{1,3})++",
]


@cache
def compiled(expression: str) -> regex.Pattern[str]:
    return regex.compile(expression, regex.MULTILINE | regex.VERSION0)


def end_of(parts: Sides, text: str, start: int) -> int | None:
    found = compiled(parts.middle).match(text, start)
    if not found or not compiled(parts.before).match(text, start):
        return None
    return found.end() if compiled(parts.after).match(text, found.end()) else None


def split_match(expression: str, text: str, start: int) -> int | None:
    """Where a match at `start` ends; the characters on both sides must be among those that are allowed."""
    for parts in sides(expression):
        end = end_of(parts, text, start)
        if end is not None:
            for allowed, char in ((parts.behind, text[:start][-1:]), (parts.ahead, text[end : end + 1])):
                assert allowed is None or any(compiled(one).match(char or "\n") for one in allowed), (parts, text)
            return end
    return None


def whole(expression: str, text: str, start: int) -> int | None:
    found = compiled(expression).match(text, start)
    return found.end() if found else None


@given(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=2).map("".join), st.integers(0, 40))
def test_rules_match_the_same_split(text: str, cut: int) -> None:
    for at in range(len(text := text[cut:])):
        for rule in RULES:
            assert split_match(rule.expression, text, at) == whole(rule.expression, text, at), (rule.id, text[at:])


@pytest.mark.parametrize("expression", TRICKY)
@given(st.text(alphabet="abcx\n ", max_size=8))
def test_tricky_expressions_match_the_same(expression: str, text: str) -> None:
    for at in range(len(text) + 1):
        assert split_match(expression, text, at) == whole(expression, text, at)


def test_the_masks_of_the_built_in_rules_are_matched_once() -> None:
    kinds = [rule for rule in RULES if rule.id.startswith("placeholder/kinds/") and "×" in rule.expression]
    assert len({parts.middle for rule in kinds for parts in sides(rule.expression)}) <= 4
    assert len(kinds) > 30


def test_a_middle_with_two_ways_stays_whole() -> None:
    assert sides(r"(?<=a)x+(?=x)") == [Sides("", r"(?<=a)x+(?=x)", "")]
    assert sides(r"(?<=a)x++(?=b)") == [Sides("(?<=a)", "x++", "(?=b)", ["a"], ["b"])]
