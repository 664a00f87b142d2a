"""From decoded blocks to edits: scan, open regions, let the stages work on each, compose their layers."""

from __future__ import annotations

import copy
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property, partial
from typing import Any

import msgspec

from .engine.context import Candidates, Plan, RegionContext
from .engine.document_context import DocumentWindows
from .engine.linewrap import WrapDetector, WrapStyle
from .engine.page_features import PageFeatures
from .engine.segments import NONE, Segment, TriggerIndex, find_segments, trigger_index
from .engine.sequential import SequentialRules
from .matching import Prefilter, Rule, RuleSet, build_prefilter
from .model.blocks import Block, Region
from .model.edits import Edit, Flag, OffsetMap, Tag, flatten, shifted
from .model.lines import LONG, LineIndex, character_start, count_characters, trigger_lines
from .stages import EDITING, boilerplate, flag, placeholder

BLOCK = 1 << 20  # bytes of UTF-8 that are scanned at once
PLANS = 8192  # that are remembered: of millions of documents nearly each has its own
ROUNDS = 3  # a region is gone through again until it is still


class _DocumentState(msgspec.Struct):
    """How far one document has come: the next block begins at character `offset`.

    `carried` is what a region over the end of the last block began with; a rule in `failed` ran out of time and is left
    out for the rest of the document.
    """

    horizons: WrapDetector | None
    around: DocumentWindows | None
    offset: int = 0
    first: bool = True
    carried: tuple[int, frozenset[int]] = (0, NONE)
    failed: set[str] = set()

    def through(self, chunks: Iterable[bytes]) -> Iterable[bytes]:
        for one in (self.horizons, self.around):
            chunks = chunks if one is None else one.through(chunks)
        return chunks

    def go_on(self, block: Block) -> None:
        self.first = False
        self.offset += block.chars
        for one in (self.horizons, self.around):
            if one is not None:
                one.base += len(block.data)


class Result(msgspec.Struct):
    """A text cleaned in one go: the text without tags, the flat edits and the tags in characters of the source."""

    text: str
    edits: list[Edit]
    tags: list[Tag]
    flags: list[Flag]


