"""`cleaner clean` on the same text cut into files of several sizes, and by one process or two.

    python bench/sizes.py TEXT WORK [--mb 16]

TEXT is a file of UTF-8. Says MB per CPU-second (all processes, start included) and per second of the clock.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

SIZES = (1 << 10, 10 << 10, 100 << 10, 1 << 20, 8 << 20)  # bytes


def cut(text: bytes, size: int, folder: Path) -> int:
    """Writes `text` as files of about `size` bytes, each of whole lines; returns how many."""
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
    """CPU and wall seconds of one run."""
    shutil.rmtree(out, ignore_errors=True)
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    command = [sys.executable, "-m", "cleaner", "clean", str(source), "-o", str(out), "--jobs", str(jobs)]
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wall, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("text", type=Path)
    options.add_argument("work", type=Path)
    options.add_argument("--mb", type=float, default=16)
    given = options.parse_args()
    text = given.text.read_bytes()[: int(given.mb * 1e6)]
    text = text[: text.rfind(b"\n") + 1]
    print("| bytes a file | files | processes | MB per CPU-second | MB per second |\n|---|---|---|---|---|")
    for size in SIZES:
        files = cut(text, size, given.work / "in")
        timed(given.work / "in", given.work / "out", 1)
        for jobs in (1, 2):
            cpu, wall = timed(given.work / "in", given.work / "out", jobs)
            rates = f"{len(text) / 1e6 / cpu:.1f} | {len(text) / 1e6 / wall:.1f}"
            print(f"| {size:,} | {files:,} | {jobs} | {rates} |", flush=True)


if __name__ == "__main__":
    main()
