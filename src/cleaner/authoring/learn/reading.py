"""The files of a folder for the finder, read as a run reads them; progress, problems, and going on after a stop."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from ...io.formats import format_of, not_text
from ...jobs.run import opened
from ...matching.ruleset import RuleSet
from ...model.errors import CleanerError, UsageProblem
from ...model.globs import ByPath
from ...model.inputs import InputFile
from ...model.lines import plain_ends
from ...model.report import FileReport, Totals
from ...pipeline import Pipeline
from ...stages.decode import open_document
from . import Learned, Proposal, learn_from
from .counting import Counts
from .folded import fold
from .packs import as_pack, usable

SAVED_EVERY = 60.0  # seconds between two saves of what was counted
BODIES = 60  # files in which the proposals are tried
MOST_BYTES = 16 << 20  # of one file that are read


class Watcher(Protocol):
    """Follows the first pass."""

    def tick(self, size: int) -> None: ...

    def done(self, report: FileReport) -> None: ...


class Reading:
    """The inputs, read as often as they are needed. A file that can't be read counts as empty and is in `totals`."""

    def __init__(
        self, items: Sequence[InputFile], hint: str | None, encodings: ByPath, as_text: bool, watch: Watcher
    ) -> None:
        self.items, self.totals = items, Totals()
        self._hint, self._encodings, self._as_text, self._watch = hint, encodings, as_text, watch
        self._state: Path | None = None
        self._counts = Counts()
        self._passes = 0

    def learn(self, min_files: int, state: Path | None) -> Learned:
        """Both passes. What the first one counted is saved to `state` now and then, and taken up from there."""
        self._state = state
        if state is not None:
            self._counts = Counts.load(state, self._names())
        learned = usable(learn_from(self._texts, self._counts, min_files))
        if state is not None:
            state.unlink(missing_ok=True)
        return self._tried(learned)

    def _names(self) -> str:
        """What a saved count belongs to: the inputs and their sizes."""
        names = "\n".join(f"{item.path}\t{item.size}" for item in self.items)
        return hashlib.sha256(names.encode("utf-8", "surrogateescape")).hexdigest()

    def _texts(self, start: int) -> Iterator[tuple[str, str]]:
        self._passes += 1
        first = self._passes == 1
        saved = time.monotonic()
        for item in self.items[start:]:
            report = FileReport(path=item.path)
            text = self._text(item, report)
            yield item.path, text
            if not first:
                self.totals.add(report)
                continue
            self._watch.tick(item.size)
            self._watch.done(report)
            if self._state is not None and time.monotonic() - saved > SAVED_EVERY:
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

    def _tried(self, learned: Learned) -> Learned:
        """The proposals with what they match in some of the files beyond the places that were counted."""
        if not learned.proposals:
            return learned
        step = max(1, len(self.items) // BODIES)
        pack = as_pack(Path("learnt.toml"), learned.proposals, lambda one: one.name)
        pipeline = Pipeline(RuleSet([pack], on=["boilerplate/learnt"]))
        counted = {f"boilerplate/learnt/{one.name}": one for one in learned.proposals}
        beyond: Counter[str] = Counter()
        for item in self.items[::step]:
            for edit in pipeline.clean(plain_ends(self._text(item, FileReport(path=item.path)))).edits:
                beyond[edit.rule] += edit.rule in counted and not _counted(edit.before, counted[edit.rule])
        return msgspec.structs.replace(
            learned,
            proposals=[msgspec.structs.replace(one, beyond=beyond[rule]) for rule, one in counted.items()],
        )


def _counted(removed: str, one: Proposal) -> bool:
    found = fold(removed)
    letters = found.string(0, found.letters.size).replace("\n", "")
    return letters in (*one.letters, "".join(one.letters)) or (
        len(one.letters) > 1 and (one.kind == "navigation" or all(part in letters for part in one.letters))
    )
