"""What comes out of the pipeline: blocks of the source, and in them the regions that were looked at."""

from __future__ import annotations

import msgspec

from .edits import Edit, Flag, Places, Tag, flatten, shifted
from .evidence import Verdict
from .regions import Region
from .stages import flag, placeholder
from .stages.work import Work


class Cleaned(msgspec.Struct, gc=False):
    """A region after all stages: bytes `[start, end)` of its block became `text`.

    `edits` and `tags` are in characters of the decoded source; `tags_in` are the same tags in characters of `text`.
    `layers` are the edits of each stage in characters of that stage's input, relative to the region; `verdicts`, where
    somebody asked for them, the decisions about it, in characters of the region as it was.
    """

    start: int
    end: int
    offset: int
    text: str
    edits: list[Edit]
    tags: list[Tag]
    tags_in: list[Tag]
    layers: list[list[Edit]]
    verdicts: list[Verdict] = []
    flags: list[Flag] = []


class Block(msgspec.Struct, gc=False):
    """A decided stretch of the source in UTF-8, which begins at character `offset`, and what changed in it.

    `failed` names rules that ran out of time.
    """

    data: bytes
    offset: int
    chars: int
    regions: list[Cleaned]
    failed: set[str]

    @property
    def text(self) -> str:
        """The text of the block after all stages."""
        pieces: list[str] = []
        at = 0
        for region in self.regions:
            pieces += (self.data[at : region.start].decode(), region.text)
            at = region.end
        return "".join([*pieces, self.data[at:].decode()])

    @property
    def woken(self) -> int:
        """Bytes that the scanner let into Python."""
        return sum(region.end - region.start for region in self.regions)

    @property
    def edits(self) -> list[Edit]:
        return [edit for region in self.regions for edit in region.edits]

    @property
    def tags(self) -> list[Tag]:
        return [tag for region in self.regions for tag in region.tags]

    @property
    def flags(self) -> list[Flag]:
        return [flag for region in self.regions for flag in region.flags]


def cleaned(region: Region, offset: int, source: str, work: Work) -> Cleaned:
    layers = work.layers
    flat = layers[0] if len(layers) == 1 else flatten(layers, source) if layers else []
    tags: list[Tag] = []
    tagging = work.plan.get(placeholder.NAME)
    tags_in = placeholder.tags(work, tagging) if tagging else []
    flags = _flags(work, flat, offset)
    if tags_in:
        places = Places(flat)
        for tag in tags_in:
            start, end = places.back(tag.start, tag.end)
            tags.append(Tag(start + offset, end + offset, tag.kind, tag.text, tag.rule))
    return Cleaned(
        region.start,
        region.end,
        offset,
        work.text,
        shifted(flat, offset),
        tags,
        tags_in,
        work.layers,
        work.verdicts or [],
        flags,
    )


def _flags(work: Work, flat: list[Edit], offset: int) -> list[Flag]:
    """In characters of the source."""
    moved = [(found, found.start, found.end) for found in flag.hidden_messages(flat)]
    rules = work.plan.get(flag.NAME)
    if rules:
        places = Places(flat)
        moved += [(found, *places.back(found.start, found.end)) for found in flag.flags(work, rules)]
    return [msgspec.structs.replace(found, start=start + offset, end=end + offset) for found, start, end in moved]
