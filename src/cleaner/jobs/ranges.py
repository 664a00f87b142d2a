"""A large file of records as several tasks, and their results as that of one.

JSON lines are cut at line ends, Parquet between row groups. Compressed JSON lines and plain text are one task: nothing
says where a record begins in the middle of the one, and the other's lines depend on each other (docs/decisions/0141).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from msgspec.structs import replace

from ..io.atomic import write_problem
from ..io.folder import Folder
from ..io.outputs import OutputOptions
from ..io.records import form_of
from ..io.records.joining import JoiningWriter
from ..io.records.parquet import pyarrow
from ..io.remote import is_remote
from ..model.errors import CleanerError, InputSkipped
from ..model.inputs import InputFile, Part
from ..model.lines import count_characters
from ..model.report import FileReport
from .worker import Task, TaskResult

SIZE = 256 << 20  # bytes of a part
COPY = 1 << 20


def parts_of(item: InputFile, size: int = SIZE) -> list[Part]:
    """The parts that are worked on one by one; none where the file is worked on as a whole. Raises OSError."""
    form = form_of(item.path)
    if item.size <= size or is_remote(item.path) or form.compression or not form.name or item.record is not None:
        return []
    found = list(_row_groups(item, size) if form.name == "parquet" else _lines(item, size))
    return [replace(part, number=at, count=len(found)) for at, part in enumerate(found)] if len(found) > 1 else []


def _lines(item: InputFile, size: int) -> Iterator[Part]:
    with open(item.path, "rb") as file:
        start = at = chars = chars_before = 0
        record = record_before = 1
        while piece := file.read(min(COPY, size)):
            if at + len(piece) - start >= size:
                piece += file.readline()
            at += len(piece)
            chars += count_characters(piece, 0, len(piece))
            record += piece.count(b"\n")
            if at - start >= size:
                yield Part(start, at, record=record_before, chars=chars_before)
                start, record_before, chars_before = at, record, chars
        if at > start:
            yield Part(start, at, record=record_before, chars=chars_before)


def _row_groups(item: InputFile, size: int) -> Iterator[Part]:
    """None for what can't be read: the worker says why."""
    with suppress(InputSkipped):
        pa = pyarrow()
        with suppress(pa.ArrowException, ValueError):
            metadata = pa.parquet.ParquetFile(item.path).metadata
            start, held, record, before = 0, 0, 1, 1
            for group in range(metadata.num_row_groups):
                held += metadata.row_group(group).total_byte_size
                record += metadata.row_group(group).num_rows
                if held >= size or group == metadata.num_row_groups - 1:
                    yield Part(start, group + 1, record=before)
                    start, held, before = group + 1, 0, record


def split(task: Task, size: int | None = None) -> list[Task]:
    """The tasks of the parts of a task; the task itself where it is worked on as a whole."""
    parts = []
    with suppress(OSError):
        parts = parts_of(task.item, size or SIZE)
    if not parts:
        return [task]
    share = task.item.size // len(parts)
    return [
        replace(task, item=replace(task.item, part=part, size=share), temporary=f"{task.temporary}.{part.number}")
        for part in parts
    ]


class Joiner:
    """Holds the results of parts until that of the file can be made; with `folder` their outputs are joined."""

    def __init__(self, options: OutputOptions | None = None, folder: Folder | None = None) -> None:
        self._options, self._folder = options, folder
        self._held: dict[str, dict[int, tuple[Task, TaskResult]]] = {}

    def joined(self, task: Task, result: TaskResult) -> tuple[Task, TaskResult] | None:
        """The task and the result of a file, None until its last part is there."""
        part = task.item.part
        if part is None:
            return task, result
        held = self._held.setdefault(task.item.path, {})
        held[part.number] = task, result
        if len(held) < part.count:
            return None
        del self._held[task.item.path]
        done = [held[number] for number in range(part.count)]
        whole = replace(task, item=replace(task.item, part=None), temporary=task.temporary.rpartition(".")[0])
        return whole, self._whole(whole, done)

    def _whole(self, whole: Task, done: list[tuple[Task, TaskResult]]) -> TaskResult:
        results = [result for _, result in done]
        report = results[0].report
        for other in results[1:]:
            report.join(other.report)
        rows = b"".join(result.rows for result in results)
        if self._folder is None or self._options is None or report.status != "ok":
            return TaskResult(report, rows)
        made = JoiningWriter(self._options, self._folder, whole.item, whole.target, whole.temporary, whole.ours)
        try:
            made.over([task.temporary for task, _ in done])
            self._folder.sync([whole.temporary])
        except CleanerError as why:
            return TaskResult(FileReport(path=report.path, status="failed", problem=why), rows)
        except OSError as error:
            problem = write_problem(error, self._folder.full(whole.target))
            return TaskResult(FileReport(path=report.path, status="failed", problem=problem), rows)
        parts = [part for result in results for part in result.parts]
        return TaskResult(report, rows, made.read, made.outputs, parts)
