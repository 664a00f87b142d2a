"""Rules for their readers: the list, one rule as its own manual page, and what its examples say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..examples import check_packs
from ..lang import t
from ..packs.rule import Rule
from ..packs.ruleset import RuleSet
from ..packs.written import Pack
from .shown import plain

if TYPE_CHECKING:
    from rich.console import Console


def print_list(console: Console, rules: RuleSet, words: Sequence[str]) -> None:
    for rule in rules.all:
        text = f"{rule.id} {rule.written.why} {rule.written.group} {rule.kind or ''}".lower()
        if all(word.lower() in text for word in words):
            off = "" if rule.id in rules.on else " (off)"
            _say(console, f"{rule.id}{off}  {rule.kind or t('repairs')}  {plain(rule.written.why)}")


def print_rule(console: Console, rule: Rule, rules: RuleSet) -> None:
    written = rule.written
    _say(console, rule.id)
    _say(console, f"  {plain(written.why)}")
    _say(console, f"  {rule.where}")
    lines = {
        "kind": rule.kind,
        "does": written.does,
        "finds": rule.expression,
        "replace": written.replace,
        "place": written.place if written.place != "anywhere" else None,
        "extent": written.extent if written.extent != "match" else None,
        "unless": written.unless,
        "weight": str(written.weight) if written.weight != 1.0 else None,
        "profiles": ", ".join(written.profiles) or None,
        "state": None if rule.id in rules.on else "off",
    }
    for key, value in lines.items():
        if value is not None:
            _say(console, f"  {key:8} {plain(value)}")
    for hit in written.hit:
        wanted = hit.tags if hit.tags is not None else hit.want
        _say(console, f"  hit      {plain(hit.text)}")
        if wanted is not None:
            _say(console, f"       ->  {plain(wanted if isinstance(wanted, str) else str(wanted))}")
    for text in written.keep:
        _say(console, f"  keep     {plain(text)}")


def print_check(console: Console, packs: Sequence[Pack]) -> int:
    """Prints every bad verdict and a count; gives how many there were."""
    bad = 0
    for verdict in check_packs(packs):
        bad += 1
        _say(console, f"{verdict.word}: {verdict.rule}")
        _say(console, f"  --> {verdict.where}")
        for name, text in (("text", verdict.example), ("want", verdict.wanted), ("got", verdict.got)):
            if text:
                _say(console, f"  {name:5} {plain(text)}")
    count = sum(len(pack.rules) for pack in packs)
    _say(console, f"{t('checked')}: {count} {t('rules')}, {bad} {t('bad')}")
    return bad


def _say(console: Console, text: str) -> None:
    console.print(text, soft_wrap=True, highlight=False, markup=False)
