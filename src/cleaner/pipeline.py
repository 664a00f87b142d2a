"""From decoded blocks to edits: scan, open regions, let the stages work on each, compose their layers."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import msgspec

from .engine.context import Candidates, Plan, RegionContext, RegionFacts
from .engine.horizons import observed
from .engine.linewrap import WrapDetector, WrapStyle
from .engine.page_features import PageFeatures
from .engine.samples import Sampler
from .engine.segments import NONE, Segment, TriggerIndex, find_segments, trigger_index
from .engine.sequential import SequentialRules
from .engine.stamp_detector import DocumentEvidence, Piece, StampDetector
from .matching import Prefilter, Rule, RuleSet
from .model.blocks import Block, Region
from .model.edits import Edit, Flag, OffsetMap, Tag, flatten, shifted
from .model.lines import LONG, LineIndex, character_start, count_characters, hit_lines, plain_ends, trigger_lines
from .rules import builtin
from .stages import FlaggingStage, StageOrder, TaggingStage, boilerplate, flag, mojibake

if TYPE_CHECKING:
    from .engine.span_model import SpanModel
    from .engine.webpage import PageLine

BLOCK = 1 << 20  # bytes of UTF-8 that are scanned at once
MODEL_KEPT = -3.0  # the score from which a span that the model does not take is explained
PLANS = 8192  # that are remembered: of millions of documents nearly each has its own
ROUNDS = 3  # a region is gone through again until it is still


class _DocumentState(msgspec.Struct):
    """How far one document has come: the next block begins at character `offset`.

    `carried` is what a region over the end of the last block began with; a rule in `failed` ran out of time and is left
    out for the rest of the document.
    """

    wraps: WrapDetector | None
    stamps: StampDetector | None
    samples: Sampler | None
    offset: int = 0
    first: bool = True
    carried: tuple[int, frozenset[int]] = (0, NONE)
    failed: set[str] = set()
    until_still: bool = True

    def through(self, chunks: Iterable[bytes]) -> Iterable[bytes]:
        if observers := [one for one in (self.wraps, self.stamps, self.samples) if one is not None]:
            chunks = observed(chunks, observers)
        return chunks

    def advance(self, block: Block) -> None:
        self.first = False
        self.offset += block.chars
        for one in (self.wraps, self.stamps, self.samples):
            if one is not None:
                one.block_start += len(block.data)


class Result(msgspec.Struct):
    """A text cleaned in one go: the text without tags, the flat edits and the tags in characters of the source."""

    text: str
    edits: list[Edit]
    tags: list[Tag]
    flags: list[Flag]


class Pipeline:
    """The stages after decoding, for one set of rules. Holds no state of any input."""

    def __init__(self, rules: RuleSet, explains: bool = False) -> None:
        self.rules = rules
        self._explains = explains
        self._joining = frozenset(() if rules.program.unwrap is None else (rules.program.unwrap,))
        self._off: frozenset[str] = frozenset()
        self._zone_at: Callable[[int], str] | None = None
        self._allows: Callable[[Rule, int, str], bool] | None = None
        self._may_be_page = True
        self._plans: dict[frozenset[int], tuple[Plan, tuple[tuple[int, int], ...]]] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        """Without what is compiled: another process makes that for itself."""
        return Pipeline, (self.rules, self._explains)

    @cached_property
    def prefilter(self) -> Prefilter:
        return self.rules.program.prefilter()

    @cached_property
    def _stages(self) -> StageOrder:
        return StageOrder(self.rules.stages)

    @cached_property
    def _index(self) -> TriggerIndex:
        return trigger_index(self.rules.program.triggers)

    def without(self, off: frozenset[str]) -> Pipeline:
        """The same pipeline without the rules of these ids; shares the prefilters."""
        if off == self._off:
            return self
        _ = self.prefilter, self._sequence
        other = self._copy()
        other._off, other._plans = off, {}
        return other

    def placed(
        self,
        zone_at: Callable[[int], str],
        may_be_page: bool = False,
        allows: Callable[[Rule, int, str], bool] | None = None,
    ) -> Pipeline:
        """The same pipeline for one document in pieces: in which zone a character of its text lies, and whether a
        rule of boilerplate may take a text that begins there.

        Its short lines make it a page of a site only where that may be.
        """
        other = self._copy()
        other._zone_at, other._may_be_page, other._allows = zone_at, may_be_page, allows
        return other

    def _copy(self) -> Pipeline:
        """One with the same state; `copy.copy` would make it anew, by `__reduce__`."""
        other = object.__new__(Pipeline)
        other.__dict__.update(self.__dict__)
        return other

    @property
    def _answering(self) -> dict[str, Rule]:
        """The rules that answer for what a document shows of itself, by what they do."""
        return {does: rule for does, rule in self.rules.answering.items() if rule.id not in self._off}

    @cached_property
    def _page_features(self) -> PageFeatures:
        return PageFeatures(self.rules.features)

    @cached_property
    def _sequence(self) -> SequentialRules | None:
        return SequentialRules(self.rules.sequence) if self.rules.sequence else None

    def blocks(self, chunks: Iterable[bytes], size: int = BLOCK, until_still: bool = True) -> Iterator[Block]:
        """The decided blocks of one document, given as UTF-8 in chunks of any size (none splits a character).

        The blocks joined are the document; their size changes nothing about the edits. `until_still`: what is left of
        a web page is cleaned again.
        """
        state = _DocumentState(
            WrapDetector() if self._joining else None,
            self._detector(),
            Sampler() if mojibake.NAME in self.rules.stages else None,
            until_still=until_still,
        )
        pending: list[bytes] = []
        length = 0
        least = max(size, 2 * LONG)
        for chunk in state.through(chunks):
            pending.append(chunk)
            length += len(chunk)
            while length >= least + LONG:
                data = b"".join(pending)
                end = data.rfind(b"\n", 0, least) + 1 or character_start(data, least)
                block = self._block(data[:end], state, False)
                rest = data[len(block.data) :]
                pending, length = [rest], len(rest)
                if not block.data:
                    least += size
                    continue
                least = max(size, 2 * LONG)
                state.advance(block)
                yield block
        data = b"".join(pending)
        if data or state.first:
            yield self._block(data, state, True)

    def clean(self, text: str) -> Result:
        """Cleans a text that is one document. Raises UnicodeEncodeError for lone surrogates."""
        blocks = list(self.blocks([text.encode()]))
        edits = [edit for block in blocks for edit in block.edits]
        tags = [tag for block in blocks for tag in block.tags]
        return Result(
            "".join(block.text for block in blocks), edits, tags, [flag for block in blocks for flag in block.flags]
        )

    def _block(self, data: bytes, state: _DocumentState, last: bool) -> Block:
        wraps, stamps, offset, first = state.wraps, state.stamps, state.offset, state.first
        lines = LineIndex(data)
        hits = sorted(self._hits(data))
        opened_lines = [(low, high, self._joining) for low, high in wraps.within(len(data))] if wraps else []
        if stamps:
            opened_lines += [(low, high, NONE) for low, high in stamps.within(len(data))]
        if self._sequence is not None and data:
            opened_lines.append((0, len(data), NONE))
        edges = bool(self.rules.edges)
        opened = find_segments(lines, hits, self._index, first, last, edges, state.carried, opened_lines)
        state.carried = opened.carried
        regions = []
        at = chars = hit = 0
        for segment in opened.segments:
            chars += count_characters(data, at, segment.start)
            text = data[segment.start : segment.end].decode()
            at = segment.end
            begin = bisect_right(hits, (segment.start, 1 << 30), hit)
            hit = bisect_right(hits, (segment.end, 1 << 30), begin) if at < len(data) else len(hits)
            wrap = wraps.at(segment.start) if wraps else None
            facts = self._facts(segment, data, wrap, stamps.at(segment.start) if stamps else None, offset + chars)
            if state.samples is not None:
                facts = facts._replace(sample=state.samples.at(segment.start))
            context = self._context(segment, text, data, hits[begin:hit], facts, state.failed)
            self.settle(context)
            if segment.page and state.until_still:
                self._clean_again(context)
            regions.append(self._cleaned(segment, offset + chars, text, context))
            chars += len(text)
        chars += count_characters(data, at, opened.rest)
        return Block(data[: opened.rest], offset, chars, regions, state.failed)

    def _hits(self, data: bytes) -> list[tuple[int, int]]:
        """`(end, trigger)` with ends in `data`, whatever its line ends are."""
        if b"\r" in data:
            hits = self._scanned(plain_ends(data))
            return _with_returns(data, hits) if hits else hits
        return self._scanned(data)

    def _scanned(self, data: bytes) -> list[tuple[int, int]]:
        """The same in bytes whose line ends are `\\n`."""
        text = data.decode()
        hits = self.prefilter.scan(text if text.endswith("\n") else text + "\n")
        return _in_bytes(text, hits) if hits and len(text) < len(data) else hits

    def _facts(
        self,
        segment: Segment,
        data: bytes,
        wrap: WrapStyle | None,
        evidence: DocumentEvidence | None,
        offset: int,
    ) -> RegionFacts:
        level, explains = self.rules.level, self._explains
        known = self._known(evidence)
        model = self._answering.get("model")
        modelled = None if evidence is None or model is None else (model, evidence.modelled)
        zone_at = None if self._zone_at is None else partial(_zone, self._zone_at, offset)
        allows = None if self._allows is None else partial(_allowed, self._allows, offset)
        if not (segment.head or segment.tail):
            return RegionFacts(
                level=level,
                wrap=wrap,
                evidence=known,
                modelled=modelled,
                explains=explains,
                zone_at=zone_at,
                allows=allows,
            )
        head = len(data[segment.start : segment.start + segment.head].decode())
        tail = len(data[segment.end - segment.tail : segment.end].decode())
        page = None
        if segment.page and self.rules.page is not None and self._may_be_page:
            page = self.rules.page, self._page_features.candidates, page_sums
        return RegionFacts(
            segment.first, segment.last, head, tail, level, wrap, page, known, modelled, explains,
            zone_at=zone_at, allows=allows,
        )  # fmt: skip

    def _detector(self) -> StampDetector | None:
        answering = self._answering
        if not answering:
            return None
        model = span_model if "model" in answering else None
        least = MODEL_KEPT if self._explains else self.rules.level.enough - 1.0
        wanted = {does for does in ("stamps", "code", "heads") if does in answering}
        return StampDetector(wanted, model, least)

    def _known(self, evidence: DocumentEvidence | None) -> tuple[tuple[Rule, Callable[[str], Iterable[Piece]]], ...]:
        if evidence is None:
            return ()
        finders = {"stamps": evidence.pieces, "code": evidence.code_lines, "heads": evidence.heads.spans}
        return tuple((rule, finders[does]) for does, rule in self._answering.items() if does in finders)

    def _context(
        self,
        segment: Segment,
        text: str,
        data: bytes,
        hits: list[tuple[int, int]],
        facts: RegionFacts,
        failed: set[str],
    ) -> RegionContext:
        fired = segment.triggers
        if self._sequence is not None or facts.wrap is not None:  # much is open: what fired elsewhere says nothing here
            fired = frozenset([trigger for _, trigger in hits])
        always = NONE if facts.wrap is None else self._joining
        if facts.evidence or facts.modelled is not None:
            always |= STAMPED
        plan, disguises = self._plan(fired | always, segment.first, segment.last)
        candidates = Candidates(plan, disguises, trigger_lines(text, data, segment.start, segment.end, hits))
        rescan = partial(self.rescan, fired=always) if always else self.rescan
        return RegionContext(text, candidates, rescan, self.rules.program, facts, failed)

    def settle(self, context: RegionContext) -> None:
        """Runs the stages on a region until nothing changes, ROUNDS times at most."""
        for number in range(ROUNDS):
            if not context.plan and (number or self._sequence is None):
                return
            before = len(context.changesets)
            for stage in self._stages.editing:
                rules = context.plan.get(stage.NAME)
                if rules is not None and (edits := stage.edits(context, rules)):
                    context.take(edits)
                if stage.NAME != boilerplate.NAME or number or self._sequence is None:
                    continue
                if edits := self._sequence.edits(context, self._off):
                    context.take(edits)
            if len(context.changesets) == before:
                return

    def _clean_again(self, context: RegionContext) -> None:
        """Cleans what is left of a page as the document that it is now, until nothing changes, ROUNDS times at most.

        A row of a menu is a tail once the lines below it are gone.
        """
        for _ in range(ROUNDS):
            if not context.changesets or not (edits := self._still_placed(context)._once(context.text)):
                return
            context.take(edits)

    def _still_placed(self, context: RegionContext) -> Pipeline:
        """The same pipeline for what is left of a document in pieces: a character is asked for where it stood."""
        if self._zone_at is None:
            return self
        zone_at, allows, back = self._zone_at, self._allows, context.in_source

        def allowed(rule: Rule, char: int, before: str) -> bool:
            return allows is None or allows(rule, back(char), before)

        return self.placed(lambda char: zone_at(back(char)), self._may_be_page, allowed)

    def _once(self, text: str) -> list[Edit]:
        return [edit for block in self.blocks([text.encode()], until_still=False) for edit in block.edits]

    def rescan(self, text: str, first: bool, last: bool, fired: frozenset[int] = frozenset()) -> Candidates:
        """What may match in a text of one region, where the triggers `fired` matched anyway."""
        if "\r" in text:
            data = text.encode()
            lines = trigger_lines(text, data, 0, len(data), sorted(self._hits(data)))
        else:
            lines = hit_lines(text, sorted(self.prefilter.scan(text if text.endswith("\n") else text + "\n")))
        if not lines and not (first or last or fired):
            return STILL
        plan, disguises = self._plan(fired.union(lines), first, last)
        return Candidates(plan, disguises, lines)

    def _plan(self, fired: frozenset[int], first: bool, last: bool) -> tuple[Plan, tuple[tuple[int, int], ...]]:
        key = fired | {-1} if first or last else fired
        found = self._plans.get(key)
        if found is None:
            triggers = self.rules.program.triggers
            stamped = not STAMPED.isdisjoint(fired)
            fired -= STAMPED
            numbers = {number for trigger in fired for number in triggers[trigger].rules}
            if first or last:
                numbers.update(self.rules.edges)
            disguises = tuple(
                (trigger, row) for trigger in sorted(fired) if (row := triggers[trigger].deobfuscation) is not None
            )
            chosen = [self.rules.rules[number] for number in sorted(numbers)]
            members: dict[str, list[Rule]] = {boilerplate.NAME: []} if disguises or stamped else {}
            for rule in chosen:
                if rule.id not in self._off:
                    members.setdefault(rule.stage, []).append(rule)
            for rule in self.rules.dependent:
                if rule.stage in members and rule.id not in self._off:
                    members[rule.stage].append(rule)
            plan: Plan = {stage: tuple(rules) for stage, rules in members.items()}
            if len(self._plans) >= PLANS:
                self._plans.clear()
            found = self._plans[key] = plan, disguises
        return found

    def _cleaned(self, segment: Segment, offset: int, source: str, context: RegionContext) -> Region:
        """The region with the tags and flags that the reading stages find in its final text."""
        changesets = context.changesets
        flat = changesets[0] if len(changesets) == 1 else flatten(changesets, source) if changesets else []
        tags_in = _tags(self._stages.tagging, context)
        tags: list[Tag] = []
        if tags_in:
            offsets = OffsetMap(flat)
            for tag in tags_in:
                start, end = offsets.back(tag.start, tag.end)
                tags.append(Tag(start + offset, end + offset, tag.kind, tag.text, tag.rule))
        flags = [
            msgspec.structs.replace(found, start=found.start + offset, end=found.end + offset)
            for found in _flags(self._stages.flagging, context, flat)
        ]
        edits, decisions = shifted(flat, offset), context.decisions
        return Region(
            segment.start, segment.end, offset, context.text, edits, tags, tags_in, changesets, decisions, flags
        )


def span_model() -> SpanModel:
    """The learned model of stamps; it is loaded with the first text that may hold one."""
    from .engine.span_model import load_model

    return load_model(builtin.folder() / "models" / "span-model")


def page_sums(text: str, lines: Sequence[PageLine]) -> dict[int, float]:
    """What the model of web pages says of the lines of a text; it is loaded with the first page."""
    from .engine.page_model import load_page_model

    return load_page_model(builtin.folder() / "models" / "page-model").sums(text, lines)


def _zone(zone_at: Callable[[int], str], offset: int, char: int) -> str:
    return zone_at(offset + char)


def _allowed(allows: Callable[[Rule, int, str], bool], offset: int, rule: Rule, char: int, before: str) -> bool:
    return allows(rule, offset + char, before)


STAMPED = frozenset([-2])  # stands among triggers for a document whose stamps are known
STILL = Candidates({}, (), {})


def _with_returns(data: bytes, hits: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Hits in a text whose line ends were made `\\n`, moved to where they are in `data`."""
    moved = []
    at = plain = 0  # the same place in both
    following = data.find(b"\r\n")
    for end, trigger in sorted(hits):
        while 0 <= following < end - plain + at:
            plain += following - at + 1
            at = following + 2
            following = data.find(b"\r\n", at)
        moved.append((end - plain + at, trigger))
    return moved


