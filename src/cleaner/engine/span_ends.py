"""Where a learned mark begins and ends: runs of characters whose sum is high, and what can be no mark."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import regex  # re takes milliseconds to compile a class of all hanzi

if TYPE_CHECKING:
    import numpy

    Array = numpy.ndarray[Any, Any]

OWN = 60  # per cent of a line that are high, from which the runs on it are one
NEAR = 2  # characters between two runs that are one
SNAP = 5  # characters at the beginning of a run in which the end of a sentence is looked for
FEW = 5  # letters that may be left of a line
SENTENCE_END = frozenset("。！？…”’」』!?\n")
BLANK = " \t\u3000"
PUNCTUATION = " \t\u3000，。、！？；：,.!?;:"
PAIRS = dict(zip("(（[【〖［<《『「{", ")）]】〗］>》』」}", strict=True))
CODE = re.compile(r"^```|\]\(https?:|^#+ |^\s*[{}]\s*$|^\|.*\|$|^\s*\"\w+\": ", re.MULTILINE)
MOST_CODE = 3  # per cent of the lines of a document that may look like code or markup
ADDRESS = re.compile(r"www|https?:|\.\s?(?:com|net|org|cn|cc|la|info)|[a-z0-9]{3,}\.[a-z]{2,3}", re.IGNORECASE)
LETTERS = regex.compile(r"[\u3400-\u9fffA-Za-z\uff21-\uff3a\uff41-\uff5a\u3040-\u30ff\uac00-\ud7a3]")
LATIN = re.compile(r"[A-Za-z0-9.:/@_-]")
FOREIGN = re.compile(r"[A-Za-z]{4,}")
DIGITS = re.compile(r"[0-9\uff10-\uff19]")
EASTERN = regex.compile(r"[\u3400-\u9fff\u3040-\u30ff]")
LEAST_LETTERS, LONGEST = 7, 200  # of a span; a longer line is no mark, whatever its blanks and symbols look like
# A row of a table; 尧，舜，禹，汤 and 毫！无！美！感！, which look like a name with symbols between its characters.
TABLE = re.compile(r"&.*&|\t.*\t|\|.*\|")
LISTED = regex.compile(r"(?:[\u3400-\u9fff][，．。、,！-]){3}")
SENTENCE = re.compile("[，。！？：；…“”「」『』 \t\u3000]")
# A hidden value: 毕业于XX大学XX学院 looks like a name with symbols between its characters.
SYMBOL = regex.compile(r"[\u2190-\u2bff\u266f|/\\<>*#~^+=_-]")
CLAUSE = frozenset("，、；：,;:／")
QUOTED = frozenset("“「『《")
CITED = frozenset(("“”", "「」", "『』", "《》", "‘’"))
MASK = re.compile(r"[×✕□○△⟦⟧]|[XxＸｘ*＊]{2}|某")
# Who made the text, not who passed it on. Those of web pages have rules.
CREDIT = re.compile("编辑|责编|校对|编审|供稿|撰稿")
COLOPHON = re.compile(r"印\s*张|版\s*次|字\s*数|ISBN|定\s*价|开\s*本")  # what a publisher printed


class Sums(NamedTuple):
    """For each character of a text its smoothed sum, its own, and the number of its line; the mean of each line."""

    smooth: Array
    own: Array
    line: Array
    means: Array


HAN = regex.compile("[\u3400-\u9fff]+")
OTHERS = regex.compile("[\u3041-\u30fa\uac00-\ud7a3]+")  # kana and Hangul
LEAST_HAN = 16  # for each of them


def is_code(text: str) -> bool:
    return 100 * len(CODE.findall(text)) > MOST_CODE * (text.count("\n") + 1)


def may_hold_mark(text: str) -> bool:
    """Whether a text or a line may hold a mark that the model knows: it learned from Chinese alone.

    Of a Japanese novel it took the short lines of dialogue. A kana may stand in Chinese (の); in a line of verse, it is
    a mistake of whoever scanned it.
    """
    hanzi, others = (sum(map(len, runs.findall(text))) for runs in (HAN, OTHERS))
    return 0 < hanzi >= LEAST_HAN * others


def _may_be_mark(string: str) -> bool:
    """Whether a string has letters enough to say something and is no row of a table, list or foreign word."""
    bare = string if ADDRESS.search(string) else FOREIGN.sub("", string)  # 本机适配iPhone: words of a product
    if len(LETTERS.findall(bare)) < LEAST_LETTERS or len(string) > LONGEST:
        return False
    if TABLE.search(string) or LISTED.search(string) or COLOPHON.search(string) or MASK.search(string):
        return False
    if CREDIT.search(string) and not ADDRESS.search(string):
        return False
    if len(EASTERN.findall(string)) < 2 and not ADDRESS.search(string):  # a heading in another script
        return False
    return 2 * len(DIGITS.findall(string)) < len(string)


def runs(text: str, sums: Sums, opens: float) -> list[tuple[int, int]]:
    """Runs of characters of one line whose smoothed sum is over `opens`, with exact ends."""
    high = sums.smooth > opens
    if not high.any():
        return []
    found: list[tuple[int, int]] = []
    numbers = {*sums.line[high].tolist()}
    at = 0
    for number, row in enumerate(text.split("\n")):
        if number in numbers and (inside := high[at : at + len(row)]).any():
            spans = _line_runs(row, inside.tolist(), sums.own[at : at + len(row)].tolist(), opens)
            found += ((at + low, at + top) for low, top in spans if _may_be_mark(row[low:top]))
        at += len(row) + 1
    return found


def _line_runs(row: str, high: list[bool], own: list[float], opens: float) -> list[tuple[int, int]]:
    """The runs of one line: the line itself where next to nothing else is on it, else cut where the n-grams end."""
    joined: list[list[int]] = []
    for number, one in enumerate(high):
        if one and joined and number - joined[-1][1] <= NEAR:
            joined[-1][1] = number + 1
        elif one:
            joined.append([number, number + 1])
    if 100 * sum(high) >= OWN * len(row):
        joined = [[joined[0][0], joined[-1][1]]]
    spans = []
    for first, last in joined:
        low, top = first, last
        while low < top and (own[low] < opens or row[low] in PUNCTUATION):
            low += 1
        while low < top and (own[top - 1] < opens or row[top - 1] in PUNCTUATION):
            top -= 1
        spans.append(_widened(row, *_bracketed(row, *_whole_words(row, low, top))))
    return [(low, top) for low, top in spans if top > low and not _is_spoken(row, low, top)]


def _whole_words(row: str, low: int, top: int) -> tuple[int, int]:
    """To the ends of a Latin word or an address that the ends cut."""
    while 0 < low < top and LATIN.match(row[low]) and LATIN.match(row[low - 1]):
        low -= 1
    while low < top < len(row) and LATIN.match(row[top - 1]) and LATIN.match(row[top]):
        top += 1
    return low, top


def _is_spoken(row: str, low: int, top: int) -> bool:
    """Whether a span is cited, runs into a sentence, or is words without an address in one: 把这一页加入书签."""
    left, right = row[low - 1 : low], row[top : top + 1]
    if left + right in CITED:
        return True
    if EASTERN.match(right) and EASTERN.search(row[top - 1] + left):  # nobody can say where it ends: 请访问[a.com]查询
        return True
    if ADDRESS.search(row[low:top]):
        return False
    # 著作权法规定，版权归作者所有，期限五十年; 他说：转载请注明出处; 请考生加入QQ群：1234567，等候通知
    if EASTERN.match(left) or EASTERN.match(right) or left in CLAUSE or row[low] in CLAUSE:
        return True
    return (right in CLAUSE or right in QUOTED) and EASTERN.search(row[top:]) is not None


def _widened(row: str, low: int, top: int) -> tuple[int, int]:
    """To the ends of the line where only a few letters are left there, to those of a sentence where one is near."""
    inside = low > 0 and EASTERN.match(row[low - 1]) is not None  # 为了安全|最好早点离开。[www.a.com]
    if ends := [at for at in range(low, top if inside else min(low + SNAP, top)) if row[at] in SENTENCE_END]:
        low = (ends[0] if inside else ends[-1]) + 1
    elif not row[:low].strip() or (row[low - 1] not in BLANK and _is_little(row[:low])):
        low = len(row) - len(row.lstrip())
    elif row[low - 1] not in SENTENCE_END and (
        before := [at for at in (low - 2, low - 3) if at >= 0 and row[at] in SENTENCE_END]
    ):
        low = before[0] + 1
    rest = row[top:]
    if rest and rest[0] not in BLANK and _is_little(rest) and row[top - 1] not in ")）】]":
        top = len(row.rstrip())
    symbols = [at + 1 for at in range(max(low, top - SNAP), top) if SYMBOL.match(row[at])]
    if symbols and row[top : top + 1] and EASTERN.match(row[top]):
        top = symbols[-1]
    cuts = [at + 1 for at in range(max(low, top - SNAP), top - 1) if row[at] in "。！？" and row[at + 1] in BLANK]
    top = cuts[0] if cuts else top
    opening = [at for at in range(low, min(low + SNAP, top)) if row[at] in PAIRS]
    if opening and PAIRS[row[opening[0]]] == row[top - 1]:
        low = opening[0]
    return low, top


def _is_little(rest: str) -> bool:
    """Whether what is left of a line is a few letters without punctuation: the beginning of a name, not 他说：."""
    return len(rest) <= LONGEST and len(LETTERS.findall(rest)) < FEW and not SENTENCE.search(rest.strip())


def _bracketed(row: str, low: int, top: int) -> tuple[int, int]:
    """With both brackets around, or without the half of a pair at either end."""
    if low and top < len(row) and PAIRS.get(row[low - 1]) == row[top]:
        return low - 1, top + 1
    if top < len(row) and PAIRS.get(row[low : low + 1]) == row[top]:
        return low, top + 1
    if low and top > low and PAIRS.get(row[low - 1]) == row[top - 1]:
        return low - 1, top
    return low, top
