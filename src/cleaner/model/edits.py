"""Edits, and how changesets of them compose.

A changeset is the list of edits of one stage, in characters of that stage's input: sorted, disjoint, inside the text.
All functions here keep these three properties; none of them compares two texts to find out what changed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

import msgspec


class Evidence(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Why several rules together removed something: the rules with their weights, and the `sum` that decided.

    The sum is that of the `parts`; with `run` it is that of all lines that were decided together.
    """

    sum: float
    parts: tuple[tuple[str, float], ...]
    run: bool = False


class Edit(msgspec.Struct, frozen=True, gc=False):
    """Characters `[start, end)`, which read `before`, become `after`.

    Which text the characters are of depends on the list that holds the edit. `kind` is None where nothing is removed.
    `through` names the rules of earlier stages whose edits this one includes. `evidence` (`reason` in JSON) is unset
    where `rule` decided alone.
    """

    start: int
    end: int
    before: str
    after: str
    stage: str
    rule: str
    kind: str | None = None
    through: tuple[str, ...] = ()
    evidence: Evidence | msgspec.UnsetType = msgspec.field(default=msgspec.UNSET, name="reason")


class PiecedEdit(Edit, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """An edit of a document in pieces, for programs: `piece` is the number of its paragraph or cue, from 1."""

    piece: int


class Tag(msgspec.Struct, frozen=True, gc=False):
    """A placeholder found at characters `[start, end)`. Never an edit."""

    start: int
    end: int
    kind: str
    text: str
    rule: str


class Flag(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Something to report at characters `[start, end)` that was not changed, or was removed and held a message.

    A hidden message has its `mark` (zero-width, tag, selector) and the `bits` that it can hold at most.
    """

    flag: str
    start: int
    end: int
    text: str
    rule: str
    mark: str | None = None
    bits: int | None = None


def apply(text: str, edits: Sequence[Edit]) -> str:
    """The text after a changeset."""
    if len(edits) == 1:
        only = edits[0]
        return text[: only.start] + only.after + text[only.end :]
    pieces = []
    at = 0
    for edit in edits:
        pieces.append(text[at : edit.start])
        pieces.append(edit.after)
        at = edit.end
    pieces.append(text[at:])
    return "".join(pieces)


def invert(edits: Iterable[Edit]) -> list[Edit]:
    """The changeset that turns the text after `edits` into the text before them."""
    shift = 0
    back = []
    for edit in edits:
        start, before, after = edit.start + shift, edit.after, edit.before
        end = start + len(before)
        back.append(Edit(start, end, before, after, edit.stage, edit.rule, edit.kind, edit.through, edit.evidence))
        shift += len(edit.after) - (edit.end - edit.start)
    return back


def shifted(edits: Iterable[Edit], by: int) -> list[Edit]:
    """The same edits in a text that begins `by` characters earlier."""
    if not by:
        return list(edits)
    return [
        Edit(e.start + by, e.end + by, e.before, e.after, e.stage, e.rule, e.kind, e.through, e.evidence) for e in edits
    ]


def compose(first: Sequence[Edit], second: Sequence[Edit], source: str, middle: str) -> list[Edit]:
    """One changeset that does what `first` (source to middle) and then `second` (on middle) do.

    Edits that touch nothing of each other are kept. Where an edit of `second` cuts into what an edit of `first` wrote,
    or removes the place of one, they become one edit of the later rule, and `through` names the earlier.
    """
    if not first:
        return list(second)
    if not second:
        return list(first)
    flat: list[Edit] = []
    i = j = shift = 0  # shift: characters that `first` added up to here, so middle = source + shift
    while j < len(second):
        while i < len(first) and first[i].start + shift + len(first[i].after) <= second[j].start:
            shift += len(first[i].after) - (first[i].end - first[i].start)
            flat.append(first[i])
            i += 1
        i0, j0, shift0 = i, j, shift
        low, high = second[j].start, second[j].end
        j += 1
        while True:  # grow the group until nothing overlaps it
            if i < len(first) and first[i].start + shift < high:
                low = min(low, first[i].start + shift)
                high = max(high, first[i].start + shift + len(first[i].after))
                shift += len(first[i].after) - (first[i].end - first[i].start)
                i += 1
            elif j < len(second) and second[j].start < high:
                high = max(high, second[j].end)
                j += 1
            else:
                break
        start, end = low - shift0, high - shift
        if i == i0:
            edit = second[j0]
            rest = (edit.stage, edit.rule, edit.kind, edit.through, edit.evidence)
            flat.append(Edit(start, end, edit.before, edit.after, *rest))
            continue
        after = apply(middle[low:high], shifted(second[j0:j], -low))
        if after != source[start:end]:
            flat += _joined(start, end, source, after, first[i0:i], second[j0:j])
    flat.extend(first[i:])
    return flat


def _joined(start: int, end: int, source: str, after: str, first: Sequence[Edit], second: Sequence[Edit]) -> list[Edit]:
    """One edit for `[start, end)`; but a repair never includes a removal.

    Blank lines squeezed around a removed advertisement are edits of their own: the advertisement keeps its rule.
    """
    kept = [edit for edit in first if edit.kind is not None and not edit.after]
    if not kept or any(edit.kind is not None for edit in second):
        return [_merged(start, end, source[start:end], after, first, second)]
    parts: list[Edit] = []
    repair = _merged(0, 0, "", "", [edit for edit in first if edit.kind is None or edit.after], second)
    for low, high, removal in zip(
        [start, *(edit.end for edit in kept)], [*(edit.start for edit in kept), end], [*kept, None], strict=True
    ):
        if low < high or after:
            parts.append(msgspec.structs.replace(repair, start=low, end=high, before=source[low:high], after=after))
            after = ""
        if removal is not None:
            parts.append(removal)
    return parts


def _merged(start: int, end: int, before: str, after: str, first: Sequence[Edit], second: Sequence[Edit]) -> Edit:
    lead = max(second, key=lambda e: e.end - e.start)
    names: dict[str, None] = {}
    for edit in (*first, *second):
        names.update(dict.fromkeys(edit.through))
        names[edit.rule] = None
    names.pop(lead.rule, None)
    return Edit(start, end, before, after, lead.stage, lead.rule, lead.kind, tuple(names), lead.evidence)


def flatten(changesets: Iterable[Sequence[Edit]], source: str) -> list[Edit]:
    """All changesets as one, in characters of the source."""
    flat: Sequence[Edit] = ()
    middle = source
    before: Sequence[Edit] = ()
    for changeset in changesets:
        middle = apply(middle, before)
        flat = compose(flat, changeset, source, middle)
        before = changeset
    return list(flat)


class OffsetMap:
    """Maps positions in the text after a flat list of edits back to the text before them."""

    def __init__(self, edits: Sequence[Edit]) -> None:
        self._edits = list(zip(invert(edits), edits, strict=True))
        self._ends = [after.end for after, _ in self._edits]

    def back(self, start: int, end: int) -> tuple[int, int]:
        """The characters of the earlier text that became `[start, end)` of the later one.

        A range that begins or ends inside what an edit wrote widens to that edit.
        """
        shift = 0
        low: int | None = None
        first = bisect_right(self._ends, start)
        if first:
            after, before = self._edits[first - 1]
            shift = before.end - after.end
        for after, before in map(self._edits.__getitem__, range(first, len(self._edits))):
            if low is None:
                low = before.start if after.start < start else start + shift
            if after.start >= end:
                return low, end + shift
            shift = before.end - after.end
            if after.end >= end:
                return low, before.end
        return (start + shift if low is None else low), end + shift
