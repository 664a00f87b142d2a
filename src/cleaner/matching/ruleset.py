"""All rules of a run: which are on, and the program that finds their candidates."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence, Set
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from ..model.errors import UsageProblem
from ..model.globs import fits
from ..rules import builtin, renamed
from ..rules.parsed import builtin_packs
from ..rules.spec import Pack
from ..rules.stages import DEFAULT_ORDER, in_order, with_stages
from .rule import Rule, compile_rules
from .triggers import check, compile_triggers


class Level(msgspec.Struct, frozen=True):
    """How much evidence a removal needs.

    `enough` is the sum of weights from which contributing rules decide, `shift` is added to each line of a web page.
    """

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


class Selection(NamedTuple):
    """The rules that are on: `rules` in the order of the stages, `sequence` those of sequential packs in theirs."""

    rules: list[Rule]
    sequence: list[Rule]


def select(
    rules: Iterable[Rule],
    on: Iterable[str] = (),
    off: Iterable[str] = (),
    profile: str = "safe",
    stages: Sequence[str] = DEFAULT_ORDER,
) -> Selection:
    """The rules of `stages` that a profile has on, less those of the prefixes `off`, and those of `on`."""
    prefixes = set(on), set(off)
    chosen = [rule for rule in rules if rule.stage in stages and _is_on(rule, *prefixes, profile)]
    return Selection(
        sorted((rule for rule in chosen if not rule.in_sequence), key=lambda rule: stages.index(rule.stage)),
        [rule for rule in chosen if rule.in_sequence],
    )


class RuleSet:
    """The rules of a run and the program that finds their candidates; nothing of it changes once it is made.

    The first `ours` of the packs are built in: tests have compiled their expressions.
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
        stages: Sequence[str] | None = None,
    ) -> None:
        """`stages` is the order of a run; None for the default one and the stages of `packs` besides.

        Raises UsageProblem for a prefix that no rule has.
        """
        self.packs: Final = packs
        self.ours: Final = ours
        self.profile: Final = profile
        self.level: Final = LEVELS[level]
        self._overrides: Final = overrides
        self.stages: Final = with_stages(pack.head.stage for pack in packs) if stages is None else in_order(stages)
        self.all: Final = compile_rules(packs)
        self._user: Final = self.all[sum(len(pack.rules) for pack in packs[:ours]) :]
        self.own: Final = frozenset(rule.id for rule in self._user)  # those of a user's packs
        self.by_id: Final = {rule.id: rule for rule in self.all}
        self._known: Final = {prefix for rule in self.all for prefix in _prefixes(rule.id)}
        self._check_prefixes((*on, *off, *(prefix for one in overrides for prefix in one.off)))
        self.rules, self.sequence = select(self.all, self._bare(on), self._bare(off), profile, self.stages)
        self.on: Final = frozenset(rule.id for rule in (*self.rules, *self.sequence))
        self.program: Final = compile_triggers(self.rules)

    def check(self) -> None:
        """Raises UsageProblem for the first expression of a user's pack that `regex` refuses, also of rules off."""
        check(self._user)

    @cached_property
    def dependent(self) -> list[Rule]:
        """The rules without triggers, which are evaluated where others of their stage are."""
        return [rule for rule in self.rules if rule.dependent]

    @cached_property
    def page(self) -> Rule | None:
        """The rule that answers for web pages."""
        return next((rule for rule in self.rules if rule.does == "page"), None)

    @cached_property
    def answering(self) -> dict[str, Rule]:
        """The rules that answer for what a document itself shows to be no part of it, by what they do."""
        found = self.of_stage("boilerplate")
        return {rule.does: rule for rule in found if rule.does in ("stamps", "code", "heads", "model")}

    @cached_property
    def features(self) -> list[Rule]:
        """The rules that are features of the lines of a web page."""
        return [rule for rule in self.rules if rule.is_feature]

    @cached_property
    def edges(self) -> list[int]:
        """The positions of the rules for the first or the last line of a document, which no prefilter finds."""
        return [number for number, rule in enumerate(self.rules) if rule.on_edge]

    def _bare(self, prefixes: Iterable[str]) -> set[str]:
        """Ids and prefixes as they are called today; those of a user's pack may be what built-in ones were once."""
        bare = {prefix.rstrip("/") for prefix in prefixes}
        return {prefix if prefix in self._known else renamed.current(prefix) for prefix in bare}

    def _check_prefixes(self, prefixes: Iterable[str]) -> None:
        """Raises UsageProblem for one that never was a rule or family."""
        for prefix in prefixes:
            if not self._bare([prefix]) <= self._known and renamed.removed_in(prefix) is None:
                raise unknown_rule(prefix, self.all)

    def off_for(self, path: str) -> frozenset[str]:
        """The rules that an override, or `paths` of their own, keep from a file."""
        off: set[str] = set()
        for one in self._overrides:
            if fits(one.paths, path, one.folder):
                prefixes = self._bare(one.off)
                off.update(rule.id for rule in self.all if not prefixes.isdisjoint(_prefixes(rule.id)))
        off.update(rule.id for rule in self._of_paths if not fits(tuple(rule.written.paths), path, os.getcwd()))
        return frozenset(off)

    @cached_property
    def _of_paths(self) -> list[Rule]:
        return [rule for rule in self.all if rule.written.paths and rule.id in self.on]

    def of_stage(self, stage: str) -> list[Rule]:
        return [rule for rule in self.rules if rule.stage == stage]


