"""The order of the stages, and a stage of another package: found by its entry point, with a pack of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cleaner.matching.ruleset import RuleSet, load_ruleset
from cleaner.model.errors import UsageProblem
from cleaner.pipeline import Pipeline
from cleaner.rules.stages import DEFAULT_ORDER, in_order, points, with_stages

MODULE = """
from pathlib import Path
from cleaner.engine.context import rule_edits
from cleaner.rules.stages import StageSpec

NAME = "upper-dash"
SPEC = StageSpec(NAME, packs=str(Path(__file__).parent / "packs"))


def edits(context, rules):
    return rule_edits(context, NAME, rules)
"""
PACK = """
[pack]
stage = "upper-dash"
about = "dashes of typewriters"

[rules.double]
why = "two hyphens between letters are a dash"
match = '''(?<=[A-Za-z])--(?=[A-Za-z])'''
replace = "—"
hit = [ { text = "he came--late", want = "he came—late" } ]
keep = [ "cleaner --in-place" ]
"""
ORDER = "upper-dash,boilerplate,whitespace"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A folder for sys.path, with an installed package that has a stage."""
    site = tmp_path / "site"
    for name, text in {
        "dashes/__init__.py": MODULE,
        "dashes/packs/typewriter.toml": PACK,
        "broken.py": "raise RuntimeError('no such font')",
        "empty.py": "",
        "dashes-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: dashes\nVersion: 1.0\n",
        "dashes-1.0.dist-info/entry_points.txt": (
            "[cleaner.stages]\nupper-dash = dashes\nbroken-one = broken\nempty-one = empty\n"
        ),
    }.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(text, "utf-8")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("he came--late\n\n\n\n\n", "utf-8")
    return tmp_path


def run(folder: Path, *args: object, code: int = 0) -> str:
    env = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(folder / "site"), *sys.path]),
        "CLEANER_STATE_DIR": str(folder / "state"),
        "LANG": "C.UTF-8",
    }
    command = [sys.executable, "-m", "cleaner", *map(str, args)]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_a_stage_of_a_package_cleans_shows_explains_and_is_undone(package: Path) -> None:
    assert "upper-dash" not in run(package, "diff", "in", code=1)  # a stage that nobody names changes nothing
    shown = run(package, "diff", "in", "--stages", ORDER, "--from", "decode", "--to", "upper-dash", code=1)
    assert "upper-dash/typewriter/double      1" in shown
    assert "whitespace" not in shown
    assert "two hyphens between letters" in run(package, "explain", "in/a.txt:1", "--stages", ORDER)
    run(package, "clean", "in", "--in-place", "--stages", ORDER, "--jobs", 2)
    assert (package / "in" / "a.txt").read_text("utf-8") == "he came—late\n"
    run(package, "undo", "--in", "in", "--rule", "upper-dash/typewriter/double")
    assert (package / "in" / "a.txt").read_text("utf-8") == "he came--late\n"


def test_its_rules_are_checked_and_listed(package: Path) -> None:
    pack = package / "site" / "dashes" / "packs" / "typewriter.toml"
    run(package, "rules", "check", pack)
    assert "upper-dash/typewriter/double" in run(package, "rules", "list", "typewriter", "--stages", ORDER)
    assert "its stage upper-dash does not run" in run(package, "check", "in", "--rules", pack, code=2)
    pack.write_text(PACK.replace("cleaner --in-place", "a--b"), "utf-8")
    assert "Noisy" in run(package, "rules", "check", pack, code=1)


def test_another_order_does_files_again(package: Path) -> None:
    run(package, "clean", "in", "-o", "out")
    assert (package / "out" / "a.txt").read_text("utf-8") == "he came--late\n"
    (package / "cleaner.toml").write_text('stages = ["upper-dash", "whitespace"]\n', "utf-8")
    assert "cleaned again" in run(package, "clean", "in", "-o", "out")
    assert (package / "out" / "a.txt").read_text("utf-8") == "he came—late\n"
    assert "done before" in run(package, "clean", "in", "-o", "out")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("broken-one", "can't be used: RuntimeError: no such font"),
        ("empty-one", "its module has no SPEC"),
        ("uper-dash", "did you mean 'upper-dash'?"),
    ],
)
def test_a_stage_that_can_not_be_used_is_refused(package: Path, name: str, why: str) -> None:
    assert why in run(package, "check", "in", "--stages", name, code=2)


@pytest.mark.parametrize(
    ("names", "why"),
    [
        ([], "no stage is named"),
        (["mojibak"], "no stage is called 'mojibak'"),
        (["invisible", "invisible"], "named twice"),
        (["mojibake", "decode"], "decode can't come after mojibake"),
        (["placeholder", "whitespace"], "placeholder can't come before whitespace"),
        (["flag", "placeholder", "boilerplate"], "flag can't come before boilerplate"),
    ],
)
def test_an_order_that_can_not_work_is_refused(names: list[str], why: str) -> None:
    with pytest.raises(UsageProblem, match=why):
        in_order(names)


def test_orders_that_work() -> None:
    assert in_order(["decode"]) == ()
    assert in_order(["decode", "flag", "placeholder"]) == ("flag", "placeholder")
    assert with_stages(["whitespace"]) == DEFAULT_ORDER
    assert points(["whitespace", "mojibake", "flag"]) == ("decode", "whitespace", "mojibake")


def test_the_order_decides_what_is_done() -> None:
    text = "【首发\u200bwww.example.com】  \n"
    assert Pipeline(load_ruleset(stages=["whitespace"])).clean(text).text == "【首发\u200bwww.example.com】\n"
    both = Pipeline(load_ruleset(stages=["whitespace", "invisible"])).clean(text).edits
    assert [edit.stage for edit in both] == ["invisible", "whitespace"]
    assert Pipeline(load_ruleset(stages=["decode"])).clean(text).edits == []
    assert RuleSet([]).stages == DEFAULT_ORDER
