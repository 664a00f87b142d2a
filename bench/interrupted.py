"""A mixed directory cleaned in place, interrupted three times, resumed, undone, and compared with what it was.

    python bench/interrupted.py TEXTS WORK [--mb 500]

TEXTS is a folder of UTF-8 files. WORK/in gets them joined into files of 10 KB to 64 MB in several encodings, some
damaged, some no text at all. Says what happened; ends with 1 where a byte is different.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

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


def tree(folder: Path) -> dict[str, bytes]:
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and ".cleaner" not in path.parts:
            with path.open("rb") as file:
                found[str(path.relative_to(folder))] = hashlib.file_digest(file, "sha256").digest()
    return found


def cleaner(*args: str, stop_after: float | None = None) -> int:
    process = subprocess.Popen([sys.executable, "-m", "cleaner", *args], stderr=subprocess.DEVNULL, text=True)
    began = time.monotonic()
    while process.poll() is None:
        if stop_after is not None and time.monotonic() - began > stop_after:
            process.send_signal(signal.SIGTERM)  # SIGINT does not reach a shell's background jobs
            stop_after = None
        time.sleep(0.05)
    print(f"  cleaner {args[0]}: {time.monotonic() - began:.0f} s, exit {process.returncode}", flush=True)
    return process.returncode


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("texts", type=Path)
    options.add_argument("work", type=Path)
    options.add_argument("--mb", type=float, default=500)
    options.add_argument("--seconds", type=float, default=30, help="after which a run is interrupted")
    given = options.parse_args()
    folder = given.work / "in"
    shutil.rmtree(folder, ignore_errors=True)
    fill(folder, sorted(path for path in given.texts.rglob("*") if path.is_file()), int(given.mb * 1e6))
    before = tree(folder)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    print(f"{len(before):,} files, {size / 1e6:,.0f} MB", flush=True)
    clean = ("clean", "--in-place", str(folder))
    for number in range(3):
        code = cleaner(*clean, stop_after=given.seconds * (number + 1))
        changed = sum(digest != before[name] for name, digest in tree(folder).items())
        print(f"  interrupted: exit {code}, {changed:,} files replaced so far", flush=True)
    cleaner(*clean)
    after = tree(folder)
    print(f"  {sum(after[name] != before[name] for name in before):,} files replaced", flush=True)
    ledger = sum(path.stat().st_size for path in (folder / ".cleaner").iterdir())
    print(f"  ledger {ledger / 1e6:,.0f} MB", flush=True)
    cleaner("undo", "--in", str(folder))
    same = tree(folder) == before
    print("undone: every byte as before" if same else "undone: NOT as before", flush=True)
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
