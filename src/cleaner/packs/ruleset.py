"""All rules of a run, and what wakes which of them."""

from __future__ import annotations

import difflib
import hashlib
import os
from collections.abc import Iterable, Sequence, Set
from functools import cache, cached_property
from itertools import accumulate

import msgspec

from ..errors import UsageProblem
from ..fold import ROWS
from ..scanner.expression import Unscannable, is_class, lines_before
from . import builtin
from .load import load_packs
from .rule import Rule
from .written import STAGES, Pack


class Level(msgspec.Struct, frozen=True):
    """How much it takes: the sum from which weak rules of a line decide, and what is added to each line of a page."""

    name: str
    enough: float
    shift: float


LEVELS = {
    level.name: level
    for level in (Level("cautious", 1.5, -1.0), Level("normal", 1.0, 0.0), Level("aggressive", 0.8, 0.7))
}


ENDS = ("head", "tail", "ends", "start", "end")


class Probe(msgspec.Struct, frozen=True):
    """One expression of the scanner.

    `rules` are positions in the rule set; `reach` is how far a hit wakes: 0 its line, 1 its neighbours too;
    `back` is how many lines before it may belong to the match; `folds` is the row of `fold.ROWS` that it gives away;
    `page` tells that several lines with hits wake a whole document, `wakes` that one wakes its own line too, `ends`
    that it does so only in the head and the tail.
    """

    expression: str
    caseless: bool
    rules: tuple[int, ...]
    reach: int
    back: int
    folds: int | None = None
    page: bool = False
    wakes: bool = True
    ends: bool = False


class Override(msgspec.Struct, frozen=True):
    """Rules of the prefixes `off` are off in files below `folder` that fit one of `paths` (as in .gitignore)."""

    paths: tuple[str, ...]
    off: tuple[str, ...]
    folder: str


class RuleSet:
    """Rules in their order, by id, and the probes that open regions for them."""

    def __init__(
        self,
        packs: Sequence[Pack],
        on: Sequence[str] = (),
        off: Sequence[str] = (),
        profile: str = "safe",
        level: str = "normal",
        overrides: Sequence[Override] = (),
    ) -> None:
        self.packs = packs
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
        self.slow: list[int] = []
        self.probes = self._probes()
        # a rule that no scanner takes has a probe that the scanner never reports
        self.slow_probes = [(len(self.probes) + at, number) for at, number in enumerate(self.slow)]
        self.all_probes = self.probes + [self._probe("", False, [number]) for number in self.slow]
        self.joining = self._joining()
        for at, probe in enumerate(self.all_probes):
            for number in probe.rules:
                self.rules[number].probes |= {at}
        self.silent = [rule for rule in self.rules if rule.silent]
        self.page = next((rule for rule in self.rules if rule.does == "page"), None)
        self.signs = [rule for rule in self.rules if rule.is_sign]
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

    @property
    def fingerprint(self) -> str:
        """Changes with everything that could make a rule refusable."""
        parts = [f"{rule.id} {rule.expression} {rule.written.unless}" for rule in self.all]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def check_expressions(self) -> None:
        """Raises UsageProblem for the first expression that `regex` refuses, also of rules that are off."""
        for rule in self.all:
            if rule.expression:
                _ = rule.pattern
            _ = rule.unless

    def of_stage(self, stage: str) -> list[Rule]:
        return [rule for rule in self.rules if rule.stage == stage]

    def _probes(self) -> list[Probe]:
        wanted: dict[tuple[str, bool], list[int]] = {}
        for number, rule in enumerate(self.rules):
            try:
                for trigger in rule.triggers():
                    wanted.setdefault((trigger, rule.caseless), []).append(number)
            except Unscannable:
                self.slow.append(number)
        probes = [self._probe(*key, numbers) for key, numbers in self._with_one_class(wanted).items()]
        if any(rule.folds for rule in self.rules):
            rows = [(number, one) for number, row in enumerate(ROWS) for one in row.suspicious]
            probes += [Probe(expression, False, (), 1, 0, folds=number) for number, expression in rows]
        return probes

    def _joining(self) -> int | None:
        """The probe that wakes the rule which joins lines: no scanner reports it, the widths of the lines do."""
        numbers = [number for number, rule in enumerate(self.rules) if rule.does == "join"]
        if not numbers:
            return None
        self.all_probes.append(self._probe("", False, numbers))
        return len(self.all_probes) - 1

    def _with_one_class(self, wanted: dict[tuple[str, bool], list[int]]) -> dict[tuple[str, bool], list[int]]:
        """The classes of characters of a stage as one: each alone costs the scanner as much as all together."""
        joined: dict[str, list[tuple[str, bool]]] = {}
        for key, numbers in wanted.items():
            stages = {self.rules[number].stage for number in numbers}
            if is_class(key[0]) and not key[1] and len(stages) == 1:
                joined.setdefault(stages.pop(), []).append(key)
        probes = dict(wanted)
        for keys in joined.values():
            if len(keys) > 1:
                for expression, _ in keys:
                    for number in probes[expression, False]:
                        self.rules[number].own_class += expression[1:-1]
                numbers = sorted({number for key in keys for number in probes.pop(key)})
                probes["[" + "".join(expression[1:-1] for expression, _ in keys) + "]", False] = numbers
        return probes

    def _probe(self, expression: str, caseless: bool, numbers: list[int]) -> Probe:
        rules = [self.rules[number] for number in numbers]
        reach = int(any(rule.stage == "boilerplate" for rule in rules))
        back = lines_before(expression) if expression else max(rule.spans_lines for rule in rules)
        waking = [rule for rule in rules if rule.does != "page"]
        ends = all(rule.written.place in ENDS for rule in waking)
        page = len(waking) < len(rules)
        return Probe(expression, caseless, tuple(numbers), reach, back, page=page, wakes=bool(waking), ends=ends)


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

    ours = builtin.paths(without=() if builtin_boilerplate else ("boilerplate",))
    return RuleSet(load_packs([*ours, *map(Path, user_packs)]), on, off, profile, level, overrides)


def _fits(patterns: tuple[str, ...], path: str, folder: str) -> bool:
    """Whether a path fits patterns that are written from `folder` on; one outside is taken as it was given."""
    whole = os.path.abspath(path)
    inside = os.path.relpath(whole, folder) if whole.startswith(os.path.join(folder, "")) else path
    return bool(_spec(patterns).match_file(inside.replace(os.sep, "/").removeprefix("./")))


@cache
def _spec(patterns: tuple[str, ...]):  # type: ignore[no-untyped-def]
    import pathspec

    try:
        return pathspec.GitIgnoreSpec.from_lines(patterns)
    except ValueError as error:
        raise UsageProblem(f"bad pattern in paths: {error}", hint="patterns are written as in .gitignore") from None


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


def under(rule_id: str, prefix: str) -> bool:
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
