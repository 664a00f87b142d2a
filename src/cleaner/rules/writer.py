"""Packs written: a rule as the TOML that its author would write."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..model.errors import UsageProblem

SCHEMA = Path(__file__).with_name("pack.schema.json")  # for editors
NOT_LITERAL = re.compile(r"'''|[\x00-\x08\x0a-\x1f\x7f]|'\Z")


def head(about: str, order: str = "together") -> str:
    """The beginning of a new pack."""
    lines = [f"#:schema {SCHEMA.as_uri()}", "[pack]", "format = 1", 'stage = "boilerplate"']
    lines += [f"order = {value(order)}"] * (order != "together") + [f"about = {value(about)}"]
    return "\n".join(lines) + "\n"


def table(name: str, keys: Mapping[str, Any]) -> str:
    """`[rules.NAME]` with those of `keys` that hold something."""
    rows = [f"{key} = {value(what, key)}" for key, what in keys.items() if what is not None and what != []]
    return "\n".join(["", f"[rules.{name}]", *rows, ""])


def value(what: Any, key: str = "") -> str:
    """Anything a pack holds, as TOML. Expressions go into triple single quotes, where nothing needs an escape."""
    if isinstance(what, bool):
        return "true" if what else "false"
    if isinstance(what, str):
        if key in ("match", "replace", "unless") and not NOT_LITERAL.search(what):
            return f"'''{what}'''"
        return basic(what)
    if isinstance(what, Mapping):
        return "{ " + ", ".join(f"{name} = {value(part)}" for name, part in what.items()) + " }"
    if isinstance(what, (list, tuple)):
        return "[ " + ", ".join(value(part) for part in what) + " ]" if what else "[]"
    return str(what)


def basic(text: str) -> str:
    """A text in double quotes; what does not show is escaped, so that a pack can be read."""
    text = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return '"' + re.sub(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]", _escaped, text) + '"'


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found.group()):04x}"


def save(path: Path, text: str) -> None:
    """Whole or not at all. Raises UsageProblem where it can't be written."""
    try:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="", dir=path.parent, delete=False) as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(file.name, 0o666 & ~_umask())
        os.replace(file.name, path)
    except OSError as error:
        raise UsageProblem(f"it can't be written: {error.strerror}", str(path), "give -o with another place") from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
