"""Built-in packs hold what they promise; a broken pack is refused with what, where and what to do."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from samples import FIXTURES, MARKS, OURS

from cleaner.authoring.examples import check_packs
from cleaner.authoring.lint import opening
from cleaner.matching.ruleset import RuleSet, load_ruleset
from cleaner.matching.triggers import check
from cleaner.model.errors import UsageProblem
from cleaner.rules import builtin
from cleaner.rules.parser import load_pack
from cleaner.rules.spec import PAGE_ZONES, RuleSpec
from cleaner.rules.stages import DEFAULT_ORDER

BUILTIN = builtin.paths()
BROKEN = tomllib.loads((FIXTURES / "packs" / "broken.toml").read_text("utf-8"))


def named(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@pytest.mark.parametrize("path", [*BUILTIN, Path(OURS), Path(MARKS)], ids=named)
def test_examples_hold(path: Path) -> None:
    bad = [(verdict.word, verdict.rule, verdict.example, verdict.got) for verdict in check_packs([load_pack(path)])]
    assert bad == []


@pytest.mark.parametrize("path", BUILTIN, ids=named)
def test_a_pack_lies_in_the_folder_of_its_stage(path: Path) -> None:
    pack = load_pack(path)
    folder = "boilerplate" if path.parent.name == "models" else path.parent.name
    assert (pack.head.stage, bool(pack.head.about), bool(pack.rules)) == (folder, True, True)


@pytest.mark.parametrize("path", BUILTIN, ids=named)
def test_as_many_keeps_as_hits(path: Path) -> None:
    poor = [name for name, rule in load_pack(path).rules.items() if len(rule.keep) < len(rule.hit)]
    assert poor == []


def is_sign(rule: RuleSpec) -> bool:
    """What only protects, or speaks for or against a line: its hits are tried by what it matches."""
    return rule.does == "protect" or rule.zone in PAGE_ZONES


@pytest.mark.parametrize("path", BUILTIN, ids=named)
def test_hits_say_what_is_left(path: Path) -> None:
    rules = load_pack(path).rules.items()
    silent = [name for name, rule in rules if rule.weight >= 1 and not is_sign(rule) and not all(
        hit.want is not None or hit.tags or hit.flags for hit in rule.hit)]  # fmt: skip
    assert silent == []


@pytest.mark.parametrize("profile", ["safe", "official", "novel", "corpus"])
def test_no_rule_opens_clean_text(profile: str) -> None:
    assert [(one.rule, one.why) for one in opening(load_ruleset(profile=profile))] == []


def test_a_rule_without_a_word_is_broad(tmp_path: Path) -> None:
    pack = tmp_path / "broad.toml"
    pack.write_text("[pack]\nstage = 'boilerplate'\n[rules.any]\nkind = 'ad'\nmatch = '''^.{4,80}$'''\n", "utf-8")
    assert [one.word for one in opening(RuleSet([load_pack(pack)]))] == ["Broad"]


def test_every_folder_is_a_stage() -> None:
    assert {path.name for path in builtin.folder().iterdir() if path.is_dir()} <= {*DEFAULT_ORDER, "models"}


def test_every_broken_pack_has_its_message() -> None:
    assert {path.stem for path in (FIXTURES / "packs" / "broken").glob("*.toml")} == set(BROKEN)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_pack_is_refused_before_a_run(name: str) -> None:
    path, wanted = FIXTURES / "packs" / "broken" / f"{name}.toml", BROKEN[name]
    with pytest.raises(UsageProblem) as caught:
        check(load_ruleset([str(path)]).all)
    assert wanted["what"] in caught.value.what
    assert caught.value.where == f"{path}:{wanted['where']}"
    assert wanted["hint"] in caught.value.hint
    assert bool(wanted["hint"]) <= bool(caught.value.hint)


@pytest.mark.parametrize("name", ["bad-regex", "bad-unless", "empty-match"])
def test_rules_check_refuses_a_bad_expression(name: str) -> None:
    path = FIXTURES / "packs" / "broken" / f"{name}.toml"
    with pytest.raises(UsageProblem, match=name):
        list(check_packs([load_pack(path)]))


def test_two_packs_of_one_name() -> None:
    with pytest.raises(UsageProblem, match="two packs are named boilerplate/sample"):
        load_ruleset([OURS, OURS])


def test_the_verdicts() -> None:
    bad = check_packs([load_pack(FIXTURES / "packs" / "bad-examples.toml")])
    assert [(verdict.word, verdict.rule.rsplit("/", 1)[1]) for verdict in bad] == [
        ("Noisy", "noisy"), ("Missing", "missing"), ("Wrong", "wrong"), ("Incomplete", "bare"),
    ]  # fmt: skip
