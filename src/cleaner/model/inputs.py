"""One input of a run."""

from __future__ import annotations

import msgspec

from .errors import CleanerError


class InputFile(msgspec.Struct, frozen=True):
    """One input: its path as given, its name relative to the output folder, what is wrong with it, its bytes."""

    path: str
    name: str
    problem: CleanerError | None = None
    size: int = 0
