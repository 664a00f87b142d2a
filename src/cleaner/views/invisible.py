"""`check --invisible`: characters that do not show, by name, with their lines; hidden messages among them."""

from __future__ import annotations

import re
from collections import Counter

import msgspec
from rich.console import Console

from ..model.blocks import Block, Region
from ..model.edits import Edit, Flag
from ..model.lines import line_ends
from ..model.report import FileReport
from .console import say
from .diff_lines import LINE_END, LineReader
from .display import HIDDEN, badge, path, plain
from .i18n import t
from .jsonl import Row, error_of, number_of
from .view import View

AROUND = 20  # characters shown on each side
MOST = 20  # lines shown for one input; all are counted
RUN = 6  # badges shown of one run
INVISIBLE = re.compile(HIDDEN.pattern[:-1] + "\u200c\u200d\ufe00-\ufe0f]")
RUNS = re.compile(INVISIBLE.pattern + "+")
NONE = frozenset("\t\n\r\u3000")


class InvisibleRun(msgspec.Struct):
    """Invisible characters that are removed or letters that are replaced: the text around, their names in <>."""

    line: int
    text: str


class Message(msgspec.Struct):
    line: int
    mark: str
    bits: int
    characters: int
    says: str


class Count(msgspec.Struct):
    """How often one character was removed and was kept; `mark` is its name."""

    mark: str
    code: str
    removed: int
    kept: int


class InvisibleRow(Row, kw_only=True):
    marks: list[Count]
    messages: list[Message]
    places: list[InvisibleRun]
    count: int


class Invisible(View):
    """Gathers the invisible characters of one input, for the table and for JSON."""

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self.all: Counter[str] = Counter()
        self.removed: Counter[str] = Counter()
        self.places: list[InvisibleRun] = []
        self.count = 0
        self.messages: list[Message] = []
        self._lines = LineReader()

    def block(self, block: Block) -> None:
        self.all.update(char for char in INVISIBLE.findall(block.data.decode()) if char not in NONE)
        for region, source, before in self._lines.regions(block):
            self._region(region, source, before + 1)

    def _region(self, region: Region, source: str, first: int) -> None:
        for edit in region.edits:
            removed = [char for char in INVISIBLE.findall(edit.before) if char not in NONE and char not in edit.after]
            self.removed.update(removed)
            if edit.stage == "invisible" or (removed and any(rule.startswith("invisible/") for rule in edit.through)):
                self.count += 1
                if len(self.places) < MOST:
                    low, high = edit.start - region.offset, edit.end - region.offset
                    line = first + line_ends(source, 0, low)
                    self.places.append(InvisibleRun(line, _shown(source, low, high, edit)))
        for flag in region.flags:
            if flag.bits is not None:
                line = first + line_ends(source, 0, flag.start - region.offset)
                self.messages.append(Message(line, str(flag.mark), flag.bits, len(flag.text), _says(flag)))

    def end(self, report: FileReport) -> None:
        self._clear()

    def counts(self) -> list[Count]:
        return [
            Count(badge(char), f"U+{ord(char):04X}", self.removed[char], max(0, count - self.removed[char]))
            for char, count in self.all.most_common()
        ]

    def row(self, report: FileReport) -> Row:
        return InvisibleRow(
            path=report.path, record=number_of(report), status=report.status, error=error_of(report),
            marks=self.counts(), messages=self.messages, places=self.places, count=self.count,
        )  # fmt: skip


def _shown(source: str, low: int, high: int, edit: Edit) -> str:
    before = LINE_END.split(source[max(low - AROUND, 0) : low])[-1]
    after = LINE_END.split(source[high : high + AROUND], 1)[0]
    if edit.after:
        shown = f"<{plain(edit.before)} = {plain(edit.after)}>"
    else:
        shown = "".join(f"<{badge(char)}>" if INVISIBLE.match(char) else char for char in edit.before[:RUN])
        shown += f"...({len(edit.before)})" if len(edit.before) > RUN else ""
    return _badged(before) + shown + _badged(after)


def _badged(text: str) -> str:
    """Joiners and selectors too, which other views leave to the terminal; of a run the first two."""

    def badges(run: re.Match[str]) -> str:
        more = f"...({len(run.group())})" if len(run.group()) > 2 else ""
        return "".join(f"<{badge(char)}>" for char in run.group()[:2]) + more

    return RUNS.sub(badges, text)


def _says(flag: Flag) -> str:
    """Tag characters spell ASCII."""
    return "".join(chr(ord(char) - 0xE0000) for char in flag.text) if flag.mark == "tag" else ""


class InvisibleTable(Invisible):
    """Prints what each input holds."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console

    def end(self, report: FileReport) -> None:
        if report.status == "ok" and (self.all or self.places):
            say(self._console, path(report.path), 2, "bold")
            for one in self.counts():
                self._put(f"  {one.mark:<8}{t('removed')} {one.removed:,}  {t('kept')} {one.kept:,}")
            for message in self.messages:
                says = f": {plain(message.says)}" if message.says else ""
                what = f"{t('hidden message')}, {message.mark}, {message.characters} {t('characters')}"
                most = f"{t('at most')} {message.bits} {t('bits')}"
                self._put(f"  {what}, {most}, {t('line')} {message.line}{says}", "bold")
            for line in dict.fromkeys(f"{place.line:>7}  {place.text}" for place in self.places):
                self._put(line)
            if self.count > len(self.places):
                self._put(f"         ({t('more')}: {self.count - len(self.places)})", "dim")
            self._put("")
        super().end(report)

    def _put(self, text: str, style: str | None = None) -> None:
        say(self._console, text, 9, style)
