"""Sinks that write: into a folder, or to stdout."""

from __future__ import annotations

import hashlib
import secrets
import stat
from collections.abc import Collection, Iterable
from io import BytesIO

import msgspec

from ..model.atomic import umask
from ..model.blocks import Block
from ..model.edits import Edit
from ..model.errors import CleanerError, DiskFull, InputProblem
from ..model.inputs import InputFile
from ..model.report import Document, FileReport
from ..model.source import written_as
from .atomic import AtomicFile, FileStamp, Output, write_problem
from .encoder import Encoder
from .folder import Folder
from .formats.document import PiecedDocument
from .markup import TAG_FILE_SUFFIX, Template
from .markup_writer import MarkupWriter
from .records import Batch, Done
from .remote import open_path, status_of

COPY = 1 << 20  # bytes read at a time


class OutputOptions(msgspec.Struct, frozen=True):
    """How a run writes all its files. `template` is that of inline tags, `unencodable` a key of FALLBACKS."""

    encoding: str = "utf-8"
    tags: str = "none"
    template: str | None = None
    in_place: bool = False
    overwrite: bool = False
    unencodable: str = "error"
    annotate: str = "none"  # what is written next to each record

    def markup(self) -> MarkupWriter | None:
        template = Template(self.template) if self.tags == "inline" and self.template is not None else None
        return MarkupWriter(template) if self.tags != "none" else None


class FileWriter:
    """Writes one input to `temporary`, ready to be moved to `target`, both in `folder`.

    What is no text is copied as it is, so that the folder is a mirror of the input. `ours` are the hashes of what
    earlier runs wrote there. After `end`, `outputs` are the files that were made, and `read` is the stamp of the input
    (None where it was not read to its end).
    """

    def __init__(
        self, options: OutputOptions, folder: Folder, item: InputFile, target: str, temporary: str,
        ours: Collection[bytes],
    ) -> None:  # fmt: skip
        self._item = item
        self._options, self._folder, self._ours = options, folder, ours
        self._target, self._temporary = target, temporary
        self._file: AtomicFile | None = None
        self._digest: hashlib._Hash | None = None  # None while the output is the input, byte for byte
        self.outputs: list[Output] = []
        self.read: FileStamp | None = None

    def begin(self, item: InputFile, document: Document) -> None:
        self._document, self._before = document, status_of(item.path)
        document.hash = hashlib.sha256()
        options = self._options
        self._file = AtomicFile(self._folder, self._target, self._temporary)
        self._edits: list[Edit] = []
        self._markup = None
        if isinstance(document, PiecedDocument):
            self.encoder = Encoder(document.source, (), "utf-8")
            return
        self._markup = options.markup()
        self.encoder = Encoder(document.source, document.spans, options.encoding, self._markup, options.unencodable)
        if not self.encoder.plain or self.encoder.start != document.source.bom or document.source.codec != "utf-8":
            self._digest = hashlib.sha256(self.encoder.start)
        self._pack(document)
        self._write([self.encoder.start])

    def _pack(self, document: Document) -> None:
        """Where another form of output begins."""

    def _write(self, pieces: Iterable[bytes]) -> None:
        assert self._file is not None
        self._file.write(pieces)

    def block(self, block: Block) -> None:
        assert self._file is not None
        pieces = self.encoder.pieces(block)
        if isinstance(self._document, PiecedDocument):
            self._edits += block.edits
            return
        if self._digest is None and (len(pieces) > 1 or self._document.spans):
            self._digest = self._file.hash()
        self._write(pieces)
        if self._digest is not None:
            for piece in pieces:
                self._digest.update(piece)

    def batch(self, batch: Batch, done: list[Done]) -> Block:
        """Write some records; they come back as a block, for what records edits."""
        block = batch.block(done)
        self.block(block)
        return block

    def end(self, report: FileReport) -> None:
        copies = report.status == "skipped" and self._item.problem is None and not self._options.in_place
        if self._file is None and not copies:
            return
        try:
            if report.status == "ok":
                self._finish(report)
            elif copies:
                self._copy(report)
        except DiskFull:
            self._drop()
            raise
        except CleanerError as why:
            report.status, report.problem = "failed", why
        except OSError as error:
            report.status, report.problem = "failed", write_problem(error, self._folder.full(self._target))
        if not (report.status == "ok" or report.copied) or not self.outputs:
            self._drop()
            self.outputs = []

    def _drop(self) -> None:
        if self._file is not None:
            self._file.drop()

    def _copy(self, report: FileReport) -> None:
        """Copy an input that is not cleaned."""
        self._drop()
        digest = hashlib.sha256()
        before = status_of(self._item.path)
        with open_path(self._item.path) as source:
            self._file = AtomicFile(self._folder, self._target, self._temporary)
            while piece := source.read(COPY):
                self._file.write([piece])
                digest.update(piece)
        self.read = FileStamp.of_status(digest.digest(), before)
        stamp = self._file.close(stat.S_IMODE(before.st_mode) | stat.S_IWUSR, digest.digest())
        self.outputs = [self._output("", stamp)]
        report.copied = True

    def _finish(self, report: FileReport) -> None:
        assert self._file is not None
        count_lacking(self.encoder, report)
        if isinstance(self._document, PiecedDocument):
            self._write_document(self._document)
            if self._options.tags != "none" and report.placeholders:
                report.flags["untagged"] += report.placeholders.total()
            if (
                self._options.encoding != "keep"
                and written_as(self._options.encoding)[0] != self._document.source.codec
            ):
                report.flags["kept-encoding"] += 1
        before = self._before
        digest, written = self._digests()
        self.read = FileStamp.of_status(digest, before)
        mode = stat.S_IMODE(before.st_mode) | (0 if self._options.in_place else stat.S_IWUSR)
        owner_of = before if self._options.in_place else None
        stamp = self._file.close(mode, written, owner_of)
        if not self._options.in_place:
            self.outputs.append(self._output("", stamp))
        elif stamp.hash != digest:
            self.outputs.append(Output("", stamp))
        if self._markup is not None and self._markup.record is not None:
            self._write_record(self._markup.record)

    def _digests(self) -> tuple[bytes, bytes]:
        """The hashes of the input and of the output."""
        assert self._document.hash is not None
        read = self._document.hash.digest()
        return read, read if self._digest is None else self._digest.digest()

    def _write_document(self, document: PiecedDocument) -> None:
        assert self._file is not None
        self._digest = hashlib.sha256()
        with open_path(self._item.path) as file:
            now, read = status_of(self._item.path), self._before
            if (now.st_size, now.st_mtime_ns, now.st_ino) != (read.st_size, read.st_mtime_ns, read.st_ino):
                raise InputProblem("it changed while it was cleaned", self._item.path, "give the same command again")
            for piece in document.written(file, self._edits):
                self._file.write([piece])
                self._digest.update(piece)

    def _write_record(self, record: msgspec.Struct) -> None:
        text = msgspec.json.format(msgspec.json.encode(record)) + b"\n"
        target, temporary = self._target + TAG_FILE_SUFFIX, self._temporary + TAG_FILE_SUFFIX
        tag_file = AtomicFile(self._folder, target, temporary)
        tag_file.write([text])
        self.outputs.append(
            self._output(TAG_FILE_SUFFIX, tag_file.close(0o666 & ~umask(), hashlib.sha256(text).digest()))
        )

    def _output(self, suffix: str, stamp: FileStamp) -> Output:
        """Raises InputProblem where there is a file already that no run wrote, unless that may be replaced."""
        name = self._target + suffix
        if self._folder.status(name) is None:
            return Output(suffix, stamp)
        there = self._folder.hash(name) if self._folder.is_file(name) else None
        if there in self._ours:
            return Output(suffix, stamp)
        if there == stamp.hash:
            return Output(suffix, stamp, ours=False)
        if self._options.overwrite:
            return Output(suffix, stamp, kept=f"kept-{secrets.token_hex(8)}")
        hint = "choose another -o, or add --overwrite"
        raise InputProblem("something else is already there", self._folder.full(name), hint)


