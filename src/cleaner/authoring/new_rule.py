"""A rule made of a passage that somebody saw: the passage found in its file, and the rule written into a pack."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from ..jobs.run import opened
from ..model.errors import UsageProblem
from ..model.inputs import InputFile
from ..rules.parser import NAME, load_pack
from ..rules.spec import FORMAT
from ..rules.writer import head, save, table
from ..stages.decode import open_document
from .examples import check_packs
from .suggest import free_name, hit, keeps, pack_of


def find_passage(path: str, first: int, last: int, text: str | None) -> tuple[str, str]:
    """The passage (`text`, or the lines without blanks at their ends) and the lines `first` to `last` that hold it.

    Raises UsageProblem.
    """
    rows = read_lines(path)
    around = "\n".join(rows[first - 1 : last])
    lines = f"{first}-{last}" if last > first else str(first)
    if not around.strip():
        raise UsageProblem(f"there is nothing on line {lines}", path, f"it has {len(rows)} lines")
    if text is not None and text not in around:
        raise UsageProblem(f"{text!r} is not there", f"{path}:{lines}", "copy it from the line")
    return text or around.strip(), around


def read_lines(path: str, hint: str | None = None) -> list[str]:
    """The lines of a file without their ends, read in the encoding `hint` or the one that is found.

    Raises CleanerError.
    """
    try:
        with opened(InputFile(path, path)) as file:
            text = b"".join(open_document(file, hint).chunks()).decode()
    except OSError as error:
        raise UsageProblem(f"it can't be read: {error.strerror}", path, "check the path") from None
    return re.findall("([^\r\n]*)(?:\r\n|[\r\n]|$)", text)[:-1]


def pack_path(name: str, hint: str) -> Path:
    """`name`, with .toml. Raises UsageProblem for what can't name a pack."""
    path = Path(name if name.endswith(".toml") else f"{name}.toml")
    if not NAME.fullmatch(path.stem):
        raise UsageProblem(f"a pack can't be called {path.stem!r}", hint=hint)
    return path


def write_rule(
    path: Path, match: str, passage: str, around: str, *, name: str, kind: str, why: str | None, keep: Sequence[str]
) -> str:
    """Add a rule for `passage` to the pack, which is made where it is missing; its place in the file.

    Raises UsageProblem, also where an example of the rule does not hold.
    """
    if not NAME.fullmatch(name):
        raise UsageProblem(f"a rule can't be called {name!r}", hint="names of rules: a-z, 0-9, - and _")
    there = load_pack(path) if path.exists() else None
    name = free_name(there.rules if there else {}, name)
    keys = {"why": why or f"seen: {passage[:40]}", "kind": kind, "match": match}
    alone = pack_of(path.stem, name, keys)
    examples = {"hit": [hit(passage, around, alone)], "keep": list(keep) or keeps(passage, alone)}
    bad = next(check_packs([pack_of(path.stem, name, keys | examples)]), None)
    if bad:
        raise UsageProblem(f"{bad.word}: {bad.example}", hint="pick another suggestion or give --keep")
    begin = path.read_text("utf-8") if there else head(f"rules of my own: {path.stem}")
    save(path, begin + table(name, keys | examples, there.head.format if there else FORMAT))
    return load_pack(path).where(name)
