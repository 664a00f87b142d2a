"""Speed by number of rules, in MB per CPU-second of one process: the prefilter alone, and all stages after decoding.

    python -m benchmarks rules [--rules 50 --rules 500 --rules 5000] [--mb 20]

Each pack of made rules runs alone with the built-in rules without boilerplate, on a clean and on a dirty text, as
`bench/race.py` of the shared folder makes them. The first pass compiles and does not count; the best of three others,
because a busy machine only ever adds.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from pathlib import Path

from cleaner.matching.ruleset import load_ruleset
from cleaner.pipeline import Pipeline
from tools.runner import Figures, options
from tools.shared_data import race_files

BLOCK = 1 << 20  # bytes


def rate(size: int, work: Callable[[], Iterable[object]]) -> float:
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        for _ in work():
            pass
        best = min(best, time.process_time() - start)
    return round(size / 1e6 / best)


def blocks_of(path: Path) -> list[bytes]:
    whole = path.read_bytes()
    cuts = [0]
    while cuts[-1] < len(whole):
        cuts.append(whole.find(b"\n", cuts[-1] + BLOCK) + 1 or len(whole))
    return [whole[low:high] for low, high in pairwise(cuts)]


def rates(pipeline: Pipeline, blocks: Sequence[bytes]) -> tuple[float, float]:
    """Return MB per CPU-second of the prefilter, and of all stages."""
    size = sum(map(len, blocks))
    for _ in pipeline.blocks(blocks):
        pass
    scan = rate(size, lambda: (pipeline.prefilter.scan(block.decode()) for block in blocks))
    return scan, rate(size, lambda: pipeline.blocks(blocks))


def main(argv: Sequence[str]) -> Figures:
    parser = options(__name__, __doc__)
    parser.add_argument("--rules", type=int, action="append", help="number of made rules (default: 50, 500, 5000)")
    parser.add_argument("--mb", type=float, default=20, help="size of each text")
    given = parser.parse_args(argv)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for number in given.rules or (50, 500, 5000):
            clean, dirty, pack = race_files(given.shared, Path(folder), number, given.mb)
            pipeline = Pipeline(load_ruleset([pack], builtin_boilerplate=False))
            row: dict[str, float] = {"rules": number}
            for name, path in (("clean", clean), ("dirty", dirty)):
                row[f"prefilter, {name}"], row[f"stages, {name}"] = rates(pipeline, blocks_of(path))
            rows.append(row)
    return {"MB per CPU-second": rows}
