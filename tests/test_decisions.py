"""Decisions are obeyed exactly, and still after the source was changed elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import pipeline, texts

from cleaner.jobs.decisions import (
    ApplyDecisions,
    EditKeys,
    ReviewDecision,
    ReviewDecisions,
    load_decisions,
    save_decisions,
)
from cleaner.model.blocks import Block
from cleaner.model.edits import Edit, apply
from cleaner.model.errors import UsageProblem
from cleaner.model.inputs import InputFile

AD = "【首发www.example.com】"
TEXT = f"第一章\n雨停了。{AD}路还很长。\n他走了。 \n\n\n\n山路很滑，{AD}天黑了。\n仅供学习 严禁外传\n"
ITEM = InputFile("somewhere/a.txt", "a.txt")


def blocks_of(text: str, size: int = 1 << 20) -> list[Block]:
    return list(pipeline("built-in").blocks([text.encode()], size))


def decided(text: str, number_of_rejected: set[int]) -> list[ReviewDecision]:
    """A decision about every edit of a text: those numbered are rejected."""
    keys = EditKeys()
    found = [key for block in blocks_of(text) for region in keys.of(block) for key in region]
    return [
        ReviewDecision("reject" if n in number_of_rejected else "accept", key.rule, "a.txt", *key[1:])
        for n, key in enumerate(found)
    ]


def obeyed(text: str, said: ReviewDecisions) -> tuple[str, list[Edit]]:
    blocks = list(ApplyDecisions(said)(ITEM, iter(blocks_of(text))))
    edits = [edit for block in blocks for edit in block.edits]
    for block in blocks:
        for region in block.regions:
            source = block.data[region.start : region.end].decode()
            assert apply(source, [_moved(edit, -region.offset) for edit in region.edits]) == region.text
            assert all(region.text[tag.start : tag.end] == tag.text for tag in region.output_tags)
    return apply(text, edits), edits


def _moved(edit: Edit, by: int) -> Edit:
    return Edit(edit.start + by, edit.end + by, edit.before, edit.after, edit.stage, edit.rule, edit.kind)


@given(st.integers(0), texts(longest=60))
def test_obeyed_exactly(mask: int, more: str) -> None:
    text = TEXT + more + "\n" + TEXT
    edits = [edit for block in blocks_of(text) for edit in block.edits]
    rejected = {n for n in range(len(edits)) if mask >> n & 1}
    for undecided in ("accept", "reject"):
        said = ReviewDecisions(undecided=undecided, decisions=decided(text, rejected))
        kept = [edit for n, edit in enumerate(edits) if n not in rejected]
        assert obeyed(text, said) == (apply(text, kept), kept)


def test_the_source_changes_elsewhere() -> None:
    edits = [edit for block in blocks_of(TEXT) for edit in block.edits]
    second = next(n for n, edit in enumerate(edits) if edit.before == AD and edit.start > 40)
    said = ReviewDecisions(decisions=[d for n, d in enumerate(decided(TEXT, {second})) if n == second])
    for changed in (
        TEXT.replace("第一章", "第一章　归途\n夜里下了一场雨，到天亮才停。\n"),
        TEXT.replace("天黑了", "天快要黑了"),
        TEXT.replace("山路很滑", "下山的路很滑"),
        TEXT.replace("雨停了。", f"雨停了。{AD}又下起来。"),
        TEXT + "完。\n",
    ):
        text, kept = obeyed(changed, said)
        assert text.count(AD) == 1, changed
        assert AD in text.split("滑，")[1], changed
        assert any(edit.before == AD for edit in kept)


def test_what_is_gone_decides_nothing() -> None:
    lens = ApplyDecisions(ReviewDecisions(decisions=decided(TEXT, set())))
    list(lens(ITEM, iter(blocks_of("雨停了。\n"))))
    assert len(lens.unused()) == len(decided(TEXT, set()))
    list(lens(ITEM, iter(blocks_of(TEXT))))
    assert lens.unused() == []


def test_one_word_for_all_edits_of_a_rule() -> None:
    stamp = next(edit.rule for block in blocks_of(TEXT) for edit in block.edits if edit.before == AD)
    one = next(d for d in decided(TEXT, set()) if d.rule == stamp)
    assert obeyed(TEXT, ReviewDecisions(decisions=[ReviewDecision("reject", stamp)]))[0].count(AD) == 2
    assert obeyed(TEXT, ReviewDecisions(decisions=[ReviewDecision("reject", stamp), one]))[0].count(AD) == 1
    assert obeyed(TEXT, ReviewDecisions(decisions=[ReviewDecision("reject", stamp, "b.txt")]))[0].count(AD) == 0
    assert obeyed(TEXT, ReviewDecisions(undecided="reject"))[0] == TEXT


def test_blocks_of_any_size_have_the_same_keys() -> None:
    text = TEXT * 3000
    found = []
    for size in (1 << 17, 1 << 20):
        keys = EditKeys()
        found.append([key for block in blocks_of(text, size) for region in keys.of(block) for key in region])
    differ = sum(left[:2] != right[:2] for left, right in zip(*found, strict=True))
    assert differ == 0


def test_json_and_toml(tmp_path: Path) -> None:
    said = ReviewDecisions(
        decisions=[ReviewDecision("exception", "boilerplate/a/b", "a.txt", "雨", "前", "后", 1, "前雨后", "why")]
    )
    save_decisions(str(tmp_path / "d.json"), said)
    assert load_decisions(str(tmp_path / "d.json")) == said
    (tmp_path / "d.toml").write_text('[[decisions]]\nverdict = "reject"\nrule = "boilerplate/novel"\n', "utf-8")
    assert load_decisions(str(tmp_path / "d.toml")).decisions == [ReviewDecision("reject", "boilerplate/novel")]


@pytest.mark.parametrize(
    "text", ["", "{", '{"format": 2}', '{"decisions": [{"verdict": "maybe", "rule": "a"}]}', "\xff"]
)
def test_no_decisions(tmp_path: Path, text: str) -> None:
    path = tmp_path / "d.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(UsageProblem, match="decisions"):
        load_decisions(str(path))
    with pytest.raises(UsageProblem, match="read"):
        load_decisions(str(tmp_path / "none.json"))
