"""The pictures of the READMEs: `cleaner diff` on a terminal of 88 columns, photographed by Chromium.

python docs/pictures.py        # needs chromium and the font Noto Sans Mono CJK SC, whose hanzi are two cells wide
"""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import tempfile
import termios
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

ROOT = Path(__file__).parents[1]
COLUMNS, CELL, LINE, EDGE = 88, 8.5, 25, 16  # columns; pixels of a cell, of a line, around the text
TEXTS = ("diff", "fixtures/demo/novel.txt", "fixtures/demo/speech.txt")
SHELF = ("diff", "fixtures/shelf")
PAGE = """<meta charset="utf-8"><style>body {{ margin: {edge}px; background: #1c1c1c; color: #e4e4e4 }}
pre {{ margin: 0; font: 17px/{line}px "Noto Sans Mono CJK SC"; white-space: pre }}</style><pre>{code}</pre>"""


def on_a_terminal(*command: str, lang: str) -> str:
    """What a command writes to a terminal, with its colours."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 200, COLUMNS, 0, 0))
    env = os.environ | {"CLEANER_LANG": lang, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    with subprocess.Popen(
        [sys.executable, "-m", "cleaner", "--no-config", *command, "--no-pager"],
        cwd=ROOT, env=env, stdin=slave, stdout=slave, stderr=subprocess.DEVNULL,
    ):  # fmt: skip
        os.close(slave)
        written = b""
        while piece := _read(master):
            written += piece
    return written.decode().replace("\r\n", "\n")


def _read(master: int) -> bytes:
    try:
        return os.read(master, 1 << 16)
    except OSError:  # the other end is closed
        return b""


def picture(shows: tuple[str, ...], lang: str, target: Path) -> None:
    shown = f"$ cleaner {' '.join(shows)}\n" + on_a_terminal(*shows, lang=lang)
    console = Console(record=True, width=COLUMNS, color_system="truecolor", file=open(os.devnull, "w"))  # noqa: SIM115
    console.print(Text.from_ansi(shown), soft_wrap=True)
    code = console.export_html(theme=MONOKAI, code_format="{code}", inline_styles=True)
    # × is as wide as a hanzi in this font: a row with three of them needs more room
    size = f"{int((COLUMNS + 6) * CELL) + 2 * EDGE},{shown.count(chr(10)) * LINE + 2 * EDGE}"
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        page.write_text(PAGE.format(edge=EDGE, line=LINE, code=code), "utf-8")
        options = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={folder}/user")
        command = ["chromium", *options, f"--window-size={size}", f"--screenshot={target}", page.as_uri()]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    for shows, name in ((TEXTS, "diff"), (SHELF, "documents")):
        picture(shows, "en", ROOT / "docs" / "pictures" / f"{name}.png")
        picture(shows, "zh", ROOT / "docs" / "pictures" / f"{name}.zh.png")
