"""Results of the pipeline: blocks of the source, and the regions in them."""

from __future__ import annotations

import msgspec

from .edits import Edit, Flag, Tag


class Decision(msgspec.Struct, frozen=True, gc=False):
    """What was decided about characters `[start, end)` of a region, in its text at that time.

    `parts` are the rules summed, with their weights. `run` is the sum of all lines that were decided together; None
    where the line's own sum decided.
    """

    start: int
    end: int
    rule: str
    removed: bool
    parts: tuple[tuple[str, float], ...]
    run: float | None = None

    @property
    def total(self) -> float:
        return sum(weight for _, weight in self.parts)


class Region(msgspec.Struct, frozen=True, gc=False):
    """A region after all stages: bytes `[start, end)` of its block became `text`.

    `offset` is the character of the decoded source where it begins. `edits`, `tags` and `flags` are in characters of
    the decoded source, `output_tags` are the same tags in characters of `text`. `changesets` are the edits of each
    stage that changed the region, in characters of that stage's input, which begins at 0. `decisions` is empty unless
    the pipeline explains.
    """

    start: int
    end: int
    offset: int
    text: str
    edits: list[Edit]
    tags: list[Tag]
    output_tags: list[Tag]
    changesets: list[list[Edit]]
    decisions: list[Decision] = []
    flags: list[Flag] = []


class Block(msgspec.Struct, frozen=True, gc=False):
    """A part of the source after all stages: `data` in UTF-8, `chars` characters, from character `offset` on.

    `regions` are sorted and disjoint; everything between them is unchanged. `timed_out` names rules that reached their
    match limit in this document so far.
    """

    data: bytes
    offset: int
    chars: int
    regions: list[Region]
    timed_out: set[str]

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
    def scanned_bytes(self) -> int:
        """Bytes in regions: those that the prefilter did not rule out."""
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
