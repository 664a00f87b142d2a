"""Text that was decoded with the wrong codec, put right.

The lines of a document that may be mojibake get the chain of misreadings that explains them best together (`search`);
lines that this leaves as they are get one of their own. What a rule file writes as `does = "utf8-as-gbk"` chooses which
misreadings are thought of (`KINDS`).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import lru_cache

from ...engine.context import CharSpan, RegionContext, rule_edits
from ...matching.rule import Rule
from ...model.edits import Edit, flatten, shifted
from .moves import UTF8_AS_PAIRS, Move, Replacement
from .search import ALL, Found, applied, explained, search

NAME = "mojibake"
LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")
CJK = ("gb18030", "cp950", "cp932", "cp949", "euc_jp")


def kind_of(move: Move) -> str:
    """The `does` of the rules that undo a misreading."""
    if move.right == "utf-8":
        return "utf8-as-gbk" if move.wrong in UTF8_AS_PAIRS else "ftfy"
    if move.right not in CJK:
        return "letters-as-latin"
    return "two-bytes-as-gbk" if move.wrong == "gb18030" else "two-bytes-as-latin"


KINDS = {kind_of(move) for move in ALL}


def edits(context: RegionContext, rules: Sequence[Rule]) -> list[Edit]:
    made: list[Edit] = []
    repairs = {rule.does: rule for rule in rules if rule.does in KINDS}
    for low, high in _joined([span for rule in repairs.values() for span in context.ranges(rule)]):
        document = _chain(context.sample(repairs.values()), tuple(repairs))
        for edit in shifted(_repaired(context.text[low:high], repairs, document), low):
            _add(edit, made)
    for edit in rule_edits(context, NAME, [rule for rule in rules if rule.does not in KINDS]):
        _add(edit, made)
    return made


def _add(edit: Edit, made: list[Edit]) -> None:
    """Put an edit in its place unless it meets one that stands there already."""
    at = bisect_left(made, edit.start, key=lambda other: other.start)
    if (at == 0 or made[at - 1].end <= edit.start) and (at == len(made) or edit.end <= made[at].start):
        made.insert(at, edit)


def _joined(spans: Sequence[CharSpan]) -> Iterator[CharSpan]:
    """The same characters without overlaps; what touches is one."""
    low = high = 0
    for start, end in sorted(spans):
        if start > high:
            if low < high:
                yield low, high
            low = start
        high = max(high, end)
    if low < high:
        yield low, high


@lru_cache(maxsize=16)
def _moves(kinds: tuple[str, ...]) -> tuple[Move, ...]:
    return tuple(move for move in ALL if kind_of(move) in kinds)


@lru_cache(maxsize=16)
def _chain(sample: str, kinds: tuple[str, ...]) -> tuple[Move, ...]:
    """What explains the lines of a document that may be mojibake, taken together."""
    return search(sample, _moves(kinds)).chain


def _repaired(text: str, repairs: dict[str, Rule], document: Sequence[Move]) -> list[Edit]:
    """The edits of a group of lines, in its characters."""
    moves = _moves(tuple(repairs))
    made: list[Edit] = []
    at = 0
    for line in LINE.findall(text):  # not splitlines: U+0085 is a byte of UTF-8 here
        if not line.isascii():
            made += shifted(_edits(line, explained(line, document, moves), repairs), at)
        at += len(line)
    return made


def _edits(line: str, found: Found, repairs: dict[str, Rule]) -> list[Edit]:
    """What a chain of moves changes in a line, as edits of the rule for its first one."""
    changesets: list[list[Edit]] = []
    text = line
    for changes in found.changes:
        rule = repairs[kind_of(found.chain[0])].id
        made = [_edit(text, change, rule) for change in changes]
        changesets.append(made)
        text = applied(text, [(edit.start, edit.end, edit.after) for edit in made])
    return flatten(changesets, line)


def _edit(text: str, change: Replacement, rule: str) -> Edit:
    """One edit without the characters that are the same at both ends."""
    start, end, after = change
    low, most = 0, min(end - start, len(after))
    while low < most and text[start + low] == after[low]:
        low += 1
    high = 0
    while high < most - low and text[end - 1 - high] == after[-1 - high]:
        high += 1
    start, end = start + low, end - high
    return Edit(start, end, text[start:end], after[low : len(after) - high], NAME, rule)
