"""From a rule's regular expression to one that the scanner takes.

The scanner only has to wake every line on which the rule would match, so what it can't express is left out or
widened: lookarounds, line starts and word boundaries go, possessive quantifiers become plain ones, and classes that
rest on a Unicode table get the characters on which the two libraries disagree. The result matches wherever the rule
does.
"""

from __future__ import annotations

import re

# Where hyperscan's Unicode tables (6.3, marks and numbers counted otherwise) and those of `regex` differ for
# \w \d \s \p{..}: found by scanning every code point with both, then widened to whole ranges. Checked by a test.
DIFFERING = (
    r"\x{aa}\x{b2}-\x{be}\x{2ec}\x{300}-\x{1fff}\x{200c}\x{200d}\x{203f}\x{2040}\x{2054}\x{2070}-\x{218b}"
    r"\x{23fb}-\x{24ff}\x{2776}-\x{2793}\x{2b5a}-\x{2fff}\x{3006}\x{3021}-\x{302f}\x{3036}-\x{303c}\x{3099}\x{309a}"
    r"\x{312e}\x{312f}\x{3192}-\x{32ff}\x{4db6}-\x{4dbf}\x{9fcd}-\x{abff}\x{d7b0}-\x{d7ff}\x{f900}-\x{fb4f}"
    r"\x{fbb2}-\x{fbff}\x{fd40}-\x{fdff}\x{fe00}-\x{fe4f}\x{ff3f}\x{10000}-\x{10ffff}"
)

CLASS = re.compile(r"\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]", re.DOTALL)
PROPERTY = re.compile(r"\\[pP](?:\{[^}]*\}|\w)")
TABLED = re.compile(r"\\[wWdDsS]|\\[pP](?:\{[^}]*\}|\w)")
# The same for single classes, which stay one class and cost a third of a widened one.
COMPACT = {
    r"\s": "",
    r"\d": r"\x{10d30}-\x{1fbff}",
    r"\p{Han}": r"\x{4db6}-\x{4dbf}\x{9fcd}-\x{9fff}\x{16fe0}-\x{16fff}\x{2a6d7}-\x{3ffff}",
}
GROUP = re.compile(
    r"\(\?(?:P?<(?P<name>\w+)>|(?P<look>[=!]|<[=!])|(?P<plain>[:>|])|(?P<flags>[a-zA-Z-]+)(?P<end>[:)])|#[^)]*\))"
)
ESCAPE = re.compile(r"\\(?:x\{[0-9a-fA-F]+\}|[pP]\{[^}]*\}|.)", re.DOTALL)
EMPTY = re.compile(r"(?<!\\)\(\?:\|*\)(?:[*?+]|\{[\d,]*\})?[?+]?")
QUANTIFIER = re.compile(r"(?:[*+?]|\{\d*,?\d*\})")
UNKNOWN_PROPERTIES = re.compile(r"\\p\{(?:Extended_Pictographic|ExtPict|Emoji\w*|Script\w*=|\w+=|In\w+|Block)")


LINE_END = r"\\n|\n"
MANY = 8  # line ends, where a class may hold one
FAR = 40  # where lines repeat: `(?:[^\n]*\n)*`
NEGATED = re.compile(r"\[\^(?:\\.|[^\]\\])*\]")
MAY_HOLD_LINE_ENDS = re.compile(r"\\[svDWPR]|\(\?[a-zA-Z]*s[a-zA-Z]*[:)]")
FEW = 12  # characters of a class that are looked for one by one
COUNTED = 10  # repeats from which on the scanner does not count; `regex` does


class Unscannable(ValueError):
    """The scanner can't take this expression, not even widened."""


def scanner_pattern(pattern: str) -> str:
    """An expression for the scanner that matches on every line on which `pattern` matches.

    The text to scan must end with a line end.

    Raises Unscannable for backreferences, recursion, set operations and anything else not understood.
    """
    out: list[str] = []
    at = 0
    while at < len(pattern):
        at = _step(pattern, at, out)
    if out and out[-1] == "$":  # a line end is a literal, which costs the scanner nothing; blocks end with one
        out[-1] = "" if spans_lines(pattern) else r"\n"  # but \s+$ has taken the line end itself
    return _simplified("".join(out))


def _simplified(pattern: str) -> str:
    """Without groups that lookarounds left empty, and with equal alternatives once, so that rules share expressions."""
    before = ""
    while before != pattern:
        before = pattern
        pattern = EMPTY.sub("", pattern)
        parts = list(dict.fromkeys(_alternatives(pattern)))
        pattern = "|".join(parts) if all(parts) else pattern
        if pattern.startswith("(?:") and pattern.endswith(")") and _closing(pattern, 3) == len(pattern):
            pattern = pattern[3:-1]
    return pattern


def _alternatives(pattern: str) -> list[str]:
    """The alternatives at the top of a pattern."""
    parts, start, at = [], 0, 0
    while at < len(pattern):
        if pattern[at] == "|":
            parts.append(pattern[start:at])
            start = at + 1
        at = _behind(pattern, at)
    return [*parts, pattern[start:]]


def _behind(pattern: str, at: int) -> int:
    """The place behind the thing that begins at `at`: an escape, a class, a group or a character."""
    if pattern[at] == "(":
        return _closing(pattern, at + 1)
    found = {"\\": ESCAPE, "[": CLASS}[pattern[at]].match(pattern, at) if pattern[at] in "\\[" else None
    return found.end() if found else at + 1


