"""What the same document holds in full where one of its masks stands: `由×负责施工` next to `由恒远公司负责施工`.

Only rules below weight 1 look there: what stands right next to a mask counts more. They look at a window of the source
that depends on the place alone, so blocks of any size give the same answer; evidence across its ends is not seen.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ..matching import Rule
from ..model.lines import plain_ends

WINDOW = 128 << 10  # bytes of UTF-8: most documents whole
LONG, SHORT = 3, 1  # characters of the same words: on one side of the mask, and on the other
FILL = 24  # characters that a mask may stand for
PLACES = 64  # of the same words that are looked at
MASK = re.compile(r"[×✕✖╳XxＸｘ*＊□○〇◯△▲◇●■█_＿]")
WORDS = re.compile(r"(?=...).*\w.*\w", re.DOTALL)


class ContextWindow(NamedTuple):
    """A part of the document, and what it answered."""

    text: str
    known: dict[tuple[str, str], Rule | None]


class DocumentWindows:
    """The windows of one document around the current block, which begins at byte `block_start` of it."""

    def __init__(self) -> None:
        self.block_start = 0
        self._kept: deque[tuple[int, bytes]] = deque()
        self._number = -1
        self._window = ContextWindow("", {})

    def through(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Gives the chunks (of UTF-8) on, each once all of its last window is known."""
        read = given = 0
        waiting: deque[bytes] = deque()
        for chunk in chunks:
            while self._kept and self._kept[0][0] + len(self._kept[0][1]) <= self.block_start - WINDOW:
                self._kept.popleft()
            self._kept.append((read, chunk))
            waiting.append(chunk)
            read += len(chunk)
            while waiting and given + len(waiting[0]) + WINDOW <= read:
                given += len(waiting[0])
                yield waiting.popleft()
        yield from waiting

    def at(self, byte: int) -> ContextWindow:
        """The window that holds a byte of the block, with `\\n` for every line end."""
        number = (self.block_start + byte) // WINDOW
        if number != self._number:
            low, high = number * WINDOW, (number + 1) * WINDOW
            data = b"".join(held[max(0, low - start) : max(0, high - start)] for start, held in self._kept)
            text = data.decode("utf-8", "ignore")  # a character may be cut at either end
            self._number = number
            self._window = ContextWindow("\n" + plain_ends(text) + "\n", {})
        return self._window


def resolve_from_context(text: str, start: int, end: int, window: ContextWindow, rules: Sequence[Rule]) -> Rule | None:
    """The rule that says what `[start, end)` stands for; None where the document does not, or gives two answers."""
    before, after = _words_around(text, start, end)
    if (before, after) not in window.known:
        fills = list(_between(before, after, window.text))
        said = {rule for rule in rules if _says(rule, before[-1:], fills, window.text)}
        one = len({rule.kind for rule in said}) == 1
        window.known[before, after] = next(rule for rule in rules if rule in said) if one else None
    return window.known[before, after]


def _words_around(text: str, start: int, end: int) -> tuple[str, str]:
    """The words on both sides, up to another mask or the end of the line, which counts as one character."""
    line = f"\n{text[max(0, start - LONG) : start]}" if start <= LONG else text[start - LONG : start]
    before = MASK.split(line)[-1]
    after = MASK.split(text[end : end + LONG] + "\n")[0][:LONG]
    return before[max(before.rfind("\n"), 0) :][-LONG:], after[: after.find("\n") + 1] or after


def _says(rule: Rule, char: str, fills: Sequence[tuple[int, int]], text: str) -> bool:
    """Whether one of the fills, or for a rule of beginnings what begins with `char` somewhere, is what it looks for."""
    if rule.does == "between":
        return any(rule.pattern.fullmatch(text, low, high) for low, high in fills)
    return bool(rule.first_characters.match(char)) and any(rule.pattern.match(text, at) for at in _places(text, char))


def _between(before: str, after: str, text: str) -> Iterator[tuple[int, int]]:
    """What stands between the same words."""
    if after and WORDS.match(before):
        for at in _places(text, before):
            low = at + len(before)
            high = text.find(after[:SHORT], low + 1, low + FILL)
            if high >= 0:
                yield low, high
    if before and WORDS.match(after):
        for high in _places(text, after):
            low = text.rfind(before[-SHORT:], max(0, high - FILL), high - 1) + SHORT
            if low >= SHORT:
                yield low, high


def _places(text: str, words: str) -> Iterator[int]:
    at = text.find(words) if words.strip() else -1
    for _ in range(PLACES):
        if at < 0:
            return
        yield at
        at = text.find(words, at + 1)
