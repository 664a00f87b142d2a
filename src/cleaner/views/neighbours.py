"""What the files next to an undecided one are: a hint for whoever decides, never a decision."""

from __future__ import annotations

import os
from collections import Counter

import msgspec

from ..model.report import Totals
from .display import path
from .encodings import EncodingRow, UndecidedRow
from .i18n import t
from .jsonl import Row


class _Folder(msgspec.Struct):
    """How many files are in which encoding, and those undecided with what they may be."""

    encodings: Counter[str] = msgspec.field(default_factory=Counter)
    undecided: list[tuple[str, tuple[str, ...]]] = []


class Neighbourhood:
    """The files of a run by their folders."""

    def __init__(self) -> None:
        self._folders: dict[str, _Folder] = {}

    def add(self, row: Row, name: str) -> None:
        """Add the file `name`."""
        folder = self._folders.setdefault(os.path.dirname(name), _Folder())
        if isinstance(row, EncodingRow):
            folder.encodings[row.encoding] += 1
        elif isinstance(row, UndecidedRow):
            folder.undecided.append((name, tuple(reading.encoding for reading in row.readings)))

    def hints(self) -> list[str]:
        """A line for each undecided file next to which files are in one of its encodings."""
        found = []
        for folder in self._folders.values():
            for name, readings in folder.undecided:
                encoding = max(readings, key=folder.encodings.__getitem__, default="")
                if count := folder.encodings[encoding]:
                    files = folder.encodings.total()
                    said = t(f"{count} of the {files} files next to it are {encoding}: --encoding {encoding}")
                    found.append(f"{path(name)}: {said}")
        return found


def counts_of(totals: Totals) -> str:
    """How many files are in which encoding."""
    counts = ", ".join(f"{name} {count:,}" for name, count in totals.encodings.most_common())
    files = totals.files["ok"]
    return f"{files:,} {t('files' if files > 1 else 'file')}: {counts}" if counts else ""
