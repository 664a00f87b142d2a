"""Lines and characters of a block of UTF-8: where they begin and end, its head and its tail."""

from __future__ import annotations

import re
import sys
from bisect import bisect_right
from typing import AnyStr

LONG = 64 << 10  # bytes: a segment, a line, a head or a tail is never longer
EDGE = 40  # lines in the head or the tail
NEAR = 8  # blank lines between a line and its neighbour, at most
CONTINUATION = bytes(range(0x80, 0xC0))  # the bytes of a character of UTF-8 but its first
LINE = re.compile(r"[^\r\n]*(?:\r\n|[\r\n])|[^\r\n]+")
LONE_RETURN = re.compile(rb"\r(?!\n)")
RETURNS = re.compile(r"\r+\n?")
RETURNS_IN_BYTES = re.compile(RETURNS.pattern.encode())
HALF_ENTITY = re.compile(rb"&(?:amp;)*+#?[0-9A-Za-z]{0,16}\Z")


def line_ends(text: AnyStr, low: int = 0, high: int = sys.maxsize) -> int:
    """How many lines end in `[low, high)` of a text or of bytes; one that ends with `\\r\\n` ends at the `\\n`."""
    newline, both, lone = ("\n", "\r\n", "\r") if isinstance(text, str) else (b"\n", b"\r\n", b"\r")
    returns = text.count(lone, low, high)
    return text.count(newline, low, high) + (returns - text.count(both, low, high + 1) if returns else 0)


def plain_ends(text: AnyStr) -> AnyStr:
    """The text with `\\n` for every line end. Of `\\r\\r\\n`, which a transfer as text makes of `\\r\\n`, the first

    `\\r` ends no line: it is left, a blank at the end of one.
    """
    lone, crlf, newline = ("\r", "\r\n", "\n") if isinstance(text, str) else (b"\r", b"\r\n", b"\n")
    if lone + crlf in text:
        return _with_ends(text, newline, 2)
    return text.replace(crlf, newline).replace(lone, newline)


def _with_ends(text: AnyStr, newline: AnyStr, length: int) -> AnyStr:
    """`newline` for a `\\r` that ends a line and for the last `length` characters of one that ends with `\\r\\n`."""
    returns: re.Pattern[AnyStr] = RETURNS if isinstance(text, str) else RETURNS_IN_BYTES
    return returns.sub(
        lambda run: run[0][:-length] + newline if run[0].endswith(newline) else newline * len(run[0]), text
    )


def split_lines(text: str) -> list[str]:
    """The lines of `text` with their line ends: `\\n`, `\\r\\n` or a lone `\\r` (`splitlines` knows eight more)."""
    return LINE.findall(text)


class LineIndex:
    """Where lines begin and end in a block, in bytes. A line over LONG counts as several; a lone `\\r` ends one."""

    def __init__(self, data: bytes) -> None:
        if b"\r" in data:
            data = _with_ends(data, b"\n", 1) if b"\r\r\n" in data else LONE_RETURN.sub(b"\n", data)
        self.data = data
        self.cuts = _cuts(data)

    def start(self, at: int) -> int:
        """Where the line of byte `at` begins."""
        start = self.data.rfind(b"\n", 0, at) + 1
        if self.cuts:
            cut = bisect_right(self.cuts, at) - 1
            if cut >= 0:
                start = max(start, self.cuts[cut])
        return start

    def end(self, at: int) -> int:
        """Where the line of byte `at` ends, its line end included."""
        end = self.data.find(b"\n", at) + 1 or len(self.data)
        if self.cuts:
            cut = bisect_right(self.cuts, at)
            if cut < len(self.cuts):
                end = min(end, self.cuts[cut])
        return end

    def back(self, start: int, lines: int) -> int:
        """Where the line begins that is `lines` before the one beginning at `start`."""
        for _ in range(lines):
            if not start:
                break
            start = self.start(start - 1)
        return start

    def forth(self, end: int, lines: int) -> int:
        """Where the line ends that is `lines` after the one ending at `end`."""
        for _ in range(lines):
            if end >= len(self.data):
                break
            end = self.end(end)
        return end

    def neighbour_before(self, start: int) -> int:
        """Where the nearest line before `start` begins that is not blank; the NEARth line where all are."""
        for _ in range(NEAR):
            if not start:
                break
            line = self.start(start - 1)
            blank = self.data[line:start].decode().isspace()
            start = line
            if not blank:
                break
        return start

    def neighbour_after(self, end: int) -> int:
        """Where the nearest line after `end` ends that is not blank; the NEARth line where all are."""
        for _ in range(NEAR):
            if end >= len(self.data):
                break
            line = end
            end = self.end(end)
            if not self.data[line:end].decode().isspace():
                break
        return end

    def head_end(self) -> int:
        """Where the head ends, if this block begins a document."""
        end = self.forth(0, EDGE)
        return end if end <= LONG else max(self.start(LONG), self.end(0))

    def tail_start(self) -> int:
        """Where the tail begins, if this block ends a document."""
        start = self.back(len(self.data), EDGE)
        if len(self.data) - start > LONG:
            start = min(self.end(len(self.data) - LONG - 1), self.start(max(0, len(self.data) - 1)))
        return start


