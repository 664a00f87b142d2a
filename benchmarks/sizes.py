"""Speed of `cleaner clean` on the same text cut into files of several sizes, by one process and by two.

    python -m benchmarks sizes [--mb 8]

MB per CPU-second counts all processes and their start; MB per second is by the clock.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tools.runner import Figures, options
from tools.shared_data import base_texts

SIZES = (1 << 10, 10 << 10, 100 << 10, 1 << 20, 8 << 20)  # bytes


def cut(text: bytes, size: int, folder: Path) -> int:
    """Write `text` as files of about `size` bytes, each of whole lines. Return how many."""
    shutil.rmtree(folder, ignore_errors=True)
    at = number = 0
    while at < len(text):
        end = text.find(b"\n", min(at + size, len(text)) - 1) + 1 or len(text)
        path = folder / f"{number // 500}" / f"{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text[at:end])
        at, number = end, number + 1
    return number


def timed(source: Path, out: Path, jobs: int) -> tuple[float, float]:
    """Return CPU seconds (all processes, start included) and seconds of the clock of one run."""
    shutil.rmtree(out, ignore_errors=True)
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    command = [sys.executable, "-m", "cleaner", "clean", str(source), "-o", str(out), "--jobs", str(jobs)]
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wall, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


def main(argv: Sequence[str]) -> Figures:
    parser = options(__name__, __doc__)
    parser.add_argument("--mb", type=float, default=8)
    given = parser.parse_args(argv)
    text = "".join(base_texts(given.shared).values()).encode()[: int(given.mb * 1e6)]
    text = text[: text.rfind(b"\n") + 1]
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder, "in"), Path(folder, "out")
        for size in SIZES:
            files = cut(text, size, source)
            timed(source, out, 1)  # fills the cache of the file system
            for jobs in (1, 2):
                cpu, wall = timed(source, out, jobs)
                row = {"bytes a file": size, "files": files, "processes": jobs}
                mb = len(text) / 1e6
                rows.append(row | {"MB per CPU-second": round(mb / cpu, 1), "MB per second": round(mb / wall, 1)})
    return {"MB": round(len(text) / 1e6, 1), "speed": rows}
