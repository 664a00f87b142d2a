"""A pager for a person at a terminal, chosen as git does: CLEANER_PAGER, PAGER, less."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


@contextlib.contextmanager
def paged(console: Console, wanted: bool = True) -> Iterator[Console]:
    """A console that writes to the pager; `console` itself where there is no pager or no terminal for it.

    Unless LESS is set, less gets the options FRX: it leaves short output on the screen and keeps colours.
    """
    command = os.environ.get("CLEANER_PAGER", os.environ.get("PAGER", "less"))
    program = command.split()[0] if command.split() else "cat"
    dumb = os.environ.get("TERM", "dumb") == "dumb" and os.name != "nt"  # less would ask before it shows anything
    if not wanted or dumb or not sys.stdout.isatty() or program == "cat" or shutil.which(program) is None:
        yield console
        return
    from rich.console import Console as RichConsole

    env = {"LESS": "FRX", "LESSCHARSET": "utf-8", "LV": "-c"} | os.environ
    width = console.width
    with contextlib.ExitStack() as watched:
        if hasattr(signal, "SIGCHLD"):
            watched.callback(signal.signal, signal.SIGCHLD, signal.signal(signal.SIGCHLD, _left))
        pager = subprocess.Popen(command, shell=True, stdin=subprocess.PIPE, env=env)
        assert pager.stdin is not None
        pipe = io.TextIOWrapper(pager.stdin, "utf-8", errors="backslashreplace", write_through=True)
        try:
            yield RichConsole(
                file=pipe, force_terminal=True, width=width, highlight=False, markup=False, emoji=False,
                color_system=console.color_system or None,  # type: ignore[arg-type]
            )  # fmt: skip
        finally:
            watched.close()  # from here on the pager may end
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
            _wait(pager)


def _left(*_: object) -> None:
    """The reader quit: over clean text it could take long until the next row meets the closed pipe."""
    raise SystemExit(1)


def _wait(pager: subprocess.Popen[bytes]) -> None:
    """Until the reader is done; a ^C meant for the pager is not ours."""
    while True:
        with contextlib.suppress(KeyboardInterrupt):
            pager.wait()
            return
