"""What detectors see of a file, and what the names of encodings stand for."""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from .likelihood import WIDER

GB = {"gb2312": "gb18030", "gbk": "gb18030"}
USUAL = GB | {"ascii": "utf-8", "euc_kr": "cp949", "shift_jis": "cp932", "big5": "cp950", "iso8859-1": "cp1252"}
WINDOWS = (1024, 16384, 192)  # bytes that are weighed; the next where these don't decide (half of them shifted, say)
BEFORE = 64  # bytes of the line before it that are weighed, too: t\x82 is no word, té is one
BEYOND = re.compile(rb"[\x00\x80-\xff]")
NO_ENCODING = re.compile("idna|punycode|undefined|(raw-)?unicode-escape")  # of Python, for other data than files


class Sample(NamedTuple):
    """What they see: bytes from the first one that is not ASCII, whether these reach the end, how the file begins.

    `start` is the byte of the file at which `raw` begins.
    """

    raw: bytes
    final: bool
    head: bytes
    start: int = 0


def known(name: str) -> str | None:
    """Python's name of an encoding that files may be in; None where nothing is called so."""
    try:
        codec = codecs.lookup(name).name
        "".encode(codec)
    except (LookupError, ValueError):  # rot13 is a codec of text to text
        return None
    return None if NO_ENCODING.fullmatch(codec) else codec


def wide_enough(codec: str, sample: Sample) -> str:
    """What is meant by the name of an encoding: the usual one of its family, or one that holds more where it has to."""
    usual = USUAL.get(codec, codec)
    widest = (usual, WIDER.get(usual, usual), codec)
    return next((one for one in widest if whole(sample, one) is not None), usual)


def whole(sample: Sample, codec: str) -> str | None:
    """The sample as text, strictly; where more follows it may end in a part of a character."""
    try:
        return sample.raw.decode(codec)
    except UnicodeDecodeError as error:
        if sample.final or len(sample.raw) - error.start > 3:
            return None
        return sample.raw[: error.start].decode(codec)


def window(raw: bytes, size: int) -> bytes:
    """Bytes to weigh, from the line of the first one beyond ASCII on, on a boundary of four."""
    found = BEYOND.search(raw)
    first = found.start() if found else 0
    first = max(raw.rfind(b"\n", 0, first) + 1, first - BEFORE)
    first -= first % 4
    return raw[first : first + size]


def lines_beyond_ascii(raw: bytes) -> bytes:
    """The lines that say something about an alphabet."""
    return b"\n".join(line for line in raw.split(b"\n") if not line.isascii())
