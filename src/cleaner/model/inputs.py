"""One input of a run."""

from __future__ import annotations

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
