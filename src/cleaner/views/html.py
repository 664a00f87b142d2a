"""A report as one page: self-contained, no network, nothing in it runs but its own script (see `page/`).

Hunks wait in a temporary file until the run is over, so memory does not grow with their number. Text of strangers is
data in the page (JSON, `<` escaped) and becomes text nodes; hidden characters are badges before they get there.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import msgspec

from ..io.atomic import AtomicFile
from ..jobs.decisions import path_name
from ..matching.ruleset import RuleSet
from ..model.atomic import umask
from ..model.blocks import Block
from ..model.inputs import InputFile
from ..model.report import Document, FileReport, Totals
from .display import HIDDEN, path, plain
from .html_words import WORDS
from .hunks import Hunk, Hunks
from .i18n import chosen, t

PAGE = Path(__file__).parent / "html_page"
MOST = 200_000  # hunks in one page; a browser needs about 1 KB for each


class HtmlReport:
    """A sink; call `finish` when the run is over. Raises InputProblem where the page can't be written."""

    def __init__(self, place: str, rules: RuleSet) -> None:
        self._file = AtomicFile(place)
        self._known = rules
        self._spool = TemporaryFile()  # noqa: SIM115 - closed with the sink
        self._rules: dict[str, int] = {}
        self._files: list[dict[str, Any]] = []
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
            self._files.append(
                {
                    "path": path(report.path), "name": self._name, "encoding": self._encoding,
                    "length": report.chars, "removed": sum(self._kinds.values()),
                    "edits": sum(report.edits_by_rule.values()), "kinds": dict(self._kinds),
                }
            )  # fmt: skip
        elif self._count > self._before:  # it failed later on: nothing of it is shown
            self._files.append({"path": path(report.path), "name": "", "failed": True, "kinds": {}})

    def _row(self, hunk: Hunk) -> list[Any]:
        rule = self._rules.setdefault(hunk.rule, len(self._rules))
        return [
            hunk.id(self._name), len(self._files), hunk.line, rule, hunk.stage, hunk.kind, hunk.removed, hunk.pieces,
            list(hunk.key[1:]) if hunk.key else None, hunk.example,
        ]  # fmt: skip

    def finish(self, totals: Totals, title: str) -> None:
        import jinja2

        env = jinja2.Environment(autoescape=True, loader=jinja2.FileSystemLoader(PAGE), trim_blocks=True)
        style, script = ((PAGE / name).read_text("utf-8") for name in ("report.css", "report.js"))
        removed = sum(
            n for rule, n in totals.removed_by_rule.items() if self._known.by_id[rule].kind
        )  # repairs delete nothing
        parts = env.get_template("report.html").generate(
            lang="zh-CN" if chosen() == "zh" else "en", t=t, title=plain(title), totals=totals, style=style,
            script=script, style_hash=_hash(style), script_hash=_hash(script), left_out=self._left_out,
            problems=[(path(name), plain(t(why.what))) for name, why in totals.problems[:100]],
            removed=removed, meta=_escaped(self._meta(title)).decode(), hunks=self._written(),
        )  # fmt: skip
        with self._file as file:
            for part in parts:
                file.write([part.encode("utf-8", "backslashreplace")])
            file.close(0o666 & ~umask(), b"")
            file.commit()

    def _meta(self, title: str) -> dict[str, Any]:
        rules = [self._described(rule) for rule in self._rules]
        words = {word: t(word) for word in WORDS}
        return {"title": plain(title), "files": self._files, "rules": rules, "words": words}

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


def _escaped(data: Any) -> bytes:
    """JSON that may stand inside a script element; characters that steer how text is drawn are escaped too."""
    text = msgspec.json.encode(data).replace(b"<", b"\\u003c").replace(b">", b"\\u003e").replace(b"&", b"\\u0026")
    return text if text.isascii() else HIDDEN.sub(_unicode_escape, text.decode()).encode()


def _unicode_escape(found: re.Match[str]) -> str:
    units = found.group().encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
