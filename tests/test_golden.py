"""What the built-in rules make of every text we have, as it was before: text, edits, placeholders, flags.

`fixtures/golden/*.json` holds for each text a hash of the result without rule ids, and how often each rule worked; ids
that have a successor are compared by it. `RECORD=1 pytest tests/test_golden.py` writes them again: a commit that does
so says which results changed and why.
"""

from __future__ import annotations

import hashlib
import json
import os
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from samples import FIXTURES, ROOT, SHARED, cleaner

GOLDEN = FIXTURES / "golden"
LABELS = ROOT / "bench" / "labels"
WRITTEN = ROOT / "bench" / "written"
PROFILES = ("safe", "official", "novel", "corpus")


def our_files() -> Iterator[tuple[str, bytes]]:
    for folder in (FIXTURES / "demo", FIXTURES / "tree", FIXTURES / "redactions", WRITTEN):
        for path in sorted(folder.rglob("*.txt")):
            yield f"{folder.name}/{path.relative_to(folder)}", path.read_bytes()


def examples() -> Iterator[tuple[str, bytes]]:
    """Every hit and keep of the built-in rules; a text of the golden file that is gone from the rules is not missed."""
    for pack in sorted((ROOT / "rules").rglob("*.toml")):
        for rule in tomllib.loads(pack.read_text("utf-8")).get("rules", {}).values():
            texts = [hit["text"] for hit in rule.get("hit", [])] + list(rule.get("keep", []))
            yield from ((f"examples/{digest(text.encode())}.txt", text.encode()) for text in texts)


def shared_files() -> Iterator[tuple[str, bytes]]:
    for path in sorted((SHARED / "eval" / "dev").glob("*.in.txt")):
        yield f"dev/{path.name}", path.read_bytes()
    for label in sorted(LABELS.rglob("*.json")):
        given = json.loads(label.read_text("utf-8"))
        path = SHARED / "data" / given["path"]
        yield f"labelled/{digest(given['path'].encode())}.txt", path.read_bytes()


def digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()[:16]


def results(files: dict[str, bytes], folder: Path, profile: str) -> dict[str, tuple[str, dict[str, int]]]:
    """By name: the hash of what came out, and the rules that worked on it."""
    source, target = folder / "in", folder / f"out-{profile}"
    for name, raw in files.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(raw)
    told = cleaner(
        "clean", source, "-o", target, "--format", "jsonl", "--ledger", "off", "--profile", profile,
        "--yes-large", "--jobs", 1, code=None,
    )  # fmt: skip
    found: dict[str, list[dict[str, Any]]] = {}
    for row in map(json.loads, (line for line in told.split("\n") if line.startswith("{"))):
        found.setdefault(str(Path(row["path"]).relative_to(source)), []).append(row)
    return {name: result(rows, target / name) for name, rows in found.items()}


def result(rows: list[dict[str, Any]], output: Path) -> tuple[str, dict[str, int]]:
    said: list[Any] = [row["status"] for row in rows]
    rules: Counter[str] = Counter()
    for row in rows:
        for edit in row.get("edits", []):
            rules[edit["rule"]] += 1
            said.append([edit[key] for key in ("start", "end", "before", "after", "stage", "kind")])
        for tag in row.get("tags", []):
            rules[tag["rule"]] += 1
            said.append([tag[key] for key in ("start", "end", "kind", "text")])
        for flag in row.get("flags", []):
            said.append([flag[key] for key in ("flag", "start", "end")])
    text = digest(output.read_bytes()) if output.is_file() else ""
    return digest(json.dumps([said, text], ensure_ascii=False).encode()), dict(sorted(rules.items()))


def compare(name: str, found: dict[str, Any]) -> None:
    path = GOLDEN / f"{name}.json"
    if os.environ.get("RECORD"):
        rows = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in sorted(found.items()))
        path.write_text(f"{{\n{rows}\n}}\n", "utf-8")
    golden = json.loads(path.read_text("utf-8"))
    assert found
    wrong = [key for key, (result, _) in found.items() if key in golden and golden[key][0] != result]
    assert not wrong, f"{len(wrong)} of {len(found)} texts come out otherwise: {wrong[:20]}"
    others = {
        key: (rules, found[key][1])
        for key, (_, rules) in golden.items()
        if key in found and renamed(rules) != found[key][1]
    }
    assert not others, f"other rules than before: {list(others.items())[:5]}"


def renamed(rules: dict[str, int]) -> dict[str, int]:
    """With the ids of today."""
    return dict(sorted(rules.items()))


@pytest.mark.parametrize("profile", PROFILES)
def test_our_files(profile: str, tmp_path: Path) -> None:
    compare(f"ours-{profile}", results(dict(our_files()), tmp_path, profile))


def test_examples_of_rules(tmp_path: Path) -> None:
    compare("examples", results(dict(examples()), tmp_path, "safe"))


@pytest.mark.parametrize("profile", ["safe", "official"])
@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data is not here")
def test_shared_files(profile: str, tmp_path: Path) -> None:
    compare(f"shared-{profile}", results(dict(shared_files()), tmp_path, profile))
