"""The prefilter has no false negatives: every match of a rule has a hit on one of its lines."""

from __future__ import annotations

import hashlib
import os
import pickle
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import msgspec
import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import MIXED, SCANNERS, every_rule, needs_hyperscan

from cleaner.matching.prefilter import Prefilter, make_prefilter
from cleaner.matching.prefilter.compiled import compiled
from cleaner.matching.prefilter.expression import UnsupportedPattern
from cleaner.matching.prefilter.plain import PlainPrefilter
from cleaner.matching.prefilter.rewrite import prefilter_pattern
from cleaner.matching.rule import Rule
from cleaner.matching.ruleset import RuleSet, load_ruleset
from cleaner.matching.triggers import Trigger
from cleaner.model.errors import CleanerError
from cleaner.pipeline import Pipeline
from cleaner.rules.spec import Pack, PackHeader, RuleSpec

TRIGGERED = {n for trigger in every_rule().program.triggers if trigger.expression for n in trigger.rules}
RULES = [rule for number, rule in enumerate(every_rule().rules) if number in TRIGGERED]


@cache
def triggers_of(rule_id: str) -> list[Trigger]:
    """Those of one rule, or of all."""
    return [trigger for trigger in every_rule().program.triggers if not rule_id or on(trigger, rule_id)]


@cache
def scanner_of(rule_id: str, name: str) -> Prefilter:
    return make_prefilter([(trigger.expression, trigger.caseless) for trigger in triggers_of(rule_id)], name)


def hits_of(rule: Rule, data: bytes, name: str) -> list[int]:
    """Where its expressions end: with hyperscan among those of all rules, in one database."""
    among = rule.id if name == "plain" else ""
    ours = {number for number, trigger in enumerate(triggers_of(among)) if on(trigger, rule.id)}
    return [end for end, number in scanner_of(among, name).scan(data) if number in ours]


def on(trigger: Trigger, rule_id: str) -> bool:
    return any(every_rule().rules[number].id == rule_id for number in trigger.rules)


def unseen(rule: Rule, text: str, name: str) -> list[tuple[str, int]]:
    """Matches of the rule that have no hit on any of their lines."""
    data = text.encode()
    fired = {data.count(b"\n", 0, end - 1) for end in hits_of(rule, data, name)}
    return [(f.group(), f.start()) for f in matches(rule, text) if fired.isdisjoint(lines_of(text, f.start(), f.end()))]


def matches(rule: Rule, text: str) -> list[regex.Match[str]]:
    return [found for found in rule.pattern.finditer(text, timeout=5) if found.end() > found.start()]


def lines_of(text: str, start: int, end: int) -> range:
    return range(text.count("\n", 0, start), text.count("\n", 0, end - 1) + 1)


@cache
def alone(rule_id: str, scanner: str) -> Pipeline:
    stage, pack, name = rule_id.split("/")
    found = next(p for p in every_rule().packs if (p.head.stage, p.name) == (stage, pack))
    return Pipeline(RuleSet([msgspec.structs.replace(found, rules={name: found.rules[name]})], on=[stage]), scanner)


def half_open(rule: Rule, text: str, scanner: str) -> list[str]:
    """Matches of the rule in the middle of a long text that lie in no region as a whole."""
    text = BODY + text + BODY
    regions = [
        (region.start, region.end)
        for block in alone(rule.id, scanner).blocks([text.encode()])
        for region in block.regions
    ]
    spans = [(len(text[: f.start()].encode()), len(text[: f.end()].encode()), f.group()) for f in matches(rule, text)]
    return [found for low, high, found in spans if not any(start <= low and high <= end for start, end in regions)]


# hyperscan 0.9.1 loses matches of some expressions unless they stand at the very beginning of the data.
BODY = "雨下了一夜，到天亮才停。\n" * 60
FRONTS = ["", "x" * 25 + "\n", "山" * 100 + "\n", "\n" * 60, "x\n" * 40, "一二。\n" * 20]


