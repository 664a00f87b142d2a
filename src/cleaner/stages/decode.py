"""Bytes to text: which encoding, and what of it was damaged. The only module that knows chardet.

The steps in STEPS are asked in order about a sample; the first answer counts. The sample begins at the first byte
that is not ASCII, because before it every encoding says the same. The rest of the file is then decoded in that
encoding, whatever comes: what can't be decoded becomes U+FFFD and a place that remembers its bytes.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from typing import BinaryIO

from ..errors import InputProblem, InputSkipped, UsageProblem
from ..source import Place, Source, encode_with_places

CONTINUATION = bytes(range(0x80, 0xC0))
SAMPLE = 1 << 20  # bytes
CHUNK = 1 << 20
WINDOW = 1024  # bytes decoded at a time where something is damaged
STATEFUL = re.compile(r"iso-?2022|^hz|utf-?7$|utf[-_]?16$|utf[-_]?32$")
LARGEST_STATEFUL = 256 << 20  # bytes; these can't be cut into blocks
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
# About a third of any Chinese text (measured on 24 MB: 0.27 to 0.45); other encodings read as GB18030 have under 0.1.
COMMON = frozenset("，。、：；“”的一是不了在有人我他这中大来上个国和地到说时们为子年会出就要以生也与于对过对作")
COMMON_SHARE = 0.12
SHORT = 64  # bytes under which counting common characters says little
DAMAGED = 0.05  # share of bad places among non-ASCII characters with which a codec still counts as the right one
CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
BINARY_BYTES = frozenset((*range(9), 11, *range(14, 27), *range(28, 32), 127))
BINARY = 0.01  # share of control characters from which on a file is no text
CONFIDENT = 0.2  # chardet's own figure; below it a file is left alone


class Document:
    """An input as decoded text. `chunks` may be read once; `places` is complete after that."""

    def __init__(self, file: BinaryIO, source: Source, valid: Callable[[bytes], bool]) -> None:
        self._file = file
        self._valid = valid
        self.source = source
        self.places: list[Place] = []
        self.bytes = 0

    def chunks(self) -> Iterator[bytes]:
        """The text in UTF-8, in pieces that split no character."""
        self._file.seek(len(self.source.bom))
        self.bytes = len(self.source.bom)
        if STATEFUL.search(self.source.codec):
            yield self._whole()
            return
        utf8 = self.source.codec == "utf-8"
        rest = b""
        offset = 0  # characters before `raw`
        uncounted = 0  # bytes of them not yet in `offset`: counting waits until a place needs it
        while True:
            read = self._file.read(CHUNK)
            self.bytes += len(read)
            raw = rest + read if rest else read
            if utf8:
                cut = len(raw) if not read else _whole_characters(raw)
                rest, raw = raw[cut:], raw[:cut]
                if self._valid(raw):
                    uncounted += len(raw)
                    if raw:
                        yield raw
                    if not read:
                        return
                    continue
                offset += self._characters(self.bytes - len(raw) - len(rest) - uncounted, uncounted)
                uncounted = 0
                raw, rest = raw + rest, b""
            text, used, places = decode_piece(raw, self.source.codec, final=not read)
            self.places += [Place(place.start + offset, place.end + offset, place.raw) for place in places]
            offset += len(text)
            rest = raw[used:]
            if text:
                yield text.encode()
            if not read:
                return

    def _characters(self, start: int, length: int) -> int:
        """How many characters the UTF-8 bytes `[start, start + length)` of the file are."""
        here = self._file.tell()
        self._file.seek(start)
        count = 0
        while length:
            read = self._file.read(min(CHUNK, length))
            count += len(read.translate(None, CONTINUATION))
            length -= len(read)
        self._file.seek(here)
        return count

    def _whole(self) -> bytes:
        raw = self._file.read(LARGEST_STATEFUL + 1)
        if len(raw) > LARGEST_STATEFUL:
            raise InputProblem(
                f"more than {LARGEST_STATEFUL >> 20} MB of {self.source.encoding}, which can't be read in blocks",
                hint="convert it first: iconv -f ENCODING -t utf-8",
            )
        self.bytes += len(raw)
        text = raw.decode(self.source.codec, "replace")
        if _encodes(text, self.source.codec) != raw:
            self.places.append(Place(0, len(text), raw))
        return text.encode("utf-8", "replace")

    def final_source(self) -> Source:
        """The source with its places, after all chunks were read."""
        source = self.source
        return Source(source.encoding, source.found, source.confidence, source.bom, tuple(self.places))


def open_document(file: BinaryIO, valid: Callable[[bytes], bool], hint: str | None = None) -> Document:
    """Finds out how to read a seekable file. `valid` tells whether bytes are UTF-8.

    Raises InputSkipped for an empty or binary file, InputProblem where no encoding is likely enough.
    """
    sample, final, bom = _sample(file)
    if not sample and not bom:
        raise InputSkipped("empty")
    try:
        source = _hinted(hint, bom) if hint else detect(sample, final)
    except InputProblem:
        if sum(byte in BINARY_BYTES for byte in sample[:4096]) > BINARY * len(sample[:4096]):
            raise InputSkipped("binary") from None
        raise
    text = sample.decode(source.codec, "replace")
    if not text:
        raise InputSkipped("empty")
    if len(CONTROLS.findall(text)) > BINARY * len(text):
        raise InputSkipped("binary")
    return Document(file, source, valid)


def decode(raw: bytes, hint: str | None = None) -> tuple[str, Source]:
    """All of `raw` as text. Raises like `open_document`."""
    import io

    document = open_document(io.BytesIO(raw), is_utf8, hint)
    text = b"".join(document.chunks()).decode()
    return text, document.final_source()


def detect(sample: bytes, final: bool) -> Source:
    """How to decode what `sample` begins. `final`: nothing follows it. Raises InputProblem."""
    for step in STEPS:
        found = step(sample, final)
        if found is not None:
            return found
    raise InputProblem("its encoding is not recognized, so it was left alone", hint="name it with --encoding")


def _by_bom(sample: bytes, _final: bool) -> Source | None:
    for bom, encoding in BOMS:
        if sample.startswith(bom):
            return Source(encoding, "bom", bom=bom)
    return None


def _by_utf8(sample: bytes, final: bool) -> Source | None:
    return Source("utf-8", "utf-8") if _strict(sample, "utf-8", final) is not None else None


def _by_gb18030(sample: bytes, final: bool) -> Source | None:
    text = _strict(sample, "gb18030", final)
    return Source("gb18030", "gb18030", _looks_chinese(text, sample)) if text and _looks_chinese(text, sample) else None


def _by_damaged_utf8(sample: bytes, final: bool) -> Source | None:
    bad, good = _damage(sample, "utf-8", final)
    return Source("utf-8", "damaged utf-8", 1 - bad / good) if good and bad <= DAMAGED * good else None


def _by_damaged_gb18030(sample: bytes, final: bool) -> Source | None:
    bad, good = _damage(sample, "gb18030", final)
    if not good or bad > DAMAGED * good:
        return None
    share = _looks_chinese(sample.decode("gb18030", "ignore"), sample)
    return Source("gb18030", "damaged gb18030", share) if share else None


def _by_chardet(sample: bytes, _final: bool) -> Source | None:
    import chardet

    said = chardet.detect(sample)
    name, confidence = said["encoding"], said["confidence"] or 0.0
    if not name or confidence < CONFIDENT:
        return None
    try:
        encoding = codecs.lookup(name).name
    except LookupError:
        return None
    encoding = {"gb2312": "gb18030", "gbk": "gb18030", "euc_kr": "cp949", "shift_jis": "cp932", "ascii": "utf-8"}.get(
        encoding, encoding
    )
    return Source(encoding, "chardet", confidence)


STEPS: tuple[Callable[[bytes, bool], Source | None], ...] = (
    _by_bom,
    _by_utf8,
    _by_gb18030,
    _by_damaged_utf8,
    _by_damaged_gb18030,
    _by_chardet,
)


def codec_name(given: str) -> str:
    """Python's name of an encoding the user named. Raises UsageProblem."""
    try:
        name = codecs.lookup(given).name
        "".encode(name)
    except (LookupError, ValueError):
        raise UsageProblem(f"no encoding is called {given!r}", hint="for example utf-8, gb18030, big5, cp932") from None
    return {"gb2312": "gb18030", "gbk": "gb18030"}.get(name, name)


