"""The JSON Schema of packs for editors, from the types that read them; `pack.schema.json` beside this is its text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import msgspec

from .parser import FINDERS, NAME
from .spec import PackHeader, RuleSpec

FILE = Path(__file__).with_name("pack.schema.json")


class PackFile(msgspec.Struct, forbid_unknown_fields=True):
    """A pack of rules for cleaner."""

    pack: PackHeader
    names: dict[str, str] = {}
    rules: dict[Annotated[str, msgspec.Meta(pattern=f"^{NAME.pattern}$")], RuleSpec] = {}


def schema() -> str:
    """The schema as JSON text."""
    found = msgspec.json.schema(PackFile) | {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    found["$defs"]["RuleSpec"]["anyOf"] = [{"required": [key]} for key in FINDERS]
    tags = found["$defs"]["Hit"]["properties"]["tags"]["anyOf"][0]
    # Editors whose validator knows only older drafts (taplo) read `items: false` without `prefixItems`: no tag fits.
    tags["items"] = {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2}
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"
