"""Lines that end because they were full: found out once for a horizon, from the widths of its lines.

A line was wrapped where the first word of the next one had no room left. One width that explains nearly every line
end inside a sentence is the width of the document; verse, lists and headings have room left, and no common width.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec
import regex

from ..model.lines import plain_ends
from .line_metrics import (
    BLANKS,
    CLOSERS,
    LONGEST_WORD,
    NEVER_FIRST,
    OPENERS,
    WORD,
    FitRange,
    LineShape,
    Pair,
    is_apart,
    is_hangul,
    is_wide,
    lines_of,
    pairs,
    room,
    width_of,
)

STRETCH = 16 << 10  # a horizon over SAMPLES of these is judged by that many, evenly spread
SAMPLES = 16
NARROWEST, NARROWEST_LATIN, WIDEST = 30, 40, 200  # cells; verse of two seven-character half lines has 29 or 32
LETTER = re.compile(r"\w")
NUMBER = re.compile(r"[^\x00-\x7f]\d+$")
BLANKS_BETWEEN = {
    "letters": regex.compile(r"[\u4e00-\u9fff]( ?)[A-Za-z]|[A-Za-z]( ?)[\u4e00-\u9fff]"),
    "digits": regex.compile(r"[\u4e00-\u9fff]( ?)[0-9]|[0-9]( ?)[\u4e00-\u9fff]"),
}
INSIDE = re.compile(rf"[。！？][{CLOSERS}]*(?=[^{CLOSERS}。！？\n])|[.!?][\"')]* (?=[A-Z])")


class WrapStyle(msgspec.Struct, frozen=True):
    """How lines were broken: at `width`, in cells of a terminal or in characters.

    Lines that go on are indented by `indent`. `marked`: paragraphs begin with an indent or behind a blank line;
    `across`: a full line that ends a sentence is continued too; `sliced`: words were cut; `spaced`: whether blanks
    stand between hanzi and letters, hanzi and digits.
    """

    width: int
    cells: bool
    indent: int = 0
    marked: bool = False
    across: bool = True
    sliced: bool = False
    spaced: tuple[bool, bool] = (False, False)

    def breaks(self, text: str, gone: Sequence[tuple[int, str]] = ()) -> Iterator[tuple[int, int, str]]:
        """Line ends of `text` (all `\\n`) that say nothing, with the blanks around, and what stands instead.

        `gone` are places (sorted) at which something was taken out of the text after its lines were broken.
        """
        for line, following in pairs(text, self.cells):
            if gone:
                taken = gone[bisect_left(gone, (line.start, "")) : bisect_left(gone, (line.end + 1, ""))]
                whole = line._replace(width=line.width + sum(width_of(what, self.cells) for _, what in taken))
            else:
                whole = line
            if self._continues(whole, following):
                yield line.end, following.start, self._glue(whole, following)

    def _continues(self, line: LineShape, following: LineShape) -> bool:
        low, high = room(line, following, self.cells)
        if not low <= self.width <= high or is_apart(line, following):
            return False
        if following.indent > self.indent + 1 and (line.ended or following.indent != line.indent):
            return False
        return not line.ended or self.marked or (self.across and following.text[0] not in OPENERS)

    def _glue(self, line: LineShape, following: LineShape) -> str:
        last, first = line.text[-1], following.text[0]
        if is_wide(last) and is_wide(first):
            return " " if is_hangul(last) and is_hangul(first) else ""
        if line.blank or following.indent > self.indent:
            return " "
        if is_wide(last) or is_wide(first):
            latin = first if is_wide(last) else last
            return " " if last.isalnum() and first.isalnum() and self.spaced[latin.isdigit()] else ""
        if last == "-" and first.isalpha() and line.text[-2:-1].isalpha():
            return ""
        cut = NUMBER.search(line.text) and first.isdigit()
        return "" if cut or (self.sliced and line.width >= self.width) else " "


def survey(text: str) -> WrapStyle | None:
    """How the lines of `text` were broken, or None where they were not."""
    if not _worth_a_look(text):
        return None
    found = [judged for cells in (True, False) if (judged := _judged(text, cells))]
    return max(found, key=lambda one: one[0])[1] if found else None


def _worth_a_look(text: str) -> bool:
    """Whether enough lines end inside a sentence; a quick no for nearly every text."""
    open_ends = long = 0
    for line in text.split("\n"):
        length = len(line)
        if length > WIDEST:
            long += 1
        elif length >= NARROWEST // 2 and (line[-1].isalnum() or line[-1] in BLANKS):
            open_ends += 1
    return open_ends >= 2 and open_ends >= 2 * long


def _judged(text: str, cells: bool) -> tuple[tuple[int, int], WrapStyle] | None:
    """The wrap that explains the line ends inside sentences, how many of them, and how many of all."""
    lines = [line for line in lines_of(text, cells) if line is not None]
    near = [pair for pair in pairs(text, cells) if not is_apart(*pair)]
    rooms = [room(line, following, cells) for line, following in near]
    inside = [at for (line, _), at in zip(near, rooms, strict=True) if line.text[-1].isalnum()]
    width, full = _most_common_width(inside)
    against = sum(high < width for _, high in inside) + sum(_over(line, width) for line in lines)
    latin = 2 * sum(is_wide(line.text[-1]) for line, _ in near) < len(near)
    least = (NARROWEST_LATIN if latin else NARROWEST) // (1 if cells or latin else 2)
    if full < (3 if latin else 2) + 2 * against or not least <= width <= WIDEST:
        return None
    wrapped = [pair for pair, (low, high) in zip(near, rooms, strict=True) if low <= width <= high]
    if _is_verse(wrapped):
        return None
    return (full - against, len(wrapped)), _described(text, width, cells, near, wrapped)


def _most_common_width(rooms: Sequence[FitRange]) -> tuple[int, int]:
    """The width inside most of the rooms, the smallest of several, and inside how many."""
    steps: Counter[int] = Counter()
    for low, high in rooms:
        steps[low] += 1
        steps[high + 1] -= 1
    best, width, count = 0, 0, 0
    for at in sorted(steps):
        count += steps[at]
        if count > best:
            best, width = count, at
    return width, best


def _is_verse(wrapped: Sequence[Pair]) -> bool:
    """Whether most lines have their punctuation (or none) at the same places, as verse and headlines may."""
    shapes = Counter(LETTER.sub("x", line.text) for line, _ in wrapped if line.text[-1].isalnum())
    return 3 * max(shapes.values()) > 2 * sum(shapes.values())


def _over(line: LineShape, width: int) -> bool:
    return line.width > width + 2 and not line.apart and len(WORD.match(line.text)[0]) < LONGEST_WORD  # type: ignore[index]


def _described(text: str, width: int, cells: bool, near: Sequence[Pair], wrapped: Sequence[Pair]) -> WrapStyle:
    going_on = [following for line, following in wrapped if line.text[-1].isalnum()]
    indent = Counter(line.indent for line in going_on).most_common(1)[0][0]
    full = set(wrapped)
    unmarked = sum(
        line.ended and following.indent <= indent + 1 for line, following in near if (line, following) not in full
    )
    marked = sum(following.indent > indent + 1 for _, following in near) + text.count("\n\n")
    ended = sum(line.ended and following.indent <= indent + 1 for line, following in wrapped)
    places = width_of(text, True) - len(text) + text.count(" ") + 1  # where a line could have been broken
    by_chance = 3 * len(INSIDE.findall(text)) * len(wrapped) / places + 2
    return WrapStyle(
        width,
        cells,
        indent,
        marked=marked > 4 * unmarked,
        across=ended <= by_chance,
        sliced=_sliced(wrapped, width),
        spaced=(_has_blanks(text, BLANKS_BETWEEN["letters"]), _has_blanks(text, BLANKS_BETWEEN["digits"])),
    )


def _has_blanks(text: str, pattern: re.Pattern[str]) -> bool:
    found = pattern.findall(text)
    return 2 * sum(any(blanks) for blanks in found) > len(found)


def _sliced(wrapped: Sequence[Pair], width: int) -> bool:
    """Whether lines were cut anywhere: before a comma, inside a word."""
    if 50 * sum(following.text[0] in NEVER_FIRST for _, following in wrapped) >= len(wrapped):
        return True
    exact = [pair for pair in wrapped if width - 1 <= pair[0].width + pair[0].blank <= width]
    words = [pair for pair in wrapped if re.match(r"[A-Za-z0-9]{3}", pair[1].text)]
    return bool(words) and set(words) <= set(exact) and 20 * len(exact) >= 19 * len(wrapped)


class WrapDetector:
    """How the lines of one document were broken, horizon by horizon.

    Positions that callers give are bytes of the current block, which begins at byte `block_start` of the document.
    """

    def __init__(self) -> None:
        self.block_start = 0
        self._wraps: list[tuple[int, int, WrapStyle]] = []

    def observe(self, start: int, data: bytes) -> None:
        """Decide how the lines of a horizon, which begins at byte `start`, were broken."""
        wrap = survey(_sampled(data))
        if wrap is not None:
            self._wraps.append((start, start + len(data), wrap))

    def within(self, length: int) -> list[tuple[int, int]]:
        """The parts of the next `length` bytes whose lines were broken."""
        base, end = self.block_start, self.block_start + length
        return [(max(base, a) - base, min(end, b) - base) for a, b, _ in self._wraps if a < end and b > base]

    def at(self, byte: int) -> WrapStyle | None:
        return next((wrap for start, end, wrap in self._wraps if start <= self.block_start + byte < end), None)


def _sampled(data: bytes) -> str:
    """The text of a horizon, or samples of it, with `\\n` for every line end."""
    if len(data) > SAMPLES * STRETCH:
        step = (len(data) - STRETCH) // (SAMPLES - 1)
        stretches = (data[at : at + STRETCH] for at in range(0, len(data) - STRETCH + 1, step))
        data = b"\n".join(part[part.find(b"\n") + 1 : part.rfind(b"\n") + 1] for part in stretches)
    return plain_ends(data.decode())
