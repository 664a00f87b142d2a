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
