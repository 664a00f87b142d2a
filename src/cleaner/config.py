"""`cleaner.toml`, or `[tool.cleaner]` in `pyproject.toml`: found from the working directory upwards, the first counts.

Values stand for the options of the command line, which go before them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec

from .matching.ruleset import Override
from .model.choices import Fallback, Language, LevelName, Profile, TagStyle
from .model.errors import UsageProblem
from .rules.parser import PackParser
from .rules.reader import read_toml
from .rules.stages import DEFAULT_ORDER, in_order
from .rules.writer import value as written

FILES = ("cleaner.toml", "pyproject.toml")


Count = Annotated[int, msgspec.Meta(ge=1, le=1 << 62)]


class WrittenOverride(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """`[[overrides]]`: some rules are off in files that fit one of `paths`.

    Paths are written as in .gitignore, from the folder of the configuration on.
    """

    paths: list[str]
    off: list[str]


class WrittenConfig(msgspec.Struct, forbid_unknown_fields=True, frozen=True, rename="kebab"):
    """What the file may say. `rules` are packs, relative to its folder; the rest is as on the command line."""

    rules: list[str] = []
    builtin_rules: bool = True
    on: list[str] = []
    off: list[str] = []
    profile: Profile = "safe"
    level: LevelName = "normal"
    stages: tuple[str, ...] = DEFAULT_ORDER
    lang: Language | None = None
    include: list[str] = []
    exclude: list[str] = []
    max_size: Count | None = None
    encoding: str | None = None
    output_encoding: str = "utf-8"
    unencodable: Fallback = "error"
    tags: TagStyle = "none"
    jobs: Count | None = None
    overrides: list[WrittenOverride] = []


class Config(msgspec.Struct, frozen=True):
    """A configuration that was read: where from, what it says, and the line of each key that is there."""

    path: str = ""
    said: WrittenConfig = WrittenConfig()
    lines: dict[str, int] = {}

    @property
    def folder(self) -> str:
        return os.path.dirname(self.path) or os.getcwd()

    def where(self, key: str) -> str:
        return f"{self.path}:{self.lines[key]}" if key in self.lines else ""

    def options(self) -> dict[str, Any]:
        """The values that are there, by the name of the option's parameter."""
        found = {key.replace("-", "_"): getattr(self.said, key.replace("-", "_")) for key in self.lines}
        found.pop("overrides", None)
        if "stages" in found:
            found["stages"] = ",".join(found["stages"])
        if "rules" in found:
            found["packs"] = [os.path.join(self.folder, pack) for pack in found.pop("rules")]
        if "builtin_rules" in found:
            found["no_builtin_rules"] = not found.pop("builtin_rules")
        return found

    def overrides(self) -> list[Override]:
        return [Override(tuple(one.paths), tuple(one.off), self.folder) for one in self.said.overrides]


def template(said: Callable[[str], str] = str) -> str:
    """A configuration in which every key is a comment with its default; `said` translates."""
    lines = ["# cleaner.toml", ""]
    for key, value in msgspec.structs.asdict(WrittenConfig()).items():
        if key == "overrides":
            continue
        name = key.replace("_", "-")
        shown = EXAMPLES.get(key) or written(list(value) if isinstance(value, tuple) else value)
        lines += [f"# {said(MEANINGS[key])}", f"# {name} = {shown}", ""]
    table = ("[[overrides]]", 'paths = ["drafts/**"]', 'off = ["boilerplate/novel"]')
    return "\n".join([*lines, f"# {said(MEANINGS['overrides'])}", *(f"# {row}" for row in table), ""])


MEANINGS = {
    "rules": "Rule files of your own, relative to this folder.",
    "builtin_rules": "false: leave out the built-in boilerplate packs.",
    "on": "Rules or families to switch on that are off.",
    "off": "Rules or families to switch off.",
    "profile": "Which optional rules are on: safe, official, novel, corpus.",
    "level": "How much evidence it takes to remove a line: cautious, normal, aggressive.",
    "stages": "The stages of a run, in their order.",
    "lang": "Language of messages: en or zh; by default that of the system.",
    "include": "Only these files (as in .gitignore).",
    "exclude": "Not these files (as in .gitignore).",
    "max_size": "Skip larger files, in bytes; by default none.",
    "encoding": "Read every input in this encoding instead of detecting it.",
    "output_encoding": "utf-8, keep (as it was) or the name of an encoding.",
    "unencodable": "For what that encoding lacks: error, xml, backslash, replace.",
    "tags": "Write placeholders into the text (inline), into a file next to it (standoff), or not (none).",
    "jobs": "Processes; by default one for each core.",
    "overrides": "Rules that are off in some files only. Repeatable; keep it at the end.",
}
EXAMPLES = {"lang": '"zh"', "max_size": "10_000_000", "encoding": '"gb18030"', "jobs": "4"}  # of keys without a default


def find_config(start: str) -> Config:
    """The configuration that counts in the folder `start`. Raises UsageProblem for one that is wrong."""
    folder = Path(start).absolute()
    for place in (folder, *folder.parents):
        for name in FILES:
            if (place / name).is_file():
                found = read_config(place / name)
                if found is not None:
                    return found
    return Config()


def read_config(path: Path) -> Config | None:
    """The configuration in a file; None where a pyproject.toml has none."""
    shown = os.path.relpath(path) if len(os.path.relpath(path)) < len(str(path)) else str(path)
    text, data = read_toml(path, shown, "the configuration")
    header = ""
    if path.name == "pyproject.toml":
        tool = data.get("tool", {})
        if not isinstance(tool, dict) or "cleaner" not in tool:
            return None
        data, header = tool["cleaner"], "tool.cleaner"
        if not isinstance(data, dict):
            raise UsageProblem("tool.cleaner is no table", shown, "write [tool.cleaner] and the keys below it")
    rows = text.split("\n")
    top = _reader(shown, _section(rows, header and f"[{header}]"))
    overrides = data.get("overrides", [])
    marked = f"[[{header}.overrides]]" if header else "[[overrides]]"
    if isinstance(overrides, list):
        for number, table in enumerate(overrides):
            reader = _reader(shown, _section(rows, marked, number))
            if isinstance(table, dict):
                reader.check_paths(reader.convert(table, WrittenOverride, None).paths)
    said = top.convert(data, WrittenConfig, None)
    if "stages" in data:
        try:
            in_order(said.stages)
        except UsageProblem as bad:
            raise top.problem(bad.what, bad.hint, key="stages") from None
    lines = {key: top.line_of(key) for key in data}
    if "overrides" in lines:
        lines["overrides"] = next((number for number, row in enumerate(rows, 1) if row.startswith(marked)), 1)
    return Config(str(path.absolute()), said, lines)


def _reader(shown: str, rows: Sequence[str]) -> PackParser:
    return PackParser(shown, "\n".join(rows), "config")


def _section(rows: Sequence[str], header: str, number: int = 0) -> list[str]:
    """The rows with those emptied that do not stand in the table of this header ("": before the first one)."""
    out, inside, seen = [], not header, -1
    for row in rows:
        if re.match(r"[ \t]*\[", row):
            seen += row.strip().replace(" ", "").startswith(header) if header else 0
            inside = bool(header) and row.strip().replace(" ", "").startswith(header) and seen == number
            out.append("")
            continue
        out.append(row if inside else "")
    return out
