"""One input of a run."""

from __future__ import annotations

import os
import re

import msgspec

from .errors import CleanerError


class InputFile(msgspec.Struct, frozen=True):
    """One input: its path as given ("-" for stdin), and its name relative to the output folder.

    `problem` is why it can't be read, None where it can; `size` is in bytes, 0 where it is not known. `data` is what
    stdin held.
    """

    path: str
    name: str
    problem: CleanerError | None = None
    size: int = 0
    data: bytes = b""


def split_address(text: str) -> tuple[str, int | None]:
    """The path and the number (from 1) of `FILE#N`; None where there is none, or a file is called that."""
    found = re.fullmatch(r"(?s)(.+)#(\d{1,9})", text)
    if found is None or not int(found[2]) or os.path.lexists(text):
        return text, None
    return found[1], int(found[2])
