"""Compressed files, read and written as what is in them. gzip, bz2, xz and zstd have one interface in Python."""

from __future__ import annotations

import io
import os
from importlib import import_module
from typing import Any, BinaryIO

from ...model.errors import InputProblem, InputSkipped

COMPRESSIONS = {"gz": ("gzip",), "bz2": ("bz2",), "xz": ("lzma",), "zst": ("compression.zstd", "backports.zstd")}
EXTRA = "pip install 'unstamp[corpora]'"


def compression_of(path: str) -> str:
    """A key of COMPRESSIONS, by the ending of a name; "" for none."""
    base = os.path.basename(path).lower()
    ending = base.rpartition(".")[2] if "." in base else ""
    return ending if ending in COMPRESSIONS else ""


def codec(compression: str) -> Any:
    """The module. Raises InputSkipped where none is installed."""
    for name in COMPRESSIONS[compression]:
        try:
            return import_module(name)
        except ImportError:
            continue
    raise InputSkipped(f"compressed with {compression}: {EXTRA} brings what reads it")


def inflated(file: BinaryIO, compression: str) -> BinaryIO:
    """What is in a compressed file, seekable. Its reads raise InputProblem for data that is damaged or cut off."""
    if not compression:
        return file
    return io.BufferedReader(_Inflated(file, codec(compression).open(file, "rb"), compression), 1 << 16)


class _Inflated(io.RawIOBase):
    def __init__(self, file: BinaryIO, inner: Any, compression: str) -> None:
        self._file, self._inner, self._compression = file, inner, compression

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, to: int, whence: int = 0, /) -> int:
        return int(self._inner.seek(to, whence))

    def tell(self) -> int:
        return int(self._inner.tell())

    def readinto(self, buffer: Any, /) -> int:
        try:
            piece = self._inner.read(len(buffer))
        except Exception as error:  # each codec has errors of its own, without a common class
            what = f"its {self._compression} data is damaged or cut off: {error}"
            raise InputProblem(what, hint="bring it from its source again") from None
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        if not self.closed:
            self._inner.close()
            self._file.close()
        super().close()


def deflating(file: BinaryIO, compression: str) -> Any:
    """A file to write to; when it is closed, `file` holds all of it compressed and is open.

    The same content gives the same bytes: no name and no time is written.
    """
    module = codec(compression)
    if compression == "gz":
        return module.GzipFile("", "wb", 6, file, 0)
    return module.open(file, "wb")