def _in_bytes(text: str, hits: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Hits with their ends in bytes of UTF-8."""
    moved = []
    at = place = 0
    for end, trigger in sorted(hits):
        place += len(text[at:end].encode())
        if end > len(text):  # the line end that was added
            place += 1
        at = end
        moved.append((place, trigger))
    return moved


def _tags(stages: Sequence[TaggingStage], context: RegionContext) -> list[Tag]:
    """In characters of the final text; where two stages tag the same ones, the tag of the first is kept."""
    found: list[Tag] = []
    for stage in stages:
        if rules := context.plan.get(stage.NAME):
            tags = stage.tags(context, rules)
            found += [tag for tag in tags if not any(tag.start < old.end and old.start < tag.end for old in found)]
    return sorted(found, key=lambda tag: tag.start) if len(stages) > 1 else found


def _flags(stages: Sequence[FlaggingStage], context: RegionContext, flat: list[Edit]) -> list[Flag]:
    """In characters of the source region."""
    found: list[Flag] = []
    for stage in stages:
        if stage.NAME == flag.NAME:
            found += flag.hidden_messages(flat)
        if rules := context.plan.get(stage.NAME):
            offsets = OffsetMap(flat)
            for one in stage.flags(context, rules):
                start, end = offsets.back(one.start, one.end)
                found.append(msgspec.structs.replace(one, start=start, end=end))
    return found
