"""What people said in a review, as rules and examples in a pack of their own."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

from ..model.errors import UsageProblem
from .parser import load_pack

HEAD = '[pack]\nstage = "boilerplate"\nabout = "made in reviews"\n'
SHORTEST = 4  # characters of a line; a shorter one says too little to protect it everywhere


def accept(path: Path, rule: str, line: str, text: str) -> bool:
    """Make an exception hold in the pack: True for a keep example of the pack's own rule, False for a new rule.

    Raises UsageProblem.
    """
    if path.exists() and add_keep(path, rule, line):
        return True
    add_exception(path, rule, line, text)
    return False


def add_keep(path: Path, rule: str, line: str) -> bool:
    """Adds `line` to the keep examples of `rule` (its full id) in the pack; False where the rule is not the pack's.

    Raises UsageProblem for a pack that can't be read or written.
    """
    pack = load_pack(path)
    stage, name, table = rule.split("/", 2)
    if (stage, name) != (pack.head.stage, pack.name) or table not in pack.rules:
        return False
    if line in pack.rules[table].keep:
        return True
    rows = path.read_text("utf-8-sig").split("\n")
    at = pack.lines.get(f"{table}.keep")
    if at is None:
        rows.insert(pack.lines[table], f"keep = [ {quoted(line)} ]")
    else:
        rows[at - 1] = re.sub(
            r"^(\s*keep\s*=\s*\[)", lambda found: f"{found[1]} {quoted(line)},", rows[at - 1], count=1
        )
    _save(path, "\n".join(rows))
    return True


def add_exception(path: Path, rule: str, line: str, text: str) -> str:
    """Adds a rule that protects `line` from a rule of another pack, of which `text` is what it took; gives its name.

    Raises UsageProblem.
    """
    if rule.split("/", maxsplit=1)[0] != "boilerplate" or len(line.strip()) < SHORTEST:
        raise UsageProblem(f"no exception of {rule} can be written as a rule", hint="keep it in the decisions file")
    other = line.replace(text, "", 1).strip() or "雨停了。"
    keys: dict[str, object] = {
        "why": f"an exception of {rule}: a reader says that it stays",
        "does": "leave",
        "match": re.escape(line.strip()),
        "hit": [{"text": line}],
        "keep": [other if line.strip() not in other else "雨停了。"],
    }
    return _add(path, "stays", keys)


def add_rule(path: Path, text: str, line: str, kind: str = "ad") -> str:
    """Adds a rule that takes away `text`, which stood in `line`; gives its name. Raises UsageProblem."""
    text = text.strip()
    if len(text) < SHORTEST or text not in line:
        raise UsageProblem("a rule needs at least 4 characters of the line", hint="select more of it")
    rest = line.replace(text, "").strip()
    hit = {"text": line} | ({"want": line.replace(text, "")} if rest else {})
    why, keep = "seen in a review", rest or "雨停了。"
    return _add(path, "seen", {"why": why, "kind": kind, "literal": text, "hit": [hit], "keep": [keep]})


def _add(path: Path, stem: str, keys: dict[str, object]) -> str:
    """Adds a table, with the first name that is free."""
    there = load_pack(path) if path.exists() else None
    taken = there.rules if there else {}
    for name, rule in taken.items():
        if (rule.match or rule.literal) == (keys.get("match") or keys.get("literal")):
            return name
    name = next(f"{stem}-{n}" for n in range(1, len(taken) + 2) if f"{stem}-{n}" not in taken)
    text = path.read_text("utf-8-sig").rstrip("\n") + "\n" if there else HEAD
    rows = [f"{key} = {_toml(value)}" for key, value in keys.items()]
    _save(path, text + "\n".join(["", f"[rules.{name}]", *rows, ""]))
    return name


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(part)}" for key, part in value.items()) + " }"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[ " + ", ".join(_toml(part) for part in value) + " ]"
    return quoted(str(value))


def quoted(text: str) -> str:
    """A basic string of TOML, which JSON's strings are; hidden characters are escaped for whoever reads the pack."""
    return re.sub(
        r"[\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]",
        lambda found: f"\\u{ord(found[0]):04x}",
        json.dumps(text, ensure_ascii=False),
    )


def _save(path: Path, text: str) -> None:
    """Only what can be read again is written."""
    import os
    import tempfile

    try:
        with tempfile.TemporaryDirectory(dir=path.parent or ".", prefix=".cleaner-") as folder:
            new = Path(folder, path.name)
            new.write_text(text, "utf-8")
            load_pack(new)
            with new.open("rb") as file:
                os.fsync(file.fileno())
            os.replace(new, path)
    except OSError as error:
        raise UsageProblem(f"it can't be written: {error.strerror}", str(path), "name another pack") from None