def _hinted(hint: str, bom: bytes) -> Source:
    encoding = codec_name(hint)
    if encoding in ("utf-16", "utf-32"):
        named = next((name for mark, name in BOMS if mark == bom and name.startswith(encoding)), f"{encoding}-le")
        return Source(named, "given", bom=bom if named.startswith(encoding) else b"")
    return Source("utf-8-sig" if bom and encoding.startswith("utf-8") else encoding, "given", bom=bom)


def _sample(file: BinaryIO) -> tuple[bytes, bool, bytes]:
    """A sample from the first byte that is not ASCII, whether it reaches the end, and the BOM of the file."""
    file.seek(0)
    start = 0
    head = b""
    while True:
        chunk = file.read(CHUNK)
        head = head or chunk
        if not chunk or not chunk.isascii():
            break
        start += len(chunk)
    bom = next((bom for bom, _ in BOMS if head.startswith(bom)), b"")
    if not chunk:  # all ASCII: any part of it will do
        return head, len(head) < CHUNK, bom
    if not bom and b"\0" not in chunk:
        start += next(at for at, byte in enumerate(chunk) if byte > 0x7F) if start else 0
    file.seek(start)
    sample = file.read(SAMPLE)
    return sample, not file.read(1), bom


def is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _strict(sample: bytes, codec: str, final: bool) -> str | None:
    try:
        return sample.decode(codec)
    except UnicodeDecodeError as error:
        if final or len(sample) - error.start > 3:
            return None
        return sample[: error.start].decode(codec)


