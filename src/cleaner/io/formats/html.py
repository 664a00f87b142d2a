"""Web pages, and the pages of e-books: text between block tags is a piece; what is no text for a reader is none."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from .markup import Token, escaped, slices_of, tokens
from .pieces import Decode, Element, Part, Piece, Slice, splitting, words

BLOCKS = words(
    "address article aside blockquote body br button caption center dd details dialog dir div dl dt fieldset"
    " figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 head header hr html legend li main menu nav ol"
    " optgroup option p pre section select summary table tbody td tfoot th thead title tr ul"
)
HIDDEN = words(
    "script style xmp iframe noembed noframes textarea plaintext noscript template svg math pre rt rp object"
)
# An element with one of these in it, or around a table's cells, is more than its text.
HOLDERS = words(
    "img picture video audio source canvas object embed iframe input select textarea svg math script form style"
    " link meta td th tr caption body head html pre noscript template title"
)
GOES = words(
    "a abbr address article aside b big blockquote button center cite dd details div dl dt em figcaption figure"
    " font footer h1 h2 h3 h4 h5 h6 header i label legend li nav ol p s section small span strong sub summary sup"
    " table tbody u ul ins del mark"
)
VOID = words("area base br col embed hr img input link meta param source track wbr")
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "title"))


class _Open(msgspec.Struct):
    name: str
    start: int
    is_safe: bool = True


def read(raw: bytes, decode: Decode) -> list[Part]:
    """The one part of a page."""
    text, source = decode(raw)
    pieces, elements = page(text, True)
    return [Part(text, source, pieces, elements, escaped)]


def page(text: str, is_html: bool, base: str = "") -> tuple[list[Piece], list[Element]]:
    """The pieces of a page, and the elements that may go with their text. `base` goes before each place."""
    pieces: list[Piece] = []
    elements: list[Element] = []
    group: list[Slice] = []
    opened: list[_Open] = []
    hidden = 0
    place = "body"

    def flush() -> None:
        nonlocal group
        for slices in splitting(_trimmed(group)):
            pieces.append(Piece(base + place, slices))
        group = []

    for token in tokens(text, True):
        name = token.name.rpartition(":")[2]
        if token.kind == "text":
            if not hidden:
                group += slices_of(text, token.start, token.end, True)
            continue
        if token.kind == "other":
            continue
        if name in BLOCKS:
            flush()
        if name in HEADINGS:
            place = "body" if token.kind == "end" else "heading"
        if token.kind == "start" and (name not in VOID):
            opened.append(_Open(name, token.start))
            hidden += name in HIDDEN
        if name in HOLDERS:
            for one in opened:
                one.is_safe = False
        if token.kind == "end":
            hidden -= _close(opened, token, elements)
    flush()
    return pieces, elements


def _trimmed(group: list[Slice]) -> Iterator[Slice]:
    """Without blanks at both ends and in a row: a page's source is indented."""
    low, high = 0, len(group)
    while low < high and group[low].text.isspace() and group[low].text != "\u3000":
        low += 1
    while low < high and group[high - 1].text.isspace():
        high -= 1
    blank = False
    for one in group[low:high]:
        if not (blank and one.text == " "):
            yield one
        blank = one.text == " "


def _close(opened: list[_Open], token: Token, elements: list[Element]) -> int:
    """Close the element of an end tag, and what was left open in it; how many of them were hidden."""
    name = token.name.rpartition(":")[2]
    at = next(
        (number for number in range(len(opened) - 1, max(-1, len(opened) - 65), -1) if opened[number].name == name), -1
    )
    if at < 0:
        for one in opened:
            one.is_safe = False
        return 0
    closed = opened[at:]
    del opened[at:]
    if closed[0].is_safe and len(closed) == 1 and name in GOES:
        elements.append(Element(closed[0].start, token.end))
    return sum(one.name in HIDDEN for one in closed)
