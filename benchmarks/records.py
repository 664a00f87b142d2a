"""A large file of JSON lines with zstd: `cleaner clean` by one worker beside datatrove's own reader and writer.

    python -m benchmarks records [--mb 500] [--work FOLDER]

Records are 1,500 characters and more of the texts of the data folder, over and over; one in five has an advertisement.
MB are those of the JSON; memory is the most that the process ever held. Needs datatrove and zstandard.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path

from tools.runner import Figures, options
from tools.shared_data import base_texts

LEAST = 1500  # characters of a record
ADVERTISEMENT = "【首发www.example{}.com】"
DATATROVE = """
import sys
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter
there, out, log = sys.argv[1:]
steps = [JsonlReader(there), JsonlWriter(out, compression="zstd")]
LocalPipelineExecutor(steps, tasks=1, logging_dir=log).run()
"""


def records(texts: Sequence[str]) -> Iterator[str]:
    number = 0
    while True:
        for text in texts:
            lines: list[str] = []
            for line in text.splitlines():
                lines.append(line)
                if sum(map(len, lines)) >= LEAST:
                    if number % 5 == 0:
                        lines.insert(len(lines) // 2, ADVERTISEMENT.format(number % 7))
                    yield json.dumps({"id": number, "text": "\n".join(lines)}, ensure_ascii=False) + "\n"
                    number, lines = number + 1, []


def fill(path: Path, size: int, texts: Sequence[str]) -> tuple[int, int]:
    """Write `size` bytes of JSON lines, compressed; how many bytes and records they are."""
    held = count = 0
    with import_module("backports.zstd").open(path, "wb") as file:
        for record in records(texts):
            held += file.write(record.encode())
            count += 1
            if held >= size:
                break
    return held, count


def measured(*command: str) -> dict[str, float]:
    """CPU seconds, seconds by the clock and MB of memory of a process."""
    began = time.monotonic()
    child = os.posix_spawn(sys.executable, [sys.executable, *command], os.environ)
    _, status, used = os.wait4(child, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"failed: {command}")
    seconds = round(time.monotonic() - began, 1)
    return {
        "CPU seconds": round(used.ru_utime + used.ru_stime, 1),
        "seconds": seconds,
        "memory MB": used.ru_maxrss / 1e3,
    }


def main(argv: Sequence[str]) -> Figures:
    parser = options(__name__, __doc__)
    parser.add_argument("--mb", type=float, default=500)
    parser.add_argument("--work", help="where 2 GB and more have room")
    given = parser.parse_args(argv)
    import_module("datatrove")
    import_module("zstandard")
    texts = list(base_texts(given.shared).values())
    rows = []
    with tempfile.TemporaryDirectory(dir=given.work) as work:
        source = Path(work, "in")
        source.mkdir()
        held, count = fill(source / "rows.jsonl.zst", int(given.mb * 1e6), texts)
        packed = (source / "rows.jsonl.zst").stat().st_size
        clean = ("-m", "cleaner", "clean", str(source), "-o", f"{work}/clean", "--jobs", "1", "-q")
        for name, command in (
            ("datatrove, reader and writer", ("-c", DATATROVE, str(source), f"{work}/moved", f"{work}/log")),
            ("cleaner clean", clean),
        ):
            used = measured(*command)
            rows.append({"what": name, "MB per CPU-second": round(held / 1e6 / used["CPU seconds"], 2), **used})
            print(rows[-1], file=sys.stderr, flush=True)
    return {"MB": round(held / 1e6), "MB compressed": round(packed / 1e6), "records": count, "speed": rows}