@st.composite
def dirtied(draw: st.DrawFn, hits: list[str]) -> str:
    """Hit texts whole, in pieces and with strange characters put in, one after the other."""
    pieces = []
    for _ in range(draw(st.integers(1, 4))):
        text = draw(st.sampled_from(hits))
        low, high = sorted((draw(st.integers(0, len(text))), draw(st.integers(0, len(text)))))
        if draw(st.booleans()):
            text = text[low:high] if high - low > 1 else text
        else:
            text = text[:low] + draw(st.text(st.sampled_from(MIXED), max_size=2)) + text[low:]
        pieces += [draw(st.text(st.sampled_from(MIXED), max_size=4)), text]
    text = "".join(pieces)
    changed = draw(st.sampled_from([text, text.upper(), text.lower(), text.title()]))
    return draw(st.sampled_from(FRONTS)) + changed.replace("\r", "\n") + "\n"


@pytest.mark.parametrize("scanner", SCANNERS)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
@settings(max_examples=12)
@given(data=st.data())
def test_no_match_is_missed(rule: Rule, scanner: str, data: st.DataObject) -> None:
    text = data.draw(dirtied([hit.text for hit in rule.written.hit] or ["一"]))
    assert unseen(rule, text, scanner) == []


@pytest.mark.parametrize(
    "rule",
    [rule for rule in RULES if rule.spans_lines and rule.written.zone == "anywhere"],
    ids=lambda rule: rule.id,
)
@settings(max_examples=12)
@given(data=st.data())
def test_a_match_lies_in_one_region(rule: Rule, data: st.DataObject) -> None:
    text = data.draw(dirtied([hit.text for hit in rule.written.hit] or ["一"]))
    assert half_open(rule, text, "plain") == []


@pytest.mark.parametrize("scanner", SCANNERS)
@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.written.zone == "anywhere"], ids=lambda rule: rule.id)
def test_each_hit_lies_in_one_region(rule: Rule, scanner: str) -> None:
    text = "".join(hit.text.replace("\r\n", "\n") + "\n" for hit in rule.written.hit)
    assert half_open(rule, text, scanner) == []


@pytest.mark.parametrize("scanner", SCANNERS)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_no_hit_is_missed(rule: Rule, scanner: str) -> None:
    text = "\n".join(hit.text for hit in rule.written.hit).replace("\r\n", "\n") + "\n"
    assert [front for front in FRONTS if unseen(rule, front + text, scanner)] == []


# Expressions as rule authors write them, each tried on texts drawn from its own letters.
WRITTEN = [
    r"(?<=\n\n)\n+",
    r"^第[一二三]+章\s*$",
    r"a{2,30}b",
    r"(?:x|y)++z",
    r"(?i:abc)d",
    r"\bwww\b",
    r"[^\n。]{0,20}网$",
    r"(?P<name>[\w.]+)@(?:\w+\.)+\w{2,3}",
    r"\p{Han}{2}[A-Z]\d?",
    r"(?<![a-z])\d+(?=人)",
    r"^\s+$",
    r"[\W_]{3}x",
    r"\S+?。",
    r"(?:\n[^\n]{1,6}){3}$",
    r"甲(?!乙)[丙丁]*?戊",
    r"[\u3000\x20]+(?=\n)",
    "a\\\u3000b[\\\u3000x]+",
    r"(?:\w{1,3}\s?){2,4}甲(?:x|\W{2}){2}",
    r"(?:(?i:a)\w{2}){2}",
]


@pytest.mark.parametrize("scanner", SCANNERS)
@pytest.mark.parametrize("expression", WRITTEN)
@settings(max_examples=25)
@given(data=st.data())
def test_no_match_is_missed_for_any_expression(expression: str, scanner: str, data: st.DataObject) -> None:
    letters = "abcdwxyzABCxyzW第一二三章网甲乙丙丁戊人。@._ \n\n\u3000１é\u0301\u212a\u017f" + expression
    text = data.draw(st.text(st.sampled_from(letters), max_size=60)) + "\n"
    woken = {text.encode().count(b"\n", 0, end - 1) for end, _ in one(expression, scanner).scan(text.encode())}
    for found in regex.finditer(expression, text, regex.MULTILINE | regex.VERSION0 | regex.IGNORECASE):
        if found.end() > found.start():
            assert text.count("\n", 0, found.end() - 1) in woken


@cache
def one(expression: str, name: str) -> Prefilter:
    return make_prefilter([(prefilter_pattern(expression), True)], name)


