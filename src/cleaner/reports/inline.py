"""The change itself, in the terminal: what goes and what comes inside the line, rule ids in a left gutter.

Background colour only (a strike-through hides 一); under NO_COLOR and in a pipe `[-gone-]{+new+}`. Whitespace edits
are applied but not shown unless asked for. Unchanged text far from any edit is folded away.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from ..edits import Edit, Tag
from ..files.discover import Input
from ..lang import t
from ..pipeline import Block, Cleaned
from ..run import FileReport
from ..stages.decode import Document
from .shown import clipped, path, plain, split_hidden, width
from .wrap import Char, rows, runs, styled

if TYPE_CHECKING:
    from rich.console import Console

STYLES = {
    "same": "",
    "gone": "white on #8b2c33",
    "new": "white on #1c6b3c",
    "tag": "black on #8fb8de",
    "badge": "black on #d7af5f",
    "gone badge": "black on #d7875f",
    "dim": "dim",
}
CONTEXT = 30  # characters kept around an edit in a long line
FOLD = "..."


class Row(msgspec.Struct):
    """A line of the source as it is shown: its number, the rules at work, its characters."""

    number: int
    rules: list[str]
    chars: list[Char]


class InlineDiff:
    """A sink that prints each input's changes as soon as a block is decided."""

    def __init__(self, console: Console, whitespace: bool = False) -> None:
        self._console = console
        self._colour = console.color_system is not None and not console.no_color
        self._whitespace = whitespace
        self._head: str | None = None
        self._line = 0
        self._hidden = 0
        self._last = 0

    def begin(self, item: Input, document: Document) -> None:
        self._head = f"{path(item.path)}  {document.source.encoding}"
        self._line = self._last = 0
        self._hidden = 0

    def block(self, block: Block) -> None:
        at = 0
        for region in block.regions:
            self._line += block.data.count(b"\n", at, region.start)
            at = region.start
            if region.edits or region.tags:
                self._region(region, block.data[region.start : region.end].decode())
        self._line += block.data.count(b"\n", at)

    def end(self, report: FileReport) -> None:
        if self._hidden:
            self._put_head()
            self._put([(f"  {self._hidden} {t('whitespace edits')} {t('not shown')}", "dim")])
        self._head = None
        self._hidden = 0

    def _region(self, region: Cleaned, source: str) -> None:
        for row in shown_rows(region, source, self._line, self._whitespace):
            if self._head is not None:
                self._put_head()
            elif row.number > self._last + 1:
                self._put([(FOLD, "dim")])
            self._last = row.number
            self._row(row)
        if not self._whitespace:
            self._hidden += sum(edit.stage == "whitespace" for edit in region.edits)

    def _put_head(self) -> None:
        if self._head is not None:
            self._console.print()
            self._put([(self._head, "bold")])
            self._head = None

    def _row(self, row: Row) -> None:
        total = self._console.width
        gutter = 24 if total < 100 else 30 if total < 120 else 36
        chars = row.chars if self._colour else list(_marked(row.chars))
        cut = list(rows(chars, max(total - gutter - 1, 20)))
        for number in range(max(len(cut), len(row.rules))):
            rule = row.rules[number] if number < len(row.rules) else ""
            left = f"{row.number:>5} " if number == 0 else " " * 6
            name = clipped(rule, gutter - 7)
            left += name + " " * (gutter - 6 - width(name))
            self._put([(left, "dim"), *runs(cut[number] if number < len(cut) else [])])

    def _put(self, parts: Sequence[tuple[str, str]]) -> None:
        from rich.text import Text

        text = Text(no_wrap=True, overflow="ignore", end="\n")
        for piece, style in parts:
            text.append(piece, STYLES.get(style, style))
        self._console.print(text, soft_wrap=True, highlight=False, markup=False)


