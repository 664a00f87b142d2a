"""What is done to a shard, wherever that happens: its files are cleaned, results come back as records."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator

import msgspec

from ..io.atomic import FileStamp, Output, hash_of, sync, write_problem
from ..io.outputs import FileWriter, OutputOptions
from ..ledger.codec import EditRecorder, StoredPart, pack, record_original, restores
from ..matching.ruleset import RuleSet
from ..model.blocks import Block
from ..model.errors import CleanerError, InputProblem
from ..model.inputs import InputFile
from ..model.report import FileReport, NullSink, Sink, tee_sinks
from ..pipeline import Pipeline
from ..stages.decode import open_document
from .executors import Progress, Shard, WorkerLost
from .run import Run, opened

RowSink = Callable[[Callable[[bytes], object]], Sink]  # makes the sink that writes the rows of one input
LARGE = 4 << 20  # bytes, one shard
MANY = 128  # files, one shard
FIRST = (256 << 10, 8)  # the first shards are small, so that few files keep all workers busy, too


class PriorResult(msgspec.Struct):
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

    item: InputFile
    target: str = ""
    temporary: str = ""
    ours: list[bytes] = []
    known: PriorResult | None = None
    again: bool = False
    off: bytes = b""


class TaskResult(msgspec.Struct):
    """The record of one input. `rows` goes to stdout, if that was asked for; `held` is the row that still holds."""

    report: FileReport
    rows: bytes = b""
    read: FileStamp | None = None
    outputs: list[Output] = []
    parts: list[bytes] = []
    held: int | None = None


def shards(planned: Iterable[Task | TaskResult]) -> Iterator[Shard]:
    """Groups of small files; a large one alone."""
    number = size = 0
    group: list[Task | TaskResult] = []
    for one in planned:
        alone = isinstance(one, Task) and one.item.size >= LARGE
        if group and (alone or size >= min(LARGE, FIRST[0] << number) or len(group) >= min(MANY, FIRST[1] << number)):
            yield _shard(number, group)
            number, size, group = number + 1, 0, []
        group.append(one)
        size += one.item.size if isinstance(one, Task) else 0
    if group:
        yield _shard(number, group)


def _shard(number: int, group: list[Task | TaskResult]) -> Shard:
    settled = {at: one for at, one in enumerate(group) if isinstance(one, TaskResult)}
    return Shard(number, [one for one in group if isinstance(one, Task)], settled)


def failed(path: str, why: CleanerError, rows: RowSink | None) -> TaskResult:
    """The record of an input that could not be cleaned."""
    report = FileReport(path=path, status="failed", problem=why)
    out: list[bytes] = []
    if rows is not None:
        rows(out.append).end(report)
    return TaskResult(report, b"".join(out))


def worker_lost(item: InputFile, lost: WorkerLost, rows: RowSink | None) -> TaskResult:
    why = InputProblem(f"the process that worked on it was lost twice: {lost.why}", item.path, "try it with --jobs 1")
    return failed(item.path, why, rows)


class DryRun:
    """Work for a run that writes nothing."""

    def __init__(self, run: Run, rows: RowSink | None) -> None:
        self._run, self._rows = run, rows

    def __call__(self, tasks: list[Task], tick: Progress) -> list[TaskResult]:
        return [self._one(task.item, tick) for task in tasks]

    def _one(self, item: InputFile, tick: Progress) -> TaskResult:
        rows: list[bytes] = []
        sinks: list[Sink] = [_ProgressSink(tick), *([self._rows(rows.append)] if self._rows else [])]
        return TaskResult(self._run.one(item, tee_sinks(*sinks)), b"".join(rows))


class WriteRun:
    """Work for a run that writes: outputs are whole and safe on the disk, aside, when their records come back."""

    def __init__(
        self, run: Run, way: OutputOptions, rows: RowSink | None, keeps: bool, changed: RuleSet | None = None
    ) -> None:
        self._run, self._way, self._rows, self._keeps = run, way, rows, keeps
        self._changed = Pipeline(changed) if changed is not None else None

    def __call__(self, tasks: list[Task], tick: Progress) -> list[TaskResult]:
        done = [self._one(task, tick) for task in tasks]
        made = [
            task.temporary + output.suffix
            for task, record in zip(tasks, done, strict=True)
            for output in record.outputs
        ]  # fmt: skip
        try:
            sync(made)
        except OSError as error:
            raise write_problem(error, os.path.dirname(tasks[0].target)) from None
        return done

    def _one(self, task: Task, tick: Progress) -> TaskResult:
        if task.known is not None and (held := self._held(task.item, task.known)) is not None:
            tick(task.item.size)
            return held
        rows: list[bytes] = []
        writer = FileWriter(self._way, task.target, task.temporary, task.ours)
        recorder = EditRecorder()
        sinks: list[Sink] = [writer, _RecordingSink(recorder, writer)] if self._keeps else [writer]
        sinks += [_ProgressSink(tick), *([self._rows(rows.append)] if self._rows else [])]
        report = self._run.one(task.item, tee_sinks(*sinks))
        recorder.close()
        parts = recorder.parts if report.status == "ok" else []
        if self._keeps and self._way.in_place and writer.outputs:
            parts = self._proved(task, writer, report, parts)
        return TaskResult(report, b"".join(rows), writer.read, writer.outputs, parts)

    def _held(self, item: InputFile, known: PriorResult) -> TaskResult | None:
        """What an earlier run made of the input, if it still holds."""
        try:
            now = os.stat(item.path)
            digest = hash_of(item.path) if known.hash is not None else b""
            if digest != (known.hash or b"") or (known.only_where and self._wakes(item)):
                return None
            return TaskResult(FileReport(path=item.path), held=known.row, read=FileStamp.of_status(digest, now))
        except (OSError, CleanerError):
            return None

    def _wakes(self, item: InputFile) -> bool:
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
        if restores(task.temporary, report.source, self._way.encoding, parts, writer.read.hash):
            return parts or [pack(StoredPart())]
        return record_original(task.item.path)


class _ProgressSink(NullSink):
    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def block(self, block: Block) -> None:
        self._progress(len(block.data))


class _RecordingSink(NullSink):
    """Gives a recorder what a writer has written."""

    def __init__(self, recorder: EditRecorder, writer: FileWriter) -> None:
        self._recorder, self._writer = recorder, writer

    def block(self, block: Block) -> None:
        self._recorder.block(block, self._writer.encoder.written)
