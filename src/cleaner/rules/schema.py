"""The JSON Schema of packs for editors, from the types that read them; `pack.schema.json` next to this is its text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import msgspec

from . import format1
from .parser import FINDERS, NAME
from .spec import PAGE_ZONES, ModelHeader, PackHeader, RuleSpec

FILE = Path(__file__).with_name("pack.schema.json")


RuleName = Annotated[str, msgspec.Meta(pattern=f"^{NAME.pattern}$")]


class PackFile(msgspec.Struct, forbid_unknown_fields=True):
    """A pack of rules for cleaner, format 2."""

    pack: PackHeader
    lists: dict[str, list[str]] = {}
    patterns: dict[str, str] = {}
    rules: dict[RuleName, RuleSpec] = {}


class ModelFile(msgspec.Struct, forbid_unknown_fields=True):
    """Features with fitted weights, and the rules that use their sum."""

    model: ModelHeader
    lists: dict[str, list[str]] = {}
    patterns: dict[str, str] = {}
    rules: dict[RuleName, RuleSpec] = {}
    features: dict[RuleName, RuleSpec] = {}


def schema() -> str:
    """The schema as JSON text."""
    _, kinds = msgspec.json.schema_components([PackFile, ModelFile], ref_template="#/$defs/{name}")
    rule, header = kinds["RuleSpec"], kinds["PackHeader"]
    kinds["Feature"] = rule | {"anyOf": [{"required": [key]} for key in FINDERS]}
    zone = rule["properties"]["zone"]
    in_packs = zone | {"enum": [name for name in zone["enum"] if name not in PAGE_ZONES]}
    kinds["RuleSpec"] = kinds["Feature"] | {"properties": rule["properties"] | {"zone": in_packs}}
    kinds["Rule1"] = _format_1(rule)
    header["properties"]["format"]["enum"] = [1, 2]
    file, model = kinds.pop("PackFile"), kinds.pop("ModelFile")
    model["properties"]["features"]["additionalProperties"] = {"$ref": "#/$defs/Feature"}
    named = file["properties"]["patterns"]
    file_1 = file | {"properties": {"pack": file["properties"]["pack"], "names": named, "rules": {
        **file["properties"]["rules"], "additionalProperties": {"$ref": "#/$defs/Rule1"}}}}  # fmt: skip
    is_format_2 = {"properties": {"pack": {"properties": {"format": {"const": 2}}, "required": ["format"]}}}
    found = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$defs": kinds,
        "if": {"required": ["model"]},
        "then": model,
        "else": {"if": is_format_2, "then": file, "else": file_1},
    }
    tags = kinds["Hit"]["properties"]["tags"]["anyOf"][0]
    # Editors whose validator knows only older drafts (taplo) read `items: false` without `prefixItems`: no tag fits.
    tags["items"] = {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2}
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def _format_1(rule: dict[str, Any]) -> dict[str, Any]:
    """A rule as format 1 writes it, from a rule of format 2."""
    known = {key: one for key, one in rule["properties"].items() if key not in format1.NEW_ONLY}
    keys = {format1.OLD_KEYS.get(key, key): one for key, one in known.items()}
    for key in format1.NEGATED:
        words = keys[key]["description"]
        keys[key] = keys[key] | {"default": False, "description": f"the contrary of {format1.KEYS[key]}: {words}"}
    keys[format1.DROPPED] = {"type": "boolean", "description": "without effect"}
    finders = [{"required": [key]} for key in FINDERS if key not in format1.NEW_ONLY]
    return rule | {"properties": keys, "anyOf": finders}
