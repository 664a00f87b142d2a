"""Every command on the documentation site, run next to copies of fixtures/demo (`messy`), chapters and shelf.

In ```console blocks `$ ` begins a command, `> ` goes on with it, all else is what it writes (stdout, then stderr).
`RECORD=1 pytest tests/test_docs.py` writes down what happens now.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import pytest
from samples import FIXTURES, ROOT

SITE = ROOT / "docs" / "site"
PAGES = sorted(path.relative_to(SITE).as_posix() for path in SITE.rglob("*.md"))
BASH = shutil.which("bash")
CLEANER = f'cleaner() {{ "{sys.executable}" -m cleaner "$@"; }}; python3() {{ "{sys.executable}" "$@"; }}; '
BLOCK = re.compile(r"(?ms)^```console\n(.*?)^```$")
COMMAND = re.compile(r"(?m)^\$ (.*(?:\n>.*)*)")

SHARE = re.compile(r"[\d.]+ %$", re.MULTILINE)  # changes with every rule, and means nothing here
TOOLS = ("bash", "git", "file", "sed")

needs_tools = pytest.mark.skipif(not all(map(shutil.which, TOOLS)), reason=f"needs {', '.join(TOOLS)}")


@needs_tools
@pytest.mark.parametrize("page", PAGES)
def test_commands(page: str, tmp_path: Path) -> None:
    written = (SITE / page).read_text("utf-8")
    if "import cleaner, datasets" in written:
        pytest.importorskip("datasets")
    if "env/bin/pip" in written and "WHEELS" not in os.environ:
        pytest.skip("WHEELS names no folder with a wheel of this")
    shutil.copytree(FIXTURES / "demo", tmp_path / "messy")
    shutil.copytree(FIXTURES / "chapters", tmp_path / "chapters")
    shutil.copytree(FIXTURES / "shelf", tmp_path / "shelf")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    try:
        happened = BLOCK.sub(lambda block: f"```console\n{session(block[1], tmp_path)}```", written)
    finally:
        for pid in tmp_path.glob("*.pid"):  # what a page starts it stops; where it failed before, we do
            with suppress(ProcessLookupError):
                os.kill(int(pid.read_text()), signal.SIGTERM)
    if os.environ.get("RECORD"):
        (SITE / page).write_text(happened, "utf-8")
    assert SHARE.sub("", happened) == SHARE.sub("", (SITE / page).read_text("utf-8"))


def session(block: str, folder: Path) -> str:
    return "".join(f"$ {command}\n{output(command, folder)}" for command in COMMAND.findall(block))


def output(command: str, folder: Path) -> str:
    script = "\n".join(line.removeprefix("> ").removeprefix(">") for line in command.split("\n"))
    env = os.environ | {"NO_COLOR": "1", "COLUMNS": "80", "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"}
    if "WHEELS" in env:
        env["PIP_FIND_LINKS"] = f"{env['WHEELS']} {env.get('PIP_FIND_LINKS', '')}"
    done = subprocess.run(
        [str(BASH), "-c", CLEANER + script], cwd=folder, env=env, capture_output=True, timeout=600, check=False
    )
    shown = (done.stdout + done.stderr).decode("utf-8", "backslashreplace")
    assert done.returncode <= 2, shown
    assert "Traceback" not in shown
    return shown if not shown or shown.endswith("\n") else shown + "\n"


def test_nobody_reads_a_page_without_commands_by_accident() -> None:
    assert sum(bool(BLOCK.search((SITE / page).read_text("utf-8"))) for page in PAGES) >= len(PAGES) - 1


@pytest.mark.skipif(find_spec("material") is None, reason="mkdocs-material is not installed")
def test_the_site_needs_no_network(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "-q", "--strict", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"}, capture_output=True)
    loaded = re.compile(r"""<(?:script|img|iframe)[^>]*src=["']?https?:|<link[^>]*rel=["']?stylesheet[^>]*https?:""")
    pages = list(tmp_path.rglob("*.html"))
    assert len(pages) > 14
    assert [page.name for page in pages if loaded.search(page.read_text("utf-8"))] == []
    assert "bracket-stamp" in (tmp_path / "reference" / "rules.html").read_text("utf-8")
    assert "--side-by-side" in (tmp_path / "reference" / "commands.html").read_text("utf-8")
