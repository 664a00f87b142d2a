"""Sinks that write: into a folder, or to stdout."""

from __future__ import annotations

from typing import BinaryIO

import msgspec

from ..errors import CleanerError
from ..pipeline import Block
from ..run import FileReport
from ..stages.decode import Document
from ..tags import BESIDE, Template
from .discover import Input
from .marks import Marks
from .write import Encoder, NewFile, Tree


class FolderWriter:
    """Writes each input into a folder, whole or not at all."""

    def __init__(self, tree: Tree, encoding: str, tags: str = "none", template: Template | None = None) -> None:
        self._tree = tree
        self._encoding = encoding
        self._tags = tags
        self._template = template
        self._file: NewFile | None = None
        self._encoder: Encoder | None = None

    def begin(self, item: Input, document: Document) -> None:
        self._file = NewFile(self._tree.place(item.name, item.path))
        marks = Marks(self._template if self._tags == "inline" else None) if self._tags != "none" else None
        self._encoder = Encoder(document.source, document.places, self._encoding, marks)
        self._file.write([self._encoder.start])

    def block(self, block: Block) -> None:
        assert self._file is not None
        assert self._encoder is not None
        self._file.write(self._encoder.pieces(block))

    def end(self, report: FileReport) -> None:
        file, self._file = self._file, None
        if file is None:
            return
        if report.status != "ok":
            file.drop()
            return
        try:
            self._put(file, report.path)
            marks = self._encoder.marks if self._encoder else None
            if marks is not None and marks.record is not None:
                beside = NewFile(file.path + BESIDE)
                beside.write([msgspec.json.format(msgspec.json.encode(marks.record)), b"\n"])
                self._put(beside, report.path)
        except CleanerError as why:
            report.status, report.why = "failed", why

    def _put(self, file: NewFile, like: str) -> None:
        try:
            file.put(like, self._tree.overwrite)
        finally:
            file.drop()


class Filter:
    """Writes one input to an open file."""

    def __init__(self, out: BinaryIO, encoding: str, template: Template | None = None) -> None:
        self._out = out
        self._encoding = encoding
        self._template = template
        self._encoder: Encoder | None = None

    def begin(self, item: Input, document: Document) -> None:
        marks = Marks(self._template) if self._template else None
        self._encoder = Encoder(document.source, document.places, self._encoding, marks)
        self._out.write(self._encoder.start)

    def block(self, block: Block) -> None:
        assert self._encoder is not None
        self._out.writelines(self._encoder.pieces(block))

    def end(self, report: FileReport) -> None:
        self._out.flush()
