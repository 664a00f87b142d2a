"""What surrounds each line of a web page, in whole numbers: the columns that the trees of the page model ask about.

Sums of neighbours, of blocks between blank lines, of all before and behind; how far the next text and the next cue word
are; how much of the line's words the text holds; what kind of page it is. No column knows a language.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .page_tokens import MONEY, QUESTION, REPLY, SELF, TELLING, UNIT, PageTokens, moved

if TYPE_CHECKING:
    import numpy

    from .webpage import PageLine

    Array = numpy.ndarray[Any, Any]

CUES = ("forms", "list-heading", "sharing")  # features whose last place and number before a line are asked about
ANY = 1  # the bit of a line with any cue word; those of CUES follow
REACHES = (2, 5, 12, 30, 80)
PROSE = 80  # characters of a line that is a sentence, or of LONG without its end
LONG = 200
NONE = 999  # where there is no such line
MILLE = 1000


def cue_bits(lines: Sequence[PageLine], numbers: Sequence[int]) -> list[int]:
    """Which cue words stand in the lines of a page, as bits."""
    found = []
    for number in numbers:
        names = [rule.id.rpartition("/")[2] for rule in lines[number].parts if rule.kind]
        found.append(bool(names) + sum(2 << at for at, name in enumerate(CUES) if name in names))
    return found


def columns(found: PageTokens, first: Array, cues: Sequence[int]) -> Array:
    """A row for each line. `first`: the first sums, in steps of 1/UNIT; `cues`: what `cue_bits` gives."""
    import numpy as np

    size = first.size
    length, words, ends, closed, commas, upper, digits, again, alike, form, dated = found.facts.T
    many = np.maximum(words, 1)
    near = np.clip(first, -4 * UNIT, 4 * UNIT)
    prose = (length >= PROSE) & (closed > 0) | (length > LONG)
    core = prose & (2 * first < -UNIT)
    bits = np.array(cues, np.int64)
    rows: list[Array | int] = [first, length, words, closed, again, alike]
    rows += [MILLE * part // many for part in (upper, digits, commas, ends)]
    for step in (1, 2, 3, 4, 5):
        rows += [moved(near, step, 2 * UNIT), moved(near, -step, 2 * UNIT)]
        rows += [moved(length, step, -1), moved(length, -step, -1)] if step < 4 else []
    for reach in REACHES:
        for values in (near, MILLE * prose, np.minimum(length, 300)):
            rows += _means(values, reach)
    rows += _blocks(found, near, length)
    rows += _masses(prose, length, near)
    rows += _kin(found, core)
    rows += [MILLE * np.bincount(form)[form] // size, int(np.sort(length)[size // 2]), MILLE * int(prose.sum()) // size]
    rows += [int(near.sum()) // size, MILLE * int((first > 0).sum()) // size]
    rows.append(MILLE * int((length * (first > 0)).sum()) // max(1, int(length.sum())))
    for holds in (dated, *(found.kinds(kind) for kind in (QUESTION, MONEY, SELF, REPLY))):
        rows += [int(MILLE * (holds > 0).sum()) // size, *_means(MILLE * (holds > 0), 10)]
    for wanted in (prose, core, 2 * first > 3 * UNIT, again > 0, bits & ANY > 0):
        rows += [_since(wanted), _since(wanted[::-1])[::-1]]
    rows += [*_means(MILLE * (bits & ANY), 3), *_means(MILLE * (bits & ANY), 10)]
    for at in range(len(CUES)):
        holds = (bits >> (at + 1)) & 1
        rows += [_since(holds > 0), np.cumsum(holds)]
    return np.stack([np.broadcast_to(np.asarray(row, np.int64), (size,)) for row in rows], 1)


def _means(values: Array, reach: int) -> list[Array]:
    """Of the lines before, and of those behind."""
    import numpy as np

    at = np.arange(values.size)
    total = np.concatenate([[0], np.cumsum(values)])
    low, high = np.maximum(at - reach, 0), np.minimum(at + reach + 1, values.size)
    return [(total[at] - total[low]) // reach, (total[high] - total[at + 1]) // reach]


def _since(wanted: Array) -> Array:
    """How many lines back the last one is for which it holds."""
    import numpy as np

    at = np.arange(wanted.size)
    last = np.concatenate([[-1], np.maximum.accumulate(np.where(wanted, at, -1))[:-1]])
    return np.where(last >= 0, at - last, NONE)


def _blocks(found: PageTokens, near: Array, length: Array) -> list[Array | int]:
    """Lines without a blank line between: their mean, number, length and first line, and those of the blocks around."""
    import numpy as np

    number = np.array(found.numbers)
    opens = np.concatenate([[True], np.diff(number) > 1])
    block, starts = np.cumsum(opens) - 1, np.flatnonzero(opens)
    power = np.sqrt(np.minimum(length, 2000)).astype(np.int64)
    mean = np.add.reduceat(near * power, starts) // np.maximum(1, np.add.reduceat(power, starts))
    lines, chars, head = np.bincount(block), np.add.reduceat(length, starts), near[starts]
    rows: list[Array | int] = [
        mean[block],
        lines[block],
        chars[block],
        head[block],
        np.arange(near.size) - starts[block],
    ]
    for step in (1, -1, 2, -2):
        rows += [moved(mean, step, 2 * UNIT)[block], moved(lines, step, 0)[block]]
    return [*rows, moved(chars, 1, 0)[block], moved(chars, -1, 0)[block], moved(head, -1, 0)[block]]


def _masses(prose: Array, length: Array, near: Array) -> list[Array | int]:
    """Where a line is, in lines and in text."""
    import numpy as np

    size = near.size
    at = np.arange(size)
    mass = np.where(prose, np.minimum(length, 600), 0)
    ahead, whole = np.cumsum(mass) - mass, int(mass.sum())
    text = np.minimum(length, 300) * np.clip(UNIT - near, 0, 2 * UNIT)
    rows: list[Array | int] = [MILLE * ahead // max(1, whole), ahead, whole - ahead - mass, whole]
    rows += [MILLE * (np.cumsum(text) - text) // max(1, int(text.sum())), int(text.sum()) // UNIT]
    return [*rows, at, size - 1 - at, size, MILLE * at // size]


def _kin(found: PageTokens, core: Array) -> list[Array | int]:
    """How many of a line's words other lines of the text hold, no other line holds, the first line holds."""
    import numpy as np

    size = core.size
    words = found.signs & TELLING > 0
    pairs = np.unique(found.hashes[words] * size + found.line[words])
    line = pairs % size
    _, word = np.unique(pairs // size, return_inverse=True)
    inside = np.bincount(word, core[line])[word] - core[line] > 0
    alone = np.bincount(word)[word] == 1
    titled = np.bincount(word, line == 0)[word] > 0
    many = np.bincount(line, minlength=size)
    return [
        np.bincount(line, holds, size).astype(np.int64) * MILLE // np.maximum(many, 1)
        for holds in (inside, alone, titled)
    ]
