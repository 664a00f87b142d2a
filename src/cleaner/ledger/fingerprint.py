"""What a result depends on besides its input: two of them show which files a change can affect."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from functools import cache
from importlib.metadata import version
from typing import Any
from unicodedata import unidata_version

import msgspec

from .. import __version__
from ..engine.mask_kinds import built_in
from ..matching.rule import Rule
from ..matching.ruleset import RuleSet
from ..rules.stages import DEFAULT_ORDER, stage_spec

WITHOUT_EFFECT = ("why", "hit", "keep", "label", "lang")  # fields of a rule that change no result


class RunFingerprint(msgspec.Struct, frozen=True):
    """`settings` are all but rules; `rules` the digests of those that are on, in order.

    Overrides for paths are not in here but in `disabled_digest`; the removal limits are checked for each file again.
    """

    settings: dict[str, Any]
    rules: dict[str, bytes]
    version: str = __version__

    @property
    def digest(self) -> bytes:
        fields = (self.version, sorted(self.settings.items()), list(self.rules.items()))
        return hashlib.sha256(msgspec.msgpack.encode(fields)).digest()


def setup_of(rules: RuleSet, settings: dict[str, Any]) -> RunFingerprint:
    on = {rule.id: _digest(rule) for rule in (*rules.rules, *rules.sequence)}
    settings = settings | {"level": rules.level.name, "libraries": library_versions()}
    if rules.stages != DEFAULT_ORDER:  # left out else: ledgers from before there was a choice still hold
        settings["stages"] = [f"{name} {stage_spec(name).version}".rstrip() for name in rules.stages]
    return RunFingerprint(settings, on)


@cache
def library_versions() -> dict[str, str]:
    """Those that decide what a text is read as and what is changed; Python brings the properties of characters."""
    return {name: version(name) for name in ("chardet", "ftfy", "regex")} | {"unicode": unidata_version}


def _digest(rule: Rule) -> bytes:
    fields = {name: value for name, value in msgspec.structs.asdict(rule.written).items() if name not in WITHOUT_EFFECT}
    return _hash([fields, rule.expression, rule.in_sequence, *([built_in().digest] if rule.by_model else [])])


def disabled_digest(off: Collection[str]) -> bytes:
    """The digest of the rules that are off for one path; empty for none."""
    return _hash(sorted(off)) if off else b""


def _hash(value: Any) -> bytes:
    return hashlib.sha256(msgspec.msgpack.encode(value)).digest()[:12]


def changed_rules(old: RunFingerprint, rules: RuleSet, new: RunFingerprint) -> set[str] | None:
    """The rules that were added, removed or changed; None where any result may differ.

    The result of a file without edits is the same if it has no candidate of the new rules. That does not hold for rules
    that work without a trigger, and for those that keep others from working (without a weight below 0 others decide).
    """
    if (old.version, old.settings) != (new.version, new.settings):
        return None
    if [name for name in old.rules if name in new.rules] != [name for name in new.rules if name in old.rules]:
        return None
    changed = {name for name in old.rules.keys() | new.rules if old.rules.get(name) != new.rules.get(name)}
    if not all(name in rules.by_id and _needs_trigger(rules.by_id[name]) for name in changed):
        return None
    return changed


def _needs_trigger(rule: Rule) -> bool:
    """Whether the rule does nothing where the prefilter does not find its trigger."""
    return not (rule.does or rule.on_edge or rule.is_feature or rule.dependent or rule.in_sequence)


def subset(rules: RuleSet, chosen: set[str]) -> RuleSet:
    """The rules of `chosen` that are on."""
    on = {rule.id for rule in rules.rules} & chosen
    off = {rule.id for rule in rules.all} - on
    chosen_by_id = sorted(on), sorted(off)
    return RuleSet(rules.packs, *chosen_by_id, rules.profile, ours=rules.ours, stages=rules.stages)
