"""A run: each input is decoded, cleaned and given to sinks, and what happened is counted. Prints nothing."""

from __future__ import annotations

import gc
import io
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import BinaryIO, Protocol

from ..io.formats import format_of, not_text
from ..io.formats.document import PiecedDocument
from ..io.records import Batch, Done, open_records
from ..io.records.compression import compression_of, inflated
from ..io.remote import open_path
from ..model.blocks import Block
from ..model.errors import CleanerError, DiskFull, InputProblem
from ..model.globs import ByPath
from ..model.inputs import InputFile
from ..model.report import FileReport, NullSink, Sink, tee_sinks
from ..model.source import written_as
from ..pipeline import Pipeline
from ..stages.decode import FileDocument, open_document
from . import removal_limits
from .documents import blocks_of, pieced
from .filters import Filter
from .records import RecordDocument, RecordRun

NO_PATHS = ByPath()
AnyDocument = FileDocument | RecordDocument | PiecedDocument


class Writer(Sink, Protocol):
    """A sink that writes an input whole, a file of records batch by batch."""

    def batch(self, batch: Batch, done: list[Done]) -> Block | None: ...


class NoWriter(NullSink):
    """Writes nothing."""

    def batch(self, batch: Batch, done: list[Done]) -> None: ...


class Run:
    """Cleans inputs with one pipeline.

    `hint` is the codec to read them in, None to detect it; `encodings`, by path, go before it. `block_filter` chooses
    what of their blocks counts. Without `yes_large` the removal limits hold, without `as_text` inputs that are no plain
    text are left alone. `field` holds the text of records, `annotate` says what is written next to them.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        hint: str | None = None,
        output_encoding: str = "utf-8",
        block_filter: Filter | None = None,
        yes_large: bool = True,
        as_text: bool = False,
        encodings: ByPath = NO_PATHS,
        field: str = "text",
        annotate: str = "none",
    ) -> None:
        self.pipeline = pipeline
        self.block_filter = block_filter
        self.hint = hint
        self.output_encoding = output_encoding
        self.yes_large = yes_large
        self.as_text = as_text
        self.encodings = encodings
        self.field, self.annotate = field, annotate

    def hint_for(self, path: str) -> str | None:
        """The encoding that the user named for an input."""
        return (None if path == "-" else self.encodings.of(path)) or self.hint

    def over(self, inputs: Iterable[InputFile], sink: Sink) -> Iterator[FileReport]:
        """Clean the inputs in their order; one that fails stops only itself."""
        gc.freeze()
        for item in inputs:
            yield self.one(item, sink)

    def one(self, item: InputFile, sink: Sink, writer: Writer | None = None) -> FileReport:
        """Clean one input. Raises DiskFull, MemoryError; any other problem is in the report.

        Of a file of records `sink` gets each record as an input of its own, `writer` the file.
        """
        writer = writer or NoWriter()
        report = FileReport(path=item.path)
        try:
            if item.problem is not None:
                raise item.problem
            self._one(item, report, sink, writer)
        except DiskFull as why:
            report.fail(why)
            _end(report, sink, writer)
            raise
        except (CleanerError, OSError) as why:
            report.fail(why)
        except MemoryError:
            raise
        except Exception as fault:  # a mistake of ours: the other inputs go on
            what = f"a fault in cleaner: {type(fault).__name__}: {fault}"
            report.fail(InputProblem(what, item.path, "please report it with this file"))
        _end(report, sink, writer)
        return report

    def _one(self, item: InputFile, report: FileReport, sink: Sink, writer: Writer) -> None:
        with opened(item) as file:
            found = None if self.as_text else format_of(bare(item.path), file)
            if not self.as_text and (reader := open_records(item.path, file, self.field, self.annotate, found)):
                RecordRun(self, item, reader, report, sink, writer).over()
                return
            if item.record is not None:
                raise InputProblem("it is no file of records", item.path, "name the file without #")
            hint = self.hint_for(item.path)
            document = None if self.as_text else pieced(item, file, hint)
            if found and document is None:
                with suppress(CleanerError):  # how it is read is worth knowing all the same
                    report.source = open_document(file, hint).source
                raise not_text(found, item.path)
            self.text(item, document or open_document(file, hint), report, tee_sinks(writer, sink), item.path)

    def text(self, item: InputFile, document: AnyDocument, report: FileReport, sink: Sink, path: str) -> None:
        """Clean the text of an input or of a record in it; `path` is that of the file."""
        report.source = document.source
        sink.begin(item, document)
        off = self.pipeline.rules.off_for(path)
        if isinstance(document, PiecedDocument):
            blocks = blocks_of(document, self.pipeline, off)
        else:
            blocks = self.pipeline.without(off).blocks(document.chunks())
        for block in self.block_filter(item, blocks) if self.block_filter else blocks:
            report.count(block)
            sink.block(block)
        if isinstance(document, PiecedDocument) and document.has_macros:
            report.flags["macros"] += 1
        report.source = document.final_source()
        report.recoded = isinstance(document, FileDocument) and self._recodes(report)
        if not self.yes_large:
            removal_limits.check(self.pipeline.rules, report.removed_by_rule, report.chars)

    def _recodes(self, report: FileReport) -> bool:
        """Whether writing the text unchanged would give other bytes."""
        source = report.source
        assert source is not None
        if self.output_encoding == "keep":
            return False
        return (source.codec, source.bom) != written_as(self.output_encoding) or bool(source.spans)


def _end(report: FileReport, sink: Sink, writer: Writer) -> None:
    writer.end(report)
    if not report.records or report.status != "ok":  # else each of its records had an end
        sink.end(report)


def opened(item: InputFile) -> BinaryIO:
    """The file, seekable, as what is in it where it is compressed. Raises OSError, InputSkipped."""
    if item.path == "-":
        return io.BytesIO(item.data)
    return inflated(open_path(item.path), compression_of(item.path))


def bare(path: str) -> str:
    """The path without the ending of its compression."""
    return path.rpartition(".")[0] if compression_of(path) else path
