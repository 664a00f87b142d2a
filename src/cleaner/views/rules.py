"""Rules for their readers: the list, one rule as its own manual page, and what its examples say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console

from ..authoring.examples import ExampleResult
from ..matching.rule import Rule
from ..matching.ruleset import RuleSet
from .console import say
from .display import padded, plain, rules_counted
from .i18n import t


def print_list(console: Console, rules: RuleSet, words: Sequence[str]) -> bool:
    """Whether there was any."""
    found = False
    for rule in rules.all:
        text = f"{rule.id} {rule.written.why} {rule.written.label} {rule.kind or ''}".lower()
        if all(word.lower() in text for word in words):
            off = "" if rule.id in rules.on else f" ({t('off')})"
            say(console, f"{rule.id}{off}  {t(rule.kind or 'repairs')}  {plain(rule.written.why)}", hang=4)
            found = True
    return found


def print_rule(console: Console, rule: Rule, rules: RuleSet) -> None:
    written = rule.written
    say(console, rule.id)
    say(console, f"  {plain(written.why)}", hang=2)
    say(console, f"  {rule.where}")
    lines = {  # called as in the pack, where the reader will write them
        "kind": rule.kind,
        "does": written.does,
        t("finds"): rule.expression,
        "replace": written.replace,
        "zone": written.zone if written.zone != "anywhere" else None,
        "extent": written.extent if written.extent != "match" else None,
        "unless": written.unless,
        "weight": str(written.weight) if written.weight != 1.0 else None,
        "profiles": ", ".join(written.profiles) or None,
        t("state"): None if rule.id in rules.on else t("off"),
    }
    for key, value in lines.items():
        if value is not None:
            _line(console, key, value)
    for hit in written.hit:
        wanted = hit.tags if hit.tags is not None else hit.want
        _line(console, "hit", hit.text)
        if wanted is not None:
            _line(console, "     ->", wanted if isinstance(wanted, str) else str(wanted))
    for text in written.keep:
        _line(console, "keep", text)


def _line(console: Console, name: str, text: str) -> None:
    say(console, f"  {padded(name, 8)} {plain(text)}", hang=11)


def print_check(console: Console, results: Iterable[ExampleResult], count: int) -> int:
    """Print every bad result of `count` rules; return how many there were."""
    bad = 0
    for result in results:
        bad += 1
        say(console, f"{t(result.word)}: {result.rule}")
        say(console, f"  --> {result.where}")
        wanted = t(result.wanted) if result.word == "Incomplete" else result.wanted
        for name, example in (("text", result.example), ("want", wanted), ("got", result.got)):
            if example or (name != "text" and result.word in ("Noisy", "Wrong")):
                say(console, f"  {padded(t(name), 5)} {plain(example) or t('(nothing)')}", hang=8)
    say(console, f"{t('checked')}: {rules_counted(count)}, {bad} {t('bad')}")
    return bad
