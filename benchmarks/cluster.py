"""A run on a Ray cluster of three machines (raylets on loopback) that loses a worker, a machine and its driver.

    python -m benchmarks cluster [--documents 20000] [--rounds 10]

In each round a worker process is killed, then a machine, then the command itself; the same command then ends the run.
Fails where a file is missing, has another byte than in a run on one machine, or has two rows in the ledger.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from tools.runner import Figures, options

from .interrupted import digests

TEXT = "第{0}章\n雨停了。【首发www.example{1}.com】路还很长。\n\n\n他走了。   \n"
WAIT = 1.5  # seconds between what happens


def fill(folder: Path, documents: int) -> None:
    for number in range(documents):
        path = folder / f"{number % 100:02}" / f"{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(TEXT.format(number, number % 7) * (1 + number % 5), "utf-8")


def command(source: Path, out: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "cleaner", "clean", str(source), "-o", str(out), "-q", *more]


def busy_workers() -> list[int]:
    """The processes of Ray that work on a shard."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                name = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if name.startswith(b"ray::_do"):
                found.append(int(entry.name))
    return found


def waited(ready: Any, process: subprocess.Popen[bytes], seconds: float = 600) -> bool:
    """Wait until something is so; False where the process ends before."""
    end = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < end:
        if ready():
            return True
        time.sleep(0.05)
    return False


def one_round(cluster: Any, source: Path, out: Path, wanted: dict[str, bytes], chosen: random.Random) -> dict[str, Any]:
    extra = cluster.add_node(num_cpus=1)
    cluster.wait_for_nodes()
    engine = ("--engine", "ray", "--address", cluster.address)
    began = time.monotonic()
    process = subprocess.Popen(command(source, out, *engine))
    killed: list[str] = []

    def done() -> int:
        return sum(1 for path in out.glob("[0-9]*/*.txt"))

    if waited(lambda: done() > len(wanted) * chosen.uniform(0.05, 0.15) and busy_workers(), process):
        os.kill(chosen.choice(busy_workers()), signal.SIGKILL)
        killed.append("worker")
    if waited(lambda: done() > len(wanted) * chosen.uniform(0.2, 0.4), process):
        killed.append("machine")
    cluster.remove_node(extra, allow_graceful=False)
    if waited(lambda: done() > len(wanted) * chosen.uniform(0.5, 0.7), process):
        process.kill()
        killed.append("driver")
    process.wait()
    before = done()
    code = subprocess.run(command(source, out, *engine), check=False).returncode
    found = digests(out)
    db = sqlite3.connect(out / ".cleaner" / "ledger.sqlite")
    twice = db.execute("SELECT count(*) FROM (SELECT 1 FROM files GROUP BY name HAVING count(*) > 1)").fetchone()[0]
    db.close()
    return {
        "killed": killed, "written when the driver died": before, "exit": code,
        "lost": len(wanted.keys() - found.keys()),
        "twice": twice,
        "other bytes": sum(found.get(name) != digest for name, digest in wanted.items()),
        "more": len(found.keys() - wanted.keys()), "seconds": round(time.monotonic() - began, 1),
    }  # fmt: skip


def main(argv: Sequence[str]) -> Figures:
    parser = options(__name__, __doc__)
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=10)
    given = parser.parse_args(argv)
    rounds = []
    with tempfile.TemporaryDirectory() as work:
        source, alone = Path(work, "in"), Path(work, "alone")
        fill(source, given.documents)
        subprocess.run(command(source, alone, "--jobs", "1"), check=True)
        wanted = digests(alone)
        cluster = import_module("ray.cluster_utils").Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
        try:
            cluster.add_node(num_cpus=1)
            for number in range(given.rounds):
                rounds.append(one_round(cluster, source, Path(work, f"out{number}"), wanted, random.Random(number)))
                print(rounds[-1], file=sys.stderr, flush=True)
        finally:
            cluster.shutdown()
    bad = [one for one in rounds if one["lost"] or one["twice"] or one["other bytes"] or one["more"] or one["exit"]]
    if bad:
        raise SystemExit(f"not as on one machine: {bad}")
    return {"documents": given.documents, "rounds": rounds, "lost": 0, "twice": 0, "every byte as on one machine": True}
