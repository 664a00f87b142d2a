"""Normalized text: a text without disguises, and where each of its characters came from.

A new deobfuscation is one row of DEOBFUSCATIONS: what the prefilter scans for, and how the disguise is undone. A row
only changes text that its own pattern `finds`, so the normalized form of a text without disguises is the text itself.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping

import msgspec

from ..model.lines import plain_ends

# Cyrillic, Greek and other letters that look like Latin ones, and what they are used for: a list of our own.
ALIKE = str.maketrans(
    "АВЕЅІЈКМНОРСТХУԌԛԜаеѕіјкморстхуԁһԝɡɑοаΑΒΕΖΗΙΚΜΝΟΡΤΥΧορνɩⅰⅼⅽⅾⅿοТтԚ",
    "ABESIJKMHOPCTXYGqWaesijkmopctxydhwgaoaABEZHIKMNOPTYXopviilcdmoTtQ",
)
FULLWIDTH_CODES = (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))  # digits and letters
WIDE: dict[int, int | str] = {code: code - 0xFEE0 for code in FULLWIDTH_CODES}
WIDE |= {0xFF0E: ".", 0xFF0F: "/", 0xFF1A: ":", 0xFF0D: "-", 0xFF3F: "_", 0xFF20: "@"}
BETWEEN = r"*＊.．•,\-_|｜~～/／\\^#＋+=＝"  # seen between the letters of 小*说*天*堂 and w。w。w
LETTER = r"[A-Za-z0-9\u4e00-\u9fff\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]"
WORD = r"[A-Za-z\u4e00-\u9fff\uff21-\uff3a\uff41-\uff5a]"
DOTS = r"[。．.,，、·=＝]"
DOMAIN = r"(?:com|net|org|cn|cc|la|info|tw|me|xyz|top|vip)"


class Deobfuscation(msgspec.Struct, frozen=True):
    """One disguise: `suspicious` is the expression that is scanned for, `finds` matches the disguise.

    `without` gives the normalized text of one match as (offset in the match, characters) pairs.
    """

    name: str
    finds: str
    suspicious: str
    without: Callable[[str], list[tuple[int, str]]]


def _translated(table: Mapping[int, int | str]) -> Callable[[str], list[tuple[int, str]]]:
    return lambda text: [(at, char.translate(table)) for at, char in enumerate(text)]


def _letters_only(text: str) -> list[tuple[int, str]]:
    return [(at, char) for at, char in enumerate(text) if char.isalnum()]


def _no_blanks(text: str) -> list[tuple[int, str]]:
    return [(at, char) for at, char in enumerate(text) if not char.isspace()]


def _dotted(text: str) -> list[tuple[int, str]]:
    return [(at, char if char.isalnum() else ".") for at, char in enumerate(text)]


WIDE_LETTER = "[Ａ-Ｚａ-ｚ]"
FOREIGN = r"[\u0370-\u052f\u0261\u0251]"

# In this order: each row sees the text that the one before it left.
DEOBFUSCATIONS: tuple[Deobfuscation, ...] = (
    # ｗｗｗ．ｓｉｔｅ．ｃｏｍ and Ｗww; one full-width letter, full-width digits and punctuation are normal Chinese
    Deobfuscation(
        "width",
        rf"[A-Za-z0-9.．:：/／@_－＿-]*(?:[A-Za-z.．/:]{WIDE_LETTER}|{WIDE_LETTER}[A-Za-z.．Ａ-Ｚａ-ｚ])"
        r"[A-Za-z0-9Ａ-Ｚａ-ｚ０-９.．:：/／@_＠－＿-]*",
        rf"[A-Za-z.．/:]{WIDE_LETTER}|{WIDE_LETTER}[A-Za-z.．Ａ-Ｚａ-ｚ]",
        _translated(WIDE),
    ),
    # аbс.соm with Cyrillic letters: a word of two scripts
    Deobfuscation(
        "alike",
        rf"(?:[A-Za-z0-9.]+{FOREIGN}|{FOREIGN}+[A-Za-z0-9.])[A-Za-z0-9.\u0370-\u052f\u0261\u0251]*",
        rf"[A-Za-z0-9.]{FOREIGN}|{FOREIGN}[A-Za-z0-9.]",
        _translated(ALIKE),
    ),
    # w w w . s i t e . c o m and 最 新 章 节
    Deobfuscation(
        "blanks",
        rf"(?:{LETTER}|[.:/@])(?:[ \u3000](?:{LETTER}|[.:/@])){{4,}}(?!{LETTER})",
        "".join([rf"[ \u3000](?:{LETTER}|[.:/@])"] * 4),
        _no_blanks,
    ),
    # www。site。com, www。site=net: something else for the dot
    Deobfuscation(
        "dots",
        rf"(?i:www|wap|bbs){DOTS}{{1,2}}[A-Za-z0-9-]{{2,24}}{DOTS}{{1,2}}{DOMAIN}(?![A-Za-z])",
        rf"(?i:www|wap|bbs){DOTS}{{1,2}}[A-Za-z0-9-]{{2,24}}{DOTS}{{1,2}}{DOMAIN}",
        _dotted,
    ),
    # 小*说*天*堂, t,xt,小,说天,堂; not 春，夏，秋，冬 and no digits
    Deobfuscation(
        "between",
        rf"(?:{WORD}{{1,2}}[{BETWEEN}]{{1,2}}){{3,}}{WORD}{{1,2}}(?!{WORD})",
        rf"[{BETWEEN}]{WORD}{{1,2}}[{BETWEEN}]{{1,2}}{WORD}{{1,2}}[{BETWEEN}]{{1,2}}{WORD}",
        _letters_only,
    ),
)


class NormalizedText:
    """A text and, after each `take_off` of one disguise, the way back to its original characters."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._maps: list[tuple[list[int], list[int]]] = []  # per disguise: where each piece begins, after and before

    @property
    def differs(self) -> bool:
        return bool(self._maps)

    def take_off(self, row: Deobfuscation) -> None:
        pieces: list[str] = []
        after: list[int] = []
        before: list[int] = []
        at = length = 0
        for found in re.finditer(row.finds, self.text, re.MULTILINE):
            start = found.start()
            pieces.append(self.text[at:start])
            after.append(length)
            before.append(at)
            length += start - at
            for offset, char in row.without(found.group()):
                pieces.append(char)
                after.append(length)
                before.append(start + offset)
                length += 1
            at = found.end()
        if not pieces:
            return
        pieces.append(self.text[at:])
        self._maps.append(([*after, length], [*before, at]))
        self.text = "".join(pieces)

    def back(self, start: int, end: int) -> tuple[int, int]:
        """The characters of the original that `[start, end)` of the normalized text stand for."""
        last = end - 1
        for after, before in reversed(self._maps):
            start, last = (before[(n := bisect_right(after, at) - 1)] + at - after[n] for at in (start, last))
        return start, last + 1


class NewlineView:
    """A text with `\\n` for every line end, which is what rules match, and the way back to its characters."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.is_identity = "\r" not in text  # positions are those of the text itself
        self._newline = "\n" if self.is_identity else "\r\n" if "\r\n" in text else "\r"
        self._cut: list[int] = []  # positions in the plain text before which a \r was dropped
        if not self.is_identity:
            for dropped, found in enumerate(re.finditer(r"\r\n", text)):
                self._cut.append(found.start() - dropped)
            self.text = plain_ends(text)

    def forth(self, at: int) -> int:
        """Where character `at` of the text stands in the plain text."""
        return at - bisect_left(range(len(self._cut)), at, key=lambda number: self._cut[number] + number)

    def with_ends(self, written: str) -> str:
        """What a rule writes, with the line ends of the text."""
        return written if self.is_identity else written.replace("\n", self._newline)

    def back(self, start: int, end: int) -> tuple[int, int]:
        """A line end of the plain text stands for all of `\\r\\n`."""
        if not self._cut:
            return start, end
        return start + bisect_right(self._cut, start - 1), end + bisect_right(self._cut, end - 1)
