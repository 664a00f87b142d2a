"""Bytes to text: which encoding (`detect`), and what of it was damaged (`damage`).

The detectors see a sample that begins at the first byte that is not ASCII: before it every encoding says the same. All
of the file is then decoded in that encoding, whatever comes: what can't be decoded becomes U+FFFD and a span that
remembers its bytes; lines in another encoding are read in that one.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from ...model.errors import InputProblem, InputSkipped, Undecided, UsageProblem
from ...model.lines import count_characters, line_ends
from ...model.source import ByteSpan, Judgement, SourceEncoding, decodes
from .damage import decode_tolerantly
from .detect import BOMS, detect
from .likelihood import CONTROLS
from .readings import judged
from .sample import GB, Sample, known, wide_enough

BY_BYTES = ("bom", "escapes", "utf-8")  # methods that leave no other reading
SAMPLE = 1 << 20  # bytes
CHUNK = 1 << 20
STATEFUL = re.compile(r"iso-?2022|^hz|utf-?7$|utf[-_]?16$|utf[-_]?32$")
SURROGATE = re.compile("[\ud800-\udfff]")
LARGEST_STATEFUL = 256 << 20  # bytes; these can't be cut into blocks
BINARY = 0.01  # share of control characters from which on a file is no text
DAMAGED = 0.05  # the same where the rest is made of common characters
SOME = 64 << 10  # bytes that this is decided on
MARKS = re.compile(f"\0+|[{re.escape(CONTROLS.decode())}]")  # a run of NULs is one damage


class FileDocument:
    """An input as decoded text. `chunks` may be read once; `spans` is complete after that."""

    def __init__(self, file: BinaryIO, source: SourceEncoding) -> None:
        self._file = file
        self.source = source
        self.spans: list[ByteSpan] = []
        self.bytes = 0
        self.hash: hashlib._Hash | None = None  # where it is wanted: of all bytes read

    def chunks(self) -> Iterator[bytes]:
        """The text in UTF-8, in pieces that split no character."""
        self._file.seek(len(self.source.bom))
        self.bytes = len(self.source.bom)
        if self.hash is not None:
            self.hash.update(self.source.bom)
        if STATEFUL.search(self.source.codec):
            yield self._whole()
            return
        utf8 = self.source.codec == "utf-8"
        rest = b""
        offset = 0  # characters before `raw`
        uncounted = 0  # bytes of them not yet in `offset`: counting waits until a place needs it
        while True:
            chunk = self._read(CHUNK)
            raw = rest + chunk if rest else chunk
            if utf8:
                cut = len(raw) if not chunk else _whole_characters(raw)
                rest, raw = raw[cut:], raw[:cut]
                if decodes(raw):
                    uncounted += len(raw)
                    if raw:
                        yield raw
                    if not chunk:
                        return
                    continue
                offset += self._characters(self.bytes - len(raw) - len(rest) - uncounted, uncounted)
                uncounted = 0
                raw, rest = raw + rest, b""
            text, used, places = decode_tolerantly(raw, self.source.codec, final=not chunk)
            self.spans += [
                ByteSpan(place.start + offset, place.end + offset, place.raw, place.encoding) for place in places
            ]
            offset += len(text)
            rest = raw[used:]
            if text:
                yield text.encode()
            if not chunk:
                return

    def _read(self, size: int) -> bytes:
        piece = self._file.read(size)
        self.bytes += len(piece)
        if self.hash is not None:
            self.hash.update(piece)
        return piece

    def _characters(self, start: int, length: int) -> int:
        """How many characters the UTF-8 bytes `[start, start + length)` of the file are."""
        here = self._file.tell()
        self._file.seek(start)
        count = 0
        while length:
            chunk = self._file.read(min(CHUNK, length))
            count += count_characters(chunk, 0, len(chunk))
            length -= len(chunk)
        self._file.seek(here)
        return count

    def _whole(self) -> bytes:
        raw = self._read(LARGEST_STATEFUL + 1)
        if len(raw) > LARGEST_STATEFUL:
            raise InputProblem(
                f"more than {LARGEST_STATEFUL >> 20} MB of {self.source.encoding}, which can't be read in blocks",
                hint="convert it first: iconv -f ENCODING -t utf-8",
            )
        text = SURROGATE.sub("\ufffd", raw.decode(self.source.codec, "replace"))  # UTF-7 has them alone
        try:
            exact = text.encode(self.source.codec) == raw
        except UnicodeEncodeError:
            exact = False
        if not exact:
            self.spans.append(ByteSpan(0, len(text), raw))
        return text.encode()

    def judgement(self) -> Judgement:
        """What else the file may be. Asked before its chunks or after them."""
        sample, _ = _sample(self._file)
        sample = sample._replace(raw=sample.raw[0 if sample.start else len(self.source.bom) :])
        weighed = self.source.method not in BY_BYTES
        return judged(sample, self.source.codec, _lines_before(self._file, sample), weighed)

    def final_source(self) -> SourceEncoding:
        """The source with its places, after all chunks were read."""
        source = self.source
        return SourceEncoding(source.encoding, source.method, source.confidence, source.bom, tuple(self.spans))


def open_document(file: BinaryIO, hint: str | None = None) -> FileDocument:
    """Find out how to read a seekable file.

    Raises InputSkipped for an empty or binary file, Undecided where no encoding is likely enough.
    """
    sample, bom = _sample(file)
    if not sample.raw and not bom:
        raise InputSkipped("empty")
    try:
        source = _hinted(hint, bom, sample) if hint else detect(sample)
    except InputProblem as why:
        if _controls(sample.raw[:4096]) > BINARY:
            raise InputSkipped("binary") from None
        raise Undecided(why.what, hint=why.hint, judgement=judged(sample, "", _lines_before(file, sample))) from None
    if not sample.raw[len(source.bom) :]:
        raise InputSkipped("empty")
    if _is_binary(sample.raw, source):
        raise InputSkipped("binary")
    return FileDocument(file, source)


def _is_binary(raw: bytes, source: SourceEncoding) -> bool:
    """Decided after detection: UTF-16 is full of NULs, and what reads well may hold more damage."""
    codec = source.codec
    if not raw.strip(CONTROLS):
        return True
    plain = not (STATEFUL.search(codec) or codec.startswith(("utf-16", "utf-32")))
    if plain and _controls(raw) <= BINARY:
        return False
    text = raw.decode(codec, "replace") if STATEFUL.search(codec) else decode_tolerantly(raw[:SOME], codec, False)[0]
    most = DAMAGED if source.method == "frequency" else BINARY
    return len(MARKS.findall(text)) > max(1, most * len(text))


def _controls(raw: bytes) -> float:
    """The share of control characters in what begins with ASCII."""
    return 1 - len(raw.translate(None, CONTROLS)) / max(1, len(raw))


def decode(raw: bytes, hint: str | None = None) -> tuple[str, SourceEncoding]:
    """All of `raw` as text. Raises like `open_document`."""
    document = open_document(io.BytesIO(raw), hint)
    text = b"".join(document.chunks()).decode()
    return text, document.final_source()


def codec_name(given: str) -> str:
    """Python's name of an encoding the user named. Raises UsageProblem."""
    name = known(given)
    if name is None:
        raise UsageProblem(f"no encoding is called {given!r}", hint="for example utf-8, gb18030, big5, cp932")
    return name