# Matches over many lines, as packs write them: (expression, text).
LONG = [
    (r"^开头[^\n]*(?:\n[^\n]+){0,18}$", "开头\n" + "甲乙\n" * 30),
    (r"^开头[^\n]*(?:\n[^\n]+){0,18}$", "开头\n" + "甲乙\n" * 7 + "\n"),
    (r"^开头\n(?:[^\n]*\n){0,30}?结尾$", "开头\n" + "甲乙\n" * 20 + "结尾\n"),
    (r"^开头\n(?:[^\n]*\n){0,30}?结尾$", "开头\n" + "甲乙\n" * 6 + "结尾\n"),
    (r"^开头(?:\n\n?[^\n]+){0,3}$", "开头\n\n甲\n\n乙\n\n丙\n"),
]


@pytest.mark.parametrize("scanner", SCANNERS)
@pytest.mark.parametrize("number", range(len(LONG)))
def test_matches_over_many_lines_go_whole(number: int, scanner: str) -> None:
    expression, text = LONG[number]
    written = RuleSpec(kind="ad", match=expression)
    pack = Pack("long", "long.toml", PackHeader("boilerplate"), {"rule": written}, {})
    text = BODY + text + BODY
    wanted = regex.sub(expression, "", text, flags=regex.MULTILINE | regex.VERSION0)
    assert Pipeline(RuleSet([pack]), scanner).clean(text).text.replace("\n", "") == wanted.replace("\n", "")


def test_a_slow_rule_that_no_scanner_takes_is_named() -> None:
    pack = Pack(
        "slow", "slow.toml", PackHeader("boilerplate"), {"rule": RuleSpec(kind="ad", match=r"((?:a|aa)+)+q\1")}, {}
    )
    with pytest.raises(CleanerError, match="boilerplate/slow/rule"):
        Pipeline(RuleSet([pack]), "plain").clean("a" * 70 + "!q" + "x" * 300)


REWRITTEN = [
    ("一二", "一二"),
    (r"a(b)c", r"a(?:b)c"),
    (r"(?P<n>b)c", r"(?:b)c"),
    (r"(?<n>b)c", r"(?:b)c"),
    (r"(?>ab)c", r"(?:ab)c"),
    (r"a(?=b)c", r"ac"),
    (r"a(?!b(c)[)]d)c", r"ac"),
    (r"(?<=a)b", r"b"),
    (r"(?<!a\))b", r"b"),
    (r"\bab\B", r"ab"),
    (r"\Aab\Z", r"ab"),
    (r"a(?=b)+c", r"ac"),
    (r"a++b*+c?+", r"a+b*c?"),
    (r"a+?b*?", r"a+?b*?"),
    (r"a{0,40}", r"a*"),
    (r"a{1,40}", r"a+"),
    (r"a{3,40}", r"a{3,}"),
    (r"a{20,40}", r"a+"),
    (r"a{2,5}", r"a{2,5}"),
    (r"a{12}", r"a{12}"),
    (r"\u4e00\x41\U0001f600", r"\x{4e00}\x{41}\x{1f600}"),
    (r"[\u4e00-\u9fff]", r"[\x{4e00}-\x{9fff}]"),
    (r"[\U0001f600]", r"[\x{1f600}]"),
    (r"a$", r"a\n"),
    (r"\.\[\\", r"\.\[\\"),
    (r"[]a]", r"[]a]"),
    (r"[^]a]", r"[^]a]"),
    (r"(?i)ab", r"(?i)ab"),
    (r"(?i:ab)", r"(?i:ab)"),
    (r"\p{Script=Han}", r"[^\n]"),
    (r"(?#why)a", r"a"),
]
REFUSED = [
    r"(a)\1", r"(?P=n)", r"[a&&b]", r"[a--b]", r"(?|a|b)", r"(*SKIP)", r"(?R)", r"\X", r"\K", r"(?r)a", r"a(b(?=c",
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "wanted"), REWRITTEN, ids=[pattern for pattern, _ in REWRITTEN])
def test_rewritten(pattern: str, wanted: str) -> None:
    assert prefilter_pattern(pattern) == wanted


@pytest.mark.parametrize("pattern", REFUSED)
def test_refused(pattern: str) -> None:
    with pytest.raises(UnsupportedPattern):
        prefilter_pattern(pattern)


