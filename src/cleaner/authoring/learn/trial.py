"""Proposals tried in files of the folder: what they take there that is no mark, and what the built-in rules take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import msgspec

from ...matching.ruleset import load_ruleset
from ...model.edits import Edit
from ...pipeline import Pipeline
from ..examples import check_packs
from ..suggest import pack_of
from .folded import fold
from .packs import rules_of
from .proposing import Learned, Proposal

SAMPLED = 60  # files
MOST_CHARS = 200_000  # of one file
TAKEN = 0.95  # share of a menu of many lines; of a mark all of it, since what is left elsewhere is its harder places


def usable(learned: Learned) -> Learned:
    """Without proposals whose own examples do not hold."""
    good = [one for one in learned.proposals if next(check_packs([pack_of("learnt", "it", one.keys)]), None) is None]
    return msgspec.structs.replace(learned, proposals=good)


def tried(learned: Learned, texts: Iterable[str]) -> Learned:
    """The proposals with what they match in the texts `beyond` what they were made of, which makes them weak.

    Without those of which the built-in rules remove nearly all that they would.
    """
    rules = {f"boilerplate/learnt/{one.name}": one for one in learned.proposals}
    own = Pipeline(rules_of(Path("learnt.toml"), learned.proposals, lambda one: one.name))
    builtin = Pipeline(load_ruleset())
    beyond: Counter[str] = Counter()
    chars: Counter[str] = Counter()
    left: Counter[str] = Counter()
    for text in texts:
        body = text[:MOST_CHARS]
        edits = [edit for edit in own.clean(body).edits if edit.rule in rules]
        gone = {at for edit in builtin.clean(body).edits if not edit.after for at in range(edit.start, edit.end)}
        for edit in edits:
            beyond[edit.rule] += not _is_mark(edit, rules[edit.rule])
            seen = [at for at in range(edit.start, edit.end) if not body[at].isspace()]
            chars[edit.rule] += len(seen)
            left[edit.rule] += sum(at not in gone for at in seen)
    taken = {
        rule for rule, one in rules.items()
        if chars[rule] and left[rule] <= (1 - TAKEN) * chars[rule] * (one.form == "frame")
    }  # fmt: skip
    found = [_judged(one, beyond[rule]) for rule, one in rules.items() if rule not in taken]
    found.sort(key=lambda one: not one.strong)
    return msgspec.structs.replace(
        learned, proposals=found, taken=[one for rule, one in rules.items() if rule in taken]
    )


def _judged(one: Proposal, beyond: int) -> Proposal:
    keys = one.keys | {"enabled": False} if beyond else one.keys
    return msgspec.structs.replace(one, beyond=beyond, strong=one.strong and not beyond, keys=keys)


def _is_mark(edit: Edit, one: Proposal) -> bool:
    """Whether what was removed has the letters of the mark: all of them, or all but one that was exchanged."""
    if one.form == "frame":
        return True
    found = fold(edit.before)
    letters = found.string(0, found.letters.size).replace("\n", "")
    whole = "".join(one.letters)
    if len(letters) == len(whole) and sum(a != b for a, b in zip(letters, whole, strict=True)) < 2:
        return True
    return all(part in letters for part in one.letters)
