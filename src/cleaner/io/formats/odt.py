"""OpenDocument texts: paragraphs and headings of the body, of headers and footers, and the fields of `meta.xml`."""

from __future__ import annotations

from collections.abc import Iterator

from ...model.errors import InputProblem, InputSkipped
from .archive import Archive
from .markup import check_xml, escaped, local, slices_of, tokens
from .pieces import Decode, Element, Part, Piece, Slice, check_count, splitting, words

PLACES = (("meta.xml", "metadata"), ("styles.xml", "header"), ("content.xml", "body"))
PARAGRAPHS = words("p h title subject description creator initial-creator keyword")
# A paragraph that holds anything else, such as a picture, a note or a field, keeps its place.
PLAIN = words("span a s tab line-break soft-page-break")
BLANKS = {"s": " ", "tab": "\t"}


def read(archive: Archive, decode: Decode) -> Iterator[Part]:
    """The parts of a document with text. Raises InputProblem."""
    if "META-INF/documentsignatures.xml" in archive.names:
        raise InputProblem("it is signed, and an edit would break the signature", hint="remove the signature first")
    if b"encryption-data" in archive.read("META-INF/manifest.xml"):
        raise InputProblem("it is encrypted", hint="save it without a password first")
    archive.read("content.xml")  # there is none without it
    for name, place in PLACES:
        if name in archive.names:
            try:
                text, source = decode(archive.read(name))
            except InputSkipped:
                continue
            check_xml(text, name)
            pieces, elements = _paragraphs(text, place)
            yield Part(text, source, pieces, elements, escaped, name)


def _paragraphs(text: str, place: str) -> tuple[list[Piece], list[Element]]:
    pieces: list[Piece] = []
    elements: list[Element] = []
    opened: list[tuple[str, int]] = []  # paragraphs and what is plain in them
    group: list[Slice | None] = []
    is_plain = True
    for count, token in enumerate(tokens(text, False)):
        check_count(count)
        name = local(token.name)
        if token.kind == "text" and opened:
            group += slices_of(text, token.start, token.end, True)
        elif token.kind in ("start", "empty") and name in PARAGRAPHS:
            pieces += (Piece(place, slices) for slices in splitting(group))
            group, is_plain = [], not opened  # a text box in a paragraph: neither is plain
        elif token.kind in ("start", "empty") and opened:
            is_plain = is_plain and name in PLAIN
            if name in BLANKS:
                group.append(Slice(token.start, token.end, BLANKS[name]))
            elif name == "line-break":
                group.append(None)
        if token.kind == "start" and name in PARAGRAPHS:
            opened.append((name, token.start))
        elif token.kind == "end" and opened and opened[-1][0] == name:
            pieces += (Piece(place, slices) for slices in splitting(group))
            start = opened.pop()[1]
            if is_plain and place != "metadata":
                elements.append(Element(start, token.end))
            group, is_plain = [], not opened
    return pieces, elements
