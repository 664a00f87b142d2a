"""The change as a patch that `git apply` takes: it turns a source into what `clean --output-encoding keep` writes."""

from __future__ import annotations

import sys
from bisect import bisect_left
from collections.abc import Callable
from tempfile import SpooledTemporaryFile

from rich.console import Console

from ..model.blocks import Block
from ..model.errors import InputProblem
from ..model.inputs import InputFile
from ..model.report import Document, FileReport
from ..model.source import ByteSpan, encode_with_spans
from .console import Paint
from .display import plain
from .patch import CONTEXT, Patch, head, patch_name
from .view import View

FAR = 1 << 16  # bytes of unchanged UTF-8 from which on its middle is only counted
# Encodings in which the byte 0x0A is a line end and nothing else, so that UTF-8 may be counted in their place.
BYTEWISE = ("utf-8", "gb18030", "big5", "cp932", "cp949", "euc")
KEPT = 1 << 20  # bytes of one input's patch in memory; more waits on disk

Put = Callable[[bytes, str], object]


class Unified(View):
    """Gives the patch of each input, once it is whole, and the input's codec to `put`."""

    def __init__(self, put: Put, context: int = CONTEXT) -> None:
        self._put, self._context = put, context
        self._patch: Patch | None = None
        self._bytes: Bytes | None = None
        self._hunks = SpooledTemporaryFile(KEPT)  # noqa: SIM115 - used again for every input
        self._name = b""

    def begin(self, item: InputFile, document: Document) -> None:
        self._name = patch_name(item)
        self._bytes = Bytes(document)
        self._patch = Patch(self._hunks.write, self._context)
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
        head, tail = _edges(data, self._context) if raw.bytewise and len(data) > FAR else (len(data), len(data))
        self._patch.same(raw.of_utf8(data[:head], chars))
        if head < len(data):
            self._patch.skip(data.count(b"\n", head, tail))
            before = len(data[:tail].decode()) if raw.spans else 0
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
        self._put(head(self._name), "utf-8")
        self._hunks.seek(0)
        while hunks := self._hunks.readlines(KEPT):
            self._put(b"".join(hunks), codec)


class Bytes:
    """Text of one source as the bytes it was."""

    def __init__(self, document: Document) -> None:
        self.codec = document.source.codec
        self.spans = document.spans  # grows while the source is read
        self.bytewise = self.codec.startswith(BYTEWISE)

    def of(self, text: str, offset: int) -> bytes:
        """The bytes of `text`, which begins at character `offset`. Raises InputProblem where they are not known."""
        if not self.spans:
            return self.written(text)
        first = bisect_left(self.spans, offset, key=lambda span: span.end - (span.end > span.start))
        end = offset + len(text)
        here = []
        for span in self.spans[first:]:
            if span.start >= end:
                break
            if span.raw and (span.start < offset or span.end > end):
                raise InputProblem(f"a part of it can't be written in {self.codec}, so it has no patch", hint=USE_CLEAN)
            low, high = max(span.start, offset), min(span.end, end)
            here.append(ByteSpan(low - offset, high - offset, span.raw, span.encoding))
        return encode_with_spans(text, self.codec, here)

    def of_utf8(self, data: bytes, offset: int) -> bytes:
        return data if self.codec == "utf-8" and not self.spans else self.of(data.decode(), offset)

    def written(self, text: str) -> bytes:
        try:
            return text.encode(self.codec)
        except UnicodeEncodeError as error:
            char = error.object[error.start]
            what = f"{char!r} can't be written in {self.codec}, so it has no patch"
            raise InputProblem(what, hint=USE_CLEAN) from None


USE_CLEAN = "use cleaner clean, or another view"


def _edges(data: bytes, context: int) -> tuple[int, int]:
    """Where the first and the last few lines of `data` end and begin, both at line ends."""
    head = tail = 0
    for _ in range(2 * context + 2):
        head = data.find(b"\n", head) + 1 or len(data)
        if head == len(data):
            return head, head
    tail = len(data)
    for _ in range(context + 2):
        tail = data.rfind(b"\n", head, tail)
        if tail < 0:
            return len(data), len(data)
    return head, tail + 1


def unified_diff(console: Console, whitespace: bool = False, context: int | None = None) -> Unified:
    """For a terminal as text; else the bytes themselves on stdout, for `git apply`."""
    shown = console.is_terminal or console.color_system is not None
    put = on_terminal(console) if shown else lambda data, _: sys.stdout.buffer.write(data)
    return Unified(put, CONTEXT if context is None else context)


def on_terminal(console: Console) -> Put:
    """Shows a patch to a person: as text, hidden characters by name, coloured."""
    paint = Paint(console)
    styles = {"-": "gone", "+": "new", "@": "dim"}

    def put(data: bytes, codec: str) -> None:
        for line in data.split(b"\n")[:-1]:
            text = plain(line.removesuffix(b"\t").decode(codec, "replace"))  # git ends names with blanks so
            paint.put([(text, styles.get(text[:1], "same") if not text.startswith(("---", "+++")) else "bold")])

    return put