def shown_rows(region: Cleaned, source: str, first_line: int, whitespace: bool) -> Iterator[Row]:
    """The lines of a region that have something to show. `first_line` is the number of lines before it."""
    offset = region.offset
    edits = [edit for edit in region.edits if whitespace or edit.stage != "whitespace"]
    at = 0
    blank: list[int] = []
    for number, line in enumerate(_lines(source), first_line + 1):
        low, high = at, at + len(line)
        here = [edit for edit in edits if _touches(edit, low + offset, high + offset)]
        tags = [tag for tag in region.tags if low <= tag.start - offset < high]
        at = high
        if here and not line.strip() and all(e.end - offset >= high and not e.after for e in here):
            blank.append(number)
            continue
        if blank:
            yield _blank_row(blank)
            blank = []
        if here or tags:
            names = dict.fromkeys(_short(edit.rule) for edit in here)
            names |= dict.fromkeys(f"{tag.kind}" for tag in tags)
            yield Row(number, list(names), _folded(_line_chars(line, low + offset, here, tags)))
    if blank:
        yield _blank_row(blank)


def _touches(edit: Edit, low: int, high: int) -> bool:
    return (edit.start < high and edit.end > low) or (edit.start == edit.end == low)


def _blank_row(numbers: Sequence[int]) -> Row:
    return Row(numbers[0], [], styled(f"({len(numbers)} {t('blank lines')})", "gone badge"))


def _lines(text: str) -> list[str]:
    """Split behind \\n, \\r\\n and lone \\r only."""
    out, at = [], 0
    while at < len(text):
        newline = text.find("\n", at)
        returns = text.find("\r", at)
        if returns >= 0 and (newline < 0 or returns < newline):
            end = returns + (2 if text.startswith("\r\n", returns) else 1)
        else:
            end = newline + 1 if newline >= 0 else len(text)
        out.append(text[at:end])
        at = end
    return out


def _short(rule: str) -> str:
    return rule.split("/", 1)[1]


def _line_chars(line: str, start: int, edits: Sequence[Edit], tags: Sequence[Tag]) -> list[Char]:
    """The characters of one line that begins at `start`, edits and tags worked in. Its line end is left out."""
    body = line.rstrip("\r\n")
    chars: list[Char] = []
    at = 0
    for edit in edits:
        low, high = max(edit.start - start, 0), min(edit.end - start, len(line))
        chars += _same(body[at:low], start + at, tags)
        chars += _visible(body[low:high], "gone")
        if high > len(body) and (low > 0 or edit.after):
            chars += styled("LF", "gone badge")  # the line end goes too: the next line joins
        if edit.start >= start:
            chars += _visible(edit.after, "new")
        at = high
    return chars + _same(body[at:], start + at, tags)


def _same(text: str, start: int, tags: Sequence[Tag]) -> list[Char]:
    chars: list[Char] = []
    at = 0
    for tag in tags:
        low, high = tag.start - start, tag.end - start
        if low < at or high > len(text):
            continue
        chars += _visible(text[at:low], "same") + _visible(text[low:high], "tag")
        at = high
    return chars + _visible(text[at:], "same")


def _visible(text: str, style: str) -> list[Char]:
    chars: list[Char] = []
    was_hidden = False
    for part, hidden in split_hidden(text):
        if hidden and was_hidden:
            chars.append((" ", style))
        was_hidden = hidden
        chars += styled(part, "gone badge" if hidden and style == "gone" else "badge" if hidden else style)
    return chars


def _folded(chars: list[Char]) -> list[Char]:
    """Without the middles of long unchanged stretches."""
    out: list[Char] = []
    stretch: list[Char] = []
    for char in [*chars, ("", "end")]:
        if char[1] == "same":
            stretch.append(char)
            continue
        if len(stretch) > 2 * CONTEXT + 10:
            head = stretch[:CONTEXT] if out else []
            tail = stretch[-CONTEXT:] if char[1] != "end" else []
            stretch = [*head, *styled(f" {FOLD} ", "dim"), *tail]
        out += stretch
        stretch = []
        if char[1] != "end":
            out.append(char)
    return out


def _marked(chars: Sequence[Char]) -> Iterator[Char]:
    """The same without colour."""
    open_, close = {"gone": "[-", "new": "{+", "tag": "{"}, {"gone": "-]", "new": "+}", "tag": "}"}
    for text, style in runs(chars):
        if style in ("badge", "gone badge"):
            yield from styled(f"[-<{text}>-]" if style == "gone badge" else f"<{text}>", "same")
        else:
            yield from styled(open_.get(style, "") + plain(text) + close.get(style, ""), "same")
