"""Running heads and page numbers that a reader of PDF left between the lines of a text.

No head has to be known: the numbers go up by one from page to page, and what stands next to them on most pages is a
head. A number alone on its line may be that of a chapter; chapters begin behind a full stop, pages break anywhere.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..model.lines import plain_ends
from .line_metrics import CLOSERS, STOPS

PAGES = 3  # the fewest
APART = 5  # lines that are not blank from one page's number to the next one's, at least
BACK = 64  # numbers before one that may be the number of the page before
SHARE = 0.3  # of the pages: those with the same head; those that end inside a sentence
LONGEST = 90  # characters of a head
FULL = 30  # characters of a line that may be a full one
OF = r"(?:[/／|]|of|von|de|sur|di|из|из|z|van|dari|trên)"
WORD = r"(?:pages?|seite|p[áa]gina|p[áa]g\.?|pg\.?|p\.|страница|стр\.?|strona|sayfa|halaman|hal\.?|trang|sida|หน้า)"
LABELLED = re.compile(
    rf"\W*(?:{WORD}\s*(\d{{1,4}})(?:\s*{OF}\s*\d{{1,4}})?|(\d{{1,4}})\s*{OF}\s*\d{{1,4}}|(\d{{1,4}})\s*{WORD}"
    r"|第\s*(\d{1,4})\s*[页頁](?:\W*共\s*\d{1,4}\s*[页頁])?|(\d{1,4})\s*[页頁ページ쪽]+)\W*",
    re.IGNORECASE,
)
BARE = re.compile(r"[-–—·•|\[(（【\s]*(\d{1,4})[-–—·•|\])）】\s]*")
WITH_WORDS = re.compile(r"(\d{1,4})(?:\s+|\s*[|·•–—]\s*)(\D.*)|(.*\D)(?:\s+|\s*[|·•–—.…]+\s*)(\d{1,4})")

CHAPTER = re.compile(
    r"\W*(?:chapter|part|section|book|canto|act|scene|lesson|unit|step|stage|day|psalm|table|figure|fig\.|kapitel|teil|chapitre"
    r"|partie|cap[íi]tulo|capitolo|parte|глава|часть|розділ|第[^第]{0,2}|卷|章|回|节|第?章|表|图|圖)\W*",
    re.IGNORECASE,
)


class _Line(NamedTuple):
    """A line that is not blank, its place among those, and the number that may be its page's."""

    at: int
    text: str
    number: int


class PageHeads(NamedTuple):
    """The texts of lines with a page's number, and of heads next to them."""

    numbers: frozenset[str] = frozenset()
    heads: frozenset[str] = frozenset()

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """What of a text with `\\n` line ends stands there because a page ended, with the blank lines around."""
        low = 0
        run: list[tuple[int, int]] = []
        before = ""
        has_number = False
        rows = [*text.split("\n"), None]
        for row in rows:
            inner = row.strip() if row is not None else ""
            if row is not None and (not inner or inner in self.numbers or inner in self.heads):
                has_number = has_number or inner in self.numbers
                run.append((low, low + len(row)))
            else:
                if has_number:
                    yield from _span(text, run, before, inner)
                run, has_number, before = [], False, inner
            low += len(row) + 1 if row is not None else 0

    def around(self, text: str) -> Iterator[tuple[int, int]]:
        """The lines of a text that have to be seen for it: those that may go, the nearest ones, what lies between."""
        lines = [match.span() for match in re.finditer(r"[^\r\n]*\S[^\r\n]*", text)]
        own = self.numbers | self.heads
        for at, (start, end) in enumerate(lines):
            if text[start:end].strip() in own:
                low, high = lines[max(0, at - 1)][0], lines[min(len(lines) - 1, at + 1)][1]
                yield from ((low + line.start(), low + line.end()) for line in re.finditer("(?m)^.*$", text[low:high]))


def _span(text: str, run: Sequence[tuple[int, int]], before: str, after: str) -> Iterator[tuple[int, int]]:
    """All of a run of heads and blank lines where a sentence continues behind it, else all but a blank line."""
    full = [number for number, (start, end) in enumerate(run) if text[start:end].strip()]
    is_bare = all(BARE.fullmatch(text[run[number][0] : run[number][1]]) for number in full)
    if is_bare and len(run) == len(full) and not continues(before, after):
        return
    if before and after and continues(before, after):
        yield run[0][0], run[-1][1] + 1
    else:
        start = run[full[0]][0]
        yield start, min(len(text), run[full[-1]][1] + 1)


