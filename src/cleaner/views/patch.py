"""Patches as git writes them, in bytes; a line ends at the byte 0x0A. Only the hunk being built is kept."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator

from ..model.inputs import InputFile

CONTEXT = 3  # unchanged lines around a hunk, as in git, where nobody asks for another number
NO_END = b"\\ No newline at end of file\n"


class Patch:
    """Makes hunks of unchanged and changed bytes, given in their order."""

    def __init__(self, put: Callable[[bytes], object], context: int = CONTEXT) -> None:
        self._put, self._context = put, context
        self._old = self._new = b""  # since the last line end that both sides share
        self._changed = False
        self._line = [1, 1]  # of what comes next, in both files
        self._before: deque[bytes] = deque(maxlen=context)
        self._hunk: list[bytes] = []
        self._start = [1, 1]
        self._after = 0  # unchanged lines at the end of the hunk

    def same(self, data: bytes) -> None:
        if self._old or self._new:
            cut = data.find(b"\n") + 1
            if not cut:
                self._old += data
                self._new += data
                return
            self._old += data[:cut]
            self._new += data[:cut]
            self._close()
            data = data[cut:]
        cut = data.rfind(b"\n") + 1
        for line in _lines(data[:cut]):
            self._unchanged(line)
        self._old = self._new = data[cut:]

    def change(self, old: bytes, new: bytes) -> None:
        self._old += old
        self._new += new
        self._changed = True
        if self._whole(self._old) and self._whole(self._new):
            self._close()

    def skip(self, lines: int) -> None:
        """`lines` unchanged lines that nobody needs to see; called at a line end."""
        self._flush()
        self._before.clear()
        self._line = [self._line[0] + lines, self._line[1] + lines]

    def finish(self) -> None:
        self._close()
        self._flush()

    @staticmethod
    def _whole(data: bytes) -> bool:
        return not data or data.endswith(b"\n")

    def _close(self) -> None:
        """Both sides reached a line end: what stands between is unchanged, or a change."""
        old, new = list(_lines(self._old)), list(_lines(self._new))
        self._old = self._new = b""
        if not self._changed:
            for line in old:
                self._unchanged(line)
            return
        self._changed = False
        head = _shared(old, new)
        tail = _shared(old[head:][::-1], new[head:][::-1])
        for line in old[:head]:
            self._unchanged(line)
        self._change(old[head : len(old) - tail], new[head : len(new) - tail])
        for line in old[len(old) - tail :]:
            self._unchanged(line)

    def _unchanged(self, line: bytes) -> None:
        self._line = [self._line[0] + 1, self._line[1] + 1]
        if not self._hunk:
            self._before.append(line)
            return
        self._hunk.append(b" " + line)
        self._after += 1
        if self._after > 2 * self._context:
            self._flush()

    def _change(self, old: list[bytes], new: list[bytes]) -> None:
        if not old and not new:
            return
        if not self._hunk:
            self._hunk = [b" " + line for line in self._before]
            self._start = [line - len(self._before) for line in self._line]
        self._hunk += [b"-" + line for line in old]
        self._hunk += [b"+" + line for line in new]
        self._after = 0
        self._line = [self._line[0] + len(old), self._line[1] + len(new)]

    def _flush(self) -> None:
        """Writes the hunk; unchanged lines beyond its context stand before the next one."""
        if not self._hunk:
            return
        cut = len(self._hunk) - max(self._after - self._context, 0)
        self._before.clear()
        self._before.extend(line[1:] for line in self._hunk[len(self._hunk) - min(self._after, self._context) :])
        hunk, self._hunk = self._hunk[:cut], []
        old = sum(line[:1] != b"+" for line in hunk)
        new = sum(line[:1] != b"-" for line in hunk)
        starts = (self._start[0] - (old == 0), self._start[1] - (new == 0))
        body = b"".join(line if line.endswith(b"\n") else line + b"\n" + NO_END for line in hunk)
        self._put(b"@@ -%d,%d +%d,%d @@\n" % (starts[0], old, starts[1], new) + body)


def _lines(data: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        end = data.find(b"\n", at) + 1 or len(data)
        yield data[at:end]
        at = end


def _shared(old: list[bytes], new: list[bytes]) -> int:
    """How many lines both begin with."""
    count = 0
    while count < min(len(old), len(new)) and old[count] == new[count]:
        count += 1
    return count


def head(name: bytes) -> bytes:
    """The lines above the hunks of one file."""
    old, new = git_quoted(b"a/" + name), git_quoted(b"b/" + name)
    return b"diff --git %s %s\n--- %s\n+++ %s\n" % (old, new, _ended(old), _ended(new))


def patch_name(item: InputFile) -> bytes:
    """The input's path as a patch names it: relative to here where it lies below, else relative to what was named."""
    path = os.path.relpath(item.path)
    name = item.name if path.startswith("..") or os.path.isabs(path) else path
    return os.fsencode(name).replace(os.sep.encode(), b"/")


def git_quoted(name: bytes) -> bytes:
    """As git writes a name with unusual characters."""
    if _usual(name):
        return name
    escapes = {0x22: b'\\"', 0x5C: b"\\\\", 0x0A: b"\\n", 0x09: b"\\t", 0x0D: b"\\r"}
    body = b"".join(escapes.get(byte) or (bytes([byte]) if 0x20 <= byte < 0x7F else b"\\%03o" % byte) for byte in name)
    return b'"' + body + b'"'


def _usual(name: bytes) -> bool:
    try:
        return name.decode().isprintable() and b'"' not in name and b"\\" not in name
    except UnicodeDecodeError:
        return False


def _ended(name: bytes) -> bytes:
    """A name with a blank in it ends with a tab, so that a reader knows where it ends."""
    return name + b"\t" if b" " in name and not name.startswith(b'"') else name
