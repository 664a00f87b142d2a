"""Lines of styled characters cut to columns: Chinese between any two characters but by its rules, Latin by words.

Written because rich takes a run of Chinese for one word and squeezes or overflows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .display import cells

Char = tuple[str, str]  # a character (with all that joins it to one sign on the screen) and the name of its style
NEVER_FIRST = frozenset([*"，。、；：？！）】》」』”’…,.;:?!)]}>%~·", "-]", "+}"])
NEVER_LAST = frozenset([*"（【《「『“‘([{<$", "[-", "{+"])
# Joiners, selectors, combining marks, flags, skin colours, Hangul letters: only then a sign may be several characters.
JOINED = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u064b-\u065f\u0670\u0900-\u0dff\u0e31-\u0e3a\u0e47-\u0e4e\u1100-\u11ff"
    "\u200c\u200d\u20d0-\u20ff\u3099\u309a\ufe00-\ufe0f\ufe20-\ufe2f\U0001f1e6-\U0001f1ff\U0001f3fb-\U0001f3ff]"
)
MOST_JOINED = 12  # a sign of more characters than that is a prank: the rest of it is left out


def styled(text: str, style: str) -> list[Char]:
    if not JOINED.search(text):
        return [(char, style) for char in text]
    import regex

    return [(sign[:MOST_JOINED], style) for sign in regex.findall(r"\X", text)]


def rows(chars: list[Char], columns: int) -> Iterator[list[Char]]:
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
    """Neighbours of one style joined."""
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
