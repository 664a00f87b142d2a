"""Texts outside of the project: a folder that may be missing, whose files are found by their content.

The project holds no text of others, and no names of theirs: a label says by SHA-256 which text it belongs to.
"""

from __future__ import annotations

import hashlib
import json
import runpy
import tarfile
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from cleaner.model.errors import InputProblem, InputSkipped
from cleaner.stages.decode import decode
from tools.runner import ROOT, Skipped

LABELS = ROOT / "training" / "data" / "labels"


class Labelled(NamedTuple):
    """A text and what of it is labelled.

    `label` holds `remove` ([start, end, kind]) and `ignore` ([start, end]), in characters of the text decoded as
    `encoding`; `window`, the characters that were labelled (None: all); `family`, and `site`, which is the same for
    texts of the same site.
    """

    name: str
    path: Path
    label: dict[str, Any]


def need(shared: Path, *parts: str) -> Path:
    """Return a path below the shared folder. Raise Skipped where it is missing."""
    path = shared.joinpath(*parts)
    if not path.exists():
        raise Skipped(f"{'/'.join((shared.name, *parts))} is not here; say --shared DIR")
    return path


@cache
def by_sha256(folder: Path) -> dict[str, Path]:
    """Return the files at and below a folder by the SHA-256 of their content, in hexadecimal digits."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb") as file:
                found[hashlib.file_digest(file, "sha256").hexdigest()] = path
    return found


def labelled(shared: Path) -> Iterator[Labelled]:
    """Yield the labelled texts that the shared folder holds, by name of the label."""
    texts = by_sha256(need(shared, "data"))
    for line in (LABELS / "index.tsv").read_text("utf-8").splitlines()[1:]:
        file, sha256 = line.split("\t")
        if sha256 in texts:
            label = json.loads((LABELS / file).read_text("utf-8"))
            yield Labelled(file.removesuffix(".json"), texts[sha256], label)


def decoded(paths: Iterable[Path]) -> Iterator[str]:
    """Yield the texts of the files among `paths`; a file that is no text is named and left out."""
    for path in paths:
        if path.is_file():
            try:
                yield decode(path.read_bytes())[0]
            except (InputProblem, InputSkipped) as problem:
                print(f"left out: {path.name}: {problem}")


def base_texts(shared: Path) -> dict[str, str]:
    """Return 21 MB of clean text (novels, news, reviews) by name."""
    with tarfile.open(need(shared, "bench", "base.tar.xz")) as base:
        found = {}
        for member in base.getmembers():
            if (file := base.extractfile(member)) is not None:
                found[Path(member.name).stem] = file.read().decode()
        return found


def race_files(shared: Path, folder: Path, rules: int, mb: float) -> tuple[Path, Path, str]:
    """Make a clean text, a dirty text of about the same size (in MB), and a pack of made rules, as the race does.

    The first call for a folder makes the texts; the marks in the dirty one are made of that call's rules.
    """
    race = runpy.run_path(str(need(shared, "bench", "race.py")))
    files, _, pack = race["make"](str(folder), rules, mb)
    return Path(files["clean"]), Path(files["dirty"]), pack