def continues(before: str, after: str) -> bool:
    """Whether a line may be continued by another."""
    if not before or not after or before.rstrip(CLOSERS)[-1:] in STOPS:
        return False
    return after[0].islower() or len(before) >= FULL or (len(before) >= FULL // 2 and after[0] >= "\u2e80")


def find_heads(data: bytes) -> PageHeads:
    """The heads and numbers of the pages of a horizon; nothing where it shows no pages."""
    rows = [row.strip() for row in plain_ends(data.decode()).split("\n")]
    lines = [row for row in rows if row]
    numbers: set[int] = set()
    for group in _groups(lines):
        chain = _chain(group)
        if len(chain) >= PAGES and _is_paging(chain, lines):
            numbers.update(line.at for line in chain)
    if not numbers:
        return PageHeads()
    heads = _heads(lines, numbers)
    return PageHeads(frozenset(lines[at] for at in numbers), heads)


def _groups(lines: Sequence[str]) -> list[list[_Line]]:
    """Lines that may hold a page's number, by the words or symbols around it."""
    found: dict[str, list[_Line]] = {}
    for at, text in enumerate(lines):
        if len(text) > LONGEST or not any(char.isdigit() for char in text):
            continue
        if labelled := LABELLED.fullmatch(text):
            key, number = "labelled", next(filter(None, labelled.groups()))
        elif bare := BARE.fullmatch(text):
            key, number = "bare", bare[1]
        elif (words := WITH_WORDS.fullmatch(text)) and not CHAPTER.fullmatch(words[2] or words[3]):
            key, number = words[2] or words[3], words[1] or words[4]
        else:
            continue
        found.setdefault(key.strip(), []).append(_Line(at, text, int(number)))
    alike = [group for key, group in found.items() if key not in ("labelled", "bare") and len(group) > 1]
    groups = [found.get("labelled", []), found.get("bare", []), sorted(line for group in alike for line in group)]
    return [group for group in groups if len(group) >= PAGES]


def _chain(group: Sequence[_Line]) -> list[_Line]:
    """The most lines of a group whose numbers go up by one (by two where left and right pages differ)."""
    apart = 2 if LABELLED.fullmatch(group[0].text) else APART
    last = len(group) - 1  # the last page may be short
    best: list[tuple[int, int]] = []  # how many end here, and the one before
    for here, line in enumerate(group):
        longest = (1, -1)
        for other in range(max(0, here - BACK), here):
            step = line.number - group[other].number
            if 1 <= step <= 2 and (line.at - group[other].at >= apart or here == last) and best[other][0] >= longest[0]:
                longest = (best[other][0] + 1, other)
        best.append(longest)
    at = max(range(len(best)), key=lambda number: best[number][0])
    chain = []
    while at >= 0:
        chain.append(group[at])
        at = best[at][1]
    return chain[::-1]


def _is_paging(chain: Sequence[_Line], lines: Sequence[str]) -> bool:
    if LABELLED.fullmatch(chain[0].text):
        return True
    own = {line.at for line in chain}
    broken = 0
    for line in chain:
        sides = [lines[at] for at in range(max(0, line.at - 2), line.at) if at not in own]
        rest = [lines[at] for at in range(line.at + 1, min(len(lines), line.at + 3)) if at not in own]
        broken += any(continues(before, after) for before in sides for after in rest if before != after)
    return broken >= 2 and broken >= SHARE * len(chain)


def _heads(lines: Sequence[str], numbers: set[int]) -> frozenset[str]:
    """The lines that stand right before or behind the numbers of several pages, and next to those again."""
    heads: set[str] = set()
    for _ in range(2):
        adjacent: Counter[str] = Counter()
        for at in numbers:
            for step in (-1, 1):
                near = at + step
                while 0 <= near < len(lines) and (near in numbers or lines[near] in heads):
                    near += step
                if 0 <= near < len(lines) and _may_be_head(lines[near]):
                    adjacent[lines[near]] += 1
        heads |= {text for text, count in adjacent.items() if count >= max(2, SHARE * len(numbers))}
    often = Counter(lines)
    return frozenset(text for text in heads if often[text] >= PAGES)


def _may_be_head(text: str) -> bool:
    return len(text) <= LONGEST and not text[0].islower() and text[-1] not in STOPS + ",，、;；-"