def _damage(sample: bytes, codec: str, final: bool) -> tuple[int, int]:
    """How many places can't be decoded, and how many characters beyond ASCII can."""
    text, _, places = decode_piece(sample[: 64 << 10], codec, final and len(sample) <= 64 << 10)
    return len(places), sum(char > "\x7f" for char in text) - len(places)


def _looks_chinese(text: str, sample: bytes) -> float:
    """The share of common Chinese characters among those beyond ASCII, 0.0 where it is too small to believe."""
    beyond = [char for char in text[:65536] if char > "\x7f"]
    if not beyond:
        return 0.0
    if sum("\u3041" <= char <= "\u30fa" for char in beyond) > 0.1 * len(beyond):
        return 0.0  # EUC-JP has its kana where GB has them
    share = sum(char in COMMON for char in beyond) / len(beyond)
    if share >= COMMON_SHARE:
        return min(1.0, share * 3)
    leads = [char.encode("gb18030")[0] for char in beyond if "\u3400" <= char <= "\u9fff"]
    frequent = sum(0xB0 <= lead <= 0xD7 for lead in leads)
    if len(sample) < SHORT and leads and frequent == len(leads):
        return 0.5  # few characters, all of them among GB2312's frequent half
    late = sum(0xC9 <= lead <= 0xD7 for lead in leads)  # x, y, z: where EUC-KR has no Hangul
    return 0.4 if leads and frequent >= 0.95 * len(leads) and late >= 0.2 * len(leads) else 0.0


def _whole_characters(raw: bytes) -> int:
    """How much of UTF-8 `raw` ends with a whole character."""
    for back in range(1, min(4, len(raw)) + 1):
        lead = raw[-back]
        if lead >= 0xC0:
            return len(raw) - back if back < (2 if lead < 0xE0 else 3 if lead < 0xF0 else 4) else len(raw)
        if lead < 0x80:
            break
    return len(raw)


def decode_piece(raw: bytes, codec: str, final: bool) -> tuple[str, int, list[Place]]:
    """Text, how many bytes it took, and its places. A character cut off at the end waits unless `final`."""
    try:
        text = raw.decode(codec)
        if _encodes(text, codec) == raw:
            return text, len(raw), []
    except UnicodeDecodeError:
        pass
    pieces: list[str] = []
    places: list[Place] = []
    at = offset = 0
    while at < len(raw):
        window = raw[at : at + WINDOW]
        bad = b""
        try:
            text = window.decode(codec)
        except UnicodeDecodeError as error:
            text = window[: error.start].decode(codec)
            bad = window[error.start : error.end]
            if (
                error.end == len(window)
                and len(bad) < 4
                and (at + len(window) < len(raw) or not final)
                and (text or at + len(window) == len(raw))
            ):
                window, bad = window[: error.start], b""
                if not text:
                    break
            else:
                window = window[: error.start]
        places += _places(text, window, codec, offset)
        pieces.append(text)
        at += len(window) + len(bad)
        offset += len(text)
        if bad:
            places.append(Place(offset, offset + 1, bad))
            pieces.append("\ufffd")
            offset += 1
    return "".join(pieces), at, places


def _encodes(text: str, codec: str) -> bytes | None:
    try:
        return text.encode(codec)
    except UnicodeEncodeError:
        return None


def _places(text: str, raw: bytes, codec: str, offset: int) -> list[Place]:
    """Where encoding `text` does not give `raw` again: many codes for one character, mostly."""
    if _encodes(text, codec) == raw:
        return []
    places: list[Place] = []
    at = 0
    for number, char in enumerate(text):
        again = _encodes(char, codec)
        if again is not None and raw.startswith(again, at):
            at += len(again)
            continue
        length = next((n for n in range(1, 9) if _decodes_to(raw[at : at + n], codec, char)), 0)
        if not length:
            places.append(Place(number, len(text), raw[at:]))
            break
        places.append(Place(number, number + 1, raw[at : at + length]))
        at += length
    if encode_with_places(text, codec, places) != raw:
        places = [Place(0, len(text), raw)]
    return [Place(place.start + offset, place.end + offset, place.raw) for place in places]


def _decodes_to(raw: bytes, codec: str, char: str) -> bool:
    try:
        return raw.decode(codec) == char
    except UnicodeDecodeError:
        return False
