"""Run one entry of a folder, print its figures, and store them as JSON.

An entry is a module with a docstring and `main(argv) -> Figures`. Figures are plain data; a list of dictionaries with
the same keys is printed as a Markdown table. Modules whose names begin with `_` are no entries.
"""

from __future__ import annotations

import argparse
import ast
import datetime
import importlib
import json
import os
import platform
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
OURS = ("cleaner", "tools", "training", "evaluation", "benchmarks")
Figures = dict[str, Any]


class Skipped(Exception):
    """An entry can't run here. The message says what is missing."""


def options(module: str, description: str | None) -> argparse.ArgumentParser:
    """Return a parser with the options of every entry. `module` is the entry's `__name__`."""
    parser = argparse.ArgumentParser(
        prog=f"python -m {module.replace('.', ' ')}",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared", help="data folder (default: ../shared)")
    parser.add_argument("--no-save", action="store_true", help="print the figures, store nothing")
    return parser


def entries(folder: Path) -> dict[str, str]:
    """Return the docstring of every entry by name. Nothing is imported: an entry may need a library that is missing."""
    return {
        path.stem: ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
        for path in sorted(folder.glob("[!_]*.py"))
    }


def run(folder: Path, argv: Sequence[str]) -> int:
    """List the entries of `folder`, or run the one that `argv` names. Return an exit code; 0 for a skipped entry."""
    known = entries(folder)
    if not argv or argv[0] in ("-h", "--help"):
        print(f"usage: python -m {folder.name} NAME [options]    (options of an entry: NAME --help)\n")
        for name, text in known.items():
            print(f"  {name:{max(map(len, known))}}  {text.partition(chr(10))[0]}")
        return 0
    name, *rest = argv
    if name not in known:
        print(f"{folder.name} has no entry {name}; it has {', '.join(known)}", file=sys.stderr)
        return 2
    try:
        figures: Figures = importlib.import_module(f"{folder.name}.{name}").main(rest)
    except Skipped as reason:
        print(f"{name} is skipped: {reason}", file=sys.stderr)
        return 0
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in OURS:
            raise
        print(f"{name} is skipped: the module {error.name} is not installed\n\n{known[name]}", file=sys.stderr)
        return 0
    show(figures)
    if "--no-save" not in rest:
        save(folder / "results" / f"{name}.json", name, _command(folder.name, name, rest), figures)
    return 0


def show(figures: Figures) -> None:
    """Print figures: rows as a Markdown table, all else as `name: value`."""
    for name, value in figures.items():
        if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
            columns = list(value[0])
            print(f"\n{name}\n\n| " + " | ".join(columns) + " |\n" + "|---" * len(columns) + "|")
            for row in value:
                cells = ("" if row[column] is None else str(row[column]) for column in columns)
                print("| " + " | ".join(cells) + " |")
            print()
        else:
            print(f"{name}: {value}")


def save(path: Path, name: str, command: str, figures: Figures) -> None:
    """Write figures with the commit, date and machine they were taken at."""
    path.parent.mkdir(exist_ok=True)
    found = {
        "name": name,
        "command": command,
        "commit": _commit(),
        "date": datetime.date.today().isoformat(),
        "machine": {
            "cpu": _cpu(),
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "system": f"{platform.system()} {platform.machine()}",
        },
        "figures": figures,
    }
    path.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _command(folder: str, name: str, rest: Sequence[str]) -> str:
    """Return the command without `--shared DIR`: where the data lies says nothing about the figures."""
    places = {at + more for at, word in enumerate(rest) if word == "--shared" for more in (0, 1)}
    words = [word for at, word in enumerate(rest) if at not in places and not word.startswith("--shared=")]
    return shlex.join(["python", "-m", folder, name, *words])


def _commit() -> str:
    """Return the commit of the project, `-dirty` where other files than results differ from it, "" outside of git."""
    try:
        changed = _git("status", "--porcelain", "--untracked-files=no", "--", ".", ":(exclude)*/results/*")
        return _git("rev-parse", "--short=12", "HEAD") + ("-dirty" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return ""


def _git(*args: str) -> str:
    return subprocess.run(["git", *args], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.processor()
    )
