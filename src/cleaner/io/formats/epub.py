"""E-books: the fields that say what the book is, its tables of contents, and its pages in the order of reading."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from urllib.parse import unquote

from ...model.errors import InputProblem, InputSkipped
from .archive import Archive
from .html import page
from .markup import Token, attribute, check_xml, escaped, local, slices_of, tokens
from .pieces import Decode, Element, Part, Piece, Slice, splitting, words

CONTAINER = "META-INF/container.xml"
FIELDS = words("title creator contributor publisher description source rights subject coverage relation type")
NEEDED = frozenset(("title", "identifier", "language"))  # by the standard; such a field is emptied of nothing
ENCRYPTED = "META-INF/encryption.xml"
FONTS = re.compile(r"\.(?:otf|ttf|ttc|woff2?|eot|dat)$", re.IGNORECASE)
TITLE = re.compile(r"<(?:dc:)?title(?:\s[^<>]*)?>([^<]*)</(?:dc:)?title>")
ORDER = re.compile(r"\bplayOrder\s*=\s*[\"'](\d{1,9})[\"']")


def read(archive: Archive, decode: Decode) -> Iterator[Part]:
    """The parts of a book with text. Raises InputProblem."""
    _check_rights(archive, decode)
    package = _package(archive, decode)
    text, source = decode(archive.read(package))
    check_xml(text, package)
    pieces, elements = _labels(text, FIELDS, FIELDS - NEEDED, "metadata")
    yield Part(text, source, pieces, elements, escaped, package, _titles(text))
    for name, is_contents in _items(text, posixpath.dirname(package)):
        if name not in archive.names:
            continue
        try:
            text, source = decode(archive.read(name))
        except InputSkipped:
            continue
        if is_contents:
            check_xml(text, name)
            pieces, elements = _contents(text)
        else:
            pieces, elements = page(text, False)
            elements = _without_last(elements)
        numbers = list(_numbers(text)) if is_contents else ()
        yield Part(text, source, pieces, elements, escaped, name, _titles(text), numbers)


def _titles(text: str) -> list[Element]:
    """Where the titles of a book or page begin and end: by the standard none is empty."""
    return [Element(found.start(1), found.end(1)) for found in TITLE.finditer(text)]


def _numbers(text: str) -> Iterator[Slice]:
    """The order in which the entries of an NCX are read."""
    return (Slice(*found.span(1), found[1]) for found in ORDER.finditer(text))


def _check_rights(archive: Archive, decode: Decode) -> None:
    if "META-INF/signatures.xml" in archive.names:
        raise InputProblem("it is signed, and an edit would break the signature", hint="remove the signature first")
    if ENCRYPTED in archive.names:
        text, _ = decode(archive.read(ENCRYPTED))
        named = [
            attribute(text[one.start : one.end], "URI")
            for one in tokens(text, False)
            if local(one.name) == "CipherReference"
        ]
        if not all(FONTS.search(name) for name in named if name):
            raise InputProblem("it is encrypted", hint="a book with digital rights can't be changed")


def _package(archive: Archive, decode: Decode) -> str:
    text, _ = decode(archive.read(CONTAINER))
    check_xml(text, CONTAINER)
    for token in tokens(text, False):
        if local(token.name) == "rootfile" and (path := attribute(text[token.start : token.end], "full-path")):
            return path
    raise InputProblem("its container names no package", hint="open it in its program and save it again")


def _items(text: str, folder: str) -> Iterator[tuple[str, bool]]:
    """The members with text in the order of reading: those that list the contents, the spine, the rest."""
    pages: dict[str, str] = {}
    contents: list[str] = []
    order: list[str] = []
    for token in tokens(text, False):
        tag = text[token.start : token.end]
        if token.kind not in ("start", "empty"):
            continue
        if local(token.name) == "item":
            path = posixpath.normpath(posixpath.join(folder, unquote(attribute(tag, "href"))))
            kind = attribute(tag, "media-type")
            if kind == "application/x-dtbncx+xml":
                contents.append(path)
            elif kind in ("application/xhtml+xml", "text/html", "text/x-oeb1-document"):
                pages[attribute(tag, "id")] = path
        elif local(token.name) == "itemref":
            order.append(attribute(tag, "idref"))
    yield from ((path, True) for path in contents)
    for name in dict.fromkeys((*order, *pages)):
        if name in pages:
            yield pages[name], False


def _labels(text: str, wanted: frozenset[str], going: frozenset[str], place: str) -> tuple[list[Piece], list[Element]]:
    """The text of elements with these names, and those of them that may go."""
    pieces: list[Piece] = []
    elements: list[Element] = []
    name, start = "", 0
    for token in tokens(text, False):
        if token.kind == "text" and name in wanted:
            where = "name" if (name, place) == ("title", "metadata") else place
            pieces += (Piece(where, one) for one in splitting(slices_of(text, token.start, token.end, True)))
        elif token.kind == "end" and name in going and local(token.name) in (name, "meta"):
            elements.append(Element(start, token.end))
        if token.kind != "text":
            name, start = _field(token, text) if token.kind == "start" else "", token.start
    return pieces, elements


def _field(token: Token, text: str) -> str:
    """The name of a field: `<dc:rights>`, or `<meta property="dcterms:rights">` as EPUB 3 has it."""
    name = local(token.name)
    return name if name != "meta" else attribute(text[token.start : token.end], "property").removeprefix("dcterms:")


def _contents(text: str) -> tuple[list[Piece], list[Element]]:
    """The labels of an NCX; an entry is removed with its label, and with those below it only."""
    pieces, _ = _labels(text, frozenset(("text",)), frozenset(), "contents")
    elements: list[Element] = []
    opened: list[int] = []
    for token in tokens(text, False):
        if local(token.name) == "navPoint":
            if token.kind == "start":
                opened.append(token.start)
            elif token.kind == "end" and opened:
                elements.append(Element(opened.pop(), token.end))
    return pieces, elements


def _without_last(elements: list[Element]) -> list[Element]:
    """Without the last element of the body: one has to stay, where a page holds nothing but a mark."""
    last = max((one.end for one in elements), default=0)
    return [one for one in elements if one.end < last]
