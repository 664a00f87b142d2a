"""Writes the tags of one file: into its text, into its tag file, or both."""

from __future__ import annotations

from ..model.blocks import Block, Region
from ..model.edits import Edit, Tag, apply, compose, shifted
from .markup import TagFile, TagRecord, Template, ValueNumbers, layer


class MarkupWriter:
    """The tags of one file. Without a `template` they are not written into its text.

    `record` is the tag file, None where the text alone keeps all (a template with {glyphs}). `escapes` is the opening
    character and the tag that is written for it where the text holds it.
    """

    def __init__(self, template: Template | None) -> None:
        self.template = template
        self.record = (
            None
            if template and template.keeps_glyphs
            else TagFile(template=template.written if template else None, tags=[])
        )
        self.escapes: tuple[str, str] | None = None
        if template and template.keeps_glyphs:
            self.escapes = template.opening, template.escaped(template.opening)
        self._numbers = ValueNumbers()
        self._shift = 0  # characters that the output is longer up to here

    def tagged(self, block: Block, region: Region) -> Region:
        """The region with its tags written into it. Call it for every region with edits or tags, in their order."""
        numbers = [self._numbers.of(region.text, tag) for tag in region.output_tags]
        edits = layer(region.text, region.output_tags, self.template, numbers) if self.template else []
        text = apply(region.text, edits)
        if self.record is not None:
            self._note(region, numbers, edits)
            self._shift += len(text) - len(region.text) + sum(len(e.after) - (e.end - e.start) for e in region.edits)
        if not edits:
            return region
        source = block.data[region.start : region.end].decode()
        flat = compose(shifted(region.edits, -region.offset), edits, source, region.text)
        return Region(
            region.start,
            region.end,
            region.offset,
            text,
            shifted(flat, region.offset),
            region.tags,
            region.output_tags,
            [],
        )

    def _note(self, region: Region, numbers: list[int], edits: list[Edit]) -> None:
        assert self.record is not None
        at = region.offset + self._shift
        for number, (found, tag) in enumerate(zip(region.tags, region.output_tags, strict=True)):
            length = len(edits[number].after) if edits else tag.end - tag.start
            self.record.tags.append(_written(tag, found, numbers[number], at + tag.start, length))
            at += length - (tag.end - tag.start)


def _written(tag: Tag, source: Tag, n: int, start: int, length: int) -> TagRecord:
    return TagRecord(start, start + length, tag.kind, tag.text, n, tag.rule, (source.start, source.end))
