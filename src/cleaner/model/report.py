"""What happened to inputs, counted; and the sinks that are given it."""

from __future__ import annotations

from collections import Counter
from typing import Any, Protocol

import msgspec

from .blocks import Block
from .errors import CleanerError, InputProblem
from .inputs import InputFile
from .source import ByteSpan, SourceEncoding


class Document(Protocol):
    """An input while it is read. `places` grows until the last block; `hash` may be set before the first."""

    source: SourceEncoding
    spans: list[ByteSpan]
    hash: Any


class FileReport(msgspec.Struct):
    """What happened to one input. `status` is "ok", "skipped" or "failed", `why` says why it is not "ok".

    `hits` and `chars` count edits and the characters they took, by rule; `tags` placeholders by kind, `flags` by
    name; `woken` the bytes of `size` (both in UTF-8) that rules got to see; `slow` names rules that ran out of time.
    `before` says that an earlier run did it, `again` that one did but rules or settings changed.
    """

    path: str
    status: str = "ok"
    problem: CleanerError | None = None
    source: SourceEncoding | None = None
    recoded: bool = False
    bytes: int = 0
    chars: int = 0
    scanned_bytes: int = 0
    edits_by_rule: Counter[str] = msgspec.field(default_factory=Counter)
    removed_by_rule: Counter[str] = msgspec.field(default_factory=Counter)
    placeholders: Counter[str] = msgspec.field(default_factory=Counter)
    flags: Counter[str] = msgspec.field(default_factory=Counter)
    timed_out: set[str] = msgspec.field(default_factory=set)
    reused: bool = False
    recleaned: bool = False

    @property
    def changed(self) -> bool:
        return bool(self.edits_by_rule)

    def count(self, block: Block) -> None:
        self.bytes += len(block.data)
        self.chars += block.chars
        self.scanned_bytes += block.scanned_bytes
        self.timed_out |= block.timed_out
        hits, chars = self.edits_by_rule, self.removed_by_rule
        for region in block.regions:
            for edit in region.edits:
                hits[edit.rule] += 1
                chars[edit.rule] += edit.end - edit.start - len(edit.after)
            for tag in region.tags:
                self.placeholders[tag.kind] += 1
            for flag in region.flags:
                self.flags[flag.flag] += 1


class Sink(Protocol):
    """Takes what a run finds out about one input after the other."""

    def begin(self, item: InputFile, document: Document) -> None: ...

    def block(self, block: Block) -> None: ...

    def end(self, report: FileReport) -> None:
        """Called for every input, also for one that never began. May turn the report into a failure; never raises."""
        ...


class Totals(msgspec.Struct):
    """A whole run, counted."""

    files: Counter[str] = msgspec.field(default_factory=Counter)  # by status, and "changed", "recoded"
    bytes: int = 0
    chars: int = 0
    scanned_bytes: int = 0
    edits_by_rule: Counter[str] = msgspec.field(default_factory=Counter)
    removed_by_rule: Counter[str] = msgspec.field(default_factory=Counter)
    placeholders: Counter[str] = msgspec.field(default_factory=Counter)
    flags: Counter[str] = msgspec.field(default_factory=Counter)
    encodings: Counter[str] = msgspec.field(default_factory=Counter)
    problems: list[tuple[str, CleanerError]] = []
    skipped: list[tuple[str, CleanerError]] = []
    stopped: bool = False  # before its end, because too many inputs failed

    def join(self, other: Totals) -> None:
        """Adds another run."""
        for name in self.__struct_fields__:
            mine, theirs = getattr(self, name), getattr(other, name)
            setattr(self, name, mine + theirs if name != "stopped" else mine or theirs)

    def add(self, report: FileReport) -> None:
        self.files[report.status] += 1
        if report.problem is not None:
            (self.skipped if report.status == "skipped" else self.problems).append((report.path, report.problem))
        if report.status != "ok":
            return
        self.files["changed"] += report.changed
        self.files["recoded"] += report.recoded
        self.files["done before"] += report.reused
        self.files["cleaned again"] += report.recleaned
        self.bytes += report.bytes
        self.chars += report.chars
        self.scanned_bytes += report.scanned_bytes
        self.edits_by_rule.update(report.edits_by_rule)
        self.removed_by_rule.update(report.removed_by_rule)
        self.placeholders.update(report.placeholders)
        self.flags.update(report.flags)
        if report.source is not None:
            self.encodings[report.source.encoding] += 1
        for rule in sorted(report.timed_out):
            self.problems.append((report.path, InputProblem(f"rule {rule} took too long and was left out")))

    def exit_code(self, found: int) -> int:
        """3 where an input failed, else `found` where there are edits, else 0."""
        if self.problems:
            return 3
        return found if self.files["changed"] else 0


class NullSink:
    """A sink for runs that only count."""

    def begin(self, item: InputFile, document: Document) -> None: ...

    def block(self, block: Block) -> None: ...

    def end(self, report: FileReport) -> None: ...


def tee_sinks(*sinks: Sink) -> Sink:
    """Several sinks as one."""
    return _Each(sinks)


class _Each:
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
