"""The law: whatever `regex` would match, the scanner wakes. And what both scanners promise besides."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import MIXED, SCANNERS, every_rule, needs_hyperscan

from cleaner.packs.rule import Rule, scannable
from cleaner.scanner import Scanner, make_scanner
from cleaner.scanner.plain import PlainScanner
from cleaner.scanner.rewrite import Unscannable, scanner_pattern

LAW = [rule for rule in every_rule().rules if scannable(rule) and rule.triggers()]


@cache
def scanner_of(rule_id: str, name: str) -> Scanner:
    """All rules in one database; the slow scanner gets the one rule's expressions."""
    return make_scanner([(p.expression, p.caseless) for p in every_rule().probes if name != "plain" or on(p, rule_id)], name)


@cache
def backs(rule_id: str, name: str) -> dict[int, int]:
    """How many lines back each expression that stands for this rule reaches, by its number in the scanner."""
    probes = [p for p in every_rule().probes if name != "plain" or on(p, rule_id)]
    return {number: probe.back for number, probe in enumerate(probes) if on(probe, rule_id)}


def on(probe: object, rule_id: str) -> bool:
    return any(every_rule().rules[number].id == rule_id for number in probe.rules)  # type: ignore[attr-defined]


def touched_lines(rule: Rule, text: str) -> set[int]:
    """Numbers of the lines that matches of the rule touch."""
    lines: set[int] = set()
    for found in rule.pattern.finditer(text, timeout=5):
        if found.end() > found.start():
            lines |= set(range(text.count("\n", 0, found.start()), text.count("\n", 0, found.end() - 1) + 1))
    return lines


def woken_lines(rule: Rule, text: str, name: str) -> set[int]:
    data, reach, lines = text.encode(), backs(rule.id, name), set[int]()
    for end, number in scanner_of(rule.id, name).scan(data):
        if number in reach:
            line = data.count(b"\n", 0, end - 1)
            lines |= set(range(line - reach[number], line + 1))
    return lines


# hyperscan 0.9.1 loses matches of some expressions unless they stand at the very beginning of the data.
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
    changed = draw(st.sampled_from([str, str.upper, str.lower, str.title]))("".join(pieces))
    return draw(st.sampled_from(FRONTS)) + changed.replace("\r", "\n") + "\n"


@pytest.mark.parametrize("scanner", SCANNERS)
@pytest.mark.parametrize("rule", LAW, ids=lambda rule: rule.id)
@settings(max_examples=12)
@given(data=st.data())
def test_the_law(rule: Rule, scanner: str, data: st.DataObject) -> None:
    text = data.draw(dirtied([hit.text for hit in rule.written.hit] or ["一"]))
    assert touched_lines(rule, text) - woken_lines(rule, text, scanner) == set()


@pytest.mark.parametrize("scanner", SCANNERS)
@pytest.mark.parametrize("rule", LAW, ids=lambda rule: rule.id)
@pytest.mark.parametrize("front", range(len(FRONTS)))
def test_the_law_on_each_hit(rule: Rule, scanner: str, front: int) -> None:
    text = FRONTS[front] + "\n".join(hit.text for hit in rule.written.hit).replace("\r\n", "\n") + "\n"
    assert touched_lines(rule, text) - woken_lines(rule, text, scanner) == set()


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
]


@pytest.mark.parametrize("scanner", SCANNERS)
@pytest.mark.parametrize("expression", WRITTEN)
@settings(max_examples=25)
@given(data=st.data())
def test_the_law_for_any_expression(expression: str, scanner: str, data: st.DataObject) -> None:
    letters = "abcdwxyzABCxyzW第一二三章网甲乙丙丁戊人。@._ \n\n\u3000１é\u0301\u212a\u017f" + expression
    text = data.draw(st.text(st.sampled_from(letters), max_size=60)) + "\n"
    woken = {text.encode().count(b"\n", 0, end - 1) for end, _ in one(expression, scanner).scan(text.encode())}
    for found in regex.finditer(expression, text, regex.MULTILINE | regex.VERSION0 | regex.IGNORECASE):
        if found.end() > found.start():
            assert text.count("\n", 0, found.end() - 1) in woken


@cache
def one(expression: str, name: str) -> Scanner:
    return make_scanner([(scanner_pattern(expression), True)], name)


# Matches over many lines: (expression, text); `back` of a probe is 8 lines.
LONG = [
    (r"^开头[^\n]*(?:\n[^\n]+){0,18}$", "开头\n" + "甲乙\n" * 30),
    (r"^开头[^\n]*(?:\n[^\n]+){0,18}$", "开头\n" + "甲乙\n" * 17),
    (r"^开头\n(?:[^\n]*\n){0,30}?结尾$", "开头\n" + "甲乙\n" * 20 + "结尾\n"),
    (r"\A(?:[^\n]*\n){12}", "甲\n" * 14),
]


