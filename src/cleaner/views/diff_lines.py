"""Lines of the source as views show them: edits and tags worked in, invisible characters as badges, the rest folded.

Everything here is one pass over lines and highlights: a line may be a megabyte long and hold 100,000 edits.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from ..model.blocks import Block, Region
from ..model.lines import line_ends, split_lines
from .display import split_hidden
from .i18n import t
from .wrapping import Char, styled

CONTEXT = 30  # characters kept around an edit in a long line
LONGEST = 400  # characters shown of one removal or insertion
WINDOW = 120  # characters of a line shown on each side of one of its edits
LEAD, FOLDED = 3, 12  # removed lines in a row: from how many on they are folded, and how many are shown then
FOLD = "..."
LINE_END = re.compile("\r\n|[\r\n]")
BADGES = {"gone": "gone badge", "own": "own badge", "new": "new badge"}
NAMED = ("boilerplate", "mojibake", "invisible", "whitespace", "placeholder")


class Highlight(NamedTuple):
    """Characters `[start, end)` of the region are shown as `style`, followed by `after`; `name` is their rule."""

    start: int
    end: int
    after: str
    style: str
    name: str


class DiffLine(msgspec.Struct):
    """A line of the source: its number, the rules that changed it, its characters.

    `last` is the number of the last line that it stands for; `removed`: nothing of the line is left.
    """

    number: int
    rules: list[str]
    chars: list[Char]
    last: int = 0
    removed: bool = False

    def __post_init__(self) -> None:
        self.last = self.last or self.number


class LineReader:
    """Counts the lines of one input, block after block."""

    def __init__(self) -> None:
        self._before = 0

    def between(self, block: Block, low: int, high: int) -> Iterator[DiffLine]:
        """The lines in bytes `[low, high)` of a block, which end where the reader is now, unchanged."""
        text = block.data[low:high].decode()
        yield from unchanged_lines(text, self._before - line_ends(text))

    def regions(self, block: Block) -> Iterator[tuple[Region, str, int]]:
        """The regions in which something was found, the source of each, and how many lines are before it."""
        at = 0
        for region in block.regions:
            self._before += line_ends(block.data, at, region.start)
            at = region.start
            if region.edits or region.tags or region.flags:
                yield region, block.data[region.start : region.end].decode(), self._before
        self._before += line_ends(block.data, at)


def diff_lines(region: Region, source: str, lines_before: int, whitespace: bool) -> Iterator[DiffLine]:
    """The lines of a region with something to show. `lines_before` counts the lines before the region.

    Blank lines that are removed one after the other are one line, and so is the middle of many removed lines, with
    blank ones between them or not: a removed page was shown as 4,000 lines.
    """
    rows = split_lines(source)
    run: list[DiffLine] = []
    for line in _changed_lines(region, source, lines_before, whitespace):
        between = rows[run[-1].last - lines_before : line.number - lines_before - 1] if run else []
        if run and not (line.removed and all(map(_is_blank, between))):
            yield from _folded(run)
            run = []
        if line.removed:
            run.append(line)
        else:
            yield line
    yield from _folded(run)


def _is_blank(line: str) -> bool:
    return not line.strip()


def _folded(run: list[DiffLine]) -> Iterator[DiffLine]:
    """Removed lines in a row; of many the first ones, the last one, and how many there are between."""
    middle = run[LEAD:-1]
    if len(run) <= FOLDED:
        yield from run
        return
    yield from run[:LEAD]
    rules = list(dict.fromkeys(rule for line in middle for rule in line.rules))
    if len(rules) > LEAD:
        rules = [*rules[:LEAD], f"({t('more')}: {len(rules) - LEAD})"]
    count = sum(line.last - line.number + 1 for line in middle)
    chars = styled(f"({t(f'{count:,} more lines removed')})", "gone badge")
    yield DiffLine(middle[0].number, rules, chars, middle[-1].last)
    yield run[-1]


def _changed_lines(region: Region, source: str, lines_before: int, whitespace: bool) -> Iterator[DiffLine]:
    highlights = highlights_of(region, whitespace)
    flags = [
        (flag.start - region.offset, flag.end - region.offset, f"{t('flag')} {flag.flag}") for flag in region.flags
    ]
    at = first = 0
    blank: list[int] = []
    for number, line in enumerate(split_lines(source), lines_before + 1):
        low, high = at, at + len(line)
        at = high
        while first < len(highlights) and highlights[first].end <= low and highlights[first].start < low:
            first += 1
        here = _on_line(highlights, first, low, high, high == len(source))
        removed = bool(here) and not line.strip() and all(m.end >= high and not m.after for m in here)
        if removed and (not blank or number == blank[-1] + 1):
            blank.append(number)
            continue
        if blank:
            yield _blank_lines(blank)
            blank = [number] if removed else []
        flagged = [flag for flag in flags if low <= flag[0] < high]
        if (here or flagged) and not removed:
            rules = list(dict.fromkeys([*(one.name for one in here), *(flag[2] for flag in flagged)]))
            gone = bool(here) and _is_gone(here, low, low + len(line.rstrip("\r\n")))
            marked = _with_flags(here, flagged, high)
            yield DiffLine(number, rules, _line_chars(line, low, marked), removed=gone)
    if blank:
        yield _blank_lines(blank)


def unchanged_lines(text: str, lines_before: int) -> Iterator[DiffLine]:
    for number, line in enumerate(split_lines(text), lines_before + 1):
        yield DiffLine(number, [], visible(line.rstrip("\r\n"), "same"))


def highlights_of(region: Region, whitespace: bool) -> list[Highlight]:
    """Edits and tags in characters of the region, sorted and disjoint; a tag inside an edit is left out."""
    edits = [
        Highlight(e.start - region.offset, e.end - region.offset, e.after, "gone", short(e.rule))
        for e in region.edits
        if whitespace or e.stage != "whitespace"
    ]
    if not region.tags:
        return edits
    tags = [Highlight(g.start - region.offset, g.end - region.offset, "", "tag", t(g.kind)) for g in region.tags]
    highlights: list[Highlight] = []
    for one in sorted([*edits, *tags], key=lambda one: (one.start, one.style)):
        if not highlights or one.start >= highlights[-1].end:
            highlights.append(one)
    return highlights


def _is_gone(here: Sequence[Highlight], low: int, high: int) -> bool:
    """Whether all characters from `low` to `high` are removed and nothing is put in their place."""
    at = low
    for one in here:
        if one.style != "gone" or one.after or one.start > at:
            return False
        at = max(at, one.end)
    return at >= high


def _with_flags(here: list[Highlight], flags: Sequence[tuple[int, int, str]], high: int) -> list[Highlight]:
    """The highlights of a line, with what is flagged on it and not changed; a flag on a change has its name only."""
    found = list(here)
    for start, end, name in flags:
        stop = min(end, high)
        if all(one.end <= start or one.start >= stop for one in found):
            found.append(Highlight(start, stop, "", "flag", name))
    return sorted(found, key=lambda one: one.start)


def short(rule: str) -> str:
    """A rule's id without its stage."""
    stage, _, rest = rule.partition("/")
    return rest if stage in NAMED else rule


