"""The JSON Schema of packs is that of the code, and knows the built-in packs and the broken ones.

`RECORD=1 pytest tests/test_schema.py -n 0` writes it down.
"""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from samples import FIXTURES

from cleaner.packs import builtin
from cleaner.packs.schema import FILE, fields, schema
from cleaner.packs.written import WrittenRule

REFUSED = ("unknown-key", "wrong-type", "odd-kind", "no-pack-table", "unknown-stage", "unknown-top-key", "bad-hit")


def validator() -> Any:
    return jsonschema.Draft202012Validator(json.loads(FILE.read_text("utf-8")))


def test_the_file_is_that_of_the_code() -> None:
    if os.environ.get("RECORD"):
        FILE.write_text(schema(), "utf-8")
    assert FILE.read_text("utf-8") == schema()


def test_every_key_is_explained() -> None:
    assert set(WrittenRule.__struct_fields__) - set(fields()) == set()


@pytest.mark.parametrize("path", builtin.paths(), ids=lambda path: path.stem)
def test_built_in_packs_fit(path: Path) -> None:
    assert list(validator().iter_errors(tomllib.loads(path.read_text("utf-8")))) == []


@pytest.mark.parametrize("name", REFUSED)
def test_broken_packs_do_not(name: str) -> None:
    text = (FIXTURES / "packs" / "broken" / f"{name}.toml").read_text("utf-8")
    assert list(validator().iter_errors(tomllib.loads(text)))
