"""Files of records: JSON lines and Parquet; and the compression around them and around plain text.

One module for each form gives batches of records. What a batch makes of its cleaned texts is written by `writer`.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import Any, BinaryIO, NamedTuple, Protocol

import msgspec

from ...model.blocks import Block
from ...model.edits import Edit
from ...model.errors import InputProblem
from .compression import COMPRESSIONS

ENDINGS = {"jsonl": "jsonl", "ndjson": "jsonl", "parquet": "parquet"}
ANNOTATIONS = {"edits": "cleaner_edits", "counts": "cleaner_counts"}  # fields that --annotate adds


class Form(NamedTuple):
    """What the name of a file says: "jsonl", "parquet" or "" for anything else; and its compression, "" for none."""

    name: str
    compression: str


def form_of(path: str) -> Form:
    stem, dot, last = os.path.basename(path).lower().rpartition(".")
    compression = last if dot and last in COMPRESSIONS else ""
    ending = (stem.rpartition(".")[2] if "." in stem else "") if compression else last if dot else ""
    return Form(ENDINGS.get(ending, ""), compression)


def renamed(name: str, to: str) -> str:
    """The name of the output of a file of records in the form `to`; any other name as it is."""
    form = form_of(name)
    if not form.name:
        return name
    stem = name.rpartition(".")[0] if form.compression else name
    return f"{stem.rpartition('.')[0]}.{to}"


class Record(msgspec.Struct, frozen=True, gc=False):
    """One record, counted from 1 (in JSON lines the line): its text, or what keeps it from having one."""

    number: int
    text: str = ""
    problem: InputProblem | None = None


class Done(msgspec.Struct, frozen=True, gc=False):
    """What became of a record: its edits in characters of its text; None where the record is left as it is."""

    edits: list[Edit] | None
    annotation: Any = msgspec.UNSET

    @classmethod
    def of(cls, edits: list[Edit], annotate: str) -> Done:
        """`annotate` says what is written next to the record: a key of ANNOTATIONS, or "none"."""
        if annotate == "edits":
            return cls(edits, [annotated(edit) for edit in edits])
        if annotate == "counts":
            rules = Counter(edit.rule for edit in edits)
            return cls(edits, [{"rule": rule, "count": count} for rule, count in sorted(rules.items())])
        return cls(edits)


def annotated(edit: Edit) -> dict[str, Any]:
    return {name: getattr(edit, name) for name in ("start", "end", "before", "after", "rule", "kind")}


class Batch(Protocol):
    """Some records that follow each other. `done` is one for each of them."""

    records: list[Record]

    def block(self, done: list[Done]) -> Block:
        """The batch as lines of JSON, with the edits in characters of these."""
        ...

    def table(self, done: list[Done]) -> Any:
        """The batch after its edits as a table of pyarrow."""
        ...

    def lines(self, done: list[Done]) -> bytes:
        """The batch after its edits as lines of JSON."""
        ...


def open_records(path: str, file: BinaryIO, field: str, annotate: str, known: str | None) -> Any:
    """The reader of a file of records; None where the file is none or empty. `known` is its form by its content.

    Raises InputSkipped where no record has the field, and where what reads it is not installed.
    """
    name = form_of(path).name or ("jsonl" if known == "JSON lines" else "")
    file.seek(0)
    if not file.read(1):
        return None
    if name == "jsonl":
        from .json_lines import JsonReader

        return JsonReader.of(file, field, annotate)
    if name == "parquet":
        from .parquet import ParquetReader

        return ParquetReader.of(file, field, annotate)
    return None
