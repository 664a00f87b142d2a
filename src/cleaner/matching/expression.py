"""Parses regular expressions as text: alternatives, the atoms in them, their quantifiers."""

from __future__ import annotations

import re

from ..rules.tokens import CLASS, ESCAPE

TOKEN = re.compile(rf"{ESCAPE.pattern}|{CLASS.pattern}|[()|]", re.DOTALL)
REPEAT = re.compile(r"((?:[*+?]|\{\d*,?\d*\})\+?)\??")
QUANTIFIER = re.compile(r"(?:[*+?]|\{\d*,?\d*\})")
LINE_END = r"\\n|\n"
MANY = 8  # line ends that a match may hold where a class may match one: a plain choice
FAR = 40  # the same where lines repeat, `(?:[^\n]*\n)*`: a plain choice
NEGATED = re.compile(r"\[\^(?:\\.|[^\]\\])*\]")
MAY_HOLD_LINE_ENDS = re.compile(r"\\[svDWPR]|\(\?[a-zA-Z]*s[a-zA-Z]*[:)]")


class UnsupportedPattern(ValueError):
    """No prefilter takes this expression, not even widened."""


def alternatives(pattern: str) -> list[str]:
    """The alternatives at the top of a pattern."""
    if "|" not in pattern:
        return [pattern]
    parts, start, depth = [], 0, 0
    for found in TOKEN.finditer(pattern):
        token = found.group()
        depth += (token == "(") - (token == ")")
        if token == "|" and not depth:
            parts.append(pattern[start : found.start()])
            start = found.end()
    if depth > 0:
        raise UnsupportedPattern("a group is not closed")
    return [*parts, pattern[start:]]


def behind(pattern: str, at: int) -> int:
    """The position after the atom that begins at `at`: an escape, a class, a group or a character."""
    if pattern[at] == "(":
        return closing(pattern, at + 1)
    found = TOKEN.match(pattern, at)
    return found.end() if found else at + 1


def closing(pattern: str, at: int) -> int:
    """The position after the parenthesis that closes the group whose inside begins at `at`."""
    depth = 1
    for found in TOKEN.finditer(pattern, at):
        token = found.group()
        depth += (token == "(") - (token == ")")
        if not depth:
            return found.end()
    raise UnsupportedPattern("a group is not closed")


Atom = tuple[str, str]  # an escape, a class, a group or a character, and its quantifier


def atoms(pattern: str) -> list[Atom]:
    """The atoms at the top of a pattern without alternatives; lazy quantifiers are given as greedy ones."""
    found: list[Atom] = []
    at = 0
    while at < len(pattern):
        start = at
        at = behind(pattern, at)
        quantifier = REPEAT.match(pattern, at)
        found.append((pattern[start:at], quantifier[1] if quantifier else ""))
        at = quantifier.end() if quantifier else at
    return found


def least(count: str) -> int:
    if count.startswith("{"):
        return int(count.strip("{}+").partition(",")[0] or 0)
    return int(count in ("", "+", "++"))


def times(count: int) -> str:
    return "" if count == 1 else f"{{{count}}}"


def as_python(pattern: str) -> str:
    r"""`\x{..}` is how hyperscan writes a character; `re` and `regex` want `\U........`."""
    return re.sub(r"\\x\{([0-9a-fA-F]+)\}", lambda found: f"\\U{int(found[1], 16):08x}", pattern)


def edge_characters(pattern: str, last: bool = False) -> str | None:
    """An expression for every character with which a match of a rewritten pattern may begin (or end), as alternatives.

    None where they are unknown, as for a pattern that may be empty.
    """
    edges, empty = _edges(pattern, last)
    return None if empty else "|".join(dict.fromkeys(edges))


def _edges(pattern: str, last: bool) -> tuple[list[str], bool]:
    """The characters at one end, and whether there may be none."""
    edges: list[str] = []
    empty = False
    for part in alternatives(pattern):
        parts = atoms(part)
        for atom, count in reversed(parts) if last else parts:
            found, nothing = _edge(atom, last)
            edges += found
            if least(count) and not nothing:
                break
        else:
            empty = True
    return edges, empty


def _edge(atom: str, last: bool) -> tuple[list[str], bool]:
    if atom.startswith("("):
        return _edges(atom[3:-1], last) if atom.startswith("(?:") else ([], True)
    if atom in ("^", "$"):
        return ([r"\n"], last) if atom == "$" else ([], True)
    return [as_python(atom)], False


def single_characters(pattern: str) -> list[str]:
    """The characters of a class that names each of its own, as written there; none for any other pattern."""
    if not is_class(pattern):
        return []
    tokens = re.findall(r"\\x(?:\{[0-9a-fA-F]+\}|[0-9a-fA-F]{2})|\\.|[^\\]", pattern[1:-1], re.DOTALL)
    ranges = "-" in tokens[1:-1] or any(token[0] == "\\" and token[1] in "dDwWsSpPhHvVRX0123456789" for token in tokens)
    return [] if ranges else tokens


def is_class(pattern: str) -> bool:
    r"""Whether it is one class of characters that can be joined with others for `re`, which knows no \p{M}."""
    return bool(CLASS.fullmatch(pattern)) and not pattern.startswith("[^") and "\\p" not in pattern.lower()


def spans_lines(pattern: str) -> int:
    """How many line ends a match may hold; MANY or FAR where that is unknown."""
    if not ("\\" in pattern or "\n" in pattern or "[^" in pattern or "(?" in pattern):
        return 0  # most are texts, and there are thousands
    if MAY_HOLD_LINE_ENDS.search(NEGATED.sub(_line_end_or_nothing, pattern)):
        return MANY
    bare = NEGATED.sub("", pattern)
    return FAR if _repeats_lines(bare) else len(re.findall(LINE_END, bare))


def lines_before(pattern: str) -> int:
    """How many lines before the one on which a match ends may belong to it. Its own line end is no line before it."""
    count = spans_lines(pattern)
    closed = 0 < count < MANY and all(part.endswith(r"\n") for part in alternatives(pattern))
    return count - closed


def _repeats_lines(pattern: str) -> bool:
    """Whether a line end, or a group with one, may repeat."""
    if re.search(rf"(?:{LINE_END})[*+{{]|\[[^\]]*\\n", pattern):
        return True
    inside: list[bool] = []  # for each open group: holds a line end
    for found in re.finditer(rf"(?P<end>{LINE_END})|\\.|(?P<open>\()|\)(?P<times>[*+{{]?)", pattern):
        if found["end"]:
            inside = [True] * len(inside)
        elif found["open"]:
            inside.append(False)
        elif found["times"] is not None and inside and inside.pop() and found["times"]:
            return True
    return False


def _line_end_or_nothing(found: re.Match[str]) -> str:
    return "" if re.search(r"\\[ns]", found.group()) else r"\s"
