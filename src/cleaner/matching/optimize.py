"""A rule's expression in a form that `regex` is faster with. It matches the same."""

from __future__ import annotations

import re

from .expression import TOKEN, UnsupportedPattern, alternatives, closing, edge_characters, without_contexts

# `regex` skips to the characters a match may begin with, but not where one of them is a class of one range:
# (?:验证码|[0-9]+赞) is looked for at every character, (?:验证码|[0-90]+赞) ten times as fast.
ONE_RANGE = re.compile(r"(?<!\\)\[([^\]\\^\[])-([^\]\\])\]")
# It does not see that (?=[^\n]{5,160}$) can't hold with fewer characters than it took first, and tries all.
TO_LINE_END = re.compile(r"(?<!\\)(\[\^\\n(?:\\.|[^\]\\])*\](?:[*+]|\{\d*,\d*\}))\$")
LOOKBEHIND = re.compile(r"(?<!\\)\(\?<[=!]")
MANY = 8  # alternatives, which it tries one by one (12 ns each, decision 0082) wherever the group may begin
END = re.compile(r"(?<!\\)\$")  # also where there is no character


def optimized(expression: str) -> str:
    return _guarded(_kept_to_line_end(ONE_RANGE.sub(r"[\1-\2\1]", expression)))


def _kept_to_line_end(expression: str) -> str:
    """Possessive before a line end; not in a lookbehind, which is matched from its end: (?<=ab[^\\n]*$\\n)."""
    try:
        behind = [(found.start(), closing(expression, found.end())) for found in LOOKBEHIND.finditer(expression)]
    except UnsupportedPattern:
        return expression

    def kept(found: re.Match[str]) -> str:
        inside = any(start < found.start() < end for start, end in behind)
        return found[0] if inside else f"{found[1]}+$"

    return TO_LINE_END.sub(kept, expression)


def _guarded(expression: str) -> str:
    """With a lookahead for the first character before each group of many alternatives."""
    added: list[tuple[int, str]] = []
    for found in TOKEN.finditer(expression):
        at = found.start()
        if found.group() != "(" or not expression.startswith("(?:", at):
            continue
        try:
            end = closing(expression, at + 1)
            first = _first(expression[at:end])
        except UnsupportedPattern:
            continue
        if first:
            added += [(at + 3, f"(?={first})(?:"), (end - 1, ")")]
    parts, at = [], 0
    for place, text in sorted(added, key=lambda one: one[0]):
        parts += [expression[at:place], text]
        at = place
    return "".join([*parts, expression[at:]])


def _first(group: str) -> str:
    """A class of all characters with which a group of many alternatives may begin; "" if they are unknown.

    Raises UnsupportedPattern.
    """
    if len(alternatives(group[3:-1])) < MANY or END.search(group):
        return ""
    members: list[str] = []
    for one in alternatives(edge_characters(without_contexts(group)) or "."):
        if one.startswith("[") and not one.startswith("[^"):
            members.append(one[1:-1])
        elif one.startswith("\\") or (len(one) == 1 and one != "."):
            members.append("\\" + one if one in "]^-[" else one)
        else:
            return ""
    return "[" + "".join(dict.fromkeys(members)) + "]"
