"""From a look to a rule: candidates for a mark that somebody saw, and the rule written into a pack."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any

import msgspec

from ..matching.normalize import DEOBFUSCATIONS, NormalizedText
from ..matching.ruleset import RuleSet
from ..pipeline import Pipeline
from ..rules.spec import Pack, PackHeader, RuleSpec
from ..rules.tokens import escaped
from .false_positives import ChangeRate, clean_text, harm

DIGITS = re.compile(r"[0-9０-９]+")
# Its path is ASCII and ends with no full stop or question mark: those behind it are the author's.
ADDRESS = r"(?:https?://)?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?:/(?:[A-Za-z0-9_./?=&%-]*[A-Za-z0-9_/=])?)?"
DOMAIN = re.compile(ADDRESS)
NAME = re.compile(r"《[^《》\n]{1,40}》|“[^“”\n]{1,40}”|‘[^‘’\n]{1,40}’")
LETTERS = r"A-Za-z0-9\u4e00-\u9fff"
SIGNS = rf"[^{LETTERS}\n]{{0,3}}"
PARTED = re.compile(rf"[{LETTERS}][^{LETTERS}\s][{LETTERS}]")
BLANKS = r"[ \t\u00a0\u2000-\u200a\u3000]*"  # around a mark that has its lines to itself
MOST_LETTERS = 60  # of a mark whose letters are looked for one by one
SENTENCE = "。！？!?；“”「」"
ENDS = 4  # characters of each end that the widest candidate keeps
MANY = 12  # characters that a mark needs to have a middle


class Suggestion(msgspec.Struct, frozen=True):
    """A way to find the mark: what it abstracts from, and its expression."""

    name: str
    match: str


def candidates(seen: str, around: str) -> list[Suggestion]:
    """From the literal text to the general one, those that find the mark `seen` in its lines `around`."""
    found = {"as written": escaped(seen)}
    view = NormalizedText(seen)
    for row in DEOBFUSCATIONS:
        view.take_off(row)
    if view.differs:
        found["without its disguise"] = escaped(view.text)
    plain = view.text
    found["any digits"] = _abstracted(plain, DIGITS)
    found["any digits and addresses"] = _abstracted(plain, DOMAIN, DIGITS)
    found["any digits, addresses and names"] = _abstracted(plain, DOMAIN, NAME, DIGITS)
    if PARTED.search(DOMAIN.sub(" ", plain)) and len(plain) <= MOST_LETTERS:
        found["any symbols between its letters"] = _any_signs(plain)
    if len(plain) >= MANY and "\n" not in plain:
        middle = f"[^{_not_between(plain)}\\n]{{0,{2 * len(plain)}}}?"
        found["the same ends"] = middle.join(_abstracted(end, DIGITS) for end in (plain[:ENDS], plain[-ENDS:]))
    edge = BLANKS if seen == around.strip() else ""
    wrapped = {name: f"^{edge}{match}{edge}$" if edge else match for name, match in found.items()}
    kept: dict[str, str] = {}
    for name, match in wrapped.items():
        kept.setdefault(match, name)
    return [Suggestion(name, match) for match, name in kept.items() if _finds(match, around)]


def _finds(match: str, text: str) -> bool:
    pack = pack_of("candidate", "it", {"match": match, "kind": "ad"})
    return bool(Pipeline(RuleSet([pack])).clean(text).edits)


def _not_between(text: str) -> str:
    """Ends of sentences and quotations that the mark has not: between two on one line may be an author's sentence."""
    return escaped("".join(char for char in SENTENCE if char not in text))


def _any_signs(text: str) -> str:
    """小?说?txt as its letters one by one. What it begins and ends with is as written: more would be the author's."""
    found = list(re.finditer(rf"[{LETTERS}]", text))
    ends = text[: found[0].start()], text[found[-1].end() :]
    return SIGNS.join(letter.group() for letter in found).join(map(escaped, ends))


WORDS = {DIGITS: "[0-9０-９]+", DOMAIN: ADDRESS}


def _abstracted(text: str, *patterns: re.Pattern[str]) -> str:
    """The text as an expression, with an expression for what each pattern finds; the first pattern is tried first."""
    if not patterns:
        return escaped(text)
    first, *rest = patterns
    pieces, at = [], 0
    for found in first.finditer(text):
        pieces += [_abstracted(text[at : found.start()], *rest), WORDS.get(first) or _name(found.group())]
        at = found.end()
    return "".join((*pieces, _abstracted(text[at:], *rest)))


def _name(found: str) -> str:
    left, right = found[0], found[-1]
    return f"{left}[^{left}{right}\\n]{{1,40}}{right}"


def pack_of(name: str, rule: str, keys: dict[str, Any]) -> Pack:
    """A pack with nothing but this rule."""
    written = msgspec.convert({key: what for key, what in keys.items() if what is not None}, RuleSpec)
    return Pack(name, f"{name}.toml", PackHeader("boilerplate"), {rule: written}, {})


def harm_of(pack: Pack) -> ChangeRate:
    """What the pack alone does to clean text."""
    return harm((edit.start, edit.end, edit.after) for edit in Pipeline(RuleSet([pack])).clean(clean_text()).edits)


def keeps(seen: str, pack: Pack, wanted: int = 1) -> list[str]:
    """Lines of clean text that look most like the mark and stay as they are: examples of what must be kept."""
    letters = {seen[at : at + 2] for at in range(len(seen) - 1)}
    lines = sorted(set(clean_text().split("\n")) - {""}, key=lambda line: (-_shared(line, letters), line))
    pipeline = Pipeline(RuleSet([pack]))
    close = sorted(lines[:40], key=lambda line: -SequenceMatcher(None, line, seen).ratio())
    return [line for line in close if not pipeline.clean(line).edits][:wanted]


def _shared(line: str, letters: set[str]) -> int:
    return sum(pair in line for pair in letters)


def hit(seen: str, around: str, pack: Pack) -> dict[str, str]:
    """The example that the rule must change: the mark in its line, and what is left of it."""
    return {"text": around, "want": Pipeline(RuleSet([pack])).clean(around).text}


def free_name(taken: Iterator[str] | dict[str, Any], wished: str) -> str:
    """`wished`, or the first of wished-2, wished-3.. that no rule has."""
    names = set(taken)
    number = 1
    name = wished
    while name in names:
        number += 1
        name = f"{wished}-{number}"
    return name
