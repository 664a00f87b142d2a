"""One pass over a block for all triggers at once: which expressions match, and where each match ends.

Two prefilters with one meaning: hyperscan where it is installed, else a loop over the expressions.
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
    """Several prefilters as one; the expressions of each are numbered on from those of the one before.

    `sizes` are the numbers of their expressions; those without any are left out.
    """

    def __init__(self, members: Sequence[Prefilter], sizes: Sequence[int]) -> None:
        self.name = members[0].name
        self.valid = members[0].valid
        firsts = accumulate(sizes, initial=0)
        self._members = [one for one in zip(members, firsts, sizes, strict=False) if one[2]]

    def scan(self, data: bytes) -> list[tuple[int, int]]:
        hits: list[tuple[int, int]] = []
        for member, first, _ in self._members:
            found = member.scan(data)
            hits += [(end, first + number) for end, number in found] if first else found
        return hits


def make_prefilter(
    expressions: Sequence[tuple[str, bool]],
    prefer: str | None = None,
    seal: str = "",
    check: Callable[[], None] = lambda: None,
    once: bool = False,
) -> Prefilter:
    """A prefilter for `(expression, caseless)` pairs. `prefer` ("hyperscan", "plain") or CLEANER_SCANNER forces one.

    `check` is called before a database is built that the cache does not hold under `seal`; it may raise. With `once`
    each expression has one hit: it is enough to know which may match at all.
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
