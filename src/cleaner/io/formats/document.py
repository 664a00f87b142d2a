"""A document whose text is in pieces, as an input of the pipeline; and its bytes after edits."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO

from msgspec.structs import replace

from ...model.edits import Edit
from ...model.source import ByteSpan, Judgement, SourceEncoding
from .archive import Archive
from .pieces import Part, Placed, check_count, pieces_changed

CHUNK = 1 << 20


class PiecedDocument:
    """The text of a document: a line for each piece. The file is left as it is; `hash` gets its bytes."""

    def __init__(self, format: str, file: BinaryIO, parts: Sequence[Part]) -> None:
        check_count(sum(len(piece.slices) for part in parts for piece in part.pieces))
        self.format, self._file = format, file
        self.pieces = Placed.of(parts)
        own = parts[0].source if len(parts) == 1 else SourceEncoding("utf-8", format)
        self.source = replace(own, spans=(), method=format)  # how a ledger knows a document
        self.spans: list[ByteSpan] = []
        self.has_macros = False  # they are kept, and never run
        self.hash: hashlib._Hash | None = None

    def chunks(self) -> Iterator[bytes]:
        """The text in UTF-8. The bytes of the file are hashed first."""
        if self.hash is not None:
            self._file.seek(0)
            while raw := self._file.read(CHUNK):
                self.hash.update(raw)
        yield self.pieces.text.encode("utf-8", "replace")

    def final_source(self) -> SourceEncoding:
        return self.source

    def judgement(self) -> Judgement:
        return Judgement()

    def written(self, file: BinaryIO, edits: Iterable[Edit]) -> Iterator[bytes]:
        """The bytes of the document, which is `file`, after edits in characters of the text. Raises InputProblem."""
        changes = self.pieces.changes(edits)
        parts = self.pieces.parts
        changed = {number: pieces_changed(parts[number], found) for number, found in changes.items()}
        if not changed:
            file.seek(0)
            while raw := file.read(CHUNK):
                yield raw
        elif parts[0].name:
            yield from Archive(file).with_members({parts[number].name: new for number, new in changed.items()})
        else:
            yield changed[0]
