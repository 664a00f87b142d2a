"""All rules of a run, and what wakes which of them."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Sequence, Set
from functools import cached_property
from itertools import accumulate

import msgspec

from ..model.choices import STAGES
from ..model.errors import UsageProblem
from ..model.globs import matches
from ..rules import builtin
from ..rules.parser import load_pack, load_packs, together
from ..rules.spec import Pack
from .context_pattern import split_contexts
from .prefilter.disk_cache import memoize_on_disk
from .required_literals import find_required_literals
from .rule import Rule
from .triggers import search, unscanned


class Level(msgspec.Struct, frozen=True):
    """How much it takes: the sum from which weak rules of a line decide, and what is added to each line of a page."""

    name: str
    enough: float
    shift: float


LEVELS = {
    level.name: level
    for level in (Level("cautious", 1.5, -1.0), Level("normal", 1.0, 0.0), Level("aggressive", 0.8, 0.7))
}


class Override(msgspec.Struct, frozen=True):
    """Rules of the prefixes `off` are off in files below `folder` that fit one of `paths` (as in .gitignore)."""

    paths: tuple[str, ...]
    off: tuple[str, ...]
    folder: str


class RuleSet:
    """Rules in their order, by id, and the probes that open regions for them.

    The first `ours` of the packs are built in: their rules are looked for by a database of their own, which is the same
    whatever is off and whatever packs are added, so that it is made once for each profile.
    """

    def __init__(
        self,
        packs: Sequence[Pack],
        on: Sequence[str] = (),
        off: Sequence[str] = (),
        profile: str = "safe",
        level: str = "normal",
        overrides: Sequence[Override] = (),
        ours: int = 0,
    ) -> None:
        self.packs, self.ours, self.profile = packs, ours, profile
        self.level = LEVELS[level]
        self.all: list[Rule] = [Rule(pack, name, written) for pack in packs for name, written in pack.rules.items()]
        _check_prefixes((*on, *off, *(prefix for one in overrides for prefix in one.off)), self.all)
        self._overrides = overrides
        bare = _bare(on), _bare(off)
        chosen = [rule for rule in self.all if _is_on(rule, *bare, profile)]
        self.rules = sorted(
            (rule for rule in chosen if not rule.in_sequence), key=lambda rule: STAGES.index(rule.stage)
        )
        self.on = {rule.id for rule in chosen}
        self.sequence = [rule for rule in chosen if rule.in_sequence]  # of all such packs, in their order
        self.by_id = {rule.id: rule for rule in self.all}
        split_contexts(self.rules)
        first = sum(len(pack.rules) for pack in packs[:ours])
        built_in, written = self.all[:first], self.all[first:]
        find_required_literals(built_in)
        find_required_literals(written)
        self._make_probes(built_in, written)
        self.silent = [rule for rule in self.rules if rule.silent]
        self.page = next((rule for rule in self.rules if rule.does == "page"), None)
        self.signs = [rule for rule in self.rules if rule.is_sign]
        self.asks_elsewhere = any(rule.elsewhere for rule in self.rules)
        self.edges = [number for number, rule in enumerate(self.rules) if rule.on_edge]

    def off_for(self, path: str) -> frozenset[str]:
        """The rules that an override, or `paths` of their own, keep from a file."""
        off: set[str] = set()
        for one in self._overrides:
            if _fits(one.paths, path, one.folder):
                prefixes = _bare(one.off)
                off.update(rule.id for rule in self.all if not prefixes.isdisjoint(_prefixes(rule.id)))
        off.update(rule.id for rule in self._of_paths if not _fits(tuple(rule.written.paths), path, os.getcwd()))
        return frozenset(off)

    @cached_property
    def _of_paths(self) -> list[Rule]:
        return [rule for rule in self.all if rule.written.paths and rule.id in self.on]

    def of_stage(self, stage: str) -> list[Rule]:
        return [rule for rule in self.rules if rule.stage == stage]

    def _make_probes(self, built_in: Sequence[Rule], written: Sequence[Rule]) -> None:
        """Built-in rules that are off keep their probes, which wake nobody: another database takes long to build."""
        numbers = {rule.id: number for number, rule in enumerate(self.rules)}
        common = [rule for rule in built_in if not rule.in_sequence and _is_on(rule, set(), set(), self.profile)]
        known = {rule.id for rule in common}
        own = [rule for rule in self.rules if rule.id not in known]
        checked = [rule for rule in written if not rule.in_sequence]
        self.searches = [search(common, numbers, common), search(own, numbers, checked)]
        self.probes = [probe for one in self.searches for probe in one.probes]
        self.slow = [number for one in self.searches for number in one.slow]
        folds = any(rule.folds for rule in self.rules)
        self.idle = frozenset(
            at for at, probe in enumerate(self.probes) if not (probe.rules or (folds and probe.folds is not None))
        )
        # a rule that no scanner takes has a probe that the scanner never reports
        self.slow_probes = [(len(self.probes) + at, number) for at, number in enumerate(self.slow)]
        self.all_probes = self.probes + [unscanned([self.rules[number]], numbers) for number in self.slow]
        joining = [rule for rule in self.rules if rule.does == "join"]
        # no scanner reports it, the widths of the lines do
        self.joining = len(self.all_probes) if joining else None
        self.all_probes += [unscanned(joining, numbers)] if joining else []
        for at, probe in enumerate(self.all_probes):
            for number in probe.rules:
                self.rules[number].probes |= {at}


def builtin_packs(without: Sequence[str] = ()) -> list[Pack]:
    """The built-in packs, read once on a machine: parsing 44 of them takes 0.1 s."""
    found = builtin.paths(without)
    texts = [(str(path), path.read_bytes()) for path in found]
    return memoize_on_disk("packs", texts, list[Pack], lambda: load_packs(found))


def load_ruleset(
    user_packs: Iterable[str] = (),
    builtin_boilerplate: bool = True,
    on: Sequence[str] = (),
    off: Sequence[str] = (),
    profile: str = "safe",
    level: str = "normal",
    overrides: Sequence[Override] = (),
) -> RuleSet:
    """The built-in packs and those of the user. Raises UsageProblem for anything wrong with them."""
    from pathlib import Path

    ours = builtin_packs(without=() if builtin_boilerplate else ("boilerplate",))
    packs = together([*ours, *map(load_pack, map(Path, user_packs))])
    # without the large packs one database finds everything faster than two
    return RuleSet(packs, on, off, profile, level, overrides, len(ours) if builtin_boilerplate else 0)


def _fits(patterns: tuple[str, ...], path: str, folder: str) -> bool:
    """Whether a path fits patterns that are written from `folder` on; one outside is taken as it was given."""
    inside = os.path.abspath(path).removeprefix(os.path.join(folder, ""))
    return matches(patterns, path if os.path.isabs(inside) else inside)


def _is_on(rule: Rule, on: Set[str], off: Set[str], profile: str) -> bool:
    prefixes = _prefixes(rule.id)
    if not off.isdisjoint(prefixes):
        return False
    if not on.isdisjoint(prefixes):
        return True
    return not rule.written.off and (not rule.written.profiles or profile in rule.written.profiles)


def _prefixes(rule_id: str) -> list[str]:
    """`a`, `a/b` and `a/b/c` of `a/b/c`."""
    return list(accumulate(rule_id.split("/"), "{}/{}".format))


def _bare(prefixes: Iterable[str]) -> set[str]:
    return {prefix.rstrip("/") for prefix in prefixes}


def has_prefix(rule_id: str, prefix: str) -> bool:
    """Whether `prefix` (`boilerplate`, `boilerplate/novel`, a whole id) selects this rule."""
    return prefix.rstrip("/") in _prefixes(rule_id)


def _check_prefixes(prefixes: Iterable[str], rules: Sequence[Rule]) -> None:
    known = {prefix for rule in rules for prefix in _prefixes(rule.id)}
    for prefix in prefixes:
        if prefix.rstrip("/") not in known:
            raise unknown_rule(prefix, rules)


def unknown_rule(name: str, rules: Sequence[Rule]) -> UsageProblem:
    """The refusal of a rule or prefix that does not exist, with what it may have meant."""
    known = {prefix for rule in rules for prefix in _prefixes(rule.id)}
    near = difflib.get_close_matches(name, sorted(known), 1, 0.5)
    hint = f"did you mean {near[0]!r}?" if near else "`cleaner rules list` shows them all"
    return UsageProblem(f"no rule is called {name!r}", hint=hint)
