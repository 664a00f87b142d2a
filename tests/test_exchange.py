"""Rules of e-book readers: their expressions translated, their files read, and what runs is what ran there."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
import regex
from samples import FIXTURES, SHARED

from cleaner.authoring.interop.exporter import legado
from cleaner.authoring.interop.formats import ForeignRule, read_foreign
from cleaner.authoring.interop.importer import ImportedRule, tables, take
from cleaner.authoring.interop.java_regex import Untranslatable, expression, replacement
from cleaner.matching.ruleset import RuleSet
from cleaner.model.edits import apply
from cleaner.pipeline import Pipeline
from cleaner.rules.parser import load_pack
from cleaner.rules.spec import Pack, RuleSpec
from cleaner.rules.writer import head

HERE = FIXTURES / "packs" / "exchange"
WILD = sorted((SHARED / "rules-in-the-wild").glob("legado[23]_*.json"))
needs_shared = pytest.mark.skipif(not WILD, reason="../shared is not here")

# A Java expression, what it finds, and what it does not.
TRANSLATED: tuple[tuple[str, list[str], list[str]], ...] = (
    (r"a\hb", ["a\u3000b", "a b", "a\u00a0b"], ["a\nb", "ab"]),
    (r"[\ha]{2}", [" a"], ["\na"]),
    (r"a\Rb", ["a\nb", "a\u2028b"], ["a b"]),
    (r"\Q(a.b)\E+", ["(a.b)", "(a.b))"], ["a.b"]),
    (r"a(?i)b|c", ["ab", "aB", "C"], ["Ab"]),
    (r"(a(?i)b)c", ["aBc"], ["aBC"]),
    (r"(?i)a(?-i)b", ["Ab"], ["AB"]),
    (r"[a-z&&[^bc]]", ["a", "d"], ["b", "c", "A"]),
    (r"[a-c[x-z]]", ["b", "y"], ["m", "["]),
    (r"[a[^b-z]]", ["a", "A"], ["b"]),
    (r"[^a-z&&[^b]]", ["b", "A"], ["a", "c"]),
    (r"[^\Ha]", [" "], ["a", "b"]),
    (r"\x{4e00}\u4e8c", ["一二"], ["一"]),
    (r"\ud840\udc00", ["\U00020000"], []),
    (r"(?<one>.)\k<one>", ["aa"], ["ab"]),
    (r"a++b(?>c|cd)", ["aabc"], ["aacb"]),
    (r"\p{IsHan}\p{L}", ["汉a"], ["1a"]),
    (r"a(?#a remark)b", ["ab"], ["a#"]),
    (r"a\z", ["a"], ["a\n"]),
    (r"a\Z", ["a", "a\n"], ["a\nb"]),
    (r"[]a]", ["]", "a"], ["b"]),
)


def written(taken: list[ImportedRule], folder: Path, name: str = "taken") -> Pack:
    path = folder / f"{name}.toml"
    path.write_text(head("imported", "sequence") + tables(taken), "utf-8")
    return load_pack(path)


@pytest.mark.parametrize(("java", "finds", "leaves"), TRANSLATED, ids=[row[0] for row in TRANSLATED])
def test_translated(java: str, finds: list[str], leaves: list[str]) -> None:
    pattern = regex.compile(expression(java), regex.VERSION0)
    assert [text for text in (*finds, *leaves) if pattern.search(text)] == finds


@pytest.mark.parametrize("java", ["(a", "a)", "[a", "\\", r"\p{NoSuchThing}", "(?w)a"])
def test_refused(java: str) -> None:
    with pytest.raises(Untranslatable):
        expression(java)


@pytest.mark.parametrize(
    ("java", "groups", "ours"),
    [("$1$0", 1, r"\g<1>\g<0>"), ("$12", 1, r"\g<1>2"), ("$12", 12, r"\g<12>"), (r"\$\\", 0, "$\\\\"),
     ("${a}", 1, r"\g<a>")],
)  # fmt: skip
def test_replacements(java: str, groups: int, ours: str) -> None:
    assert replacement(java, groups) == ours


@pytest.mark.parametrize(("java", "groups"), [("$2", 1), ("a$", 1), ("$a", 1), ("a\\", 0)])
def test_bad_replacements(java: str, groups: int) -> None:
    with pytest.raises(Untranslatable):
        replacement(java, groups)


def test_legado_3(tmp_path: Path) -> None:
    taken = take(read_foreign(HERE / "legado3.json", False), "taken")
    assert [(one.fate, one.name) for one in taken] == [
        ("skipped", ""), ("taken", "r0002"), ("taken", "r0003-ad-of-the-app"), ("taken", "r0004"),
        ("taken", "r0005-one-book"), ("off", "r0006-too-broad"), ("refused", ""), ("refused", ""),
        ("off", "r0009-titles"), ("off", "r0010-not-now"), ("skipped", ""),
    ]  # fmt: skip
    pack = written(taken, tmp_path)
    assert pack.rules["r0005-one-book"].paths == ["*山居笔记*", "*www.example.com*"]
    assert pack.rules["r0010-not-now"].paths == ["*", "!*山居笔记*"]
    assert (pack.rules["r0002"].label, pack.rules["r0002"].why) == ("两步", "标记")
    cleaned = Pipeline(RuleSet([pack], off=["boilerplate/taken/r0005-one-book"])).clean(
        "第１章\n　夜读小站：甲\n天亮了。"
    )
    assert cleaned.text == "第<１>章\n\n天亮了。"


def test_other_forms(tmp_path: Path) -> None:
    assert [(rule.pattern, rule.on) for rule in read_foreign(HERE / "yuedu2.json", False)] == [
        ("(手打)", False), (r"请收藏[^\n]{0,9}网址", True),
    ]  # fmt: skip
    assert [(rule.pattern, rule.replacement) for rule in read_foreign(HERE / "sources.json", False)] == [
        ("一秒记住.*?请", ""), ("本站地址：.*", "（略）"),
    ]  # fmt: skip
    assert [(rule.pattern, rule.replacement) for rule in read_foreign(HERE / "plain.txt", False)] == [
        ("记住本站地址", ""), ("天下（第一）", "天下第一"),
    ]  # fmt: skip


def test_what_is_there_stays(tmp_path: Path) -> None:
    foreign = [ForeignRule("甲", "乙", is_regex=False), ForeignRule("丙+", "丁")]
    there = written(take(foreign[:1], "taken"), tmp_path)
    assert [(one.fate, one.name) for one in take(foreign, "taken", there)] == [
        ("already there", ""), ("taken", "r0003"),
    ]  # fmt: skip


def test_export_and_back(tmp_path: Path) -> None:
    pack = written(take(read_foreign(HERE / "legado3.json", False), "taken"), tmp_path)
    entries, left = legado(RuleSet([pack]).all)
    (tmp_path / "again.json").write_text(json.dumps(entries), "utf-8")
    again = written(take(read_foreign(tmp_path / "again.json", False), "again"), tmp_path, "again")
    assert left == []
    assert list(map(meaning, again.rules.values())) == list(map(meaning, pack.rules.values()))


def meaning(rule: RuleSpec) -> tuple[object, ...]:
    return rule.match, rule.literal, rule.replace, not rule.enabled, rule.label or "taken", rule.paths


def test_built_in_rules_exported() -> None:
    entries, left = legado(rule for rule in RuleSet([load_pack(FIXTURES / "packs" / "sample.toml")]).all)
    assert entries
    assert all(regex.compile(expression(entry["pattern"])) for entry in entries)
    assert all(why for _, why in left)


@needs_shared
@pytest.mark.parametrize("path", WILD, ids=lambda path: path.stem)
def test_in_the_wild(path: Path) -> None:
    """Read, translated and compiled; tried on clean text by `python -m evaluation imports`, which takes a minute."""
    refused = []
    rules = read_foreign(path, False)
    for rule in rules:
        if rule.is_regex and rule.pattern:
            try:
                pattern = regex.compile(expression(rule.pattern), regex.VERSION0)
                if "@js:" not in rule.replacement:
                    replacement(rule.replacement, pattern.groups)
            except (Untranslatable, regex.error):
                refused.append(rule)
    assert len(refused) <= max(1, len(rules) // 12)


@needs_shared
def test_as_in_the_reader(tmp_path: Path) -> None:
    """The largest export on windows of novels gives the text of a plain loop; `evaluation imports` tries four."""
    path = max(WILD, key=lambda path: len(json.loads(path.read_text("utf-8"))))
    pack = written(take(read_foreign(path, False), "wild"), tmp_path, "wild")
    loop = [
        (regex.compile(rule.match if rule.match is not None else regex.escape(rule.literal)), rule.replace or "")
        for rule in pack.rules.values()
        if rule.enabled
    ]
    pipeline = Pipeline(RuleSet([pack]))
    chance = random.Random(7)
    for novel in sorted((SHARED / "data" / "novel_ads").glob("*.txt"))[:20]:
        text = novel.read_bytes().decode("gb18030", "replace").replace("\r\n", "\n").replace("\r", "\n")
        low = chance.randrange(max(1, len(text) - 1500))
        wanted = window = text[low : low + 1500]
        for pattern, after in loop:
            wanted = pattern.sub(after, wanted)
        result = pipeline.clean(window)
        assert result.text == wanted
        assert apply(window, result.edits) == wanted
