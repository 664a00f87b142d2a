"""Processes on this machine, each watched: one that dies, falls silent or wants too much memory is replaced.

Neither `ProcessPoolExecutor` (loses all that is under way when one worker is killed) nor `mp.Pool` (waits for ever).
Workers are forked where that is safe (Linux, no threads), so they share the compiled rules; elsewhere they are spawned.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import Any

import msgspec

from . import Progress, Shard, ShardWork, WorkerLost

PATIENCE = 300.0  # seconds without a word; a block is a second's work, or minutes where the machine is busy with others
EVERY = 0.5  # seconds between two words of a worker
OUT_OF_MEMORY = 77  # exit code
FORKS = sys.platform == "linux"
CONTEXT = get_context("fork") if sys.platform == "linux" else get_context("spawn")


class _Job(msgspec.Struct):
    """A shard, or of one whose worker was lost the task `at`."""

    shard: Shard
    at: int | None = None

    @property
    def tasks(self) -> list[Any]:
        return self.shard.tasks if self.at is None else [self.shard.tasks[self.at]]


class _Worker:
    def __init__(self, work: ShardWork, memory: int | None, others: list[_Worker]) -> None:
        self.pipe, theirs = CONTEXT.Pipe()
        inherited = [self.pipe, *(other.pipe for other in others)] if FORKS else []
        self.process = CONTEXT.Process(target=_serve, args=(theirs, work, memory, inherited), daemon=True)
        self.process.start()
        theirs.close()
        self.job: _Job | None = None
        self.heard = 0.0

    def give(self, job: _Job) -> None:
        self.job, self.heard = job, time.monotonic()
        with suppress(OSError):  # it has died: the pipe says so when it is read
            self.pipe.send(job.tasks)

    def end(self) -> int | None:
        """Ends the process, however it is; its exit code, negative for a signal."""
        self.process.kill()
        self.process.join()
        self.pipe.close()
        return self.process.exitcode


class ProcessPool:
    """An engine of up to `jobs` processes; `memory` (bytes) bounds each; `tick` is told about bytes read."""

    def __init__(
        self, work: ShardWork, jobs: int, tick: Progress, memory: int | None = None, patience: float = PATIENCE,
        lost: Callable[[str], None] = lambda why: None,
    ) -> None:  # fmt: skip
        self.slots = jobs
        self._work, self._tick, self._memory, self._patience, self._lost = work, tick, memory, patience, lost
        self._workers: list[_Worker] = []
        self._waiting: deque[_Job] = deque()
        self._alone: deque[_Job] = deque()
        self._mended: dict[int, list[Any]] = {}  # records of shards that are retried, task by task

    def submit(self, shard: Shard) -> None:
        self._waiting.append(_Job(shard))
        self._hand_out()

    def result(self) -> tuple[Shard, list[Any]]:
        while True:
            self._hand_out()
            busy = [worker for worker in self._workers if worker.job is not None]
            silent = min(worker.heard for worker in busy) + self._patience - time.monotonic()
            ready = wait([worker.pipe for worker in busy], max(silent, 0.0))
            for worker in busy:
                done = None
                if worker.pipe in ready:
                    done = self._heard(worker)
                elif time.monotonic() - worker.heard > self._patience:
                    done = self._replace(worker, f"it was silent for {self._patience:.0f} seconds")
                if done is not None:
                    return done

    def close(self) -> None:
        for worker in self._workers:
            worker.end()
        self._workers.clear()

    def _hand_out(self) -> None:
        """Shards to idle workers; what is retried runs alone, so that it has the machine's memory for itself."""
        idle = [worker for worker in self._workers if worker.job is None]
        if self._alone:
            if len(idle) == len(self._workers):
                (idle.pop() if idle else self._new()).give(self._alone.popleft())
            return
        while self._waiting and (idle or len(self._workers) < self.slots):
            (idle.pop() if idle else self._new()).give(self._waiting.popleft())

    def _new(self) -> _Worker:
        worker = _Worker(self._work, self._memory, self._workers)
        self._workers.append(worker)
        return worker

    def _heard(self, worker: _Worker) -> tuple[Shard, list[Any]] | None:
        try:
            word = worker.pipe.recv()
        except (EOFError, OSError):
            return self._replace(worker, "")
        worker.heard = time.monotonic()
        if isinstance(word, int):
            self._tick(word)
            return None
        if isinstance(word, str):
            return self._replace(worker, word)
        if isinstance(word, BaseException):
            raise word
        job, worker.job = worker.job, None
        assert job is not None
        return (job.shard, word) if job.at is None else self._mend(job, word[0])

    def _replace(self, worker: _Worker, why: str) -> tuple[Shard, list[Any]] | None:
        """Its shard is retried task by task; a task over which a worker is lost again is given up."""
        code = worker.end()
        self._workers.remove(worker)
        if not why:
            why = (
                "it ran out of memory"
                if code == OUT_OF_MEMORY
                else f"signal {-code}"
                if code and code < 0
                else "it ended"
            )
        self._lost(why)
        job = worker.job
        assert job is not None
        if job.at is not None:
            return self._mend(job, WorkerLost(why))
        self._mended[job.shard.number] = [None] * len(job.shard.tasks)
        self._alone.extend(_Job(job.shard, at) for at in range(len(job.shard.tasks)))
        return None

    def _mend(self, job: _Job, record: Any) -> tuple[Shard, list[Any]] | None:
        assert job.at is not None
        records = self._mended[job.shard.number]
        records[job.at] = record
        if any(record is None for record in records):
            return None
        return job.shard, self._mended.pop(job.shard.number)


def _serve(pipe: Connection, work: ShardWork, memory: int | None, inherited: list[Connection]) -> None:
    """The life of a worker. It ends with its parent, whose end of the pipe then closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for other in inherited:
        other.close()
    gc.freeze()
    spoken, read = time.monotonic(), 0

    def tick(count: int) -> None:
        nonlocal spoken, read
        read += count
        if time.monotonic() - spoken > EVERY:
            pipe.send(read)
            spoken, read = time.monotonic(), 0

    from ...model.errors import CleanerError

    code = 0
    try:
        _bound(memory)
        while True:
            tasks = pipe.recv()
            try:
                answer: Any = work(tasks, tick)
            except CleanerError as error:
                answer = error
            pipe.send(answer)
    except (EOFError, OSError):
        pass
    except MemoryError:
        code = OUT_OF_MEMORY
    except Exception as error:
        with suppress(OSError):
            pipe.send(f"{type(error).__name__}: {error}")
    os._exit(code)


def _bound(memory: int | None) -> None:
    if memory is not None:
        with suppress(ImportError, ValueError, OSError):
            import resource

            resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
