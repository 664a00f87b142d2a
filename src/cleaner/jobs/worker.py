"""What is done to a shard, wherever that happens: its files are cleaned, results come back as records."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator

import msgspec

from ..io.atomic import Output, Stamp, hash_of, sync, unwritable
from ..io.outputs import FileWriter, Way
from ..ledger.codec import Keeper, Part, gives_back, pack, whole
from ..matching.ruleset import RuleSet
from ..model.blocks import Block
from ..model.errors import CleanerError, InputProblem
from ..model.inputs import Input
from ..model.report import Document, FileReport, Sink, each
from ..pipeline import Pipeline
from ..stages.decode import open_document
from .executors import Lost, Shard, Tick
from .run import Run, opened

Rows = Callable[[Callable[[bytes], object]], Sink]  # makes the sink that writes the rows of one input
LARGE = 4 << 20  # bytes, one shard
MANY = 128  # files, one shard
FIRST = (256 << 10, 8)  # the first shards are small, so that few files keep all workers busy, too


class Known(msgspec.Struct):
    """What an earlier run says of an input: its row in the ledger, and the hash that it must have for that to hold

    (None: its stamp is the same). `only_where` asks besides that the rules that changed find nothing in it.
    """

    row: int
    hash: bytes | None
    only_where: bool


class Task(msgspec.Struct):
    """One input, where its output goes, where it is written first, and what of earlier runs may be there.

    `again` tells that it was cleaned before with other rules or settings; `off` is the digest of the rules that are
    off for its path.
    """

    item: Input
    target: str = ""
    temporary: str = ""
    ours: list[bytes] = []
    known: Known | None = None
    again: bool = False
    off: bytes = b""


class Done(msgspec.Struct):
    """The record of one input. `rows` goes to stdout, if that was asked for; `held` is the row that still holds."""

    report: FileReport
    rows: bytes = b""
    read: Stamp | None = None
    outputs: list[Output] = []
    parts: list[bytes] = []
    held: int | None = None


def shards(planned: Iterable[Task | Done]) -> Iterator[Shard]:
    """Groups of small files; a large one alone."""
    number = size = 0
    group: list[Task | Done] = []
    for one in planned:
        alone = isinstance(one, Task) and one.item.size >= LARGE
        if group and (alone or size >= min(LARGE, FIRST[0] << number) or len(group) >= min(MANY, FIRST[1] << number)):
            yield _shard(number, group)
            number, size, group = number + 1, 0, []
        group.append(one)
        size += one.item.size if isinstance(one, Task) else 0
    if group:
        yield _shard(number, group)


def _shard(number: int, group: list[Task | Done]) -> Shard:
    settled = {at: one for at, one in enumerate(group) if isinstance(one, Done)}
    return Shard(number, [one for one in group if isinstance(one, Task)], settled)


def failed(path: str, why: CleanerError, rows: Rows | None) -> Done:
    """The record of an input that could not be cleaned."""
    report = FileReport(path, "failed", why)
    out: list[bytes] = []
    if rows is not None:
        rows(out.append).end(report)
    return Done(report, b"".join(out))


def given_up(item: Input, lost: Lost, rows: Rows | None) -> Done:
    why = InputProblem(f"the process that worked on it was lost twice: {lost.why}", item.path, "try it with --jobs 1")
    return failed(item.path, why, rows)


class Looking:
    """Work for a run that writes nothing."""

    def __init__(self, run: Run, rows: Rows | None) -> None:
        self._run, self._rows = run, rows

    def __call__(self, tasks: list[Task], tick: Tick) -> list[Done]:
        return [self._one(task.item, tick) for task in tasks]

    def _one(self, item: Input, tick: Tick) -> Done:
        rows: list[bytes] = []
        sinks: list[Sink] = [_Ticking(tick), *([self._rows(rows.append)] if self._rows else [])]
        return Done(self._run.one(item, each(*sinks)), b"".join(rows))


class Writing:
    """Work for a run that writes: outputs are whole and safe on the disk, aside, when their records come back."""

    def __init__(self, run: Run, way: Way, rows: Rows | None, keeps: bool, changed: RuleSet | None = None) -> None:
        self._run, self._way, self._rows, self._keeps = run, way, rows, keeps
        self._changed = Pipeline(changed) if changed is not None else None

    def __call__(self, tasks: list[Task], tick: Tick) -> list[Done]:
        done = [self._one(task, tick) for task in tasks]
        made = [
            task.temporary + output.suffix
            for task, record in zip(tasks, done, strict=True)
            for output in record.outputs
        ]  # fmt: skip
        try:
            sync(made)
        except OSError as error:
            raise unwritable(error, os.path.dirname(tasks[0].target)) from None
        return done

    def _one(self, task: Task, tick: Tick) -> Done:
        if task.known is not None and (held := self._held(task.item, task.known)) is not None:
            tick(task.item.size)
            return held
        rows: list[bytes] = []
        writer = FileWriter(self._way, task.target, task.temporary, task.ours)
        keeper = Keeper()
        sinks: list[Sink] = [writer, _Keeping(keeper, writer)] if self._keeps else [writer]
        sinks += [_Ticking(tick), *([self._rows(rows.append)] if self._rows else [])]
        report = self._run.one(task.item, each(*sinks))
        keeper.close()
        parts = keeper.parts if report.status == "ok" else []
        if self._keeps and self._way.in_place and writer.outputs:
            parts = self._proved(task, writer, report, parts)
        return Done(report, b"".join(rows), writer.read, writer.outputs, parts)

    def _held(self, item: Input, known: Known) -> Done | None:
        """What an earlier run made of the input, if it still holds."""
        try:
            now = os.stat(item.path)
            digest = hash_of(item.path) if known.hash is not None else b""
            if digest != (known.hash or b"") or (known.only_where and self._wakes(item)):
                return None
        except (OSError, CleanerError):
            return None
        return Done(
            FileReport(item.path), held=known.row, read=Stamp(digest, now.st_size, now.st_mtime_ns, now.st_ctime_ns)
        )

    def _wakes(self, item: Input) -> bool:
        """Whether the rules that changed look at anything in the input."""
        assert self._changed is not None
        with opened(item.path) as file:
            document = open_document(file, self._changed.scanner.valid, self._run.hint)
            changed = self._changed.without(self._changed.rules.off_for(item.path))
            return any(block.regions for block in changed.blocks(document.chunks()))

    def _proved(self, task: Task, writer: FileWriter, report: FileReport, parts: list[bytes]) -> list[bytes]:
        """Nothing takes the place of an input before it was given back from what would take it."""
        assert report.source is not None
        assert writer.read is not None
        if gives_back(task.temporary, report.source, self._way.encoding, parts, writer.read.hash):
            return parts or [pack(Part())]
        return whole(task.item.path)


class _Ticking:
    def __init__(self, tick: Tick) -> None:
        self._tick = tick

    def begin(self, item: Input, document: Document) -> None: ...

    def block(self, block: Block) -> None:
        self._tick(len(block.data))

    def end(self, report: FileReport) -> None: ...


class _Keeping:
    """Feeds a keeper with what a writer has written."""

    def __init__(self, keeper: Keeper, writer: FileWriter) -> None:
        self._keeper, self._writer = keeper, writer

    def begin(self, item: Input, document: Document) -> None: ...

    def block(self, block: Block) -> None:
        self._keeper.block(block, self._writer.encoder.written)

    def end(self, report: FileReport) -> None: ...
