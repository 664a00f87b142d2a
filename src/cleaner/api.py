"""Files and records for programs, one after the other, cleaned."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from .io.discover import PathFilter, discover
from .jobs.run import Run
from .model.blocks import Block
from .model.inputs import InputFile
from .model.report import Document, FileReport
from .pipeline import Pipeline, Result


class CleanFile(msgspec.Struct, frozen=True):
    """One input: its result (None where `report.status` is not "ok") and what happened to it."""

    path: str
    result: Result | None
    report: FileReport


def files(
    paths: Iterable[str],
    pipeline: Pipeline,
    encoding: str | None = None,
    choice: PathFilter | None = None,
    as_text: bool = False,
) -> Iterator[CleanFile]:
    """The files at and below `paths`, in the order of `cleaner clean`; one that fails stops only itself.

    `encoding` is a hint as on the command line, `choice` what to include, `as_text` that of `--as-text`. Each text is
    held as a whole.
    """
    run = Run(pipeline, encoding, as_text=as_text)
    for item in discover(list(paths), choice or PathFilter()):
        sink = _Collecting()
        report = run.one(item, sink)
        yield CleanFile(item.path, sink.result if report.status == "ok" else None, report)


def records(given: Iterable[Mapping[str, Any]], pipeline: Pipeline, field: str = "text") -> Iterator[dict[str, Any]]:
    """The same records with the text in `field` cleaned, None kept.

    Raises KeyError for a record without it, TypeError for one that is no mapping and for a text that is none.
    """
    for number, record in enumerate(given):
        if not isinstance(record, Mapping):
            raise TypeError(f"record {number} is no mapping but {type(record).__name__}")
        text = record[field]
        if not isinstance(text, str | None):
            raise TypeError(f"{field!r} of record {number} is no text but {type(text).__name__}")
        yield {**record, field: text if text is None else pipeline.clean(text).text}


class _Collecting:
    def begin(self, item: InputFile, document: Document) -> None:
        self.result = Result("", [], [], [])
        self._pieces: list[str] = []

    def block(self, block: Block) -> None:
        self._pieces.append(block.text)
        self.result.edits += block.edits
        self.result.tags += block.tags
        self.result.flags += block.flags

    def end(self, report: FileReport) -> None:
        if report.status == "ok":
            self.result.text = "".join(self._pieces)
