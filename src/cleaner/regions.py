"""From hits of the scanner to regions: the line-aligned stretches of a block that rules get to see.

All positions here are bytes of a block of UTF-8. Which lines wake depends on the text alone, never on where a block
begins or ends: what can't be decided yet at the end of a block is left for the next one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

import msgspec

from .packs.ruleset import Probe

LONG = 64 << 10  # bytes: a region, a line, a head or a tail is never longer
EDGE = 40  # lines that count as head or tail
NEAR = 8  # blank lines that a neighbour may be away


class Region(msgspec.Struct, gc=False):
    """Bytes `[start, end)` of a block and the probes that fired in it.

    Its first `head` bytes lie in the head of the document, its last `tail` bytes in the tail; `first` and `last`
    tell whether it begins or ends the document.
    """

    start: int
    end: int
    probes: set[int]
    head: int = 0
    tail: int = 0
    first: bool = False
    last: bool = False


class Lines:
    """Where lines begin and end in a block. A line over LONG counts as several."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.cuts = _cuts(data)

    def start(self, at: int) -> int:
        """Where the line of byte `at` begins."""
        start = self.data.rfind(b"\n", 0, at) + 1
        if self.cuts:
            cut = bisect_right(self.cuts, at) - 1
            if cut >= 0:
                start = max(start, self.cuts[cut])
        return start

    def end(self, at: int) -> int:
        """Where the line of byte `at` ends, its line end included."""
        end = self.data.find(b"\n", at) + 1 or len(self.data)
        if self.cuts:
            cut = bisect_right(self.cuts, at)
            if cut < len(self.cuts):
                end = min(end, self.cuts[cut])
        return end

    def back(self, start: int, lines: int) -> int:
        """Where the line begins that is `lines` before the one beginning at `start`."""
        for _ in range(lines):
            if not start:
                break
            start = self.start(start - 1)
        return start

    def forth(self, end: int, lines: int) -> int:
        for _ in range(lines):
            if end >= len(self.data):
                break
            end = self.end(end)
        return end

    def neighbour_before(self, start: int) -> int:
        """Where the nearest line before that is not blank begins, NEAR blank lines away at most."""
        for _ in range(NEAR):
            if not start:
                break
            line = self.start(start - 1)
            blank = not self.data[line:start].strip()
            start = line
            if not blank:
                break
        return start

    def neighbour_after(self, end: int) -> int:
        for _ in range(NEAR):
            if end >= len(self.data):
                break
            line = end
            end = self.end(end)
            if self.data[line:end].strip():
                break
        return end

    def head_end(self) -> int:
        """Where the head ends, if this block begins a document."""
        end = self.forth(0, EDGE)
        return end if end <= LONG else max(self.start(LONG), self.end(0))

    def tail_start(self) -> int:
        """Where the tail begins, if this block ends a document."""
        start = self.back(len(self.data), EDGE)
        if len(self.data) - start > LONG:
            start = min(self.end(len(self.data) - LONG - 1), self.start(max(0, len(self.data) - 1)))
        return start


def _cuts(data: bytes) -> list[int]:
    """Where lines over LONG are cut: behind a sentence end or before a blank, else between two characters."""
    cuts: list[int] = []
    at = 0
    while at + LONG < len(data):
        newline = data.rfind(b"\n", at, at + LONG)
        if newline >= 0:
            at = newline + 1
            continue
        at = _cut(data, at)
        cuts.append(at)
    return cuts


