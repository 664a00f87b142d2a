"""Text of strangers, made safe and visible: no control character and no escape sequence ever reaches a terminal."""

from __future__ import annotations

import re
from functools import lru_cache

import wcwidth

from ..model.errors import CleanerError
from .i18n import t

NAMES = {
    0x00AD: "SHY", 0x034F: "CGJ", 0x061C: "ALM", 0x180E: "MVS", 0x200B: "ZWSP", 0x200C: "ZWNJ", 0x200D: "ZWJ",
    0x200E: "LRM", 0x200F: "RLM", 0x2028: "LS", 0x2029: "PS", 0x202A: "LRE", 0x202B: "RLE", 0x202C: "PDF",
    0x202D: "LRO", 0x202E: "RLO", 0x2060: "WJ", 0x2066: "LRI", 0x2067: "RLI", 0x2068: "FSI", 0x2069: "PDI",
    0xFEFF: "BOM", 0x00A0: "NBSP", 0x202F: "NNBSP", 0x3000: "IDSP", 0x0009: "TAB", 0x000A: "LF", 0x000D: "CR",
    0x001B: "ESC", 0x0000: "NUL", 0x0085: "NEL", 0x0020: "SP",
}  # fmt: skip
# ZWJ, ZWNJ and variation selectors are shown where they join something visible: a terminal draws what they mean.
HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\xa0\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2028-\u202f"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff\ue000-\uf8ff\ud800-\udfff]"
)
LONGEST = 400  # columns of a text that is quoted
JOINERS = "\u200c\u200d" + "".join(map(chr, range(0xFE00, 0xFE10)))  # joining nothing, they are badges too


def badge(char: str) -> str:
    """A name for an invisible character."""
    code = ord(char)
    if code in NAMES:
        return NAMES[code]
    if code < 0x20:
        return "^" + chr(code + 64)
    if 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF:
        return f"VS{code - 0xFE00 + 1 if code < 0xFE10 else code - 0xE0100 + 17}"
    if 0xE0020 < code < 0xE007F:
        return f"TAG-{chr(code - 0xE0000)}"
    return f"U+{code:04X}"


def split_hidden(text: str) -> list[tuple[str, bool]]:
    """`text` in pieces, each with whether it is the badge of a hidden character."""
    if not text.strip(JOINERS):
        return [(badge(char), True) for char in text]
    parts: list[tuple[str, bool]] = []
    at = 0
    for found in HIDDEN.finditer(text):
        if found.start() > at:
            parts.append((text[at : found.start()], False))
        parts.append((badge(found.group()), True))
        at = found.end()
    if at < len(text):
        parts.append((text[at:], False))
    return parts


def plain(text: str) -> str:
    """`text` on one line with hidden characters as `<ZWSP>`."""
    return "".join(f"<{part}>" if hidden else part for part, hidden in split_hidden(text))


def quoted(text: str) -> str:
    """A piece of a text in quotes, on one line, the end of a long one left out."""
    return f"'{clipped(plain(text), LONGEST)}'"


def rules_counted(count: int) -> str:
    return f"{count:,} {t('rule') if count == 1 else t('rules')}"


def path(name: str) -> str:
    """A file name for people; bytes that are no text come out as `\\xNN`."""
    return plain(name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace"))


def problem(why: CleanerError, name: str = "") -> list[str]:
    """Lines that say what is wrong with an input, or with the command line."""
    where = path(why.where or name)
    first, *more = t(why.what).split("\n")
    lines = [f"{t('error')}: {where}: {plain(first)}" if where else f"{t('error')}: {plain(first)}"]
    lines += map(plain, more)
    return [*lines, f"  {t('help')}: {plain(t(why.hint))}"] if why.hint else lines


@lru_cache(maxsize=4096)
def cells(grapheme: str) -> int:
    """How many columns a terminal gives a grapheme, one character or several joined; 1 where its width is ambiguous."""
    return max(wcwidth.wcswidth(grapheme), 0)


def width(text: str) -> int:
    """Columns of a text."""
    return sum(map(cells, wcwidth.iter_graphemes(text)))


def padded(text: str, columns: int) -> str:
    """`text` with blanks behind it to fill so many columns."""
    return text + " " * (columns - width(text))


def clipped(text: str, columns: int) -> str:
    """As much of `text` as fits, ending in `~` where something is cut."""
    if width(text) <= columns:
        return text
    out, used = [], 1
    for char in text:
        used += cells(char)
        if used > columns:
            break
        out.append(char)
    return "".join(out) + "~"


def ending(text: str, columns: int) -> str:
    """The end of a long path, which says more than its beginning."""
    if width(text) <= columns:
        return text
    used, at = 3, len(text)
    while at > 0 and used + cells(text[at - 1]) <= columns:
        at -= 1
        used += cells(text[at])
    return "..." + text[at:]
