"""Lines as they stand on a page: how wide they are, and whether the next word had room."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

LONGEST_WORD = 40
BLANKS = " \t\u3000\u00a0"
STOPS = "。！？!?….：:"
CLAUSES = "；;"
CLOSERS = "”’」』\"'）)】》〉]"
CLOSING = "，。、；：？！”’）》】」』〉…—,.;:?!)]\"'"
NEVER_FIRST = "，。、；：？！”’）》】」』〉"
OPENERS = "“‘「『\"'—"

# The next line's first word, with the punctuation that may not begin a line.
WORD = re.compile(rf"(?:[!-~\u00c0-\u052f\u2018\u2019\uac00-\ud7a3]{{1,{LONGEST_WORD}}}|.)[{NEVER_FIRST}…—]{{0,3}}")
# What begins markup, a quoted mail, a label; and an item of a list or a heading.
MARKUP = re.compile(r"[>|#=【\[\]〔<~_&@{}/\\]")
ITEM = re.compile(
    r"[-*+•·●○◆◇■□▪▶★☆※➢✓√—–]"
    r"|\d{1,3}[.．、）):：]|[(（\[]?[\dA-Za-z一二三四五六七八九十]{1,3}[)）\]、．.]|[①-⑳⑴-⒛㈠-㈩]"
    r"|第[\d〇零一二三四五六七八九十百千]{1,5}[条章节回卷部篇集款项届]|[附注][件：:]|[IVXLC]+\."
)
# What stands in columns, leads to a page number, or is code or data.
APART = re.compile(
    r"\S[ \u3000\u00a0]{3,}\S|\t\S|[|│┃]|[.．·…]{4,}|_{4,}"
    r"|[{}\\]$|[)\]\"'];$|\w\(\)|^\"[^\"\n]*\"[,:]|[\"\]}],$|^(?:https?:)?//\S*$"
)
SIGN = re.compile(r"[ \t\u3000\u00a0|│┃.．·…_{}\\\]);:,/]")  # every match of APART holds one


class LineShape(NamedTuple):
    """A line that is not blank: characters `[start, end)` without the blanks around; `indent` and `width` are measured

    from its beginning. `ended`: a sentence may end there, `apart` that it is none, `blank` that one
    follows.
    """

    start: int
    end: int
    text: str
    indent: int
    width: int
    ended: bool
    apart: bool
    blank: bool


Pair = tuple[LineShape, LineShape]
FitRange = tuple[int, int]  # the widths at which the next word had no room, although the line had


def lines_of(text: str, cells: bool) -> Iterator[LineShape | None]:
    """The lines of `text`; None for one that is blank."""
    start = 0
    for raw in text.split("\n"):
        body = raw.rstrip(BLANKS)
        inner = body.lstrip(BLANKS)
        if inner:
            begin = len(body) - len(inner)
            indent = width_of(body[:begin], cells) if begin else 0
            ended = inner.rstrip(CLOSERS)[-1:] in STOPS
            apart = SIGN.search(inner) is not None and APART.search(inner) is not None
            width = width_of(body, cells)
            yield LineShape(start + begin, start + len(body), inner, indent, width, ended, apart, len(body) < len(raw))
        else:
            yield None
        start += len(raw) + 1


def pairs(text: str, cells: bool) -> Iterator[Pair]:
    """Lines that follow each other."""
    for line, following in pairwise(lines_of(text, cells)):
        if line is not None and following is not None:
            yield line, following


def is_apart(line: LineShape, following: LineShape) -> bool:
    """Whether they belong to a list, a table, a quotation, code: where no line end is left out.

    A sentence that is cut before `第四十条` or `(1)` is no list, unless it begins as an item itself.
    """
    if line.apart or following.apart or MARKUP.match(following.text):
        return True
    ends = line.ended or line.text[-1] in CLAUSES
    return bool(ITEM.match(following.text)) and (ends or bool(ITEM.match(line.text)))


def room(line: LineShape, following: LineShape, cells: bool) -> FitRange:
    """The widths of a page on which `line` has room and the next word has none; closing punctuation may hang over."""
    word = WORD.match(following.text)
    assert word is not None
    needs = width_of(word[0], cells)
    if not is_wide(line.text[-1]) or not is_wide(word[0][0]):
        needs += 1  # the blank that may have stood there
    held = line.text.rstrip(CLOSING)
    hanging = width_of(line.text[len(held) :], cells)
    return line.width - hanging, line.width + line.blank + needs - 1


def width_of(text: str, cells: bool) -> int:
    """In characters, or about in cells: a character of three bytes of UTF-8 takes two, as Chinese ones do."""
    return (len(text.encode()) + len(text)) // 2 if cells else len(text)


def is_wide(char: str) -> bool:
    return char >= "\u2e80" or char in "“”‘’…—·"


def is_hangul(char: str) -> bool:
    return "\uac00" <= char <= "\ud7a3"
