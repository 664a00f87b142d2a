"""A rule as the program works with it."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable
from functools import cached_property, partial

import regex

from ..model.errors import CleanerError, UsageProblem
from ..rules.spec import Pack, RuleSpec
from .context_pattern import ContextPattern
from .match_limit import SECONDS
from .matcher import Matcher
from .normalize import FULLWIDTH_CODES
from .optimize import optimized
from .prefilter.compiled import compiled
from .prefilter.expression import UnsupportedPattern, as_python, spans_lines
from .prefilter.patterns import prefilter_patterns
from .prefilter.rewrite import prefilter_pattern
from .required_literals import RequiredLiterals

TEMPLATE = regex.compile(r"\\(?:(\d)|g<(\w+)>|(.))", regex.DOTALL)

NARROW = {code: code - 0xFEE0 for code in FULLWIDTH_CODES}
BLANKS = re.compile(r"[ \t\u3000\u00a0]+")


def _unescaped(text: str) -> str:
    """HTML entities as characters, also those that were escaped twice; none that is a control or lost (&#0;)."""
    while (after := html.unescape(text)) != text:
        if not after or any(char < " " or char == "\ufffd" for char in after):
            break
        text = after
    return text


# What `does` can make of a match.
REWRITES: dict[str | None, Callable[[str], str]] = {
    "narrow": lambda text: text.translate(NARROW),
    "close": lambda text: BLANKS.sub("", text),
    "nfc": partial(unicodedata.normalize, "NFC"),
    "nfkc": partial(unicodedata.normalize, "NFKC"),
    "unescape": _unescaped,
}


class RuleTimeout(CleanerError):
    """A rule took longer than SECONDS on one text."""

    def __init__(self, rule: str) -> None:
        super().__init__(f"rule {rule} took longer than {SECONDS:.0f} seconds", hint=f"correct it, or add --off {rule}")


class Rule:
    """One compiled rule. Compiling its expression waits until the scanner found that it may match."""

    def __init__(self, pack: Pack, name: str, written: RuleSpec) -> None:
        self.id = f"{pack.head.stage}/{pack.name}/{name}"
        self.stage: str = pack.head.stage
        self.written = written
        self.where = pack.where(name)
        self._pack, self._name = pack, name
        self.kind: str | None = written.kind
        self.replace = written.replace
        self.does = written.does
        self.in_sequence = pack.head.order == "sequence"
        self.caseless = not written.case and self.stage == "boilerplate" and not self.in_sequence
        self.folds = written.fold and self.stage == "boilerplate" and written.replace is None and not self.in_sequence
        self.is_sign = written.place.startswith("page")
        self.certain = written.weight >= 1.0 and not self.is_sign
        self.on_edge = written.place in ("start", "end")
        self.expression = self._expression()
        self.spans_lines = spans_lines(self.expression)
        leaves = self.does == "leave" and not self.is_sign and not self._takes_lines()
        self.against = written.weight < 0 and not self.is_sign  # asked about lines that lighter rules would take
        self.elsewhere = self.does in ("between", "begun")  # asked for a mask of a rule below weight 1
        self.silent = self.does == "block" or leaves or self.against or self.elsewhere
        self.probes: frozenset[int] = frozenset()  # of the scanner, set by the rule set that the rule is in
        self.apart = ContextPattern()  # of a rule about redactions
        self.needs = RequiredLiterals()  # both set by the rule set that the rule is in
        self.own_class = ""  # where its probe is shared: the characters of which the rule needs one

    def _takes_lines(self) -> bool:
        try:
            return spans_lines(prefilter_pattern(self.expression)) > 0
        except UnsupportedPattern:
            return self.spans_lines > 0

    def _expression(self) -> str:
        """The regular expression of everything this rule finds ("" for a repair that opens nothing of its own)."""
        written = self.written
        if written.match is not None:
            return written.match
        if written.literal is not None:
            return escaped(written.literal)
        if written.any is not None:
            return "|".join(escaped(text) for text in sorted(written.any, key=len)[::-1])
        return written.opens or ""

    @cached_property
    def plain(self) -> str | None:
        """The text to look for, where the rule is nothing but one text without capitals."""
        text = self.written.literal
        return text if text and not (self.caseless and text.lower() != text.upper()) else None

    @cached_property
    def pattern(self) -> regex.Pattern[str]:
        """The rule's expression. Raises UsageProblem where `regex` refuses it, or where it matches nothing at all."""
        flags = regex.VERSION0 | (regex.IGNORECASE if self.caseless else 0)
        flags |= 0 if self.in_sequence else regex.MULTILINE
        try:
            pattern = _compiled(self.expression, flags)
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
    def _finder(self) -> Matcher:
        return Matcher(self.pattern, self.expression, self.needs)

    @cached_property
    def unless(self) -> regex.Pattern[str] | None:
        """What protects a line from this rule."""
        if self.written.unless is None:
            return None
        try:
            return _compiled(self.written.unless, regex.MULTILINE | regex.VERSION0 | regex.IGNORECASE)
        except regex.error as error:
            raise UsageProblem(
                f"rule {self.id}: bad expression in unless: {error.msg}",
                self._pack.where(self._name, "unless"),
                "correct unless = '''...'''",
            ) from None

    @cached_property
    def texts(self) -> list[str]:
        """Expressions that wake every line that it may change, where its author wrote them one by one."""
        return [escaped(text) for text in self.written.any or ()] if self._is_woken else []

    @property
    def sought(self) -> str:
        """The expression of which a scanner has to find the lines, "" where `texts` say it all."""
        return (self.written.opens or self.expression) if self._is_woken and not self.written.any else ""

    @property
    def _is_woken(self) -> bool:
        return not (self.on_edge or self.silent or self.is_sign or not self.expression)

    def triggers(self) -> list[str]:
        """Expressions for the scanner, whose matches wake every line that this rule may change.

        Raises Unscannable.
        """
        return prefilter_patterns(self.sought) if self.sought else self.texts

    def spans(self, text: str, low: int = 0, high: int | None = None) -> list[tuple[int, int, str]]:
        """Where it matches in `text[low:high]`, and what stands there afterwards. Raises RuleTimeout."""
        high = len(text) if high is None else high
        if self.own_class and not self._own.search(text, low, high):
            return []
        if self.plain is not None and self.replace is None:
            return self._plain_spans(text, low, high)
        found = []
        try:
            for match in self._finder.finditer(text, low, high):
                start, end = match.span()
                if start < end:
                    found.append((start, end, self.written_instead(match)))
        except TimeoutError:
            raise RuleTimeout(self.id) from None
        return found

    def replacements(self, text: str) -> list[tuple[int, int, str]]:
        """What `regex.sub` would do to `text`, matches of nothing included. Raises RuleTimeout."""
        if self.plain is not None and not self.replace:
            return self._plain_spans(text, 0, len(text))
        try:
            return [
                (*match.span(), self.written_instead(match) if self.replace else "")
                for match in self.pattern.finditer(text, timeout=SECONDS)
            ]
        except TimeoutError:
            raise RuleTimeout(self.id) from None

    @cached_property
    def _own(self) -> re.Pattern[str]:
        return re.compile(f"[{as_python(self.own_class)}]")

    def _plain_spans(self, text: str, low: int, high: int) -> list[tuple[int, int, str]]:
        wanted = self.plain
        assert wanted is not None
        found = []
        at = text.find(wanted, low, high)
        while at >= 0:
            found.append((at, at + len(wanted), ""))
            at = text.find(wanted, at + len(wanted), high)
        return found

    def written_instead(self, found: regex.Match[str]) -> str:
        r"""`replace` with its `\1` and `\g<name>` filled in."""
        if self.does in REWRITES:
            return REWRITES[self.does](found.group())
        template = self.replace or ""
        if "\\" not in template:
            return template
        return str(TEMPLATE.sub(lambda part: _fill(part, found), template))


def _compiled(expression: str, flags: int) -> regex.Pattern[str]:
    try:
        return compiled(expression, flags, optimized)
    except regex.error:
        return regex.compile(expression, flags)  # whose error tells where in what was written


def _has(pattern: regex.Pattern[str], group: str) -> bool:
    return int(group) <= pattern.groups if group.isdecimal() else group in pattern.groupindex


def escaped(text: str) -> str:
    """A text as an expression, which can be read: blanks stay as they are, a line end is `\\n`."""
    return re.escape(text).replace("\\ ", " ").replace("\\\n", "\\n")


def _fill(part: regex.Match[str], found: regex.Match[str]) -> str:
    number, name, other = part.groups()
    if other is not None:
        return {"n": "\n", "t": "\t"}.get(str(other), str(other))
    group = number or name
    return str(found.group(int(group) if group.isdecimal() else group) or "")
