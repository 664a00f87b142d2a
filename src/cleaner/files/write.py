"""Outputs appear whole or not at all, and never in the place of something that is not ours."""

from __future__ import annotations

import contextlib
import filecmp
import os
import stat
import tempfile
from collections.abc import Sequence
from typing import BinaryIO

from ..errors import InputProblem, UsageProblem
from ..pipeline import Block, Cleaned
from ..source import Place, Source, encode_with_places, places_between
from .marks import Marks


class Encoder:
    """Turns decided blocks into the bytes of the output."""

    def __init__(self, source: Source, places: Sequence[Place], encoding: str, marks: Marks | None = None) -> None:
        self.keeps = encoding == "keep"
        self.codec = source.codec if self.keeps else "utf-8" if encoding == "utf-8-sig" else encoding
        self.start = source.bom if self.keeps else b"\xef\xbb\xbf" if encoding == "utf-8-sig" else b""
        self.plain = self.codec == "utf-8" and not self.keeps
        self.places = places  # grows while the source is read
        self.marks = marks
        opening = marks.escapes if marks is not None else None
        self.escapes = (opening[0].encode(), opening[1].encode()) if opening is not None else None

    def pieces(self, block: Block) -> list[bytes]:
        """Raises InputProblem for characters that the encoding does not have."""
        out: list[bytes] = []
        at = 0
        chars = block.offset
        for region in block.regions:
            if not region.edits and not (region.tags and self.marks) and self.plain:
                continue
            out.append(self._unchanged(block.data[at : region.start], chars))
            out.append(self._region(block, self.marks.tagged(block, region) if self.marks else region))
            at = region.end
            chars = region.offset + len(block.data[region.start : region.end].decode()) if not self.plain else 0
        out.append(self._unchanged(block.data[at:], chars))
        return out

    def _unchanged(self, data: bytes, offset: int) -> bytes:
        """Text between regions; a sign in it that would open a tag is written as one."""
        if self.escapes is None or self.escapes[0] not in data:
            return self._same(data, offset)
        sign, escaped = self.escapes
        out = []
        for piece in data.split(sign):
            out.append(self._same(piece, offset))
            offset += len(piece.decode()) + 1 if not self.plain else 0
        return self._encoded(escaped.decode()).join(out)

    def _same(self, data: bytes, offset: int) -> bytes:
        if self.plain:
            return data
        text = data.decode()
        if not self.keeps or not self.places:
            return self._encoded(text)
        return encode_with_places(text, self.codec, places_between(self.places, offset, offset + len(text)))

    def _region(self, block: Block, region: Cleaned) -> bytes:
        if not self.keeps or not self.places:
            return self._encoded(region.text)
        source = block.data[region.start : region.end].decode()
        out = []
        at = 0
        for edit in region.edits:
            start, end = edit.start - region.offset, edit.end - region.offset
            out.append(self._same(source[at:start].encode(), region.offset + at))
            around = places_between(self.places, edit.start, edit.end + 1)
            out.append(self._encoded(edit.after, around[0].encoding if around else ""))
            at = end
        out.append(self._same(source[at:].encode(), region.offset + at))
        return b"".join(out)

    def _encoded(self, text: str, codec: str = "") -> bytes:
        try:
            return text.encode(codec or self.codec)
        except UnicodeEncodeError as error:
            char = error.object[error.start]
            raise InputProblem(
                f"{char!r} (U+{ord(char):04X}) can't be written in {self.codec}",
                hint="choose another --output-encoding; utf-8 holds everything",
            ) from None


class NewFile:
    """A file that is written beside its place and moved there when it is whole."""

    def __init__(self, path: str) -> None:
        self.path = path
        folder = os.path.dirname(path) or "."
        try:
            os.makedirs(folder, exist_ok=True)
            handle, self._temporary = tempfile.mkstemp(prefix=".cleaner-", dir=folder)
        except OSError as error:
            raise InputProblem(
                f"can't write there: {error.strerror}", path, "check the folder given with -o and its permissions"
            ) from None
        self.file: BinaryIO = os.fdopen(handle, "wb")

    def write(self, pieces: Sequence[bytes]) -> None:
        try:
            self.file.writelines(pieces)
        except OSError as error:
            raise InputProblem(f"can't write: {error.strerror}", self.path, "is the disk full?") from None

    def put(self, like: str, overwrite: bool) -> None:
        """Moves the file to its place, with the mode of `like`. Raises InputProblem if something else is there."""
        try:
            self.file.flush()
            os.fsync(self.file.fileno())
            self.file.close()
            os.chmod(self._temporary, stat.S_IMODE(os.stat(like).st_mode) | stat.S_IWUSR)
            if os.path.lexists(self.path) and not overwrite:
                if os.path.islink(self.path) or not filecmp.cmp(self._temporary, self.path, shallow=False):
                    raise InputProblem(
                        "something else is already there", self.path, "choose another -o, or say --overwrite"
                    )
                self.drop()
                return
            os.replace(self._temporary, self.path)
        except OSError as error:
            raise InputProblem(f"can't write: {error.strerror}", self.path, "check the folder given with -o") from None

    def drop(self) -> None:
        """Removes what was written; nothing is left of it."""
        with contextlib.suppress(OSError):
            self.file.close()
        with contextlib.suppress(OSError):
            os.unlink(self._temporary)


class Tree:
    """The output folder of a run."""

    def __init__(self, folder: str, sources: Sequence[str], overwrite: bool) -> None:
        self.folder = folder
        self.overwrite = overwrite
        self._root = os.path.realpath(folder)
        self._taken: dict[str, str] = {}
        if os.path.lexists(folder) and not os.path.isdir(folder):
            raise UsageProblem("-o names a file, not a folder", folder, "give a folder: it will hold the clean files")
        for source in sources:
            real = os.path.realpath(source)
            if os.path.isdir(real) and os.path.commonpath((real, self._root)) == real:
                raise UsageProblem(
                    f"the output would lie inside the input {source}", folder, "choose a folder beside it"
                )

    def place(self, name: str, source: str) -> str:
        """Where the output called `name` goes. Raises InputProblem where it must not go."""
        path = os.path.join(self.folder, name)
        other = self._taken.setdefault(name, source)
        if other != source:
            raise InputProblem(f"its output would have the name of that of {other}", source, "clean them separately")
        real = os.path.realpath(os.path.dirname(path))
        if os.path.commonpath((real, self._root)) != self._root:
            raise InputProblem("a link in the output folder leads out of it", path, "remove the link")
        if os.path.exists(path) and os.path.samefile(path, source):
            raise InputProblem("the output would be the input itself", path, "choose another -o")
        return path
