"""The change as a patch that `git apply` takes: bytes of the source's own encoding, lines end at the byte 0x0A.

It turns a source into what `clean --output-encoding keep` writes. Made from the edits, block by block; only the hunk
being built is kept.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterator
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING

from ..blocks import Block
from ..errors import InputProblem
from ..files.discover import Input
from ..run import FileReport
from ..source import Place, encode_with_places
from ..stages.decode import Document
from .painted import Paint
from .shown import plain

if TYPE_CHECKING:
    from rich.console import Console

CONTEXT = 3  # unchanged lines around a hunk, as in git
NO_END = b"\\ No newline at end of file\n"
FAR = 1 << 16  # bytes of unchanged UTF-8 from which on its middle is only counted
# Encodings in which the byte 0x0A is a line end and nothing else, so that UTF-8 may be counted in their place.
BYTEWISE = ("utf-8", "gb18030", "big5", "cp932", "cp949", "euc")
KEPT = 1 << 20  # bytes of one input's patch in memory; more waits on disk

Put = Callable[[bytes, str], object]


class Unified:
    """A sink that gives the patch of each input, once it is whole, and the input's codec to `put`."""

    def __init__(self, put: Put) -> None:
        self._put = put
        self._patch: Patch | None = None
        self._bytes: Bytes | None = None
        self._hunks = SpooledTemporaryFile(KEPT)  # noqa: SIM115 - used again for every input
        self._name = b""

    def begin(self, item: Input, document: Document) -> None:
        self._name = patch_name(item)
        self._bytes = Bytes(document)
        self._patch = Patch(self._hunks.write)
        self._patch.same(document.source.bom)

    def block(self, block: Block) -> None:
        assert self._patch is not None
        assert self._bytes is not None
        patch, raw = self._patch, self._bytes
        at, chars = 0, block.offset
        for region in block.regions:
            if not region.edits:
                continue
            self._unchanged(block.data[at : region.start], chars)
            text = block.data[region.start : region.end].decode()
            offset = low = region.offset
            for edit in region.edits:
                patch.same(raw.of(text[low - offset : edit.start - offset], low))
                patch.change(raw.of(edit.before, edit.start), raw.written(edit.after))
                low = edit.end
            patch.same(raw.of(text[low - offset :], low))
            at, chars = region.end, offset + len(text)
        self._unchanged(block.data[at:], chars)

    def _unchanged(self, data: bytes, chars: int) -> None:
        """Unchanged text in UTF-8 that begins at character `chars`; the middle of a long one is only counted."""
        assert self._patch is not None
        assert self._bytes is not None
        raw = self._bytes
        head, tail = _edges(data) if raw.bytewise and len(data) > FAR else (len(data), len(data))
        self._patch.same(raw.of_utf8(data[:head], chars))
        if head < len(data):
            self._patch.skip(data.count(b"\n", head, tail))
            before = len(data[:tail].decode()) if raw.places else 0
            self._patch.same(raw.of_utf8(data[tail:], chars + before))

    def end(self, report: FileReport) -> None:
        patch, self._patch = self._patch, None
        if patch is not None and report.status == "ok" and self._bytes is not None:
            patch.finish()
            if self._hunks.tell():
                self._give(self._bytes.codec)
        self._hunks.seek(0)
        self._hunks.truncate()

    def _give(self, codec: str) -> None:
        old, new = quoted(b"a/" + self._name), quoted(b"b/" + self._name)
        self._put(b"diff --git %s %s\n--- %s\n+++ %s\n" % (old, new, _ended(old), _ended(new)), "utf-8")
        self._hunks.seek(0)
        while hunks := self._hunks.readlines(KEPT):
            self._put(b"".join(hunks), codec)


class Bytes:
    """Text of one source as the bytes it was."""

    def __init__(self, document: Document) -> None:
        self.codec = document.source.codec
        self.places = document.places  # grows while the source is read
        self.bytewise = self.codec.startswith(BYTEWISE)

    def of(self, text: str, offset: int) -> bytes:
        """The bytes of `text`, which begins at character `offset`. Raises InputProblem where they can't be told."""
        if not self.places:
            return self.written(text)
        first = bisect_left(self.places, offset, key=lambda place: place.end - (place.end > place.start))
        end = offset + len(text)
        here = []
        for place in self.places[first:]:
            if place.start >= end:
                break
            if place.raw and (place.start < offset or place.end > end):
                raise InputProblem(f"a part of it can't be written in {self.codec}, so it has no patch", hint=USE_CLEAN)
            low, high = max(place.start, offset), min(place.end, end)
            here.append(Place(low - offset, high - offset, place.raw, place.encoding))
        return encode_with_places(text, self.codec, here)

    def of_utf8(self, data: bytes, offset: int) -> bytes:
        return data if self.codec == "utf-8" and not self.places else self.of(data.decode(), offset)

    def written(self, text: str) -> bytes:
        try:
            return text.encode(self.codec)
        except UnicodeEncodeError as error:
            char = error.object[error.start]
            what = f"{char!r} can't be written in {self.codec}, so it has no patch"
            raise InputProblem(what, hint=USE_CLEAN) from None


USE_CLEAN = "use cleaner clean, or another view"


class Patch:
    """Hunks out of stretches of old and new bytes that come in turn."""

    def __init__(self, put: Callable[[bytes], object]) -> None:
        self._put = put
        self._old = self._new = b""  # since the last line end that both sides share
        self._changed = False
        self._line = [1, 1]  # of what comes next, in both files
        self._before: deque[bytes] = deque(maxlen=CONTEXT)
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
        if self._after > 2 * CONTEXT:
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
        cut = len(self._hunk) - max(self._after - CONTEXT, 0)
        self._before.clear()
        self._before.extend(line[1:] for line in self._hunk[len(self._hunk) - min(self._after, CONTEXT) :])
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


def _edges(data: bytes) -> tuple[int, int]:
    """Where the first and the last few lines of `data` end and begin, both at line ends."""
    head = tail = 0
    for _ in range(2 * CONTEXT + 2):
        head = data.find(b"\n", head) + 1 or len(data)
        if head == len(data):
            return head, head
    tail = len(data)
    for _ in range(CONTEXT + 2):
        tail = data.rfind(b"\n", head, tail)
        if tail < 0:
            return len(data), len(data)
    return head, tail + 1


def patch_name(item: Input) -> bytes:
    """The input's path as a patch names it: relative to here where it lies below, else relative to what was named."""
    path = os.path.relpath(item.path)
    name = item.name if path.startswith("..") or os.path.isabs(path) else path
    return os.fsencode(name).replace(os.sep.encode(), b"/")


def quoted(name: bytes) -> bytes:
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


def on_terminal(console: Console) -> Put:
    """Shows a patch to a person: as text, hidden characters by name, coloured."""
    paint = Paint(console)
    styles = {"-": "gone", "+": "new", "@": "dim"}

    def put(data: bytes, codec: str) -> None:
        for line in data.split(b"\n")[:-1]:
            text = plain(line.removesuffix(b"\t").decode(codec, "replace"))  # git ends names with blanks so
            paint.put([(text, styles.get(text[:1], "same") if not text.startswith(("---", "+++")) else "bold")])

    return put
