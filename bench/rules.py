"""Rate against number of rules: bench/rules.py TEXT PACK... (each pack alone with the built-in ones, boilerplate off).

Prints for each pack its rules, and MB per CPU-second of one process: the scanner alone, and all stages after decoding
(the second pass, so that nothing is compiled). The best of three, because a busy machine only ever adds.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path

from cleaner.matching.ruleset import load_ruleset
from cleaner.pipeline import Pipeline

BLOCK = 1 << 20


def rate(size: int, work: Callable[[], Iterable[object]]) -> float:
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        for _ in work():
            pass
        best = min(best, time.process_time() - start)
    return size / 1e6 / best


def main(text: str, *packs: str) -> None:
    whole = Path(text).read_bytes()
    cuts = [0]
    while cuts[-1] < len(whole):
        cuts.append(whole.find(b"\n", cuts[-1] + BLOCK) + 1 or len(whole))
    blocks = [whole[low:high] for low, high in pairwise(cuts)]
    print(f"{'rules':>6} {'scanner':>8} {'stages':>8}  MB/CPU-s of {len(whole) / 1e6:.0f} MB")
    for pack in packs:
        row(Pipeline(load_ruleset([pack], builtin_boilerplate=False)), len(whole), blocks)


def row(pipeline: Pipeline, size: int, blocks: list[bytes]) -> None:
    for _ in pipeline.blocks(blocks):
        pass
    count = sum(rule.stage == "boilerplate" for rule in pipeline.rules.rules)
    scanner = rate(size, lambda: (pipeline.scanner.scan(block) for block in blocks))
    print(f"{count:6} {scanner:8.0f} {rate(size, lambda: pipeline.blocks(blocks)):8.0f}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
