"""Layers compose to one flat list that does what they do, and undoes it."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from cleaner.model.edits import Edit, OffsetMap, apply, flatten, invert, shifted

Layered = tuple[str, list[list[Edit]]]
STAGES = ("mojibake", "invisible", "boilerplate", "whitespace")


@st.composite
def a_layer(draw: st.DrawFn, text: str, number: int) -> list[Edit]:
    """Sorted, disjoint, inside the text; no edit that changes nothing, no two insertions at one place."""
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8)))
    stage = STAGES[number % 4]
    edits: list[Edit] = []
    for start, end in zip(cuts[::2], cuts[1::2], strict=False):
        kind = draw(st.sampled_from([None, "ad"])) if end > start else None
        after = "" if kind else draw(st.text("xyz\n", max_size=3))
        rule = f"{stage}/pack/{draw(st.sampled_from('pqr'))}"
        same_place = bool(edits) and edits[-1].start == edits[-1].end == start == end
        if after != text[start:end] and not same_place:
            edits.append(Edit(start, end, text[start:end], after, stage, rule, kind))
    return edits


@st.composite
def layered(draw: st.DrawFn) -> Layered:
    source = text = draw(st.text("abc一二\n ", max_size=24))
    layers = []
    for number in range(draw(st.integers(0, 5))):
        layer = draw(a_layer(text, number))
        layers.append(layer)
        text = apply(text, layer)
    return source, layers


def one_after_the_other(source: str, layers: list[list[Edit]]) -> str:
    for layer in layers:
        source = apply(source, layer)
    return source


@given(layered())
def test_flat_does_what_the_layers_do(given: Layered) -> None:
    source, layers = given
    assert apply(source, flatten(layers, source)) == one_after_the_other(source, layers)


@given(layered())
def test_flat_is_sorted_disjoint_and_inside(given: Layered) -> None:
    source, layers = given
    at = 0
    for edit in flatten(layers, source):
        assert at <= edit.start <= edit.end <= len(source)
        at = edit.end


@given(layered())
def test_flat_says_what_stood_there(given: Layered) -> None:
    source, layers = given
    assert all(source[edit.start : edit.end] == edit.before for edit in flatten(layers, source))


@given(layered())
def test_no_edit_without_a_change(given: Layered) -> None:
    source, layers = given
    assert [edit for edit in flatten(layers, source) if edit.before == edit.after] == []


@given(layered())
def test_inverting_undoes(given: Layered) -> None:
    source, layers = given
    flat = flatten(layers, source)
    assert apply(apply(source, flat), invert(flat)) == source
    assert [(e.start, e.end, e.before, e.after) for e in invert(invert(flat))] == [
        (e.start, e.end, e.before, e.after) for e in flat
    ]


@given(layered())
def test_an_edit_names_the_last_rule_and_those_before(given: Layered) -> None:
    source, layers = given
    rules = {edit.rule: edit.stage for layer in layers for edit in layer}
    for edit in flatten(layers, source):
        assert rules[edit.rule] == edit.stage
        assert set(edit.through) <= set(rules) - {edit.rule}


@given(layered())
def test_a_removal_has_a_kind_of_its_own(given: Layered) -> None:
    source, layers = given
    kinds = {(edit.rule, edit.kind) for layer in layers for edit in layer}
    assert all((edit.rule, edit.kind) in kinds for edit in flatten(layers, source))


@given(layered(), st.data())
def test_places_stay_inside_and_in_order(given: Layered, data: st.DataObject) -> None:
    source, layers = given
    flat = flatten(layers, source)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(apply(source, flat))), min_size=2, max_size=6)))
    ranges = [OffsetMap(flat).back(low, high) for low, high in pairwise(cuts)]
    assert all(0 <= low <= high <= len(source) for low, high in ranges)
    assert ranges == sorted(ranges)


@given(layered())
def test_places_of_untouched_characters(given: Layered) -> None:
    source, layers = given
    flat = flatten(layers, source)
    text, places = apply(source, flat), OffsetMap(flat)
    written = {at for edit in invert(flat) for at in range(edit.start, edit.end)}
    for at in set(range(len(text))) - written:
        low, high = places.back(at, at + 1)
        assert source[low:high] == text[at]


@given(layered(), st.integers(0, 9))
def test_shifting_moves_a_layer(given: Layered, by: int) -> None:
    source, layers = given
    flat = flatten(layers, source)
    assert apply("." * by + source, shifted(flat, by)) == "." * by + apply(source, flat)
