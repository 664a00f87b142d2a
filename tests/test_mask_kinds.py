"""The kinds that the model gives: the same everywhere, loaded fast, explained, and switched off like any rule's."""

from __future__ import annotations

import time

import pytest

from cleaner.engine.mask_kinds import KINDS, Weights, built_in, features
from cleaner.matching.ruleset import load_ruleset
from cleaner.pipeline import Pipeline
from cleaner.rules import builtin

MODEL = builtin.folder() / "models" / "placeholder_kinds.bin"
LOAD = 0.010  # seconds; the aim of the model's card


def masks(text: str, off: tuple[str, ...] = ()) -> list[tuple[str, str, str]]:
    found = Pipeline(load_ruleset(builtin_boilerplate=False, off=off)).clean(text).tags
    return [(tag.text, tag.kind, tag.rule) for tag in found]


def test_the_model_loads_within_its_aim() -> None:
    took = []
    for _ in range(5):
        began = time.perf_counter()
        Weights(MODEL.read_bytes())
        took.append(time.perf_counter() - began)
    assert min(took) < LOAD


def test_features_are_the_neighbours_of_the_line_alone() -> None:
    text = "上一行\n他从××来到2019年\n下一行"
    at = text.index("×")
    found = features(text, at, at + 2)
    assert {"L从", "L^他从", "R来到0年$"[:5], "gc2"} <= set(found)
    assert not any("上" in one or "下" in one for one in found)


def test_digits_and_masks_of_any_length_are_one() -> None:
    one, other = "县长××、×××出席12次", "县长×、×××出席7次"
    assert features(one, 5, 8) == features(other, 4, 7)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("本报记者×××报道", "person"),
        ("他从××乘火车来到这里", "place"),
        ("据×××网站报道，双方将签约", "org"),
    ],
)
def test_kinds_of_masks_no_rule_is_certain_of(text: str, kind: str) -> None:
    at = text.index("×")
    assert built_in().kind(text, at, at + text.count("×")) == kind


def test_a_guess_counts_as_much_as_it_is_sure() -> None:
    text = "他带着××来"
    assert built_in().kind(text, 3, 5, guess="date", sure=0.5) != "date"
    assert built_in().kind(text, 3, 5, guess="date", sure=0.99) == "date"


def test_a_kind_can_be_off() -> None:
    text = "他从××乘火车来到这里"
    assert masks(text) == [("××", "place", "placeholder/model/place")]
    kinds = {kind for _, kind, _ in masks(text, ("placeholder/model/place",))}
    assert "place" not in kinds
    assert kinds <= set(KINDS)
    assert all(rule.startswith("placeholder/kinds/") for _, _, rule in masks(text, ("placeholder/model",)))


def test_shares_are_the_ngrams_that_speak_for_a_kind() -> None:
    shares = built_in().shares("他在××市工作", 2, 4, "place")
    assert any("市" in share.gram and share.place == "right behind it" for share in shares)
    assert [share.value for share in shares] == sorted((share.value for share in shares), reverse=True)


@pytest.mark.parametrize("text", ["长×宽×高", "3×4=12", "（×）错误", "选手×队友联名", "X光检查", "这是**重点**内容"])
def test_what_hides_nothing_is_no_placeholder(text: str) -> None:
    assert masks(text) == []
