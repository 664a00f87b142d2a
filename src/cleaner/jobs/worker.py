"""What a worker does with the tasks of a shard: it cleans their files and returns a result for each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec

from ..io.atomic import FileStamp, Output, write_problem
from ..io.folder import Folder
from ..io.outputs import FileWriter, OutputOptions
from ..io.records import Batch, Done, form_of
from ..io.records.writer import writer_of
from ..io.remote import hash_of, status_of
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


class PriorResult(msgspec.Struct, frozen=True):
    """What an earlier run made of an input: its row in the ledger, and the hash with which it still holds.

    `hash` is None where the stamp of the input is the same. With `recheck` it holds only where the rules that changed
    find no candidate in the input.
    """

    row: int
    hash: bytes | None
    recheck: bool


class Task(msgspec.Struct, frozen=True):
    """One input, the name of its output, and where that is written first (both "" where nothing is written).

    `ours` are the hashes of what earlier runs wrote to `target`. `recleaned`: an earlier run cleaned the input with
    other rules or settings. `off` is the digest of the rules that are off for its path.
    """

    item: InputFile
    target: str = ""
    temporary: str = ""
    ours: list[bytes] = []
    prior: PriorResult | None = None
    recleaned: bool = False
    off: bytes = b""


class TaskResult(msgspec.Struct, frozen=True):
    """What came of one task.

    `rows` are lines for stdout, `read` is the stamp of the input, `parts` are its packed edits for the ledger. `held`
    is the row of the ledger that still holds; `rows`, `outputs` and `parts` are empty then.
    """

    report: FileReport
    rows: bytes = b""
    read: FileStamp | None = None
    outputs: list[Output] = []
    parts: list[bytes] = []
    held: int | None = None


def shards(planned: Iterable[Task | TaskResult]) -> Iterator[Shard]:
    """Groups of small files; a large one is alone."""
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
    """The result of an input that could not be cleaned."""
    report = FileReport(path=path, status="failed", problem=why)
    out: list[bytes] = []
    if rows is not None:
        rows(out.append).end(report)
    return TaskResult(report, b"".join(out))


def worker_lost(task: Task, result: TaskResult | WorkerLost, rows: RowSink | None) -> TaskResult:
    """The result as it is, or that of an input whose worker was lost."""
    if isinstance(result, TaskResult):
        return result
    path, what = task.item.path, f"the process that worked on it was lost twice: {result.why}"
    return failed(path, InputProblem(what, path, "try it with --jobs 1"), rows)


class DryRun:
    """The work of a run that writes nothing."""

    def __init__(self, run: Run, rows: RowSink | None) -> None:
        self._run, self._rows = run, rows

    def __call__(self, tasks: list[Task], progress: Progress) -> list[TaskResult]:
        return [self._one(task, progress) for task in tasks]

    def _one(self, task: Task, progress: Progress) -> TaskResult:
        rows: list[bytes] = []
        report = self._run.one(task.item, tee_sinks(*_common_sinks(progress, self._rows, rows)))
        return TaskResult(report, b"".join(rows))


class WriteRun:
    """The work of a run that writes: when results return, outputs are complete and safe, in their temporary places.

    All of them lie in `folder`. `records`: edits are recorded. `changed` are the rules that a prior result is rechecked
    with.
    """

    def __init__(
        self, run: Run, options: OutputOptions, folder: Folder, rows: RowSink | None, records: bool,
        changed: RuleSet | None = None,
    ) -> None:  # fmt: skip
        self._run, self._options, self._folder, self._rows, self._records = run, options, folder, rows, records
        self._changed = Pipeline(changed) if changed is not None else None

    def __call__(self, tasks: list[Task], progress: Progress) -> list[TaskResult]:
        done = [self._one(task, progress) for task in tasks]
        made = [
            task.temporary + output.suffix
            for task, record in zip(tasks, done, strict=True)
            for output in record.outputs
        ]  # fmt: skip
        try:
            self._folder.sync(made)
        except OSError as error:
            raise write_problem(error, self._folder.path) from None
        return done

    def _one(self, task: Task, progress: Progress) -> TaskResult:
        if task.prior is not None and (held := self._held(task.item, task.prior)) is not None:
            progress(task.item.size)
            return held
        rows: list[bytes] = []
        writer = writer_of(self._options, self._folder, task.item, task.target, task.temporary, task.ours)
        recorder = EditRecorder(task.item.part.record if task.item.part else 1)
        written = _Recorded(recorder, writer) if self._records else writer
        report = self._run.one(task.item, tee_sinks(*_common_sinks(progress, self._rows, rows)), written)
        recorder.close()
        parts = recorder.parts if report.status == "ok" else []
        if self._records and self._options.in_place and writer.outputs:
            parts = self._proved(task, writer, report, parts)
        return TaskResult(report, b"".join(rows), writer.read, writer.outputs, parts)

    def _held(self, item: InputFile, prior: PriorResult) -> TaskResult | None:
        """What an earlier run made of the input, if it still holds."""
        try:
            now = status_of(item.path)
            digest = hash_of(item.path) if prior.hash is not None else b""
            if digest != (prior.hash or b"") or (prior.recheck and self._has_candidates(item)):
                return None
        except (OSError, CleanerError):
            return None
        return TaskResult(FileReport(path=item.path), held=prior.row, read=FileStamp.of_status(digest, now))

    def _has_candidates(self, item: InputFile) -> bool:
        """Whether the rules that changed find a candidate in the input."""
        assert self._changed is not None
        if any(form_of(item.path)):  # candidates are lines of a record's text, not of the file
            return True
        with opened(item) as file:
            document = open_document(file, self._run.hint_for(item.path))
            changed = self._changed.without(self._changed.rules.off_for(item.path))
            return any(block.regions for block in changed.blocks(document.chunks()))

    def _proved(self, task: Task, writer: FileWriter, report: FileReport, parts: list[bytes]) -> list[bytes]:
        """Parts that restore the input: nothing replaces an input before it was restored from its replacement."""
        assert report.source is not None
        assert writer.read is not None
        with self._folder.read(task.temporary) as made:
            if restores(made, report.source, self._options.encoding, parts, writer.read.hash):
                return parts or [pack(StoredPart())]
        with self._folder.read(task.target) as file:
            return record_original(file)


def _common_sinks(progress: Progress, make_sink: RowSink | None, rows: list[bytes]) -> list[Sink]:
    return [_ProgressSink(progress), *([make_sink(rows.append)] if make_sink else [])]


class _ProgressSink(NullSink):
    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def block(self, block: Block) -> None:
        self._progress(len(block.data))


class _Recorded:
    """A writer that gives a recorder what it has written."""

    def __init__(self, recorder: EditRecorder, writer: FileWriter) -> None:
        self._recorder, self._writer = recorder, writer
        self.begin, self.end = writer.begin, writer.end

    def block(self, block: Block) -> None:
        self._writer.block(block)
        self._recorder.block(block, self._writer.encoder.written)

    def batch(self, batch: Batch, done: list[Done]) -> None:
        block = self._writer.batch(batch, done)
        self._recorder.block(block, block.regions)
