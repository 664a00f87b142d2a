"""What happened to inputs, counted; and the sinks that take blocks and reports."""

from __future__ import annotations

from collections import Counter
from typing import Any, Protocol

import msgspec

from .blocks import Block, Region
from .errors import CleanerError, InputProblem, InputSkipped
from .inputs import InputFile
from .lines import line_ends
from .source import ByteSpan, Judgement, SourceEncoding

MOST_FLAGGED = 100  # flags of one input that are named by their lines


class Document(Protocol):
    """An input while it is read. `spans` grows until the last block.

    A sink may set `hash` before the first block, to a hash object that then gets all bytes of the input.
    """

    source: SourceEncoding
    spans: list[ByteSpan]
    hash: Any

    def judgement(self) -> Judgement:
        """What else the input may be, for a report. Costs some milliseconds; not while blocks are read."""
        ...


def _counter() -> Any:
    return msgspec.field(default_factory=Counter)


class Counts(msgspec.Struct):
    """Counters that a run fills, of one input or of many; mutable for that.

    `bytes` is the size of the decoded text in UTF-8, `chars` the same in characters, `scanned_bytes` the part of
    `bytes` in regions. `edits_by_rule` counts edits, `removed_by_rule` the characters by which they shortened the text
    (below 0 where they made it longer), `placeholders` tags by kind, `flags` flags by name.
    """

    bytes: int = 0
    chars: int = 0
    scanned_bytes: int = 0
    edits_by_rule: Counter[str] = _counter()
    removed_by_rule: Counter[str] = _counter()
    placeholders: Counter[str] = _counter()
    flags: Counter[str] = _counter()

    def add_counts(self, other: Counts) -> None:
        """Add those of another input or run."""
        for name in Counts.__struct_fields__:
            mine, others = getattr(self, name), getattr(other, name)
            if isinstance(mine, Counter):
                mine.update(others)  # the sum of two counters drops what is below 0
            else:
                setattr(self, name, mine + others)


class FileReport(Counts, kw_only=True):
    """What happened to one input: counted block by block, then given to the sinks.

    `status` is "ok", "skipped" or "failed"; `problem` says why it is not "ok". `source` is None where the encoding was
    not found. `recoded`: the output has other bytes even where no edit was made. `timed_out` names rules that reached
    their match limit. `reused`: the result of an earlier run still holds; `recleaned`: there was one, but rules or
    settings have changed. `copied`: it was skipped, and a copy of it written. `flagged` has the line and the name of
    the first flags, `lines` counts line ends. `record` is the number of the record that it is about; a file of records
    counts them, and names the first `bad_records`, which stay as they are; the flag "bad-record" counts all of these.
    """

    path: str
    status: str = "ok"
    problem: CleanerError | None = None
    source: SourceEncoding | None = None
    recoded: bool = False
    timed_out: set[str] = set()
    reused: bool = False
    recleaned: bool = False
    copied: bool = False
    record: int | None = None
    records: int = 0
    bad_records: list[tuple[str, CleanerError]] = []
    flagged: list[tuple[int, str]] = []
    lines: int = 0

    @property
    def changed(self) -> bool:
        return bool(self.edits_by_rule)

    def fail(self, why: CleanerError | OSError) -> None:
        """Say why the input was skipped or could not be cleaned."""
        if isinstance(why, OSError):
            why = InputProblem(why.strerror or str(why), self.path, "check its permissions")
        self.status, self.problem = "skipped" if isinstance(why, InputSkipped) else "failed", why

    def count(self, block: Block) -> None:
        """Add the next block of the input."""
        self.bytes += len(block.data)
        self.chars += block.chars
        self.scanned_bytes += block.scanned_bytes
        self.timed_out |= block.timed_out
        edits, removed = self.edits_by_rule, self.removed_by_rule
        for region in block.regions:
            for edit in region.edits:
                edits[edit.rule] += 1
                removed[edit.rule] += edit.end - edit.start - len(edit.after)
            for tag in region.tags:
                self.placeholders[tag.kind] += 1
            for flag in region.flags:
                self.flags[flag.flag] += 1
                if len(self.flagged) < MOST_FLAGGED:
                    self.flagged.append((self._line_of(block, region, flag.start), flag.flag))
        self.lines += line_ends(block.data)

    def add_record(self, other: FileReport) -> None:
        """Add a record of this input."""
        self.records += 1
        self.add_counts(other)
        self.timed_out |= other.timed_out
        if other.problem is not None:
            self.flags["bad-record"] += 1
            if len(self.bad_records) < MOST_FLAGGED:
                self.bad_records.append((other.path, other.problem))

    def join(self, other: FileReport) -> None:
        """Add the next part of this input."""
        self.add_counts(other)
        self.records += other.records
        self.timed_out |= other.timed_out
        self.bad_records += other.bad_records[: MOST_FLAGGED - len(self.bad_records)]
        if other.status == "failed" and self.status == "ok":
            self.status, self.problem = "failed", other.problem

    def _line_of(self, block: Block, region: Region, char: int) -> int:
        """The line, from 1, of a character of the source in a region of the block that comes next."""
        before = block.data[region.start : region.end].decode()[: char - region.offset]
        return self.lines + line_ends(block.data, 0, region.start) + line_ends(before) + 1


