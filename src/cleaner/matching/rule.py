"""A rule as the program works with it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import Final

import regex

from ..model.errors import CleanerError, UsageProblem
from ..rules.spec import Pack, RuleSpec
from ..rules.tokens import escaped
from .analysis import LINES, Analysis, Query, analyze
from .normalize import FULLWIDTH_CODES
from .patterns import SECONDS, compiled, seconds_for

TEMPLATE = regex.compile(r"\\(?:(\d)|g<(\w+)>|(.))", regex.DOTALL)

NARROW = {code: code - 0xFEE0 for code in FULLWIDTH_CODES}
BLANKS = re.compile(r"[ \t\u3000\u00a0]+")
# A match on a long line is looked for in windows, and sees so many characters on both sides: where each of 20,000 looks
# at its whole line, as `(?![^\n]*...)` does, a line of 64 KB takes minutes.
WINDOW = NEAR = 1000
LONG = WINDOW + 2 * NEAR  # characters: a longer line is a long one


def _unescaped(text: str) -> str:
    """HTML entities as characters, also those that were escaped twice; none that is a control or lost (&#0;)."""
    import html

    while (after := html.unescape(text)) != text:
        if not after or any(char < " " or char == "\ufffd" for char in after):
            break
        text = after
    return text


ESCAPED = re.compile(r"(?:=|%|\\x)([0-9A-Fa-f]{2})(?:=\n)?")


def _decoded(text: str) -> str:
    """Bytes that are spelled (=C3=A9, %C3%A9, \\xc3\\xa9, &Atilde;&copy;) as the UTF-8 that they are, if they are."""
    try:
        if text[0] != "&":
            return bytes.fromhex(ESCAPED.sub(r"\1", text)).decode()
        chars = _unescaped(text)
        raw = b"".join(char.encode("latin-1" if char < "\u0100" else "cp1252") for char in chars)
        return text if "&" in chars else raw.decode()
    except UnicodeError:
        return text


# What `does` can make of a match.
REWRITES: dict[str | None, Callable[[str], str]] = {
    "to-halfwidth": lambda text: text.translate(NARROW),
    "remove-blanks": lambda text: BLANKS.sub("", text),
    "nfc": partial(unicodedata.normalize, "NFC"),
    "nfkc": partial(unicodedata.normalize, "NFKC"),
    "unescape": _unescaped,
    "decode-bytes": _decoded,
}


class RuleTimeout(CleanerError):
    """A rule took longer than SECONDS on one text."""

    def __init__(self, rule: str) -> None:
        super().__init__(f"rule {rule} took longer than {SECONDS:.0f} seconds", hint=f"correct it, or add --off {rule}")


class Rule:
    """One rule of a pack, complete once it is made. Its expression is compiled when it is first matched.

    `dependent` rules have no triggers of their own: they are evaluated where other rules of their stage are.
    """

    def __init__(self, pack: Pack, name: str, written: RuleSpec, analysis: Analysis | None = None) -> None:
        self.id: Final = f"{pack.head.stage}/{pack.name}/{name}"
        self.stage: Final[str] = pack.head.stage
        self.written: Final = written
        self.where: Final = pack.where(name)
        self._pack, self._name = pack, name
        self.kind: Final[str | None] = written.kind
        self.replace: Final = written.replace
        self.does: Final = written.does
        self.in_sequence: Final = pack.head.order == "sequence"
        boilerplate = self.stage == "boilerplate" and not self.in_sequence
        self.caseless: Final = boilerplate and written.ignore_case
        self.deobfuscates: Final = boilerplate and written.deobfuscate and written.replace is None
        self.is_feature: Final = written.zone.startswith("page")
        self.at_ends: Final = written.zone in ("head", "tail", "ends")
        self.decisive: Final = written.weight >= 1.0 and not self.is_feature
        self.on_edge: Final = written.zone in ("start", "end")
        self.expression: Final = _expression(written)
        self.flags: Final = _flags(pack, written)
        found = analyze([query(pack, written)])[0] if analysis is None else analysis
        self.analysis: Final = found
        self.spans_lines: Final = found.facts.spans_lines
        self.context: Final = found.context
        self.negative: Final = (
            written.weight < 0 and not self.is_feature
        )  # evaluated on lines that lighter rules would take
        # its kind is one that the weights of a model may give such a mask
        self.by_model: Final = self.does == "model" and self.stage == "placeholder"
        protects = self.does == "protect" and not self.is_feature and not found.facts.takes_lines
        self.dependent: Final = self.does == "block" or protects or self.negative or self.by_model
        self.is_triggered: Final = bool(self.expression) and not (self.on_edge or self.dependent or self.is_feature)

    @cached_property
    def pattern(self) -> regex.Pattern[str]:
        """The rule's expression. Raises UsageProblem where `regex` refuses it, or where it matches nothing at all."""
        try:
            pattern = compiled(self.expression, self.flags)
        except regex.error as error:
            column = f" (character {error.pos + 1} of it)" if getattr(error, "pos", None) is not None else ""
            raise UsageProblem(
                f"rule {self.id}: bad regular expression{column}: {error.msg}",
                self._pack.where(self._name, "match"),
                "correct match = '''...'''",
            ) from None
        if not self.in_sequence and (pattern.fullmatch("") or "" in (self.written.any or ())):
            raise UsageProblem(
                f"rule {self.id}: it matches the empty text",
                self._pack.where(self._name, "match"),
                "a match must hold at least one character",
            )
        wrong = next((name for name in self._groups() if not _has(pattern, name)), None)
        if wrong is not None:
            raise UsageProblem(
                f"rule {self.id}: replace names the group {wrong!r}, which its expression does not have",
                self._pack.where(self._name, "replace"),
                "put the part to keep into ( )",
            )
        return pattern

    def _groups(self) -> list[str]:
        """The groups that `replace` fills in."""
        return [part[1] or part[2] for part in TEMPLATE.finditer(self.replace or "") if part[3] is None]

    @cached_property
    def unless(self) -> regex.Pattern[str] | None:
        """What protects a line from this rule."""
        if self.written.unless is None:
            return None
        try:
            return compiled(self.written.unless, LINES | regex.IGNORECASE)
        except regex.error as error:
            raise UsageProblem(
                f"rule {self.id}: bad expression in unless: {error.msg}",
                self._pack.where(self._name, "unless"),
                "correct unless = '''...'''",
            ) from None

    def spans(self, text: str, low: int = 0, high: int | None = None) -> list[tuple[int, int, str]]:
        """Where it matches in `text[low:high]`, and what stands there afterwards. Raises RuleTimeout."""
        high = len(text) if high is None else high
        if self.spans_lines and self.at_ends:
            return self._beginning_in(text, low, high)
        if self.spans_lines or high - low <= LONG or self.stage != "boilerplate":
            return self._spans(text, low, high)
        return self._in_windows(text, low, high)

    def _in_windows(self, text: str, low: int, high: int) -> list[tuple[int, int, str]]:
        found: list[tuple[int, int, str]] = []
        for at in range(low, high, WINDOW):
            first = max(0, at - NEAR)
            begin = max(at, found[-1][1]) if found else at
            piece = text[first : at + WINDOW + NEAR]
            for start, end, after in self._spans(piece, begin - first, min(high - first, len(piece))):
                if first + start >= at + WINDOW:
                    break
                if end < len(piece) - NEAR // 2 or first + end >= high:
                    found.append((first + start, first + end, after))
                    continue
                try:  # it may go on: a run of 14,000 &nbsp;
                    whole = self.pattern.match(text, first + start, high, timeout=SECONDS)
                except TimeoutError:
                    raise RuleTimeout(self.id) from None
                found += [(*whole.span(), self._instead(whole))] if whole else []
        return found

    def _beginning_in(self, text: str, low: int, high: int) -> list[tuple[int, int, str]]:
        """Matches that begin in `text[low:high]`, line by line; the others would be looked for in vain."""
        pattern = compiled(from_line(self.expression), self.flags)
        found: list[tuple[int, int, str]] = []
        try:
            while low < high:
                for match in pattern.finditer(text, low, timeout=SECONDS):
                    low, end = match.span()
                    if low < end and low < high:
                        found.append((low, end, self._instead(match)))
                    low = end
                low = text.find("\n", low) + 1 or high
        except TimeoutError:
            raise RuleTimeout(self.id) from None
        return found

    def _instead(self, match: regex.Match[str]) -> str:
        return "" if self.replace is None and self.does not in REWRITES else self.written_instead(match)

    def _spans(self, text: str, low: int, high: int) -> list[tuple[int, int, str]]:
        limit = SECONDS if self.spans_lines else seconds_for(high - low)
        matches = self.pattern.finditer(text, low, high, timeout=limit)
        try:
            found = [(*match.span(), self._instead(match)) for match in matches]
        except TimeoutError:
            raise RuleTimeout(self.id) from None
        return [span for span in found if span[0] < span[1]]

    def replacements(self, text: str) -> list[tuple[int, int, str]]:
        """What `regex.sub` would do to `text`, matches of nothing included. Raises RuleTimeout."""
        try:
            return [
                (*match.span(), self.written_instead(match) if self.replace else "")
                for match in self.pattern.finditer(text, timeout=SECONDS)
            ]
        except TimeoutError:
            raise RuleTimeout(self.id) from None

    def written_instead(self, found: regex.Match[str]) -> str:
        r"""`replace` with its `\1` and `\g<name>` filled in."""
        if self.does in REWRITES:
            return REWRITES[self.does](found.group())
        template = self.replace or ""
        if "\\" not in template:
            return template
        return str(TEMPLATE.sub(lambda part: _fill(part, found), template))


def compile_rules(packs: Sequence[Pack]) -> list[Rule]:
    """The rules of all packs in their order, analyzed together."""
    written = [(pack, name, spec) for pack in packs for name, spec in pack.rules.items()]
    found = analyze([query(pack, spec) for pack, _, spec in written])
    return [Rule(*one, analysis) for one, analysis in zip(written, found, strict=True)]


def query(pack: Pack, written: RuleSpec) -> Query:
    """What has to be derived for a rule of this pack."""
    sequential = pack.head.order == "sequence"
    masks = pack.head.stage == "placeholder" and not sequential
    return Query(
        _expression(written),
        "" if written.any else written.prefilter or "",
        _flags(pack, written),
        masks and written.zone == "anywhere" and written.unless is None and not written.any,
    )


def _flags(pack: Pack, written: RuleSpec) -> int:
    if pack.head.order == "sequence":
        return int(regex.VERSION0)
    return LINES | int(regex.IGNORECASE if pack.head.stage == "boilerplate" and written.ignore_case else 0)


def _expression(written: RuleSpec) -> str:
    """The regular expression of everything that a rule finds ("" for a repair that opens nothing of its own)."""
    if written.match is not None:
        return written.match
    if written.literal is not None:
        return escaped(written.literal)
    if written.any is not None:
        return "|".join(escaped(text) for text in sorted(written.any, key=len)[::-1])
    return written.prefilter or ""


def _has(pattern: regex.Pattern[str], group: str) -> bool:
    return int(group) <= pattern.groups if group.isdecimal() else group in pattern.groupindex


def from_line(expression: str) -> str:
    """What finds the matches of an expression that begin on the line on which the search does."""
    return rf"\G[^\n]*?\K(?:{expression})"


def _fill(part: regex.Match[str], found: regex.Match[str]) -> str:
    number, name, other = part.groups()
    if other is not None:
        return {"n": "\n", "t": "\t"}.get(str(other), str(other))
    group = number or name
    return str(found.group(int(group) if group.isdecimal() else group) or "")
