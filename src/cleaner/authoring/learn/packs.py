"""Proposals as a pack on disk, and what is new since a pack was written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from ...matching.ruleset import RuleSet
from ...model.errors import UsageProblem
from ...pipeline import Pipeline
from ...rules.parser import load_pack, parse_pack
from ...rules.spec import FORMAT, Pack
from ...rules.writer import head, save, table
from ..suggest import free_name
from .proposing import Learned, Proposal

Why = Callable[[Proposal], str]


def as_pack(path: Path, proposals: Iterable[Proposal], why: Why) -> Pack:
    """The proposals as they would be read from `path`."""
    return parse_pack(
        head("learnt") + "".join(_table(one, one.name, why, FORMAT) for one in proposals), path.stem, str(path)
    )


def rules_of(path: Path, proposals: Iterable[Proposal], why: Why) -> RuleSet:
    """The proposals as rules that are all on."""
    return RuleSet([as_pack(path, map(switched_on, proposals), why)])


def switched_on(one: Proposal) -> Proposal:
    return msgspec.structs.replace(one, keys=one.keys | {"enabled": None})


def write(path: Path, proposals: Sequence[Proposal], about: str, why: Why) -> None:
    """Add the proposals to the pack, which is made where it is missing; what is there is kept. Raises UsageProblem."""
    there = load_pack(path) if path.exists() else None
    if there is not None and there.head.order != "together":
        raise UsageProblem("its rules run in sequence", str(path), "give -o another.toml")
    text = path.read_text("utf-8-sig").rstrip("\n") + "\n" if there else head(about)
    text += "".join(_table(one, one.name, why, there.head.format if there else FORMAT) for one in proposals)
    parse_pack(text, path.stem, str(path))  # only what can be read again
    save(path, text)


def _table(one: Proposal, name: str, why: Why, pack_format: int) -> str:
    return table(name, {**one.keys, "why": why(one)}, pack_format)


def new_since(pack: Pack, learned: Learned) -> Learned:
    """Without proposals that a rule of the pack finds already, on or off; the others get names that are free there."""
    on = {name: msgspec.structs.replace(rule, enabled=True) for name, rule in pack.rules.items()}
    pipeline = Pipeline(RuleSet([msgspec.structs.replace(pack, rules=on)]))
    known = [one for one in learned.proposals if _finds(pipeline, one)]
    taken: dict[str, Any] = dict(pack.rules)
    fresh = []
    for one in learned.proposals:
        if one not in known:
            name = free_name(taken, one.name)
            taken[name] = one
            fresh.append(msgspec.structs.replace(one, name=name))
    return msgspec.structs.replace(learned, proposals=fresh, known=known)


def _finds(pipeline: Pipeline, one: Proposal) -> bool:
    shown = one.keys["hit"][0]
    return bool(pipeline.clean(shown["text"]).text == shown["want"])