class Totals(Counts, kw_only=True):
    """The counts of all inputs of a run that are "ok", and what kept the others from it.

    `files` counts inputs by status and as "changed", "recoded", "done before" (reused), "cleaned again" and "copied
    as they are" (skipped). Of what was done before nothing else is counted. `problems` and `skipped` are pairs of a
    path and a problem. `stopped`: the run ended early, because too many inputs failed.
    """

    files: Counter[str] = _counter()
    encodings: Counter[str] = _counter()
    problems: list[tuple[str, CleanerError]] = []
    skipped: list[tuple[str, CleanerError]] = []
    flagged: list[tuple[str, int, str]] = []
    stopped: bool = False

    def join(self, other: Totals) -> None:
        """Add another run."""
        self.add_counts(other)
        self.files.update(other.files)
        self.encodings.update(other.encodings)
        self.problems += other.problems
        self.skipped += other.skipped
        self.flagged += other.flagged
        self.stopped |= other.stopped

    def add(self, report: FileReport) -> None:
        """Add one input."""
        self.files[report.status] += 1
        self.files["copied as they are"] += report.copied
        if report.problem is not None:
            (self.skipped if report.status == "skipped" else self.problems).append((report.path, report.problem))
        if report.status != "ok":
            return
        self.files["done before"] += report.reused
        if report.reused:  # this run did nothing to it
            return
        self.files["changed"] += report.changed
        self.files["recoded"] += report.recoded
        self.files["cleaned again"] += report.recleaned
        self.add_counts(report)
        self.flagged += [(report.path, *flag) for flag in report.flagged]
        self.files["records"] += report.records
        self.problems += report.bad_records
        if more := report.flags["bad-record"] - len(report.bad_records):
            self.problems.append((report.path, InputProblem(f"{more:,} more records stay as they are")))
        if report.source is not None:
            self.encodings[report.source.encoding] += 1
        for rule in sorted(report.timed_out):
            self.problems.append((report.path, InputProblem(f"rule {rule} took too long and was left out")))

    def exit_code(self, found: int) -> int:
        """3 where an input failed, else `found` where there are edits, else 0."""
        if self.problems:
            return 3
        return found if self.files["changed"] else 0


class Sink(Protocol):
    """Takes the blocks of one input after the other. `block` is called only between `begin` and `end`."""

    def begin(self, item: InputFile, document: Document) -> None: ...

    def block(self, block: Block) -> None: ...

    def end(self, report: FileReport) -> None:
        """Called for every input, also for one that never began. May turn the report into a failure; never raises."""
        ...


class NullSink:
    """Takes everything and does nothing: for runs that only count, and for sinks that need one of the methods."""

    def begin(self, item: InputFile, document: Document) -> None: ...

    def block(self, block: Block) -> None: ...

    def end(self, report: FileReport) -> None: ...


def tee_sinks(*sinks: Sink) -> Sink:
    """One sink that gives everything to several, in their order."""
    return _Tee(sinks)


class _Tee:
    def __init__(self, sinks: tuple[Sink, ...]) -> None:
        self._sinks = sinks

    def begin(self, item: InputFile, document: Document) -> None:
        for sink in self._sinks:
            sink.begin(item, document)

    def block(self, block: Block) -> None:
        for sink in self._sinks:
            sink.block(block)

    def end(self, report: FileReport) -> None:
        for sink in self._sinks:
            sink.end(report)