def scanner_patterns(pattern: str) -> list[str]:
    """The same as several expressions, each as short as it can be and still fire on the same lines.

    What may be missing at either end tells nothing, and a class of a few characters is as many texts, which the
    scanner finds almost for nothing (0.01 ns a byte each; a class of its own costs 0.15). Raises Unscannable.
    """
    if spans_lines(pattern):  # every end tells of one more line that belongs to the match
        return [scanner_pattern(pattern)]
    short = [_shortened(_atoms(part)) for part in _alternatives(scanner_pattern(pattern))]
    if not all(short):
        raise Unscannable(pattern)  # it may match nothing but a place
    single = [atoms[0] for atoms in short if len(atoms) == 1]
    kept = [atoms for atoms in short if len(atoms) == 1 or not any(atom in atoms for atom in single)]
    texts = [_simplified("".join(atom + count for atom, count in atoms)) for atoms in kept]
    return list(dict.fromkeys(one for text in texts for part in _alternatives(text) for one in _expanded(part)))


Atom = tuple[str, str]  # an expression for one thing, and how often


def _atoms(pattern: str) -> list[Atom]:
    """The things that follow each other at the top of a rewritten pattern without alternatives."""
    atoms: list[Atom] = []
    at = 0
    while at < len(pattern):
        start = at
        at = _behind(pattern, at)
        quantifier = QUANTIFIER.match(pattern, at)
        count = quantifier.group() if quantifier else ""
        atoms.append((pattern[start:at], count))
        at += len(count) + (bool(count) and pattern[at + len(count) : at + len(count) + 1] == "?")
    return atoms


def _shortened(atoms: list[Atom]) -> list[Atom]:
    if any(atom.startswith("(?") and not atom.startswith("(?:") for atom, _ in atoms):
        return atoms  # a flag counts for what follows it
    while atoms and not _least(atoms[-1][1]):
        atoms = atoms[:-1]
    while atoms and not _least(atoms[0][1]):
        atoms = atoms[1:]
    if not atoms:
        return []
    atoms = [*atoms[:-1], (atoms[-1][0], _times(_least(atoms[-1][1])))]
    return [(atoms[0][0], _times(_least(atoms[0][1]))), *atoms[1:]]


def _least(count: str) -> int:
    return int(count[1:-1].partition(",")[0] or 0) if count.startswith("{") else int(count in ("", "+"))


def _times(count: int) -> str:
    return "" if count == 1 else f"{{{count}}}"


def _expanded(pattern: str) -> list[str]:
    """A class of a few single characters as those characters."""
    body = pattern[1:-1]
    if CLASS.fullmatch(pattern) and 1 < len(body) <= FEW and not re.search(r"[\\\[\]^-]", body):
        return [re.escape(char) for char in body]
    return [pattern]


def as_python(pattern: str) -> str:
    r"""`\x{..}` is how hyperscan writes a character; `re` and `regex` want `\U........`."""
    return re.sub(r"\\x\{([0-9a-fA-F]+)\}", lambda found: f"\\U{int(found[1], 16):08x}", pattern)


def first_characters(pattern: str) -> str | None:
    """The inside of a class that holds every character with which a match of a rewritten pattern may begin."""
    bodies = []
    for part in _alternatives(pattern):
        atoms = _atoms(part)
        if not atoms or not _least(atoms[0][1]) or atoms[0][0] in ("^", "$", "."):
            return None
        atom = atoms[0][0]
        inner = first_characters(atom[3:-1]) if atom.startswith("(?:") else None
        if atom.startswith("[^") or (atom.startswith("(") and inner is None):
            return None
        bodies.append(inner or (atom[1:-1] if atom.startswith("[") else atom))
    return "".join(bodies)


def is_class(pattern: str) -> bool:
    """Whether it is one class of characters that can be joined with others."""
    return bool(CLASS.fullmatch(pattern)) and not pattern.startswith("[^")


def spans_lines(pattern: str) -> int:
    """How many line ends a match may hold; MANY or FAR where there is no telling."""
    if MAY_HOLD_LINE_ENDS.search(NEGATED.sub(_line_end_or_nothing, pattern)):
        return MANY
    bare = NEGATED.sub("", pattern)
    return FAR if _repeats_lines(bare) else len(re.findall(LINE_END, bare))


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
        raise Unscannable("\\" + code)
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
            raise Unscannable(pattern[at:])
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
        raise Unscannable(pattern[at:])
    body = re.sub(r"\\u([0-9a-fA-F]{4})", r"\\x{\1}", found.group())
    body = re.sub(r"\\U([0-9a-fA-F]{8})", lambda m: f"\\x{{{int(m.group(1), 16):x}}}", body)
    body = re.sub(r"\\h", r" \\t\\x{a0}\\x{3000}", body)
    if UNKNOWN_PROPERTIES.search(body):
        body = r"[^\n]"
    out.append(_tabled(body) if TABLED.search(body) else body)
    return found.end()


def _group(pattern: str, at: int, out: list[str]) -> int:
    if pattern.startswith("(*", at):
        raise Unscannable("(*")
    if not pattern.startswith("(?", at):
        out.append("(?:")
        return at + 1
    found = GROUP.match(pattern, at)
    if not found:
        raise Unscannable(pattern[at:])
    if found["look"]:
        out.append("")
        return _closing(pattern, found.end())
    if found["flags"]:
        if set(found["flags"]) - set("imsu"):
            raise Unscannable(found.group())
        out.append(found.group().replace("u", ""))
    elif found["name"] or found["plain"]:
        if found["plain"] == "|":
            raise Unscannable("(?|")
        out.append("(?:")
    return found.end()


def _closing(pattern: str, at: int) -> int:
    """The place behind the parenthesis that closes the group whose inside begins at `at`."""
    depth = 1
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            at += 2
            continue
        if char == "[":
            found = CLASS.match(pattern, at)
            at = found.end() if found else at + 1
            continue
        depth += (char == "(") - (char == ")")
        at += 1
        if not depth:
            return at
    raise Unscannable("a group is not closed")
