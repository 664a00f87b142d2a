"""One input of a run."""

from __future__ import annotations

import os

import msgspec

from .errors import CleanerError


class Part(msgspec.Struct, frozen=True):
    """A part of a file of records that one worker takes: bytes `[start, end)` of JSON lines, row groups of Parquet.

    `number` of `count` parts, from 0. `record` is its first record, `chars` are the characters before it.
    """

    start: int
    end: int
    number: int = 0
    count: int = 1
    record: int = 1
    chars: int = 0


class InputFile(msgspec.Struct, frozen=True):
    """One input: its path as given ("-" for stdin), and its name relative to the output folder.

    `problem` is why it can't be read, None where it can; `size` is in bytes, 0 where it is not known. `data` is what
    stdin held. `record` is the only one that is meant of a file of records, `part` the part of it that is.
    """

    path: str
    name: str
    problem: CleanerError | None = None
    size: int = 0
    data: bytes = b""
    record: int | None = None
    part: Part | None = None


def split_address(text: str) -> tuple[str, int | None]:
    """The file and the number of `FILE#N`; a file that exists under the whole name wins."""
    path, mark, number = text.rpartition("#")
    if not (path and mark and number.isascii() and number.isdecimal() and int(number)) or os.path.lexists(text):
        return text, None
    return path, int(number)
