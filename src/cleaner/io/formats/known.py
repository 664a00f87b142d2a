"""Inputs that are no plain text: known by their names, or because the whole of them is of one format (0103).

Rules of plain text took tags, records and whole tables away. Tags inside prose are dirt, so a part of an input says
nothing.
"""

from __future__ import annotations

import os
import re
from typing import BinaryIO
from xml.parsers import expat

import msgspec

SOURCE = (
    "asm bash bat c cc cfg clj cmake cpp cs css cxx dart diff ex exs fish go gradle h hpp hs ini ipynb java jl js jsx"
    " kt less lua m mjs ml patch php pl pm properties ps1 py pyi r rb rs sass scala scss sh sql svelte swift tcl tex"
    " toml ts tsx vb vim vue yaml yml zsh"
)
ENDINGS = {
    **dict.fromkeys(("htm", "html", "xhtml", "mhtml"), "HTML"), **dict.fromkeys(("xml", "svg", "rss", "opf"), "XML"),
    **dict.fromkeys(("json", "geojson", "webmanifest"), "JSON"), **dict.fromkeys(("jsonl", "ndjson"), "JSON lines"),
    **dict.fromkeys(("csv", "tsv"), "a table"), **dict.fromkeys(SOURCE.split(), "source code"),
}  # fmt: skip
LARGEST = 64 << 20  # bytes; a larger input is known by its name or its beginning only
HEAD = 4096  # bytes
HTML = re.compile(rb"(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*(?:<!doctype\s+html|<html[\s>])", re.DOTALL | re.IGNORECASE)
BLANKS = b" \t\r\n"


def format_of(name: str, file: BinaryIO) -> str | None:
    """The format of an input that is no plain text, None for plain text. `file` is seekable."""
    base = os.path.basename(name)
    if base.startswith(".") and base not in (".", ".."):
        return "settings of a program"
    if known := ENDINGS.get(base.rpartition(".")[2].lower() if "." in base else ""):
        return known
    return _by_content(file)


def _by_content(file: BinaryIO) -> str | None:
    file.seek(0)
    head = file.read(HEAD).removeprefix(b"\xef\xbb\xbf").lstrip(BLANKS)
    if head.startswith(b"#!/"):
        return "source code"
    if HTML.match(head):
        return "HTML"
    if not head.startswith((b"{", b"[", b"<")):
        return None
    file.seek(0)
    raw = file.read(LARGEST + 1).removeprefix(b"\xef\xbb\xbf").strip(BLANKS)
    if len(raw) > LARGEST:
        return None
    return ("XML" if _is_xml(raw) else None) if head.startswith(b"<") else _as_json(raw)


def _as_json(raw: bytes) -> str | None:
    """`[1]` alone is a note in a text; an object, or a list that holds texts or objects, is data."""
    if (raw.startswith(b"{") or b'"' in raw) and _is_json(raw):
        return "JSON"
    rows = [row for row in raw.split(b"\n") if row.strip(BLANKS)]
    good = [row.lstrip(BLANKS).startswith((b"{", b"[")) and _is_json(row) for row in rows]
    if len(rows) > 1 and good[0] and 2 * sum(good) > len(good):  # some may be damaged
        return "JSON lines"
    return None


def _is_json(raw: bytes) -> bool:
    try:
        msgspec.json.decode(raw, type=dict[str, msgspec.Raw] | list[msgspec.Raw])
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return False
    return True


def _is_xml(raw: bytes) -> bool:
    """Whether it is one element with elements in it; entities of its own are not read, they can grow without bound."""
    if b"<!DOCTYPE" in raw[:HEAD] or not raw.endswith(b">"):
        return raw.startswith(b"<?xml")
    elements = 0

    def element(_name: str, _attributes: object) -> None:
        nonlocal elements
        elements += 1

    parser = expat.ParserCreate()
    parser.StartElementHandler = element
    try:
        parser.Parse(raw, True)
    except expat.ExpatError:
        return False
    return elements > 1
