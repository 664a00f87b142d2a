"""The text of a field in a line of JSON: where its bytes are, and edits of the text as edits of the line.

Only the characters of an edit are written anew; every other byte of the line is kept, also how a character is escaped.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Sequence

import msgspec

from ...model.blocks import Block, Region
from ...model.edits import Edit, apply
from ...model.errors import InputProblem
from ...model.lines import count_characters

Raws = dict[str, msgspec.Raw]
ESCAPE = re.compile(r"\\u[dD][89abAB]..\\u....|\\u....|\\.")
TOKEN = re.compile(rb'"(?:[^"\\]+|\\.)*"|[{}\[\],:]')
KINDS = {b"n": "null", b"t": "true or false", b"f": "true or false", b"[": "a list", b"{": "an object"}
OBJECTS = msgspec.json.Decoder(Raws)
TEXTS = msgspec.json.Decoder(str)


class Found(msgspec.Struct, frozen=True, gc=False):
    """Bytes `[start, end)` of a line are the value of the field, with its quotes; `text` is what it says."""

    start: int
    end: int
    text: str


def find_text(line: bytes, field: str, taken: str | None = None) -> Found:
    """The text of the field in a line that is one JSON object.

    Raises InputProblem where it has none, and where it has a field `taken`, which is to be written.
    """
    try:
        found = OBJECTS.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputProblem(f"it is no JSON object: {error}") from None
    if field not in found:
        raise InputProblem(f"it has no field {field!r}", hint="--field names another")
    if taken in found:
        raise InputProblem(f"it has a field {taken!r} already", hint="clean it without --annotate")
    raw = bytes(found[field])
    if not raw.startswith(b'"'):
        raise InputProblem(f"its field {field!r} is no text but {KINDS.get(raw[:1], 'a number')}")
    try:
        text = TEXTS.decode(raw)
        text.encode()
    except (msgspec.DecodeError, UnicodeError) as error:
        raise InputProblem(f"its field {field!r} is no text: {error}") from None
    start = line.find(raw)
    if line.find(raw, start + 1) >= 0:  # {"title": "a", "text": "a"}
        start = _value_start(line, field)
    return Found(start, start + len(raw), text)


def _value_start(line: bytes, field: str) -> int:
    """Where the value of the field begins; the last one of a name that stands there twice, as for all readers."""
    depth, found, key, at_key = 0, -1, b"", False
    for token in TOKEN.finditer(line):
        what = token.group()
        if what in b"{[":
            depth += 1
            at_key = depth == 1
        elif what in b"}]":
            depth -= 1
        elif depth != 1:
            continue
        elif what == b",":
            at_key = True
        elif what == b":":
            at_key = False
        elif at_key:
            key = what
        elif TEXTS.decode(key) == field:
            found = token.start()
    return found


def json_edits(raw: str, edits: Sequence[Edit]) -> list[Edit]:
    """Edits of a text in characters of `raw`, the text as JSON writes it with its quotes."""
    plain, written = [0], [1]  # the same places in both, behind each escape
    for escape in ESCAPE.finditer(raw):
        plain.append(plain[-1] + escape.start() - written[-1] + 1)
        written.append(escape.end())
    escapes = raw.isascii()

    def place(char: int) -> int:
        at = bisect_right(plain, char) - 1
        return written[at] + char - plain[at]

    moved = []
    for e in edits:
        start, end = place(e.start), place(e.end)
        after = json.dumps(e.after, ensure_ascii=escapes)[1:-1]
        moved.append(Edit(start, end, raw[start:end], after, e.stage, e.rule, e.kind, e.through, e.evidence))
    return moved


class Rewritten(msgspec.Struct, frozen=True, gc=False):
    """What changes in bytes `[start, end)` of lines: `edits` in characters of these."""

    start: int
    end: int
    edits: list[Edit]


def block_of(data: bytes, offset: int, rewritten: Sequence[Rewritten]) -> Block:
    """Lines with what changes in them as a block of a text, of which it begins at character `offset`."""
    regions = []
    at, chars = 0, offset
    for one in rewritten:
        chars += count_characters(data, at, one.start)
        at = one.start
        raw = data[one.start : one.end].decode()
        edits = [msgspec.structs.replace(e, start=e.start + chars, end=e.end + chars) for e in one.edits]
        regions.append(Region(one.start, one.end, chars, apply(raw, one.edits), edits, [], [], []))
    return Block(data, offset, count_characters(data, 0, len(data)), regions, set())
