"""`check --encodings`, for programs: what each input is read as, why, how surely, what else it may be, what is wrong.

Gathered here once; `encoding_table` and `encoding_page` show the same rows to people.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from ..model.blocks import Block
from ..model.edits import Edit, shifted
from ..model.errors import Undecided
from ..model.inputs import InputFile
from ..model.lines import line_ends, split_lines
from ..model.report import Document, FileReport
from ..model.source import ByteSpan, Judgement, Reading, SourceEncoding
from ..stages.mojibake.chains import REPAIRS, Chain, chain_of, history
from .diff_lines import LineReader
from .jsonl import Row, head, number_of
from .view import View

MOST = 1000  # spans listed in JSON; all are counted
LONGEST = 80  # characters of a repaired run
NEAR = 2048  # characters around a line that may say how it came about
TRIES = 32  # lines of an input whose chain is looked for in vain


class Damage(msgspec.Struct):
    """What could not be decoded: its line, its characters in the decoded text, its bytes in hex."""

    line: int
    start: int
    end: int
    bytes: str


class ForeignSpan(msgspec.Struct):
    """Lines `line` to `last` in another encoding than the rest, and their characters."""

    encoding: str
    line: int
    last: int
    start: int
    end: int


class Repair(msgspec.Struct):
    """Runs of mojibake that came about in the same way; the first is on `line`. `chain` is "" where it is not known."""

    chain: str
    rule: str
    runs: int
    line: int
    before: str
    after: str


class EncodingRow(Row, kw_only=True):
    """How an input is read. `readings` are that one and the runner-up on `line`, the first on which they differ."""

    encoding: str
    found: str
    confidence: float
    line: int
    readings: tuple[Reading, ...]
    label: str
    lies: bool
    damaged: int
    damage: list[Damage]
    stretches: list[ForeignSpan]
    repairs: list[Repair]


class UndecidedRow(Row, kw_only=True):
    """An input that was left alone, and what it may say on `line`."""

    line: int
    readings: tuple[Reading, ...]


class Encodings(View):
    """Gathers how one input is read."""

    def __init__(self) -> None:
        self._judgement = Judgement()
        self._repairs = _Repairs()
        self._spans: Sequence[ByteSpan] = ()
        self._lines: list[int] = []  # of the first and the last character of each span
        self._line = 1

    def begin(self, item: InputFile, document: Document) -> None:
        self._judgement, self._repairs = document.judgement(), _Repairs()
        self._spans, self._lines, self._line = document.spans, [], 1

    def block(self, block: Block) -> None:
        """The spans of a block are known before it; only their lines are counted here."""
        self._repairs.block(block)
        end = block.offset + block.chars
        text, at = "", 0
        while (number := len(self._lines)) < 2 * len(self._spans):
            span = self._spans[number // 2]
            position = span.end - 1 if number % 2 else span.start
            if position >= end:
                break
            text = text or block.data.decode()
            self._line += line_ends(text, at, position - block.offset)
            at = max(at, position - block.offset)
            self._lines.append(self._line)
        self._line += line_ends(text, at) if text else line_ends(block.data)

    def damage(self, source: SourceEncoding) -> list[Damage]:
        lines = {span.start: line for span, line in zip(source.spans, self._lines[::2], strict=True)}
        return [Damage(lines[one.start], one.start, one.end, one.raw.hex()) for one in source.damaged]

    def foreign_spans(self, source: SourceEncoding) -> list[ForeignSpan]:
        """Adjacent spans in one encoding are joined."""
        found: list[ForeignSpan] = []
        for span, first, last in zip(source.spans, self._lines[::2], self._lines[1::2], strict=True):
            if not span.encoding:
                continue
            if found and (found[-1].encoding, found[-1].end) == (span.encoding, span.start):
                found[-1].last, found[-1].end = last, span.end
            else:
                found.append(ForeignSpan(span.encoding, first, last, span.start, span.end))
        return found

    def row(self, report: FileReport) -> Row:
        source = report.source
        if isinstance(report.problem, Undecided) and (judgement := report.problem.judgement) is not None:
            start = head(report)
            return UndecidedRow(
                path=report.path, record=number_of(report), status=start.status, error=start.error, line=judgement.line,
                readings=judgement.readings,
            )  # fmt: skip
        if report.status != "ok" or source is None:
            return head(report)
        damage, judgement = self.damage(source), self._judgement
        return EncodingRow(
            path=report.path, record=number_of(report), status="ok", encoding=source.encoding, found=source.method,
            confidence=round(source.confidence, 4), line=judgement.line, readings=judgement.readings,
            label=judgement.label, lies=judgement.lies, damaged=len(damage), damage=damage[:MOST],
            stretches=self.foreign_spans(source)[:MOST], repairs=self._repairs.found(),
        )  # fmt: skip


class _Repairs:
    """The mojibake of one input, by how it came about."""

    def __init__(self) -> None:
        self._lines = LineReader()
        self._found: dict[str, Repair] = {}
        self._chains: dict[Chain, None] = {}
        self._tries = TRIES

    def found(self) -> list[Repair]:
        return sorted(self._found.values(), key=lambda repair: -repair.runs)

    def block(self, block: Block) -> None:
        for region, source, before in self._lines.regions(block):
            edits = [edit for edit in region.edits if edit.rule.startswith(REPAIRS)]
            for number, at, line, here in _by_line(source, before + 1, shifted(edits, -region.offset)):
                near = source[max(0, at - NEAR // 2) : at + NEAR // 2]
                self._line(number, line, shifted(here, -at), near)

    def _line(self, number: int, line: str, edits: list[Edit], near: str) -> None:
        chain = chain_of(line, edits, near, self._chains, self._tries > 0)
        if chain:
            self._chains[chain] = None
        self._tries -= not chain
        said = history(chain) if chain else ""
        first = edits[0]
        repair = self._found.setdefault(
            said or first.rule,
            Repair(said, first.rule, 0, number, first.before[:LONGEST], first.after[:LONGEST]),
        )
        repair.runs += len(edits)


def _by_line(source: str, first_line: int, edits: list[Edit]) -> Iterator[tuple[int, int, str, list[Edit]]]:
    """The lines of a text that have edits: their numbers, where they begin, themselves, and their edits."""
    at = first = 0
    for number, line in enumerate(split_lines(source) if edits else (), first_line):
        last = first
        while last < len(edits) and edits[last].start < at + len(line):
            last += 1
        if last > first:
            yield number, at, line, edits[first:last]
        at, first = at + len(line), last
