"""Lines of styled characters cut to columns: Chinese between any two characters but by its rules, Latin by words.

Written because rich takes a run of Chinese for one word and squeezes or overflows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import wcwidth

from .display import cells

Char = tuple[str, str]  # a grapheme (what a screen shows as one character) and the name of its style
NEVER_FIRST = frozenset([*"，。、；：？！）】》」』”’…,.;:?!)]}>%~·", "-]", "+}"])
NEVER_LAST = frozenset([*"（【《「『“‘([{<$", "[-", "{+"])
MOST_JOINED = 12  # characters of one grapheme: 500 accents on a letter are a prank, the rest is left out


def styled(text: str, style: str) -> list[Char]:
    return [(grapheme[:MOST_JOINED], style) for grapheme in wcwidth.iter_graphemes(text)]


def wrap(chars: list[Char], columns: int) -> Iterator[list[Char]]:
    """Cuts one logical line into rows of at most `columns` cells; an empty line is one empty row."""
    start = 0
    while True:
        end, used = start, 0
        while end < len(chars) and used + cells(chars[end][0]) <= columns:
            used += cells(chars[end][0])
            end += 1
        if end >= len(chars):
            yield chars[start:]
            return
        cut = next((at for at in range(end, start, -1) if _may_break(chars[at - 1][0], chars[at][0])), end)
        cut = max(cut, start + 1)
        yield chars[start:cut]
        start = cut
        if start < len(chars) and chars[start][0] == " ":
            start += 1


def _may_break(left: str, right: str) -> bool:
    if right in NEVER_FIRST or left in NEVER_LAST or not cells(right):
        return False
    return not (_in_word(left) and _in_word(right))


def _in_word(char: str) -> bool:
    return "!" <= char <= "~" or (char[:1].isalpha() and cells(char) == 1)


def runs(chars: Iterable[Char]) -> Iterator[tuple[str, str]]:
    """Adjacent graphemes of one style, joined."""
    pieces: list[str] = []
    last = ""
    for char, style in chars:
        if style != last and pieces:
            yield "".join(pieces), last
            pieces = []
        pieces.append(char)
        last = style
    if pieces:
        yield "".join(pieces), last
