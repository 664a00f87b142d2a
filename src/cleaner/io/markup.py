"""Placeholders written into a text, and taken out again exactly.

A template says what a tag looks like, `⟦{glyphs}:{kind}⟧` by default. Its first character opens a tag and nothing
else: where the text itself holds that character, it is written as a tag of the kind `text` (`⟦⟦:text⟧`). So a text
with tags can be read from left to right without guessing, and `untag` needs nothing but the template. A template
without {glyphs} (`<{KIND}>`) loses the characters of the source; then a tag file keeps them, see `TagFile`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

import msgspec
import regex

from ..model.edits import Edit, Tag, apply
from ..model.errors import UsageProblem

DEFAULT = "⟦{glyphs}:{kind}⟧"
TAG_FILE_SUFFIX = ".tags.json"  # appended to the name of a file: its tag file
ITSELF = "text"  # the kind of a tag that stands for the template's own first character
FIELD = re.compile(r"\{(glyphs|kind|KIND|n)\}")
HANZI_BEFORE = regex.compile(r"[\u3400-\u9fff]?\Z")
HANZI_BEHIND = {"place": regex.compile(r"[\u3400-\u9fff]?"), "org": regex.compile(r"[\u3400-\u9fff]{0,2}")}
DIGITS_BEFORE = re.compile(r"[0-9]*\Z")
DIGITS_BEHIND = re.compile(r"[0-9]*")
VALUES = {"glyphs": "(?P<glyphs>[^\n\r]+?)", "kind": "[a-z]+", "KIND": "[A-Z]+", "n": "[0-9]+"}
HINT = "fields: {glyphs} {kind} {KIND} {n}; for example '⟦{glyphs}:{kind}⟧' or '<{KIND}>'"


class Template:
    """What a tag looks like in the text. Raises UsageProblem for one that could not be read back."""

    def __init__(self, written: str = DEFAULT) -> None:
        self.written = written
        parts = FIELD.split(written)
        self.keeps_glyphs = "glyphs" in parts[1::2]
        self.opening = written[:1]
        if len(parts) == 1 or not parts[0] or not parts[-1] or "\n" in written or "\r" in written:
            raise UsageProblem(
                f"--tag-template {written!r}: a tag begins and ends with symbols of its own around one field at least",
                hint=HINT,
            )
        pattern = re.escape(parts[0])
        for number in range(1, len(parts), 2):
            field = parts[number]
            again = field == "glyphs" and field in parts[1:number:2]
            pattern += ("(?P=glyphs)" if again else VALUES[field]) + re.escape(parts[number + 1])
        self._parts = parts
        self._pattern = re.compile(pattern)
        if self.keeps_glyphs and not (self._reads(self.opening, ITSELF, 0) and self._reads("×", "person", 10)):
            raise UsageProblem(
                f"--tag-template {written!r}: what it writes can't be distinguished from the text around it", hint=HINT
            )

    def render(self, glyphs: str, kind: str, n: int) -> str:
        values = {"glyphs": glyphs, "kind": kind, "KIND": kind.upper(), "n": str(n)}
        return "".join(values[part] if number % 2 else part for number, part in enumerate(self._parts))

    def _reads(self, glyphs: str, kind: str, n: int) -> bool:
        """Whether `glyphs` come back, whatever follows."""
        written = self.render(glyphs, kind, n)
        found = self._pattern.match(written + "0")
        return found is not None and found.end() == len(written) and found["glyphs"] == glyphs

    def escaped(self, text: str) -> str:
        """Text without tags; where it holds the opening character, that is written as a tag."""
        if not self.keeps_glyphs or self.opening not in text:
            return text
        return text.replace(self.opening, self.render(self.opening, ITSELF, 0))

    def written_tag(self, tag: Tag, n: int) -> str:
        """The tag as it is written into the text; without a tag where its text holds characters of the template."""
        if self.keeps_glyphs and not self._reads(tag.text, tag.kind, n):
            return self.escaped(tag.text)
        return self.render(tag.text, tag.kind, n)

    def undone(self, text: str) -> Iterator[Edit]:
        """The edits that remove the tags of one or more whole lines again."""
        at = text.find(self.opening)
        while at >= 0:
            found = self._pattern.match(text, at)
            if found is None:
                at = text.find(self.opening, at + 1)
                continue
            yield Edit(at, found.end(), found.group(), found["glyphs"], "placeholder", "untag")
            at = text.find(self.opening, found.end())


class TagRecord(msgspec.Struct):
    """One placeholder in a tag file.

    `[start, end)` are characters of the output, `source` those of the decoded input; `n` is the same where likely the
    same value is meant.
    """

    start: int
    end: int
    kind: str
    text: str
    n: int
    rule: str
    source: tuple[int, int]


class TagFile(msgspec.Struct, kw_only=True):
    """The file `NAME.tags.json` next to NAME. With a `template` NAME holds the tags."""

    v: int = 1
    template: str | None = None
    tags: list[TagRecord]


class ValueNumbers:
    """Placeholders of one file counted by kind; one number where likely the same value is meant."""

    def __init__(self) -> None:
        self._known: dict[str, dict[str, int]] = defaultdict(dict)

    def of(self, text: str, tag: Tag) -> int:
        """The number of a tag of `text`, from 1."""
        known = self._known[tag.kind]
        return known.setdefault(value(text, tag) or f"\n{len(known)}", len(known) + 1)


def value(text: str, tag: Tag) -> str:
    """What two placeholders of one file have in common if likely the same value is meant; "" where that is not known.

    张×1 and 张×2 are two people, ×县 is the same county in ×县人民政府; but ×月 and ×个 may be anything.
    """
    start, end = tag.start, tag.end
    digits = _found(DIGITS_BEHIND.match(text, end))
    if tag.kind == "person":
        return _found(HANZI_BEFORE.search(text, max(0, start - 1), start)) + tag.text + digits
    if tag.kind in HANZI_BEHIND:
        name = _found(HANZI_BEHIND[tag.kind].match(text, end + len(digits)))
        return tag.text + digits + name if digits + name else ""
    digits = _found(DIGITS_BEFORE.search(text, max(0, start - 12), start)) + tag.text + digits
    return digits if digits != tag.text else ""


def _found(match: re.Match[str] | None) -> str:
    return match.group() if match else ""


def layer(text: str, tags: Sequence[Tag], template: Template, numbers: Sequence[int]) -> list[Edit]:
    """The edits that write `tags` into their text, and tags for its own opening characters."""
    edits: list[Edit] = []
    at = 0
    for tag, n in zip(tags, numbers, strict=True):
        edits += _escapes(text, at, tag.start, template)
        written = template.written_tag(tag, n)
        edits.append(Edit(tag.start, tag.end, tag.text, written, "placeholder", tag.rule, tag.kind))
        at = tag.end
    return edits + _escapes(text, at, len(text), template)


def _escapes(text: str, start: int, end: int, template: Template) -> list[Edit]:
    opening = template.opening
    if not template.keeps_glyphs or text.find(opening, start, end) < 0:
        return []
    return [
        Edit(at, at + 1, opening, template.escaped(opening), "placeholder", "escape")
        for at in range(start, end)
        if text[at] == opening
    ]


def untag(text: str, template: Template | None = None) -> str:
    """A text as it was before its tags were written; one without tags is kept."""
    return apply(text, list((template or Template()).undone(text)))
