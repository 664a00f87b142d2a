"""Cost of the placeholder stage: CPU of all stages with it over CPU without it, in turn.

    python -m benchmarks placeholder_share [--mb 8] [--rounds 3]

500 made rules, built-in boilerplate off, on a clean and on a dirty text, as `bench/race.py` of the shared folder makes
them. One process; the first pass of each does not count.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from cleaner.matching.ruleset import load_ruleset
from cleaner.pipeline import Pipeline
from tools.runner import Figures, options
from tools.shared_data import race_files

RULES = 500


def seconds(pipeline: Pipeline, data: bytes) -> tuple[float, int]:
    """Return CPU seconds, and how many placeholders were found."""
    began = time.process_time()
    tags = sum(len(block.tags) for block in pipeline.blocks([data]))
    return time.process_time() - began, tags


def main(argv: Sequence[str]) -> Figures:
    parser = options(__name__, __doc__)
    parser.add_argument("--mb", type=float, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args(argv)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        clean, dirty, pack = race_files(given.shared, Path(folder), RULES, given.mb)
        both = [Pipeline(load_ruleset([pack], False, off=off)) for off in ((), ("placeholder",))]
        for name, path in (("clean", clean), ("dirty", dirty)):
            data, ratios, tags = path.read_bytes(), [], 0
            for number in range(given.rounds + 1):
                (with_it, tags), (without, _) = (seconds(pipeline, data) for pipeline in both)
                if number:
                    ratios.append(with_it / without)
            ratio = round(statistics.median(ratios), 3)
            spread = f"{min(ratios):.3f} to {max(ratios):.3f}"
            rows.append({"text": name, "placeholders": tags, "median ratio": ratio, "rounds": spread})
    return {"CPU with over CPU without": rows}
