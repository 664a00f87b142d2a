"""A run: each input decoded, cleaned, and given to sinks; what happened, counted. Prints nothing."""

from __future__ import annotations

import gc
import io
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Protocol

import msgspec

from . import budget
from .blocks import Block
from .errors import CleanerError, DiskFull, InputProblem, InputSkipped
from .files.discover import Input
from .lens import Lens
from .packs.ruleset import RuleSet
from .pipeline import Pipeline
from .source import Source, written_as
from .stages.decode import Document, open_document


class FileReport(msgspec.Struct):
    """What happened to one input. `status` is "ok", "skipped" or "failed", `why` says why it is not "ok".

    `hits` and `chars` count edits and the characters they took, by rule; `tags` placeholders by kind, `flags` by
    name; `woken` the bytes of `size` (both in UTF-8) that rules got to see; `slow` names rules that ran out of time.
    `before` says that an earlier run did it, `again` that one did but rules or settings changed.
    """

    path: str
    status: str = "ok"
    why: CleanerError | None = None
    source: Source | None = None
    recoded: bool = False
    size: int = 0
    length: int = 0
    woken: int = 0
    hits: Counter[str] = msgspec.field(default_factory=Counter)
    chars: Counter[str] = msgspec.field(default_factory=Counter)
    tags: Counter[str] = msgspec.field(default_factory=Counter)
    flags: Counter[str] = msgspec.field(default_factory=Counter)
    slow: set[str] = msgspec.field(default_factory=set)
    before: bool = False
    again: bool = False

    @property
    def changed(self) -> bool:
        return bool(self.hits)

    def count(self, block: Block) -> None:
        self.size += len(block.data)
        self.length += block.chars
        self.woken += block.woken
        self.slow |= block.failed
        hits, chars = self.hits, self.chars
        for region in block.regions:
            for edit in region.edits:
                hits[edit.rule] += 1
                chars[edit.rule] += edit.end - edit.start - len(edit.after)
            for tag in region.tags:
                self.tags[tag.kind] += 1
            for flag in region.flags:
                self.flags[flag.flag] += 1


class Sink(Protocol):
    """Takes what a run finds out about one input after the other."""

    def begin(self, item: Input, document: Document) -> None: ...

    def block(self, block: Block) -> None: ...

    def end(self, report: FileReport) -> None:
        """Called for every input, also for one that never began. May turn the report into a failure; never raises."""
        ...


class Totals(msgspec.Struct):
    """A whole run, counted."""

    files: Counter[str] = msgspec.field(default_factory=Counter)  # by status, and "changed", "recoded"
    size: int = 0
    length: int = 0
    woken: int = 0
    hits: Counter[str] = msgspec.field(default_factory=Counter)
    chars: Counter[str] = msgspec.field(default_factory=Counter)
    tags: Counter[str] = msgspec.field(default_factory=Counter)
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
        if report.why is not None:
            (self.skipped if report.status == "skipped" else self.problems).append((report.path, report.why))
        if report.status != "ok":
            return
        self.files["changed"] += report.changed
        self.files["recoded"] += report.recoded
        self.files["done before"] += report.before
        self.files["cleaned again"] += report.again
        self.size += report.size
        self.length += report.length
        self.woken += report.woken
        self.hits.update(report.hits)
        self.chars.update(report.chars)
        self.tags.update(report.tags)
        self.flags.update(report.flags)
        if report.source is not None:
            self.encodings[report.source.encoding] += 1
        for rule in sorted(report.slow):
            self.problems.append((report.path, InputProblem(f"rule {rule} took too long and was left out")))

    def exit_code(self, found: int) -> int:
        """3 where an input failed, else `found` where there are edits, else 0."""
        if self.problems:
            return 3
        return found if self.files["changed"] else 0


class Run:
    """Cleans inputs with one pipeline; `lens` chooses what of it counts; without `yes_large` there is a budget."""

    def __init__(
        self,
        rules: RuleSet,
        hint: str | None = None,
        output_encoding: str = "utf-8",
        lens: Lens | None = None,
        yes_large: bool = True,
    ) -> None:
        self.pipeline = Pipeline(rules)
        self.lens = lens
        self.hint = hint
        self.output_encoding = output_encoding
        self.yes_large = yes_large

    def over(self, inputs: Iterable[Input], sink: Sink) -> Iterator[FileReport]:
        """Goes through the inputs; one that fails stops only itself."""
        gc.freeze()
        for item in inputs:
            yield self.one(item, sink)

    def one(self, item: Input, sink: Sink) -> FileReport:
        """Cleans one input. Raises DiskFull; whatever else is wrong is in the report."""
        report = FileReport(item.path)
        try:
            if item.problem is not None:
                raise item.problem
            self._one(item, report, sink)
        except DiskFull as why:
            report.status, report.why = "failed", why
            sink.end(report)
            raise
        except InputSkipped as why:
            report.status, report.why = "skipped", why
        except CleanerError as why:
            report.status, report.why = "failed", why
        except OSError as error:
            report.status = "failed"
            report.why = InputProblem(error.strerror or str(error), item.path, "check its permissions")
        sink.end(report)
        return report

    def _one(self, item: Input, report: FileReport, sink: Sink) -> None:
        with opened(item.path) as file:
            document = open_document(file, self.pipeline.scanner.valid, self.hint)
            report.source = document.source
            sink.begin(item, document)
            blocks = self.pipeline.without(self.pipeline.rules.off_for(item.path)).blocks(document.chunks())
            for block in self.lens(item, blocks) if self.lens else blocks:
                report.count(block)
                sink.block(block)
            report.source = document.final_source()
            report.recoded = self._recodes(report)
            if not self.yes_large:
                budget.check(self.pipeline.rules, report.chars, report.length)

    def _recodes(self, report: FileReport) -> bool:
        """Whether writing the text unchanged would give other bytes."""
        source = report.source
        assert source is not None
        if self.output_encoding == "keep":
            return False
        return (source.codec, source.bom) != written_as(self.output_encoding) or bool(source.places)


def opened(path: str) -> BinaryIO:
    if path == "-":
        return io.BytesIO(sys.stdin.buffer.read())
    return open(path, "rb")


class Nothing:
    """A sink for runs that only count."""

    def begin(self, item: Input, document: Document) -> None: ...

    def block(self, block: Block) -> None: ...

    def end(self, report: FileReport) -> None: ...


def each(*sinks: Sink) -> Sink:
    """Several sinks as one."""
    return _Each(sinks)


class _Each:
    def __init__(self, sinks: tuple[Sink, ...]) -> None:
        self._sinks = sinks

    def begin(self, item: Input, document: Document) -> None:
        for sink in self._sinks:
            sink.begin(item, document)

    def block(self, block: Block) -> None:
        for sink in self._sinks:
            sink.block(block)

    def end(self, report: FileReport) -> None:
        for sink in self._sinks:
            sink.end(report)
