"""A document as pieces of text, each with the places in its parts where that text is written.

Only text is ever written back: everything between the slices of a part is left as it is, byte for byte.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate

import msgspec

from ...model.edits import Edit
from ...model.errors import InputProblem
from ...model.source import SourceEncoding, encode_with_spans, spans_between

Decode = Callable[[bytes], tuple[str, SourceEncoding]]  # raises InputSkipped, InputProblem
LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
ZONES = {"header": "margin", "footer": "margin", "watermark": "margin", "name": "metadata"}
FILLER = "—"  # stands in a title of which nothing is left
MOST_SLICES = 500_000  # in one document: each costs some 150 bytes of memory


def words(text: str) -> frozenset[str]:
    """The names that a text lists."""
    return frozenset(text.split())


class Slice(msgspec.Struct, frozen=True, gc=False):
    """Characters `[start, end)` of a part that a reader sees as `text`; longer than it where it is an entity."""

    start: int
    end: int
    text: str

    @property
    def exact(self) -> bool:
        return self.end - self.start == len(self.text)


class Piece(msgspec.Struct, frozen=True, gc=False):
    """One line of a document: a paragraph, cue, heading, cell, metadata field. `place` says which."""

    place: str
    slices: tuple[Slice, ...]

    @property
    def text(self) -> str:
        return "".join(one.text for one in self.slices)


class Element(msgspec.Struct, frozen=True, gc=False):
    """Characters `[start, end)` of a part that may go as a whole once all of its text is gone."""

    start: int
    end: int


class Part(msgspec.Struct, frozen=True):
    """One text of a document: its pieces in the order of the text, and how new text is written into it.

    `needed` are elements that its format wants to hold some text; `numbers` count elements, from 1 and without gaps.
    """

    text: str
    source: SourceEncoding
    pieces: Sequence[Piece]
    elements: Sequence[Element]
    escape: Callable[[str], str] = str
    name: str = ""  # of its member in an archive
    needed: Sequence[Element] = ()
    numbers: Sequence[Slice] = ()


class Change(msgspec.Struct, frozen=True, gc=False):
    """Characters `[start, end)` of a piece become `after`."""

    start: int
    end: int
    after: str


def pieces_changed(part: Part, changes: dict[int, list[Change]]) -> bytes:
    """The bytes of a part after changes, given by the number of the piece."""
    written: list[tuple[int, int, str]] = []
    slices: list[Slice] = []
    left: list[int] = []  # characters of each slice that are no blanks and stay
    for number, piece in enumerate(part.pieces):
        ours = changes.get(number, ())
        at = 0
        for one in piece.slices:
            slices.append(one)
            text = one.text
            if ours:
                text = _rest(one, at, ours, written, part.escape)
            left.append(len(text.strip()))
            at += len(one.text)
    removed = _emptied(part.elements, slices, left)
    filled = [(end, end, FILLER) for _, end in _emptied(part.needed, slices, left)]
    kept = [one for one in (*written, *filled, *_counted(part, removed)) if not _inside(one, removed)]
    return _spliced(part, sorted([*kept, *((start, end, "") for start, end in removed)]))


def _counted(part: Part, removed: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int, str]]:
    """The numbers of what is left, where something was removed."""
    left = [one for one in part.numbers if not _inside((one.start, one.end, ""), removed)]
    if len(left) == len(part.numbers):
        return
    ranks = {number: rank for rank, number in enumerate(sorted({int(one.text) for one in left}), 1)}
    yield from ((one.start, one.end, str(ranks[int(one.text)])) for one in left)


def _rest(
    one: Slice, at: int, changes: Sequence[Change], written: list[tuple[int, int, str]], escape: Callable[[str], str]
) -> str:
    """What is left of a slice whose text begins at `at` of its piece; what is to be written is added to `written`."""
    end = at + len(one.text)
    found = [change for change in changes if (change.start < end and change.end > at) or at <= change.start < end]
    text, low = "", 0
    for change in found:
        start, stop = max(change.start - at, 0), min(change.end - at, len(one.text))
        after = change.after if change.start >= at else ""
        if one.exact:
            written.append((one.start + start, one.start + stop, escape(after)))
        text += one.text[low:start] + after
        low = stop
    text += one.text[low:]
    if found and not one.exact:
        written.append((one.start, one.end, escape(text)))
    return text


def _emptied(elements: Iterable[Element], slices: Sequence[Slice], left: Sequence[int]) -> list[tuple[int, int]]:
    """The outermost elements that held text and hold none any more."""
    order = sorted(range(len(slices)), key=lambda number: slices[number].start)
    starts = [slices[number].start for number in order]
    before = [0, *accumulate(len(slices[number].text.strip()) for number in order)]
    after = [0, *accumulate(left[number] for number in order)]
    removed: list[tuple[int, int]] = []
    for one in sorted(elements, key=lambda one: (one.start, -one.end)):
        low, high = bisect_left(starts, one.start), bisect_left(starts, one.end)
        if removed and one.start < removed[-1][1]:
            continue
        if before[high] > before[low] and after[high] == after[low]:
            removed.append((one.start, one.end))
    return removed


def _inside(one: tuple[int, int, str], removed: Sequence[tuple[int, int]]) -> bool:
    number = bisect_right(removed, (one[0], 1 << 62)) - 1
    return number >= 0 and one[1] <= removed[number][1] and one[0] < removed[number][1]


def _spliced(part: Part, written: Iterable[tuple[int, int, str]]) -> bytes:
    source, text, at = part.source, part.text, 0
    out = [source.bom]

    def unchanged(end: int) -> bytes:
        return encode_with_spans(text[at:end], source.codec, spans_between(source.spans, at, end))

    for start, end, after in written:
        out += (unchanged(start), _encoded(after, part))
        at = end
    out.append(unchanged(len(text)))
    return b"".join(out)


def _encoded(text: str, part: Part) -> bytes:
    try:
        return text.encode(part.source.codec)
    except UnicodeEncodeError:
        if part.escape is str:
            raise InputProblem(f"an edit writes characters that {part.source.codec} lacks") from None
        return text.encode(part.source.codec, "xmlcharrefreplace")


def check_count(count: int) -> None:
    """Raises InputProblem for more slices than a document may have: it is asked while they are read."""
    if count > MOST_SLICES:
        raise InputProblem(f"more than {MOST_SLICES:,} pieces of text", hint="split the document")


def splitting(slices: Iterable[Slice | None]) -> Iterator[tuple[Slice, ...]]:
    """Slices in groups: None ends one. Groups of blanks are left out."""
    group: list[Slice] = []
    for one in (*slices, None):
        if one is not None:
            group.append(one)
        elif group:
            if any(not slice_.text.isspace() for slice_ in group):
                yield tuple(group)
            group = []


class Placed(msgspec.Struct, frozen=True):
    """Where the pieces of a document lie in the text that is made of them: a line each."""

    parts: Sequence[Part]
    owners: Sequence[tuple[int, int]]  # the part of each piece, and its number there
    starts: Sequence[int]
    text: str

    @classmethod
    def of(cls, parts: Sequence[Part]) -> Placed:
        owners = [(number, at) for number, part in enumerate(parts) for at in range(len(part.pieces))]
        texts = [piece.text for part in parts for piece in part.pieces]
        starts = [0, *accumulate(len(text) + 1 for text in texts)][:-1]
        return cls(parts, owners, starts, "".join(text + "\n" for text in texts))

    def piece_at(self, char: int) -> int:
        """The number, from 0, of the piece that holds a character of the text."""
        return max(bisect_right(self.starts, char) - 1, 0)

    def zone_at(self, char: int) -> str:
        """The place of a character of the text."""
        if not self.owners:
            return ""
        part, number = self.owners[self.piece_at(char)]
        place = self.parts[part].pieces[number].place
        return ZONES.get(place, place)

    def changes(self, edits: Iterable[Edit]) -> dict[int, dict[int, list[Change]]]:
        """What edits, in characters of the text, change in each part and piece; line ends between pieces stay."""
        found: dict[int, dict[int, list[Change]]] = {}
        for edit in edits:
            number, after = self.piece_at(edit.start), edit.after
            while number < len(self.starts) and self.starts[number] <= edit.end:
                start = self.starts[number]
                part, at = self.owners[number]
                length = (self.starts[number + 1] if number + 1 < len(self.starts) else len(self.text)) - 1 - start
                low, high = max(edit.start - start, 0), min(edit.end - start, length)
                if low < high or (after and low <= length):
                    found.setdefault(part, {}).setdefault(at, []).append(Change(low, high, after))
                    after = ""
                number += 1
        return found

    def takes(self, edit: Edit) -> bool:
        """Whether an edit can be made: it changes text inside pieces, and writes none over their ends."""
        inner = edit.before.strip("\n")
        if "\n" in edit.after or ("\n" in inner and edit.after):
            return False
        return bool(inner) or bool(edit.after and not edit.before)
