"""TOML files read; whatever is wrong with one is said with file, line, column and what was probably meant."""

from __future__ import annotations

import os
import re
import stat
import tomllib
from pathlib import Path
from typing import Any

from ..model.errors import UsageProblem

LARGEST_PACK = 16 << 20  # bytes; the largest export of a reader in the wild has 1.1 MB
TRIPLE = "regular expressions need triple single quotes: match = '''...'''"
TOML_HINTS = {
    "Unescaped": TRIPLE,
    "'''": TRIPLE,
    "Illegal character": TRIPLE,
    "string": TRIPLE,
    "overwrite": "take one of them out",
    "Invalid value": 'texts are in quotes: kind = "ad"',
    "Expected": "a line is a [table] or key = value",
    "Invalid statement": "a line is a [table] or key = value",
}
TYPES = {
    "str": "a text in quotes", "int": "a whole number", "float": "a number", "bool": "true or false",
    "array": "a list [ ... ]", "object": "a table { ... }",
}  # fmt: skip


def read_toml(path: Path, shown: str, what: str) -> tuple[str, dict[str, Any]]:
    """The text of a TOML file and what it says. Raises UsageProblem."""
    text = read_text(path, shown, what)
    return text, parse_toml(text, shown, what)


def parse_toml(text: str, shown: str, what: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _toml_problem(error, shown, text) from None
    except ValueError:
        raise UsageProblem(
            f"{what} has a number with thousands of digits", f"{shown}:1:1", "write it shorter"
        ) from None
    except RecursionError:
        raise UsageProblem(f"{what} has too many lists inside each other", f"{shown}:1:1", "write it flatter") from None


def read_raw(path: Path, shown: str, what: str) -> bytes:
    """A file that is no device and not too large. Raises UsageProblem, OSError."""
    try:
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | getattr(os, "O_NONBLOCK", 0))) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise UsageProblem(f"{what} is no file but a device", shown, "name a file")
            raw = file.read(LARGEST_PACK + 1)
    except ValueError:
        raise UsageProblem(f"{what} can't be read: no file has such a name", repr(shown)) from None
    if len(raw) > LARGEST_PACK:
        raise UsageProblem(f"{what} is larger than {LARGEST_PACK >> 20} MB", shown, "split it into several packs")
    return raw


def read_text(path: Path, shown: str, what: str) -> str:
    try:
        return read_raw(path, shown, what).decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise UsageProblem(f"{what} is not UTF-8", f"{shown}:{line}:1", "save it as UTF-8") from None
    except IsADirectoryError:
        raise UsageProblem("this is a directory, not a pack", shown, "name one .toml file") from None
    except OSError as error:
        raise UsageProblem(
            f"{what} can't be read: {error.strerror}", shown, "check the path given with --rules"
        ) from None


def _toml_problem(error: tomllib.TOMLDecodeError, shown: str, text: str) -> UsageProblem:
    message = str(error)
    spot = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", message)
    line, column = (spot.group(1), spot.group(2)) if spot and spot.group(1) else (str(text.count("\n") + 1), "1")
    message = message[: spot.start()] if spot else message
    hint = next((hint for part, hint in TOML_HINTS.items() if part in message), "")
    twice = re.search(r"Cannot declare \('rules', '([^']+)'\) twice", message)
    if twice:
        message, hint = f"two rules are named {twice.group(1)!r}", "give one of them another name"
    return UsageProblem(message, f"{shown}:{line}:{column}", hint)


def in_words(message: str) -> str:
    """What msgspec says of a value, in words of the pack's author."""
    if found := re.fullmatch(r"Expected `(\w+)(?: \| null)?`, got `(\w+)`", message):
        wanted, got = (TYPES.get(name, name) for name in found.groups())
        return f"it must be {wanted}, not {got}"
    message, _, place = message.partition(" - at `$")
    where = place.strip("`.").replace("[...]", "")
    said = re.sub("Invalid enum value", "there is no", message)
    return f"{where}: {said}" if where else said
