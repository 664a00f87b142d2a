"""The JSON Schema of packs for editors, from the types that read them; `pack.schema.json` beside this is its text."""

from __future__ import annotations

import json
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
    """The schema as JSON text."""
    found = msgspec.json.schema(PackFile) | {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"