def read_as(given: str) -> str:
    """The codec that reads what the user named: GB18030 for GB2312 and GBK, which few files keep to.

    Raises UsageProblem.
    """
    name = codec_name(given)
    return GB.get(name, name)


def _hinted(hint: str, bom: bytes, sample: Sample) -> SourceEncoding:
    encoding = read_as(hint)
    encoding = wide_enough(encoding, sample) if encoding in ("big5", "euc_kr", "shift_jis") else encoding
    if encoding in ("utf-16", "utf-32"):
        named = next((name for mark, name in BOMS if mark == bom and name.startswith(encoding)), f"{encoding}-le")
        return SourceEncoding(named, "given", bom=bom if named.startswith(encoding) else b"")
    return SourceEncoding("utf-8-sig" if bom and encoding.startswith("utf-8") else encoding, "given", bom=bom)


def _sample(file: BinaryIO) -> tuple[Sample, bytes]:
    """A sample from the first byte that is not ASCII, and the BOM of the file."""
    file.seek(0)
    start = 0
    head = b""
    while True:
        chunk = file.read(CHUNK)
        head = head or chunk
        if not chunk or not chunk.isascii() or b"\x1b" in chunk or b"~{" in chunk:
            break
        start += len(chunk)
    bom = next((bom for bom, _ in BOMS if head.startswith(bom)), b"")
    if not chunk:  # all ASCII: any part of it will do
        return Sample(head, len(head) < CHUNK, head[:1024]), bom
    if start and b"\0" not in chunk and not chunk.isascii():
        start += next(at for at, byte in enumerate(chunk) if byte > 0x7F)
    file.seek(start)
    raw = file.read(SAMPLE)
    return Sample(raw, not file.read(1), head[:1024], start), bom


def _lines_before(file: BinaryIO, sample: Sample) -> int:
    file.seek(0)
    return line_ends(file.read(sample.start))


def _whole_characters(raw: bytes) -> int:
    """How much of UTF-8 `raw` ends with a whole character."""
    for back in range(1, min(4, len(raw)) + 1):
        lead = raw[-back]
        if lead >= 0xC0:
            return len(raw) - back if back < (2 if lead < 0xE0 else 3 if lead < 0xF0 else 4) else len(raw)
        if lead < 0x80:
            break
    return len(raw)
