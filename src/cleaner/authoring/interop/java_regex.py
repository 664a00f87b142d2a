"""Regular expressions and replacements of Java and Android (ICU), said as `regex` understands them.

Most of the syntax is the same. What is not: flags in mid-pattern count from there on, classes nest and intersect,
`\\h`, `\\Q..\\E`, `\\z`; in replacements `$1`.
"""

from __future__ import annotations

import re

import regex

BLANK = r" \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"  # \h
VERTICAL = r"\n\x0b\f\r\u0085\u2028\u2029"  # \v, \R
OUTSIDE = {
    "h": f"[{BLANK}]", "H": f"[^{BLANK}]", "v": f"[{VERTICAL}]", "V": f"[^{VERTICAL}]",
    "R": rf"(?>\r\n|[{VERTICAL}])", "Z": r"(?=\n?\Z)", "z": r"\Z", "e": r"\x1b", "a": r"\x07",
}  # fmt: skip
INSIDE = {"h": BLANK, "v": VERTICAL, "e": r"\x1b", "a": r"\x07"}
FLAGS = re.compile(r"\(\?([a-zA-Z]*)(?:-([a-zA-Z]+))?([:)])")
PAIR = re.compile(r"\\u([dD][89abAB]..)\\u([dD][c-fC-F]..)")
LONG_ESCAPE = re.compile(r"\\(?:x\{([0-9a-fA-F]+)\}|0([0-3]?[0-7]{1,2})|[pP](?:\{[^}]*\}|.)|k<(\w+)>)")
GROUP_NUMBER = re.compile(r"\$(?:\{(\w+)\}|(\d+))|\\(.)|([$\\])", re.DOTALL)


class Untranslatable(ValueError):
    """No expression of `regex` means this; the text says why."""


def expression(java: str) -> str:
    """A Java expression for `regex`, not compiled yet. Raises Untranslatable."""
    java = PAIR.sub(_character, java)
    reader = _Java(java)
    text = reader.alternatives(top=True)
    if reader.at < len(java):
        raise Untranslatable(f"a ) too many at character {reader.at + 1}")
    return text


def replacement(java: str, groups: int) -> str:
    r"""`$1` as `\g<1>`. As many digits belong to the number as name a group that there is. Raises Untranslatable."""

    def one(found: re.Match[str]) -> str:
        name, number, other, lone = found.groups()
        if lone:
            raise Untranslatable(f"the replacement is wrong after {lone}")
        if other is not None:
            return "\\\\" if other == "\\" else other
        if name:
            return f"\\g<{name}>"
        digits = number[:1]
        while len(digits) < len(number) and int(number[: len(digits) + 1]) <= groups:
            digits = number[: len(digits) + 1]
        if int(digits) > groups:
            raise Untranslatable(f"the replacement names group {digits}, there are {groups}")
        return f"\\g<{digits}>{number[len(digits) :]}"

    return GROUP_NUMBER.sub(one, java)


def _character(pair: re.Match[str]) -> str:
    high, low = (int(half, 16) & 0x3FF for half in pair.groups())
    return f"\\U{0x10000 + (high << 10) + low:08x}"


