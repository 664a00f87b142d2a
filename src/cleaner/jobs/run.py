"""A run: each input is decoded, cleaned and given to sinks, and what happened is counted. Prints nothing."""

from __future__ import annotations

import gc
import io
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import BinaryIO

from ..io.formats import format_of
from ..io.formats.document import PiecedDocument
from ..model.errors import CleanerError, DiskFull, InputProblem, InputSkipped
from ..model.globs import ByPath
from ..model.inputs import InputFile
from ..model.report import FileReport, Sink
from ..model.source import written_as
from ..pipeline import Pipeline
from ..stages.decode import FileDocument, open_document
from . import removal_limits
from .documents import blocks_of, pieced
from .filters import Filter

NO_PATHS = ByPath()


class Run:
    """Cleans inputs with one pipeline.

    `hint` is the codec to read them in, None to detect it; `encodings`, by path, go before it. `block_filter` chooses
    what of their blocks counts. Without `yes_large` the removal limits hold, without `as_text` inputs that are no plain
    text are left alone.
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
    ) -> None:
        self.pipeline = pipeline
        self.block_filter = block_filter
        self.hint = hint
        self.output_encoding = output_encoding
        self.yes_large = yes_large
        self.as_text = as_text
        self.encodings = encodings

    def hint_for(self, path: str) -> str | None:
        """The encoding that the user named for an input."""
        return (None if path == "-" else self.encodings.of(path)) or self.hint

    def over(self, inputs: Iterable[InputFile], sink: Sink) -> Iterator[FileReport]:
        """Clean the inputs in their order; one that fails stops only itself."""
        gc.freeze()
        for item in inputs:
            yield self.one(item, sink)

    def one(self, item: InputFile, sink: Sink) -> FileReport:
        """Clean one input. Raises DiskFull; any other problem is in the report."""
        report = FileReport(path=item.path)
        try:
            if item.problem is not None:
                raise item.problem
            self._one(item, report, sink)
        except DiskFull as why:
            report.status, report.problem = "failed", why
            sink.end(report)
            raise
        except InputSkipped as why:
            report.status, report.problem = "skipped", why
        except CleanerError as why:
            report.status, report.problem = "failed", why
        except OSError as error:
            report.status = "failed"
            report.problem = InputProblem(error.strerror or str(error), item.path, "check its permissions")
        sink.end(report)
        return report

    def _one(self, item: InputFile, report: FileReport, sink: Sink) -> None:
        with opened(item) as file:
            if not self.as_text and (paged := pieced(item, file, self.hint_for(item.path))):
                self._clean(item, paged, report, sink)
                return
            if not self.as_text and (found := format_of(item.name, file)):
                with suppress(CleanerError):  # how it is read is worth knowing all the same
                    report.source = open_document(file, self.hint_for(item.path)).source
                raise InputSkipped(f"{found}, no plain text: --as-text insists", item.path)
            self._clean(item, open_document(file, self.hint_for(item.path)), report, sink)

    def _clean(self, item: InputFile, document: FileDocument | PiecedDocument, report: FileReport, sink: Sink) -> None:
        report.source = document.source
        sink.begin(item, document)
        off = self.pipeline.rules.off_for(item.path)
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
        report.recoded = not isinstance(document, PiecedDocument) and self._recodes(report)
        if not self.yes_large:
            removal_limits.check(self.pipeline.rules, report.removed_by_rule, report.chars)

    def _recodes(self, report: FileReport) -> bool:
        """Whether writing the text unchanged would give other bytes."""
        source = report.source
        assert source is not None
        if self.output_encoding == "keep":
            return False
        return (source.codec, source.bom) != written_as(self.output_encoding) or bool(source.spans)


def opened(item: InputFile) -> BinaryIO:
    """The file, seekable. Raises OSError."""
    return io.BytesIO(item.data) if item.path == "-" else open(item.path, "rb")
