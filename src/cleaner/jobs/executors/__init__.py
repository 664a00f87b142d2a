"""Where shards are worked on. This file is all that a run knows of engines, and all that a new one implements.

A shard is a list of tasks; its result is a list of as many records, in the same order. What is done to a task is a
picklable callable, `ShardWork`; an engine decides only where and when that happens, and what to do about lost workers.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol, TypeVar

import msgspec

AHEAD = 8  # shards for each worker that may be under way: enough to keep it busy while one of them takes long

Progress = Callable[[int], None]  # told now and then how many bytes of the input were read since
ShardWork = Callable[[list[Any], Progress], list[Any]]
T = TypeVar("T")


class Shard(msgspec.Struct):
    """The unit of parallel work, numbered from 0 in the order of the inputs.

    `settled` are records that need no work, by their place among the records of the shard.
    """

    number: int
    tasks: list[Any]
    settled: dict[int, Any] = {}

    def records(self, done: list[Any]) -> list[Any]:
        """All records in their order; `done` are those of the tasks."""
        following = iter(done)
        return [
            self.settled[at] if at in self.settled else next(following) for at in range(len(done) + len(self.settled))
        ]


class WorkerLost(msgspec.Struct):
    """The record of a task whose worker was lost twice over it; `why` says how, the second time."""

    why: str


class Executor(Protocol):
    """Takes shards, gives results. `slots` is how many shards it works on at once."""

    slots: int

    def submit(self, shard: Shard) -> None:
        """Never waits."""
        ...

    def result(self) -> tuple[Shard, list[Any]]:
        """Waits for the next shard that is done, in any order. Raises what `work` raised."""
        ...

    def close(self) -> None:
        """Stops all work at once; nothing is left behind."""
        ...


class InProcess:
    """The engine of one process: this one."""

    slots = 1

    def __init__(self, work: ShardWork, tick: Progress) -> None:
        self._work = work
        self._tick = tick
        self._waiting: deque[Shard] = deque()

    def submit(self, shard: Shard) -> None:
        self._waiting.append(shard)

    def result(self) -> tuple[Shard, list[Any]]:
        shard = self._waiting.popleft()
        return shard, self._work(shard.tasks, self._tick)

    def close(self) -> None:
        self._waiting.clear()


def run_ordered(engine: Executor, shards: Iterable[Shard], arrived: Callable[[Shard, list[Any]], T]) -> Iterator[T]:
    """Gives every shard to the engine and yields what `arrived` makes of the results, in the order of the shards.

    `arrived` is called as soon as a result is there, so one slow shard keeps no other from being written down.
    """
    shards = iter(shards)
    held: dict[int, T] = {}
    under_way: set[int] = set()
    following = 0
    more = True
    while more or under_way or held:
        while more and len(under_way) + len(held) < AHEAD * engine.slots:
            shard = next(shards, None)
            if shard is None:
                more = False
            elif shard.tasks:
                under_way.add(shard.number)
                engine.submit(shard)
            else:
                held[shard.number] = arrived(shard, [])
        if following in held:
            yield held.pop(following)
            following += 1
        elif under_way:
            shard, records = engine.result()
            under_way.remove(shard.number)
            held[shard.number] = arrived(shard, records)
