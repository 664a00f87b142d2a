"""What a result depends on besides its input: compared, it tells which files a change can touch."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from .. import __version__
from ..packs.rule import Rule
from ..packs.ruleset import RuleSet

SAYS_NOTHING = ("why", "hit", "keep", "single")  # fields of a rule that change no result


class Setup(msgspec.Struct, frozen=True):
    """`settings` are everything but rules; `rules` the digests of those that are on, in order; `given` is how the rules

    were asked for, so that a later command can ask for them again.
    """

    settings: dict[str, Any]
    rules: dict[str, bytes]
    given: dict[str, Any]
    version: str = __version__

    @property
    def digest(self) -> bytes:
        told = (self.version, sorted(self.settings.items()), list(self.rules.items()))
        return hashlib.sha256(msgspec.msgpack.encode(told)).digest()


def setup_of(rules: RuleSet, settings: dict[str, Any], given: dict[str, Any]) -> Setup:
    return Setup(settings, {rule.id: _digest(rule) for rule in rules.rules}, given)


def _digest(rule: Rule) -> bytes:
    fields = {name: value for name, value in msgspec.structs.asdict(rule.written).items() if name not in SAYS_NOTHING}
    return hashlib.sha256(msgspec.msgpack.encode([fields, rule.expression])).digest()[:12]


def changed_rules(old: Setup, rules: RuleSet, new: Setup) -> set[str] | None:
    """The rules that came, went or changed; None where anything may come out differently.

    A file without edits that none of the new ones wakes comes out as before. That does not hold for what works without
    being woken, and for what keeps other rules from working.
    """
    if (old.version, old.settings) != (new.version, new.settings):
        return None
    if [name for name in old.rules if name in new.rules] != [name for name in new.rules if name in old.rules]:
        return None
    changed = {name for name in old.rules.keys() | new.rules if old.rules.get(name) != new.rules.get(name)}
    told = [rules.by_id.get(name) for name in changed]
    if any(rule is None or rule.does or rule.on_edge for rule in told) or any(
        rules.rules[n].id in changed for n in rules.slow
    ):
        return None
    return changed


def only(rules: RuleSet, chosen: set[str]) -> RuleSet:
    """The rules of `chosen` that are on."""
    on = {rule.id for rule in rules.rules} & chosen
    return RuleSet(rules.packs, on=sorted(on), off=sorted({rule.id for rule in rules.all} - on))
