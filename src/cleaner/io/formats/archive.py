"""Zip archives of documents: members are read within limits; what is unchanged is copied as it lies there.

Members are never written to disk, and archives inside an archive are never opened.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, LargeZipFile, ZipFile, ZipInfo

from ...model.errors import InputProblem

MEMBERS = 20_000
TEXT = 32 << 20  # bytes of the texts of a document together
END = struct.Struct("<4s4H2LH")
LOCAL = struct.Struct("<4s5H3L2H")
CENTRAL = struct.Struct("<4s4B4H3L5H2L")
COPY = 1 << 20
STREAMED = 0x08  # flag: the sizes stand behind the data
ENCRYPTED = 0x01
SAVE_AGAIN = "open it in its program and save it again"


class Archive:
    """The members of an archive by name. Raises InputProblem where it is broken, encrypted or too large."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._check_end()
        try:
            self._zip = ZipFile(file)
        except (BadZipFile, LargeZipFile, OSError, ValueError, NotImplementedError, UnicodeError) as error:
            raise InputProblem(f"a broken archive: {error}", hint=SAVE_AGAIN) from None
        self.infos = self._zip.infolist()
        self.names = {info.filename: info for info in self.infos}
        if any(max(info.file_size, info.compress_size) > 0xFFFFFFFF for info in self.infos):
            raise _too_large()
        if len(self.names) < len(self.infos):
            raise InputProblem("an archive with two members of one name", hint=SAVE_AGAIN)
        if any(info.flag_bits & ENCRYPTED for info in self.infos):
            raise InputProblem("it is encrypted", hint="save it without a password first")
        self._left = TEXT

    def _check_end(self) -> None:
        """The list of members is read as a whole: first how long it says to be."""
        size = self._file.seek(0, 2)
        self._file.seek(max(0, size - END.size - 0xFFFF))
        tail = self._file.read()
        at = tail.rfind(b"PK\5\6")
        if at < 0 or at + END.size > len(tail):
            raise InputProblem("a broken archive: its end is missing", hint="copy or download it again")
        _, _, _, _, count, length, offset, _ = END.unpack_from(tail, at)
        if offset == 0xFFFFFFFF or count > MEMBERS or length > 256 * MEMBERS:
            raise _too_large()

    def read(self, name: str) -> bytes:
        """The bytes of a member. Raises InputProblem."""
        info = self.names.get(name)
        if info is None:
            raise InputProblem(f"it has no {name}", hint=SAVE_AGAIN)
        if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise InputProblem(f"{name} is compressed in a way that no such document is", hint=SAVE_AGAIN)
        try:
            with self._zip.open(info) as member:
                raw = member.read(self._left + 1)
        except (BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError) as error:
            raise InputProblem(f"a broken archive: {error}", hint=SAVE_AGAIN) from None
        self._left -= len(raw)
        if self._left < 0:
            raise InputProblem(f"its texts are larger than {TEXT >> 20} MB", hint="split the document")
        return raw

    def with_members(self, changed: Mapping[str, bytes]) -> Iterator[bytes]:
        """The archive with other bytes in some members; all else in its order, compressed as it is."""
        at = 0
        central: list[bytes] = []
        for info in self.infos:
            new = changed.get(info.filename)
            extra, packed = self._packed(info) if new is None else (b"", iter((data := _deflated(new, info),)))
            crc, size = (info.CRC, info.file_size) if new is None else (zlib.crc32(new), len(new))
            length = info.compress_size if new is None else len(data)
            name, flags = _name(info), info.flag_bits & ~STREAMED
            date, time = _stamp(info)
            head = LOCAL.pack(
                b"PK\3\4",
                info.extract_version,
                flags,
                info.compress_type,
                time,
                date,
                crc,
                length,
                size,
                len(name),
                len(extra),
            )
            central.append(
                CENTRAL.pack(
                    b"PK\1\2", info.create_version, info.create_system, info.extract_version & 255, 0, flags,
                    info.compress_type, time, date, crc, length, size, len(name), len(info.extra), len(info.comment),
                    0, info.internal_attr, info.external_attr, at,
                ) + name + info.extra + info.comment
            )  # fmt: skip
            yield head + name + extra
            yield from packed
            at += len(head) + len(name) + len(extra) + length
        listed = b"".join(central)
        comment = self._zip.comment
        yield listed + END.pack(b"PK\5\6", 0, 0, len(central), len(central), len(listed), at, len(comment))
        yield comment

    def _packed(self, info: ZipInfo) -> tuple[bytes, Iterator[bytes]]:
        """The extra field and the compressed data of a member as they lie there."""
        self._file.seek(info.header_offset)
        raw = self._file.read(LOCAL.size)
        if len(raw) < LOCAL.size or not raw.startswith(b"PK\3\4"):
            raise InputProblem(f"a broken archive: {info.filename} is not where its list says", hint=SAVE_AGAIN)
        head = LOCAL.unpack(raw)
        self._file.seek(head[-2], 1)
        return self._file.read(head[-1]), self._pieces(self._file.tell(), info.compress_size)

    def _pieces(self, start: int, length: int) -> Iterator[bytes]:
        while length:
            self._file.seek(start)
            piece = self._file.read(min(COPY, length))
            if not piece:
                raise InputProblem("a broken archive: it ends too early", hint=SAVE_AGAIN)
            start, length = start + len(piece), length - len(piece)
            yield piece


def _too_large() -> InputProblem:
    return InputProblem(
        f"an archive with more than {MEMBERS:,} members, or of more than 4 GB", hint="split the document"
    )


def _deflated(raw: bytes, info: ZipInfo) -> bytes:
    if info.compress_type == ZIP_STORED:
        return raw
    packer = zlib.compressobj(zlib.Z_DEFAULT_COMPRESSION, zlib.DEFLATED, -15)
    return packer.compress(raw) + packer.flush()


def _name(info: ZipInfo) -> bytes:
    """The name as it stands in the archive; `ZipInfo` decoded it by this flag."""
    return info.orig_filename.encode("utf-8" if info.flag_bits & 0x800 else "cp437")


def _stamp(info: ZipInfo) -> tuple[int, int]:
    year, month, day, hour, minute, second = info.date_time
    return (year - 1980) << 9 | month << 5 | day, hour << 11 | minute << 5 | second // 2
