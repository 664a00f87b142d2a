"""Parquet: row group by row group, all other columns as they are. pyarrow is imported here only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec

from ...model.blocks import Block
from ...model.edits import apply
from ...model.errors import InputProblem, InputSkipped
from ...model.inputs import Part
from ...model.lines import count_characters
from . import ANNOTATIONS, Done, Record
from .compression import EXTRA
from .json_text import Rewritten, block_of, json_edits

MIXED = "choose --to jsonl.zst"


def pyarrow() -> Any:
    """The library. Raises InputSkipped where it is not installed."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise InputSkipped(f"Parquet: {EXTRA} brings what reads it") from None
    return pyarrow


class ParquetBatch:
    """One row group. Its texts as lines of JSON begin at character `offset` of those of the file."""

    def __init__(self, table: Any, column: int, records: list[Record], offset: int, annotate: str) -> None:
        self._table, self._column, self.records, self._offset = table, column, records, offset
        self._annotate = annotate
        self._texts = [msgspec.json.encode(record.text) for record in records]
        self.data = b"".join(text + b"\n" for text in self._texts)

    def block(self, done: list[Done]) -> Block:
        changed = []
        at = 0
        for text, one in zip(self._texts, done, strict=True):
            if one.edits:
                changed.append(Rewritten(at, at + len(text), json_edits(text.decode(), one.edits)))
            at += len(text) + 1
        return block_of(self.data, self._offset, changed)

    def table(self, done: list[Done]) -> Any:
        table = self._table
        if any(one.edits for one in done):
            table = table.set_column(self._column, table.schema.field(self._column), self._cleaned(done))
        if name := ANNOTATIONS.get(self._annotate):
            notes = [None if one.annotation is msgspec.UNSET else one.annotation for one in done]
            pa = pyarrow()
            kinds = {
                "counts": pa.list_(pa.struct([("rule", pa.string()), ("count", pa.int32())])),
                "edits": pa.list_(
                    pa.struct(
                        [("start", pa.int32()), ("end", pa.int32())]
                        + [(name, pa.string()) for name in ("before", "after", "rule", "kind")]
                    )
                ),
            }
            table = table.append_column(name, pa.array(notes, kinds[self._annotate]))
        return table

    def _cleaned(self, done: list[Done]) -> Any:
        """The column of texts; a text that is no UTF-8 keeps its bytes."""
        pa = pyarrow()
        kind = self._table.schema.field(self._column).type
        raws = _raws(self._table.column(self._column))
        texts = [
            apply(record.text, one.edits).encode() if one.edits else raw
            for raw, record, one in zip(raws, self.records, done, strict=True)
        ]
        return pa.array(texts, pa.large_binary()).view(pa.large_string()).cast(kind)

    def lines(self, done: list[Done]) -> bytes:
        return b"".join(msgspec.json.encode(row) + b"\n" for row in self.table(done).to_pylist())


def table_of(rows: list[dict[str, Any]]) -> Any:
    """Objects as rows; a field that one of them lacks is null. Raises InputProblem where a column has several types."""
    pa = pyarrow()
    names = list(dict.fromkeys(name for row in rows for name in row))
    try:
        return pa.table({name: pa.array([row.get(name) for row in rows]) for name in names})
    except (pa.ArrowException, OverflowError, ValueError, TypeError) as error:
        raise InputProblem(f"its records are no rows of a table: {error}", hint=MIXED) from None


class LostGroup(ParquetBatch):
    """A row group that can't be read: one bad record without rows."""

    def of(self, number: int, what: str) -> LostGroup:
        self.records = [Record(number, problem=InputProblem(what))]
        return self

    def block(self, done: list[Done]) -> Block:
        return super().block([])

    def table(self, done: list[Done]) -> Any:
        return super().table([])


