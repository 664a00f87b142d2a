"""Rules tried on their own examples.

Each rule is tried alone (with the rules of its pack that protect), so that an example tries one rule.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from ..matching.rule import Rule
from ..matching.ruleset import RuleSet
from ..model.edits import Edit, Flag, Tag
from ..pipeline import Pipeline, Result
from ..rules.spec import PAGE_ZONES, PIECE_ZONES, Hit, Pack

Verdict = Literal["Noisy", "Missing", "Wrong", "Incomplete"]


class ExampleResult(msgspec.Struct, frozen=True):
    """A bad verdict on one example: Noisy (a keep changed), Missing (a hit not found), Wrong (found, wrong result),

    Incomplete (no why, no hit or no keep). `got` is what came out.
    """

    word: Verdict
    rule: str
    where: str
    example: str
    wanted: str = ""
    got: str = ""


def check_packs(packs: Sequence[Pack]) -> Iterator[ExampleResult]:
    """Every bad verdict of every rule, in order. Raises UsageProblem for an expression that does not compile."""
    for pack in packs:
        for name, written in pack.rules.items():
            yield from check_rule(pack, name, written.hit, written.keep)


def check_rule(pack: Pack, name: str, hits: Sequence[Hit], keeps: Sequence[str]) -> Iterator[ExampleResult]:
    written = pack.rules[name]
    rules = _alone(pack, name)
    rule = rules.by_id[f"{pack.head.stage}/{pack.name}/{name}"]
    if rule.expression:
        _ = rule.pattern, rule.unless
    lacking = [key for key in ("why", "hit", "keep") if not getattr(written, key)]
    if lacking:
        yield ExampleResult("Incomplete", rule.id, rule.where, "", f"{', '.join(lacking)} missing")
    pipeline = Pipeline(rules)
    if written.zone in PIECE_ZONES:
        pipeline = pipeline.placed(lambda _: written.zone)
    for hit in hits:
        yield from _check_hit(pipeline, rule, hit)
    for text in keeps:
        result = pipeline.clean(text)
        if _did(rule, result, text):
            yield ExampleResult("Noisy", rule.id, rule.where, text, text, _shown(result))


def _alone(pack: Pack, name: str) -> RuleSet:
    """The rule with nothing but what protects text from it, and switched on whatever its profile."""
    chosen = {
        other: msgspec.structs.replace(rule, enabled=True, profiles=[])
        for other, rule in pack.rules.items()
        if other == name or rule.does == "protect"
    }
    if pack.rules[name].does == "page":
        chosen |= {other: rule for other, rule in pack.rules.items() if rule.zone in PAGE_ZONES}
    if pack.rules[name].does == "block":  # a block needs certain lines around it
        chosen |= {other: rule for other, rule in pack.rules.items() if rule.weight >= 1}
    if pack.rules[name].does == "model":  # one kind of several, given where a weak rule found something
        chosen |= {other: rule for other, rule in pack.rules.items() if rule.weight < 1}
        chosen = {other: rule for other, rule in pack.rules.items() if rule.does == "model"} | chosen
    ordered = {other: rule for other, rule in chosen.items() if other != name} | {name: chosen[name]}
    return RuleSet([msgspec.structs.replace(pack, rules=ordered)])


def _check_hit(pipeline: Pipeline, rule: Rule, hit: Hit) -> Iterator[ExampleResult]:
    result = pipeline.clean(hit.text)
    if not _did(rule, result, hit.text):
        yield ExampleResult("Missing", rule.id, rule.where, hit.text, hit.want or "")
    elif hit.tags is not None:
        wanted = [(text, kind) for text, kind in hit.tags]
        got = [(tag.text, tag.kind) for tag in result.tags]
        if wanted != got:
            yield ExampleResult("Wrong", rule.id, rule.where, hit.text, str(wanted), str(got))
    elif hit.flags is not None:
        found = [flag.text for flag in result.flags]
        if hit.flags != found:
            yield ExampleResult("Wrong", rule.id, rule.where, hit.text, str(hit.flags), str(found))
    elif hit.want is not None and result.text != hit.want:
        yield ExampleResult("Wrong", rule.id, rule.where, hit.text, hit.want, result.text)


def _did(rule: Rule, result: Result, text: str) -> bool:
    if rule.does == "protect" or (not rule.decisive and rule.stage != "placeholder"):
        return bool(rule.spans(text))
    found: list[Edit | Tag | Flag] = [*result.edits, *result.tags, *result.flags]
    return any(one.rule == rule.id for one in found)


def _shown(result: Result) -> str:
    return result.text if result.edits else str([(tag.text, tag.kind) for tag in result.tags])
