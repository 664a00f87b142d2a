"""Where shards are worked on. This file is all that a run knows of executors, and all that a new one implements.

What is done to the tasks of a shard is a picklable callable, `ShardWork`; an executor decides only where and when that
happens, and what to do about lost workers.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol, TypeVar

import msgspec

AHEAD = 8  # shards for each worker that may be pending: enough to keep it busy while one of them takes long

Progress = Callable[[int], None]  # called now and then with the bytes of input that were read since
ShardWork = Callable[[list[Any], Progress], list[Any]]  # a result for each task, in the same order
T = TypeVar("T")


class Shard(msgspec.Struct, frozen=True):
    """The unit of parallel work, numbered from 0 in the order of the inputs.

    `settled` are results that need no work, by their place among the results of the shard.
    """

    number: int
    tasks: list[Any]
    settled: dict[int, Any] = {}

    def results(self, done: list[Any]) -> list[Any]:
        """All results in their order; `done` are those of the tasks."""
        following = iter(done)
        return [
            self.settled[at] if at in self.settled else next(following) for at in range(len(done) + len(self.settled))
        ]


Finished = tuple[Shard, list[Any]]


class Job(msgspec.Struct, frozen=True):
    """A shard, or with `at` one task of a shard whose worker was lost."""

    shard: Shard
    at: int | None = None

    @property
    def tasks(self) -> list[Any]:
        return self.shard.tasks if self.at is None else [self.shard.tasks[self.at]]


class Retries:
    """Shards whose worker was lost: they are done again task by task."""

    def __init__(self) -> None:
        self._results: dict[int, list[Any]] = {}

    def of(self, shard: Shard) -> list[Job]:
        self._results[shard.number] = [None] * len(shard.tasks)
        return [Job(shard, at) for at in range(len(shard.tasks))]

    def collect(self, job: Job, result: Any) -> Finished | None:
        """Take the result of a retried task; the shard, when it was the last of it."""
        assert job.at is not None
        results = self._results[job.shard.number]
        results[job.at] = result
        return None if any(one is None for one in results) else (job.shard, self._results.pop(job.shard.number))


class WorkerLost(msgspec.Struct, frozen=True):
    """The result of a task whose worker was lost twice over it; `why` says how, the second time."""

    why: str


class Executor(Protocol):
    """Takes shards, gives results. `slots` is how many shards it works on at once."""

    slots: int

    def submit(self, shard: Shard) -> None:
        """Never waits."""
        ...

    def result(self) -> Finished:
        """Wait for the next shard that is done, in any order. Raises what the work raised."""
        ...

    def close(self) -> None:
        """Stop all work at once; no process is left."""
        ...


class InProcess:
    """Works in the calling process, in `result`."""

    slots = 1

    def __init__(self, work: ShardWork, progress: Progress) -> None:
        self._work, self._progress = work, progress
        self._pending: deque[Shard] = deque()

    def submit(self, shard: Shard) -> None:
        self._pending.append(shard)

    def result(self) -> Finished:
        shard = self._pending.popleft()
        return shard, self._work(shard.tasks, self._progress)

    def close(self) -> None:
        self._pending.clear()


def run_ordered(executor: Executor, shards: Iterable[Shard], commit: Callable[[Shard, list[Any]], T]) -> Iterator[T]:
    """Give every shard to the executor and yield what `commit` makes of the results, in the order of the shards.

    `commit` is called as soon as a result is there, so one slow shard keeps no other from being recorded.
    """
    shards = iter(shards)
    done: dict[int, T] = {}
    pending: set[int] = set()
    following = 0
    more = True
    while more or pending or done:
        while more and len(pending) + len(done) < AHEAD * executor.slots:
            shard = next(shards, None)
            if shard is None:
                more = False
            elif shard.tasks:
                pending.add(shard.number)
                executor.submit(shard)
            else:
                done[shard.number] = commit(shard, [])
        if following in done:
            yield done.pop(following)
            following += 1
        elif pending:
            shard, results = executor.result()
            pending.remove(shard.number)
            done[shard.number] = commit(shard, results)
