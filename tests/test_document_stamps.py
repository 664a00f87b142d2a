"""Stamps that no rule knows: the document itself shows them by where they return."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.engine.leftover_code import find_code
from cleaner.engine.stamps import find_stamps
from cleaner.matching import load_ruleset
from cleaner.pipeline import Pipeline

NAMES = ["阿秀", "老陈", "船夫", "邮差", "孩子", "先生", "村长", "二叔", "姑母", "掌柜"]
ACTS = [
    "推开了门",
    "放下茶碗",
    "望着江面",
    "收起竹篙",
    "点着旱烟",
    "数着铜板",
    "摇了摇头",
    "翻过石桥",
    "背起包袱",
    "合上账本",
]
TIMES = ["清早", "黄昏", "雨停以后", "三更天", "第二天", "入秋的时候", "雾散以前", "鸡叫头遍", "那年冬天", "太阳落山时"]
ENDS = [
    "没有说话",
    "心里发慌",
    "觉得很冷",
    "想起旧事",
    "听见狗叫",
    "闻到饭香",
    "松了口气",
    "慢慢走远",
    "笑出声来",
    "看了很久",
]
STAMP = "青禾就好录"  # no word of it is known
RULE = "boilerplate/document/repeated-stamp"


def prose(seed: int, lines: int) -> Iterator[str]:
    chosen = random.Random(seed)
    for _ in range(lines):
        parts = [chosen.choice(words) for words in (TIMES, NAMES, ACTS, ENDS)]
        yield f"　　{parts[0]}，{parts[1]}{parts[2]}，{parts[3]}。"


def stamped(seed: int, lines: int, stamp: str, share: float) -> tuple[str, str]:
    """A text with a stamp after sentences and inside words, and the text without it."""
    chosen = random.Random(seed + 1)
    dirty, clean = [], []
    for line in prose(seed, lines):
        clean.append(line)
        at = chosen.choice([len(line), chosen.randrange(3, len(line) - 1)])
        dirty.append(line[:at] + stamp + line[at:] if chosen.random() < share else line)
    return "\n".join(dirty) + "\n", "\n".join(clean) + "\n"


@pytest.fixture(scope="module")
def pipeline() -> Pipeline:
    return Pipeline(load_ruleset())


def test_an_unknown_string_is_removed_wherever_it_stands(pipeline: Pipeline) -> None:
    dirty, clean = stamped(1, 400, STAMP + "入", 0.15)
    result = pipeline.clean(dirty)
    assert result.text == clean
    assert {edit.rule for edit in result.edits} == {RULE}
    assert pipeline.clean(clean).edits == []


def test_an_interleaved_stamp_loses_its_own_characters_only(pipeline: Pipeline) -> None:
    dirty, _ = stamped(2, 400, STAMP + "入", 0.15)
    line = "　　两青个禾被就你好录打入晕过去的人醒了。\n"
    result = pipeline.clean(dirty + line)
    assert result.text.endswith("　　两个被你打晕过去的人醒了。\n")


def test_a_refrain_and_a_name_stay(pipeline: Pipeline) -> None:
    chosen = random.Random(5)
    lines = []
    for line in prose(5, 400):
        lines.append(line)
        if chosen.random() < 0.1:
            lines.append("　　大河向东流啊，大河向东流")
        if chosen.random() < 0.1:
            lines.append(f"　　{chosen.choice(NAMES)}看见了披甲亡灵麒麟，{chosen.choice(ENDS)}。")
    text = "\n".join(lines) + "\n"
    assert pipeline.clean(text).edits == []


def test_the_rule_can_be_switched_off() -> None:
    dirty, _ = stamped(1, 400, STAMP + "入", 0.15)
    assert Pipeline(load_ruleset(off=["boilerplate/document"])).clean(dirty).edits == []


@settings(max_examples=5, deadline=None)
@given(size=st.integers(140_000, 300_000), chunk=st.integers(999, 90_000))
def test_block_size_changes_nothing(pipeline: Pipeline, size: int, chunk: int) -> None:
    dirty, clean = stamped(3, 6_000, STAMP + "入", 0.05)
    data = dirty.encode()
    chunks = [part for at in range(0, len(dirty), chunk) if (part := dirty[at : at + chunk].encode())]
    assert b"".join(chunks) == data
    blocks = list(pipeline.blocks(chunks, size))
    assert len(blocks) > 1
    assert "".join(block.text for block in blocks) == clean


def test_a_string_that_is_rare_or_said_is_no_stamp() -> None:
    text = "\n".join(prose(7, 300))
    assert find_stamps((text + "\n" + (STAMP + "入\n") * 3).encode()) == []
    named = text.replace("心里发慌", "念着“" + STAMP + "入”")
    assert find_stamps(named.encode()) == []


def test_code_in_a_document_about_code_stays() -> None:
    lines = list(prose(8, 60))
    code = ["function show(){", "var&nbsp;book&nbsp;=&nbsp;1;", '$("#book").css("font-size",book);', "}"]
    assert find_code("\n".join(lines + code).encode()) == set(code)
    assert find_code("\n".join(lines + code * 4).encode()) == set()
    assert find_code("\n".join([*lines, "function show(){", "var size = 1;", "}"]).encode()) == set()
