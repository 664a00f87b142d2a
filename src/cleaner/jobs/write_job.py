"""A run that writes: what needs doing, shard by shard; the ledger; then, and only then, outputs go to their places."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Generator, Iterable
from contextlib import suppress
from typing import Protocol

import msgspec

from ..io.atomic import FileStamp, sync_around, sync_folders, write_problem
from ..io.outputs import OutputOptions
from ..ledger.fingerprint import RunFingerprint, changed_rules, disabled_digest, subset
from ..ledger.store import ENDING, FOLDER, Ledger, StoredFile
from ..model.errors import CleanerError, InputProblem, UsageProblem
from ..model.inputs import InputFile
from ..model.report import FileReport
from . import removal_limits
from .executors import Executor, Shard, ShardWork, WorkerLost, run_ordered
from .run import Run
from .worker import DryRun, PriorResult, RowSink, Task, TaskResult, WriteRun, failed, shards, worker_lost

MakeExecutor = Callable[[ShardWork], Executor]


class OutputLayout(Protocol):
    """Where outputs go, and the ledger with them."""

    folder: str

    def place(self, item: InputFile) -> str: ...


def dry_run(
    run: Run, inputs: Iterable[InputFile], rows: RowSink | None, engines: MakeExecutor
) -> Generator[TaskResult, None, None]:
    """A run that writes nothing: the record of each input, in their order. `rows` writes to stdout."""
    engine = engines(DryRun(run, rows))

    def arrived(shard: Shard, found: list[TaskResult | WorkerLost]) -> list[TaskResult]:
        told = zip(shard.tasks, found, strict=True)
        return [worker_lost(task.item, one, rows) if isinstance(one, WorkerLost) else one for task, one in told]

    try:
        for records in run_ordered(engine, shards(map(Task, inputs)), arrived):
            yield from records
    finally:
        engine.close()


class LedgerOptions(msgspec.Struct, frozen=True):
    """What the ledger is to keep (a LedgerLevel), and its name: several may lie in one folder, one for each shard."""

    level: str = "full"
    name: str = "ledger"


class WriteJob:
    """Cleans inputs into a home. With `rows` nothing that was done before is left out."""

    def __init__(
        self,
        run: Run,
        home: OutputLayout,
        way: OutputOptions,
        setup: RunFingerprint,
        keeping: LedgerOptions,
        rows: RowSink | None = None,
    ) -> None:
        self._run, self._home, self._way, self._setup = run, home, way, setup
        self._digest = setup.digest  # once: it goes through all rules
        self._keeping, self._rows = keeping, rows
        self._folder = os.path.join(home.folder, FOLDER)
        self._new = os.path.join(self._folder, keeping.name + ".new")  # outputs before they are moved
        self._changed: dict[bytes, set[str] | None] = {}  # by earlier setup
        self._count = 0
        self.number = 0

    def over(
        self, inputs: Iterable[InputFile], sources: list[str], engines: MakeExecutor
    ) -> Generator[TaskResult, None, None]:
        """The record of each input, in their order. Raises UsageProblem, DiskFull."""
        off = self._keeping.level == "off"
        self._ledger = Ledger("" if off else os.path.join(self._folder, self._keeping.name + ENDING))
        state = "interrupted"
        try:
            self._make_room()
            self.number = self._ledger.begin(self._setup, sources, self._way.in_place)
            engine = engines(self._work())
            try:
                for records in run_ordered(engine, shards(map(self._planned, inputs)), self._arrived):
                    yield from records
            finally:
                engine.close()
            sync_around(self._home.folder)
            state = "finished"
        finally:
            shutil.rmtree(self._new, ignore_errors=True)
            with suppress(CleanerError):
                self._ledger.end(self.number, state)
            self._ledger.close()
            if off:
                with suppress(OSError):
                    os.rmdir(self._folder)

    def _make_room(self) -> None:
        try:
            shutil.rmtree(self._new, ignore_errors=True)  # of a run that was killed
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
            os.mkdir(self._new, mode=0o700)
        except OSError as error:
            raise UsageProblem(f"can't write there: {error.strerror}", self._home.folder, "choose another -o") from None

    def _work(self) -> WriteRun:
        rules = self._run.pipeline.rules
        for digest in self._ledger.setups():
            self._changed[digest] = changed_rules(self._ledger.setup(digest), rules, self._setup)
        changed = subset(rules, set().union(*(found for found in self._changed.values() if found)))
        self._wakes = bool(changed.rules)
        keeps = self._keeping.level == "full"
        return WriteRun(self._run, self._way, self._rows, keeps, changed if self._wakes else None)

    def _planned(self, item: InputFile) -> Task | TaskResult:
        if item.problem is not None:
            return Task(item)
        try:
            target = self._home.place(item)
            now = os.stat(item.path)
        except CleanerError as why:
            return Task(msgspec.structs.replace(item, problem=why))
        except OSError:
            return Task(item)  # the error comes up again where it is told
        self._count += 1
        temporary = os.path.join(self._new, str(self._count))
        off = disabled_digest(self._run.pipeline.rules.off_for(item.path))
        file = None if self._rows else self._ledger.latest(item.name)
        known = self._known(file, target, now) if file is not None and file.off == off else None
        if file is not None and known is not None and known.hash is None and file.setup == self._digest:
            file.report.path, file.report.before = item.path, True
            return TaskResult(file.report)
        again = file is not None and (file.setup, file.off) != (self._digest, off)
        return Task(item, target, temporary, list(self._ledger.hashes(item.name)), known, again, off)

    def _known(self, file: StoredFile, target: str, now: os.stat_result) -> PriorResult | None:
        """What an earlier run says of an input; None where it must be cleaned."""
        outputs = {output.suffix: output.stamp for output in file.outputs}
        stamp = outputs.pop("", file.read) if self._way.in_place else file.read
        if stamp is None or file.report.status == "failed":
            return None
        if not all(_fits(stamp, target + suffix) for suffix, stamp in outputs.items()):
            return None
        same = stamp.fits(now)
        if not same and not stamp.hash:
            return None
        only_where = file.setup != self._digest
        report = file.report
        if only_where and (report.hits or report.tags or report.flags or self._changed.get(file.setup) is None):
            return None
        if not only_where and self._held_back(report):
            return None
        return PriorResult(file.id, None if same else stamp.hash, only_where and self._wakes)

    def _held_back(self, report: FileReport) -> bool:
        """Whether a budget that the earlier run did not have to keep speaks against what it did."""
        if self._run.yes_large or self._way.in_place:
            return False
        try:
            removal_limits.check(self._run.pipeline.rules, report.chars, report.length)
        except InputProblem:
            return True
        return False

    def _arrived(self, shard: Shard, found: list[TaskResult | WorkerLost]) -> list[TaskResult]:
        """Writes records down, all or none; then moves outputs to their places."""
        done = [
            worker_lost(task.item, one, self._rows) if isinstance(one, WorkerLost) else one
            for task, one in zip(shard.tasks, found, strict=True)
        ]
        if done:
            with self._ledger.change():
                for task, record in zip(shard.tasks, done, strict=True):
                    self._write_down(task, record)
            folders = {os.path.dirname(task.target) for task, one in zip(shard.tasks, done, strict=True) if one.outputs}
            done = [self._moved(task, record) for task, record in zip(shard.tasks, done, strict=True)]
            if self._way.in_place:
                sync_folders(folders)
        return shard.records(done)

    def _write_down(self, task: Task, record: TaskResult) -> None:
        digest, report = self._digest, record.report
        if record.held is not None:
            assert record.read is not None
            self._ledger.still_holds(record.held, digest, record.read)
            file = self._ledger.file(record.held)
            file.report.path, file.report.before = report.path, True
            record.report = file.report
            return
        if report.status == "skipped" and task.item.problem is None:
            record.read = _looks(task.item.path)
        report.again = task.again
        source = report.source
        if source is not None and self._keeping.level != "full":
            source = msgspec.structs.replace(source, places=())
        name, path = task.item.name, task.item.path
        row = StoredFile(
            0, self.number, digest, name, path, record.read, report, source, None, record.outputs, task.off
        )
        self._ledger.add(row, record.parts)

    def _moved(self, task: Task, record: TaskResult) -> TaskResult:
        try:
            if self._way.in_place and record.outputs and not _fits(record.read, task.item.path):
                raise InputProblem("it changed while it was cleaned", task.item.path, "give the same command again")
            if record.outputs:
                os.makedirs(os.path.dirname(task.target) or ".", exist_ok=True)
            for output in record.outputs:
                temporary = task.temporary + output.suffix
                if output.ours:
                    os.replace(temporary, task.target + output.suffix)
                else:
                    os.unlink(temporary)
        except CleanerError as why:
            return failed(task.item.path, why, self._rows)
        except OSError as error:
            return failed(task.item.path, write_problem(error, task.target), self._rows)
        return record


def _fits(stamp: FileStamp | None, path: str) -> bool:
    with suppress(OSError):
        return stamp is not None and stamp.fits(os.stat(path))
    return False


def _looks(path: str) -> FileStamp | None:
    with suppress(OSError):
        now = os.stat(path)
        return FileStamp(b"", now.st_size, now.st_mtime_ns, now.st_ctime_ns)
    return None
