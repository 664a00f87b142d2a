"""Shells complete rule ids; scripts for them are printed."""

from __future__ import annotations

import pytest
from click.shell_completion import BashComplete
from click.testing import CliRunner

from cleaner.cli import cleaner


@pytest.mark.parametrize(
    ("words", "begun", "wanted"),
    [
        (["check", "--off"], "mojibake/rep", "mojibake/repair"),
        (["rules", "show"], "boilerplate/nov", "boilerplate/novel"),
    ],
)
def test_rule_ids_are_completed(words: list[str], begun: str, wanted: str) -> None:
    found = BashComplete(cleaner, {}, "cleaner", "_CLEANER_COMPLETE").get_completions(words, begun)
    assert wanted in [item.value for item in found]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_scripts_for_shells(shell: str) -> None:
    done = CliRunner().invoke(cleaner, ["completion", shell], standalone_mode=False)
    assert f"_CLEANER_COMPLETE={shell}_complete" in done.output
