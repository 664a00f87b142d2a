"""The files of a folder for the finder, read as a run reads them; progress, problems, and going on after a stop."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from ...io.formats import format_of, not_text
from ...jobs.run import opened
from ...model.errors import CleanerError, UsageProblem
from ...model.globs import ByPath
from ...model.inputs import InputFile
from ...model.report import FileReport, Totals
from ...stages.decode import open_document
from . import Learned, learn_from
from .counting import Counts

SAVED_EVERY = 60.0  # seconds between two saves of what was counted
MOST_BYTES = 16 << 20  # of one file that are read


class Watcher(Protocol):
    """Follows the first pass."""

    def tick(self, size: int) -> None: ...

    def done(self, report: FileReport) -> None: ...


def _once(items: Iterable[InputFile]) -> Iterator[InputFile]:
    """Without files that were seen under another name: a link, or a folder that was named twice."""
    seen: set[object] = set()
    for item in items:
        try:
            status = os.stat(item.path)
            key: object = (status.st_dev, status.st_ino)
        except (OSError, ValueError):
            key = item.path
        if key not in seen:
            seen.add(key)
            yield item


class Reading:
    """The inputs, read as often as they are needed. A file that can't be read counts as empty and is in `totals`."""

    def __init__(
        self, items: Iterable[InputFile], hint: str | None, encodings: ByPath, as_text: bool, watch: Watcher
    ) -> None:
        self.items, self.totals = list(_once(items)), Totals()
        self._hint, self._encodings, self._as_text, self._watch = hint, encodings, as_text, watch
        self._state: Path | None = None
        self._counts = Counts()
        self._passes = 0

    def learn(self, min_files: int, state: Path | None, every: float = SAVED_EVERY) -> Learned:
        """All passes. What the first one counted is saved to `state` now and then, and taken up from there."""
        self._state, self._every = state, every
        if state is not None:
            own = {os.path.abspath(name) for name in (state, f"{state}.tmp")}  # learn . -o my-site.toml
            self.items = [item for item in self.items if os.path.abspath(item.path) not in own]
            self._counts = Counts.load(state, self._names())
        learned = learn_from(self._texts, self._counts, min_files)
        if state is not None:
            state.unlink(missing_ok=True)
        return learned

    def _names(self) -> str:
        """What a saved count belongs to: the inputs and their sizes."""
        names = "\n".join(f"{item.path}\t{item.size}" for item in self.items)
        return hashlib.sha256(names.encode("utf-8", "surrogateescape")).hexdigest()

    def _texts(self, start: int, step: int) -> Iterator[tuple[str, str]]:
        self._passes += 1
        saved = time.monotonic()
        for item in self.items[start::step]:
            report = FileReport(path=item.path)
            text = self._text(item, report)
            yield item.path, text
            if self._passes == 2:
                self.totals.add(report)
            if self._passes > 1:
                continue
            self._watch.tick(item.size)
            self._watch.done(report)
            if self._state is not None and time.monotonic() - saved >= self._every:
                self._save(self._state)
                saved = time.monotonic()

    def _save(self, state: Path) -> None:
        try:
            self._counts.save(state, self._names())
        except OSError as error:
            raise UsageProblem(
                f"it can't be written: {error.strerror}", str(state), "give -o with another place"
            ) from None

    def _text(self, item: InputFile, report: FileReport) -> str:
        try:
            if item.problem is not None:
                raise item.problem
            with opened(item) as file:
                if not self._as_text and (found := format_of(item.name, file)):
                    raise not_text(found, item.path)
                document = open_document(file, self._encodings.of(item.path) or self._hint)
                pieces, size = [], 0
                for chunk in document.chunks():
                    pieces.append(chunk)
                    size += len(chunk)
                    if size >= MOST_BYTES:
                        break
                return b"".join(pieces).decode()
        except (CleanerError, OSError) as why:
            report.fail(why)
        return ""