EVERY = "".join(chr(code) + "\n" for code in range(0x110000) if not 0xD800 <= code < 0xE000 and code not in (10, 13))
CLASSES = [
    r"\w", r"\W", r"\d", r"\D", r"\s", r"\S", r"\p{Han}", r"\p{L}", r"\p{Lu}", r"\p{N}", r"\p{P}", r"\p{S}", r"\p{M}",
    r"\P{L}", r"[\w.]", r"[^\W\d]", r"[\s\u3000]", r"[^\s]", r"[^\p{Han}]", r"[\p{L}\p{N}]", r"\p{Hiragana}", r".",
    r"[^\n]", r"[^。，]",
]  # fmt: skip


@needs_hyperscan
@pytest.mark.parametrize("expression", CLASSES)
def test_tables_hold_every_character(expression: str) -> None:
    assert characters(expression, False) == set()


CASELESS = [
    r"[b-hj-z]", r"[A-HJ-Z]", r"[à-ö]", r"[α-ω]", r"[ａ-ｚ]", r"[ǅ-ǌ]", r"[ա-ֆ]", r"[^a-z]",
    pytest.param(r"i", marks=pytest.mark.xfail(reason="`regex` also takes the Turkish letters for i")),
    pytest.param(r"[а-я]", marks=pytest.mark.xfail(reason="U+1C80 to U+1C88 are younger than hyperscan's tables")),
]  # fmt: skip


@needs_hyperscan
@pytest.mark.parametrize("expression", CASELESS)
def test_capitals_of_every_character(expression: str) -> None:
    assert characters(expression, True) == set()


