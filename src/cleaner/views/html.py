"""A report as one page: self-contained, no network, no script but its own (`html_page/`).

Hunks wait in a temporary file until the run is over, so memory does not grow with their number. Text of strangers is
data in the page (JSON, `<` escaped) and becomes text nodes; invisible characters are badges before they get there.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryFile

import msgspec

from ..jobs.decisions import path_name
from ..matching.ruleset import RuleSet
from ..model.blocks import Block
from ..model.inputs import InputFile
from ..model.report import Document, FileReport, Totals
from .display import HIDDEN, path, plain
from .hunks import Hunk, Hunks
from .i18n import chosen, t
from .view import View

PAGE = Path(__file__).parent / "html_page"
MOST = 200_000  # hunks in one page; a browser needs about 1 KB for each


# What the page's script says, in the language of the run.
WORDS = (
    "accept", "accepted", "all", "characters", "decided", "edits", "exception", "exceptions", "file", "files",
    "hunks", "more", "next", "none match", "of", "outlier", "page", "previous", "reject", "rejected", "repairs",
    "rule", "undecided", "whole rule", "ad", "watermark", "header", "footer", "navigation", "contact", "notice",
    "invisible", "date", "number", "place", "person", "org", "other", "mojibake", "boilerplate", "whitespace",
    "placeholder", "link", "removed", "undo", "line",
)  # fmt: skip


class PageFile(msgspec.Struct):
    """A file of the page: `length` and `removed`, in all and by kind, in characters."""

    path: str
    name: str = ""
    encoding: str = ""
    length: int = 0
    removed: int = 0
    edits: int = 0
    kinds: dict[str, int] = msgspec.field(default_factory=dict)
    failed: bool = False


class HtmlReport(View):
    """Writes the page with `write`, in UTF-8, in `finish`; it is called `title`."""

    def __init__(self, write: Callable[[bytes], object], rules: RuleSet, title: str) -> None:
        self._write, self._title, self._known = write, plain(title), rules
        self._spool = TemporaryFile()  # noqa: SIM115 - closed with the sink
        self._rules: dict[str, int] = {}
        self._files: list[PageFile] = []
        self._kinds: Counter[str] = Counter()
        self._hunks = Hunks()
        self._name = ""
        self._count = self._left_out = self._before = 0
        self._encoding = ""

    def begin(self, item: InputFile, document: Document) -> None:
        self._name, self._encoding = path_name(item.name), document.source.encoding
        self._hunks, self._kinds, self._before = Hunks(), Counter(), self._count

    def block(self, block: Block) -> None:
        for hunk in self._hunks.of(block):
            if hunk.key is not None and hunk.kind is not None:  # repairs delete nothing
                self._kinds[hunk.kind] += max(hunk.removed, 0)
            if self._count >= MOST:
                self._left_out += 1
                continue
            self._count += 1
            self._spool.write(_escaped(self._row(hunk)) + b"\n")

    def end(self, report: FileReport) -> None:
        if report.status == "ok" and (report.changed or report.placeholders):
            removed, edits = sum(self._kinds.values()), sum(report.edits_by_rule.values())
            about = self._name, self._encoding, report.chars, removed, edits, dict(self._kinds)
            self._files.append(PageFile(path(report.path), *about))
        elif self._count > self._before:  # it failed later on: nothing of it is shown
            self._files.append(PageFile(path(report.path), failed=True))

    def _row(self, hunk: Hunk) -> list[object]:
        """The fields in the order in which report.js reads them; files and rules by their numbers."""
        rule = self._rules.setdefault(hunk.rule, len(self._rules))
        key = hunk.key[1:] if hunk.key else None
        about = [hunk.id(self._name), len(self._files), hunk.line, rule, hunk.stage, hunk.kind, hunk.removed]
        return [*about, hunk.pieces, key, hunk.example]

    def finish(self, totals: Totals) -> None:
        style, script = ((PAGE / name).read_text("utf-8") for name in ("report.css", "report.js"))
        removed = sum(
            n for rule, n in totals.removed_by_rule.items() if self._known.by_id[rule].kind
        )  # repairs delete nothing
        parts = page_parts(
            "report.html", title=self._title, totals=totals, style=style, script=script,
            style_hash=hash_of(style), script_hash=hash_of(script), left_out=self._left_out,
            problems=[(path(name), plain(t(why.what))) for name, why in totals.problems[:100]],
            removed=removed, meta=_escaped(self._meta()).decode(), hunks=self._written(),
        )  # fmt: skip
        for part in parts:
            self._write(part.encode("utf-8", "backslashreplace"))

    def _meta(self) -> dict[str, object]:
        rules = [self._described(rule) for rule in self._rules]
        return {"title": self._title, "files": self._files, "rules": rules, "words": {word: t(word) for word in WORDS}}

    def _described(self, rule: str) -> dict[str, str]:
        known = self._known.by_id.get(rule)
        return {"id": rule, "why": plain(known.written.why) if known else ""}

    def _written(self) -> Iterator[str]:
        """The rows of the page's data, read back in pieces."""
        self._spool.seek(0)
        comma = ""
        for row in self._spool:
            yield comma + row.decode().rstrip("\n")
            comma = ",\n"


def _escaped(data: object) -> bytes:
    """JSON that may stand inside a script element; characters that steer how text is drawn are escaped too."""
    text = msgspec.json.encode(data).replace(b"<", b"\\u003c").replace(b">", b"\\u003e").replace(b"&", b"\\u0026")
    return text if text.isascii() else HIDDEN.sub(_unicode_escape, text.decode()).encode()


def _unicode_escape(found: re.Match[str]) -> str:
    units = found.group().encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def page_parts(template: str, **given: object) -> Iterator[str]:
    """The parts of a page in the chosen language; all that is `given` is escaped."""
    import jinja2

    env = jinja2.Environment(autoescape=True, loader=jinja2.FileSystemLoader(PAGE), trim_blocks=True)
    return env.get_template(template).generate(lang="zh-CN" if chosen() == "zh" else "en", t=t, **given)


def hash_of(text: str) -> str:
    """What a content security policy names a script or a style by."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
