"""What the prefilter finds is what `regex` finds alone, one expression after the other (see `reference`)."""

from __future__ import annotations

import shutil
import tomllib
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import ends, reference
from samples import FIXTURES, MIXED, builtins, every_rule, ours

from cleaner.matching import RuleSet, load_ruleset
from cleaner.matching.literals import derive, fold
from cleaner.matching.patterns import compiled, to_line_end
from cleaner.matching.prefilter import Prefilter, Search
from cleaner.model.errors import CleanerError
from cleaner.pipeline import Pipeline
from cleaner.rules import builtin, parsed
from cleaner.rules.parser import load_packs
from tools.derive import parsed_packs, written

FLAGS = regex.MULTILINE | regex.VERSION0
# Expressions without rare literals, tried everywhere. A set of blanks or of digits says nothing.
SLOW = {
    "boilerplate/disguise/returning-name-in-letters",  # a blank or a symbol between any letters
    "boilerplate/mail/list-footer-links",  # its words may stand on the second line of a match
    "mojibake/repair/letters-as-latin",  # classes of characters, two or three together
    "mojibake/repair/two-bytes-as-gbk",
    "mojibake/repair/utf8-as-gbk",
    "mojibake/repair/utf8-as-latin",
    "placeholder/empty/zero-date",  # may begin with the line end before it
    "whitespace/blanks/trailing",
    "whitespace/lines/blank-lines",
}
SEARCHES = [trigger.search for trigger in every_rule().program.triggers if trigger.search is not None]
EXAMPLES = sorted(
    {text for rule in every_rule().all for text in (*(hit.text for hit in rule.written.hit), *rule.written.keep)}
)


@cache
def fast(rules: str) -> Pipeline:
    return Pipeline({"ours": ours, "built-in": builtins}[rules]())


@cache
def slow(rules: str) -> Pipeline:
    return reference({"ours": ours, "built-in": builtins}[rules]())


def lines(hits: list[tuple[int, int]], text: str) -> dict[int, set[int]]:
    """By number of the expression, where the lines begin on which hits end."""
    found = defaultdict(set)
    for end, number in hits:
        found[number].add(text.rfind("\n", 0, max(end - 1, 0)) + 1)
    return found


def test_what_is_derived_is_kept() -> None:
    assert builtin.derived().read_text("utf-8") == written(), "run python -m tools.derive"
    assert builtin.parsed().read_text("utf-8") == parsed_packs(), "run python -m tools.derive"


def test_what_is_kept_of_packs_is_what_their_files_say() -> None:
    assert parsed.builtin_packs() == load_packs(builtin.paths())


def test_a_pack_that_changed_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "rules"
    shutil.copytree(builtin.folder(), folder)
    pack = folder / "boilerplate" / "subtitles.toml"
    text = pack.read_text("utf-8")
    pack.write_text(text + '\n[rules.more]\nkind = "ad"\nliteral = "夜读小站"\n', "utf-8")
    monkeypatch.setattr(builtin, "folder", lambda: folder)
    found = {one.name: one for one in parsed.builtin_packs()}["subtitles"]
    assert found.rules["more"].literal == "夜读小站"
    assert found.path == str(pack)


def test_few_rules_have_no_literal() -> None:
    rules = builtins()
    found = {
        rules.rules[trigger.rules[0]].id
        for trigger in rules.program.triggers
        if trigger.rules and trigger.search and not trigger.search.facts.literals
    }
    assert found == SLOW


@pytest.mark.parametrize("part", range(8))
def test_every_example_is_found_where_it_matches(part: int) -> None:
    prefilter = Prefilter(SEARCHES)
    text = "\n".join(EXAMPLES[part::8]) + "\n"
    found = lines(prefilter.scan(text), text)
    for number, one in enumerate(SEARCHES):
        alone = lines([(end, number) for end in ends(one, text)], text)
        assert alone.get(number, set()) <= found[number], one.expression
        if not one.facts.plain:
            assert alone.get(number, set()) == found[number], one.expression


@pytest.mark.parametrize("which", ["ours", "built-in"])
@settings(max_examples=8)
@given(st.lists(st.one_of(st.sampled_from(EXAMPLES), st.text(st.sampled_from(MIXED), max_size=30)), max_size=8))
def test_results_are_those_of_the_reference(which: str, parts: list[str]) -> None:
    text = "\n".join(parts)
    assert fast(which).clean(text) == slow(which).clean(text)


@pytest.mark.parametrize("path", sorted((FIXTURES / "cases").glob("*.toml")), ids=lambda path: path.stem)
def test_cases_come_out_as_by_the_reference(path: Path) -> None:
    found = tomllib.loads(path.read_text("utf-8"))
    texts = [case["text"] for cases in found.values() if isinstance(cases, list) for case in cases if "text" in case]
    text = "\n".join(texts)[:20_000]
    assert fast("ours").clean(text) == slow("ours").clean(text)


