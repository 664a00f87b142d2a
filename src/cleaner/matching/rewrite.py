"""From a rule's regular expression to one that the prefilter takes (decision 0002).

The prefilter only has to find every line on which the rule matches, so what it can't express is left out or widened:
lookarounds, line starts and word boundaries are dropped, possessive quantifiers become plain ones, and classes that
rest on a Unicode table get the characters on which the two libraries disagree. The result matches wherever the rule
does.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ..rules.tokens import CLASS
from .expression import QUANTIFIER, UnsupportedPattern, alternatives, atoms, closing, least, spans_lines

# Where hyperscan's Unicode tables (6.3, combining characters and numbers in other classes) and those of `regex` differ
# for \w \d \s \p{..}: found by scanning every code point with both, then widened to whole ranges. The test
# test_tables_hold_every_character repeats that scan for 24 classes.
DIFFERING = (
    r"\x{aa}\x{b2}-\x{be}\x{2ec}\x{300}-\x{1fff}\x{200c}\x{200d}\x{203f}\x{2040}\x{2054}\x{2070}-\x{218b}"
    r"\x{23fb}-\x{24ff}\x{2776}-\x{2793}\x{2b5a}-\x{2fff}\x{3006}\x{3021}-\x{302f}\x{3036}-\x{303c}\x{3099}\x{309a}"
    r"\x{312e}\x{312f}\x{3192}-\x{32ff}\x{4db6}-\x{4dbf}\x{9fcd}-\x{abff}\x{d7b0}-\x{d7ff}\x{f900}-\x{fb4f}"
    r"\x{fbb2}-\x{fbff}\x{fd40}-\x{fdff}\x{fe00}-\x{fe4f}\x{ff3f}\x{10000}-\x{10ffff}"
)

PROPERTY = re.compile(r"\\[pP](?:\{[^}]*\}|\w)")
TABLED = re.compile(r"\\[wWdDsS]|\\[pP](?:\{[^}]*\}|\w)")
# The same for single classes, which remain one class and cost a third of a widened one.
COMPACT = {
    r"\s": "",
    r"\d": r"\x{10d30}-\x{1fbff}",
    r"\p{Han}": r"\x{4db6}-\x{4dbf}\x{9fcd}-\x{9fff}\x{16fe0}-\x{16fff}\x{2a6d7}-\x{3ffff}",
}
GROUP = re.compile(
    r"\(\?(?:P?<(?P<name>\w+)>|(?P<look>[=!]|<[=!])|(?P<plain>[:>|])|(?P<flags>[a-zA-Z-]+)(?P<end>[:)])|#[^)]*\))"
)
GROUP_HEAD = re.compile(r"\(\?[a-z-]*:")
EMPTY = re.compile(r"(?<!\\)\(\?:\|*\)(?:[*?+]|\{[\d,]*\})?[?+]?")
UNKNOWN_PROPERTIES = re.compile(r"\\p\{(?:Extended_Pictographic|ExtPict|Emoji\w*|Script\w*=|\w+=|In\w+|Block)")
ESCAPED = re.compile(r"\\(?:([^\x00-\x7f])|.)", re.DOTALL)  # hyperscan takes only the first byte of 　 for escaped
PLAIN = re.compile(r"[^\\\[(^*+?{$]+")
COUNTED = 10  # repeats from which on a trigger does not count, a plain choice; `regex` does


@lru_cache(maxsize=4096)
def prefilter_pattern(pattern: str) -> str:
    """An expression for the prefilter that matches on every line on which `pattern` does.

    The text to scan must end with a line end. Raises UnsupportedPattern for backreferences, recursion, set operations
    and anything else that is not understood.
    """
    pattern = ESCAPED.sub(lambda found: found[1] or found[0], pattern)
    out: list[str] = []
    at = 0
    while at < len(pattern):
        plain = PLAIN.match(pattern, at)
        if plain:
            out.append(plain.group())
            at = plain.end()
        else:
            at = _step(pattern, at, out)
    if out and out[-1] == "$":  # a line end is a literal, which costs a scan nothing; blocks end with one
        out[-1] = "" if spans_lines(pattern) else r"\n"  # but \s+$ has taken the line end itself
    return simplified(_uncounted("".join(out)))


def _uncounted(pattern: str) -> str:
    """Without counts over what holds a widened class, also deep inside: `(?:\\w{1,9} ?){9}` took 10 s to compile."""
    if DIFFERING not in pattern:
        return pattern
    parts = []
    for part in alternatives(pattern):
        inner = ((_uncounted_group(atom), count) for atom, count in atoms(part))
        parts.append("".join(atom + (_free(count) if DIFFERING in atom else count) for atom, count in inner))
    return "|".join(parts)


def _uncounted_group(atom: str) -> str:
    head = GROUP_HEAD.match(atom)
    return f"{head[0]}{_uncounted(atom[head.end() : -1])})" if head else atom


def _free(count: str) -> str:
    return count if not count.startswith("{") else "+" if least(count) else "*"


def simplified(pattern: str) -> str:
    """Without groups that lookarounds left empty, and with equal alternatives once, so that rules share expressions."""
    before = ""
    while before != pattern:
        before = pattern
        pattern = EMPTY.sub("", pattern)
        parts = list(dict.fromkeys(alternatives(pattern)))
        pattern = "|".join(parts) if all(parts) else pattern
        if pattern.startswith("(?:") and pattern.endswith(")") and closing(pattern, 3) == len(pattern):
            pattern = pattern[3:-1]
    return pattern


def _step(pattern: str, at: int, out: list[str]) -> int:
    char = pattern[at]
    if char == "\\":
        return _escape(pattern, at, out)
    if char == "[":
        return _class(pattern, at, out)
    if char == "(":
        return _group(pattern, at, out)
    if char == "^":  # several expressions that begin with ^[ \t]* make Vectorscan 5.4.12 miss matches of each other
        out.append("")
        return at + 1
    quantifier = QUANTIFIER.match(pattern, at)
    if quantifier and out:
        after = quantifier.end()
        if out[-1] == "" or out[-1] == "(?:)":  # of something left out
            return after + (pattern[after : after + 1] in ("+", "?"))
        out.append(_widened(quantifier.group()))
        if pattern[after : after + 1] == "?":
            out.append("?")
        return after + (pattern[after : after + 1] in ("+", "?"))
    out.append(char)
    return at + 1


def _widened(quantifier: str) -> str:
    """`{0,40}` becomes `*`: counted gaps over UTF-8 classes take seconds to compile and megabytes to hold."""
    low, comma, high = quantifier.strip("{}").partition(",")
    if quantifier[0] != "{" or not comma or (high and int(high) < COUNTED):
        return quantifier
    return "*" if low in ("", "0") else "+" if low == "1" else f"{{{low},}}" if int(low) < COUNTED else "+"


def _escape(pattern: str, at: int, out: list[str]) -> int:
    code = pattern[at + 1 : at + 2]
    if not code or code in "123456789gkKNLRXh":
        raise UnsupportedPattern("\\" + code)
    if code in "bBAZzGmM":
        out.append("")
        return at + 2
    if code in "uU":
        digits = 4 if code == "u" else 8
        out.append(f"\\x{{{int(pattern[at + 2 : at + 2 + digits], 16):x}}}")
        return at + 2 + digits
    if code == "x" and pattern[at + 2 : at + 3] != "{":
        out.append(f"\\x{{{int(pattern[at + 2 : at + 4], 16):x}}}")
        return at + 4
    if code in "pP":
        found = PROPERTY.match(pattern, at)
        if not found:
            raise UnsupportedPattern(pattern[at:])
        out.append(_tabled(found.group()))
        return found.end()
    if code in "wWdDsS":
        out.append(_tabled(pattern[at : at + 2]))
        return at + 2
    out.append(pattern[at : at + 2])
    return at + 2


def _tabled(expression: str) -> str:
    if UNKNOWN_PROPERTIES.match(expression):
        return r"[^\n]"
    tables = set(TABLED.findall(expression))
    if not expression.startswith("[^") and tables <= COMPACT.keys():
        body = expression[1:-1] if expression.startswith("[") else expression
        return "[" + body + "".join(COMPACT[table] for table in sorted(tables)) + "]"
    return f"(?:{expression}|[{DIFFERING}])"


def _class(pattern: str, at: int, out: list[str]) -> int:
    found = CLASS.match(pattern, at)
    if not found or re.search(r"&&|--|\|\||~~|\[:", found.group()[1:]):
        raise UnsupportedPattern(pattern[at:])
    body = re.sub(r"\\u([0-9a-fA-F]{4})", r"\\x{\1}", found.group())
    body = re.sub(r"\\U([0-9a-fA-F]{8})", lambda m: f"\\x{{{int(m.group(1), 16):x}}}", body)
    body = re.sub(r"\\h", r" \\t\\x{a0}\\x{3000}", body)
    if UNKNOWN_PROPERTIES.search(body):
        body = r"[^\n]"
    out.append(_tabled(body) if TABLED.search(body) else body)
    return found.end()


def _group(pattern: str, at: int, out: list[str]) -> int:
    if pattern.startswith("(*", at):
        raise UnsupportedPattern("(*")
    if not pattern.startswith("(?", at):
        out.append("(?:")
        return at + 1
    found = GROUP.match(pattern, at)
    if not found:
        raise UnsupportedPattern(pattern[at:])
    if found["look"]:
        out.append("")
        return closing(pattern, found.end())
    if found["flags"]:
        if set(found["flags"]) - set("imsu"):
            raise UnsupportedPattern(found.group())
        flags = found["flags"].translate({ord("m"): "", ord("u"): ""})  # both are always on
        out.append(f"(?{flags}{found['end']}" if flags or found["end"] == ":" else "")
    elif found["name"] or found["plain"]:
        if found["plain"] == "|":
            raise UnsupportedPattern("(?|")
        out.append("(?:")
    return found.end()
