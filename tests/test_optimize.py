"""Expressions are made faster without matching anything else."""

from __future__ import annotations

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import every_rule

from cleaner.matching.optimize import optimized
from cleaner.matching.rule import Rule

FLAGS = regex.MULTILINE | regex.VERSION0
CHANGED = [rule for rule in every_rule().rules if rule.expression and optimized(rule.expression) != rule.expression]
WRITTEN = [
    "(?:一|二|三|四|五|六|七|八)x",
    "(?:ab|[0-9]+c|d?e|(?:f|g)h|i|j|k|l|m)?n",
    "(?<=(?:a|b|c|d|e|f|g|h))x",
    "^(?:a|b|c|d|e|f|g|$)",
    "(?:a|b|c|d|e|f|g|)h",
    "(?i:(?:a|b|c|d|e|f|g|h))i",
    "(?:a|b|c|d|e|f|g|.h)",
    "(?:a|b|c|d|e|f|g|[^h])",
    r"(?:\]|\^|-|\[|\\|\||\.|\$)x",
    r"(?=[^\n]{2,4}$)[^\n]+",
    r"(?<=a[^\n]*$\n)[^\n]",
    r"(?<!b[^\n]{1,3}$\n)c",
    "(?:k|s|a|b|c|d|e|f)g?",
    "[a-c]{2}|[^\nd]*$",
]


def spans(expression: str, text: str, flags: int) -> list[tuple[int, int]]:
    return [found.span() for found in regex.finditer(expression, text, flags)]


@pytest.mark.parametrize("rule", CHANGED, ids=lambda rule: rule.id)
def test_a_rule_matches_what_it_matched(rule: Rule) -> None:
    flags = FLAGS | (regex.IGNORECASE if rule.caseless else 0)
    examples = [hit.text for hit in rule.written.hit] + rule.written.keep
    for text in (*examples, "\n".join(examples), "甲".join(examples).upper()):
        assert spans(optimized(rule.expression), text, flags) == spans(rule.expression, text, flags)


@pytest.mark.parametrize("expression", WRITTEN)
@settings(max_examples=60)
@given(data=st.data())
def test_an_expression_matches_what_it_matched(expression: str, data: st.DataObject) -> None:
    text = data.draw(st.text(st.sampled_from("abcdefghijklmnsxABH一二三八0129]^-[\\|.$ \n\n\u212a\u017f"), max_size=40))
    for flags in (FLAGS, FLAGS | regex.IGNORECASE, regex.VERSION0):
        assert spans(optimized(expression), text, flags) == spans(expression, text, flags)
