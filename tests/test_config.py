"""Shells complete rule ids; scripts for them are printed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import BashComplete
from click.testing import CliRunner
from samples import OURS

from cleaner.cli import cleaner

PROGRAM = Path(sys.executable).with_name("cleaner")


@pytest.mark.parametrize(
    ("words", "begun", "wanted"),
    [
        (["check", "--off"], "mojibake/rep", "mojibake/repair"),
        (["rules", "show"], "boilerplate/nov", "boilerplate/novel"),
        (["check", "--rules", OURS, "--off"], "boilerplate/sam", "boilerplate/sample/stamp"),
    ],
)
def test_rule_ids_are_completed(words: list[str], begun: str, wanted: str) -> None:
    found = BashComplete(cleaner, {}, "cleaner", "_CLEANER_COMPLETE").get_completions(words, begun)
    assert wanted in [item.value for item in found]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_scripts_for_shells(shell: str) -> None:
    done = CliRunner().invoke(cleaner, ["completion", shell], standalone_mode=False)
    assert f"_CLEANER_COMPLETE={shell}_complete" in done.output


@pytest.mark.skipif(not (shutil.which("bash") and PROGRAM.exists()), reason="needs bash and an installed program")
def test_bash_completes(tmp_path: Path) -> None:
    """In bash itself, with a pack that only cleaner.toml names."""
    (tmp_path / "cleaner.toml").write_text(f'rules = ["{OURS}"]\n', "utf-8")
    script = """eval "$(cleaner completion bash)"
        COMP_WORDS=(cleaner rules show boilerplate/sample/sta) COMP_CWORD=3
        _cleaner_completion cleaner; echo "${COMPREPLY[@]}" """
    env = os.environ | {"PATH": f"{PROGRAM.parent}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, env=env, capture_output=True, text=True, check=True)
    assert done.stdout == "boilerplate/sample/stamp\n"
