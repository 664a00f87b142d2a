"""A pack of format 1 rewritten in format 2; comments, order and blank lines are kept."""

from __future__ import annotations

from typing import Any

import tomlkit
from tomlkit.items import AbstractTable, Item, Key, SingleKey

from ..model.errors import UsageProblem
from .format1 import DROPPED, KEYS, new_value
from .parser import parse_pack
from .spec import FORMAT, Pack


def upgraded(text: str, name: str, shown: str) -> tuple[str, Pack]:
    """The pack called `name` in format 2, as text and read again; one of format 2 is returned as it is.

    Raises UsageProblem for a pack that is wrong, and where a rule would not be the same (expression, examples, all).
    """
    old = parse_pack(text, name, shown)
    if old.head.format == FORMAT:
        return text, old
    document = tomlkit.parse(text.removeprefix("\ufeff"))
    body = document.body
    for at, (key, item) in enumerate(body):
        if key is None or not isinstance(item, AbstractTable):
            continue
        if key.key == "pack":
            _set_format(item)
        elif key.key == "names":
            body[at] = (SingleKey("patterns"), item)
            if hasattr(item, "display_name"):
                item.display_name = None
        elif key.key == "rules":
            for _, rule in item.value.body:
                if isinstance(rule, AbstractTable):
                    _rename(rule)
    after = tomlkit.dumps(document)
    new = parse_pack(after, name, shown)
    if new.head.format != FORMAT or new.rules != old.rules:
        wrong = next((rule for rule in old.rules if new.rules.get(rule) != old.rules[rule]), "")
        raise UsageProblem(f"rule {wrong!r} would not be the same", old.where(wrong), "write it in format 2 by hand")
    return after, new


def _set_format(table: AbstractTable) -> None:
    body = table.value.body
    at = next((at for at, (key, _) in enumerate(body) if key is not None and key.key == "format"), None)
    if at is None:
        first = next((item for key, item in body if key is not None), tomlkit.item(FORMAT))
        body.insert(0, (SingleKey("format", sep=" = "), _like(first, FORMAT)))
        body[0][1].trivia.comment_ws = body[0][1].trivia.comment = ""
    else:
        body[at] = (body[at][0], _like(body[at][1], FORMAT))


def _rename(table: AbstractTable) -> None:
    body = table.value.body
    kept: list[Any] = []
    for key, item in body:
        if key is None:
            kept.append((key, item))
        elif key.key != DROPPED:
            value = new_value(key.key, item.unwrap())
            kept.append((_renamed(key), item if value == item.unwrap() else _like(item, value)))
    body[:] = kept


def _renamed(key: Key) -> Key:
    """The key by its name of format 2, in a column with its neighbours where that fits."""
    name = KEYS.get(key.key)
    if name is None:
        return key
    written = key.as_string()  # with the blanks before the sign
    blank = " " if written.endswith(" ") else ""
    return SingleKey(name, sep=key.sep, original=name.ljust(len(written) - len(blank)) + blank)


def _like(old: Item, value: Any) -> Item:
    """A value with the blanks and the comment of the one that it replaces."""
    new: Item = tomlkit.item(value)
    for name in ("indent", "comment_ws", "comment", "trail"):
        setattr(new.trivia, name, getattr(old.trivia, name))
    return new
