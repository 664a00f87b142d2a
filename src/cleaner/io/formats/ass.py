"""Advanced SubStation Alpha: the text of events and the lines that say who made the file; styles and data stay."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .pieces import Decode, Element, Part, Piece, Slice, splitting

LINE = re.compile(r"[^\r\n]+(?:\r\n|\r|\n|\Z)")
EVENT = re.compile(r"(?:Dialogue|Comment):", re.IGNORECASE)
SAID = re.compile(
    r"\s*(;|!|(?:Title|Comment|Original \w+|Update Details|Script Updated By|Synch Point):)\s*", re.IGNORECASE
)
MARK = re.compile(r"\{[^{}\r\n]*\}|\\[Nn]|\\h")
DRAWS = re.compile(r"\\p([0-9])")
BREAK = re.compile(r"\\[Nn]")
FIELDS = 10


def known(head: bytes) -> bool:
    return b"[Script Info]" in head.replace(b"\0", b"")


def read(raw: bytes, decode: Decode) -> list[Part]:
    """The one part of a script."""
    text, source = decode(raw)
    pieces: list[Piece] = []
    elements: list[Element] = []
    section, fields = "", FIELDS
    for line in LINE.finditer(text):
        row = line.group().rstrip("\r\n")
        if row.lstrip("\ufeff").startswith("["):
            section = row.strip("\ufeff \t").lower()
        elif row.lower().startswith("format:"):
            fields = row.count(",") + 1
        start = end = line.start()
        if section == "[events]" and EVENT.match(row):
            start = _text_start(text, line.start(), fields)
            place = "cue"
        elif section == "[script info]" and (said := SAID.match(row)):
            start, place = line.start() + said.end(), "script"
        end = line.start() + len(row)
        if start > line.start():
            elements.append(Element(line.start(), line.end()))
            pieces += (Piece(place, slices) for slices in splitting(_spoken(text, start, end)))
            elements += _rows(text, start, end)
    return [Part(text, source, pieces, elements)]


def _rows(text: str, start: int, end: int) -> Iterator[Element]:
    """The rows of an event, each with the break behind it, the last with the one before it."""
    at = start
    for found in BREAK.finditer(text, start, end):
        yield Element(at, found.end())
        at = found.end()
    if at > start:
        yield Element(at - 2, end)


def _text_start(text: str, start: int, fields: int) -> int:
    for _ in range(fields - 1):
        start = text.find(",", start) + 1
        if not start:
            return 0
    return start


def _spoken(text: str, start: int, end: int) -> Iterator[Slice | None]:
    """The text of an event without overrides and drawings; None where a line of it ends."""
    at, draws = start, False
    for mark in MARK.finditer(text, start, end):
        if at < mark.start() and not draws:
            yield Slice(at, mark.start(), text[at : mark.start()])
        at = mark.end()
        if mark.group() in ("\\N", "\\n"):
            yield None
        elif mark.group() == "\\h":
            yield Slice(*mark.span(), " ")
        elif found := DRAWS.findall(mark.group()):
            draws = found[-1] != "0"
    if at < end and not draws:
        yield Slice(at, end, text[at:end])
