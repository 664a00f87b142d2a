"""From hits of the prefilter to segments: the line-aligned parts of a block that rules get to see.

All positions here are bytes of a block of UTF-8. Which lines are candidates depends on the text alone, never on
where a block begins or ends: what can't be decided yet at the end of a block is left for the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import NamedTuple

import msgspec

from ..matching import Trigger
from ..model.lines import EDGE, LONG, LineIndex

Span = tuple[int, int, frozenset[int]]  # bytes, and the triggers that matched
NONE: frozenset[int] = frozenset()
PAGE = 3  # short lines with words of menus and forms, from which a document may be a flattened web page
BUTTON = 64  # bytes of such a line: 20 hanzi


class Segment(msgspec.Struct, frozen=True, gc=False):
    """Bytes `[start, end)` of a block and the triggers that matched in it.

    Its first `head` bytes lie in the head of the document, its last `tail` bytes in the tail; `first` and `last`
    tell whether it begins or ends the document. `page`: it is the whole of a document that may be a web page.
    """

    start: int
    end: int
    triggers: frozenset[int]
    head: int = 0
    tail: int = 0
    first: bool = False
    last: bool = False
    page: bool = False


class TriggerIndex(msgspec.Struct, frozen=True):
    """Which triggers do what: numbers of `triggers`."""

    triggers: Sequence[Trigger]
    cues: frozenset[int]  # several of them make a page
    never: frozenset[int]  # make no line a candidate
    outside: frozenset[int]  # none between head and tail
    simple: frozenset[int]  # their line and nothing else
    removing: frozenset[int]  # open all of a head or tail


def trigger_index(triggers: Sequence[Trigger]) -> TriggerIndex:
    def those(which: Callable[[Trigger], bool]) -> frozenset[int]:
        return frozenset(number for number, trigger in enumerate(triggers) if which(trigger))

    return TriggerIndex(
        triggers,
        cues=those(lambda trigger: trigger.page),
        never=those(lambda trigger: not trigger.opens),
        outside=those(lambda trigger: trigger.ends or not trigger.opens),
        simple=those(lambda trigger: not trigger.back and not trigger.reach),
        removing=those(lambda trigger: trigger.reach > 0),
    )


class SegmentBatch(msgspec.Struct):
    """The segments of a block that can be decided, and where the undecided rest begins.

    `carried` is what the rest begins with where a region over LONG was cut there: its length and triggers.
    """

    segments: list[Segment]
    rest: int
    carried: tuple[int, frozenset[int]] = (0, frozenset())


class _Zones(NamedTuple):
    """Where a block lies in its document: whether it begins or ends it, the bytes at which the head ends and the tail

    begins (a tail only if it ends the document), and its length.
    """

    first: bool
    last: bool
    head: int
    tail: int
    length: int


def find_segments(
    lines: LineIndex,
    hits: Sequence[tuple[int, int]],
    index: TriggerIndex,
    first: bool,
    last: bool,
    edges: bool,
    carried: tuple[int, frozenset[int]] = (0, frozenset()),
    opened: Sequence[Span] = (),
) -> SegmentBatch:
    """The segments of a block. `first` and `last`: the block begins or ends its document.

    `edges`: there are rules for the very first and last line, which no scan finds. `opened` are more candidate lines.
    A block that is not the last must be longer than its tail (see `LineIndex.tail_start`), else nothing is decided.
    """
    length = len(lines.data)
    if index.cues and first and last and length <= LONG and _may_be_page(lines, hits, index.cues):
        return SegmentBatch([_whole(lines, frozenset([trigger for _, trigger in hits]))], length)
    zones = _Zones(first, last, lines.head_end() if first else 0, lines.tail_start(), length)
    spans = [*_spans(lines, _in_zone(hits, index, zones.head, zones.tail), index), *opened]
    spans += _edge_spans(spans, index, zones.head, zones.tail if last else length, length)
    if edges and length:
        spans += [(0, lines.neighbour_after(0), NONE)] if first else []
        spans += [(lines.neighbour_before(length), length, NONE)] if last else []
    if carried[0]:
        spans.append((0, *carried))
    spans.sort(key=itemgetter(0, 1))
    return _decided(_merged(spans), lines, zones)


def _decided(spans: Sequence[Span], lines: LineIndex, zones: _Zones) -> SegmentBatch:
    """Segments up to the tail of a block that is not the last: what reaches into it waits for the next block."""
    rest = zones.length if zones.last else zones.tail
    decided: list[Segment] = []
    for whole in spans:
        for start, end, triggers in (whole,) if whole[1] - whole[0] <= LONG else _split(whole, lines):
            if end > rest:
                rest = min(rest, start)
                return SegmentBatch(decided, rest, (whole[1] - rest, whole[2]) if rest > whole[0] else (0, NONE))
            decided.append(_placed(start, end, triggers, zones))
    return SegmentBatch(decided, rest)


def _placed(start: int, end: int, triggers: frozenset[int], zones: _Zones) -> Segment:
    if start >= zones.head and not (zones.last and end > zones.tail):
        return Segment(start, end, triggers)
    return Segment(
        start,
        end,
        triggers,
        head=max(0, min(end, zones.head) - start),
        tail=max(0, end - max(start, zones.tail)) if zones.last else 0,
        first=zones.first and start == 0,
        last=zones.last and end == zones.length,
    )


def _in_zone(hits: Sequence[tuple[int, int]], index: TriggerIndex, head: int, tail: int) -> Sequence[tuple[int, int]]:
    """The hits that make their line a candidate: of triggers for the head and tail only those that lie there."""
    never, outside = index.never, index.outside
    if not outside:
        return hits
    return [hit for hit in hits if hit[1] not in (outside if head < hit[0] <= tail else never)]


def _may_be_page(lines: LineIndex, hits: Sequence[tuple[int, int]], cues: frozenset[int]) -> bool:
    found = {lines.start(max(at - 1, 0)) for at, trigger in hits if trigger in cues}
    return sum(lines.end(start) - start <= BUTTON for start in found) >= PAGE


def _whole(lines: LineIndex, triggers: frozenset[int]) -> Segment:
    """A whole document as one segment."""
    length = len(lines.data)
    return Segment(0, length, triggers, lines.head_end(), length - lines.tail_start(), True, True, True)


def _spans(lines: LineIndex, hits: Sequence[tuple[int, int]], index: TriggerIndex) -> list[Span]:
    """What each line with hits opens: one span a line, with its triggers."""
    spans: list[Span] = []
    data, cuts = lines.data, lines.cuts
    simple = index.simple
    here: set[int] = set()
    start = end = -1
    for at, trigger in (*sorted(hits), (len(data) + 2, -1)):
        if at <= end:
            here.add(trigger)
            continue
        if here:
            found = frozenset(here)
            spans.append((start, end, found) if found <= simple else _wider(lines, start, end, found, index.triggers))
        if trigger < 0:
            break
        last = max(at - 1, 0)
        if cuts:
            start, end = lines.start(last), lines.end(last)
        else:
            start, end = data.rfind(b"\n", 0, last) + 1, data.find(b"\n", last) + 1 or len(data)
        here = {trigger}
    return spans


def _wider(lines: LineIndex, start: int, end: int, here: frozenset[int], triggers: Sequence[Trigger]) -> Span:
    back = max(triggers[trigger].back for trigger in here)
    if back:
        start = lines.back(start, back)
    if any(triggers[trigger].reach for trigger in here):
        return lines.neighbour_before(start), lines.neighbour_after(end), here
    return start, end, here


def _edge_spans(spans: Sequence[Span], index: TriggerIndex, head: int, tail: int, length: int) -> list[Span]:
    """The whole head or tail, where something that removes fired in it."""
    removing = index.removing
    opened: list[Span] = []
    if head and any(span[0] < head and not removing.isdisjoint(span[2]) for span in spans):
        opened.append((0, head, NONE))
    if tail < length and any(span[1] > tail and not removing.isdisjoint(span[2]) for span in spans):
        opened.append((tail, length, NONE))
    return opened


def _merged(spans: Sequence[Span]) -> list[Span]:
    """The sorted spans, those that touch as one."""
    merged: list[Span] = []
    reached = -1
    for start, end, triggers in spans:
        if start <= reached:
            low, _, others = merged[-1]
            reached = max(reached, end)
            merged[-1] = low, reached, others | triggers
        else:
            merged.append((start, end, triggers))
            reached = end
    return merged


def _split(span: Span, lines: LineIndex) -> list[Span]:
    """A span over LONG in several, each with all its triggers."""
    parts: list[Span] = []
    start, end, triggers = span
    while end - start > LONG:
        cut = _behind_short(lines, start, lines.start(start + LONG))
        if cut <= start:
            cut = lines.end(start)
        parts.append((start, cut, triggers))
        start = cut
    if start < end:
        parts.append((start, end, triggers))
    return parts


def _behind_short(lines: LineIndex, start: int, end: int) -> int:
    """Behind the shortest of the EDGE lines before `end`: where lines were broken, a paragraph's last is short."""
    best, shortest = end, LONG
    at = end
    for _ in range(EDGE):
        before = lines.start(at - 1)
        if before <= start:
            break
        if at - before < shortest:
            best, shortest = at, at - before
        at = before
    return best
