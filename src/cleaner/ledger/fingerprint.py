"""What a result depends on besides its input: compared, it tells which files a change can touch."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import Any

import msgspec

from .. import __version__
from ..matching.rule import Rule
from ..matching.ruleset import RuleSet

SAYS_NOTHING = ("why", "hit", "keep", "label", "lang")  # fields of a rule that change no result


class RunFingerprint(msgspec.Struct, frozen=True):
    """`settings` are everything but rules; `rules` the digests of those that are on, in order.

    What holds for single paths is not in here but in `disabled_digest`, and the budget is asked about each file again.
    """

    settings: dict[str, Any]
    rules: dict[str, bytes]
    version: str = __version__

    @property
    def digest(self) -> bytes:
        told = (self.version, sorted(self.settings.items()), list(self.rules.items()))
        return hashlib.sha256(msgspec.msgpack.encode(told)).digest()


def setup_of(rules: RuleSet, settings: dict[str, Any]) -> RunFingerprint:
    on = {rule.id: _digest(rule) for rule in (*rules.rules, *rules.sequence)}
    return RunFingerprint(settings | {"level": rules.level.name}, on)


def _digest(rule: Rule) -> bytes:
    fields = {name: value for name, value in msgspec.structs.asdict(rule.written).items() if name not in SAYS_NOTHING}
    return _hash([fields, rule.expression, rule.in_sequence])


def disabled_digest(off: Collection[str]) -> bytes:
    """Of the rules that are off for one path."""
    return _hash(sorted(off)) if off else b""


def _hash(told: Any) -> bytes:
    return hashlib.sha256(msgspec.msgpack.encode(told)).digest()[:12]


def changed_rules(old: RunFingerprint, rules: RuleSet, new: RunFingerprint) -> set[str] | None:
    """The rules that came, went or changed; None where anything may come out differently.

    A file without edits that none of the new ones wakes comes out as before. That does not hold for what works without
    being woken, and for what keeps other rules from working (a weight below 0 that is gone lets others through).
    """
    if (old.version, old.settings) != (new.version, new.settings):
        return None
    if [name for name in old.rules if name in new.rules] != [name for name in new.rules if name in old.rules]:
        return None
    changed = {name for name in old.rules.keys() | new.rules if old.rules.get(name) != new.rules.get(name)}
    slow = {rules.rules[number].id for number in rules.slow}
    if changed & slow or not all(name in rules.by_id and _wakes(rules.by_id[name]) for name in changed):
        return None
    return changed


def _wakes(rule: Rule) -> bool:
    """Whether the rule does nothing where the scanner does not find it."""
    return not (rule.does or rule.on_edge or rule.is_sign or rule.silent or rule.in_sequence)


def subset(rules: RuleSet, chosen: set[str]) -> RuleSet:
    """The rules of `chosen` that are on."""
    on = {rule.id for rule in rules.rules} & chosen
    off = {rule.id for rule in rules.all} - on
    return RuleSet(rules.packs, on=sorted(on), off=sorted(off), profile=rules.profile, ours=rules.ours)
