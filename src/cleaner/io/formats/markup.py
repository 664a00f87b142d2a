"""HTML and XML as tokens with their places. Nothing is expanded, fetched or run: an entity is a name in the text."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import NamedTuple
from xml.parsers import expat

from ...model.errors import InputProblem
from .pieces import Slice

TAG = re.compile(r"<(/?)([A-Za-z_][^\s/>]*+)((?:[^>=]++|=\s*+(?:\"[^\"]*+\"|'[^']*+')|=)*+)>")
TEXT = re.compile(
    r"&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[A-Za-z]\w{0,31});"
    r"|[ \t\r\n\f]{2,}|[\t\r\n\f]|(?:[^&\t\r\n\f ]| (?![ \t\r\n\f]))++|&| "
)
CDATA = "<![CDATA["
BLANKS = " \t\r\n\f"
RAW = frozenset(("script", "style", "xmp", "iframe", "noembed", "noframes", "textarea", "plaintext"))
ATTRIBUTE = re.compile(r"([\w:.-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")


class Token(NamedTuple):
    """`kind` is "text", "start", "end", "empty" (a start that is its own end), or "other"."""

    kind: str
    start: int
    end: int
    name: str = ""


def tokens(text: str, is_html: bool) -> Iterator[Token]:
    """Names of HTML come in small letters; XML keeps prefix and case."""
    at = 0
    ends: dict[str, bool] = {}

    def beyond(mark: str, start: int) -> int:
        """Where `mark` ends; what is never closed runs to the end, and is looked for once."""
        found = -1 if ends.get(mark) is False else text.find(mark, start)
        ends[mark] = found >= 0
        return len(text) if found < 0 else found + len(mark)

    while at < len(text):
        opens = text.find("<", at)
        if opens < 0:
            break
        tag = TAG.match(text, opens)
        if tag is None:
            stop = opens + 1
            kind = "text"
            if text.startswith("<!--", opens):
                kind, stop = "other", beyond("-->", opens + 4)
            elif text.startswith(CDATA, opens) and not is_html:
                kind, stop = "other", beyond("]]>", opens)
            elif text.startswith("<!", opens):
                kind, stop = "other", beyond("]>" if "[" in text[opens : text.find(">", opens)] else ">", opens)
            elif text.startswith("<?", opens):
                kind, stop = "other", beyond(">" if is_html else "?>", opens)
            if kind == "text":
                yield Token("text", at, stop)
            else:
                if at < opens:
                    yield Token("text", at, opens)
                yield Token("other", opens, stop)
            at = stop
            continue
        if at < opens:
            yield Token("text", at, opens)
        name = tag[2].lower() if is_html else tag[2]
        kind = "end" if tag[1] else "empty" if tag[3].endswith("/") else "start"
        yield Token(kind, opens, tag.end(), name)
        at = tag.end()
        if is_html and kind == "start" and name in RAW:
            closing = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(text, at)
            stop = closing.start() if closing else len(text)
            yield Token("other", at, stop)
            at = stop
    if at < len(text):
        yield Token("text", at, len(text))


def slices_of(text: str, start: int, end: int, folds: bool) -> Iterator[Slice]:
    """The text between two tags as it is read. `folds`: blanks and line ends in a row are one blank."""
    for found in TEXT.finditer(text, start, end):
        piece = found.group()
        if piece[0] == "&" and len(piece) > 1:
            known = html.unescape(piece)
            yield Slice(*found.span(), known if known != "\n" else " ")
        elif folds and not piece.strip(BLANKS):
            yield Slice(*found.span(), " ")
        else:
            yield Slice(*found.span(), piece if piece[0] not in "\r\n\f" and "\n" not in piece else " " * len(piece))


def literal(text: str, token: Token) -> Iterator[Slice]:
    """The text of a CDATA section, which becomes plain text where it is changed; nothing of anything else."""
    if text.startswith(CDATA, token.start):
        yield Slice(token.start, token.end, text[token.start + len(CDATA) : token.end - 3])


def attributes(tag: str) -> Iterator[tuple[str, int, int]]:
    """The attributes of a tag: name, and where the value begins and ends."""
    for found in ATTRIBUTE.finditer(tag):
        group = 2 if found[2] is not None else 3
        yield found[1], found.start(group), found.end(group)


def attribute(tag: str, name: str) -> str:
    """The value of an attribute, by its name without prefix; "" where it is missing."""
    for found, start, end in attributes(tag):
        if found.rpartition(":")[2] == name:
            return html.unescape(tag[start:end])
    return ""


def local(name: str) -> str:
    return name.rpartition(":")[2]


def escaped(text: str) -> str:
    return html.escape(text, quote=False)


def check_xml(text: str, where: str) -> None:
    """Raises InputProblem for what is no well-formed XML, or declares entities of its own."""

    def refuse(*_: object) -> None:
        raise InputProblem(f"{where} declares entities of its own", hint="no document of an office program does")

    parser = expat.ParserCreate("utf-8")
    parser.EntityDeclHandler = refuse
    parser.UseForeignDTD(True)  # names of HTML entities are known to readers by their DTD, which is not fetched
    parser.ExternalEntityRefHandler = lambda *_: 1
    try:
        parser.Parse(text.encode("utf-8", "surrogatepass"), True)
    except expat.ExpatError as error:
        raise InputProblem(f"{where} is no XML: {error}", hint="open it in its program and save it again") from None