def characters(expression: str, caseless: bool) -> set[str]:
    """Those that `regex` matches and the fast scanner does not."""
    wanted = regex.compile(f"(?:{expression})\n", regex.VERSION0 | (regex.IGNORECASE if caseless else 0))
    data = EVERY.encode()
    ends = {end for end, _ in make_prefilter([(prefilter_pattern(expression), caseless)], "hyperscan").scan(data)}
    lines = {number for number, found in enumerate(re.finditer(rb"[^\n]+\n", data)) if found.end() - 1 in ends}
    return {found.group()[0] for found in wanted.finditer(EVERY) if found.start() // 2 not in lines}


@pytest.mark.parametrize("scanner", SCANNERS)
@given(raw=st.binary(max_size=60), front=st.sampled_from([0, 4090, 5000]), behind=st.sampled_from([0, 5000]))
def test_valid_agrees_with_python(scanner: str, raw: bytes, front: int, behind: int) -> None:
    data = b"a" * front + raw + "山".encode() * (behind // 3)
    assert make_prefilter([], scanner).valid(data) == is_utf8(data)


@pytest.mark.parametrize("scanner", SCANNERS)
@given(text=st.text(min_size=1, max_size=12), cut=st.integers(0, 3), change=st.integers(0, 255), at=st.integers(0))
def test_valid_where_one_byte_is_wrong(scanner: str, text: str, cut: int, change: int, at: int) -> None:
    raw = bytearray(text.encode("utf-8", "surrogatepass") * 700)
    raw[at % len(raw)] = change
    data = bytes(raw[: len(raw) - cut])
    assert make_prefilter([], scanner).valid(data) == is_utf8(data)


def is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


@pytest.mark.parametrize("scanner", SCANNERS)
def test_no_expressions_no_hits(scanner: str) -> None:
    assert make_prefilter([], scanner).scan("山\n".encode()) == []


def test_the_environment_chooses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLEANER_SCANNER", "plain")
    assert isinstance(make_prefilter([("a", False)]), PlainPrefilter)


CACHED = [("网站[0-9]+", True), ("山", False)]
SPOILED: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda raw: b"",
    "cut off": lambda raw: raw[: len(raw) // 2],
    "garbage": lambda raw: b"\x00" * len(raw),
    "one byte": lambda raw: raw[:100] + bytes([raw[100] ^ 1]) + raw[101:],
    "longer": lambda raw: raw + b"x",
}


@needs_hyperscan
@pytest.mark.parametrize("spoil", SPOILED)
def test_a_spoiled_cache_is_built_again(spoil: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLEANER_CACHE_DIR", str(tmp_path))
    wanted = scanned()
    (file,) = tmp_path.glob("*.database")
    good = file.read_bytes()
    file.write_bytes(SPOILED[spoil](good))
    assert scanned() == wanted
    assert len(file.read_bytes()) == len(good)


@needs_hyperscan
@pytest.mark.parametrize("body", [b"\x92\x90\xc4\x03abc", b"\x92\x91\x00\xc4\x00", b"\xc0", b"\x92\xc4\x01a\x90"])
def test_a_foreign_cache_is_built_again(body: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLEANER_CACHE_DIR", str(tmp_path))
    wanted = scanned()
    (file,) = tmp_path.glob("*.database")
    file.write_bytes(hashlib.sha256(body).digest() + body)
    assert scanned() == wanted


EXPRESSION = r"(?:网站|网址|公众号|微信)[^\n，。]{0,20}(?:小说|书屋|书城|书库|文学网|中文网)(?:阅读|下载|免费)网?"


class Called:
    """What runs a command when it is unpickled."""

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str, ...]]:
        return os.mkdir, (str(Path(os.environ["CLEANER_CACHE_DIR"]) / "called"),)


@pytest.mark.parametrize("body", [b"", b"x", pickle.dumps(5), pickle.dumps(re.compile("a")), b"\x80\x05N."])
def test_a_spoiled_expression_is_compiled_again(body: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLEANER_CACHE_DIR", str(tmp_path))
    wanted = compiled(EXPRESSION, regex.MULTILINE)
    (file,) = tmp_path.glob("*.expression")
    good = file.read_bytes()
    for raw in (body, hashlib.sha256(body).digest() + body):
        file.write_bytes(raw)
        found = compiled(EXPRESSION, regex.MULTILINE)
        assert (found.pattern, found.flags) == (wanted.pattern, wanted.flags)
        assert file.read_bytes() == good


def test_nothing_in_the_cache_is_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLEANER_CACHE_DIR", str(tmp_path))
    compiled(EXPRESSION, 0)
    (file,) = tmp_path.glob("*.expression")
    body = pickle.dumps(Called())
    file.write_bytes(hashlib.sha256(body).digest() + body)
    assert compiled(EXPRESSION, 0).pattern == EXPRESSION
    assert not (tmp_path / "called").exists()


def test_what_the_cache_gives_matches_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLEANER_CACHE_DIR", str(tmp_path))
    long = [rule for rule in every_rule().rules if len(rule.expression) > 60][::9]
    for rule in long:
        flags = rule.pattern.flags
        compiled(rule.expression, flags)
        kept = compiled(rule.expression, flags)
        for hit in rule.written.hit:
            wanted = [found.span() for found in regex.finditer(rule.expression, hit.text, flags)]
            assert [found.span() for found in kept.finditer(hit.text)] == wanted


@pytest.mark.parametrize("off", [["boilerplate/novel"], ["boilerplate"], ["placeholder", "whitespace"]])
def test_the_database_of_built_in_rules_is_the_same_whatever_is_off(off: list[str]) -> None:
    common, own = load_ruleset(off=off).program.sets
    assert common.expressions == load_ruleset().program.sets[0].expressions
    assert own.expressions == []


def test_a_pack_of_ones_own_does_not_change_the_database_of_built_in_rules(tmp_path: Path) -> None:
    pack = tmp_path / "mine.toml"
    pack.write_text("[pack]\nstage = 'boilerplate'\n[rules.x]\nliteral = '看书就去某某阁'\nkind = 'ad'\n", "utf-8")
    rules = load_ruleset([str(pack)], on=["whitespace"])
    assert rules.program.sets[0].expressions == load_ruleset().program.sets[0].expressions
    text = "雨下了一夜，看书就去某某阁到天亮才停。\n"
    assert Pipeline(rules).clean(text).text == "雨下了一夜，到天亮才停。\n"
    off = load_ruleset([str(pack)], off=["boilerplate/mine"])
    assert Pipeline(off).clean(text).text == text


@pytest.mark.parametrize("key", ["place = 'start'", "off = true"])
def test_a_bad_expression_is_found_where_nothing_is_scanned_for_it(key: str, tmp_path: Path) -> None:
    pack = tmp_path / "mine.toml"
    pack.write_text(f"[pack]\nstage = 'boilerplate'\n[rules.x]\nmatch = '(a'\nkind = 'ad'\n{key}\n", "utf-8")
    with pytest.raises(CleanerError, match="bad regular expression"):
        _ = Pipeline(load_ruleset([str(pack)])).prefilter


@needs_hyperscan
def test_a_cache_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("CLEANER_CACHE_DIR", str(tmp_path / "file" / "cache"))
    assert scanned()


def scanned() -> list[tuple[int, int]]:
    return sorted(make_prefilter(CACHED, "hyperscan").scan("山上的网站12\n".encode()))
