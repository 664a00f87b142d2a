"""Outputs of inputs that are compressed or hold records, in the form that the name of the output says."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import msgspec

from ...model.blocks import Block
from ...model.inputs import InputFile
from ...model.report import Document, FileReport
from ..folder import Folder
from ..outputs import FileWriter, OutputOptions
from ..remote import hash_of
from . import Batch, Done, form_of
from .compression import deflating


def writer_of(
    options: OutputOptions, folder: Folder, item: InputFile, target: str, temporary: str, ours: Collection[bytes]
) -> FileWriter:
    """The writer of one input."""
    there, here = form_of(item.path), form_of(target)
    if here.name or here.compression or there != here:
        return RecordsWriter(options, folder, item, target, temporary, ours)
    return FileWriter(options, folder, item, target, temporary, ours)


class RecordsWriter(FileWriter):
    """Writes a file of records, and plain text that is compressed."""

    def __init__(
        self, options: OutputOptions, folder: Folder, item: InputFile, target: str, temporary: str,
        ours: Collection[bytes],
    ) -> None:  # fmt: skip
        if form_of(target).name:  # records are UTF-8, and their tags have no place in them
            options = msgspec.structs.replace(options, encoding="utf-8", tags="none")
        super().__init__(options, folder, item, target, temporary, ours)
        self._there, self._form = form_of(item.path), form_of(target)
        self._packed: Any = None

    def _pack(self, document: Document) -> None:
        assert self._file is not None
        self._reader = getattr(document, "reader", None)
        if self._form.name == "parquet":
            from .parquet import ParquetReader, ParquetWriter

            like = self._reader.metadata if isinstance(self._reader, ParquetReader) else None
            self._packed = ParquetWriter(self._file.file, like)
        elif self._form.compression:
            self._packed = deflating(self._file.file, self._form.compression)

    def _write(self, pieces: Iterable[bytes]) -> None:
        if self._packed is None:
            super()._write(pieces)
        elif self._form.name != "parquet":
            self._packed.writelines(pieces)

    def batch(self, batch: Batch, done: list[Done]) -> Block:
        block = batch.block(done)
        if self._form.name == "parquet":
            self._packed.write(batch.table(done))
        elif self._form.name == self._there.name:
            self.block(block)
        else:
            self._write([batch.lines(done)])
        return block

    def end(self, report: FileReport) -> None:
        if report.status == "skipped" and self._there != self._form:
            return  # a copy would have the name of another form
        super().end(report)

    def _finish(self, report: FileReport) -> None:
        if self._form.name == "parquet":
            self._packed.close(getattr(self._reader, "schema", None))
        elif self._packed is not None:
            self._packed.close()
        super()._finish(report)

    def _digests(self) -> tuple[bytes, bytes]:
        assert self._file is not None
        read, written = super()._digests()
        if (self._there.compression or self._there.name == "parquet") and self._item.part is None:
            read = hash_of(self._item.path)
        if self._packed is not None or self._form != self._there:
            written = self._file.hash().digest()
        return read, written

    def _drop(self) -> None:
        if self._file is not None and self._packed is not None:
            self._packed = None
        super()._drop()
