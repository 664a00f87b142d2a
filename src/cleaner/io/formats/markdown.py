"""Markdown: each line is a piece; front matter, code and the addresses of links are none."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .pieces import LINE, Decode, Element, Part, Piece, Slice, splitting

FENCE = re.compile(r" {0,3}(?:[-*+>]\s+|\d+[.)]\s+)*(`{3,}|~{3,})")
HEAD = re.compile(r"\s*(?:[-*+]\s+|\d{1,3}[.)]\s+|#{1,6}\s+|(?:>\s?)+)*")
CODE = re.compile(r"(?: {4}|\t)")
MARK = re.compile(
    r"(?P<picture>!\[[^\]\r\n]{0,300}\]\([^()\r\n]{0,2000}\))"
    r"|(?P<link>\[(?:[^\[\]\r\n]|!\[[^\]\r\n]{0,300}\]\([^()\r\n]{0,2000}\)){0,500}\]\([^()\s]{0,2000}(?:\([^()\s]{0,200}\))?[^()\s]{0,500}(?:\s+\"[^\"\r\n]{0,300}\")?\))"
    r"|(?P<code>`[^`\r\n]{1,2000}`)"
    r"|(?P<tag></?[A-Za-z][^<>\r\n]{0,2000}>)"
    r"|(?P<bold>\*\*(?=\S)[^*\r\n]{1,2000}(?<=\S)\*\*|__(?=\S)[^_\r\n]{1,2000}(?<=\S)__)"
)


def read(raw: bytes, decode: Decode) -> list[Part]:
    """The one part of a file."""
    text, source = decode(raw)
    pieces: list[Piece] = []
    elements: list[Element] = []
    fence, front, blank, broken = "", False, True, False  # broken: the target of a link continues
    for number, line in enumerate(LINE.finditer(text)):
        row = line.group().rstrip("\r\n")
        if number == 0 and row.strip("\ufeff ") in ("---", "+++"):
            front = True
            continue
        if front:
            front = row.strip() not in ("---", "...", "+++")
            continue
        mark = FENCE.match(row)
        if fence:
            if mark and mark[1].startswith(fence) and not row.strip(" `~>"):
                fence = ""
            continue
        if mark:
            fence = mark[1]
            continue
        if not row.strip() or (CODE.match(row) and blank):
            blank, broken = True, False
            continue
        blank = False
        is_whole = not broken
        start, end = _text_start(row, broken), _text_end(row)
        broken = end < len(row) or (broken and ")" not in row)
        place = "heading" if row.lstrip().startswith("#") else "body"
        if row[start:end].strip():
            if is_whole and not broken:
                elements.append(Element(line.start(), line.end()))
            inner = list(_read(text, line.start() + start, line.start() + end, elements))
            pieces += (Piece(place, slices) for slices in splitting(inner))
    return [Part(text, source, pieces, elements)]


def _text_start(row: str, broken: bool) -> int:
    """Where the text of a line begins: `broken`, behind the target that continues in it."""
    if broken:
        return row.find(")") + 1 or len(row)
    found = HEAD.match(row)
    return found.end() if found else 0


def _text_end(row: str) -> int:
    """Where a link begins whose target continues in the next line, as programs write it that fold long lines."""
    target = row.rfind("](")
    if target < 0 or any(one in " )" for one in row[target:]):
        return len(row)
    start = row.rfind("[", 0, target)
    return len(row) if start < 0 else start - (row[start - 1 : start] == "!")


def _read(text: str, start: int, end: int, elements: list[Element]) -> Iterator[Slice]:
    """A line as it is read: of a link its text, of a picture nothing."""
    at = start
    for mark in MARK.finditer(text, start, end):
        if at < mark.start():
            yield Slice(at, mark.start(), text[at : mark.start()])
        at = mark.end()
        low, high = mark.span()
        if mark["code"]:
            yield Slice(low, high, text[low:high])
        elif mark["link"]:
            elements.append(Element(low, high))
            yield from _read(text, low + 1, text.rindex("](", low, high), elements)
        elif mark["bold"]:
            elements.append(Element(low, high))
            yield from _read(text, low + 2, high - 2, elements)
    if at < end:
        yield Slice(at, end, text[at:end])