def count_lacking(encoder: Encoder, report: FileReport) -> None:
    """Count the characters that were replaced. Raises InputProblem where no fallback was chosen for them."""
    if encoder.lacking.count:
        if encoder.fails:
            raise encoder.lacking.problem()
        report.flags["unencodable"] += encoder.lacking.count


class FilterWriter:
    """Writes one input to `out`; what is there counts only where the report is "ok".

    `lacking`: the output encoding lacks a character, so that the input is no output either.
    """

    def __init__(self, out: BytesIO, options: OutputOptions) -> None:
        self.out, self._options = out, options
        self._encoder: Encoder | None = None
        self.lacking = False

    def begin(self, item: InputFile, document: Document) -> None:
        options = self._options
        markup = options.markup() if options.tags == "inline" else None  # there is no file for a tag file to be next to
        self._encoder = Encoder(document.source, document.spans, options.encoding, markup, options.unencodable)
        self._document, self._edits = document, list[Edit]()
        if not isinstance(document, PiecedDocument):
            self.out.write(self._encoder.start)
        self._item = item

    def block(self, block: Block) -> None:
        assert self._encoder is not None
        if isinstance(self._document, PiecedDocument):
            self._edits += block.edits
            return
        self.out.writelines(self._encoder.pieces(block))

    def batch(self, batch: Batch, done: list[Done]) -> None:
        self.block(batch.block(done))

    def end(self, report: FileReport) -> None:
        try:
            if self._encoder is not None and report.status == "ok":
                count_lacking(self._encoder, report)
                if isinstance(self._document, PiecedDocument):
                    self.out.writelines(self._document.written(BytesIO(self._item.data), self._edits))
        except InputProblem as why:
            report.status, report.problem, self.lacking = "failed", why, True
