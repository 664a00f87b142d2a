"""How far a long run is: on stderr, only on a terminal, and only after a second."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

from ..files.discover import Input
from .shown import clipped, path

EVERY = 0.2  # seconds


def shown_progress(inputs: Iterator[Input]) -> Iterator[Input]:
    start = last = time.monotonic()
    drawn = False
    try:
        for number, item in enumerate(inputs):
            now = time.monotonic()
            if now - start > 1 and now - last > EVERY:
                last, drawn = now, True
                rate = number / (now - start)
                print(
                    f"\r\x1b[2K{number:,} files  {rate:,.0f}/s  {clipped(path(item.path), 50)}", end="", file=sys.stderr
                )
                sys.stderr.flush()
            yield item
    finally:
        if drawn:
            print("\r\x1b[2K", end="", file=sys.stderr, flush=True)
