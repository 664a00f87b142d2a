"""One pass over a block for all rules at once: which expressions match, and where each match ends.

Two scanners with one meaning: hyperscan where it is installed, else a loop over the expressions.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Protocol


class Prefilter(Protocol):
    """Finds expressions in UTF-8."""

    name: str

    def scan(self, data: bytes) -> list[tuple[int, int]]:
        """`(end, expression)` for matches in `data`, which must be valid UTF-8 with `\\n` line ends.

        `end` counts bytes. Every line on which an expression matches has at least one of its ends; one line may have
        several. In no order.
        """
        ...

    def valid(self, data: bytes) -> bool:
        """Whether `data` is UTF-8."""
        ...


class CombinedPrefilter:
    """Several scanners as one, whose expressions are numbered on from those of the one before."""

    def __init__(self, scanners: Sequence[Prefilter], sizes: Sequence[int]) -> None:
        self.name = scanners[0].name
        self._first = scanners[0]
        self._others = list(zip(scanners[1:], accumulate(sizes), strict=False))

    def scan(self, data: bytes) -> list[tuple[int, int]]:
        hits = self._first.scan(data)
        for scanner, before in self._others:
            hits += [(end, before + number) for end, number in scanner.scan(data)]
        return hits

    def valid(self, data: bytes) -> bool:
        return self._first.valid(data)


def combined(scanners: Sequence[Prefilter], sizes: Sequence[int]) -> Prefilter:
    """One scanner for several; `sizes` are the numbers of their expressions, and those without any are left out."""
    kept = [(scanner, size) for scanner, size in zip(scanners, sizes, strict=True) if size]
    if len(kept) < 2:
        return kept[0][0] if kept else scanners[0]
    return CombinedPrefilter(*zip(*kept, strict=True))


def make_prefilter(
    expressions: Sequence[tuple[str, bool]],
    prefer: str | None = None,
    seal: str = "",
    check: Callable[[], None] = lambda: None,
    once: bool = False,
) -> Prefilter:
    """A scanner for `(expression, caseless)` pairs. `prefer` ("hyperscan", "plain") or CLEANER_SCANNER forces one.

    `check` is called before anything is built that `seal` does not name in the cache; what it raises goes through.
    `once`: it is enough to know which expressions may match at all; one hit is given of each.
    """
    prefer = prefer or os.environ.get("CLEANER_SCANNER")
    if prefer != "plain":
        try:
            from .with_hyperscan import HyperscanPrefilter
        except ImportError:
            if prefer == "hyperscan":
                raise
        else:
            return HyperscanPrefilter(expressions, seal, check, once)
    from .plain import PlainPrefilter

    check()
    return PlainPrefilter(expressions, once)
