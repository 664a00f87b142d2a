"""Word documents: paragraphs wherever they stand (body, cells, text boxes, headers, notes), properties, watermarks.

Styles, numbering, pictures, fields and macros are never touched. A field or a link is removed with all of its text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from ...model.errors import InputProblem, InputSkipped
from .archive import Archive
from .markup import Token, attribute, attributes, check_xml, escaped, literal, local, slices_of, tokens
from .pieces import Decode, Element, Part, Piece, Slice, check_count, splitting, words

MAIN = "word/document.xml"
PLACES = (
    (re.compile(r"docProps/(?:core|app|custom)\.xml"), "metadata"), (re.compile(r"word/header\d*\.xml"), "header"),
    (re.compile(r"word/document\.xml"), "body"), (re.compile(r"word/comments\.xml"), "comment"),
    (re.compile(r"word/(?:foot|end)notes\.xml"), "note"), (re.compile(r"word/footer\d*\.xml"), "footer"),
)  # fmt: skip
PROPERTIES = words("title subject creator keywords description lastModifiedBy category Company Manager lpwstr")
# A paragraph that holds anything else, such as a picture, a bookmark or the end of a section, keeps its place.
PLAIN = words(
    "p pPr r rPr t tab br cr proofErr hyperlink smartTag ins fldSimple fldChar instrText softHyphen noBreakHyphen"
    " lastRenderedPageBreak"
)
INLINE = frozenset(("hyperlink", "fldSimple"))
DEEPEST = 500
BREAKS = frozenset(("br", "cr"))
SIGNED = "_xmlsignatures/"


class _Open(msgspec.Struct):
    """An element that is open: what makes it more than its text is found while it is read."""

    name: str
    start: int
    is_plain: bool = True
    fields: int = 0
    last: int = -1  # of the elements: the paragraph that stands last in it


def read(archive: Archive, decode: Decode) -> Iterator[Part]:
    """The parts of a document with text. Raises InputProblem."""
    if any(name.startswith(SIGNED) for name in archive.names):
        raise InputProblem("it is signed, and an edit would break the signature", hint="remove the signature first")
    archive.read(MAIN)  # there is none without it
    for pattern, place in PLACES:
        for name in sorted(filter(pattern.fullmatch, archive.names), key=lambda name: (len(name), name)):
            try:
                text, source = decode(archive.read(name))
            except InputSkipped:
                continue
            check_xml(text, name)
            pieces, elements = _properties(text) if place == "metadata" else _paragraphs(text, place)
            yield Part(text, source, pieces, elements, escaped, name)


def _properties(text: str) -> tuple[list[Piece], list[Element]]:
    pieces: list[Piece] = []
    name = ""
    for token in tokens(text, False):
        if token.kind == "text" and local(name) in PROPERTIES:
            place = "name" if local(name) == "title" else "metadata"
            pieces += (Piece(place, one) for one in splitting(slices_of(text, token.start, token.end, True)))
        name = token.name if token.kind == "start" else ""
    return pieces, []


def _paragraphs(text: str, place: str) -> tuple[list[Piece], list[Element]]:
    reader = _Reader(text, place)
    for token in tokens(text, False):
        reader.take(token)
    return reader.ordered()


class _Reader:
    def __init__(self, text: str, place: str) -> None:
        self._text, self._place = text, place
        self._opened: list[_Open] = [_Open("", 0)]
        self._elements: list[Element | None] = []
        self._pieces: list[tuple[int, Piece]] = []
        self._groups: list[list[Slice | None]] = []  # of the paragraphs that are open
        self._fields: list[tuple[int, int]] = []  # where a field began, and how deep
        self._texts = 0
        self._run = (0, 0)  # where the run began, and how deep

    def ordered(self) -> tuple[list[Piece], list[Element]]:
        """The pieces in the order in which their paragraphs begin, and the elements."""
        pieces = sorted(self._pieces, key=lambda one: one[0])
        return [piece for _, piece in pieces], [one for one in self._elements if one is not None]

    def take(self, token: Token) -> None:
        name = local(token.name)
        if token.kind == "text":
            self._texts += 1
            check_count(self._texts)
            if self._groups and self._opened[-1].name == "t":
                self._groups[-1] += slices_of(self._text, token.start, token.end, False)
        elif token.kind == "other" and self._groups and self._opened[-1].name == "t":
            self._groups[-1] += literal(self._text, token)
        elif token.kind == "end":
            self._close(name, token)
        elif token.kind in ("start", "empty"):
            self._open(name, token)

    def _open(self, name: str, token: Token) -> None:
        opened = self._opened
        tag = self._text[token.start : token.end]
        in_properties = any(one.name == "pPr" for one in opened[-6:])
        if (name not in PLAIN and not in_properties and name != "rPr" and not self._in("rPr")) or name == "sectPr":
            self._spoil()
        if name == "br" and attribute(tag, "type") in ("page", "column"):
            self._spoil()
        if name in ("tab", "noBreakHyphen") and self._groups and not in_properties:
            self._groups[-1].append(Slice(token.start, token.end, "\t" if name == "tab" else "-"))
        if name in BREAKS and self._groups and not self._in("rPr"):
            self._groups[-1].append(None)
        if name == "textpath":
            self._watermark(tag, token.start)
        if name == "fldChar":
            self._field(attribute(tag, "fldCharType"))
        if token.kind == "empty":
            return
        if len(opened) > DEEPEST:
            raise InputProblem(f"elements more than {DEEPEST} deep", hint="no document of an office program has them")
        if name == "p":
            self._groups.append([])
        if name == "r":
            self._run = (token.start, len(opened))
        opened.append(_Open(name, token.start))

    def _in(self, name: str) -> bool:
        return any(one.name == name for one in self._opened[-4:])

    def _spoil(self) -> None:
        for one in self._opened:
            one.is_plain = False

    def _watermark(self, tag: str, start: int) -> None:
        for name, low, high in attributes(tag):
            if name == "string":
                for group in splitting(slices_of(tag, low, high, True)):
                    moved = tuple(Slice(one.start + start, one.end + start, one.text) for one in group)
                    self._pieces.append((start, Piece("watermark", moved)))
        shape = next((one for one in reversed(self._opened) if one.name == "pict"), None)
        if shape is not None:
            shape.last = -2  # it is removed with its text

    def _field(self, kind: str) -> None:
        if kind == "begin":
            self._fields.append(self._run)
            for one in self._opened:
                one.fields += 1
        elif kind == "end" and self._fields:
            start, depth = self._fields.pop()
            for one in self._opened:
                if one.start <= start:
                    one.fields -= 1
            if depth == self._run[1]:
                self._ended = start

    _ended = -1  # where the field began that ends in this run

    def _close(self, name: str, token: Token) -> None:
        if len(self._opened) == 1 or self._opened[-1].name != name:
            return
        one = self._opened.pop()
        if name == "r" and self._ended >= 0:
            self._elements.append(Element(self._ended, token.end))
            self._ended = -1
        if (name in INLINE and one.is_plain) or (name == "pict" and one.last == -2):
            self._elements.append(Element(one.start, token.end))
        if name == "p" and self._groups:
            self._pieces += ((one.start, Piece(self._place, slices)) for slices in splitting(self._groups.pop()))
            safe = one.is_plain and not one.fields
            self._elements.append(Element(one.start, token.end) if safe else None)
            self._opened[-1].last = len(self._elements) - 1
        elif one.last >= 0:
            self._elements[one.last] = None  # a cell, a header or a text box ends with a paragraph