class Pipeline:
    """The stages after decoding, for one set of rules. Holds no state of any input."""

    def __init__(self, rules: RuleSet, scanner: str | None = None, explains: bool = False) -> None:
        self.rules = rules
        self._explains = explains
        self._prefer = scanner
        self._joining = frozenset(() if rules.program.unwrap is None else (rules.program.unwrap,))
        self._off: frozenset[str] = frozenset()
        self._plans: dict[frozenset[int], tuple[Plan, tuple[tuple[int, int], ...]]] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        """Without what is compiled: another process makes that for itself, or finds it in the cache."""
        return Pipeline, (self.rules, self._prefer, self._explains)

    @cached_property
    def scanner(self) -> Prefilter:
        """Raises UsageProblem for a bad expression; a set of rules that was built before was checked before."""
        return self.rules.program.prefilter(self._prefer)

    @cached_property
    def _waking(self) -> TriggerIndex:
        return trigger_index(self.rules.program.triggers)

    def without(self, off: frozenset[str]) -> Pipeline:
        """The same pipeline where rules of these ids are never asked; shares the scanners."""
        if off == self._off:
            return self
        _ = self.scanner, self._sequence
        other = copy.copy(self)
        other._off, other._plans = off, {}
        return other

    @cached_property
    def _signs(self) -> PageFeatures:
        features = self.rules.features
        return PageFeatures(features, partial(build_prefilter, rules=features, prefer=self._prefer))

    @cached_property
    def _sequence(self) -> SequentialRules | None:
        if not self.rules.sequence:
            return None
        rules = [rule for rule in self.rules.all if rule.in_sequence]
        make = partial(build_prefilter, rules=rules, prefer=self._prefer, once=True)
        return SequentialRules(self.rules.sequence, make)

    def blocks(self, chunks: Iterable[bytes], size: int = BLOCK) -> Iterator[Block]:
        """The decided blocks of one document, given as UTF-8 in chunks of any size (none splits a character).

        The blocks joined are the document; their size changes nothing about the edits.
        """
        course = _DocumentState(
            WrapDetector() if self._joining else None,
            DocumentWindows() if self.rules.uses_document else None,
        )
        pending: list[bytes] = []
        length = 0
        least = max(size, 2 * LONG)
        for chunk in course.through(chunks):
            pending.append(chunk)
            length += len(chunk)
            while length >= least + LONG:
                data = b"".join(pending)
                end = data.rfind(b"\n", 0, least) + 1 or character_start(data, least)
                block = self._block(data[:end], course, False)
                rest = data[len(block.data) :]
                pending, length = [rest], len(rest)
                if not block.data:
                    least += size
                    continue
                least = max(size, 2 * LONG)
                course.go_on(block)
                yield block
        data = b"".join(pending)
        if data or course.first:
            yield self._block(data, course, True)

    def clean(self, text: str) -> Result:
        """Cleans a text that is one document. Raises UnicodeEncodeError for lone surrogates."""
        blocks = list(self.blocks([text.encode()]))
        edits = [edit for block in blocks for edit in block.edits]
        tags = [tag for block in blocks for tag in block.tags]
        return Result(
            "".join(block.text for block in blocks), edits, tags, [flag for block in blocks for flag in block.flags]
        )

    def _block(self, data: bytes, course: _DocumentState, last: bool) -> Block:
        horizons, around, offset, first = course.horizons, course.around, course.offset, course.first
        lines = LineIndex(data)
        hits = sorted(self._hits(data))
        woken = [(low, high, self._joining) for low, high in horizons.within(len(data))] if horizons else []
        if self._sequence is not None and data:
            woken.append((0, len(data), NONE))
        edges = bool(self.rules.edges)
        opened = find_segments(lines, hits, self._waking, first, last, edges, course.carried, woken)
        course.carried = opened.carried
        regions = []
        at = chars = hit = 0
        for region in opened.regions:
            chars += count_characters(data, at, region.start)
            text = data[region.start : region.end].decode()
            at = region.end
            begin = bisect_right(hits, (region.start, 1 << 30), hit)
            hit = bisect_right(hits, (region.end, 1 << 30), begin) if at < len(data) else len(hits)
            wrap = horizons.at(region.start) if horizons else None
            work = self._work(region, text, data, hits[begin:hit], wrap)
            work.failed = course.failed
            work.around = partial(around.at, region.start) if around else None
            self.settle(work)
            regions.append(_cleaned(region, offset + chars, text, work))
            chars += len(text)
        chars += count_characters(data, at, opened.rest)
        return Block(data[: opened.rest], offset, chars, regions, course.failed)

    def _hits(self, data: bytes) -> list[tuple[int, int]]:
        """`(end, probe)` with ends in `data`, whatever its line ends are."""
        if b"\r" in data:
            plain = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            hits = self._hits(plain)
            return _with_returns(data, hits) if hits else hits
        hits = self.scanner.scan(data if data.endswith(b"\n") else data + b"\n")
        if idle := self.rules.program.disabled:
            hits = [hit for hit in hits if hit[1] not in idle]
        return hits + self._slow_hits(data) if self.rules.program.unfiltered else hits

    def _slow_hits(self, data: bytes) -> list[tuple[int, int]]:
        """Hits of rules that no scanner takes."""
        text = data.decode()
        hits = []
        for probe, rule in self.rules.program.unfiltered:
            hits += [(len(text[:end].encode()), probe) for start, end, _ in rule.spans(text)]
        return hits

    def _work(
        self, region: Segment, text: str, data: bytes, hits: list[tuple[int, int]], wrap: WrapStyle | None
    ) -> RegionContext:
        if self._sequence is not None or wrap is not None:  # much is open: what fired elsewhere says nothing here
            region.probes = frozenset([probe for _, probe in hits])
        if wrap is not None:
            region.probes |= self._joining
        plan, folds = self._plan(region.probes, region.first, region.last)
        wake = self.wake if wrap is None else partial(self.wake, fired=self._joining)
        work = RegionContext(
            text,
            Candidates(plan, folds, trigger_lines(text, data, region.start, region.end, hits)),
            wake,
            self.rules.program,
        )
        work.wrap = wrap
        work.level = self.rules.level
        if region.head or region.tail:
            work.first, work.last = region.first, region.last
            if region.page and self.rules.page is not None:
                work.page = self.rules.page, self._signs.asked
            work.head = len(data[region.start : region.start + region.head].decode())
            work.tail = len(data[region.end - region.tail : region.end].decode())
        if self._explains:
            work.decisions = []
        return work

    def settle(self, work: RegionContext) -> None:
        """Runs the stages on a region until nothing changes, ROUNDS times at most."""
        for number in range(ROUNDS):
            if not work.plan and (number or self._sequence is None):
                return
            before = len(work.layers)
            for stage in EDITING:
                rules = work.plan.get(stage.NAME)
                if rules is not None and (edits := stage.edits(work, rules)):
                    work.take(edits)
                if stage is not boilerplate or number or self._sequence is None:
                    continue
                if edits := self._sequence.edits(work, self._off):
                    work.take(edits)
            if len(work.layers) == before:
                return

    def wake(self, text: str, first: bool, last: bool, fired: frozenset[int] = frozenset()) -> Candidates:
        """What may match in a text of one region, where the probes `fired` did anyway."""
        data = text.encode()
        hits = self._hits(data)
        if not hits and not (first or last or fired):
            return STILL
        hits.sort()
        plan, folds = self._plan(fired.union([probe for _, probe in hits]), first, last)
        return Candidates(plan, folds, trigger_lines(text, data, 0, len(data), hits))

    def _plan(self, fired: frozenset[int], first: bool, last: bool) -> tuple[Plan, tuple[tuple[int, int], ...]]:
        key = fired | {-1} if first or last else fired
        found = self._plans.get(key)
        if found is None:
            probes = self.rules.program.triggers
            numbers = {number for probe in fired for number in probes[probe].rules}
            if first or last:
                numbers.update(self.rules.edges)
            folds = tuple((probe, row) for probe in sorted(fired) if (row := probes[probe].folds) is not None)
            chosen = [self.rules.rules[number] for number in sorted(numbers)]
            members: dict[str, list[Rule]] = {"boilerplate": []} if folds else {}
            for rule in chosen:
                if rule.id not in self._off:
                    members.setdefault(rule.stage, []).append(rule)
            for rule in self.rules.dependent:
                if rule.stage in members and rule.id not in self._off:
                    members[rule.stage].append(rule)
            plan: Plan = {stage: tuple(rules) for stage, rules in members.items()}
            if len(self._plans) >= PLANS:
                self._plans.clear()
            found = self._plans[key] = plan, folds
        return found


