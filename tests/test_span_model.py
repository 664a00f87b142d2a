"""The learned model of marks: what it takes, what it leaves, what it says about it."""

from __future__ import annotations

import time
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.engine.span_model import BITS, SpanModel, load_model
from cleaner.matching import load_ruleset
from cleaner.pipeline import Pipeline
from cleaner.rules import builtin

PATH = builtin.folder() / "models" / "span-model"
MARK = "青竹文学网为您提供最快更新，手机用户请到m.qingzhuwx.com阅读"
TEXT = "　　雨停了，石榴落了一地。\n　　{}她推开门，院子里很静。\n　　门外站着一个人。\n"
RULE = "boilerplate/model/span"


@pytest.fixture(scope="module")
def model() -> SpanModel:
    return load_model(PATH)


@pytest.fixture(scope="module")
def alone() -> Pipeline:
    """The model without any other rule of its stage."""
    packs = [path.stem for path in (builtin.folder() / "boilerplate").glob("*.toml") if path.stem != "model"]
    off = [f"boilerplate/{name}" for name in (*packs, "line-features", "page-features")]
    known = {rule.id.rsplit("/", 1)[0] for rule in load_ruleset().all}
    return Pipeline(load_ruleset(off=[name for name in off if name in known], on=["boilerplate/model"]))


def test_the_weights_are_small_integers_and_load_at_once(model: SpanModel) -> None:
    assert len(PATH.with_suffix(".bin").read_bytes()) < 1 << 20
    assert model.weights.dtype == "int8"
    assert model.weights.size == 1 << BITS
    load_model.cache_clear()
    began = time.process_time()
    load_model(PATH)
    assert time.process_time() - began < 0.1  # about 5 ms where nothing else runs
    assert zlib.decompress(PATH.with_suffix(".bin").read_bytes()) == model.weights.tobytes()


def test_a_mark_on_a_line_of_its_own_is_removed(alone: Pipeline) -> None:
    text = TEXT.format("")
    lines = text.split("\n")
    result = alone.clean("\n".join([*lines[:2], "　　" + MARK, *lines[2:]]))
    assert result.text == text
    assert {edit.rule for edit in result.edits} == {RULE}


def test_a_mark_inside_a_line_leaves_the_sentences_around_it(alone: Pipeline) -> None:
    result = alone.clean(TEXT.format(f"远处有灯。（{MARK}）"))
    assert result.text == TEXT.format("远处有灯。")


@pytest.mark.parametrize(
    "line",
    [
        "他打开浏览器，想找那本小说看。",
        "“你在网上写书？”她问。",
        "网络服务提供者接到通知后，应当及时删除侵权内容。",
        "周，召，孔，孟，董，韩，周，程",
        "上证 3039 4314 3948 2839",
        "毕业于XX大学XX学院，现任××县人力资源局局长",
        "━━━━━━━━━━━━",
    ],
)
def test_what_an_author_writes_is_kept(alone: Pipeline, line: str) -> None:
    text = TEXT.format(line + "\n　　")
    assert alone.clean(text).text == text


def test_no_sentence_that_a_rule_keeps_is_taken(model: SpanModel) -> None:
    kept = {text for rule in load_ruleset().all for text in rule.written.keep}
    assert len(kept) > 1000
    assert [text for text in sorted(kept) if model.by_row(text, 0.0, True)] == []


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("为了安全，她最好早点离开。[www.qingzhuwx.com 超多好看小说]", "为了安全，她最好早点离开。"),
        ("著作权法规定，版权归作者所有，期限五十年。", "著作权法规定，版权归作者所有，期限五十年。"),
        ("本机适配iPhone", "本机适配iPhone"),
    ],
)
def test_ends_never_reach_into_a_sentence(alone: Pipeline, line: str, left: str) -> None:
    assert alone.clean(TEXT.format(line + "\n　　")).text == TEXT.format(left + "\n　　")


def test_texts_without_han_or_address_do_not_load_the_model() -> None:
    load_model.cache_clear()
    Pipeline(load_ruleset()).clean("He came home late and went to bed.\n" * 3)
    assert load_model.cache_info().currsize == 0


def test_code_and_markup_are_left_alone(alone: Pipeline) -> None:
    text = "# 标题\n```\n" + MARK + "\n```\n" + TEXT.format("")
    assert alone.clean(text).edits == []


def test_it_can_be_switched_off() -> None:
    rules = load_ruleset(off=["boilerplate/model"])
    assert RULE not in {edit.rule for edit in Pipeline(rules).clean(TEXT.format(MARK)).edits}


def test_the_three_n_grams_that_count_most_are_named(model: SpanModel) -> None:
    rows = model.by_row(TEXT.format("\n" + MARK + "\n"), 0.0, True)
    (span,) = rows[MARK]
    assert len(span.parts) == 3
    assert all(weight > 0 and gram.strip("“”") in MARK for gram, weight in span.parts)


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 60), st.integers(0, 40))
def test_the_n_grams_of_a_line_add_up_alike_wherever_it_stands(model: SpanModel, before: int, after: int) -> None:
    line = "门外站着一个人。\n"

    def own(lines: int, more: int) -> list[float]:
        low = len(line) * lines
        return list(model.characters(line * lines + MARK + "\n" + line * more).own[low : low + len(MARK) - 8])

    assert own(before, after) == own(1, 1)
