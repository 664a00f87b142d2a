"""Texts, rule sets and pipelines that several test files share."""

from __future__ import annotations

import contextlib
import io
from functools import cache
from pathlib import Path

from hypothesis import strategies as st

from cleaner import cli
from cleaner.matching.ruleset import RuleSet, load_ruleset
from cleaner.pipeline import Pipeline
from cleaner.rules import builtin
from cleaner.rules.parser import load_packs

ROOT = Path(__file__).parents[1]
FIXTURES = ROOT / "fixtures"
SHARED = ROOT.parent / "shared"
OURS = str(FIXTURES / "packs" / "sample.toml")
MARKS = str(FIXTURES / "packs" / "marks.toml")

HAN = "的一是不了人我在有他这中大来上国春夏秋冬山水风雨书记县市"
KANA = "あいうえおかきくけこカタナひらがの"
HANGUL = "가나다라마바사아자차카타파하한국말"
LATIN = "abcWXyz0129"
WIDE = "ａｂｃＷｗＸ０９．：／，。！？；、"
MARKS_AND_BLANKS = "。，、；：！？“”‘’（）【】《》…—-_*.,/:@ \t\u3000\u00a0"
ODD = "\u0301\u200b\u200d\u200c\ufeff\u00ad\u2060\u2028\u0085\u212a\u017fé×○\U0001f600\U0001f468аеоrс"
MIXED = HAN + LATIN + WIDE + MARKS_AND_BLANKS + ODD + "\n\n"


def texts(alphabet: str = MIXED, longest: int = 40) -> st.SearchStrategy[str]:
    return st.text(st.sampled_from(alphabet), max_size=longest)


@cache
def every_rule() -> RuleSet:
    """All built-in rules, also those that are off or of one profile."""
    packs = load_packs(builtin.paths())
    return RuleSet(packs, on=sorted({pack.head.stage for pack in packs if pack.rules}))


@cache
def ours() -> RuleSet:
    """The packs of the fixtures and what is built in besides boilerplate."""
    return load_ruleset([OURS, MARKS], builtin_boilerplate=False)


@cache
def builtins() -> RuleSet:
    return load_ruleset()


@cache
def profiled(profile: str) -> RuleSet:
    """What is built in besides boilerplate, as a profile has it."""
    return load_ruleset([OURS, MARKS], builtin_boilerplate=False, profile=profile)


@cache
def pipeline(which: str) -> Pipeline:
    """`which`: "ours", "built-in", or the name of a profile."""
    known = {"ours": ours, "built-in": builtins}
    return Pipeline(known[which]() if which in known else profiled(which))


def cleaner(*args: object, code: int | None = 0) -> str:
    """What the command line writes to stdout and then to stderr, run in this process."""
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        found = cli.guarded(lambda: cli.cleaner.main([str(arg) for arg in args], standalone_mode=False))
    out.flush()
    err.flush()
    told = (out.buffer.getvalue() + err.buffer.getvalue()).decode()
    assert code is None or found == code, told
    assert "a fault in cleaner" not in told
    return str(told)
