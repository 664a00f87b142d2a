"""The JSON Schema of packs is that of the code, and knows the built-in packs and the broken ones; the page is current.

`RECORD=1 pytest tests/test_schema.py` writes both down.
"""

from __future__ import annotations

import json
import os
import runpy
import tomllib
from typing import Any

import jsonschema
import pytest
from samples import FIXTURES, ROOT

from cleaner.rules import builtin
from cleaner.rules.schema import FILE, schema

PAGE = ROOT / "docs" / "rules.md"
REFUSED = (
    "unknown-key",
    "wrong-type",
    "odd-kind",
    "no-pack-table",
    "unknown-stage",
    "unknown-top-key",
    "bad-hit",
    "bad-rule-name",
    "nothing-to-find",
)


def test_the_file_is_that_of_the_code() -> None:
    if os.environ.get("RECORD"):
        FILE.write_text(schema(), "utf-8")
    assert FILE.read_text("utf-8") == schema()


@pytest.mark.parametrize("kind", ["PackHeader", "ModelHeader", "RuleSpec", "Rule1", "Context", "Hit"])
def test_every_key_is_explained(kind: str) -> None:
    keys = json.loads(schema())["$defs"][kind]["properties"]
    assert [name for name, key in keys.items() if not key.get("description")] == []


def test_the_page_of_rule_files_is_current() -> None:
    page = "\n".join(runpy.run_path(str(ROOT / "docs" / "reference.py"))["rule_files"]()) + "\n"
    if os.environ.get("RECORD"):
        PAGE.write_text(page, "utf-8")
    assert PAGE.read_text("utf-8") == page


@pytest.mark.parametrize("draft", [jsonschema.Draft202012Validator, jsonschema.Draft7Validator])
def test_built_in_packs_fit(draft: Any) -> None:
    """The older draft is what taplo and most editors check by."""
    known = draft(json.loads(FILE.read_text("utf-8")))
    packs = {path: tomllib.loads(path.read_text("utf-8")) for path in builtin.paths()}
    assert [path for path, pack in packs.items() if not known.is_valid(pack)] == []


@pytest.mark.parametrize("name", REFUSED)
def test_broken_packs_do_not(name: str) -> None:
    text = (FIXTURES / "packs" / "broken" / f"{name}.toml").read_text("utf-8")
    known = jsonschema.Draft7Validator(json.loads(FILE.read_text("utf-8")))
    assert not known.is_valid(tomllib.loads(text))
