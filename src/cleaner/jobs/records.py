"""A run over one file of records: each record is a document of its own, also for sinks; the file is written whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, BinaryIO

from ..io.records import Done, Record, open_records
from ..model.blocks import Block
from ..model.edits import Edit
from ..model.errors import CleanerError, InputProblem
from ..model.inputs import InputFile
from ..model.report import FileReport, NullSink, Sink, tee_sinks
from ..model.source import ByteSpan, Judgement, SourceEncoding

if TYPE_CHECKING:
    from .run import Run, Writer

SOURCE = SourceEncoding("utf-8", "utf-8")


class RecordDocument:
    """The text of one record; or a file of records, which has a `reader` and no text of its own."""

    source = SOURCE

    def __init__(self, text: str = "", reader: Any = None) -> None:
        self.spans: list[ByteSpan] = []
        self.hash: Any = None
        self.reader = reader
        self._text = text

    def chunks(self) -> Sequence[bytes]:
        return [self._text.encode()]

    def final_source(self) -> SourceEncoding:
        return SOURCE

    def judgement(self) -> Judgement:
        return Judgement()


class RecordRun:
    """Cleans the records of one file and adds them to its report. `sink` gets each record, `writer` the file."""

    def __init__(self, run: Run, item: InputFile, reader: Any, report: FileReport, sink: Sink, writer: Writer) -> None:
        self._run, self._item, self._reader, self._report, self._writer = run, item, reader, report, writer
        self._edits = _Edits()
        self._sink = tee_sinks(self._edits, sink)

    def over(self) -> None:
        """Raises InputProblem, also where the one record that was asked for is not there."""
        item, report = self._item, self._report
        report.source = SOURCE
        document = RecordDocument(reader=self._reader)
        self._writer.begin(item, document)
        for batch in self._reader.batches(item.part, document):
            records = [one for one in batch.records if item.record in (None, one.number)]
            done = [self._done(record) for record in records]
            if item.record is None:
                self._writer.batch(batch, done)
            elif report.records:
                return
        if item.record is not None:
            raise InputProblem(f"it has no record {item.record}", item.path)

    def _done(self, record: Record) -> Done:
        report = self._one(record)
        self._report.add_record(report)
        return Done.of(self._edits.found, self._run.annotate) if report.status == "ok" else Done(None)

    def _one(self, record: Record) -> FileReport:
        address = f"#{record.number}"
        item = InputFile(self._item.path + address, self._item.name + address, record=record.number)
        report = FileReport(path=item.path, record=record.number)
        self._edits.found = []
        try:
            if record.problem is not None:
                raise record.problem
            self._run.text(item, RecordDocument(record.text), report, self._sink, self._item.path)
        except CleanerError as why:
            report.status, report.problem = "failed", why
        self._sink.end(report)
        return report


def record_text(item: InputFile, file: BinaryIO, number: int, field: str) -> str:
    """The text of one record. Raises InputProblem, InputSkipped."""
    reader = open_records(item.path, file, field, "none", "JSON lines")
    for batch in reader.batches():
        for record in batch.records:
            if record.number == number:
                if (why := record.problem) is not None:
                    raise InputProblem(why.what, f"{item.path}#{number}", why.hint)
                return str(record.text)
    raise InputProblem(f"it has no record {number}", item.path)


class _Edits(NullSink):
    def __init__(self) -> None:
        self.found: list[Edit] = []

    def block(self, block: Block) -> None:
        self.found += block.edits
