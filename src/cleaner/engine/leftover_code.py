"""Scripts and style sheets that an exporter left in a text: runs of code in a document that is prose."""

from __future__ import annotations

import re

CODE = re.compile(
    r"[ \t\u3000]*(?://.*|[^\u3000-\u9fff]*[;{}>]|[^。！？\n]{0,120}(?:\);|;|\{|\}|\}\)|\);?\s*//.*)|</?\w[^<>]*>)\s*"
)
# What only a script or a style sheet of a page holds.
STRONG = re.compile(
    r"&nbsp;=|=&nbsp;|\$\(|\bvar\b|document\.|window\.|\bfunction\b|getCookie|setCookie|\.css\(|\.click\(|<script|<style"
    r"|font-(?:size|family):|line-height:|(?:margin|padding)(?:-\w+)?:|text-align:|background(?:-color)?:"
)
# What makes it a reading site's: an author's listing of code does not write its blanks as entities.
SITE = re.compile(r"&nbsp;|cookie|chapter|book|read|font|adsense|cnzz|_hmt|baidu|google", re.IGNORECASE)
LEAST, CERTAIN, OF_SITE = (
    3,
    2,
    2,
)  # lines of a run: in all, with what only code holds, with what only a site's holds
MOST = 0.1  # of the lines of a document: one with more is about code
FEWEST = 40  # lines of such a document
HINTS = (b"$(", b"var&nbsp;", b"var ", b"function", b"{font", b"-size:", b"document.")


def find_code(data: bytes) -> frozenset[str]:
    """The lines of code of a horizon that an exporter left there, without the blanks around them."""
    if not any(hint in data for hint in HINTS):
        return frozenset()
    lines = [line for row in data.decode().split("\n") if (line := row.strip())]
    if len(lines) < FEWEST:
        return frozenset()
    is_code = [CODE.fullmatch(line) is not None for line in lines]
    if sum(is_code) > MOST * len(lines):
        return frozenset()
    found: set[str] = set()
    run: list[str] = []
    for line, code in zip([*lines, ""], [*is_code, False], strict=True):
        if code:
            run.append(line)
            continue
        if len(run) >= LEAST and _count(STRONG, run) >= CERTAIN and _count(SITE, run) >= OF_SITE:
            found.update(run)
        run = []
    return frozenset(found)


def _count(pattern: re.Pattern[str], lines: list[str]) -> int:
    return sum(pattern.search(line) is not None for line in lines)
