"""Processes on this machine, each watched: one that dies, falls silent or needs too much memory is replaced.

Neither `ProcessPoolExecutor` (loses all pending work when one worker is killed) nor `mp.Pool` (waits for ever).
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

from ...model.errors import CleanerError
from . import Finished, Job, Progress, Retries, Shard, ShardWork, WorkerLost

TIMEOUT = 300.0  # seconds without a message; a block takes one, or minutes where other programs keep the machine busy
INTERVAL = 0.5  # seconds between two progress messages of a worker
OUT_OF_MEMORY = 77  # exit code
FORKS = sys.platform == "linux"
CONTEXT = get_context("fork") if sys.platform == "linux" else get_context("spawn")


class _Worker:
    def __init__(self, work: ShardWork, memory: int | None, others: list[_Worker]) -> None:
        self.pipe, theirs = CONTEXT.Pipe()
        inherited = [self.pipe, *(other.pipe for other in others)] if FORKS else []
        self.process = CONTEXT.Process(target=_serve, args=(theirs, work, memory, inherited), daemon=True)
        self.process.start()
        theirs.close()
        self.job: Job | None = None
        self.heard = 0.0  # time.monotonic() of its last message

    def start(self, job: Job) -> None:
        self.job, self.heard = job, time.monotonic()
        with suppress(OSError):  # it has died: reading its pipe shows that
            self.pipe.send(job.tasks)

    def kill(self) -> int | None:
        """End the process; its exit code, negative for a signal."""
        self.process.kill()
        self.process.join()
        self.pipe.close()
        return self.process.exitcode


class ProcessPool:
    """An executor of up to `jobs` processes; `memory` (bytes) limits each.

    `progress` is called with bytes read. A worker that sends nothing for `timeout` seconds is replaced; `on_lost` is
    called with the reason for every worker that is.
    """

    def __init__(
        self, work: ShardWork, jobs: int, progress: Progress, memory: int | None = None, timeout: float = TIMEOUT,
        on_lost: Callable[[str], None] = lambda why: None,
    ) -> None:  # fmt: skip
        self.slots = jobs
        self._work, self._progress, self._memory = work, progress, memory
        self._timeout, self._on_lost = timeout, on_lost
        self._workers: list[_Worker] = []
        self._pending: deque[Job] = deque()
        self._retries: deque[Job] = deque()
        self._retried = Retries()

    def submit(self, shard: Shard) -> None:
        self._pending.append(Job(shard))
        self._assign()

    def result(self) -> Finished:
        while True:
            self._assign()
            busy = [worker for worker in self._workers if worker.job is not None]
            left = min(worker.heard for worker in busy) + self._timeout - time.monotonic()
            ready = wait([worker.pipe for worker in busy], max(left, 0.0))
            for worker in busy:
                finished = None
                if worker.pipe in ready:
                    finished = self._receive(worker)
                elif time.monotonic() - worker.heard > self._timeout:
                    finished = self._replace(worker, f"it was silent for {self._timeout:.0f} seconds")
                if finished is not None:
                    return finished

    def close(self) -> None:
        for worker in self._workers:
            worker.kill()
        self._workers.clear()

    def _assign(self) -> None:
        """Give jobs to idle workers; a retry runs alone, so that it has all memory of the machine."""
        idle = [worker for worker in self._workers if worker.job is None]
        if self._retries:
            if len(idle) == len(self._workers):
                (idle.pop() if idle else self._new()).start(self._retries.popleft())
            return
        while self._pending and (idle or len(self._workers) < self.slots):
            (idle.pop() if idle else self._new()).start(self._pending.popleft())

    def _new(self) -> _Worker:
        worker = _Worker(self._work, self._memory, self._workers)
        self._workers.append(worker)
        return worker

    def _receive(self, worker: _Worker) -> Finished | None:
        """One message: bytes read, results, a fault in the work (text), or what ends the run (an exception)."""
        try:
            message = worker.pipe.recv()
        except (EOFError, OSError):
            return self._replace(worker, "")
        worker.heard = time.monotonic()
        if isinstance(message, int):
            self._progress(message)
            return None
        if isinstance(message, str):
            return self._replace(worker, message)
        if isinstance(message, BaseException):
            raise message
        job, worker.job = worker.job, None
        assert job is not None
        return (job.shard, message) if job.at is None else self._retried.collect(job, message[0])

    def _replace(self, worker: _Worker, why: str) -> Finished | None:
        """Retry the shard task by task; a task over which a worker is lost again is given up."""
        code = worker.kill()
        why = why or _exit_reason(code)
        self._workers.remove(worker)
        self._on_lost(why)
        job = worker.job
        assert job is not None
        if job.at is not None:
            return self._retried.collect(job, WorkerLost(why))
        self._retries.extend(self._retried.of(job.shard))
        return None


def _exit_reason(code: int | None) -> str:
    if code == OUT_OF_MEMORY:
        return "it ran out of memory"
    return f"signal {-code}" if code and code < 0 else "it ended"


def _serve(pipe: Connection, work: ShardWork, memory: int | None, inherited: list[Connection]) -> None:
    """The main function of a worker. It ends with its parent, whose end of the pipe then closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for other in inherited:
        other.close()
    gc.freeze()
    sent, read = time.monotonic(), 0

    def progress(count: int) -> None:
        nonlocal sent, read
        read += count
        if time.monotonic() - sent > INTERVAL:
            pipe.send(read)
            sent, read = time.monotonic(), 0

    code = 0
    try:
        _limit(memory)
        while True:
            tasks = pipe.recv()
            try:
                answer: Any = work(tasks, progress)
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


def _limit(memory: int | None) -> None:
    if memory is not None:
        with suppress(ImportError, ValueError, OSError):
            import resource

            resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
