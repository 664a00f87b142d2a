"""Which misreadings, if any, explain a text: a search over moves that the scorer of `language` decides.

Leaving the text alone is always one of the answers; another one must cost less by a margin, its moves paid for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from itertools import pairwise
from typing import NamedTuple

from ...engine.language.scorer import HAN, cost, cost_and_surplus
from . import ftfy_plan
from .moves import MOVES, UTF8_AS_PAIRS, Move, Replacement, byte_of, replacements

MARGIN = 14  # half bits that a repair must save besides the price of its moves
CHEAPEST = min(move.price for move in MOVES)
SUSPICIOUS = 0.2  # half bits a character that could be saved: clean French has 0.1, a wrong codec is everywhere
DEEPEST = 3  # moves
MOST = 2  # times its surplus, which counts no characters that become fewer, a move may save
BRANCHES = 3  # texts from which a next move is tried
FEW = 2  # characters out of UTF-8 that say little: AHÅ™ may be a name
LETTERS = 3  # letters that another alphabet must explain; `´ as « explains none
FTFY = Move("utf-8", "ftfy", 2)  # careful enough to need no margin
ALL = (*MOVES, FTFY)
AGAIN = 4  # the price of a lost blank where other characters were misread in the same way
DOUBT = 40  # half bits more for few characters where ftfy sees no mojibake
COMMON, COMMON_HANZI = 15, 30  # half bits a character that what a legacy codec explains may cost
RAREST = 40  # half bits a character that a repair may write
GARBLED = 30  # the same for all of the text
LEAST = 6  # characters out of a legacy codec that was read as GBK: 琌玡硂 says little
STEP = 4  # between the codes of neighbours in a table
LONG = 1024  # characters of a line by which a longer one is judged
PLENTY = 3  # characters out of UTF-8 that are no chance where nothing else beyond ASCII stands on the line
SOUND = 8  # more of them for each hole
REST = 4  # what a line could still save, holes above all, is less than this part of what it could before
HOLES = 1 / 3  # of the hanzi of a repair may be lost
C1 = re.compile(
    r"[^\W\d_][\x80-\x84\x86-\x9f]|[\x80-\x84\x86-\x9f](?=[^\W\d_])"
)  # no word has these: a codec was wrong


class Found(NamedTuple):
    """A chain of moves, the text after them, what both cost together, and what each move changed.

    `agreed`: ftfy would have done all of them.
    """

    cost: int
    text: str
    chain: tuple[Move, ...] = ()
    changes: tuple[tuple[Replacement, ...], ...] = ()
    agreed: bool = False


@lru_cache(maxsize=256)
def search(text: str, first: tuple[Move, ...] = ALL) -> Found:
    """The best explanation of `text`, which may be no move at all; `first` are those that may begin it."""
    spent, saved = cost_and_surplus(text)
    start = Found(spent, text)
    if not _is_suspicious(text, saved):
        return start
    seen = {text}
    level, repairs = [start], [start]
    best = start.cost
    for _ in range(DEEPEST):
        following: list[Found] = []
        for one in level:
            if one.chain and one.cost - MOST * cost_and_surplus(one.text)[1] + CHEAPEST > best:
                continue  # no next move could make it the best
            following += [found for found in _after(one, ALL if one.chain else first, seen) if found.cost < one.cost]
        level = sorted(following, key=lambda found: found.cost)[:BRANCHES]
        repairs += level
        best = min([best, *(found.cost for found in level)])
    repairs.sort(key=lambda found: found.cost)
    return next(found for found in repairs if found is start or _is_sure(found, start))


def _is_suspicious(text: str, saved: int) -> bool:
    """Whether another reading could save enough half bits of what `text` costs."""
    return saved >= max(MARGIN + CHEAPEST, SUSPICIOUS * len(text))


def explained(line: str, document: Sequence[Move], first: tuple[Move, ...] = ALL) -> Found:
    """The best explanation of a line: what explains the document around it, if that leaves nothing, else its own."""
    found = _undone(line, document, _all_of, first)
    if found.chain and _is_no_chance(line, found):
        return found
    spent, saved = cost_and_surplus(line)
    found = _undone(line, document, partial(changes_by, alone=len(document) == 1), first)
    if found.chain:
        after, left = cost_and_surplus(found.text)
        if after + AGAIN <= spent and (left * REST <= saved or not _is_suspicious(found.text, left)):
            return found._replace(cost=after)
    if not _is_suspicious(line, saved):
        return Found(spent, line)
    return search(line, first) if len(line) <= LONG else _undone(line, search(line[:LONG], first).chain, changes_by)


def _undone(
    line: str,
    moves: Sequence[Move],
    change: Callable[[Move, str], tuple[Replacement, ...]],
    first: Sequence[Move] = ALL,
) -> Found:
    """A line after the moves that change something in it, one of `first` before others; its cost is not weighed."""
    found = Found(0, line)
    for move in moves:
        if not found.chain and move not in first:
            continue
        if changes := change(move, found.text):
            found = Found(0, applied(found.text, changes), (*found.chain, move), (*found.changes, changes))
    return found


def _all_of(move: Move, text: str) -> tuple[Replacement, ...]:
    return () if move is FTFY else tuple(replacements(text, move))


def _is_no_chance(line: str, found: Found) -> bool:
    """Whether all that is beyond ASCII in a line is UTF-8, and enough of it for its holes: other text never is."""
    first = found.changes[0]
    holes = found.text.count("\ufffd")
    if found.chain[0].right != "utf-8" or sum(len(after) for _, _, after in first) < PLENTY + SOUND * holes:
        return False
    return applied(line, [(start, end, "") for start, end, _ in first]).isascii()


def _is_sure(found: Found, start: Found) -> bool:
    """Whether a repair is better by the margin that it needs, and what it writes is writing."""
    if found.agreed:
        return True
    after = "".join(char for _, _, one in found.changes[-1] for char in one if char > "\x7f")
    if found.cost + MARGIN > start.cost or cost(found.text) > GARBLED * len(found.text):
        return False
    return cost(after) <= RAREST * len(after)


def _after(one: Found, moves: Sequence[Move], seen: set[str]) -> Iterator[Found]:
    paid = sum(move.price for move in one.chain)
    by_ftfy = changes_by(FTFY, one.text) if FTFY in moves else ()
    wanted = applied(one.text, by_ftfy)
    for move in moves:
        changes = by_ftfy if move is FTFY else changes_by(move, one.text)
        text = applied(one.text, changes)
        agreed = text == wanted and move.right == "utf-8"
        if text in seen or not (agreed or _may_be(one, move, changes, by_ftfy)):
            continue
        seen.add(text)
        price = min(move.price, FTFY.price) if agreed else _price(one, move, changes, by_ftfy)
        found = Found(cost(text) + paid + price, text, (*one.chain, move), (*one.changes, changes))
        yield found._replace(agreed=agreed and (one.agreed or not one.chain))


def changes_by(move: Move, text: str, alone: bool = False) -> tuple[Replacement, ...]:
    """What a move changes in `text`, without what is UTF-8 by chance: in GBK, 说 and the second half of 他 are ˵.

    `alone`: a change that is the only one is judged by the caller.
    """
    if move is FTFY:
        return tuple(ftfy_plan.replacements(text))
    changes = replacements(text, move)
    if move.right != "utf-8":
        return tuple(one for one in changes if move.wrong != "gb18030" or not _is_list(text[one[0] : one[1]], one[2]))
    if move.wrong in UTF8_AS_PAIRS:
        changes = [one for one in changes if _stands_for(text, one, move)]
    if alone and len(changes) == 1:
        return tuple(changes)
    return tuple(one for one in changes if _cost(one[2]) < _cost(text[one[0] : one[1]]))


def _is_list(text: str, after: str) -> bool:
    """Whether a change is no misreading: ㄅㄆㄇㄈ is Chinese, 偀偂偄偅 a table in the order of the codes.

    Nobody wrote private characters.
    """
    chars = [char for char in text if char > "\x7f"]
    steps = sum(0 < ord(two) - ord(one) <= STEP for one, two in pairwise(chars))
    bopomofo = sum("\u3105" <= char <= "\u312f" for char in chars)
    return 2 * max(steps, bopomofo) >= len(chars) or any("\ue000" <= char <= "\uf8ff" for char in after)


def _stands_for(text: str, change: Replacement, move: Move) -> bool:
    """Whether what UTF-8 gives in a codec of two bytes is no chance.

    某某 are ĳĳ, too: letters of an alphabet stand in a word of ASCII (d茅j), or are a word of several different ones.
    """
    start, end, after = change
    letters = [char for char in after if char.isalpha() and char > "\x7f"]
    if HAN.search(after):
        return not move.layered or len(letters) >= FEW  # one alone may be 忙碌路
    if move.layered:
        return False
    around = text[max(0, start - 1) : start] + text[end : end + 1]
    if any(char.isascii() and char.isalpha() for char in around):
        return True
    return (
        len(set(letters)) > FEW
        and 2 * len(letters) > len(after)
        and not any("\xc0" <= one < "\u0250" for one in letters)
    )


_cost = lru_cache(maxsize=1 << 14)(cost)


def _may_be(one: Found, move: Move, changes: Sequence[Replacement], by_ftfy: Sequence[Replacement]) -> bool:
    if move.right != "utf-8":
        enough = move.wrong != "gb18030" or sum(len(after) for _, _, after in changes) >= LEAST
        return enough and _explains(one.text, changes)
    return _is_whole(changes) and not (_is_doubtful(one, move, changes, by_ftfy) and _leaves_some(one, move, changes))


def _price(one: Found, move: Move, changes: Sequence[Replacement], by_ftfy: Sequence[Replacement]) -> int:
    if _is_again(one, move):
        return AGAIN
    return move.price + DOUBT * _is_doubtful(one, move, changes, by_ftfy)


def _is_again(one: Found, move: Move) -> bool:
    return move.blank is not None and any(move.wrong == earlier.wrong for earlier in one.chain)


def _is_doubtful(one: Found, move: Move, changes: Sequence[Replacement], by_ftfy: Sequence[Replacement]) -> bool:
    """Whether few characters look like UTF-8 and ftfy does not say so: AHÅ™ may be a name, √π is a number."""
    if move.right != "utf-8" or move.wrong in UTF8_AS_PAIRS or _is_again(one, move):
        return False
    if sum(char > "\x7f" for _, _, after in changes for char in after) > FEW:
        return False
    return not all(any(low <= start and end <= high for low, high, _ in by_ftfy) for start, end, _ in changes)


def _is_whole(changes: Sequence[Replacement]) -> bool:
    """Whether little was lost on the way: a text of holes explains everything."""
    after = "".join(one for _, _, one in changes)
    hanzi, holes = sum(map(len, HAN.findall(after))), after.count("\ufffd")
    return not holes or (hanzi > FEW and holes <= HOLES * hanzi)


def _leaves_some(one: Found, move: Move, changes: Sequence[Replacement]) -> bool:
    """Whether other characters were bytes, too, if these were: the dash in `– DrÃ¥ber` is no UTF-8."""
    tables = byte_of(move.wrong), byte_of("cp1252")
    beyond = sum(any(ord(char) in table for table in tables) for char in one.text)
    return beyond > sum(end - start for start, end, _ in changes)


def _explains(text: str, changes: Sequence[Replacement]) -> bool:
    """Whether a legacy codec makes common letters of what it changes: `´ as « explains nothing."""
    after = "".join(char for _, _, one in changes for char in one if char > "\x7f")
    letters = sum(char.isalpha() for char in after)
    if 2 * letters <= len(after):
        return False
    narrow = sum("｡" <= char <= "ﾟ" for char in after)
    if len(after) > narrow > len(after) // 4 or (narrow and any(char > "\u2e7f" for char in text)):
        return False  # 父ﾃﾟﾏｦﾃﾂ: each byte of a rare hanzi is a katakana of half width
    if letters < LETTERS and C1.search(text):
        return True
    if len({char for start, end, _ in changes for char in text[start:end] if char > "\x7f"}) <= FEW:
        return False  # ÂÂÂÂ ÃÂÃÂ is what is left of blanks
    runs = [len(run) for _, _, one in changes for run in HAN.findall(one)]
    before = [char for start, end, _ in changes for char in text[start:end] if char > "\x7f"]
    if runs and all("\u2500" <= char <= "\u259f" for char in before):
        return False  # ├┤a┼┐a┼┐: a drawing
    if runs:
        return max(runs) >= FEW and cost(after) <= COMMON_HANZI * len(after)
    return letters >= LETTERS and cost(" ".join(one for _, _, one in changes)) <= COMMON * sum(
        len(one) for _, _, one in changes
    )


def applied(text: str, changes: Sequence[Replacement]) -> str:
    pieces, at = [], 0
    for start, end, after in changes:
        pieces += [text[at:start], after]
        at = end
    return "".join([*pieces, text[at:]])
