"""Packs written: a rule as the TOML that its author would write."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..model.atomic import write_text_atomically
from ..model.errors import UsageProblem
from .format1 import as_format_1
from .spec import FORMAT

EXPRESSIONS = ("match", "replace", "unless", "prefilter")
NOT_LITERAL = re.compile(r"'''|[\x00-\x08\x0a-\x1f\x7f]|'\Z")
HIDDEN = re.compile(r"[\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]")


def head(about: str, order: str = "together") -> str:
    """The beginning of a new pack."""
    lines = ["[pack]", f"format = {FORMAT}", 'stage = "boilerplate"']
    lines += [f"order = {value(order)}"] * (order != "together") + [f"about = {value(about)}"]
    return "\n".join(lines) + "\n"


def table(name: str, keys: Mapping[str, Any], pack_format: int = FORMAT) -> str:
    """`[rules.NAME]` with those of `keys` (of format 2) that hold something, for a pack of that format."""
    keys = as_format_1(keys) if pack_format == 1 else keys
    rows = [f"{key} = {value(what, key)}" for key, what in keys.items() if what is not None and what != []]
    return "\n".join(["", f"[rules.{name}]", *rows, ""])


def value(what: Any, key: str = "") -> str:
    """Anything a pack holds, as TOML. Expressions go into triple single quotes, where nothing needs an escape."""
    import tomlkit

    if isinstance(what, Mapping):
        return "{ " + ", ".join(f"{name} = {value(part)}" for name, part in what.items()) + " }"
    if isinstance(what, (list, tuple)):
        return "[ " + ", ".join(value(part) for part in what) + " ]" if what else "[]"
    if isinstance(what, str) and key in EXPRESSIONS and not NOT_LITERAL.search(what):
        return tomlkit.string(what, literal=True, multiline=True).as_string()
    return HIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", tomlkit.item(what).as_string())


def save(path: Path, text: str) -> None:
    """Whole or not at all. Raises UsageProblem where it can't be written."""
    try:
        write_text_atomically(path, text)
    except OSError as error:
        raise UsageProblem(f"it can't be written: {error.strerror}", str(path), "give -o with another place") from None
