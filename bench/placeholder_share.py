"""What the placeholder stage costs: CPU of the stages with it over without it, in turn.

    python bench/placeholder_share.py TEXT PACK [--mb 8] [--rounds 3]

TEXT and PACK as `race.py` makes them. One process, built-in boilerplate off as in the race; the first pass of each is
not counted.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path

from cleaner.matching.ruleset import load_ruleset
from cleaner.pipeline import Pipeline


def seconds(pipeline: Pipeline, data: bytes) -> tuple[float, int]:
    began = time.process_time()
    tags = sum(len(block.tags) for block in pipeline.blocks([data]))
    return time.process_time() - began, tags


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("text", type=Path)
    asked.add_argument("pack")
    asked.add_argument("--mb", type=float, default=8)
    asked.add_argument("--rounds", type=int, default=3)
    args = asked.parse_args()
    data = args.text.read_bytes()[: int(args.mb * 1e6)]
    data = data[: data.rfind(b"\n") + 1]
    kinds = {off: Pipeline(load_ruleset([args.pack], False, off=off)) for off in ((), ("placeholder",))}
    ratios = []
    for number in range(args.rounds + 1):
        (with_it, tags), (without, _) = (seconds(pipeline, data) for pipeline in kinds.values())
        if number:
            ratios.append(with_it / without)
            print(f"with {with_it:.2f} s, without {without:.2f} s, {tags} tags: {ratios[-1]:.3f}")
    print(f"median {statistics.median(ratios):.3f}")


if __name__ == "__main__":
    main()
