"""Subtitles as SubRip and WebVTT write them: a line of a cue is a piece, an empty cue is removed with its times."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .pieces import LINE, Decode, Element, Part, Piece, Slice, splitting

TIMES = re.compile(
    r"(?m)^[ \t]*(?:\d+:)?\d{1,2}:\d\d[.,]\d{1,3}[ \t]*-->[ \t]*(?:\d+:)?\d{1,2}:\d\d[.,]\d{1,3}[^\r\n]*"
)
MARK = re.compile(r"(?:</?(?:[ibuscv]|font|lang|ruby|rt|\d\d:)[^<>\r\n]*>|\{\\[^{}\r\n]*\})+", re.IGNORECASE)


def known(head: bytes) -> bool:
    return b"-->" in head.replace(b"\0", b"")


def read(raw: bytes, decode: Decode) -> list[Part]:
    """The one part of a file of subtitles."""
    text, source = decode(raw)
    pieces: list[Piece] = []
    elements: list[Element] = []
    for start, body, end in _cues(text):
        elements.append(Element(start, end))
        for line in LINE.finditer(text, body, end):
            row = line.group().rstrip("\r\n")
            if row.strip():
                elements.append(Element(line.start(), line.end()))  # an empty line would end the cue
                found = splitting(spoken(text, line.start(), line.start() + len(row)))
                pieces += (Piece("cue", slices) for slices in found)
    return [Part(text, source, pieces, elements)]


def _cues(text: str) -> Iterator[tuple[int, int, int]]:
    """Where each cue begins with its number, where its text begins, and where the next cue begins."""
    times = list(TIMES.finditer(text))
    starts = [_before(text, found.start()) for found in times]
    for number, found in enumerate(times):
        end = starts[number + 1] if number + 1 < len(times) else len(text)
        body = found.end()
        stop = _block_end(text, body, end)
        yield starts[number], body, stop


def _before(text: str, at: int) -> int:
    """The beginning of the line above the times, where that is a cue's number or name."""
    line = LINE.match(text, _line_start(text, at - 1)) if at else None
    if line is None or not line.group().strip("\ufeff\r\n \t"):
        return at
    start = line.start()
    content = line.group().strip("\ufeff \t\r\n")
    if content.isdigit() or (
        not text[_line_start(text, start - 1) : start].strip() and not content.startswith(("WEBVTT", "NOTE"))
    ):
        return start
    return at


def _line_start(text: str, at: int) -> int:
    """The beginning of the line that holds the line end before `at`."""
    if at <= 0:
        return 0
    stop = at - 1 if text[at - 1] == "\r" and text[at : at + 1] == "\n" else at
    return max(text.rfind("\n", 0, stop), text.rfind("\r", 0, stop)) + 1


def _block_end(text: str, body: int, end: int) -> int:
    """Where the blank lines behind a cue end; in WebVTT a note may follow them."""
    blank = False
    for line in LINE.finditer(text, body, end):
        if not line.group():
            break
        if not line.group().strip():
            blank = line.start() > body
        elif blank and re.match(r"(?:NOTE|STYLE|REGION)\b", line.group()):
            return line.start()
    return end


def spoken(text: str, start: int, end: int) -> Iterator[Slice]:
    """A line without the tags that say how it looks."""
    at = start
    for mark in MARK.finditer(text, start, end):
        if at < mark.start():
            yield Slice(at, mark.start(), text[at : mark.start()])
        at = mark.end()
    if at < end:
        yield Slice(at, end, text[at:end])
