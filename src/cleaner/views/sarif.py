"""SARIF 2.1.0, for code hosts and editors: each edit a result with its fix, each failed input a notification.

Results are written as they come and the rules after them, so memory does not grow with the run.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from .. import __version__
from ..jobs.decisions import EditKeys
from ..matching.ruleset import RuleSet
from ..model.blocks import Block, Region
from ..model.edits import Edit, Tag
from ..model.inputs import InputFile
from ..model.lines import line_ends, split_lines
from ..model.report import Document, FileReport, Totals
from .display import plain
from .jsonl import encoded
from .view import View

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
SNIPPET = 200  # characters of a removed text in a message


class Sarif(View):
    """Writes JSON in UTF-8 with `write`, its end in `finish`."""

    def __init__(self, write: Callable[[bytes], object], rules: RuleSet) -> None:
        self._write = write
        self._rules = rules
        self._known: dict[str, int] = {}
        self._problems: list[dict[str, Any]] = []
        self._uri = ""
        self._line = 1
        self._keys = EditKeys()
        self._first = True
        head = encoded({"$schema": SCHEMA, "version": "2.1.0"})
        self._write(head[:-1] + b',"runs":[{"columnKind":"unicodeCodePoints","results":[')

    def begin(self, item: InputFile, document: Document) -> None:
        self._uri, self._line, self._keys = uri(item.path), 1, EditKeys()

    def block(self, block: Block) -> None:
        at = 0
        for region, keys in zip(block.regions, self._keys.of(block), strict=True):
            self._line += line_ends(block.data, at, region.start)
            at = region.start
            if not region.edits and not region.tags:
                continue
            columns = LineColumns(block.data[region.start : region.end].decode(), region, self._line)
            for edit, key in zip(region.edits, keys, strict=True):
                fingerprint = " | ".join((key.before, key.text, key.after, str(key.nth)))
                self._put(self._edit(edit, columns) | {"partialFingerprints": {"edit/v1": fingerprint}})
            for tag in region.tags:
                self._put(self._tag(tag, columns))
        self._line += line_ends(block.data, at)

    def end(self, report: FileReport) -> None:
        if report.status == "failed" and report.problem is not None:
            where = {"physicalLocation": {"artifactLocation": {"uri": uri(report.path)}}}
            self._problems.append(
                {"level": "error", "message": {"text": plain(report.problem.what)}, "locations": [where]}
            )

    def finish(self, totals: Totals | None = None) -> None:
        rules = [self._described(rule) for rule in self._known]
        driver = {"name": "cleaner", "version": __version__, "rules": rules}
        done = {"executionSuccessful": not self._problems, "toolExecutionNotifications": self._problems}
        tail = encoded({"tool": {"driver": driver}, "invocations": [done]})
        self._write(b"\n]," + tail[1:] + b"]}\n")

    def _put(self, result: dict[str, Any]) -> None:
        self._write((b"\n" if self._first else b",\n") + encoded(result))
        self._first = False

    def _edit(self, edit: Edit, columns: LineColumns) -> dict[str, Any]:
        region = columns.region(edit.start, edit.end)
        what = plain(edit.before[:SNIPPET]) + ("..." if len(edit.before) > SNIPPET else "")
        text = f"{what!r} becomes {plain(edit.after[:SNIPPET])!r}" if edit.after else f"{what!r} is removed"
        change = {"deletedRegion": region, "insertedContent": {"text": edit.after}}
        fix = {"artifactChanges": [{"artifactLocation": {"uri": self._uri}, "replacements": [change]}]}
        return self._result(edit.rule, "warning" if edit.kind else "note", text, region) | {"fixes": [fix]}

    def _tag(self, tag: Tag, columns: LineColumns) -> dict[str, Any]:
        region = columns.region(tag.start, tag.end)
        return self._result(tag.rule, "note", f"{plain(tag.text)!r} stands for {tag.kind}", region)

    def _result(self, rule: str, level: str, text: str, region: dict[str, Any]) -> dict[str, Any]:
        place = {"artifactLocation": {"uri": self._uri}, "region": region}
        return {
            "ruleId": rule,
            "ruleIndex": self._known.setdefault(rule, len(self._known)),
            "level": level,
            "message": {"text": text},
            "locations": [{"physicalLocation": place}],
        }

    def _described(self, rule: str) -> dict[str, Any]:
        known = self._rules.by_id.get(rule)
        why = known.written.why if known else ""
        return {"id": rule, "shortDescription": {"text": plain(why) or rule}}


class LineColumns:
    """Lines and columns, from 1, of characters of the source."""

    def __init__(self, text: str, region: Region, line: int) -> None:
        self._first = line
        self._starts = [region.offset]
        for line_text in split_lines(text):
            self._starts.append(self._starts[-1] + len(line_text))

    def region(self, start: int, end: int) -> dict[str, Any]:
        (line, column), (last, stop) = self._place(start), self._place(end)
        return {
            "startLine": line, "startColumn": column, "endLine": last, "endColumn": stop,
            "charOffset": start, "charLength": end - start,
        }  # fmt: skip

    def _place(self, at: int) -> tuple[int, int]:
        number = bisect_right(self._starts, at) - 1
        return self._first + number, at - self._starts[number] + 1


def uri(path: str) -> str:
    """A path as a relative reference; bytes that are no text are escaped as they are."""
    if path == "-":
        return "stdin"
    raw = path.encode("utf-8", "surrogateescape").removeprefix(b"./")
    return ("file://" if raw.startswith(b"/") else "") + quote(raw, safe="/-._~")
