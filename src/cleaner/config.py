"""`cleaner.toml`, or `[tool.cleaner]` in `pyproject.toml`: found from the working directory upwards, the first counts.

Values stand for the options of the command line, which go before them.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec

from .matching.ruleset import Override
from .model.choices import Fallback, Language, LevelName, Profile, TagStyle
from .model.errors import UsageProblem
from .model.globs import ByPath, compile_globs
from .rules.parser import PackParser
from .rules.reader import read_toml
from .rules.stages import DEFAULT_ORDER, in_order
from .rules.writer import save
from .rules.writer import value as written

# What says something about single paths, with an example: no option stands for it.
TABLES = {
    "overrides": ("[[overrides]]", 'paths = ["drafts/**"]', 'off = ["boilerplate/novel"]'),
    "encodings": ("[encodings]", '"old/*.txt" = "cp1251"'),
}
FILES = ("cleaner.toml", "pyproject.toml")


Count = Annotated[int, msgspec.Meta(ge=1, le=1 << 62)]


class WrittenOverride(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """`[[overrides]]`: some rules are off in files that fit one of `paths`.

    Paths are written as in .gitignore, from the folder of the configuration on.
    """

    paths: list[str]
    off: list[str]


class WrittenConfig(msgspec.Struct, forbid_unknown_fields=True, frozen=True, rename="kebab"):
    """What the file may say. `rules` are packs, relative to its folder; the rest is as on the command line.

    `[encodings]` has a row for each pattern of paths, written as in .gitignore: `"old/*.txt" = "cp1251"`. The last row
    that fits a file counts.
    """

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
    encodings: dict[str, str] = {}
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
        for name in TABLES:
            found.pop(name, None)
        if "stages" in found:
            found["stages"] = ",".join(found["stages"])
        if "rules" in found:
            found["packs"] = [os.path.join(self.folder, pack) for pack in found.pop("rules")]
        if "builtin_rules" in found:
            found["no_builtin_rules"] = not found.pop("builtin_rules")
        return found

    def overrides(self) -> list[Override]:
        return [Override(tuple(one.paths), tuple(one.off), self.folder) for one in self.said.overrides]

    def encodings(self) -> ByPath:
        return ByPath(self.folder, tuple(self.said.encodings.items()))


def template(said: Callable[[str], str] = str) -> str:
    """A configuration in which every key is a comment with its default; `said` translates."""
    lines = ["# cleaner.toml", ""]
    for key, value in msgspec.structs.asdict(WrittenConfig()).items():
        if key in TABLES:
            continue
        name = key.replace("_", "-")
        shown = EXAMPLES.get(key) or written(list(value) if isinstance(value, tuple) else value)
        lines += [f"# {said(MEANINGS[key])}", f"# {name} = {shown}", ""]
    for key, rows in TABLES.items():
        lines += [f"# {said(MEANINGS[key])}", *(f"# {row}" for row in rows), ""]
    return "\n".join(lines)


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
    "encodings": "Read these files in these encodings; keep it at the end.",
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
    _check_encodings(said, shown, rows, header)
    if "stages" in data:
        try:
            in_order(said.stages)
        except UsageProblem as bad:
            raise top.problem(bad.what, bad.hint, key="stages") from None
    lines = {key: top.line_of(key) for key in data}
    if "overrides" in lines:
        lines["overrides"] = next((number for number, row in enumerate(rows, 1) if row.startswith(marked)), 1)
    if "encodings" in lines:
        table = f"[{header}.encodings]" if header else "[encodings]"
        lines["encodings"] = next((n for n, row in enumerate(rows, 1) if row.startswith(table)), lines["encodings"])
    return Config(str(path.absolute()), said, lines)


def _check_encodings(said: WrittenConfig, shown: str, rows: Sequence[str], header: str) -> None:
    """Raises UsageProblem for a pattern that is none, and for an encoding that nobody knows."""
    if not said.encodings:
        return
    from .stages.decode import codec_name

    table = f"{header}.encodings" if header else "encodings"
    reader = _reader(shown, _section(rows, f"[{table}]"))
    for pattern, name in said.encodings.items():
        try:
            codec_name(name)
            compile_globs((pattern,))
        except UsageProblem as bad:
            raise reader.problem(bad.what, bad.hint, key=pattern) from None


def pattern_of(path: str, folder: str) -> str | None:
    """The pattern that a file alone fits, from `folder` on; None for one outside and for a name that is no text."""
    inside = os.path.relpath(os.path.abspath(path), folder).replace(os.sep, "/")
    if inside.startswith("../") or not inside.isprintable():
        return None
    return "/" + re.sub(r"[\\*?\[\]]| $", r"\\\g<0>", inside)


def add_encodings(path: Path, rows: Mapping[str, str]) -> None:
    """Put rows at the end of the `[encodings]` of a configuration, which may be new; comments are kept.

    Raises UsageProblem.
    """
    import tomlkit

    text = path.read_bytes().decode("utf-8-sig") if path.exists() else ""
    document = tomlkit.parse(text)
    top: Any = document["tool"]["cleaner"] if path.name == "pyproject.toml" else document
    if "encodings" not in top:
        top["encodings"] = tomlkit.table()
    table = top["encodings"]
    for pattern, encoding in rows.items():
        table.pop(pattern, None)  # the last row that fits a file counts
        table[pattern] = encoding
    after = tomlkit.dumps(document)
    said = tomllib.loads(after)
    said = said["tool"]["cleaner"] if path.name == "pyproject.toml" else said
    if not rows.items() <= said["encodings"].items():
        raise UsageProblem("the rows did not get where they belong", str(path), "add them by hand")
    save(path, after)


def add_pack(pack: Path) -> str:
    """Name a pack under `rules` in the configuration that counts here, or in a new cleaner.toml; return its path.

    Raises UsageProblem where the configuration is a pyproject.toml, or can't be written.
    """
    import tomlkit

    path = Path(find_config(os.getcwd()).path or "cleaner.toml")
    name = os.path.relpath(pack, path.parent)
    if path.name != "cleaner.toml":
        raise UsageProblem("the pack is not named there", str(path), f"add {name!r} to rules under [tool.cleaner]")
    document = tomlkit.parse(path.read_text("utf-8-sig") if path.exists() else "")
    packs = list(document.get("rules", []))
    if name not in packs:
        document["rules"] = [*packs, name]
        save(path, tomlkit.dumps(document))
    return str(path)


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
