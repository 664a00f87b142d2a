"""What a document shows of itself: its stamps in all their forms, code that an exporter left in it, heads of pages."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from ..model.lines import plain_ends
from .leftover_code import find_code
from .page_heads import PageHeads, find_heads
from .stamps import HAN, SECTION, find_stamps

if TYPE_CHECKING:
    from .span_model import RowSpan, SpanModel

CORE = 5  # Han characters of a stamp from which it is known with other characters between its own
LONGEST_CORE = 12  # of which one may be lost
GAP = 2  # of the author's characters between two of an interleaved stamp
SYMBOLS = 3  # characters that are no letters between two of a disguised stamp
Piece = tuple[int, int]


class DocumentEvidence:
    """The stamps of one horizon, and the lines of code that are no part of its text."""

    def __init__(
        self,
        stamps: Iterable[str],
        code: Iterable[str],
        modelled: Mapping[str, tuple[RowSpan, ...]] | None = None,
        heads: PageHeads | None = None,
    ) -> None:
        self.stamps = _readings(stamps)
        self.code = frozenset(_readings(code))
        self._modelled = modelled or {}
        self.heads = heads or PageHeads()

    def __bool__(self) -> bool:
        return bool(self.stamps or self.code or self._modelled or self.heads.numbers)

    @cached_property
    def _exact(self) -> re.Pattern[str]:
        return re.compile("|".join(re.escape(text) for text in self.stamps))

    @cached_property
    def _forms(self) -> list[re.Pattern[str]]:
        """Each stamp with symbols between its letters, and with characters of the author's between them."""
        found = {core for stamp in self.stamps for core in _cores("".join(HAN.findall(stamp)))}
        cores = sorted(found, key=lambda core: (-len(core), core))  # a whole one before one that lost a character
        between = rf"[^\w\n]{{0,{SYMBOLS}}}"
        # Never tried again with a longer gap: 手打手打手打... would take twice as long for each character.
        gap = rf"(?>([^\n]{{0,{GAP}}}?)"
        forms = []
        for core in cores:
            apart = core[0] + "".join(f"{gap}{char})" for char in core[1:])
            forms += [re.compile(between.join(core)), re.compile(apart)]
        return forms

    def pieces(self, text: str) -> list[Piece]:
        """The characters of stamps in a text with `\\n` for every line end: sorted, disjoint."""
        found: list[Piece] = [match.span() for match in self._exact.finditer(text)] if self.stamps else []
        taken = bytearray(len(text))
        for start, end in found:
            taken[start:end] = b"\1" * (end - start)
        for form in self._forms:
            for match in form.finditer(text):
                if taken.find(1, *match.span()) < 0:
                    for start, end in _outside(match):
                        found.append((start, end))
                        taken[start:end] = b"\1" * (end - start)
        return sorted(set(found))

    def modelled(self, text: str) -> Iterator[tuple[int, RowSpan]]:
        """What the model says of the lines of such a text, each with where its line begins."""
        at = 0
        for line in text.split("\n"):
            for span in self._modelled.get(line.rstrip("\r"), ()):
                yield at, span
            at += len(line) + 1

    def code_lines(self, text: str) -> Iterator[Piece]:
        """The lines of leftover code in such a text."""
        at = 0
        for line in text.split("\n"):
            if self.code and line.strip() in self.code:
                yield at, at + len(line)
            at += len(line) + 1


def _readings(texts: Iterable[str]) -> tuple[str, ...]:
    """The texts as they are and without entities, in which form a later stage may meet them; the longest first."""
    forms: set[str] = set()
    for text in texts:
        plain = html.unescape(text)
        forms.update((text, plain, plain.replace("\u00a0", " ").strip()))
    return tuple(sorted(forms, key=lambda text: (-len(text), text)))


def _cores(core: str) -> Iterator[str]:
    """The Han characters by which a stamp is known, and the same with one of them lost."""
    if len(core) >= CORE:
        yield core
    if CORE < len(core) <= LONGEST_CORE:
        yield from (core[:at] + core[at + 1 :] for at in range(len(core)))


def _outside(match: re.Match[str]) -> Iterator[Piece]:
    """A match without its groups."""
    at = match.start()
    for group in range(1, (match.re.groups or 0) + 1):
        start, end = match.span(group)
        if start < end:
            yield at, start
            at = end
    yield at, match.end()


def _lines_of(evidence: DocumentEvidence, data: bytes) -> Iterator[Piece]:
    """The lines of some bytes that hold a stamp or leftover code."""
    text = data.decode()
    at = byte = end = 0
    modelled = [(at + span.start, at + span.end) for at, span in evidence.modelled(text)]
    for low, _ in sorted([*evidence.pieces(text), *evidence.code_lines(text), *evidence.heads.around(text), *modelled]):
        byte += len(text[at:low].encode())
        at = low
        if byte >= end:
            start = data.rfind(b"\n", 0, byte) + 1
            end = data.find(b"\n", byte) + 1 or len(data)
            yield start, end


def _sum(spans: Iterable[RowSpan]) -> float:
    return sum(span.score for span in spans)


class StampDetector:
    """The evidence of one document, horizon by horizon.

    Positions that callers give are bytes of the current block, which begins at byte `block_start` of the document.
    """

    def __init__(
        self, wanted: Container[str], model: Callable[[], SpanModel] | None = None, least: float = 0.0
    ) -> None:
        """`wanted` holds "stamps", "code", "heads". `model` loads the learned model; spans over `least` are kept."""
        self.block_start = 0
        self._wanted = wanted
        self._model, self._least = model, least
        self._horizons: list[tuple[int, int, DocumentEvidence]] = []
        self._lines: list[Piece] = []

    def observe(self, start: int, data: bytes) -> None:
        """Find the stamps of a horizon, which begins at byte `start`, and the lines on which they stand."""
        wanted = self._wanted
        evidence = DocumentEvidence(
            [stamp.text for stamp in find_stamps(data)] if "stamps" in wanted else (),
            find_code(data) if "code" in wanted else (),
            self._spans(data),
            find_heads(data) if "heads" in wanted else None,
        )
        if not evidence:
            return
        self._horizons.append((start, start + len(data), evidence))
        low = 0
        while low < len(data):
            high = data.find(b"\n", low + SECTION) + 1 or len(data)
            self._lines += ((start + low + a, start + low + b) for a, b in _lines_of(evidence, data[low:high]))
            low = high

    def _spans(self, data: bytes) -> dict[str, tuple[RowSpan, ...]]:
        found: dict[str, tuple[RowSpan, ...]] = {}
        if self._model is None:
            return found
        from .span_ends import may_hold_mark

        low = 0
        while low < len(data):
            high = data.find(b"\n", low + SECTION) + 1 or len(data)
            text = plain_ends(data[low:high].decode())
            whole = low == 0 and high == len(data)
            rows = self._model().by_row(text, self._least, whole) if may_hold_mark(text) else {}
            for row, spans in rows.items():
                if row not in found or _sum(spans) < _sum(found[row]):
                    found[row] = spans
            low = high
        return found

    def within(self, length: int) -> list[Piece]:
        """The lines of the next `length` bytes that hold a stamp or leftover code."""
        base, end = self.block_start, self.block_start + length
        return [
            (max(base, low) - base, min(end, high) - base) for low, high in self._lines if low < end and high > base
        ]

    def at(self, byte: int) -> DocumentEvidence | None:
        """What is known of the horizon that holds a byte of the block; None for nothing."""
        place = self.block_start + byte
        return next((evidence for start, end, evidence in self._horizons if start <= place < end), None)
