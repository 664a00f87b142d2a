"""Rows of graphemes on a terminal: edits by background colour (a strike-through hides 一) or else in brackets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from .display import clipped, plain, width
from .wrapping import Char, runs, styled, wrap

if TYPE_CHECKING:
    from rich.console import Console

STYLES = {
    "same": "",
    "gone": "white on #8b2c33",
    "new": "white on #1c6b3c",
    "tag": "black on #8fb8de",
    "flag": "black on #e0c15a",
    "badge": "black on #d7af5f",
    "gone badge": "black on #d7875f",
    "new badge": "black on #87af5f",
    "dim": "dim",
}
# The nearest of 16 colours to dark red is grey, and to dark green as well.
STYLES_16 = {
    "same": "",
    "gone": "bright_white on red",
    "new": "black on green",
    "tag": "black on cyan",
    "flag": "black on yellow",
    "badge": "black on yellow",
    "gone badge": "black on bright_red",
    "new badge": "black on bright_green",
    "dim": "dim",
}
# And the nearest of 256 colours to the dark red is purple.
STYLES_256 = STYLES | {"gone": "white on color(88)", "new": "white on color(22)"}
BY_SYSTEM = {"standard": STYLES_16, "256": STYLES_256}
OPEN = {"gone": "[-", "new": "{+", "tag": "{", "flag": "{!"}
CLOSE = {"gone": "-]", "new": "+}", "tag": "}", "flag": "!}"}


def say(console: Console, text: str, hang: int = 0, style: str | None = None) -> None:
    """A line as it is; with `hang` a terminal gets it cut to its width, `hang` blanks before what follows."""
    pieces = [text]
    if hang and console.is_terminal:
        pieces = ["".join(char for char, _ in row) for row in wrap(styled(text, ""), console.width - hang)]
    console.print(("\n" + " " * hang).join(pieces), style=style, soft_wrap=True, highlight=False, markup=False)


def say_parts(console: Console, parts: Sequence[str], gap: str) -> None:
    """Parts on one line; a terminal gets them on as many as they need, none of them cut."""
    lines = [""]
    for part in parts:
        longer = f"{lines[-1]}{gap if lines != [''] else ''}{part}"
        if console.is_terminal and lines[-1].strip() and width(longer + gap.rstrip()) > console.width - 2:
            lines[-1] += gap.rstrip()
            lines.append("  ")
            longer = f"  {part}"
        lines[-1] = longer
    for line in lines:
        say(console, line, 2)


class Paint:
    """Puts rows on one console."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.width = console.width
        self.colour = console.color_system is not None and not console.no_color
        self._styles = BY_SYSTEM.get(console.color_system or "", STYLES)

    def put(self, parts: Sequence[tuple[str, str]]) -> None:
        """One line, as long as it is, of texts and their styles."""
        from rich.text import Text

        text = Text(no_wrap=True, overflow="ignore", end="\n")
        for piece, style in parts:
            text.append(piece, self._styles.get(style, style))
        self.console.print(text, soft_wrap=True, highlight=False, markup=False)

    def cut(self, chars: list[Char], columns: int) -> list[list[Char]]:
        """A line as rows of at most `columns` cells; without colour its edits stand in brackets."""
        return list(wrap(chars if self.colour else list(_bracketed(chars)), max(columns, 10)))

    def row(self, left: str, names: Sequence[str], gutter: int, chars: list[Char]) -> None:
        """A line with its number and its rules in a gutter of `gutter` columns."""
        cut = self.cut(chars, self.width - gutter - 1)
        for number in range(max(len(cut), len(names))):
            name = clipped(names[number] if number < len(names) else "", gutter - 7)
            margin = f"{left if number == 0 else '':>5} {name}{' ' * (gutter - 6 - width(name))}"
            self.put([(margin, "dim"), *runs(cut[number] if number < len(cut) else [])])


def gutter_of(columns: int) -> int:
    return 24 if columns < 100 else 30 if columns < 120 else 36


def _bracketed(chars: Sequence[Char]) -> Iterator[Char]:
    """The same without styles but `same`: edits and tags in brackets, badges in `<>`."""
    for kind, pieces in groupby(runs(chars), key=lambda run: run[1].removesuffix(" badge")):
        text = "".join(f"<{piece}>" if style.endswith("badge") else plain(piece) for piece, style in pieces)
        if kind not in OPEN:
            yield from styled(text, "same")
        else:  # a bracket is one grapheme, so that no row ends between it and the text
            yield from ((OPEN[kind], "same"), *styled(text, "same"), (CLOSE[kind], "same"))