def _on_line(highlights: Sequence[Highlight], first: int, low: int, high: int, last: bool) -> list[Highlight]:
    here = []
    for at in range(first, len(highlights)):
        one = highlights[at]
        if one.start > high or (one.start == high and not last):
            break
        if one.end > low or one.start >= low:
            here.append(one)
    return here


def _blank_lines(numbers: Sequence[int]) -> DiffLine:
    what = t("blank line") if len(numbers) == 1 else t("blank lines")
    return DiffLine(numbers[0], [], styled(f"({len(numbers):,} {what})", "gone badge"), numbers[-1], True)


def _line_chars(line: str, start: int, highlights: Sequence[Highlight]) -> list[Char]:
    """The characters of a line that begins at `start` of the region, highlights worked in, without its line end."""
    body = line.rstrip("\r\n")
    chars: list[Char] = []
    at = 0
    for one in highlights:
        low, high = max(one.start - start, 0), min(one.end - start, len(line))
        chars += _same(body[at:low], bool(at), True)
        chars += visible(body[low:high], one.style)
        if high > len(body) and (low > 0 or one.after):
            chars += styled("LF", "gone badge")  # the line end is removed too: the next line joins
        if one.start >= start:
            chars += visible(one.after, "new")
        at = high
    return chars + _same(body[at:], True, False)


def _same(text: str, after: bool, before: bool) -> list[Char]:
    """Unchanged text; `after` and `before` say whether something shown precedes and follows."""
    if len(text) <= 2 * CONTEXT + 10:
        return _visible(text, "same")
    head = [*_visible(text[:CONTEXT], "same"), (" ", "dim")] if after else []
    tail = [(" ", "dim"), *_visible(text[-CONTEXT:], "same")] if before else []
    return [*head, *styled(FOLD, "dim"), *tail]


def visible(text: str, style: str) -> list[Char]:
    """The characters of `text`, of a long one without its middle."""
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


def highlighted_line(source: str, highlights: Sequence[Highlight], start: int, end: int) -> list[Char]:
    """The line around `[start, end)` of a region, WINDOW characters each side at most, highlights worked in."""
    far = max(start - WINDOW, 0)
    inside = source.startswith("\n", start)  # the `\r` before it would be of the same line end
    low = max(source.rfind("\n", far, start) + 1, source.rfind("\r", far, start - inside) + 1, far)
    stop = LINE_END.search(source, start, end + WINDOW)
    high = stop.end() if stop else min(end + WINDOW, len(source))
    first = bisect_right(highlights, low, key=lambda one: one.end)
    return _line_chars(source[low:high], low, _on_line(highlights, first, low, high, high == len(source)))