def load_ruleset(
    user_packs: Iterable[str] = (),
    builtin_boilerplate: bool = True,
    on: Sequence[str] = (),
    off: Sequence[str] = (),
    profile: str = "safe",
    level: str = "normal",
    overrides: Sequence[Override] = (),
    stages: Sequence[str] | None = None,
) -> RuleSet:
    """The built-in packs, those of the stages, and those of the user. Raises UsageProblem for anything wrong there."""
    ours = builtin_packs(without=() if builtin_boilerplate else ("boilerplate",))
    stages = DEFAULT_ORDER if stages is None else stages
    order = in_order(stages)
    packs = _with(ours, [*builtin.of_packages(order), *map(Path, user_packs)])
    if order == DEFAULT_ORDER:
        _check_stages(packs)
    return RuleSet(packs, on, off, profile, level, overrides, len(ours), stages)


def _with(packs: list[Pack], paths: Sequence[Path]) -> list[Pack]:
    """Packs and those of files; most runs have none and need not import what reads them."""
    if not paths:
        return packs
    from ..rules.parser import load_pack, together

    return together([*packs, *map(load_pack, paths)])


def _check_stages(packs: Sequence[Pack]) -> None:
    """Raises UsageProblem for a pack of a stage that no order names: its rules would do nothing."""
    for pack in packs:
        if (stage := pack.head.stage) not in DEFAULT_ORDER:
            names = ",".join(with_stages([stage]))
            raise UsageProblem(f"its stage {stage} does not run", f"{pack.path}:1:1", f"say --stages {names}")


def _is_on(rule: Rule, on: Set[str], off: Set[str], profile: str) -> bool:
    prefixes = _prefixes(rule.id)
    if not off.isdisjoint(prefixes):
        return False
    if not on.isdisjoint(prefixes):
        return True
    return rule.written.enabled and (not rule.written.profiles or profile in rule.written.profiles)


def _prefixes(rule_id: str) -> list[str]:
    """`a`, `a/b` and `a/b/c` of `a/b/c`."""
    return list(accumulate(rule_id.split("/"), "{}/{}".format))


def has_prefix(rule_id: str, prefix: str) -> bool:
    """Whether `prefix` (`boilerplate`, `boilerplate/novel`, a whole id) selects this rule; both may be old names."""
    return prefix.rstrip("/") in _prefixes(rule_id) or renamed.current(prefix) in _prefixes(renamed.current(rule_id))


def full_id(name: str, rules: Sequence[Rule]) -> str:
    """The id of the only rule or family that is shown as `name`, without its stage; any other name as it is."""
    known = {prefix for rule in rules for prefix in _prefixes(rule.id)}
    found = sorted(prefix for prefix in known if prefix.partition("/")[2] == name)
    return found[0] if len(found) == 1 and name not in known else name


def unknown_rule(name: str, rules: Sequence[Rule]) -> UsageProblem:
    """The refusal of a rule or prefix that does not exist, with what it may have meant."""
    import difflib

    known = {prefix for rule in rules for prefix in _prefixes(rule.id)}
    near = difflib.get_close_matches(name, sorted(known), 1, 0.5)
    hint = f"did you mean {near[0]!r}?" if near else "`cleaner rules list` shows them all"
    return UsageProblem(f"no rule is called {name!r}", hint=hint)
