"""A folder cleaned in place, interrupted three times, resumed, undone, and compared with what it was.

    python -m benchmarks interrupted [--texts DIR] [--mb 50] [--seconds 3]

The texts (UTF-8; by default `data/clean_zh` of the shared folder) are joined into files of 10 KB to 64 MB in several
encodings, some damaged, some no text at all. Fails where a byte is different in the end.
"""

from __future__ import annotations

import hashlib
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tools.runner import Figures, options
from tools.shared_data import need

ENCODINGS = ("utf-8", "utf-8", "gb18030", "utf-8-sig", "utf-16", "gb18030")
SIZES = (10 << 10, 10 << 10, 10 << 10, 100 << 10, 1 << 20, 64 << 20)  # bytes, about as many bytes of each


def pieces(texts: list[Path]) -> Iterator[str]:
    while True:
        for path in texts:
            yield path.read_bytes().decode("utf-8", "replace")


def fill(folder: Path, texts: list[Path], size: int) -> None:
    chosen, source = random.Random(6), pieces(texts)
    made = number = 0
    while made < size:
        wanted = chosen.choices(SIZES, [size / (len(SIZES) * each) for each in SIZES])[0]
        parts = [next(source)]
        chars = len(parts[0])
        while chars * 3 < wanted:  # a hanzi is three bytes of UTF-8
            parts.append(next(source))
            chars += len(parts[-1])
        raw = "".join(parts).encode(ENCODINGS[number % len(ENCODINGS)], "replace")
        raw = raw + b"\xff\xfe\xff" if number % 17 == 0 else bytes(range(256)) * 40 if number % 101 == 0 else raw
        path = folder / f"{number % 50:02}" / f"{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)
        made, number = made + len(raw), number + 1


def digests(folder: Path) -> dict[str, bytes]:
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and ".cleaner" not in path.parts:
            with path.open("rb") as file:
                found[str(path.relative_to(folder))] = hashlib.file_digest(file, "sha256").digest()
    return found


def cleaner(*args: str, stop_after: float | None = None) -> tuple[int, float]:
    """Run the command, interrupt it after some seconds. Return its exit code and the seconds it took."""
    process = subprocess.Popen(
        [sys.executable, "-m", "cleaner", *args], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    began = time.monotonic()
    while process.poll() is None:
        if stop_after is not None and time.monotonic() - began > stop_after:
            process.send_signal(signal.SIGTERM)  # SIGINT does not reach a shell's background jobs
            stop_after = None
        time.sleep(0.05)
    return process.returncode, round(time.monotonic() - began, 1)


def main(argv: Sequence[str]) -> Figures:
    parser = options(__name__, __doc__)
    parser.add_argument("--texts", type=Path)
    parser.add_argument("--mb", type=float, default=50)
    parser.add_argument("--seconds", type=float, default=3, help="after which the first run is interrupted")
    given = parser.parse_args(argv)
    texts = given.texts or need(given.shared, "data", "clean_zh")
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work, "in")
        fill(folder, sorted(path for path in texts.rglob("*") if path.is_file()), int(given.mb * 1e6))
        before = digests(folder)
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        runs: list[dict[str, Any]] = []
        for number in (1, 2, 3, None):
            stop = given.seconds * number if number else None
            code, took = cleaner("clean", "--in-place", str(folder), stop_after=stop)
            after = digests(folder)
            replaced = sum(after[name] != before[name] for name in before)
            runs.append({"interrupted after": stop, "seconds": took, "exit": code, "files replaced so far": replaced})
        ledger = sum(path.stat().st_size for path in (folder / ".cleaner").iterdir())
        _, took = cleaner("undo", "--in", str(folder))
        if digests(folder) != before:
            raise SystemExit("undone: NOT as before")
    return {
        "files": len(before),
        "MB": round(size / 1e6),
        "runs": runs,
        "ledger, MB": round(ledger / 1e6, 1),
        "seconds of undo": took,
        "every byte as before": True,
    }
