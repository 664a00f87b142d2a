"""What does not show is removed where it carries nothing and kept where it joins, by Unicode's own data."""

from __future__ import annotations

import sys
import tomllib

import emoji
import pytest
import regex

from cleaner.matching.ruleset import load_ruleset
from cleaner.pipeline import Pipeline
from cleaner.rules import builtin

PIPELINE = Pipeline(load_ruleset(builtin_boilerplate=False, off=["whitespace", "placeholder"]))
EVERY = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
IGNORABLE = regex.findall(r"\p{Default_Ignorable_Code_Point}", "".join(EVERY))
SELECTORS = frozenset(regex.findall(r"\p{Variation_Selector}", "".join(EVERY)))
ARABIC = "می\u200cخواهم کتاب\u200cها نمی\u200cدانم ه\u200d قمری می\u200cروند"
INDIC = "क्\u200dष और क्\u200cष ශ්\u200dරී ലങ്ക\u0d4d\u200d ন্\u200c র\u200d্য"


def test_there_are_default_ignorables() -> None:
    assert len(IGNORABLE) > 4000


def test_every_default_ignorable_goes_where_it_carries_nothing() -> None:
    """A selector belongs to the character before it, and hanzi may have one: they are tried behind a letter."""
    lines = [f"so{char}on" if char in SELECTORS else f"天{char}地" for char in IGNORABLE]
    cleaned = PIPELINE.clean("\n".join(lines)).text.split("\n")
    left = [hex(ord(char)) for char, line in zip(IGNORABLE, cleaned, strict=True) if line not in ("天地", "soon")]
    assert left == []


def test_what_shows_stays() -> None:
    shown = [char for char in EVERY if char.isalnum() and char not in IGNORABLE]
    text = "\n".join(f"天{char}地" for char in shown)
    assert PIPELINE.clean(text).text == text


def test_every_emoji_stays() -> None:
    assert len(emoji.EMOJI_DATA) > 3500
    text = "\n".join(f"笑{sequence}了 {sequence}{sequence}" for sequence in emoji.EMOJI_DATA)
    assert PIPELINE.clean(text).text == text


@pytest.mark.parametrize(
    "words",
    [
        ARABIC,
        INDIC,
        "ᠮᠣᠩᠭᠣᠯ\u180eᠠ ᠪᠠᠢ\u180bᠨᠠ",
        "ខ្ញុំ\u200bស្រឡាញ់\u200bភាសា\u200bខ្មែរ",
        "ภาษา\u200bไทย မြန်မာ\u200bစာ ພາສາ\u200bລາວ",
        "葛\U000e0100城 辻\U000e0101堂 芦\ufe00屋",
        "∩\ufe00 ≨\ufe00 1\ufe0f\u20e3 ☎\ufe0e",
        "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
        "\u1100\u1160\u11a8 ㄱ\u3164ㄴ",
    ],
)
def test_what_joins_stays(words: str) -> None:
    assert PIPELINE.clean(words).text == words


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("pаypаl", "paypal"),
        ("Miсrоsоft", "Microsoft"),
        ("слoвo", "слово"),
        ("p\u200bа\u200dypal", "paypal"),
        ("TNFα Δt μm αβγ", "TNFα Δt μm αβγ"),
        ("Слово word λόγος IPадрес", "Слово word λόγος IPадрес"),
    ],
)
def test_letters_of_another_script(before: str, after: str) -> None:
    assert PIPELINE.clean(before).text == after


def test_blanks_that_do_not_break_become_blanks() -> None:
    cleaner = Pipeline(load_ruleset(builtin_boilerplate=False))
    assert cleaner.clean("10\u00a0km\u202fund\u2009mehr").text == "10 km und mehr"


def test_no_rule_names_a_default_ignorable_that_is_none() -> None:
    """A rule that says removed characters by hand says only such as Unicode calls ignorable, or controls."""
    data = tomllib.loads((builtin.folder() / "invisible" / "zero-width.toml").read_text("utf-8"))
    carriers = regex.compile(data["patterns"]["invisible"])
    assert set(carriers.findall("".join(EVERY))) <= set(IGNORABLE)
