"""SARIF: valid by its schema, and its fixes make the clean text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
from samples import FIXTURES, builtins, pipeline

from cleaner.io.discover import PathFilter, discover
from cleaner.jobs.run import Run
from cleaner.pipeline import Pipeline
from cleaner.stages.decode import decode
from cleaner.views.sarif import Sarif, uri

SCHEMA = json.loads((FIXTURES / "schemas" / "sarif-2.1.0.json").read_text("utf-8"))


def sarif_of(*paths: str) -> Any:
    pieces: list[bytes] = []
    sink = Sarif(pieces.append, builtins())
    for _ in Run(Pipeline(builtins())).over(discover(paths, PathFilter()), sink):
        pass
    sink.finish()
    return json.loads(b"".join(pieces))


def test_it_is_valid_and_its_fixes_clean() -> None:
    log = sarif_of(str(FIXTURES / "demo"), str(FIXTURES / "nothing here"))
    jsonschema.Draft4Validator(SCHEMA).validate(log)
    run = log["runs"][0]
    assert run["invocations"][0]["executionSuccessful"] is False
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert all(rules[result["ruleIndex"]] == result["ruleId"] for result in run["results"])
    for path in sorted((FIXTURES / "demo").glob("*.txt")):
        check_file(path, run["results"])


def check_file(path: Path, results: list[Any]) -> None:
    text = decode(path.read_bytes())[0]
    lines = text.replace("\r\n", "\n").split("\n")
    out = text
    for result in reversed([r for r in results if _where(r)["artifactLocation"]["uri"] == uri(str(path))]):
        region = _where(result)["region"]
        start, end = region["charOffset"], region["charOffset"] + region["charLength"]
        if region["startLine"] == region["endLine"]:
            assert (
                lines[region["startLine"] - 1][region["startColumn"] - 1 : region["endColumn"] - 1] == text[start:end]
            )
        for fix in result.get("fixes", ()):
            out = out[:start] + fix["artifactChanges"][0]["replacements"][0]["insertedContent"]["text"] + out[end:]
    assert out == pipeline("built-in").clean(text).text


def _where(result: Any) -> Any:
    return result["locations"][0]["physicalLocation"]


def test_nothing_found_is_valid(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("雨停了。\n", "utf-8")
    jsonschema.Draft4Validator(SCHEMA).validate(sarif_of(str(tmp_path)))
    assert uri("./a b/雨.txt") == "a%20b/%E9%9B%A8.txt"
    assert uri("/a/\udcff") == "file:///a/%FF"
