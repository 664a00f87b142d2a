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

from ...model.errors import InputSkipped

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
SOME = 1 << 20  # bytes whose lines say whether it is JSON lines
HTML = re.compile(rb"(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*(?:<!doctype\s+html|<html[\s>])", re.DOTALL | re.IGNORECASE)
OBJECT = re.compile(rb'\[?\s*\{\s*"')  # how JSON that is data begins
BLANKS = b" \t\r\n"


def format_of(name: str, file: BinaryIO) -> str | None:
    """The format of an input that is no plain text, None for plain text. `file` is seekable."""
    base = os.path.basename(name)
    if base.startswith(".") and base not in (".", ".."):
        return "settings of a program"
    if known := ENDINGS.get(base.rpartition(".")[2].lower() if "." in base else ""):
        return known
    found = _by_content(file)
    if found == "JSON" and name == "-" and _is_line(file):
        return "JSON lines"  # a record alone: head -1 rows.jsonl | cleaner clean -
    return found


def not_text(found: str, path: str) -> InputSkipped:
    """Why an input of a format is left alone, and what to do."""
    if found == "JSON":
        what = "JSON, no JSON lines: `jq -c .` makes a line of an object, `jq -c '.[]'` of a list; --as-text insists"
        return InputSkipped(what, path)
    return InputSkipped(f"{found}, no plain text: --as-text insists", path)


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
    raw = file.read(LARGEST)
    whole = not file.read(1)
    raw = raw.removeprefix(b"\xef\xbb\xbf").strip(BLANKS)
    if not head.startswith(b"<"):
        return _as_json(raw, whole)
    return "XML" if whole and _is_xml(raw) else None


def _as_json(raw: bytes, whole: bool) -> str | None:
    """`raw` is the input, or its beginning.

    `[1]` alone is a note in a text; an object, or a list that holds texts or objects, is data.

    Lines that begin with an object are records, however damaged the others are: as records they are named and kept, as
    a text rules would run over their braces.
    """
    first, _, others = raw.partition(b"\n")
    if others and OBJECT.match(first) and _is_object(first):
        return "JSON lines"
    if (raw.startswith(b"{") or b'"' in raw) and _is_json(raw):
        return "JSON"
    rows = [row for row in (row.strip(BLANKS) for row in raw[:SOME].split(b"\n")) if row]
    good = [row for row in rows if row.startswith((b"{", b"[")) and _is_json(row)]
    like = sum(row.startswith(b'{"') or row.endswith(b"}") for row in rows)
    if len(rows) > 1 and (2 * len(good) > len(rows) or (2 * like >= len(rows) and any(map(_is_object, good)))):
        return "JSON lines"
    return "JSON" if not whole and OBJECT.match(raw) else None


def _is_line(file: BinaryIO) -> bool:
    file.seek(0)
    raw = file.read(LARGEST + 1).strip(BLANKS)
    return _is_object(raw) and b"\n" not in raw


def _is_object(raw: bytes) -> bool:
    return raw.startswith(b"{") and _is_json(raw)


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