def _cut(data: bytes, start: int) -> int:
    window = data[start + LONG // 2 : start + LONG]
    for mark, behind in ((b"\xe3\x80\x82", 3), (b" ", 0), (b",", 1)):
        found = window.rfind(mark)
        if found >= 0:
            return start + LONG // 2 + found + behind
    cut = start + LONG
    while data[cut] & 0xC0 == 0x80:
        cut -= 1
    return cut


class Opened(msgspec.Struct):
    """The regions of a block that can be decided, and where the undecided rest begins.

    `carried` is what the rest begins with where a region over LONG was cut there: its length and probes.
    """

    regions: list[Region]
    rest: int
    carried: tuple[int, tuple[int, ...]] = (0, ())


def open_regions(
    lines: Lines,
    hits: Iterable[tuple[int, int]],
    probes: Sequence[Probe],
    first: bool,
    last: bool,
    edges: bool,
    carried: tuple[int, tuple[int, ...]] = (0, ()),
) -> Opened:
    """The regions of a block. `first` and `last` tell whether the block begins or ends its document.

    `edges`: there are rules for the very first and last line, which no scan finds. A block that is not the last
    must be longer than its tail (see `Lines.tail_start`), else nothing of it is decided.
    """
    length = len(lines.data)
    spans = _spans(lines, hits, probes)
    head = lines.head_end() if first else 0
    tail = lines.tail_start()
    spans += _edge_spans(spans, probes, head, tail if last else length, length)
    if edges and length:
        spans += [(0, lines.neighbour_after(0), ())] if first else []
        spans += [(lines.neighbour_before(length), length, ())] if last else []
    if carried[0]:
        spans.append((0, carried[0], carried[1]))
    rest = length if last else tail
    decided = []
    for whole in _merged(sorted(spans, key=lambda span: span[:2])):
        for region in _split(whole, lines):
            if region.end > rest:
                rest = min(rest, region.start)
                left = (whole.end - rest, tuple(whole.probes)) if rest > whole.start else (0, ())
                return Opened(decided, rest, left)
            region.first = first and region.start == 0
            region.last = last and region.end == length
            region.head = max(0, min(region.end, head) - region.start)
            region.tail = max(0, region.end - max(region.start, tail)) if last else 0
            decided.append(region)
    return Opened(decided, rest)


Span = tuple[int, int, tuple[int, ...]]


def _spans(lines: Lines, hits: Iterable[tuple[int, int]], probes: Sequence[Probe]) -> list[Span]:
    """What each line with hits wakes: one span a line, with its probes."""
    spans: list[Span] = []
    here: set[int] = set()
    start = end = -1
    for at, probe in sorted(hits):
        if at - 1 < end:
            here.add(probe)
            continue
        if here:
            spans.append(_span(lines, start, end, here, probes))
        start, end = lines.start(max(at - 1, 0)), lines.end(max(at - 1, 0))
        here = {probe}
    if here:
        spans.append(_span(lines, start, end, here, probes))
    return spans


def _span(lines: Lines, start: int, end: int, here: set[int], probes: Sequence[Probe]) -> Span:
    back = max(probes[probe].back for probe in here)
    if back:
        start = lines.back(start, back)
    if any(probes[probe].reach for probe in here):
        return lines.neighbour_before(start), lines.neighbour_after(end), tuple(here)
    return start, end, tuple(here)


def _edge_spans(spans: Sequence[Span], probes: Sequence[Probe], head: int, tail: int, length: int) -> list[Span]:
    """The whole head or tail, where something that removes fired in it."""
    removing = [span for span in spans if any(probes[probe].reach for probe in span[2])]
    opened: list[Span] = []
    if any(span[0] < head for span in removing):
        opened.append((0, head, ()))
    if tail < length and any(span[1] > tail for span in removing):
        opened.append((tail, length, ()))
    return opened


def _merged(spans: Sequence[Span]) -> list[Region]:
    regions: list[Region] = []
    for start, end, probes in spans:
        if regions and start <= regions[-1].end:
            region = regions[-1]
            region.end = max(region.end, end)
            region.probes.update(probes)
        else:
            regions.append(Region(start, end, set(probes)))
    return regions


def _split(region: Region, lines: Lines) -> list[Region]:
    """A region over LONG in several, each with all its probes."""
    if region.end - region.start <= LONG:
        return [region]
    parts = []
    start = region.start
    while region.end - start > LONG:
        cut = lines.start(start + LONG)
        if cut <= start:
            cut = lines.end(start)
        parts.append(Region(start, cut, set(region.probes)))
        start = cut
    if start < region.end:
        parts.append(Region(start, region.end, set(region.probes)))
    return parts