class _Java:
    """Reads an expression from `at` on."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def alternatives(self, top: bool = False) -> str:
        """Up to the closing parenthesis; flags set on the way count to there, also in the alternatives behind."""
        parts: list[str] = []
        flags: list[str] = []
        while self.at < len(self.text) and self.text[self.at] != ")":
            if self.text[self.at] == "|":
                self.at += 1
                parts += [")" * len(flags), "|", *flags]
                continue
            found = FLAGS.match(self.text, self.at)
            if found and found[3] == ")":
                self.at = found.end()
                if set_here := _flags(found):
                    if top and not parts:
                        return f"(?{set_here}){self.alternatives(top)}" if "-" not in set_here else self.alternatives()
                    flags.append(f"(?{set_here}:")
                    parts.append(flags[-1])
                continue
            parts.append(self.thing())
        return "".join(parts) + ")" * len(flags)

    def thing(self) -> str:
        char = self.text[self.at]
        if char == "(":
            return self.group()
        if char == "[":
            return self.set().text()
        if char == "\\":
            return self.escape(OUTSIDE)
        self.at += 1
        return char

    def group(self) -> str:
        if self.text.startswith("(?#", self.at):
            end = self.text.find(")", self.at)
            self.at = len(self.text) if end < 0 else end + 1
            return ""
        start = self.at
        found = FLAGS.match(self.text, start) or re.compile(r"\((?:\?(?:<?[=!]|[>|]|P?<\w+>))?").match(self.text, start)
        assert found is not None
        self.at = found.end()
        opening = found.group()
        if opening.endswith(":"):
            opening = f"(?{_flags(found)}:"
        inside = self.alternatives()
        if self.at >= len(self.text):
            raise Untranslatable(f"the group at character {start + 1} is not closed")
        self.at += 1
        return f"{opening}{inside})"

    def escape(self, known: dict[str, str]) -> str:
        code = self.text[self.at + 1 : self.at + 2]
        if not code:
            raise Untranslatable(r"it ends with \ ")
        if code == "Q":
            end = self.text.find("\\E", self.at)
            quoted = self.text[self.at + 2 : end if end >= 0 else None]
            self.at = end + 2 if end >= 0 else len(self.text)
            return str(regex.escape(quoted, literal_spaces=True))
        long = LONG_ESCAPE.match(self.text, self.at)
        if not long:
            self.at += 2
            return known.get(code, "\\" + code)
        self.at = long.end()
        if long[3]:
            return f"(?P={long[3]})"
        if long[1] or long[2]:
            return str(regex.escape(chr(int(long[1], 16) if long[1] else int(long[2], 8)), literal_spaces=True))
        return _property(long.group())

    def set(self) -> _Set:
        start = self.at
        self.at += 1
        found = _Set(self.text.startswith("^", self.at))
        self.at += found.negated
        part = found
        empty = True
        while self.at < len(self.text):
            char = self.text[self.at]
            if char == "]" and not empty:
                self.at += 1
                return found
            empty = False
            if self.text.startswith("&&", self.at):
                self.at += 2
                part = _Set(False)
                found.both.append(part)
            elif char == "[" and not self.text.startswith("[:", self.at):
                part.add(self.set())
            elif self.text[self.at : self.at + 2] in (r"\H", r"\V"):
                part.add(_Set(True, INSIDE[self.text[self.at + 1].lower()]))
                self.at += 2
            else:
                part.items += self.escape(INSIDE) if char == "\\" else char
                self.at += char != "\\"
        raise Untranslatable(f"the class at character {start + 1} is not closed")


class _Set:
    """A class of characters: single items, classes inside it, and classes that must hold as well."""

    def __init__(self, negated: bool, items: str = "") -> None:
        self.negated = negated
        self.items = items
        self.inside: list[_Set] = []
        self.both: list[_Set] = []

    def add(self, other: _Set) -> None:
        if other.negated or other.inside or other.both:
            self.inside.append(other)
        else:
            self.items += other.items

    def text(self) -> str:
        if not self.inside and not self.both:
            return f"[{'^' if self.negated else ''}{self.items}]"
        wanted = ([f"[{self.items}]"] if self.items else []) + [part.text() for part in self.inside]
        union = "|".join(wanted) or r"[\s\S]"
        limits = "".join(f"(?={part.text()})" for part in self.both)
        one = f"(?:{limits}(?:{union}))" if len(wanted) > 1 else f"(?:{limits}{union})"
        return rf"(?:(?!{one})[\s\S])" if self.negated else one


def _flags(found: re.Match[str]) -> str:
    """Flags without those that always hold in `regex` (u, U) or mean nothing here (d)."""
    on, off = (re.sub("[uUd]", "", part or "") for part in found.group(1, 2))
    if set(on + off) - set("imsx"):
        raise Untranslatable(f"the flags {found.group()}")
    return f"{on}-{off}" if off else on


def _property(name: str) -> str:
    try:
        regex.compile(name)
    except regex.error:
        raise Untranslatable(f"there is no {name}") from None
    return name
