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
from ..examples import check_packs
from ..suggest import free_name, pack_of
from . import Learned, Proposal

Why = Callable[[Proposal], str]


def usable(learned: Learned) -> Learned:
    """Without proposals whose own examples do not hold."""
    good = [
        one
        for one in learned.proposals
        if next(check_packs([pack_of("learnt", "it", {"why": "-"} | one.keys)]), None) is None
    ]
    return msgspec.structs.replace(learned, proposals=good)


def as_pack(path: Path, proposals: Iterable[Proposal], why: Why) -> Pack:
    """The proposals as they would be read from `path`."""
    return parse_pack(
        head("learnt") + "".join(_table(one, one.name, why, FORMAT) for one in proposals), path.stem, str(path)
    )


def write(path: Path, proposals: Sequence[Proposal], about: str, why: Why) -> None:
    """Add the proposals to the pack, which is made where it is missing. Raises UsageProblem."""
    there = load_pack(path) if path.exists() else None
    if there is not None and there.head.order != "together":
        raise UsageProblem("its rules run in sequence", str(path), "give -o another.toml")
    text = path.read_text("utf-8-sig").rstrip("\n") + "\n" if there else head(about)
    taken: dict[str, Any] = dict(there.rules) if there else {}
    for one in proposals:
        name = free_name(taken, one.name)
        taken[name] = one
        text += _table(one, name, why, there.head.format if there else FORMAT)
    parse_pack(text, path.stem, str(path))  # only what can be read again
    save(path, text)


def _table(one: Proposal, name: str, why: Why, pack_format: int) -> str:
    return table(name, {**one.keys, "why": why(one)}, pack_format)


def new_since(pack: Pack, learned: Learned) -> Learned:
    """Without proposals that a rule of the pack finds already, whether it is on or off."""
    on = {name: msgspec.structs.replace(rule, enabled=True) for name, rule in pack.rules.items()}
    pipeline = Pipeline(RuleSet([msgspec.structs.replace(pack, rules=on)]))
    fresh = [one for one in learned.proposals if not _known(one, pipeline)]
    return msgspec.structs.replace(learned, proposals=fresh)


def _known(one: Proposal, pipeline: Pipeline) -> bool:
    shown = one.keys["hit"][0]
    return bool(pipeline.clean(shown["text"]).text == shown["want"])