STILL = Candidates({}, (), {})


def _with_returns(data: bytes, hits: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Hits in a text whose line ends were made `\\n`, moved to where they are in `data`."""
    moved = []
    at = plain = 0  # the same place in both
    following = data.find(b"\r\n")
    for end, probe in sorted(hits):
        while 0 <= following < end - plain + at:
            plain += following - at + 1
            at = following + 2
            following = data.find(b"\r\n", at)
        moved.append((end - plain + at, probe))
    return moved


def _cleaned(region: Segment, offset: int, source: str, work: RegionContext) -> Region:
    layers = work.layers
    flat = layers[0] if len(layers) == 1 else flatten(layers, source) if layers else []
    tags: list[Tag] = []
    tagging = work.plan.get(placeholder.NAME)
    tags_in = placeholder.tags(work, tagging) if tagging else []
    flags = _flags(work, flat, offset)
    if tags_in:
        places = OffsetMap(flat)
        for tag in tags_in:
            start, end = places.back(tag.start, tag.end)
            tags.append(Tag(start + offset, end + offset, tag.kind, tag.text, tag.rule))
    return Region(
        region.start,
        region.end,
        offset,
        work.text,
        shifted(flat, offset),
        tags,
        tags_in,
        work.layers,
        work.decisions or [],
        flags,
    )


def _flags(work: RegionContext, flat: list[Edit], offset: int) -> list[Flag]:
    """In characters of the source."""
    moved = [(found, found.start, found.end) for found in flag.hidden_messages(flat)]
    rules = work.plan.get(flag.NAME)
    if rules:
        places = OffsetMap(flat)
        moved += [(found, *places.back(found.start, found.end)) for found in flag.flags(work, rules)]
    return [msgspec.structs.replace(found, start=start + offset, end=end + offset) for found, start, end in moved]
