"""Hunks: each edit and each placeholder with its place and the line around it, to look at and to decide."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from typing import Literal

import msgspec

from ..jobs.decisions import EditKey, EditKeys, ReviewDecision, Verdict, example_line
from ..model.blocks import Block, Region
from ..model.lines import line_ends
from .diff_lines import LONGEST, Highlight, LineReader, highlighted_line, highlights_of, visible
from .i18n import t
from .wrapping import Char, runs, styled

AROUND = 40  # characters shown before and after a change of several lines


class Hunk(msgspec.Struct):
    """One edit, or one placeholder (which is not decided, `key` is None). `pieces` are texts and their styles.

    `line` counts from 1, `start` and `end` in characters of the source, `offset` is that of its region.
    """

    line: int
    start: int
    end: int
    rule: str
    stage: str
    kind: str | None
    removed: int
    pieces: list[tuple[str, str]]
    key: EditKey | None
    example: str
    offset: int

    def id(self, name: str) -> str:
        """An id for links, the same as long as the input has this edit there."""
        identity = "\0".join(map(str, (name, self.rule, *(self.key[1:] if self.key else (self.start, self.end)))))
        return blake2b(identity.encode("utf-8", "surrogateescape"), digest_size=6).hexdigest()

    def decision(self, verdict: Verdict, name: str) -> ReviewDecision:
        assert self.key is not None
        line = self.example if verdict == "exception" else ""
        return ReviewDecision(verdict, self.rule, name, *self.key[1:], line=line)


class Hunks:
    """Gives the hunks of one input, block after block."""

    def __init__(self) -> None:
        self._keys = EditKeys()
        self._lines = LineReader()

    def of(self, block: Block) -> Iterator[Hunk]:
        keys = {region.offset: keys for region, keys in zip(block.regions, self._keys.of(block), strict=True)}
        for region, source, before in self._lines.regions(block):
            yield from self._region(region, source, before + 1, keys[region.offset])

    def _region(self, region: Region, source: str, line: int, keys: list[EditKey]) -> Iterator[Hunk]:
        highlights = highlights_of(region, True)
        found: list[tuple[int, int, str, str, str | None, int, EditKey | None]] = [
            (e.start, e.end, e.rule, e.stage, e.kind, len(e.after), key)
            for e, key in zip(region.edits, keys, strict=True)
        ]
        found += [(g.start, g.end, g.rule, "placeholder", g.kind, g.end - g.start, None) for g in region.tags]
        at = number = 0
        for begin, stop, rule, stage, kind, after, key in sorted(found, key=lambda hit: hit[:3]):
            start, end = begin - region.offset, stop - region.offset
            line, at = line + line_ends(source, at, start), start
            while number < len(highlights) and (highlights[number].start, highlights[number].end) < (start, end):
                number += 1
            own: Literal["own", "tag"] = "own" if key else "tag"
            pieces = list(runs(_chars(source, highlights, number, start, end, own)))
            example = example_line(source, start, end) if key else ""
            yield Hunk(line, begin, stop, rule, stage, kind, stop - begin - after, pieces, key, example, region.offset)


def _chars(source: str, highlights: list[Highlight], number: int, start: int, end: int, style: str) -> list[Char]:
    """The line around one change, which is set off from the others on its line."""
    near = highlights[max(number - 60, 0) : number + 60]
    own_at = next((n for n, one in enumerate(near) if (one.start, one.end) == (start, end)), None)
    if own_at is not None:
        near[own_at] = near[own_at]._replace(style=style)
    before = source[start:end]
    if "\n" in before.strip("\r\n"):
        return _several_lines(source, start, end, near[own_at].after if own_at is not None else "")
    chars = highlighted_line(source, near, start, end)
    if not before.strip("\r\n") and before:
        chars = chars + styled(t("line end"), "own badge")
    return chars


def _several_lines(source: str, start: int, end: int, after: str) -> list[Char]:
    low = max(source.rfind("\n", 0, start) + 1, start - AROUND)
    stop = source.find("\n", end, end + AROUND)
    text = source[start:end]
    chars = visible(source[low:start], "same")
    shown = text if len(text) <= LONGEST else text[: LONGEST // 2]
    for row in shown.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        chars += [*visible(row, "own"), ("\n", "own")]
    if len(shown) < len(text):
        chars += styled(f"... {len(text) - len(shown):,} {t('characters')}", "dim")
    return chars + visible(after, "new") + visible(source[end : stop if stop >= 0 else end + AROUND], "same")
