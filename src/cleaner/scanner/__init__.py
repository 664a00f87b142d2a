"""One pass over a block for all rules at once: which expressions match, and where each match ends.

Two scanners with one meaning: hyperscan where it is installed, else a loop over the expressions.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Protocol


class Scanner(Protocol):
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


def make_scanner(
    expressions: Sequence[tuple[str, bool]],
    prefer: str | None = None,
    seal: str = "",
    check: Callable[[], None] = lambda: None,
    once: bool = False,
) -> Scanner:
    """A scanner for `(expression, caseless)` pairs. `prefer` ("hyperscan", "plain") or CLEANER_SCANNER forces one.

    `check` is called before anything is built that `seal` does not name in the cache; what it raises goes through.
    `once`: it is enough to know which expressions may match at all; one hit is given of each.
    """
    prefer = prefer or os.environ.get("CLEANER_SCANNER")
    if prefer != "plain":
        try:
            from .with_hyperscan import HyperscanScanner
        except ImportError:
            if prefer == "hyperscan":
                raise
        else:
            return HyperscanScanner(expressions, seal, check, once)
    from .plain import PlainScanner

    check()
    return PlainScanner(expressions, once)