def _cuts(data: bytes) -> list[int]:
    """Where lines over LONG are cut: behind a sentence end or before a blank, else between characters or entities."""
    cuts: list[int] = []
    at = 0
    while at + LONG < len(data):
        newline = data.rfind(b"\n", at, at + LONG)
        if newline >= 0:
            at = newline + 1
            continue
        at = _cut(data, at)
        cuts.append(at)
    return cuts


def _cut(data: bytes, start: int) -> int:
    window = data[start + LONG // 2 : start + LONG]
    for ending, behind in ((b"\xe3\x80\x82", 3), (b" ", 0), (b",", 1)):
        found = window.rfind(ending)
        if found >= 0:
            if ending == b" ":  # before all of them: those on the other side would stand at the end of a line
                found = len(window[:found].rstrip(b" ")) or found
            return start + LONG // 2 + found + behind
    at = character_start(data, start + LONG)
    half = HALF_ENTITY.search(data, at - 32, at)
    return half.start() if half else at


def trigger_lines(
    text: str, data: bytes, start: int, end: int, hits: list[tuple[int, int]]
) -> dict[int, list[tuple[int, int]]]:
    """For each trigger the lines of `text` on which it was found, as `(start, end)` in characters, without line ends.

    `text` is `data[start:end]`; `hits` are pairs (end in bytes of `data`, trigger), sorted.
    """
    found: dict[int, list[tuple[int, int]]] = {}
    stop = -2
    span = (0, 0)
    counted, first = start, 0  # the characters before `first` are counted once: a segment may have 64,000 lines
    for at, trigger in hits:
        if at > stop + 1:
            last = min(max(at - 1, start), end)
            low = data.rfind(b"\n", start, last) + 1
            stop = data.find(b"\n", last, end)
            if stop < 0:
                stop = end
            low = max(low, start)
            first += count_characters(data, counted, low)
            counted = low
            newline = text.find("\n", first)
            span = (first, newline if newline >= 0 else len(text))
        lines = found.get(trigger)
        if lines is None:
            found[trigger] = [span]
        elif lines[-1] is not span:
            lines.append(span)
    return found


def hit_lines(text: str, hits: list[tuple[int, int]]) -> dict[int, list[tuple[int, int]]]:
    """The same for all of a text with `\\n` line ends, where `hits` count characters."""
    found: dict[int, list[tuple[int, int]]] = {}
    span = (0, -2)
    for at, trigger in hits:
        if at > span[1] + 1:
            last = min(max(at - 1, 0), len(text))
            low = text.rfind("\n", 0, last) + 1
            high = text.find("\n", last)
            span = (low, high if high >= 0 else len(text))
        lines = found.setdefault(trigger, [])
        if not lines or lines[-1] is not span:
            lines.append(span)
    return found


def count_characters(data: bytes, start: int, end: int) -> int:
    """How many characters `data[start:end]` holds."""
    return len(data[start:end].translate(None, CONTINUATION))


def character_start(data: bytes, at: int) -> int:
    """Where the character of UTF-8 begins that byte `at` belongs to; the end of `data` where that is before `at`."""
    at = min(at, len(data))
    while at < len(data) and data[at] & 0xC0 == 0x80:
        at -= 1
    return at
