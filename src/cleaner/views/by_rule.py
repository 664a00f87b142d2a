"""All matches of one rule together, over all inputs, each with its line: for judging a rule."""

from __future__ import annotations

from array import array
from collections import Counter
from tempfile import TemporaryFile

import msgspec
from rich.console import Console

from ..model.blocks import Block, Region
from ..model.inputs import InputFile
from ..model.lines import line_ends
from ..model.report import Document, Totals
from .console import Paint, gutter_of
from .diff_lines import Highlight, LineReader, highlighted_line
from .display import clipped, path, width
from .i18n import t
from .view import View
from .wrapping import Char, runs, styled


class RuleHit(msgspec.Struct, array_like=True):
    """Where a rule matched, and its line as characters and styles."""

    path: str
    line: int
    chars: list[Char]


class ByRule(View):
    """Shows the last `most` lines of each rule (0: all). Until then they wait on disk, in memory is only where."""

    def __init__(
        self, console: Console, whitespace: bool = False, context: int | None = None, most: int = 0
    ) -> None:  # fmt: skip
        self._paint = Paint(console)
        self._whitespace, self._most = whitespace, most
        self._spool = TemporaryFile()  # noqa: SIM115 - closed with the sink
        self._places: dict[str, array[int]] = {}
        self._chars: Counter[str] = Counter()
        self._last: dict[str, RuleHit] = {}
        self._hits: Counter[str] = Counter()
        self._path = ""
        self._lines = LineReader()

    def begin(self, item: InputFile, document: Document) -> None:
        self._path, self._lines = item.path, LineReader()

    def block(self, block: Block) -> None:
        for region, source, before in self._lines.regions(block):
            self._region(region, source, before + 1)

    def _region(self, region: Region, source: str, line: int) -> None:
        """Each rule's own highlights only: what others do to the line is no help in judging it."""
        highlights: dict[str, list[Highlight]] = {}
        for edit in region.edits:
            if self._whitespace or edit.stage != "whitespace":
                start, end = edit.start - region.offset, edit.end - region.offset
                highlights.setdefault(edit.rule, []).append(Highlight(start, end, edit.after, "gone", ""))
                self._chars[edit.rule] += end - start - len(edit.after)
        for tag in region.tags:
            start, end = tag.start - region.offset, tag.end - region.offset
            highlights.setdefault(tag.rule, []).append(Highlight(start, end, "", "tag", ""))
        for rule, own in highlights.items():
            self._hits[rule] += len(own)
            self._rule(rule, own, source, line)

    def _rule(self, rule: str, highlights: list[Highlight], source: str, line: int) -> None:
        at = 0
        for one in highlights:
            line, at = line + line_ends(source, at, one.start), one.start
            chars = highlighted_line(source, highlights, one.start, one.end)
            if more := line_ends(source[one.start : one.end].rstrip("\r\n")):
                chars = chars + styled(f" ({t(f'the first of {more + 1:,} lines')})", "dim")
            self._keep(rule, RuleHit(path(self._path), line, chars))

    def _keep(self, rule: str, hit: RuleHit) -> None:
        if self._last.get(rule) == hit:  # another match on a line that is shown whole
            return
        self._last[rule] = hit
        self._places.setdefault(rule, array("q")).append(self._spool.tell())
        self._spool.write(msgspec.json.encode(hit) + b"\n")

    def finish(self, totals: Totals) -> None:
        """Print the rules, those with most matches first."""
        gutter = gutter_of(self._paint.width)
        for rule, places in sorted(self._places.items(), key=lambda item: (-self._hits[item[0]], item[0])):
            self._paint.console.print()
            self._paint.put([(rule, "bold"), (f"  {self._counts(rule)}", "dim")])
            for place in places[-self._most :]:
                self._spool.seek(place)
                self._hit(msgspec.json.decode(self._spool.readline(), type=RuleHit), gutter)

    def _counts(self, rule: str) -> str:
        if rule not in self._chars:
            return f"{t('placeholders')} {self._hits[rule]:,}"
        return f"{t('edits')} {self._hits[rule]:,} ({-self._chars[rule]:+,})"

    def _hit(self, hit: RuleHit, gutter: int) -> None:
        where = f":{hit.line}"
        name = clipped(hit.path.rpartition("/")[2], gutter - 2 - len(where)) + where
        for number, row in enumerate(self._paint.cut(hit.chars, self._paint.width - gutter - 1)):
            left = name if number == 0 else ""
            self._paint.put([("  " + left + " " * (gutter - 1 - width(left)), "dim"), *runs(row)])
