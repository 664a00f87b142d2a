"""A file without the edits of one rule: they are not made, nor those that build on them; all others are."""

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


def without(changesets: Iterable[Sequence[Edit]], source: str, reverted: RulePredicate) -> list[list[Edit]]:
    """The changesets on `source` when the edits that `reverted` holds for are not made.

    A later edit that touches what such an edit did is not made either: what it would have done is not known.
    """
    kept = []
    back: list[Edit] = []  # makes of the text that a changeset had the text that it has now
    for changeset in changesets:
        left, back = _without(changeset, back, source, reverted)
        source = apply(source, changeset)
        kept.append(left)
    return [changeset for changeset in kept if changeset]


def _without(
    changeset: Sequence[Edit], back: Sequence[Edit], text: str, reverted: RulePredicate
) -> tuple[list[Edit], list[Edit]]:
    """What is left of a changeset on `text`, and what `back` is after it."""
    left: list[Edit] = []
    after: list[Edit] = []
    moved = shift = 0  # characters that the changeset, and that `back` added up to here
    for ours, theirs in _groups(changeset, back):
        low, high = min(e.start for e in (*ours, *theirs)), max(e.end for e in (*ours, *theirs))
        had = apply(text[low:high], shifted(ours, -low))
        has = apply(text[low:high], shifted(theirs, -low))
        if theirs or any(map(reverted, ours)):
            after.append(Edit(low + moved, low + moved + len(had), had, has, "", ""))
        else:
            left += shifted(ours, shift)
        moved += len(had) - (high - low)
        shift += len(has) - (high - low)
    return left, after


def _groups(changeset: Sequence[Edit], back: Sequence[Edit]) -> Iterator[tuple[list[Edit], list[Edit]]]:
    """Edits of both, in order, those together that touch the same characters."""
    ours: list[Edit] = []
    theirs: list[Edit] = []
    high = -1
    both = [(edit.start, edit.end, 1, edit) for edit in changeset] + [(edit.start, edit.end, 0, edit) for edit in back]
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

    def __init__(self, file: BinaryIO, source: SourceEncoding, encoding: str, reverted: RulePredicate) -> None:
        if encoding != "keep":
            codec = "utf-8" if encoding == "utf-8-sig" else encoding
            source = SourceEncoding(codec, source.method, bom=b"\xef\xbb\xbf" if encoding == "utf-8-sig" else b"")
        self._reader, self._source, self._reverted = InverseReader(file, source, encoding), source, reverted
        self.recorder = EditRecorder()
        self.edits_by_rule: Counter[str] = Counter()
        self.removed_by_rule: Counter[str] = Counter()

    def pieces(self, parts: Iterable[bytes]) -> Iterator[bytes]:
        yield self._reader.begin()
        at = 0
        for part in map(unpack, parts):
            if part.original is not None:
                raise NotRestored("the original was stored")
            for offset, chars, changesets, edits in _stored_regions(part):
                yield from self._reader.unchanged(at, offset)
                at = offset + chars
                yield self._region(offset, chars, changesets, edits)
        yield from self._reader.unchanged(at, 1 << 62)
        self.recorder.close()

    def _region(self, offset: int, chars: int, changesets: list[list[Edit]], edits: list[tuple[int, Edit]]) -> bytes:
        spans = spans_between(self._reader.spans(offset + chars), offset, offset + chars)
        source = self._reader.before(offset, chars, [edit for _, edit in edits])
        changesets = without(changesets, source, self._reverted)
        flat = flatten(changesets, source)
        if spans and len(edits) > 1:
            raise NotRestored("damage between edits")
        line, first = edits[0]
        line -= line_ends(source, 0, first.start - offset)
        region = Region(0, 0, offset, "", shifted(flat, offset), [], [], changesets)
        self.recorder.region(region, source, line)
        for edit in flat:
            self.edits_by_rule[edit.rule] += 1
            self.removed_by_rule[edit.rule] += edit.end - edit.start - len(edit.after)
        return encode_with_spans(apply(source, flat), self._source.codec, spans if not flat else ())


def _stored_regions(part: StoredPart) -> Iterator[tuple[int, int, list[list[Edit]], list[tuple[int, Edit]]]]:
    """Each edit, or region that several stages changed: its start, length, changesets, and edits with their lines."""
    edits = list(part.flat())
    at = 0
    for region in part.regions:
        for line, edit in edits[at:]:
            if edit.start >= region.offset:
                break
            yield edit.start, edit.end - edit.start, [shifted([edit], -edit.start)], [(line, edit)]
            at += 1
        inside = [one for one in edits[at:] if one[1].end <= region.offset + region.chars]
        if not inside:
            raise NotRestored("the ledger is of an earlier version")
        changesets = [[stored.edit(part.rules) for stored in changeset] for changeset in region.changesets]
        yield region.offset, region.chars, changesets, inside
        at += len(inside)
    for line, edit in edits[at:]:
        yield edit.start, edit.end - edit.start, [shifted([edit], -edit.start)], [(line, edit)]
