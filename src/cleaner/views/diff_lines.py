"""Lines of the source as they are shown: edits and tags worked in, hidden characters as badges, long stretches folded.

Everything here is one pass over lines and marks: a line may be a megabyte long and hold 100,000 edits.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from ..model.blocks import Block, Region
from ..model.lines import line_ends
from .display import split_hidden
from .i18n import t
from .layout import Char, styled

CONTEXT = 30  # characters kept around an edit in a long line
LONGEST = 400  # characters shown of one removal or insertion
WINDOW = 120  # characters of a line shown beside one of its edits
FOLD = "..."
LINE_END = re.compile("\r\n|[\r\n]")
BADGES = {"gone": "gone badge", "own": "own badge", "new": "new badge"}
NAMED = ("boilerplate", "mojibake", "invisible", "whitespace", "placeholder")


class Highlight(NamedTuple):
    """Characters `[start, end)` of the region are shown as `style`, followed by `after`; `name` is who did it."""

    start: int
    end: int
    after: str
    style: str
    name: str


class DiffLine(msgspec.Struct):
    """A line of the source: its number, the rules at work, its characters."""

    number: int
    rules: list[str]
    chars: list[Char]


class LineReader:
    """Counts the lines of one input, block after block."""

    def __init__(self) -> None:
        self._before = 0

    def regions(self, block: Block) -> Iterator[tuple[Region, str, int]]:
        """The regions in which something was found, the source of each, and how many lines stand before it."""
        at = 0
        for region in block.regions:
            self._before += line_ends(block.data, at, region.start)
            at = region.start
            if region.edits or region.tags or region.flags:
                yield region, block.data[region.start : region.end].decode(), self._before
        self._before += line_ends(block.data, at)


def shown_rows(region: Region, source: str, first_line: int, whitespace: bool) -> Iterator[DiffLine]:
    """The lines of a region that have something to show. `first_line` is the number of lines before it."""
    marks = marks_of(region, whitespace)
    lines = lines_of(source)
    at = first = 0
    blank: list[int] = []
    for number, line in enumerate(lines, first_line + 1):
        low, high = at, at + len(line)
        at = high
        while first < len(marks) and marks[first].end <= low and marks[first].start < low:
            first += 1
        here = _on_line(marks, first, low, high, high == len(source))
        goes = bool(here) and not line.strip() and all(m.end >= high and not m.after for m in here)
        if goes and (not blank or number == blank[-1] + 1):
            blank.append(number)
            continue
        if blank:
            yield _blank_row(blank)
            blank = [number] if goes else []
        if here and not goes:
            yield DiffLine(number, list(dict.fromkeys(mark.name for mark in here)), _line_chars(line, low, here))
    if blank:
        yield _blank_row(blank)


def marks_of(region: Region, whitespace: bool) -> list[Highlight]:
    """Edits and tags in characters of the region, sorted and disjoint; a tag inside an edit is left to the edit."""
    edits = [
        Highlight(e.start - region.offset, e.end - region.offset, e.after, "gone", short(e.rule))
        for e in region.edits
        if whitespace or e.stage != "whitespace"
    ]
    if not region.tags:
        return edits
    tags = [Highlight(g.start - region.offset, g.end - region.offset, "", "tag", t(g.kind)) for g in region.tags]
    marks: list[Highlight] = []
    for mark in sorted([*edits, *tags], key=lambda mark: (mark.start, mark.style)):
        if not marks or mark.start >= marks[-1].end:
            marks.append(mark)
    return marks


def short(rule: str) -> str:
    """A rule's id without its stage."""
    stage, _, rest = rule.partition("/")
    return rest if stage in NAMED else rule


def _on_line(marks: Sequence[Highlight], first: int, low: int, high: int, last: bool) -> list[Highlight]:
    here = []
    for at in range(first, len(marks)):
        mark = marks[at]
        if mark.start > high or (mark.start == high and not last):
            break
        if mark.end > low or mark.start >= low:
            here.append(mark)
    return here


def _blank_row(numbers: Sequence[int]) -> DiffLine:
    return DiffLine(numbers[0], [], styled(f"({len(numbers)} {t('blank lines')})", "gone badge"))


def lines_of(text: str) -> list[str]:
    """Split behind \\n, \\r\\n and lone \\r only."""
    if "\r" not in text:
        return [line + "\n" for line in text.split("\n")[:-1]] + ([last] if (last := text.rpartition("\n")[2]) else [])
    out, at = [], 0
    while at < len(text):
        newline = text.find("\n", at)
        returns = text.find("\r", at, newline if newline >= 0 else len(text))
        if returns >= 0:
            end = returns + (2 if text.startswith("\r\n", returns) else 1)
        else:
            end = newline + 1 if newline >= 0 else len(text)
        out.append(text[at:end])
        at = end
    return out


def _line_chars(line: str, start: int, marks: Sequence[Highlight]) -> list[Char]:
    """The characters of one line that begins at `start`, marks worked in. Its line end is left out."""
    body = line.rstrip("\r\n")
    chars: list[Char] = []
    at = 0
    for mark in marks:
        low, high = max(mark.start - start, 0), min(mark.end - start, len(line))
        chars += _same(body[at:low], bool(at), True)
        chars += cut_visible(body[low:high], mark.style)
        if high > len(body) and (low > 0 or mark.after):
            chars += styled("LF", "gone badge")  # the line end goes too: the next line joins
        if mark.start >= start:
            chars += cut_visible(mark.after, "new")
        at = high
    return chars + _same(body[at:], True, False)


def _same(text: str, after: bool, before: bool) -> list[Char]:
    """Unchanged text; `after` and `before` tell whether something shown stands there."""
    if len(text) <= 2 * CONTEXT + 10:
        return _visible(text, "same")
    head = [*_visible(text[:CONTEXT], "same"), (" ", "dim")] if after else []
    tail = [(" ", "dim"), *_visible(text[-CONTEXT:], "same")] if before else []
    return [*head, *styled(FOLD, "dim"), *tail]


def cut_visible(text: str, style: str) -> list[Char]:
    """A text as it is shown, the middle of a long one left out."""
    if len(text) <= LONGEST:
        return _visible(text, style)
    half = LONGEST // 2
    middle = styled(f" {FOLD} {len(text) - 2 * half:,} {t('characters')} {FOLD} ", "dim")
    return _visible(text[:half], style) + middle + _visible(text[-half:], style)


def _visible(text: str, style: str) -> list[Char]:
    chars: list[Char] = []
    was_hidden = False
    for part, hidden in split_hidden(text):
        if hidden and was_hidden:
            chars.append((" ", style))
        was_hidden = hidden
        chars += styled(part, BADGES.get(style, "badge") if hidden else style)
    return chars


def marked_line(source: str, marks: Sequence[Highlight], start: int, end: int) -> list[Char]:
    """The line around `[start, end)` of a region's `source`, WINDOW characters each side at most, marks worked in."""
    far = max(start - WINDOW, 0)
    inside = source.startswith("\n", start)  # the `\r` before it would be of the same line end
    low = max(source.rfind("\n", far, start) + 1, source.rfind("\r", far, start - inside) + 1, far)
    stop = LINE_END.search(source, start, end + WINDOW)
    high = stop.end() if stop else min(end + WINDOW, len(source))
    first = bisect_right(marks, low, key=lambda mark: mark.end)
    return _line_chars(source[low:high], low, _on_line(marks, first, low, high, high == len(source)))