@pytest.mark.parametrize("scanner", SCANNERS)
@pytest.mark.parametrize(("expression", "text"), LONG)
def test_the_law_for_matches_over_many_lines(expression: str, text: str, scanner: str) -> None:
    data = text.encode()
    hits = {data.count(b"\n", 0, end - 1) for end, _ in one(expression, scanner).scan(data)}
    woken = {line for hit in hits for line in range(hit - 8, hit + 1)}
    found = regex.search(expression, text, regex.MULTILINE | regex.VERSION0)
    assert found is not None
    assert set(range(text.count("\n", 0, found.end() - 1) + 1)) - woken == set()


REWRITTEN = [
    ("一二", "一二"),
    (r"a(b)c", r"a(?:b)c"),
    (r"(?P<n>b)", r"(?:b)"),
    (r"(?<n>b)", r"(?:b)"),
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
REFUSED = [r"(a)\1", r"(?P=n)", r"[a&&b]", r"[a--b]", r"(?|a|b)", r"(*SKIP)", r"(?R)", r"\X", r"\K", r"(?r)a", r"a(b(?=c"]


@pytest.mark.parametrize(("pattern", "wanted"), REWRITTEN, ids=[pattern for pattern, _ in REWRITTEN])
def test_rewritten(pattern: str, wanted: str) -> None:
    assert scanner_pattern(pattern) == wanted


@pytest.mark.parametrize("pattern", REFUSED)
def test_refused(pattern: str) -> None:
    with pytest.raises(Unscannable):
        scanner_pattern(pattern)


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
    r"[b-hj-z]", r"[A-HJ-Z]", r"[ß-ö]", r"[α-ω]", r"[ａ-ｚ]", r"[ǅ-ǌ]", r"[ա-ֆ]", r"[^a-z]",
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
    ends = {end for end, _ in make_scanner([(scanner_pattern(expression), caseless)], "hyperscan").scan(data)}
    lines = {number for number, found in enumerate(re.finditer(rb"[^\n]+\n", data)) if found.end() - 1 in ends}
    return {found.group()[0] for found in wanted.finditer(EVERY) if found.start() // 2 not in lines}


@pytest.mark.parametrize("scanner", SCANNERS)
@given(raw=st.binary(max_size=60), front=st.sampled_from([0, 4090, 5000]), behind=st.sampled_from([0, 5000]))
def test_valid_agrees_with_python(scanner: str, raw: bytes, front: int, behind: int) -> None:
    data = b"a" * front + raw + "山".encode() * (behind // 3)
    assert make_scanner([], scanner).valid(data) == is_utf8(data)


@pytest.mark.parametrize("scanner", SCANNERS)
@given(text=st.text(min_size=1, max_size=12), cut=st.integers(0, 3), change=st.integers(0, 255), at=st.integers(0))
def test_valid_where_one_byte_is_wrong(scanner: str, text: str, cut: int, change: int, at: int) -> None:
    raw = bytearray(text.encode("utf-8", "surrogatepass") * 700)
    raw[at % len(raw)] = change
    data = bytes(raw[: len(raw) - cut])
    assert make_scanner([], scanner).valid(data) == is_utf8(data)


def is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


@pytest.mark.parametrize("scanner", SCANNERS)
def test_no_expressions_no_hits(scanner: str) -> None:
    assert make_scanner([], scanner).scan("山\n".encode()) == []


def test_the_environment_chooses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLEANER_SCANNER", "plain")
    assert isinstance(make_scanner([("a", False)]), PlainScanner)


CACHED = [("网站[0-9]+", True), ("山", False)]
SPOILED = {
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
    (file,) = tmp_path.glob("*.scanner")
    good = file.read_bytes()
    file.write_bytes(SPOILED[spoil](good))
    assert scanned() == wanted
    assert len(file.read_bytes()) == len(good)


@needs_hyperscan
@pytest.mark.parametrize("body", [b"\x92\x90\xc4\x03abc", b"\x92\x91\x00\xc4\x00", b"\xc0", b"\x92\xc4\x01a\x90"])
def test_a_foreign_cache_is_built_again(body: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import hashlib

    monkeypatch.setenv("CLEANER_CACHE_DIR", str(tmp_path))
    wanted = scanned()
    (file,) = tmp_path.glob("*.scanner")
    file.write_bytes(hashlib.sha256(body).digest() + body)
    assert scanned() == wanted


@needs_hyperscan
def test_a_cache_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("CLEANER_CACHE_DIR", str(tmp_path / "file" / "cache"))
    assert scanned()


def scanned() -> list[tuple[int, int]]:
    return sorted(make_scanner(CACHED, "hyperscan").scan("山上的网站12\n".encode()))
