"""Imports point one way, stages stand in one tuple, third parties stay at the rim, start-up stays light."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from samples import ROOT

from cleaner.rules.stages import DEFAULT_ORDER, STAGES
from cleaner.stages import StageOrder

SOURCE = ROOT / "src" / "cleaner"
MODULES = sorted(path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*.py"))
# The rooms, from the bottom: each imports only those above it in this list, and its own.
ROOMS = (
    "model/", "rules/", "matching/", "engine/", "stages/", "pipeline.py", "config.py", "io/", "ledger/",
    "jobs/",
    "authoring/", "views/", "api.py", "integrations/", "cli/", "__init__.py", "__main__.py",
)  # fmt: skip
RIM = {
    "ftfy": "stages/mojibake/ftfy_plan.py",
    "chardet": "stages/decode/detect.py",
    "textual": "views/tui.py",
    "pyarrow": "io/records/parquet.py",
    "datatrove": "integrations/datatrove.py",
    "ahocorasick_rs": "matching/prefilter.py",
}
HEAVY = ("ftfy", "chardet", "numpy", "ahocorasick_rs", "regex", "msgspec", "pathspec")


def room(module: str) -> int:
    return next(n for n, name in enumerate(ROOMS) if module.startswith(name))


@cache
def tree(module: str) -> ast.Module:
    return ast.parse((SOURCE / module).read_text("utf-8"))


def imports(module: str) -> Iterator[tuple[str, bool]]:
    """Every module that is imported, also for types only, and whether that happens inside a function."""

    def walk(node: ast.AST, inside: bool) -> Iterator[tuple[str, bool]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
                yield from walk(child, True)
                continue
            if isinstance(child, ast.Import):
                yield from ((alias.name, inside) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                yield from ((name, inside) for name in resolved(module, child))
            yield from walk(child, inside or isinstance(child, ast.FunctionDef))

    return walk(tree(module), False)


def resolved(module: str, node: ast.ImportFrom) -> list[str]:
    """`from ..rules import builtin` in `matching/ruleset.py` is `rules/builtin.py`."""
    if not node.level:
        return [str(node.module)]
    base = Path(SOURCE / module).parents[node.level - 1]
    names = [f"{node.module.replace('.', '/')}/{a.name}" if node.module else a.name for a in node.names]
    return [own(base, name) or own(base, name.rpartition("/")[0]) or own(base, "") for name in names]


def own(base: Path, name: str) -> str:
    for path in (base / f"{name}.py", base / name / "__init__.py"):
        if path.is_file():
            return path.relative_to(SOURCE).as_posix()
    return ""


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_one_way(module: str) -> None:
    ours = {name for name, _ in imports(module) if name.endswith(".py") and name != "__init__.py"}
    assert {name for name in ours if room(name) > room(module)} == set()


def test_matching_is_entered_by_its_door() -> None:
    """What an engine that replaces it has to offer is what `matching` exports; three modules may be named, too."""
    doors = {f"matching/{name}.py" for name in ("__init__", "rule", "ruleset", "normalize")}
    inner = {m for m in MODULES if m.startswith("matching/")} - doors
    assert [m for m in MODULES if not m.startswith("matching/") and {name for name, _ in imports(m)} & inner] == []


def test_every_module_has_its_room() -> None:
    assert all(room(module) >= 0 for module in MODULES)


def test_every_stage_stands_in_the_table() -> None:
    found = {module.split("/")[1].removesuffix(".py") for module in MODULES if module.startswith("stages/")}
    assert found == {"__init__", "decode", *DEFAULT_ORDER}
    stages = StageOrder(DEFAULT_ORDER)
    names = [stage.NAME for made in (stages.editing, stages.tagging, stages.flagging) for stage in made]
    assert names == list(DEFAULT_ORDER)
    assert all(callable(getattr(sys.modules[f"cleaner.stages.{spec.name}"], spec.makes)) for spec in STAGES)


@pytest.mark.parametrize("party", RIM)
def test_third_parties_stay_at_the_rim(party: str) -> None:
    assert [m for m in MODULES if party in {name.partition(".")[0] for name, _ in imports(m)}] == [RIM[party]]


def test_rich_is_imported_where_something_is_printed() -> None:
    early = {m for m in MODULES for name, inside in imports(m) if name.partition(".")[0] == "rich" and not inside}
    assert all(m.startswith("views/") for m in early)


def test_the_library_never_prints() -> None:
    loud = [m for m in MODULES if not m.startswith(("cli/", "views/")) for node in ast.walk(tree(m)) if (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print")]  # fmt: skip
    assert loud == []


def test_start_up_is_light() -> None:
    code = "import sys, cleaner.cli; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert set(HEAVY) & set(loaded) == set()
