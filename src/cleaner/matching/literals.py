"""Literals of an expression: texts of which one stands on the first line of every match (decision 0111).

They are read from the tree that `regex` itself parses, so that nothing here knows how an expression is written. Texts
and literals are compared folded (see `fold`).
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cache
from itertools import product
from typing import Any, NamedTuple

import msgspec
import regex
from regex import _regex
from regex import _regex_core as tree

WAYS = 1024  # texts that a part of an expression may match and still be written out
MOST = 4000  # literals in one set
LONGEST = 8  # characters of a literal that is made of repeats
FEW = 4  # repeats that are written out
SETS = 3  # of which each must have a literal on the line; the rarest first
MANY = 8  # line ends that a match may hold where a class may match one: a plain choice
FAR = 40  # the same where lines repeat, `(?:[^\n]*\n)*`: a plain choice
# A set found more often than that, in hits for each character of ordinary text, costs a scan more than it spares: a hit
# 0.4 µs, an expression that is tried everywhere 5 to 1,000 µs a KB (measured on dirty documents).
COMMON = 0.05
HELPFUL, RARE = 0.012, 3e-5  # a second set is looked for if it is as rare as that, and the first is not rarer than this

UNLIKE = {"ſ": "s", "ı": "i", "İ": "i"}  # letters that `regex` takes for others whatever their case, and `lower` not
FREQUENCIES = {" ": 0.12, "\u3000": 0.02, "\t": 0.005, "\u00a0": 0.001}
FREQUENCIES |= dict.fromkeys("etaoinshrdlu", 0.06) | dict.fromkeys("jkqvxz", 0.002)
FREQUENCIES |= dict.fromkeys("，。", 0.04) | dict.fromkeys("、：；！？“”…（）《》", 0.01)
FREQUENCIES |= dict.fromkeys("的一是不了人我在有他这个上们来到时大地为子中你说生国年着就那和要她出也得里后自以会", 0.01)
Texts = frozenset[str]
EMPTY: Texts = frozenset([""])


class Facts(msgspec.Struct, frozen=True, array_like=True):
    """What an expression says of its matches.

    Every set of `literals` has one that stands on the line on which a match begins; none for an expression without
    rare ones. `spans_lines` counts the line ends that a match may hold, lookarounds included, `back` those before the
    line on which it ends. `takes_lines`: a match without its lookarounds may hold one. `anchored`: every match begins
    where a line does. `plain`: it matches wherever a literal stands, but for
    its case.
    """

    literals: tuple[tuple[str, ...], ...] = ()
    spans_lines: int = MANY
    back: int = MANY
    takes_lines: bool = True
    anchored: bool = False
    plain: bool = False


class Unknown(ValueError):
    """Nothing is known of an expression with this in it."""


def fold(text: str) -> str:
    """As many characters, in one case."""
    if not text.isascii():
        for char, like in UNLIKE.items():
            if char in text:
                text = text.replace(char, like)
    return text.lower()


def derive(expression: str, flags: int) -> Facts:
    """What can be derived. Raises regex.error."""
    node = parsed(expression, flags)
    spans = _line_ends(node, True)
    takes = _line_ends(node, False)
    try:
        found = _find(node, spans > 0)
        literals = chosen([*found.sets, *_as_sets(found.exact)])
        plain = not spans and _is_plain(node) and [*map(set, literals)] == _as_sets(found.exact)
    except Unknown:
        literals, plain = (), False
    closed = 0 < takes < MANY and all(_closes(one) for one in _branches(node))
    anchored = all(_begins_line(one) for one in _branches(node))
    return Facts(literals, spans, takes - closed, takes > 0, anchored, plain)


def chosen(sets: Iterable[Texts]) -> tuple[tuple[str, ...], ...]:
    """The rarest set, and others where they spare many tries; none where all are common in ordinary text."""
    ranked = sorted((_cost(one), sorted(one)) for one in {_shortest(one) for one in sets})
    if not ranked or ranked[0][0] > COMMON:
        return ()
    others = [one for cost, one in ranked[1:SETS] if cost <= HELPFUL] if ranked[0][0] > RARE else []
    return tuple(map(tuple, (ranked[0][1], *others)))


def parsed(expression: str, flags: int) -> Any:
    while True:
        source = tree.Source(expression)
        info = tree.Info(flags, source.char_type, {})
        info.guess_encoding = regex.UNICODE
        source.ignore_space = bool(info.flags & regex.VERBOSE)
        try:
            return tree._parse_pattern(source, info)
        except tree._UnscopedFlagSet:  # a flag for all of it, found inside
            flags = info.global_flags


class _Found(NamedTuple):
    """`exact` are all texts that a node may match, None where they are too many. Of each of `sets` one must stand on

    the line. `ends`: what follows may stand on another line.
    """

    exact: Texts | None = None
    sets: tuple[Texts, ...] = ()
    ends: bool = False


ANYTHING = _Found()
PLACE = _Found(EMPTY)  # takes no character
REPEATS = (tree.GreedyRepeat, tree.LazyRepeat, tree.PossessiveRepeat)
CLASSES = (tree.Character, tree.Property, tree.Range, tree.SetBase)
GROUPS = (tree.Group, tree.Atomic)
EDGES = (tree.StartOfString, tree.EndOfString, tree.EndOfStringLine, tree.SearchAnchor)


def _find(node: Any, in_lines: bool) -> _Found:
    """`in_lines`: a match may look at several lines, and only the first counts. Raises Unknown."""
    if isinstance(node, tree.Sequence):
        return _sequence(node.items, in_lines)
    if isinstance(node, tree.Branch):
        return _either([_find(one, in_lines) for one in node.branches])
    if isinstance(node, REPEATS):
        return _repeat(_find(node.subpattern, in_lines), node.min_count, node.max_count)
    if isinstance(node, GROUPS):
        return _find(node.subpattern, in_lines)
    if isinstance(node, tree.LookAround):
        if not node.positive or (in_lines and node.behind):
            return PLACE
        inside = _find(node.subpattern, in_lines)
        return _Found(EMPTY, (*inside.sets, *_as_sets(inside.exact)))
    if isinstance(node, CLASSES):
        if in_lines and _takes_line_end(node):
            return _Found(ends=True)
        chars = _characters(node)
        return _Found(chars) if chars else ANYTHING
    if isinstance(node, tree.ZeroWidthBase):
        return PLACE
    if isinstance(node, (tree.Any, tree.AnyU)):
        return ANYTHING
    if isinstance(node, (tree.AnyAll, tree.RefGroup, tree.Grapheme)):
        return _Found(ends=in_lines)
    raise Unknown(type(node).__name__)


def _sequence(items: Sequence[Any], in_lines: bool) -> _Found:
    sets: list[Texts] = []
    run = EMPTY
    whole = True
    for item in items:
        found = _find(item, in_lines)
        sets += found.sets
        if found.exact is not None and len(run) * len(found.exact) <= WAYS:
            run = _joined(run, found.exact)
        else:
            whole = False
            sets += _as_sets(run)
            run = found.exact or EMPTY
        if found.ends:
            return _Found(None, (*sets, *_as_sets(run)), True)
    return _Found(run, tuple(sets)) if whole else _Found(None, (*sets, *_as_sets(run)))


def _either(ways: Sequence[_Found]) -> _Found:
    """Sets that hold one of each way: its rarest, its second, ..."""
    exact = _together([way.exact for way in ways])
    ends = any(way.ends for way in ways)
    if exact is not None and not any(way.sets for way in ways):
        return _Found(exact, (), ends)
    options = [sorted(map(_shortest, (*way.sets, *_as_sets(way.exact))), key=_cost) for way in ways]
    if not all(options):
        return _Found(exact, (), ends)
    ranks = range(min(SETS, max(map(len, options))))
    sets = (_together([one[min(rank, len(one) - 1)] for one in options]) for rank in ranks)
    return _Found(exact, tuple(one for one in sets if one is not None), ends)


def _repeat(found: _Found, least: int, most: int | None) -> _Found:
    exact = found.exact
    if most is not None and most <= FEW and exact is not None and len(exact) ** most <= WAYS // FEW:
        return _Found(frozenset().union(*_powers(exact, least, most)), found.sets if least else (), found.ends)
    if least == 0:
        return _Found(None, (), found.ends)
    if exact is None:
        return found
    run, count = exact, 1
    while count < least and len(run) * len(exact) <= WAYS and max(map(len, run)) < LONGEST:
        run, count = _joined(run, exact), count + 1
    return _Found(None, (*found.sets, *_as_sets(run)), found.ends)


def _powers(texts: Texts, least: int, most: int) -> Iterator[Texts]:
    run = EMPTY
    for count in range(most + 1):
        if count >= least:
            yield run
        run = _joined(run, texts) if count < most else run


def _joined(left: Texts, right: Texts) -> Texts:
    return frozenset(one + other for one, other in product(left, right))


def _together(sets: Sequence[Texts | None]) -> Texts | None:
    if any(one is None for one in sets):
        return None
    union = frozenset().union(*(one for one in sets if one is not None))
    return union if len(union) <= MOST else None


def _as_sets(texts: Texts | None) -> list[Texts]:
    """The texts as a set that must have one on the line, if it is one."""
    usable = texts and "" not in texts and not any("\n" in text for text in texts)
    return [texts] if texts and usable else []


def _shortest(texts: Texts) -> Texts:
    """Without those that hold another."""
    lengths = sorted({len(text) for text in texts})
    if len(lengths) == 1:
        return texts
    return frozenset(
        text
        for text in texts
        if not any(
            text[at : at + size] in texts for size in lengths if size < len(text) for at in range(len(text) - size + 1)
        )
    )


def _cost(texts: Collection[str]) -> float:
    """How often one of them stands in ordinary text, in hits for each character: a rough estimate."""
    return math.fsum(math.prod(map(_frequency, text)) for text in texts)


@cache
def _frequency(char: str) -> float:
    """Plain choices after counts in Chinese and English prose."""
    if char in FREQUENCIES:
        return FREQUENCIES[char]
    if char.isascii():
        return 0.02 if char.islower() else 0.03 if char.isdigit() else 0.002 if char.isprintable() else 1e-6
    if "\u4e00" <= char <= "\u9fff":  # the second half of GB 2312 are the rare ones
        return 0.0006 if b"\xb0" < char.encode("gb2312", "replace") < b"\xd8" else 2e-5
    if char > "\uffff" or unicodedata.category(char)[0] in "CM":
        return 1e-6
    if not char.isalnum() or "\u0250" <= char < "\u1100" or char > "\ufb00":
        return 1e-5
    return 0.0001 if char < "\u0250" else 0.0005


def _characters(node: Any) -> Texts | None:
    """All characters that a class matches, folded; None where they are too many."""
    found: set[str | None] = set()
    if not _gather(node, found) or None in found:
        return None
    return frozenset(char for char in found if char)


def _gather(node: Any, found: set[str | None]) -> bool:
    if not node.positive:
        return False
    caseless = bool(node.case_flags & regex.IGNORECASE)
    if isinstance(node, tree.Character):
        found.add(_folded(node.value, caseless))
    elif isinstance(node, tree.Range) and node.upper - node.lower < MOST:
        found.update(_folded(code, caseless) for code in range(node.lower, node.upper + 1))
    elif isinstance(node, tree.SetUnion):
        return all(_gather(one, found) for one in node.items) and len(found) <= MOST
    elif isinstance(node, tree.Property) and not caseless:
        members = _members(node.value)
        found.update(members or ())
        return members is not None
    else:
        return False
    return True


def _folded(code: int, caseless: bool) -> str | None:
    """None for one whose variants in case are not folded to the same."""
    char = fold(chr(code))
    cases = _regex.get_all_cases(regex.UNICODE | regex.IGNORECASE, code) if caseless else ()
    return char if all(fold(chr(other)) == char for other in cases) else None


@cache
def _members(value: int) -> Texts | None:
    found = set()
    for code in range(0x110000):
        if _regex.has_property_value(value, code):
            found.add(fold(chr(code)))
            if len(found) > MOST:
                return None
    return frozenset(found)


def _takes_line_end(node: Any) -> bool:
    return isinstance(node, tree.AnyAll) or bool(node.matches(ord("\n")))


def _line_ends(node: Any, lookarounds: bool) -> int:
    """How many line ends a match may hold, those of all branches together; MANY or FAR where that is unknown."""
    if isinstance(node, tree.Sequence):
        return _sum(_line_ends(one, lookarounds) for one in node.items)
    if isinstance(node, tree.Branch):
        return _sum(_line_ends(one, lookarounds) for one in node.branches)
    if isinstance(node, REPEATS):
        inside = _line_ends(node.subpattern, lookarounds)
        return FAR if inside and inside != MANY and node.max_count != 1 else inside
    if isinstance(node, tree.LookAround):
        return _line_ends(node.subpattern, lookarounds) if lookarounds else 0
    if isinstance(node, GROUPS):
        return _line_ends(node.subpattern, lookarounds)
    if isinstance(node, tree.Character) and node.positive:
        return int(node.value == ord("\n"))
    if isinstance(node, (*CLASSES, tree.AnyAll)):
        return MANY if _takes_line_end(node) else 0
    if isinstance(node, EDGES):
        return int(lookarounds)  # the lines around it decide whether it matches
    if isinstance(node, (tree.ZeroWidthBase, tree.Any, tree.AnyU, tree.RefGroup)):
        return 0
    return MANY


def _sum(counts: Iterable[int]) -> int:
    counts = list(counts)
    return MANY if MANY in counts else min(sum(counts), FAR)


def _is_plain(node: Any) -> bool:
    """Whether it is nothing but texts of which none is longer than another that it holds."""
    if isinstance(node, (tree.Sequence, tree.Branch)):
        return all(map(_is_plain, node.items if isinstance(node, tree.Sequence) else node.branches))
    if isinstance(node, GROUPS):
        return _is_plain(node.subpattern)
    if isinstance(node, REPEATS):
        return node.max_count is not None and node.max_count <= FEW and _is_plain(node.subpattern)
    return isinstance(node, CLASSES) and _characters(node) is not None


def _branches(node: Any) -> list[list[Any]]:
    """The alternatives at the top, each as its items."""
    while isinstance(node, GROUPS) or (isinstance(node, tree.Sequence) and len(node.items) == 1):
        node = node.items[0] if isinstance(node, tree.Sequence) else node.subpattern
    ways = node.branches if isinstance(node, tree.Branch) else [node]
    return [list(way.items) if isinstance(way, tree.Sequence) else [way] for way in ways]


def _begins_line(items: Sequence[Any]) -> bool:
    first = next((one for one in items if not isinstance(one, tree.LookAround)), None)
    if isinstance(first, GROUPS):
        return all(_begins_line(one) for one in _branches(first))
    return isinstance(first, (tree.StartOfLine, tree.StartOfString))


def _closes(items: Sequence[Any]) -> bool:
    last = items[-1] if items else None
    return isinstance(last, tree.Character) and last.value == ord("\n")
