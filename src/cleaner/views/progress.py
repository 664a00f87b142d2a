"""A run while it lasts: a line on a terminal, or JSON lines for programs."""

from __future__ import annotations

import contextlib
import os
import time
from typing import Any, TextIO

from ..model.errors import CleanerError
from ..model.report import FileReport, Totals
from .display import clipped, path
from .i18n import t
from .jsonl import encoded

FIRST, EVERY = 1.0, 0.2  # seconds: shorter runs show nothing
EVERY_LINE = 10.0  # seconds between two lines of a log
MOST_COUNTED = 200_000  # inputs that are counted before the run begins


class Watch:
    """Follows a run and shows nothing. `counts` is how many inputs may be counted for it before the run."""

    counts = 0

    def expect(self, files: int, size: int) -> None: ...

    def tick(self, size: int) -> None:
        """Bytes read since the last time."""

    def done(self, report: FileReport) -> None: ...

    def lost(self, why: str) -> None:
        """A worker was lost and replaced."""

    def end(self, totals: Totals) -> None: ...


class Pace:
    """Counts, and what they say about the rest."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.files = self.size = 0
        self.all_files = self.all_size = 0

    @property
    def seconds(self) -> float:
        return max(time.monotonic() - self.began, 1e-6)

    @property
    def left(self) -> float | None:
        """Seconds to the end, by bytes and by files, whichever is slower; None where nobody counted."""
        shares = [(self.size, self.all_size), (self.files, self.all_files)]
        rest = [self.seconds * (whole - done) / done for done, whole in shares if done and whole >= done]
        return max(rest) if rest and self.all_files else None


class Progress(Watch):
    """One line on a terminal: how many, how fast, how long still."""

    counts = MOST_COUNTED

    def __init__(self, out: TextIO) -> None:
        self._out, self._pace = out, Pace()
        self._drawn = 0.0
        self._name = ""

    def expect(self, files: int, size: int) -> None:
        self._pace.all_files, self._pace.all_size = files, size

    def tick(self, size: int) -> None:
        self._pace.size += size
        self._draw()

    def done(self, report: FileReport) -> None:
        self._pace.files += 1
        self._name = report.path
        self._draw()

    def end(self, totals: Totals) -> None:
        if self._drawn:
            self._out.write("\r\x1b[2K")
            self._out.flush()

    def _draw(self) -> None:
        pace, now = self._pace, time.monotonic()
        if now - pace.began < FIRST or now - self._drawn < EVERY:
            return
        self._drawn = now
        of = f" / {pace.all_files:,}" if pace.all_files else ""
        left = f"  {t('left')} {clock(pace.left)}" if pace.left is not None else ""
        rate = f"{pace.size / pace.seconds / 1e6:,.1f} MB/s"
        said = f"{pace.files:,}{of} {t('files')}  {rate}{left}  {path(self._name)}"
        self._out.write(f"\r\x1b[2K{clipped(said, columns(self._out) - 1)}")  # a longer one would leave rows behind
        self._out.flush()


def columns(out: TextIO) -> int:
    """Of the terminal now: it may have been made narrower since."""
    with contextlib.suppress(OSError):
        return os.get_terminal_size(out.fileno()).columns or 80
    return 80


def clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}" if minutes >= 60 else f"{minutes}:{rest:02}"


class FileLog(Watch):
    """A line for each file: what was done, and how many edits and characters that were."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def done(self, report: FileReport) -> None:
        what = report.status if report.status != "ok" else "done before" if report.reused else ""
        what = what or ("changed" if report.changed else "recoded" if report.recoded else "unchanged")
        counts = ""
        if report.changed and not report.reused:
            removed = report.removed_by_rule.total()
            counts = f"  {t('edits')} {report.edits_by_rule.total():,} ({-removed:+,})"
        self._out.write(f"{t(what)}: {path(report.path)}{counts}\n")


class JsonLog(Watch):
    """JSON lines: `progress` now and then, `problem` and `skipped` for each such file, `worker-lost`, `end`."""

    counts = MOST_COUNTED

    def __init__(self, out: TextIO) -> None:
        self._out, self._pace = out, Pace()
        self._last = self._pace.began

    def expect(self, files: int, size: int) -> None:
        self._pace.all_files, self._pace.all_size = files, size

    def tick(self, size: int) -> None:
        self._pace.size += size
        if time.monotonic() - self._last >= EVERY_LINE:
            self._last = time.monotonic()
            self._line("progress", **self._counts(), left=self._pace.left)

    def done(self, report: FileReport) -> None:
        self._pace.files += 1
        if report.problem is not None:
            self._line("skipped" if report.status == "skipped" else "problem", **_problem(report.path, report.problem))
        for rule in sorted(report.timed_out):
            self._line("problem", path=path(report.path), what=f"rule {rule} took too long and was left out")

    def lost(self, why: str) -> None:
        self._line("worker-lost", why=why)

    def end(self, totals: Totals) -> None:
        self._line("end", **self._counts(), status=dict(totals.files), edits=sum(totals.edits_by_rule.values()))

    def _counts(self) -> dict[str, Any]:
        return {"files": self._pace.files, "bytes": self._pace.size, "seconds": round(self._pace.seconds, 3)}

    def _line(self, event: str, **values: Any) -> None:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self._out.write(encoded({"time": stamp, "event": event, **values}).decode() + "\n")
        self._out.flush()


def _problem(name: str, why: CleanerError) -> dict[str, str]:
    return {"path": path(why.where or name), "what": why.what, "hint": why.hint}
