"""Layers without what one rule did: valid, the rest untouched, and the same through the ledger."""

from __future__ import annotations

import io
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from samples import pipeline, texts

from cleaner.ledger.codec import EditRecorder
from cleaner.ledger.revert_rule import RuleReverter, without
from cleaner.matching.ruleset import has_prefix
from cleaner.model.edits import Edit, apply, flatten
from cleaner.model.source import SourceEncoding

SAMPLES = st.lists(
    st.one_of(
        texts(), st.sampled_from(["【青瓦书屋】", "ＷＷＷ．qingwa.example", "\n青瓦读者群：1\n", "求月票\n", " \n\n\n"])
    ),
    max_size=8,
).map("".join)


@st.composite
def layered(draw: st.DrawFn) -> tuple[str, list[list[Edit]]]:
    text = source = draw(st.text("abc", max_size=12))
    layers = []
    for _ in range(draw(st.integers(1, 4))):
        cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=6)))
        spans = zip(cuts[::2], cuts[1::2], strict=False)
        new = st.text("xyz", max_size=3)
        layer = [Edit(a, b, text[a:b], draw(new), "s", draw(st.sampled_from("pq"))) for a, b in spans]
        layer = [edit for edit in layer if edit.before != edit.after]
        if len({edit.start for edit in layer}) == len(layer):
            layers.append(layer)
            text = apply(text, layer)
    return source, [layer for layer in layers if layer]


@given(layered())
def test_what_stays_fits_the_text_and_names_others(given: tuple[str, list[list[Edit]]]) -> None:
    source, layers = given
    text = source
    for layer in without(layers, source, lambda edit: edit.rule == "p"):
        assert all(edit.before == text[edit.start : edit.end] and edit.rule == "q" for edit in layer)
        assert all(one.end <= two.start for one, two in pairwise(layer))
        text = apply(text, layer)
    assert without(layers, source, lambda edit: False) == layers
    assert without(layers, source, lambda edit: True) == []


@given(layered())
def test_edits_of_one_layer_go_alone(given: tuple[str, list[list[Edit]]]) -> None:
    source, layers = given
    for layer in layers[:1]:
        kept = [edit for edit in layer if edit.rule == "q"]
        assert without([layer], source, lambda edit: edit.rule == "p") == ([kept] if kept else [])


@given(SAMPLES, st.sampled_from(["boilerplate", "boilerplate/sample/stamp", "whitespace", "invisible"]))
def test_an_output_is_written_anew_as_its_layers_say(text: str, rule: str) -> None:
    def gone(edit: Edit) -> bool:
        return has_prefix(edit.rule, rule)

    keeper = EditRecorder()
    old, new = [], []
    for block in pipeline("ours").blocks([text.encode()]):
        keeper.block(block, block.regions)
        at = 0
        for region in block.regions:
            same, source = block.data[at : region.start].decode(), block.data[region.start : region.end].decode()
            old += [same, region.text]
            new += [same, apply(source, flatten(without(region.changesets, source, gone), source))]
            at = region.end
        old.append(block.data[at:].decode())
        new.append(block.data[at:].decode())
    keeper.close()
    written = io.BytesIO("".join(old).encode())
    again = RuleReverter(written, SourceEncoding("utf-8", "utf-8"), "utf-8", gone)
    assert b"".join(again.pieces(keeper.parts)).decode() == "".join(new)
    assert not any(has_prefix(name, rule) for name in again.edits_by_rule)
