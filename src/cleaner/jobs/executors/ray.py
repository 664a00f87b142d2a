"""A Ray cluster: one task for each shard. Every machine sees inputs and outputs under the same paths.

Ray starts no task again by itself: a shard whose worker is lost is done again task by task, as in `processes`, so that
one task over which two workers are lost is given up alone. A machine that dies is nobody's fault and does not count.
"""

from __future__ import annotations

import gc
import os
import secrets
from collections import Counter
from collections.abc import Callable
from importlib import import_module
from typing import Any

from ...model.errors import CleanerError, UsageProblem
from . import Finished, Job, Progress, Retries, Shard, ShardWork, WorkerLost

DEATHS = 5  # machines that may die over a task before that counts as its fault
_WORK: dict[str, ShardWork] = {}  # in a worker: what was fetched of a run, so that rules are compiled once


class RayCluster:
    """An executor on the cluster at `address`; None is the one of RAY_ADDRESS, or a new one on this machine.

    Raises UsageProblem where Ray is not installed or no cluster answers.
    """

    def __init__(
        self, work: ShardWork, address: str | None, progress: Progress,
        on_lost: Callable[[str], None] = lambda why: None,
    ) -> None:  # fmt: skip
        self._ray = ray = _connected(address)
        self._progress, self._on_lost = progress, on_lost
        self.slots = max(1, int(ray.cluster_resources().get("CPU", 1)))
        self._key = secrets.token_hex(8)
        self._work = [ray.put(work)]  # in a list, so that a task fetches it only once for each worker
        self._do = ray.remote(num_cpus=1, max_retries=0)(_do)
        self._running: dict[Any, Job] = {}
        self._retried = Retries()
        self._deaths: Counter[tuple[int, int | None]] = Counter()

    def submit(self, shard: Shard) -> None:
        self._start(Job(shard))

    def result(self) -> Finished:
        while True:
            ready, _ = self._ray.wait(list(self._running), num_returns=1)
            job = self._running.pop(ready[0])
            try:
                read, answer = self._ray.get(ready[0])
            except self._ray.exceptions.RayError as error:
                finished = self._lost(job, error)
            else:
                if isinstance(answer, CleanerError):
                    raise answer
                self._progress(read)
                finished = (job.shard, answer) if job.at is None else self._retried.collect(job, answer[0])
            if finished is not None:
                return finished

    def close(self) -> None:
        for reference in self._running:
            self._ray.cancel(reference, force=True)
        self._running.clear()
        self._ray.shutdown()

    def _start(self, job: Job) -> None:
        self._running[self._do.remote(self._key, self._work, os.getcwd(), job.tasks)] = job

    def _lost(self, job: Job, error: Exception) -> Finished | None:
        """Do it again; a task over which a worker is lost for the second time is given up."""
        why = _reason(error)
        self._on_lost(why)
        died = isinstance(error, self._ray.exceptions.NodeDiedError | self._ray.exceptions.ObjectLostError)
        self._deaths[job.shard.number, job.at] += died
        if died and self._deaths[job.shard.number, job.at] <= DEATHS:
            self._start(job)
        elif job.at is not None:
            return self._retried.collect(job, WorkerLost(why))
        else:
            for one in self._retried.of(job.shard):
                self._start(one)
        return None


def _connected(address: str | None) -> Any:
    try:
        ray = import_module("ray")
    except ImportError:
        raise UsageProblem("Ray is not installed", hint="pip install 'unstamp[ray]'") from None
    try:
        ray.init(
            address=address, log_to_driver=False, logging_level="ERROR", include_dashboard=None if address else False
        )
    except (ConnectionError, RuntimeError, ValueError, OSError) as error:
        what = f"no Ray cluster answers: {str(error).splitlines()[0]}"
        hint = "start one with `ray start --head`, and name it with --address; RAY_AUTH_MODE must be the same on all"
        raise UsageProblem(what, address or "", hint) from None
    return ray


def _do(key: str, work: list[Any], folder: str, tasks: list[Any]) -> tuple[int, Any]:
    """In a worker: the bytes that were read, and the results, or what ends the run."""
    if key not in _WORK:
        os.chdir(folder)  # relative paths are those of the first machine
        _WORK.clear()
        _WORK[key] = import_module("ray").get(work[0])
        gc.freeze()
    read = 0

    def progress(count: int) -> None:
        nonlocal read
        read += count

    try:
        results = _WORK[key](tasks, progress)
        return read, results
    except CleanerError as error:
        return read, error


def _reason(error: Exception) -> str:
    """What was raised in a worker stands at the end of Ray's message, what happened to the worker at its beginning."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [""]
    return lines[-1] if isinstance(error, import_module("ray").exceptions.RayTaskError) else lines[0]
