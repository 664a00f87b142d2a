"""Where outputs are written: into a folder of their own or in the place of their inputs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress

from ..model.errors import InputProblem, InputSkipped, UsageProblem
from ..model.inputs import InputFile
from .remote import is_remote


class MirrorLayout:
    """The output folder of a run."""

    def __init__(self, folder: str, sources: Sequence[str]) -> None:
        self.folder = folder
        self._taken: dict[str, str] = {}
        if is_remote(folder):
            return
        root = os.path.realpath(folder)
        if os.path.islink(folder):
            raise UsageProblem("-o names a link", folder, f"name the folder it leads to: {root}")
        if os.path.lexists(folder) and not os.path.isdir(folder):
            raise UsageProblem("-o names a file, not a folder", folder, "give a folder: it will hold the clean files")
        for source in sources:
            real = os.path.realpath(source)
            if os.path.isdir(real) and os.path.commonpath((real, root)) == real:
                raise UsageProblem(
                    f"the output would lie inside the input {source}", folder, "choose a folder next to it"
                )

    def place(self, item: InputFile) -> str:
        """The name of an output below the folder. Raises InputProblem where nothing may be written there."""
        other = self._taken.setdefault(item.name, item.path)
        if other != item.path:
            raise InputProblem(f"its output would have the name of that of {other}", item.path, "clean them separately")
        if _same(os.path.join(self.folder, item.name), item.path):
            raise InputProblem("the output would be the input itself", item.path, "choose another -o")
        return item.name


def _same(path: str, source: str) -> bool:
    if is_remote(path):
        return path == source
    with suppress(OSError, ValueError):
        return os.path.samefile(path, source)
    return False


class InPlaceLayout:
    """The folder of a run that replaces its inputs."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def place(self, item: InputFile) -> str:
        """The name of the file. Raises where replacing it would leave another name of it with the old content."""
        if is_remote(item.path):
            raise InputProblem("an object can't be cleaned in place", item.path, "clean with -o OUT")
        if os.path.islink(item.path):
            raise InputSkipped("a link; what it leads to is cleaned under its own name", item.path)
        if os.stat(item.path).st_nlink > 1:
            raise InputProblem(
                "it has several names (hard links), and only this one would change", item.path, "clean with -o OUT"
            )
        return item.name