WRITTEN = [
    r"^(?=[^\n]{0,5}?(?:ab|一二))(?=[^\n]*(?:cd|三))[^\n]+",
    r"(?:^[ ]*+(?=[^\n]{0,3}?(?:ab|ba))|(?<=[。！])(?=[^\n]{0,2}?(?:ab|ba)))[^\n。]*。?",
    r"^[^\n]{0,3}ab\n{1,2}[^\n]*cd",
    r"(?<=[。！])\n?ab|^ba",
    r"(?<=a\n)^(?:ab|ba)c?",
    r"[^\n]{0,3}(?:ab|cd(?!a))[ab]*$",
    r"^(?P<x>ab|cd)[^\n]*(?P=x)",
    r"^(?:ab)?(?:cd){2}a|^b{2}\u4e00",
    r"(?i:^k[^\n]*ss)",
    r"(?>ab|a)c[^\n]*(?!b)",
    r"^ab$\n(?=cd)",
    r"(?<=[。])ab\Z|^ab[^\n]*cd$",
    r"(?:ab?){2,3}|一{3}|[cd]{4}",
    r"\bk\S*s\b|\p{Lu}b",
    r"(?:一|(?:二|三)?b)(?:c|d)?[^\n]?a",
    r"a(?=b\n)|(?!c)d(?<=cd)",
    r"[^\n]|\s+c",
]
PIECES = ["ab", "cd", "ba", "a", "b", "c", "\n", "\n", "。", "！", " ", "一二", "三", "kſs", "bb一", "K", "İ", "S"]


@pytest.mark.parametrize("expression", WRITTEN)
@settings(max_examples=60)
@given(st.lists(st.sampled_from(PIECES), max_size=16).map("".join))
def test_an_expression_is_found_where_it_matches(expression: str, text: str) -> None:
    for flags in (FLAGS, FLAGS | regex.IGNORECASE):
        one = Search(expression, int(flags), derive(expression, int(flags)))
        found = lines(Prefilter([one]).scan(text), text)
        assert lines([(end, 0) for end in ends(one, text)], text).get(0, set()) <= found[0]


ALONE = [one for one in SEARCHES if not one.facts.literals and to_line_end(one.expression, one.flags)]


@settings(max_examples=20)
@given(st.data())
@pytest.mark.parametrize("search", ALONE, ids=lambda one: one.expression[:20])
def test_both_libraries_find_the_same_lines(search: Search, data: st.DataObject) -> None:
    chars = st.sampled_from([*search.expression, *MIXED, "\n", " ", "\u3000", "\xa0", "\x85"])
    text = "".join(data.draw(st.lists(chars, max_size=200)))
    found = to_line_end(search.expression, search.flags)
    assert found is not None
    by_re2 = {match.end() for match in found.finditer(text)}
    assert by_re2 == {
        text.find("\n", match.end()) % (len(text) + 1)
        for match in compiled(search.expression, search.flags).finditer(text)
    }


def test_most_expressions_without_literals_are_for_the_fast_library() -> None:
    assert len(ALONE) > 10


@given(st.text(), st.sampled_from(["ſ", "İ", "ı", "K", "Å", "ς"]), st.text())
def test_folded_texts_are_as_long(before: str, char: str, after: str) -> None:
    text = before + char + after
    assert len(fold(text)) == len(text)


@pytest.mark.parametrize("first", range(0, 0x3000, 0x400))
def test_what_is_one_character_for_regex_is_folded_to_one(first: int) -> None:
    """Each character of a block, as an expression that ignores case: its literals are found in what matches."""
    for char in map(chr, range(first, first + 0x400)):
        facts = derive(regex.escape(char), int(FLAGS | regex.IGNORECASE))
        for variant in {char, char.lower(), char.upper(), char.title()}:
            if facts.literals and regex.fullmatch(regex.escape(char), variant, FLAGS | regex.IGNORECASE):
                assert any(literal in fold(variant) for literal in facts.literals[0]), (char, variant)


@pytest.mark.parametrize(
    "odd",
    [r"\x41\x42", r"\101\102", r"\u7f51\u7ad9", "(?:网站){2i+1d<=3}", r"(?x:网 站)", "(?#网站)", r"\N{DIGIT ONE}"],
)
def test_what_is_written_oddly_is_not_taken_by_its_letters(odd: str) -> None:
    literals = derive(rf"^[^\n]*{odd}[^\n]*(?:[^\n]{{9}}|[^\n]{{8}})$", int(FLAGS)).literals
    assert literals in ((), (("ab",),), (("网站",),), (("1",),))


def test_what_an_expression_needs() -> None:
    def needs(expression: str) -> tuple[tuple[str, ...], ...]:
        return derive(expression, int(FLAGS)).literals

    assert needs(r"^(?=[^\n]{0,70}?(?:书吧|网站))[^\n]{5,90}") == (("书吧", "网站"),)
    assert needs(r"^[^\n]*\n[^\n]*网站") == ()
    assert needs(r"[a-z]|\d+") == ()


@pytest.mark.parametrize("key", ["zone = 'start'", "enabled = false"])
def test_a_bad_expression_is_found_where_nothing_is_sought_for_it(key: str, tmp_path: Path) -> None:
    pack = tmp_path / "mine.toml"
    pack.write_text(
        f"[pack]\nformat = 2\nstage = 'boilerplate'\n[rules.x]\nmatch = '(a'\nkind = 'ad'\n{key}\n", "utf-8"
    )
    with pytest.raises(CleanerError, match="bad regular expression"):
        load_ruleset([str(pack)]).check()


def test_literals_are_looked_up_in_a_few_characters_as_in_many(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "\n".join(EXAMPLES)
    monkeypatch.setattr("cleaner.matching.prefilter.FEW", len(text) + len(EXAMPLES))
    looked_up = lines(Prefilter(SEARCHES).scan(text), text)
    monkeypatch.setattr("cleaner.matching.prefilter.FEW", 0)
    assert looked_up == lines(Prefilter(SEARCHES).scan(text), text) != {}


def test_nothing_is_compiled_before_it_is_needed() -> None:
    pipeline = Pipeline(RuleSet(every_rule().packs))
    assert pipeline.clean("雨下了一夜，到天亮才停。\n").edits == []
    assert not any("pattern" in rule.__dict__ for rule in pipeline.rules.rules if rule.stage == "boilerplate")