class ParquetReader:
    """Reads a file, or the row groups of it that are given."""

    def __init__(self, file: Any, column: int, annotate: str) -> None:
        self._file, self._column, self._annotate = file, column, annotate
        self.schema, self.metadata = file.schema_arrow, file.metadata

    @classmethod
    def of(cls, file: BinaryIO, field: str, annotate: str) -> ParquetReader:
        """Raises InputSkipped where there is no such column or pyarrow is not installed, InputProblem for damage."""
        pa = pyarrow()
        try:
            opened = pa.parquet.ParquetFile(file)
            schema = opened.schema_arrow
        except (pa.ArrowException, OSError, ValueError) as error:
            raise InputProblem(f"this is no Parquet: {error}") from None
        columns = schema.get_all_field_indices(field)
        if not columns:
            raise InputSkipped(f"Parquet without the column {field!r}: --field names another")
        if len(columns) > 1 or not _is_text(schema.field(columns[0]).type):
            raise InputSkipped(f"Parquet whose column {field!r} is no text: --field names another")
        if ANNOTATIONS.get(annotate) in schema.names:
            raise InputProblem(f"it has a column {ANNOTATIONS[annotate]!r} already", hint="clean it without --annotate")
        return cls(opened, columns[0], annotate)

    def batches(self, part: Part | None = None, _: Any = None) -> Iterator[ParquetBatch]:
        """Those of the file, or of row groups `[start, end)`. A row group that can't be read is one bad record."""
        groups = range(part.start, part.end) if part else range(self.metadata.num_row_groups)
        number, offset = part.record if part else 1, 0
        for group in groups:
            batch = self._batch(group, number, offset)
            yield batch
            number += self.metadata.row_group(group).num_rows
            offset += count_characters(batch.data, 0, len(batch.data))

    def _batch(self, group: int, number: int, offset: int) -> ParquetBatch:
        pa = pyarrow()
        try:
            table = self._file.read_row_group(group)
        except (pa.ArrowException, OSError, ValueError) as error:
            last = number + self.metadata.row_group(group).num_rows - 1
            what = f"row group {group} (records {number} to {last}) can't be read and is left out: {error}"
            return LostGroup(self.schema.empty_table(), self._column, [], offset, self._annotate).of(number, what)
        records = [_record(raw, at) for at, raw in enumerate(_raws(table.column(self._column)), number)]
        return ParquetBatch(table, self._column, records, offset, self._annotate)


def _raws(column: Any) -> list[bytes | None]:
    pa = pyarrow()
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    found: list[bytes | None] = column.cast(pa.large_binary()).to_pylist()
    return found


def _is_text(kind: Any) -> bool:
    types = pyarrow().types
    if types.is_dictionary(kind):
        kind = kind.value_type
    return bool(types.is_string(kind) or types.is_large_string(kind))


def _record(raw: bytes | None, number: int) -> Record:
    if raw is None:
        return Record(number, problem=InputProblem("its text is null"))
    try:
        return Record(number, raw.decode())
    except UnicodeDecodeError as error:
        return Record(number, problem=InputProblem(f"its text is no UTF-8: {error}"))


class ParquetWriter:
    """Writes tables to a file, each as a row group, compressed as in a file with the metadata `like`, or with zstd."""

    def __init__(self, file: BinaryIO, like: Any = None) -> None:
        self._file = file
        self._writer: Any = None
        self._codec: Any = "zstd"
        if like is not None and like.num_row_groups:
            group = like.row_group(0)
            codecs = {group.column(n).path_in_schema: group.column(n).compression for n in range(group.num_columns)}
            self._codec = {name: "none" if codec == "UNCOMPRESSED" else codec for name, codec in codecs.items()}

    def write(self, table: Any) -> None:
        """Raises InputProblem where the columns are not those of the tables before."""
        pa = pyarrow()
        if not table.num_columns:
            return
        if self._writer is None:
            codec = self._codec
            if isinstance(codec, dict) and len(set(codec.values())) == 1:
                codec = next(iter(codec.values()))  # also for columns that are added
            self._writer = pa.parquet.ParquetWriter(self._file, table.schema, compression=codec)
        schema = self._writer.schema
        if more := [name for name in table.column_names if name not in schema.names]:
            raise InputProblem(f"a later record has a field {more[0]!r} that the first ones lack", hint=MIXED)
        for name in schema.names:
            if name not in table.column_names:
                table = table.append_column(name, pa.nulls(table.num_rows))
        try:
            table = table.select(schema.names).cast(schema)
        except (pa.ArrowException, ValueError) as error:
            raise InputProblem(
                f"a later record does not fit the columns of the first ones: {error}", hint=MIXED
            ) from None
        self._writer.write_table(table, row_group_size=max(1, table.num_rows))

    def close(self, schema: Any) -> None:
        """`schema` is that of a file without rows."""
        if self._writer is None and schema is not None:
            self._writer = pyarrow().parquet.ParquetWriter(self._file, schema)
        if self._writer is not None:
            self._writer.close()
