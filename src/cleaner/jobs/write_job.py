"""A run that writes: shard by shard first the ledger, and only then are outputs moved to their places."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from typing import Protocol

import msgspec

from ..io.atomic import FileStamp, write_problem
from ..io.folder import Folder
from ..io.outputs import OutputOptions
from ..io.remote import open_folder, status_of
from ..ledger.fingerprint import RunFingerprint, changed_rules, disabled_digest, subset
from ..ledger.place import FOLDER, check_folder
from ..ledger.rows import StoredFile
from ..ledger.store import Ledger
from ..model.errors import CleanerError, InputProblem, UsageProblem
from ..model.inputs import InputFile
from ..model.report import FileReport
from . import removal_limits
from .executors import Executor, Shard, ShardWork, WorkerLost, run_ordered
from .ranges import Joiner, split
from .run import Run
from .worker import DryRun, PriorResult, RowSink, Task, TaskResult, WriteRun, failed, shards, worker_lost

MakeExecutor = Callable[[ShardWork], Executor]


class OutputLayout(Protocol):
    """Where outputs are written. `folder` holds the ledger."""

    folder: str

    def place(self, item: InputFile) -> str:
        """The name of an output below the folder. Raises InputProblem, InputSkipped."""
        ...


def dry_run(
    run: Run, inputs: Iterable[InputFile], rows: RowSink | None, make_executor: MakeExecutor
) -> Generator[TaskResult, None, None]:
    """A run that writes no files: the result of each input, in their order. `rows` makes what stdout gets."""

    joiner = Joiner()

    def commit(shard: Shard, results: list[TaskResult | WorkerLost]) -> list[TaskResult]:
        done = [worker_lost(task, result, rows) for task, result in zip(shard.tasks, results, strict=True)]
        return [whole[1] for one in zip(shard.tasks, done, strict=True) if (whole := joiner.joined(*one)) is not None]

    return _carry_out(make_executor(DryRun(run, rows)), shards(_cut(map(Task, inputs))), commit)


def _cut(planned: Iterable[Task | TaskResult]) -> Iterator[Task | TaskResult]:
    """With the parts of large files of records in their place."""
    for one in planned:
        yield from split(one) if isinstance(one, Task) else [one]


def _carry_out(
    executor: Executor,
    work: Iterable[Shard],
    commit: Callable[[Shard, list[TaskResult | WorkerLost]], list[TaskResult]],
) -> Generator[TaskResult, None, None]:
    try:
        for results in run_ordered(executor, work, commit):
            yield from results
    finally:
        executor.close()


class LedgerOptions(msgspec.Struct, frozen=True):
    """What the ledger is to keep (a LedgerLevel), and its name: several may lie in one folder, one for each shard.

    `trusted`: one that is there counts even if this user did not sign it.
    """

    level: str = "full"
    name: str = "ledger"
    trusted: bool = False


class WriteJob:
    """Cleans inputs into the places of a layout. With `rows` no result of an earlier run is reused."""

    def __init__(
        self,
        run: Run,
        layout: OutputLayout,
        options: OutputOptions,
        fingerprint: RunFingerprint,
        keeping: LedgerOptions,
        rows: RowSink | None = None,
    ) -> None:
        self._run, self._layout, self._options, self._fingerprint = run, layout, options, fingerprint
        self._digest = fingerprint.digest  # once: it hashes all rules
        self._keeping, self._rows = keeping, rows
        self._new = f"{FOLDER}/{keeping.name}.new-{secrets.token_hex(8)}"  # outputs before they are moved
        self._changed: dict[bytes, set[str] | None] = {}  # by digest of an earlier fingerprint
        self._count = 0
        self.number = 0

    def over(
        self, inputs: Iterable[InputFile], sources: list[str], make_executor: MakeExecutor
    ) -> Generator[TaskResult, None, None]:
        """The result of each input, in their order. Raises UsageProblem, DiskFull."""
        with self._opened() as self._folder:
            keeping = self._keeping
            off = keeping.level == "off"
            self._ledger = Ledger(None if off else self._folder, keeping.name, trusted=keeping.trusted)
            state = "interrupted"
            try:
                self._make_folders()
                self.number = self._ledger.begin(self._fingerprint, sources, self._options.in_place)
                planned: Iterable[Task | TaskResult] = map(self._plan, inputs)
                if not self._options.in_place:  # where the whole is proved
                    planned = _cut(planned)
                self._joiner = Joiner(self._options, self._folder)
                yield from _carry_out(make_executor(self._work()), shards(planned), self._commit)
                self._folder.sync_around()
                state = "finished"
            finally:
                self._folder.clear(self._new)
                with suppress(CleanerError):
                    self._ledger.end(self.number, state)
                self._ledger.close()
                if off:
                    self._folder.remove_empty(FOLDER)

    def _opened(self) -> Folder:
        try:
            return open_folder(self._layout.folder, make=not self._options.in_place)
        except OSError as error:
            raise self._unwritable(error) from None

    def _unwritable(self, error: OSError) -> UsageProblem:
        return UsageProblem(f"can't write there: {error.strerror}", self._layout.folder, "choose another -o")

    def _make_folders(self) -> None:
        """The folder of new files; those of runs that were killed are removed."""
        try:
            check_folder(self._folder, True, self._keeping.trusted)
            for name in self._folder.names(FOLDER):
                if name.startswith(f"{self._keeping.name}.new"):
                    self._folder.clear(f"{FOLDER}/{name}")
            self._folder.make(self._new)
        except OSError as error:
            raise self._unwritable(error) from None

    def _work(self) -> WriteRun:
        rules = self._run.pipeline.rules
        for digest in self._ledger.setups():
            self._changed[digest] = changed_rules(self._ledger.setup(digest), rules, self._fingerprint)
        changed = subset(rules, set().union(*(found for found in self._changed.values() if found)))
        self._rechecks = bool(changed.rules)
        records = self._keeping.level == "full"
        recheck = changed if self._rechecks else None
        return WriteRun(self._run, self._options, self._folder, self._rows, records, recheck)

    def _plan(self, item: InputFile) -> Task | TaskResult:
        """The task of an input, or the result of an earlier run where that surely holds."""
        if item.problem is not None:
            return Task(item)
        try:
            if item.record is not None:
                raise InputProblem("one record can't be written alone", item.path, "name the file without #")
            target = self._layout.place(item)
            now = status_of(item.path)
        except CleanerError as why:
            return Task(msgspec.structs.replace(item, problem=why))
        except OSError:
            return Task(item)  # the worker gets the same error and reports it
        self._count += 1
        temporary = f"{self._new}/{self._count}"
        off = disabled_digest(self._run.pipeline.rules.off_for(item.path))
        file = None if self._rows else self._ledger.latest(item.name)
        prior = self._prior(file, target, now) if file is not None and file.off == off else None
        if file is not None and prior is not None and prior.hash is None and file.setup == self._digest:
            return TaskResult(_reused(file, item.path))
        recleaned = file is not None and (file.setup, file.off) != (self._digest, off)
        return Task(item, target, temporary, list(self._ledger.hashes(item.name)), prior, recleaned, off)

    def _prior(self, file: StoredFile, target: str, now: os.stat_result) -> PriorResult | None:
        """What an earlier run made of an input; None where it must be cleaned."""
        report = file.report
        outputs = {output.suffix: output.stamp for output in file.outputs}
        stamp = outputs.pop("", file.read) if self._options.in_place else file.read
        if stamp is None or report.status == "failed":
            return None
        if not all(self._fits(stamp, target + suffix) for suffix, stamp in outputs.items()):
            return None
        same = stamp.fits(now)
        if not same and not stamp.hash:
            return None
        if file.setup == self._digest:
            return None if self._over_limit(report) else PriorResult(file.id, None if same else stamp.hash, False)
        touched = report.edits_by_rule or report.placeholders or report.flags
        if touched or self._changed.get(file.setup) is None:
            return None
        return PriorResult(file.id, None if same else stamp.hash, self._rechecks)

    def _over_limit(self, report: FileReport) -> bool:
        """Whether the earlier run, which may have had no removal limits, removed more than they allow."""
        if self._run.yes_large or self._options.in_place:
            return False
        try:
            removal_limits.check(self._run.pipeline.rules, report.removed_by_rule, report.chars)
        except InputProblem:
            return True
        return False

    def _commit(self, shard: Shard, results: list[TaskResult | WorkerLost]) -> list[TaskResult]:
        """Record results in the ledger, all or none; then move outputs to their places."""
        done = [worker_lost(task, result, self._rows) for task, result in zip(shard.tasks, results, strict=True)]
        whole = [self._joiner.joined(task, result) for task, result in zip(shard.tasks, done, strict=True)]
        ready = [pair for pair in whole if pair is not None]
        if ready:
            with self._ledger.change():
                ready = [(task, self._record(task, result)) for task, result in ready]
            folders = {os.path.dirname(task.target) for task, one in ready if one.outputs}
            moved = iter([self._move(task, result) for task, result in ready])
            if self._options.in_place:
                self._folder.sync(folders)
            following = [None if pair is None else next(moved) for pair in whole]
        else:
            following = [None for _ in whole]
        return [one for one in shard.results(following) if one is not None]

    def _record(self, task: Task, result: TaskResult) -> TaskResult:
        """Within a change of the ledger."""
        report, source, read = result.report, result.report.source, result.read
        if result.held is not None:
            assert read is not None
            self._ledger.still_holds(result.held, self._digest, read)
            return TaskResult(_reused(self._ledger.file(result.held), report.path))
        if report.status == "skipped" and task.item.problem is None and read is None:
            with suppress(OSError):
                read = FileStamp.of_status(b"", status_of(task.item.path))
        report.recleaned = task.recleaned
        if source is not None and self._keeping.level != "full":
            source = msgspec.structs.replace(source, spans=())
        row = StoredFile(
            0, self.number, self._digest, task.item.name, task.item.path, read, report, source, None, result.outputs,
            task.off,
        )  # fmt: skip
        self._ledger.add(row, result.parts)
        return result

    def _move(self, task: Task, result: TaskResult) -> TaskResult:
        try:
            if self._options.in_place and result.outputs and not self._fits(result.read, task.target):
                raise InputProblem("it changed while it was cleaned", task.item.path, "give the same command again")
            for output in result.outputs:
                temporary, target = task.temporary + output.suffix, task.target + output.suffix
                if output.kept:
                    self._folder.keep(target, f"{FOLDER}/{output.kept}")
                if output.ours:
                    self._folder.replace(temporary, target)
                else:
                    with suppress(FileNotFoundError):  # it lies in the store, which is cleared at the end
                        self._folder.unlink(temporary)
        except CleanerError as why:
            return failed(task.item.path, why, self._rows)
        except OSError as error:
            return failed(task.item.path, write_problem(error, self._folder.full(task.target)), self._rows)
        return result

    def _fits(self, stamp: FileStamp | None, name: str) -> bool:
        with suppress(OSError, InputProblem):
            found = self._folder.status(name)
            if stamp is None or found is None or stamp.fits(found):
                return stamp is not None and found is not None
            # an object has the time of its upload
            return self._folder.remote and stamp.size == found.st_size and self._folder.hash(name) == stamp.hash
        return False


def _reused(file: StoredFile, path: str) -> FileReport:
    """The report of an earlier run for an input that is now called `path`."""
    file.report.path, file.report.reused = path, True
    file.report.copied = file.report.status == "skipped" and bool(file.outputs)
    return file.report
