"""What people decided in a review, as rules and examples in a pack of their own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ..model.errors import UsageProblem
from .parser import load_pack, parse_pack
from .writer import head, save, table

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
    """Add `line` to the keep examples of `rule` (its full id) in the pack; False where the rule is not the pack's.

    Raises UsageProblem for a pack that can't be read or written.
    """
    import tomlkit

    pack = load_pack(path)
    stage, name, rule_name = rule.split("/", 2)
    if (stage, name) != (pack.head.stage, pack.name) or rule_name not in pack.rules:
        return False
    if line in pack.rules[rule_name].keep:
        return True
    document = tomlkit.parse(path.read_text("utf-8-sig"))
    written: Any = document["rules"]
    written[rule_name].setdefault("keep", tomlkit.array()).insert(0, tomlkit.item(line))
    _save(path, tomlkit.dumps(document))
    return True


def add_exception(path: Path, rule: str, line: str, text: str) -> str:
    """Add a rule that protects `line` from a rule of another pack, which removed `text` of it; return its name.

    Raises UsageProblem.
    """
    if rule.split("/", maxsplit=1)[0] != "boilerplate" or len(line.strip()) < SHORTEST:
        raise UsageProblem(f"no exception of {rule} can be written as a rule", hint="keep it in the decisions file")
    other = line.replace(text, "", 1).strip() or "雨停了。"
    keys: dict[str, object] = {
        "why": f"an exception of {rule}: a reader says that it is content",
        "does": "protect",
        "match": re.escape(line.strip()),
        "hit": [{"text": line}],
        "keep": [other if line.strip() not in other else "雨停了。"],
    }
    return _add(path, "stays", keys)


def add_rule(path: Path, text: str, line: str) -> str:
    """Add a rule that removes `text`, which was found in `line`; return its name. Raises UsageProblem."""
    text = text.strip()
    if len(text) < SHORTEST or text not in line:
        raise UsageProblem("a rule needs at least 4 characters of the line", hint="select more of it")
    rest = line.replace(text, "").strip()
    hit = {"text": line} | ({"want": line.replace(text, "")} if rest else {})
    why, keep = "seen in a review", rest or "雨停了。"
    return _add(path, "seen", {"why": why, "kind": "ad", "literal": text, "hit": [hit], "keep": [keep]})


def _add(path: Path, stem: str, keys: dict[str, object]) -> str:
    """Add a table, with the first name that is free."""
    pack = load_pack(path) if path.exists() else None
    taken = pack.rules if pack else {}
    for name, rule in taken.items():
        if (rule.match or rule.literal) == (keys.get("match") or keys.get("literal")):
            return name
    name = next(f"{stem}-{n}" for n in range(1, len(taken) + 2) if f"{stem}-{n}" not in taken)
    text = path.read_text("utf-8-sig").rstrip("\n") + "\n" if pack else head("made in reviews")
    _save(path, text + table(name, keys, pack.head.format if pack else 2))
    return name


def _save(path: Path, text: str) -> None:
    """Write only what can be read again."""
    parse_pack(text, path.stem, str(path))
    save(path, text)
