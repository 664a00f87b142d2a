"""Format 2 of rule files: declarative rules, shared pieces, upgrades, old ids."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from samples import FIXTURES, ROOT, cleaner

from cleaner.matching.ruleset import Override, RuleSet, has_prefix, load_ruleset
from cleaner.model.errors import UsageProblem
from cleaner.pipeline import Pipeline
from cleaner.rules import builtin, renamed
from cleaner.rules.parser import load_packs, parse_pack
from cleaner.rules.upgrade import upgraded

LONGEST = 300  # characters of an expression as written
LONG = {"boilerplate", "models", "mojibake"}  # folders with a list of their own, or that a program writes
LONG_RULES = FIXTURES / "long-expressions.txt"  # those of boilerplate that are longer all the same: none may be added
LONG_PACKS = {"placeholder/kinds"}
HEAD = '[pack]\nformat = 2\nstage = "boilerplate"\n'
TEXTS = ("match", "core", "left", "right", "not_left", "not_right", "prefilter", "unless")


def pack(rule: str, head: str = HEAD) -> RuleSet:
    return RuleSet([parse_pack(f"{head}[rules.x]\nkind = 'ad'\n{rule}\n", "mine", "mine.toml")])


def cleaned(rule: str, text: str) -> str:
    return Pipeline(pack(rule)).clean(text).text


def written(path: Path) -> list[str]:
    data = tomllib.loads(path.read_text("utf-8"))
    rules = [*data.get("rules", {}).values()]
    tables = [*rules, *(context for rule in rules for context in rule.get("contexts", []))]
    found = [table.get(key, "") for table in tables for key in TEXTS]
    return [*data.get("patterns", {}).values(), *(one for one in found if isinstance(one, str))]


def test_no_expression_is_long() -> None:
    paths = [path for path in [*builtin.paths(), builtin.common()] if path.parent.name not in LONG]
    short = [path for path in paths if f"{path.parent.name}/{path.stem}" not in LONG_PACKS]
    assert len(short) > 15
    assert [(path.stem, one) for path in short for one in written(path) if len(one) > LONGEST] == []


def test_long_expressions_of_boilerplate_are_named() -> None:
    found = {
        f"{path.stem}/{name}"
        for path in builtin.paths()
        if path.parent.name == "boilerplate"
        for table in ("patterns", "rules")
        for name, rule in tomllib.loads(path.read_text("utf-8")).get(table, {}).items()
        for text in ([rule] if table == "patterns" else [rule.get(key, "") for key in TEXTS])
        if isinstance(text, str) and len(text) > LONGEST
    }
    assert sorted(found) == LONG_RULES.read_text("utf-8").split()


def test_shared_pieces_are_written_once() -> None:
    shared = tomllib.loads(builtin.common().read_text("utf-8"))
    names = {*shared["lists"], *shared["patterns"]}
    packs = {path: tomllib.loads(path.read_text("utf-8")) for path in builtin.paths()}
    again = [(path.stem, name) for path, data in packs.items() for table in ("lists", "patterns")
             for name in data.get(table, {}) if name in names]  # fmt: skip
    assert again == []


def test_a_core_between_neighbours() -> None:
    rule = "core = '某站'\nleft = ['【', '（']\nnot_right = '长'"
    assert cleaned(rule, "天【某站】亮，他去某站。【某站长】") == "天亮，他去某站。【某站长】"


def test_contexts_are_alternatives() -> None:
    rule = "core = '某站'\ncontexts = [ { left = '【' }, { right = '网' } ]\nnot_right = '长'"
    assert pack(rule).all[0].expression == "(?:(?<=【)某站|某站(?=网))(?!长)"


def test_lines_by_their_words() -> None:
    rule = "all_of = ['{{boast}}', '书']\nnone_of = ['他']\nlength = [4, 12]"
    head = f"{HEAD}[lists]\nboast = ['免费', '最快']\n"
    pipeline = Pipeline(pack(rule, head))
    assert pipeline.clean("雨停了。\n最快的书，免费\n他免费看书\n免费\n").text == "雨停了。\n他免费看书\n免费\n"
    assert not pipeline.clean("免费看书，看的是很长很长的一行文字\n").edits


def test_groups_of_words_and_a_window() -> None:
    rule = "any_of = [['甲站', '首发'], ['乙站', '更新']]\nwindow = 5"
    assert cleaned(rule, "甲站首发的\n乙站首发的\n在天黑以前乙站更新\n") == "乙站首发的\n在天黑以前乙站更新\n"


@pytest.mark.parametrize(
    ("rule", "what"),
    [
        ("left = '【'\nliteral = 'x'", "left needs core"),
        ("length = [1, 2]\nliteral = 'x'", "length needs all_of or any_of"),
        ("core = '甲'\nleft = []", "left holds an empty text"),
        ("any_of = [['甲', '']]", "any_of holds an empty text"),
        ("core = '{{nothing-such}}'", "nothing is called 'nothing-such'"),
        ("all_of = ['{{nothing-such}}']", "nothing is called 'nothing-such'"),
        ("core = '甲'\nmatch = '乙'", "match and core together"),
        ("match = '甲'\nopens = '甲'", "unknown key 'opens'"),
        ("match = '甲'\nzone = 'page'", "is for features of models"),
    ],
)
def test_what_is_refused(rule: str, what: str) -> None:
    with pytest.raises(UsageProblem, match=what):
        pack(rule)


def test_format_1_knows_no_new_key() -> None:
    with pytest.raises(UsageProblem, match="unknown key 'zone'") as caught:
        pack("match = '甲'\nzone = 'head'", '[pack]\nstage = "boilerplate"\n')
    assert caught.value.hint == "format 1 calls it 'place'"


@pytest.mark.parametrize("path", [FIXTURES / "packs" / "sample.toml", FIXTURES / "packs" / "marks.toml"], ids=str)
def test_an_upgraded_pack_has_the_same_rules(path: Path) -> None:
    text = path.read_text("utf-8")
    after, new = upgraded(text, path.stem, str(path))
    old = parse_pack(text, path.stem, str(path))
    assert new.head.format == 2
    assert [rule.expression for rule in RuleSet([new]).all] == [rule.expression for rule in RuleSet([old]).all]
    assert new.rules == old.rules
    assert [row for row in after.split("\n") if "#" in row] == [row for row in text.split("\n") if "#" in row]


def test_every_old_id_has_a_rule_of_today() -> None:
    known = {rule.id for rule in RuleSet(load_packs(builtin.paths())).all}
    families = {rule.rpartition("/")[0] for rule in known}
    today = {name: renamed.current(name) for name in renamed.table().renamed if renamed.removed_in(name) is None}
    assert [name for name, now in today.items() if now not in known | families] == []
    assert [name for name in renamed.table().renamed if name in known | families] == []


def test_old_ids_switch_rules() -> None:
    new = "boilerplate/portal/zsxq-community"
    assert new in load_ruleset().on
    assert new not in load_ruleset(off=["boilerplate/portal/planet"]).on
    assert "placeholder/switches/no-mou" in load_ruleset(on=["placeholder/signs"]).on
    override = Override(("*.txt",), ("boilerplate/portal/planet",), str(ROOT))
    assert new in load_ruleset(overrides=[override]).off_for(str(ROOT / "a.txt"))
    assert has_prefix("boilerplate/signs/update", "boilerplate/line-features")


def test_an_id_that_never_was_is_an_error() -> None:
    with pytest.raises(UsageProblem, match="no rule is called"):
        load_ruleset(off=["boilerplate/portal/never-was"])


def test_a_removed_id_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = renamed.Renamed(removed={"boilerplate/portal/gone": "0.3.0"})
    monkeypatch.setattr(renamed, "table", lambda: gone)
    renamed._current.cache_clear()
    assert load_ruleset(off=["boilerplate/portal/gone"]).on
    assert list(renamed.notices(["boilerplate/portal/gone"])) == [("boilerplate/portal/gone", None, "0.3.0")]
    renamed._current.cache_clear()


def test_rules_of_a_user_keep_a_name_that_was_built_in() -> None:
    mine = parse_pack(f"{HEAD}[rules.x]\nkind = 'ad'\nliteral = '甲甲'\n", "signs", "signs.toml")
    assert RuleSet([mine], off=["boilerplate/signs"]).on == set()


def test_the_command_names_the_successor() -> None:
    said = cleaner("rules", "show", "flag/redaction/year-for-day")
    assert "flag/redaction/year-for-day is now called flag/placeholder/year-for-day" in said
