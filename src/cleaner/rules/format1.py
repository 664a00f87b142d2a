"""Format 1 of rule files, as format 2 says the same. It is read for ever; `cleaner rules upgrade` rewrites a pack."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

KEYS = {
    "opens": "prefilter",
    "place": "zone",
    "off": "enabled",
    "fold": "deobfuscate",
    "case": "ignore_case",
    "group": "label",
}
NEGATED = ("off", "case")  # true is false in format 2
DROPPED = "single"  # it never had an effect
GONE = ("between", "begun")  # values of `does` until version 0.1: the model of kinds does better
DOES = {"leave": "protect", "narrow": "to-halfwidth", "close": "remove-blanks"}
OLD_KEYS = {new: old for old, new in KEYS.items()}
OLD_DOES = {new: old for old, new in DOES.items()}
NEW_ONLY = (
    "core", "contexts", "left", "right", "not_left", "not_right", "all_of", "any_of", "none_of", "length", "window",
    "lang",
)  # fmt: skip


def new_value(key: str, value: Any) -> Any:
    """A value of the key of format 1 as format 2 writes it; one of the wrong type is left, to be refused later."""
    if key in NEGATED and isinstance(value, bool):
        return not value
    return DOES.get(value, value) if key == "does" and isinstance(value, str) else value


def as_format_2(table: dict[str, Any]) -> dict[str, Any]:
    """A rule of format 1 with the keys of format 2."""
    return {KEYS.get(key, key): new_value(key, value) for key, value in table.items() if key != DROPPED}


def known_keys(fields: Iterable[str]) -> list[str]:
    """The keys of format 1, from those of format 2."""
    return [OLD_KEYS.get(key, key) for key in fields if key not in NEW_ONLY] + [DROPPED]


def as_format_1(table: Mapping[str, Any]) -> dict[str, Any]:
    """A rule of format 2 without its newer keys, for a pack of format 1 to which it is added."""
    old = {OLD_KEYS.get(key, key): value for key, value in table.items()}
    return {key: not value if key in NEGATED else OLD_DOES.get(value, value) if key == "does" else value
            for key, value in old.items()}  # fmt: skip
