"""Lenses: parts of a run agree with themselves and join to the whole."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from samples import builtins, pipeline, texts

from cleaner.jobs.filters import Filter, check_only, compose_filters, new_only, select, stage_range
from cleaner.matching.ruleset import RuleSet
from cleaner.model.blocks import Block
from cleaner.model.choices import STAGE_POINTS
from cleaner.model.edits import apply
from cleaner.model.errors import UsageProblem
from cleaner.model.inputs import InputFile
from cleaner.pipeline import Pipeline

DIRTY = (
    "浼氳\u200b绾銆\nNotes from the cafÃ©\u200b\n\n\n\n【首发www.example.com】路还很长。 \n"
    "仅供学习 严禁外传\n青瓦公文\n会员群：      免费QQ群：\n今天召开×届×次全会。\n"
)
ITEM = InputFile("a.txt", "a.txt")


def seen(text: str, *lenses: Filter, size: int = 1 << 20) -> list[Block]:
    lens = compose_filters(lenses)
    blocks = pipeline("built-in").blocks([text.encode()], size)
    return list(lens(ITEM, blocks)) if lens else list(blocks)


def check(blocks: list[Block]) -> tuple[str, str]:
    """The text a lens begins with and the one it ends with; edits, tags and regions agree about both."""
    before = b"".join(block.data for block in blocks).decode()
    edits = [edit for block in blocks for edit in block.edits]
    assert all(before[edit.start : edit.end] == edit.before for edit in edits)
    assert sum(block.chars for block in blocks) == len(before)
    written: list[str] = []
    for block in blocks:
        at = 0
        for region in block.regions:
            written += (block.data[at : region.start].decode(), region.text)
            at = region.end
            assert all(region.text[tag.start : tag.end] == tag.text for tag in region.tags_in)
        written.append(block.data[at:].decode())
    after = "".join(written)
    assert apply(before, edits) == after
    return before, after


@given(texts(longest=200))
def test_points_follow_each_other(text: str) -> None:
    whole = check(seen(text + DIRTY))
    steps = [check(seen(text + DIRTY, stage_range(first, last))) for first, last in pairwise(STAGE_POINTS)]
    assert all(left[1] == right[0] for left, right in pairwise(steps))
    assert (steps[0][0], steps[-1][1]) == whole


@given(texts(longest=100))
def test_only_is_a_part_of_the_whole(text: str) -> None:
    whole = [edit for block in seen(text + DIRTY) for edit in block.edits]
    for name in ("whitespace", "watermark", "boilerplate/", "place"):
        blocks = seen(text + DIRTY, select([name]))
        check(blocks)
        edits = [edit for block in blocks for edit in block.edits]
        assert edits == [e for e in whole if name in (e.kind, e.stage) or e.rule.startswith(name)]


def test_blocks_of_any_size_are_seen_alike() -> None:
    text = (DIRTY + "他走了。\n" * 9000) * 4
    big = check(seen(text, stage_range("invisible", "boilerplate")))
    small = check(seen(text, stage_range("invisible", "boilerplate"), size=1 << 17))
    assert big == small


def test_a_name_that_is_none_is_refused() -> None:
    rules = [rule.id for rule in builtins().all]
    check_only(["ad", "mojibake", "boilerplate/novel", "whitespace/"], rules)
    with pytest.raises(UsageProblem, match="advert"):
        check_only(["advert"], rules)


@given(texts(longest=100))
def test_beyond_the_same_rules_nothing_is_left(text: str) -> None:
    blocks = seen((text + DIRTY) * 3, new_only(pipeline("built-in")), size=64)
    check(blocks)
    assert [change for block in blocks for change in (*block.edits, *block.tags)] == []


def test_beyond_no_rules_all_is_left() -> None:
    assert check(seen(DIRTY, new_only(Pipeline(RuleSet([]))))) == check(seen(DIRTY))
