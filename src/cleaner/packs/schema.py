"""The JSON Schema of packs for editors, from the types that read them; `pack.schema.json` beside this is its text."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec

from .written import PackHead, WrittenRule

FILE = Path(__file__).with_name("pack.schema.json")


class PackFile(msgspec.Struct, forbid_unknown_fields=True):
    """A pack of rules for cleaner."""

    pack: PackHead
    names: dict[str, str] = {}
    rules: dict[str, WrittenRule] = {}


def schema() -> str:
    """The schema as JSON text, each key with what `WrittenRule` says about it."""
    found = msgspec.json.schema(PackFile)
    found["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    said = fields()
    for key, what in found["$defs"]["WrittenRule"]["properties"].items():
        if key in said:
            what["description"] = said[key]
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def fields() -> dict[str, str]:
    """What the docstring of `WrittenRule` says about each key."""
    rows = re.findall(r"(?m)^    (\S.*?)  +(\S.*(?:\n {20,}\S.*)*)", WrittenRule.__doc__ or "")
    said: dict[str, str] = {}
    for keys, text in rows:
        for key in re.findall(r"[a-z]+", keys.split("=")[0]):
            if key in WrittenRule.__struct_fields__:
                said[key] = f"{said[key]} {_one_line(text)}" if key in said else _one_line(text)
        for key in re.findall(r"(\w+)(?::| = )", text):
            if key in WrittenRule.__struct_fields__ and key not in said:
                said[key] = _one_line(text)
    return said


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text)
