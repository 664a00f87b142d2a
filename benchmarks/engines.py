"""CPU seconds of a run on Ray on this machine beside one in local processes: all of Ray's own processes count.

    python -m benchmarks engines [--documents 6000]

Two processes each. Ray is started and stopped by the command itself, as `--engine ray` does without an address.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from tools.runner import Figures, options

from .cluster import command, fill
from .interrupted import digests

LOOK = 0.1  # seconds between two looks at what runs
TICKS = os.sysconf("SC_CLK_TCK")


def cpu(argv: Sequence[str]) -> float:
    """CPU seconds of a command and of all that has its environment: Ray does not wait for its workers' times."""
    mark = f"BENCHMARK={secrets.token_hex(8)}"
    process = subprocess.Popen(argv, env=os.environ | {"RAY_ADDRESS": "local"} | dict([mark.split("=")]))
    spent: dict[str, float] = {}
    while process.poll() is None or running(mark, spent):
        running(mark, spent)
        time.sleep(LOOK)
    if process.returncode:
        raise SystemExit(f"failed: {argv}")
    return sum(spent.values())


def running(mark: str, spent: dict[str, float]) -> int:
    """How many processes have the mark; what each has spent so far goes to `spent`."""
    found = 0
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            if entry.name.isdecimal() and mark.encode() in (entry / "environ").read_bytes().split(b"\0"):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                spent[entry.name] = (int(fields[11]) + int(fields[12])) / TICKS
                found += 1
    return found


def main(argv: Sequence[str]) -> Figures:
    parser = options(__name__, __doc__)
    parser.add_argument("--documents", type=int, default=6000)
    given = parser.parse_args(argv)
    import_module("ray")
    with tempfile.TemporaryDirectory() as work:
        source, local, ray = Path(work, "in"), Path(work, "local"), Path(work, "ray")
        fill(source, given.documents)
        here = cpu(command(source, local, "--jobs", "2"))
        there = cpu(command(source, ray, "--engine", "ray"))
        if digests(local) != digests(ray):
            raise SystemExit("not the same bytes")
    return {
        "documents": given.documents,
        "processes": round(here, 1),
        "Ray": round(there, 1),
        "ratio": round(there / here, 2),
    }
