"""The outputs of the parts of one file as its output."""

from __future__ import annotations

import stat
from collections.abc import Sequence
from contextlib import suppress

from ...model.errors import InputProblem
from ..atomic import AtomicFile, FileStamp
from ..outputs import COPY
from ..remote import hash_of, status_of
from .writer import RecordsWriter


class JoiningWriter(RecordsWriter):
    """Writes the outputs of parts, one after the other; gzip, bz2, xz and zstd files are joined as they are."""

    def over(self, pieces: Sequence[str]) -> None:
        """Files in the folder, which are removed. Raises CleanerError, OSError."""
        before = status_of(self._item.path)
        self._file = AtomicFile(self._folder, self._target, self._temporary)
        try:
            if self._form.name == "parquet":
                self._tables(pieces)
            else:
                for piece in pieces:
                    with self._folder.read(piece) as file:
                        self._file.write(iter(lambda: file.read(COPY), b""))
            self.read = FileStamp.of_status(hash_of(self._item.path), before)
            stamp = self._file.close(stat.S_IMODE(before.st_mode) | stat.S_IWUSR, self._file.hash().digest())
            self.outputs = [self._output("", stamp)]
        except BaseException:
            self._file.drop()
            raise
        for piece in pieces:
            with suppress(OSError, InputProblem):
                self._folder.unlink(piece)

    def _tables(self, pieces: Sequence[str]) -> None:
        from .parquet import ParquetWriter, pyarrow

        assert self._file is not None
        writer = None
        for piece in pieces:
            with self._folder.read(piece) as file:
                made = pyarrow().parquet.ParquetFile(file)
                writer = writer or ParquetWriter(self._file.file, made.metadata)
                for group in range(made.num_row_groups):
                    writer.write(made.read_row_group(group))
                schema = made.schema_arrow
        if writer is not None:
            writer.close(schema)
