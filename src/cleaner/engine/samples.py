"""Samples of a document: lines from all over a horizon on which some rules may match, to be judged at once."""

from __future__ import annotations

from collections.abc import Callable

SPREAD = 1 << 18  # bytes of a horizon that are looked through
SECTIONS = 16  # in as many places
TAKEN = 1024  # characters of a sample


class Sample:
    """A horizon's sections, and the lines in them by the triggers that match there."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines: dict[frozenset[int], str] = {}

    def lines(self, triggers: frozenset[int], scan: Callable[[str], dict[int, list[tuple[int, int]]]]) -> str:
        """Lines on which one of `triggers` matches, evenly from all of the text, TAKEN characters at most.

        `scan` gives lines (in characters, without their ends) by trigger.
        """
        found = self._lines.get(triggers)
        if found is None:
            by_trigger = scan(self._text)
            spans = sorted({span for one in by_trigger.keys() & triggers for span in by_trigger[one]})
            every = sum(high - low for low, high in spans) // TAKEN + 1
            found = self._lines[triggers] = "\n".join(self._text[low:high] for low, high in spans[::every])[:TAKEN]
        return found


class Sampler:
    """Keeps a sample of each horizon. Positions that callers give are bytes of the current block."""

    def __init__(self) -> None:
        self.block_start = 0
        self._samples: list[tuple[int, Sample]] = []

    def observe(self, start: int, data: bytes) -> None:
        self._samples.append((start + len(data), Sample(_sections(data).decode())))

    def at(self, byte: int) -> Sample | None:
        place = self.block_start + byte
        return next((sample for end, sample in self._samples if place < end), None)


def _sections(data: bytes) -> bytes:
    """All of `data`, or whole lines from SECTIONS places in it."""
    if len(data) <= SPREAD:
        return data
    taken = []
    for number in range(SECTIONS):
        low = data.find(b"\n", len(data) // SECTIONS * number) + 1
        high = data.rfind(b"\n", low, low + SPREAD // SECTIONS) + 1
        taken.append(data[low:high])
    return b"".join(taken)
