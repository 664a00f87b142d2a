"""Four times the input takes about four times as long: no text is slow on purpose."""

from __future__ import annotations

import time

import pytest
from samples import builtins

from cleaner.pipeline import Pipeline

SIZE = 12_000  # characters
TEXTS = {
    "blank lines at the end": "雨停了。\n" + "\n" * SIZE,
    "blank lines before the text": "\n" * SIZE + "雨停了。\n",
    "blank lines between": "雨\n" + "\n" * SIZE + "停\n",
    "lines of blanks": "雨\n" + " \n" * SIZE + "停\n",
    "blanks": "雨" + " " * SIZE + "停\n",
    "blanks at the end of a line": "雨" + " " * SIZE + "\n",
    "no-break spaces": "雨" + "\u00a0" * SIZE + "停\n",
    "entities": "雨" + "&nbsp;" * (SIZE // 6) + "停\n",
    "wide blanks": "雨" + "\u3000" * SIZE + "停\n",
    "zero width": "\u200b" * SIZE + "\n",
    "dots": "雨" + "." * SIZE + "停\n",
    "frames": "━" * SIZE + "\n",
    "brackets": "（" * SIZE + "\n",
    "addresses": "www." * (SIZE // 4) + "\n",
    "returns": "雨\r" * (SIZE // 2),
    "crosses": "雨" + "×" * SIZE + "\n",
    "letters that are a mask": "雨" + "X" * SIZE + "\n",
    "letters with blanks between": "小 说 天 堂 " * (SIZE // 8) + "\n",
    "letters with bars between": "小|说|天|堂|" * (SIZE // 8) + "\n",
    "UTF-8 read as Latin-1": "Ã©" * (SIZE // 2) + "\n",
    "offers on one line": "所需下载币  5字" * (SIZE // 9) + "\n",
    "a stamp that holds itself": "手打手打雨手打停手打\n" * (SIZE // 11),
    "removals in one repair": "\r\r\n\u202e" * (SIZE // 4),
    "spelled bytes": "=C3=A9" * (SIZE // 6) + "\n",
    "spelled bytes in brackets": "茅]%E6%96%87" * (SIZE // 11) + "\n",
    "names that may return": "小说网\n" * (SIZE // 4),
    "calls in symbols": "━无弹窗＿" * (SIZE // 5) + "\n",
    "letters left between marks": "最新章节▲▲▲" * (SIZE // 7) + "\n",
    "half tags": "<p" * (SIZE // 2) + "\n",
}


def seconds(pipeline: Pipeline, text: str) -> float:
    """CPU time of the quicker one of two runs; no rule may reach its limit."""
    taken = []
    for _ in range(2):
        began = time.process_time()
        assert not set().union(*(block.timed_out for block in pipeline.blocks([text.encode()])))
        taken.append(time.process_time() - began)
    return min(taken)


@pytest.mark.parametrize("name", TEXTS)
def test_time_grows_with_the_text(name: str) -> None:
    pipeline = Pipeline(builtins())
    seconds(pipeline, TEXTS[name][:2000])
    once, four = seconds(pipeline, TEXTS[name]), seconds(pipeline, TEXTS[name] * 4)
    assert four < 1 or four < 8 * once, (once, four)


def test_a_long_line_holds_what_a_short_one_does() -> None:
    """A match on a long line is looked for in windows."""
    prose = "雨停了，路还很长。他走过去看见门口站着一个人，" * 200
    for rule in builtins().rules:
        if rule.spans_lines or rule.stage == "placeholder" or not rule.expression:
            continue
        row = next((row for hit in rule.written.hit for row in hit.text.split("\n") if row), "")
        text = prose + row + prose
        found = [(start, end) for start, end, _ in rule.spans(text)]
        wanted = [match.span() for match in rule.pattern.finditer(text) if match.end() > match.start()]
        assert found == wanted, rule.id


def test_masks_beyond_the_limit_are_reported() -> None:
    pipeline = Pipeline(builtins())
    [block] = pipeline.blocks([b"Mr XX\n" * 10_000])
    assert block.timed_out == {"placeholder"}
    [block] = pipeline.blocks([b"Mr XX\n" * 500])
    assert not block.timed_out
    assert len(block.tags) == 500
