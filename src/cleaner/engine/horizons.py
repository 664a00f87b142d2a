"""Horizons: the parts of a document, 16 MB each, of which evidence is gathered before any block is worked on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from ..model.lines import character_start

HORIZON = 16 << 20  # bytes of UTF-8 that are decided together; all of them are held (0168)
PIECE = 1 << 20  # bytes that are given on at once


class Observer(Protocol):
    """Sees each horizon of a document once, in order. `block_start` is the byte at which the current block begins."""

    block_start: int

    def observe(self, start: int, data: bytes) -> None:
        """Decide on a horizon, which begins at byte `start` of the document."""


def observed(chunks: Iterable[bytes], observers: Sequence[Observer], size: int = HORIZON) -> Iterator[bytes]:
    """Give the chunks (of UTF-8) on, each as soon as all observers have seen its horizon."""
    held: list[bytes] = []
    length = start = 0
    for chunk in chunks:
        held.append(chunk)
        length += len(chunk)
        while length >= size:
            data = b"".join(held)
            held.clear()
            cut = data.rfind(b"\n", 0, size) + 1 or character_start(data, size)
            if not cut:  # a horizon smaller than a character
                held = [data]
                break
            held, length = [data[cut:]], len(data) - cut
            data = data[:cut]
            _show(start, data, observers)
            yield from _pieces(data)
            start += cut
            del data  # before the next one is read
    if length:
        _show(start, b"".join(held), observers)
        yield from held


def _show(start: int, data: bytes, observers: Sequence[Observer]) -> None:
    for one in observers:
        one.observe(start, data)


def _pieces(data: bytes) -> Iterator[bytes]:
    """The same in pieces, none of which splits a character."""
    start = 0
    while start < len(data):
        end = character_start(data, start + PIECE)
        yield data[start:end]
        start = end
