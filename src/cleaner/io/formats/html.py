"""Web pages, and the pages of e-books: text between block tags is a piece; what is no text for a reader is none."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from .markup import Token, escaped, slices_of, tokens
from .pieces import Decode, Element, Part, Piece, Slice, check_count, splitting, words

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
REMOVABLE = words(
    "a abbr address article aside b big blockquote button center cite dd details div dl dt em figcaption figure"
    " font footer h1 h2 h3 h4 h5 h6 header i label legend li nav ol p s section small span strong sub summary sup"
    " table tbody u ul ins del mark"
)
VOID = words("area base br col embed hr img input link meta param source track wbr")
REACH = 64  # elements that an end tag may close at once
MENUS = frozenset(("nav", "aside", "footer", "menu"))
ROW = 3  # pieces in a row that are links and nothing else: a menu, or a list of other pages
TITLES = frozenset(("title", "h1"))
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "title"))


def read(raw: bytes, decode: Decode) -> list[Part]:
    """The one part of a page."""
    text, source = decode(raw)
    pieces, elements = page(text, True)
    return [Part(text, source, pieces, elements, escaped)]


def page(text: str, is_html: bool) -> tuple[list[Piece], list[Element]]:
    """The pieces of a page, and the elements that may go with their text. `is_html`: it is no XML."""
    reader = _Reader(text)
    for token in tokens(text, True):
        if token.kind == "text":
            reader.text(token)
        elif token.kind != "other":
            reader.tag(token, token.kind == "start" and (is_html or token.name not in VOID))
    reader.flush()
    return reader.marked() if is_html else reader.pieces, reader.elements


class _Reader:
    """Reads tokens; elements that were open when something happened that is more than text stay."""

    def __init__(self, text: str) -> None:
        self.pieces: list[Piece] = []
        self.elements: list[Element] = []
        self._text = text
        self._group: list[Slice] = []
        self._opened: list[tuple[str, int]] = []  # names, and where they begin
        self._staying = 0  # of them the first so many
        self._hidden = self._links = 0
        self._texts = 0
        self._place = "body"
        self._menus = 0  # that are open
        self._linked = 0  # slices of the group that are in a link
        self._is_linked: list[bool] = []  # of each piece

    def flush(self) -> None:
        """End a piece."""
        place = "menu" if self._menus and self._place == "body" else self._place
        found = [Piece(place, slices) for slices in splitting(_trimmed(self._group))]
        self.pieces += found
        plain = sum(any(char.isalnum() for char in one.text) for one in self._group) - self._linked
        self._is_linked += [plain <= 0 < self._linked] * len(found)
        self._group, self._linked = [], 0

    def marked(self) -> list[Piece]:
        """The pieces, those of long rows of links as what they are."""
        pieces = self.pieces
        for linked, run in groupby(range(len(pieces)), self._is_linked.__getitem__):
            row = list(run)
            if linked and len(row) >= ROW:
                for at in row:
                    if pieces[at].place == "body":
                        pieces[at] = Piece("menu", pieces[at].slices)
        return pieces

    def text(self, token: Token) -> None:
        self._texts += 1
        check_count(self._texts)
        if not self._hidden:
            found = list(slices_of(self._text, token.start, token.end, True))
            self._group += found
            if self._links:
                self._linked += sum(any(char.isalnum() for char in one.text) for one in found)

    def tag(self, token: Token, opens: bool) -> None:
        name = token.name.rpartition(":")[2]
        if name in BLOCKS:
            self.flush()
        if name in HEADINGS:
            place = "title" if name in TITLES else "heading"
            self._place = "body" if token.kind == "end" else place
        if opens and name not in VOID:
            self._opened.append((name, token.start))
            self._hidden += name in HIDDEN
            self._menus += name in MENUS
            self._links += name == "a"
        if name in HOLDERS:
            self._staying = len(self._opened)
        if token.kind == "end":
            self._close(name, token.end)

    def _close(self, name: str, end: int) -> None:
        """Close an element and what was left open in it; one that was not open spoils those that are."""
        opened = self._opened
        least = max(0, len(opened) - REACH)
        at = next((number for number in range(len(opened) - 1, least - 1, -1) if opened[number][0] == name), -1)
        if at < 0:
            self._staying = len(opened)
            return
        if at == len(opened) - 1 and at >= self._staying and name in REMOVABLE:
            self.elements.append(Element(opened[at][1], end))
        self._hidden -= sum(inner in HIDDEN for inner, _ in opened[at:])
        self._menus -= sum(inner in MENUS for inner, _ in opened[at:])
        self._links -= sum(inner == "a" for inner, _ in opened[at:])
        del opened[at:]
        self._staying = min(self._staying, at)


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
