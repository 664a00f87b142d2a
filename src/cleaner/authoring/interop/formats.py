"""Reading the rules of others: exports of e-book readers, clean-up patterns of book sources, plain lists."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from ...model.errors import UsageProblem
from ...rules.reader import read_raw

COLUMNS = ("pattern", "replacement", "name", "group", "site")


class ForeignRule(msgspec.Struct, frozen=True):
    """A rule of another program, as it stands there.

    `scope` and `not_scope` name books or sites, `titles` that it is for chapter titles only.
    """

    pattern: str
    replacement: str = ""
    name: str = ""
    group: str = ""
    scope: str = ""
    not_scope: str = ""
    is_regex: bool = True
    on: bool = True
    titles: bool = False
    order: int = 0


def read_foreign(path: Path, is_regex: bool) -> list[ForeignRule]:
    """The rules of a file in the order in which they run; `is_regex` says what the lines of a plain list are.

    Raises UsageProblem for what is none of the forms known.
    """
    text = _text(path)
    if path.suffix.lower() == ".json" or text.lstrip().startswith(("[{", "[\n", "{")):
        try:
            data = json.loads(text)
        except json.JSONDecodeError as error:
            where = f"{path}:{error.lineno}:{error.colno}"
            raise UsageProblem(f"it is no JSON: {error.msg}", where, "export it again") from None
        except RecursionError:
            raise UsageProblem("it has too many lists inside each other", str(path), "export it again") from None
        rules = list(_from_json(data, is_regex))
    elif path.suffix.lower() == ".tsv":
        rules = list(_from_table(text))
    else:
        rules = list(_from_lines(text, is_regex))
    if not rules:
        raise UsageProblem("no rules in it", str(path), "exports of Legado and Yuedu, book sources, one text a line")
    return sorted(rules, key=lambda rule: rule.order)


def _text(path: Path) -> str:
    try:
        return read_raw(path, str(path), "the file").decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageProblem("it is not UTF-8", str(path), "save it as UTF-8") from None
    except OSError as error:
        raise UsageProblem(f"it can't be read: {error.strerror}", str(path), "check the path") from None


def _from_json(data: Any, is_regex: bool) -> Iterator[ForeignRule]:
    for entry in data if isinstance(data, list) else [data]:
        if isinstance(entry, str):
            yield ForeignRule(entry, is_regex=is_regex)
        elif isinstance(entry, dict) and "bookSourceUrl" in entry:
            yield from _from_source(entry)
        elif isinstance(entry, dict) and "pattern" in entry:
            yield _legado(entry)
        elif isinstance(entry, dict) and "regex" in entry:
            yield _yuedu(entry)


def _legado(entry: dict[str, Any]) -> ForeignRule:
    """Legado 3."""
    return ForeignRule(
        _said(entry, "pattern"),
        _said(entry, "replacement"),
        _said(entry, "name"),
        _said(entry, "group"),
        _said(entry, "scope"),
        _said(entry, "excludeScope"),
        entry.get("isRegex", True) is True,
        entry.get("isEnabled", True) is True,
        entry.get("scopeContent", True) is False,
        _number(entry.get("order")),
    )


def _yuedu(entry: dict[str, Any]) -> ForeignRule:
    """Yuedu 2, and what Legado makes of its fields."""
    return ForeignRule(
        _said(entry, "regex"),
        _said(entry, "replacement"),
        _said(entry, "replaceSummary"),
        scope=_said(entry, "useTo"),
        is_regex=entry.get("isRegex") is True,
        on=entry.get("enable") is True,
        order=_number(entry.get("serialNumber")),
    )


def _from_source(entry: dict[str, Any]) -> Iterator[ForeignRule]:
    """What a book source takes out of its pages: `##pattern##replacement` behind the selector of the content."""
    content = entry.get("ruleContent")
    rules = [entry.get("ruleBookContent", ""), content.get("content", "") if isinstance(content, dict) else ""]
    if isinstance(content, dict):
        rules.append(content.get("replaceRegex") or "")
    site = _said(entry, "bookSourceUrl")
    for rule in rules:
        if "##" in str(rule):
            pattern, _, replacement = str(rule).partition("##")[2].removesuffix("###").partition("##")
            yield ForeignRule(pattern, replacement, _said(entry, "bookSourceName"), scope=site)


def _from_table(text: str) -> Iterator[ForeignRule]:
    """A table with a column `pattern`, and perhaps `name`, `replacement`, `group`, `site`."""
    for row in csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE):
        if row.get("pattern"):
            pattern, replacement, name, group, site = (row.get(column) or "" for column in COLUMNS)
            yield ForeignRule(pattern, replacement, name, group, site)


def _from_lines(text: str, is_regex: bool) -> Iterator[ForeignRule]:
    """A text or expression on each line, perhaps with `##` and what stands there instead; # begins a comment."""
    for line in text.splitlines():
        if line.strip() and not line.startswith(("#", "//")):
            pattern, _, replacement = line.strip().partition("##")
            yield ForeignRule(pattern, replacement, is_regex=is_regex)


def _said(entry: dict[str, Any], key: str) -> str:
    found = entry.get(key)
    return found if isinstance(found, str) else ""


def _number(found: Any) -> int:
    return found if isinstance(found, int) else 0
