"""Characters that do not show and carry nothing: all of it is rules, see rules/invisible. And letters that look like
those of another script, inside its words: what looks alike is in Unicode's table of confusables."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

import regex

from ..engine.context import RegionContext, rule_edits
from ..matching import Rule
from ..model.edits import Edit

NAME = "invisible"
MIXED = regex.compile(r"(?<!\ufffd)[\p{Latin}\p{Cyrillic}\p{Greek}]{3,}+(?!\ufffd)")  # half a word has no script
SCRIPTS = {name: regex.compile(rf"\p{{{name}}}") for name in ("Latin", "Cyrillic", "Greek")}


def edits(context: RegionContext, rules: Sequence[Rule]) -> list[Edit]:
    found = rule_edits(context, NAME, [rule for rule in rules if rule.does is None])
    for rule in rules:
        if rule.does == "homoglyph":
            taken = {edit.start for edit in found}
            letters = [edit for edit in _homoglyphs(context.text, rule) if edit.start not in taken]
            found = sorted([*found, *letters], key=lambda edit: edit.start)
    return found


def _homoglyphs(text: str, rule: Rule) -> Iterator[Edit]:
    for word in MIXED.finditer(text):
        script, strange = _main_script(word.group())
        if script is None:
            continue
        letters = [_alike(word.group()[at], script) for at in strange]
        if all(letters):
            for at, letter in zip(strange, letters, strict=True):
                start = word.start() + at
                yield Edit(start, start + 1, text[start], letter, NAME, rule.id)


def _main_script(word: str) -> tuple[str | None, list[int]]:
    """The script of most letters, and where the others stand; None where the word may well mix them.

    IPадрес is two words: in a Cyrillic word only single Latin letters are strange, and of these only ASCII ones, for
    Ossetian is written with æ, Chuvash with ă and ç.
    """
    places = {name: [at for at, char in enumerate(word) if pattern.match(char)] for name, pattern in SCRIPTS.items()}
    main = max(places, key=lambda name: len(places[name]))
    strange = sorted(at for name, found in places.items() if name != main for at in found)
    if not strange or main == "Greek" or len(strange) * 2 >= len(word):
        return None, []
    if main == "Cyrillic" and not (
        all(word[at].isascii() for at in strange) and all(after - before > 1 for before, after in pairwise(strange))
    ):
        return None, []
    return main, strange


def _alike(char: str, script: str) -> str:
    """The letter of `script` that looks like `char`, in the same case; "" if there is none."""
    return _confusables()[script].get(char, "")


@cache
def _confusables() -> dict[str, dict[str, str]]:
    """By script, the letters of other scripts that look like one of it (see training/confusables.py)."""
    tables = tomllib.loads(Path(__file__).with_name("confusables.toml").read_text("utf-8"))
    return {name: dict(zip(table["letters"], table["like"], strict=True)) for name, table in tables.items()}
