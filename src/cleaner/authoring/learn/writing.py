"""A rule made of a mark: literal where all spellings are one, an expression where they vary; its kind and examples."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ...rules.tokens import escaped
from ..suggest import BLANKS, SIGNS, hit, keeps, pack_of
from .evidence import ADDRESS, MENU
from .folded import WINDOW, fold
from .gathering import EDGES, MOST_EDGES, Mark

NUMBER = r"[0-9０-９]+(?:[^0-9０-９A-Za-z\u4e00-\u9fff\n]{1,3}[0-9０-９]+)*"
DIGITS = r"[0-9０-９]+"
RUN = re.compile(NUMBER)
PARTED = re.compile(r"[0-9０-９][^0-9０-９A-Za-z\u4e00-\u9fff\n]{1,3}[0-9０-９]")
OPEN = r"[^\n。，！？；“”,!?;]{0,24}"
GAP = r"[^\n。]{1,40}?"  # no end of a sentence
BETWEEN = r"[^\w\n]{0,3}"
RUN_OF = 4  # lines of a frame in a row
MOST_LETTERS = 60  # of a mark whose letters are looked for one by one
SWAPPED = (8, 30)  # letters of a mark in which one may be another
KINDS = (
    ("notice", re.compile(
        r"版权|著作权|侵权|免责|声明|备案|ICP|转载|©|copyright|rights reserved|privacy|terms|저작권|無断",
        re.IGNORECASE)),
    ("contact", re.compile(r"QQ|群号|电话|热线|邮箱|传真|客服|联系|e-?mail|contact|phone", re.IGNORECASE)),
    ("ad", re.compile(r"优惠|购买|淘宝|会员|推荐|最新|下载|广告|sponsor|advert|free|sale|subscribe", re.IGNORECASE)),
)  # fmt: skip


def kind_of(mark: Mark) -> str:
    """The kind that the words and the place of a mark speak for."""
    seen = mark.spellings.most_common(1)[0][0]
    if MENU.search(seen):
        return "navigation"
    for kind, pattern in KINDS:
        if pattern.search(seen):
            return kind
    if mark.form == "inside" or ADDRESS.search(seen):
        return "watermark"
    return "header" if mark.in_head > mark.in_tail else "footer" if mark.in_tail else "watermark"


def finder(mark: Mark, swaps: bool) -> dict[str, Any]:
    """`literal`, or `match` where spellings vary; `swaps`: one letter may be another."""
    spellings = list(mark.spellings)
    match = GAP.join(_match(part, spellings, swaps) for part in mark.letters) if mark.form == "varying" else ""
    if mark.form == "varying":
        return {"match": f"^{_open(mark, 0)}{match}{_open(mark, 1)}$"}
    match = _match(mark.letters[0], spellings, swaps)
    if mark.form == "inside":
        if len(spellings) == 1 and not swaps:
            return {"literal": spellings[0]}
        least = int(len(mark.letters[0]) < WINDOW)  # without a symbol a short word is anybody's
        ends = _ends(spellings, rf"[{escaped(''.join(sorted(EDGES)))}]{{{least},{MOST_EDGES}}}")
        return {"match": f"{ends[0]}{match}{ends[1]}"}
    ends = _ends(spellings, r"[^A-Za-z0-9\u4e00-\u9fff\n]{0,12}")
    return {"match": f"^{BLANKS}{ends[0]}{match}{ends[1]}{BLANKS}$"} | _zone(mark)


def _zone(mark: Mark) -> dict[str, str]:
    """Where all its places lie; a short file is head and tail."""
    zones = ["head"] * (mark.in_head == mark.places) + ["tail"] * (mark.in_tail == mark.places)
    return {"zone": zones[0] if len(zones) == 1 else "ends"} if zones else {}


def closed(mark: Mark) -> tuple[bool, bool]:
    """Whether the line begins and ends with letters that return."""
    folded = [_plain(one) for one in mark.spellings]
    return all(one.startswith(mark.letters[0]) for one in folded), all(one.endswith(mark.letters[-1]) for one in folded)


def _open(mark: Mark, end: int) -> str:
    """What may stand outside of the first or the last letters that return: something, or the line's edge."""
    return r"[^\w\n]{0,8}" if closed(mark)[end] else OPEN


def _plain(text: str) -> str:
    found = fold(text)
    return found.string(0, found.letters.size)


