"""One runner over fixtures/cases/*.toml.

    [[case]]
    name = "what it shows"
    text = "the dirty text"           # with `encoding` (and `damage = [[byte offset, "hex to put in"]]`) it is a file
    want = "the clean text"
    edits = [["boilerplate", "before", "after"]]      # optional: every edit, its rule by a prefix
    tags = [["×", "number"]]                          # optional: every placeholder
    found = "gb18030"                                 # optional, with `encoding`: which encoding is found out
    profile = "official"                              # optional: not `safe`

Each case also pays for: cleaning again changes nothing, the edits are the change and undo it, edits survive JSON, the
bytes come back. Files named known-failures hold what does not work yet and why; they must fail.
"""

from __future__ import annotations

import tomllib
from typing import Any

import msgspec
import pytest
from samples import FIXTURES, pipeline

from cleaner.matching.ruleset import has_prefix
from cleaner.model.edits import Edit, apply, invert
from cleaner.model.source import restore
from cleaner.stages.decode import decode

KEYS = {"name", "text", "want", "edits", "tags", "encoding", "damage", "found", "reason", "profile"}


def every_case() -> list[Any]:
    params = []
    for path in sorted((FIXTURES / "cases").glob("*.toml")):
        for case in tomllib.loads(path.read_text("utf-8"))["case"]:
            assert set(case) <= KEYS, (path.name, case)
            fails = "known-failures" in path.stem
            marks = [pytest.mark.xfail(reason=case["reason"], strict=True)] if fails else []
            params.append(pytest.param(case, id=f"{path.stem}: {case['name']}", marks=marks))
    return params


@pytest.mark.parametrize("case", every_case())
def test_case(case: dict[str, Any]) -> None:
    text = decoded(case) if "encoding" in case else case["text"]
    cleaner = pipeline(case.get("profile", "built-in"))
    result = cleaner.clean(text)
    assert result.text == case.get("want", case["text"])
    check_edits(case, result.edits)
    assert [(tag.text, tag.kind) for tag in result.tags] == [tuple(t) for t in case["tags"]] if "tags" in case else True
    assert apply(text, result.edits) == result.text
    assert apply(result.text, invert(result.edits)) == text
    assert msgspec.json.decode(msgspec.json.encode(result.edits), type=list[Edit]) == result.edits
    assert cleaner.clean(result.text).text == result.text


def decoded(case: dict[str, Any]) -> str:
    raw = file_of(case)
    text, source = decode(raw)
    assert restore(text, source) == raw
    assert case.get("found", source.encoding) == source.encoding
    return text


def file_of(case: dict[str, Any]) -> bytes:
    raw: bytes = case["text"].encode(case["encoding"])
    for at, put in reversed(case.get("damage", [])):
        raw = raw[:at] + bytes.fromhex(put) + raw[at:]
    return raw


def check_edits(case: dict[str, Any], edits: list[Edit]) -> None:
    if "edits" in case:
        assert [[edit.before, edit.after] for edit in edits] == [edit[1:] for edit in case["edits"]]
        assert all(has_prefix(edit.rule, wanted[0]) for edit, wanted in zip(edits, case["edits"], strict=True))
