"""A file without what one rule did: its edits do not happen, nor what was built on them; all others stay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import BinaryIO

from ..model.blocks import Region
from ..model.edits import Edit, apply, flatten, shifted
from ..model.lines import line_ends
from ..model.source import SourceEncoding, encode_with_spans, spans_between
from .codec import EditRecorder, InverseReader, NotRestored, StoredPart, unpack

RulePredicate = Callable[[Edit], bool]


def without(layers: Iterable[Sequence[Edit]], source: str, gone: RulePredicate) -> list[list[Edit]]:
    """The layers on `source` as they are when the edits that `gone` names do not happen.

    A later edit that touches what such an edit did does not happen either: nothing tells what it would have done.
    """
    kept = []
    back: list[Edit] = []  # makes of the text that a layer had the text that it has now
    for layer in layers:
        stays, back = _passed(layer, back, source, gone)
        source = apply(source, layer)
        kept.append(stays)
    return [layer for layer in kept if layer]


def _passed(
    layer: Sequence[Edit], back: Sequence[Edit], text: str, gone: RulePredicate
) -> tuple[list[Edit], list[Edit]]:
    """What stays of a layer on `text`, and what `back` is after it."""
    stays: list[Edit] = []
    after: list[Edit] = []
    moved = shift = 0  # characters that the layer, and that `back` added up to here
    for ours, theirs in _groups(layer, back):
        low, high = min(e.start for e in (*ours, *theirs)), max(e.end for e in (*ours, *theirs))
        had = apply(text[low:high], shifted(ours, -low))
        has = apply(text[low:high], shifted(theirs, -low))
        if theirs or any(map(gone, ours)):
            after.append(Edit(low + moved, low + moved + len(had), had, has, "", ""))
        else:
            stays += shifted(ours, shift)
        moved += len(had) - (high - low)
        shift += len(has) - (high - low)
    return stays, after


def _groups(layer: Sequence[Edit], back: Sequence[Edit]) -> Iterator[tuple[list[Edit], list[Edit]]]:
    """Edits of both, in order, those together that touch the same characters or stand in each other."""
    ours: list[Edit] = []
    theirs: list[Edit] = []
    high = -1
    both = [(edit.start, edit.end, 1, edit) for edit in layer] + [(edit.start, edit.end, 0, edit) for edit in back]
    for start, end, mine, edit in sorted(both, key=lambda item: item[:3]):
        if (ours or theirs) and start >= high and not start == end == high:
            yield ours, theirs
            ours, theirs, high = [], [], -1
        (ours if mine else theirs).append(edit)
        high = max(high, end)
    if ours or theirs:
        yield ours, theirs


class RuleReverter:
    """Writes an output again, without some edits.

    Afterwards `recorder` holds the edits that are left, for the ledger; `edits_by_rule` counts them and
    `removed_by_rule` the characters that they removed. Raises NotRestored where output and parts do not belong
    together.
    """

    def __init__(self, file: BinaryIO, source: SourceEncoding, encoding: str, gone: RulePredicate) -> None:
        if encoding != "keep":
            codec = "utf-8" if encoding == "utf-8-sig" else encoding
            source = SourceEncoding(codec, source.method, bom=b"\xef\xbb\xbf" if encoding == "utf-8-sig" else b"")
        self._way, self._source, self._gone = InverseReader(file, source, encoding), source, gone
        self.recorder = EditRecorder()
        self.edits_by_rule: Counter[str] = Counter()
        self.removed_by_rule: Counter[str] = Counter()

    def pieces(self, parts: Iterable[bytes]) -> Iterator[bytes]:
        yield self._way.begin()
        at = 0
        for part in map(unpack, parts):
            if part.whole is not None:
                raise NotRestored("kept whole")
            for offset, chars, layers, edits in _stretches(part):
                yield from self._way.unchanged(at, offset)
                at = offset + chars
                yield self._stretch(offset, chars, layers, edits)
        yield from self._way.unchanged(at, 1 << 62)
        self.recorder.close()

    def _stretch(self, offset: int, chars: int, layers: list[list[Edit]], edits: list[tuple[int, Edit]]) -> bytes:
        places = spans_between(self._way.places(offset + chars), offset, offset + chars)
        source = self._way.before(offset, chars, [edit for _, edit in edits])
        layers = without(layers, source, self._gone)
        flat = flatten(layers, source)
        if places and len(edits) > 1:
            raise NotRestored("damage between edits")
        line, first = edits[0]
        line -= line_ends(source, 0, first.start - offset)
        region = Region(0, 0, offset, "", shifted(flat, offset), [], [], layers)
        self.recorder.region(region, source, line)
        for edit in flat:
            self.edits_by_rule[edit.rule] += 1
            self.removed_by_rule[edit.rule] += edit.end - edit.start - len(edit.after)
        return encode_with_spans(apply(source, flat), self._source.codec, places if not flat else ())


def _stretches(part: StoredPart) -> Iterator[tuple[int, int, list[list[Edit]], list[tuple[int, Edit]]]]:
    """Where each edit, or region that several stages changed, begins, its length, its layers, its edits with lines."""
    edits = list(part.flat())
    at = 0
    for region in part.layers:
        for line, edit in edits[at:]:
            if edit.start >= region.offset:
                break
            yield edit.start, edit.end - edit.start, [shifted([edit], -edit.start)], [(line, edit)]
            at += 1
        inside = [one for one in edits[at:] if one[1].end <= region.offset + region.chars]
        if not inside:
            raise NotRestored("the ledger is of an earlier version")
        layers = [[kept.edit(part.rules) for kept in layer] for layer in region.layers]
        yield region.offset, region.chars, layers, inside
        at += len(inside)
    for line, edit in edits[at:]:
        yield edit.start, edit.end - edit.start, [shifted([edit], -edit.start)], [(line, edit)]