def _ends(spellings: list[str], wide: str) -> tuple[str, str]:
    """The symbols outside of the letters, as written where all spellings have the same."""
    lefts = {re.match(r"[\W_]*", one).group() for one in spellings}  # type: ignore[union-attr]
    rights = {re.search(r"[\W_]*\Z", one).group() for one in spellings}  # type: ignore[union-attr]
    return (escaped(lefts.pop()) if len(lefts) == 1 else wide), (escaped(rights.pop()) if len(rights) == 1 else wide)


def _match(letters: str, spellings: list[str], swaps: bool) -> str:
    """An expression for folded letters: as written where they are written in one way."""
    written = {RUN.sub("\0", one.strip()) for one in spellings}
    bare = {re.sub(r"\A(?:[^\w\0]|_)+|(?:[^\w\0]|_)+\Z", "", one) for one in written}
    if len(bare) == 1 and not swaps and _plain(spellings[0]) == letters:
        one = re.sub(r"\A[\W_]+|[\W_]+\Z", "", spellings[0])
        same = all(one in other for other in spellings)
        number = NUMBER if any(PARTED.search(other) for other in spellings) else DIGITS
        return escaped(one) if same else number.join(map(escaped, bare.pop().split("\0")))
    pieces = [NUMBER if char == "0" else escaped(char) for char in letters]
    signs = SIGNS if len(letters) <= MOST_LETTERS else BETWEEN
    if not swaps:
        return signs.join(pieces)
    spots = [
        signs.join((*pieces[:at], r"\w", *pieces[at + 1 :])) for at in range(1, len(pieces) - 1) if letters[at] != "0"
    ]
    return f"(?:{signs.join(pieces)}|{'|'.join(spots)})"


def rule_keys(mark: Mark, swaps: bool) -> dict[str, Any] | None:
    """The keys of a rule that finds the mark, with a hit and a keep; None where it does not find its own place."""
    keys: dict[str, Any] = {"kind": kind_of(mark), **finder(mark, swaps)}
    seen, around = _example(mark)
    pack = pack_of("learnt", "it", keys)
    shown = hit(seen, around, pack)
    if shown["want"] == around:
        return None
    return keys | {"hit": [shown], "keep": keeps(seen, pack)}


def frame_keys(marks: Sequence[Mark], near: Sequence[Mark]) -> dict[str, Any] | None:
    """The keys of one rule for lines of a frame, RUN_OF or more in a row, with lines `near` behind any of them.

    None of those comes first: what a rule may begin with is what the prefilter looks for.
    """
    match = _frame_lines(marks) + (f"(?:{_frame_lines(near)})*+" if near else "")
    keys: dict[str, Any] = {"kind": "navigation", "match": f"^(?:{match}){{{RUN_OF},}}+"}
    seen = [mark.spellings.most_common(1)[0][0] for mark in marks]
    text = "\n".join(seen[:RUN_OF])
    pack = pack_of("learnt", "it", keys)
    shown = hit(text, text, pack)
    return None if shown["want"] == text else keys | {"hit": [shown], "keep": keeps(seen[0], pack)}


def _frame_lines(marks: Sequence[Mark]) -> str:
    """One of the lines, with any numbers, and the empty lines behind it."""
    seen = {DIGITS.join(map(escaped, re.split(DIGITS, one))) for mark in marks for one in mark.spellings}
    lines = "|".join(sorted(seen, key=lambda one: (-len(one), one)))
    return rf"{BLANKS}(?:{lines}){BLANKS}(?:\n(?:[^\S\n]*+\n)*+|\Z)"


def _example(mark: Mark) -> tuple[str, str]:
    """The mark as it is most often written, and a line that holds it: its own, or one of ours."""
    seen = mark.spellings.most_common(1)[0][0]
    east = any(ord(char) > 0x2E80 for char in seen)
    return seen, seen if mark.form != "inside" else f"雨停了，{seen}路还很长。" if east else f"The rain {seen} stopped."


def swappable(letters: str, near: dict[str, int]) -> bool:
    """Whether spellings were seen in which one letter of the mark is another."""
    if not SWAPPED[0] <= len(letters) <= SWAPPED[1]:
        return False
    return any(
        len(other) == len(letters) and sum(a != b for a, b in zip(letters, other, strict=True)) == 1 for other in near
    )
