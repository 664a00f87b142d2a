"""What comes out of the pipeline: blocks of the source, and in them the regions that were looked at."""

from __future__ import annotations

import msgspec

from .edits import Edit, Flag, Tag


class Decision(msgspec.Struct, frozen=True, gc=False):
    """What was decided about characters `[start, end)` of a region: `parts` are the rules summed and their weights.

    `run` is the sum of all lines that were decided together, where the line's own sum does not decide.
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


class Region(msgspec.Struct, gc=False):
    """A region after all stages: bytes `[start, end)` of its block became `text`.

    `edits` and `tags` are in characters of the decoded source; `tags_in` are the same tags in characters of `text`.
    `layers` are the edits of each stage in characters of that stage's input, relative to the region; `decisions`, where
    somebody asked for them, the decisions about it, in characters of the region as it was.
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


class Block(msgspec.Struct, gc=False):
    """A decided stretch of the source in UTF-8, which begins at character `offset`, and what changed in it.

    `failed` names rules that ran out of time.
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
