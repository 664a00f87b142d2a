"""Workers that die, fall silent or want too much are replaced; nothing is lost, nothing is done twice."""

from __future__ import annotations

import os
import pickle
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from samples import builtins

from cleaner.jobs.executors import InProcess, Progress, Shard, WorkerLost, run_ordered
from cleaner.jobs.executors.processes import ProcessPool
from cleaner.model.errors import DiskFull
from cleaner.pipeline import Pipeline

LITTLE = 256 << 20  # bytes

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals")


class Doing:
    """Work whose tasks say what happens to the worker; `folder` remembers across workers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, tasks: list[str], tick: Progress) -> list[str]:
        return [self._one(task, tick) for task in tasks]

    def _one(self, task: str, tick: Progress) -> str:
        what, _, name = task.partition(" ")
        seen = self.folder / task
        first = not seen.exists()
        seen.touch()
        if what == "die" or (what == "die-once" and first):
            os.kill(os.getpid(), signal.SIGKILL)
        if what == "stop-once" and first:
            os.kill(os.getpid(), signal.SIGSTOP)
        if what == "hang":
            time.sleep(60)
        if what == "grow":
            bytearray(4 * LITTLE)
        if what == "break":
            raise ValueError("a fault")
        if what == "full":
            raise DiskFull(name)
        tick(1)
        return f"did {task}"


def carried(folder: Path, shards: list[list[str]], jobs: int = 2) -> tuple[list[Any], list[str], list[int]]:
    lost: list[str] = []
    arrived: list[int] = []
    engine = ProcessPool(Doing(folder), jobs, lambda _: None, LITTLE, timeout=1.0, on_lost=lost.append)

    def arrive(shard: Shard, records: list[Any]) -> list[Any]:
        arrived.append(shard.number)
        return shard.results(records)

    try:
        numbered = (Shard(number, tasks) for number, tasks in enumerate(shards))
        return [record for records in run_ordered(engine, numbered, arrive) for record in records], lost, arrived
    finally:
        engine.close()


def test_results_come_in_the_order_of_the_shards(tmp_path: Path) -> None:
    shards = [[f"ok {a}-{b}" for b in range(a % 4)] for a in range(60)]
    records, lost, arrived = carried(tmp_path, shards)
    assert records == [f"did {task}" for shard in shards for task in shard]
    assert sorted(arrived) == list(range(60))
    assert not lost


@pytest.mark.parametrize("what", ["die-once", "stop-once"])
def test_a_lost_worker_costs_nothing(tmp_path: Path, what: str) -> None:
    shards = [[f"{what if (a, b) == (3, 1) else 'ok'} {a}-{b}" for b in range(3)] for a in range(8)]
    records, lost, _ = carried(tmp_path, shards)
    assert records == [f"did {task}" for shard in shards for task in shard]
    assert len(lost) == 1


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ("die", "signal 9"),
        ("hang", "it was silent for 1 seconds"),
        ("grow", "it ran out of memory"),
        ("break", "ValueError: a fault"),
    ],
)
def test_what_loses_two_workers_is_given_up_alone(tmp_path: Path, what: str, why: str) -> None:
    shards = [[f"{what if (a, b) == (1, 1) else 'ok'} {a}-{b}" for b in range(3)] for a in range(4)]
    records, lost, _ = carried(tmp_path, shards)
    wanted: list[Any] = [f"did {task}" for shard in shards for task in shard]
    wanted[4] = WorkerLost(why)
    assert records == wanted
    assert lost == [why, why]


def test_what_ends_the_run_ends_it(tmp_path: Path) -> None:
    with pytest.raises(DiskFull):
        carried(tmp_path, [["ok 1"], ["full 2"], ["ok 3"]])


def test_no_process_outlives_its_engine(tmp_path: Path) -> None:
    engine = ProcessPool(Doing(tmp_path), 2, lambda _: None)
    for number in range(2):
        engine.submit(Shard(number, ["hang"]))
    processes = [worker.process for worker in engine._workers]
    assert all(process.is_alive() for process in processes)
    engine.close()
    assert not any(process.is_alive() for process in processes)


def test_one_process_does_the_same(tmp_path: Path) -> None:
    shards = [Shard(n, [f"ok {n}"]) for n in range(5)]
    engine = InProcess(Doing(tmp_path), lambda _: None)
    assert list(run_ordered(engine, shards, lambda _, records: records)) == [[f"did ok {n}"] for n in range(5)]


def test_a_pipeline_can_be_sent_to_a_process_that_was_not_forked() -> None:
    text = "雨停了。【首发www.example.com】路还很长。"
    pipeline = Pipeline(builtins())
    before = pipeline.clean(text)
    assert pickle.loads(pickle.dumps(pipeline)).clean(text) == before
