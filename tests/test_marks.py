"""Every built-in mark put into the middle of a sentence: the sentence stays, word for word."""

from __future__ import annotations

import pytest

from cleaner.matching.ruleset import load_ruleset
from cleaner.pipeline import Pipeline

HANZI = ("他慢慢走过去，看见门口站着一个人，心里很是", "高兴，便笑着迎了上去。")
LATIN = ("The old man walked slowly down to the ", " river and sat on the stone.")
RULES = load_ruleset()
PIPELINE = Pipeline(RULES)
MARKS = sorted(
    {
        hit.text[start:end].strip("\n")
        for rule in RULES.of_stage("boilerplate")
        if rule.does is None
        for hit in rule.written.hit
        for start, end, _ in rule.spans(hit.text)
        if "\n" not in hit.text[start:end].strip("\n")
    }
)


@pytest.mark.parametrize("mark", MARKS)
def test_a_mark_takes_nothing_of_the_sentence(mark: str) -> None:
    before, after = LATIN if mark.isascii() else HANZI
    text = PIPELINE.clean(f"雨停了。\n\n{before}{mark}{after}\n\n天亮了。\n").text
    assert before.strip() in text
    assert after.strip() in text
