"""What a rule does to text that holds nothing to remove: `clean_sample/clean.txt`, which ships with the program."""

from __future__ import annotations

import time
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import msgspec

from ..matching.rule import Rule

# A rule beyond one of these is switched off where nobody has looked at it yet.
MOST_LINES = 0.02  # of the lines changed
MOST_CHARS = 0.01  # of the characters removed
MOST_SECONDS = 1.0  # to compile


class ChangeRate(msgspec.Struct, frozen=True):
    """How many of `all_lines` lines were changed, and how many of `all_chars` characters were removed."""

    changed: int
    removed: int
    all_lines: int
    all_chars: int

    @property
    def lines(self) -> float:
        """The share of lines that were changed."""
        return self.changed / self.all_lines

    @property
    def chars(self) -> float:
        """The share of characters that were removed."""
        return self.removed / self.all_chars

    def __str__(self) -> str:
        """None in n lines says no more than: with 95 % certainty fewer than 3 in n (the rule of three)."""
        if not self.changed:
            return f"0 of {self.all_lines:,} lines, so probably fewer than {3 / self.all_lines:.2%} of all such lines"
        return f"{self.changed:,} of {self.all_lines:,} lines, {self.removed:,} of {self.all_chars:,} characters"


@cache
def clean_text() -> str:
    """About 87,000 characters on 1,083 lines, written for this."""
    return (Path(__file__).parent / "clean_sample" / "clean.txt").read_text("utf-8")


def harm(changes: Iterable[tuple[int, int, str]]) -> ChangeRate:
    """The harm of changes `(start, end, after)` to the clean text."""
    text = clean_text()
    lines: set[int] = set()
    chars = 0
    for start, end, after in changes:
        if text[start:end] != after:
            lines.add(text.rfind("\n", 0, start))
            chars += max(0, end - start - len(after))
    return ChangeRate(len(lines), chars, text.count("\n"), len(text))


def too_much(rule: Rule) -> str:
    """Why a rule that runs in a sequence should come switched off ("" if it need not). Raises RuleTimeout.

    Lines count that it changes, not those that it would open: in a sequence all lines are open.
    """
    begun = time.process_time()
    _ = rule.pattern
    if (took := time.process_time() - begun) > MOST_SECONDS:
        return f"it takes {took:.1f} s to compile"
    done = harm(rule.replacements(clean_text()))
    if done.lines > MOST_LINES:
        return f"it changes {done.lines:.1%} of the lines of clean text"
    return f"it removes {done.chars:.1%} of the characters of clean text" if done.chars > MOST_CHARS else ""
