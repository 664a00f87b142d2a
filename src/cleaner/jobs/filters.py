"""Filters: what a run shows or writes of the blocks. Each yields blocks whose edits, text and tags agree."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import tee

from msgspec.structs import replace

from ..matching.ruleset import has_prefix
from ..model.blocks import Block, Region
from ..model.choices import REMOVAL, TAGS
from ..model.edits import Edit, OffsetMap, Tag, apply, flatten, invert, shifted
from ..model.errors import UsageProblem
from ..model.inputs import InputFile
from ..pipeline import Pipeline
from ..rules.renamed import current
from ..rules.stages import DEFAULT_ORDER, points

Filter = Callable[[InputFile, Iterator[Block]], Iterator[Block]]
REPAIRS = "repairs"  # stands for the kind of edits that have none
STAGE_POINTS = points(DEFAULT_ORDER)


def source_of(block: Block, region: Region) -> str:
    """The text of a region before all stages."""
    return block.data[region.start : region.end].decode()


def with_edits(region: Region, source: str, kept: Sequence[Edit]) -> Region:
    """The region as if only `kept`, some of its edits, had been made. Its changesets become one."""
    changeset = shifted(kept, -region.offset)
    text = apply(source, changeset)
    changesets = [changeset] if changeset else []
    return replace(
        region, text=text, edits=list(kept), output_tags=_carried(region, changeset, text), changesets=changesets
    )


def _carried(region: Region, changeset: Sequence[Edit], text: str) -> list[Tag]:
    """Tags of the source in the text after `changeset`; one that an edit swallows is not in it."""
    places = OffsetMap(invert(changeset))
    found = []
    for tag in region.tags:
        start, end = places.back(tag.start - region.offset, tag.end - region.offset)
        if text[start:end] == tag.text:
            found.append(Tag(start, end, tag.kind, tag.text, tag.rule))
    return found


def select(names: Sequence[str]) -> Filter:
    """Edits and tags whose kind, stage or rule (or family of rules) is one of `names`."""

    def wanted(kind: str | None, stage: str, rule: str) -> bool:
        return any(name in (kind or REPAIRS, stage) or has_prefix(rule, name) for name in names)

    def filtered(_: InputFile, blocks: Iterator[Block]) -> Iterator[Block]:
        for block in blocks:
            regions = []
            for region in block.regions:
                kept = [edit for edit in region.edits if wanted(edit.kind, edit.stage, edit.rule)]
                tags = [tag for tag in region.tags if wanted(tag.kind, stage_of(tag.rule), tag.rule)]
                inside = [tag for tag in region.output_tags if wanted(tag.kind, stage_of(tag.rule), tag.rule)]
                if len(kept) < len(region.edits) or len(tags) < len(region.tags):
                    seen = replace(region, tags=tags, output_tags=inside)
                    region = with_edits(seen, source_of(block, region), kept)  # noqa: PLW2901 - what is left of it
                regions.append(region)
            yield replace(block, regions=regions)

    return filtered


def new_only(others: Pipeline, off: frozenset[str] = frozenset()) -> Filter:
    """What `others` without the rules `off` would not do: removals of what they leave, other replacements and tags."""

    def filtered(item: InputFile, blocks: Iterator[Block]) -> Iterator[Block]:
        ours, again = tee(blocks)
        theirs = others.without(others.rules.off_for(item.path) | off).blocks(block.data for block in again)
        edits: list[Edit] = []
        tags: list[Tag] = []
        reached = 0
        for block in ours:
            end = block.offset + block.chars
            edits = [edit for edit in edits if edit.end >= block.offset]
            while reached < end and (other := next(theirs, None)) is not None:
                reached = other.offset + other.chars
                edits += other.edits
                tags += other.tags
            yield replace(block, regions=[_left(region, block, edits, tags) for region in block.regions])

    return filtered


def _left(region: Region, block: Block, edits: Sequence[Edit], tags: Sequence[Tag]) -> Region:
    known = {(tag.start, tag.end, tag.kind) for tag in tags}
    kept = [edit for edit in region.edits if not _done(edit, edits)]
    fresh = [tag for tag in region.tags if (tag.start, tag.end, tag.kind) not in known]
    seen = replace(region, tags=fresh, output_tags=[])
    return with_edits(seen, source_of(block, region), kept)


def _done(edit: Edit, others: Sequence[Edit]) -> bool:
    """Whether the sorted `others` make this edit, or take away all that it does."""
    near = [other for other in others if other.start <= edit.end and other.end >= edit.start]
    if edit.after or edit.start == edit.end:
        return any((other.start, other.end, other.after) == (edit.start, edit.end, edit.after) for other in near)
    at = edit.start
    for other in near:
        if not other.after and other.start <= at < other.end:
            at = other.end
    return at >= edit.end


def stage_of(rule: str) -> str:
    """The stage that a rule id begins with."""
    return rule.partition("/")[0]


def check_only(names: Sequence[str], rules: Sequence[str]) -> None:
    """Raises UsageProblem for a name that is no kind, stage, rule or family of rules."""
    families = {rule.rsplit("/", cut)[0] for rule in rules for cut in (0, 1, 2)}
    for name in names:
        if name not in (*REMOVAL, *TAGS, REPAIRS, *DEFAULT_ORDER) and current(name) not in families:
            kinds, stages = ", ".join((*REMOVAL, *TAGS, REPAIRS)), ", ".join(DEFAULT_ORDER)
            raise UsageProblem(
                f"--only: no kind, stage or rule is called {name!r}",
                hint=f"kinds: {kinds}; stages: {stages}; `cleaner rules list`",
            )


def stage_range(first: str, last: str, order: Sequence[str] = STAGE_POINTS) -> Filter:
    """What happens from the text after `first` to the text after `last`, both points of `order` (rules.stages.points).

    A region that is gone through again counts as later than every point before the end: second rounds see all stages.
    """

    def filtered(_: InputFile, blocks: Iterator[Block]) -> Iterator[Block]:
        offset = 0
        for block in blocks:
            seen = _seen(block, offset, order, first, last)
            offset += seen.chars
            yield seen

    return filtered


def _seen(block: Block, offset: int, order: Sequence[str], first: str, last: str) -> Block:
    pieces: list[bytes] = []
    regions = []
    at = size = 0
    shift = offset - block.offset
    for region in block.regions:
        pieces.append(block.data[at : region.start])
        size += region.start - at
        source = source_of(block, region)
        low, high = _reached(region.changesets, first, order), _reached(region.changesets, last, order)
        before = source
        for changeset in region.changesets[:low]:
            before = apply(before, changeset)
        pieces.append(before.encode())
        end = size + len(pieces[-1])
        tags_in = region.output_tags if last == order[-1] else []
        moved = replace(
            region, start=size, end=end, offset=region.offset + shift, changesets=region.changesets[low:high]
        )
        regions.append(_changed_from(before, moved, tags_in))
        at, size, shift = region.end, end, shift + len(before) - len(source)
    pieces.append(block.data[at:])
    chars = block.offset + block.chars + shift - offset
    return replace(block, data=b"".join(pieces), offset=offset, chars=chars, regions=regions)


def _changed_from(source: str, region: Region, tags_in: list[Tag]) -> Region:
    """The region with what its layers make of `source`."""
    flat = flatten(region.changesets, source)
    tags = []
    places = OffsetMap(flat)
    for tag in tags_in:
        start, end = (at + region.offset for at in places.back(tag.start, tag.end))
        tags.append(Tag(start, end, tag.kind, tag.text, tag.rule))
    edits = shifted(flat, region.offset)
    return replace(region, text=apply(source, flat), edits=edits, tags=tags, output_tags=tags_in, flags=[])


def _reached(changesets: Sequence[Sequence[Edit]], point: str, order: Sequence[str]) -> int:
    """How many layers make the text after `point`."""
    if point == order[-1]:
        return len(changesets)
    place = order.index(point)
    later = (number for number, changeset in enumerate(changesets) if order.index(changeset[0].stage) > place)
    return next(later, len(changesets))


def compose_filters(filters: Sequence[Filter]) -> Filter | None:
    """Several filters as one; None for none."""
    if len(filters) <= 1:
        return filters[0] if filters else None

    def composed(item: InputFile, blocks: Iterator[Block]) -> Iterator[Block]:
        for each in filters:
            blocks = each(item, blocks)
        return blocks

    return composed
