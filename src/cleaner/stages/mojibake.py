"""Text that was decoded with the wrong codec, put right. The only module that knows ftfy.

ftfy's defaults ruin Chinese (full-width punctuation, curly quotes) and its search for UTF-8 inside a line takes `×“`
for a Hebrew letter. So it sees only runs of characters that a one-byte codec can produce, in a setting that repairs
encodings and nothing else, and a repair must have at least one letter that only mojibake explains.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import regex

from ..edits import Edit
from ..packs.rule import Rule
from .work import Work

NAME = "mojibake"
RUN = regex.compile(r"[\u0000-\u0009\u000b\u000c\u000e-\u052f\u2010-\u2044\u20a7-\u20ac\u2100-\u266f\ufb00-\ufb02]+")
# Signs that stand in clean Chinese; a run whose only odd characters are these is left alone.
USUAL = regex.compile(r"[\s\x21-\x7e“”‘’…—–·×÷°±•■-◿①-⓿Ⅰ-ⅿ─-▟←-⇿∀-⋿]*")


def edits(work: Work, rules: Sequence[Rule]) -> list[Edit]:
    made: list[Edit] = []
    for rule in rules:
        if rule.does in REPAIRS:
            made += REPAIRS[rule.does](work.text, rule)
    return made


def _ftfy(text: str, rule: Rule) -> list[Edit]:
    import ftfy

    config = ftfy.TextFixerConfig(
        unescape_html=False,
        remove_terminal_escapes=False,
        fix_latin_ligatures=False,
        fix_character_width=False,
        uncurl_quotes=False,
        fix_line_breaks=False,
        fix_surrogates=False,
        remove_control_chars=False,
        normalization=None,
        explain=False,
    )
    made = []
    for run in RUN.finditer(text):
        before = run.group()
        if before.isascii() or USUAL.fullmatch(before):
            continue
        after = ftfy.fix_encoding(before, config)
        if after != before:
            made.append(_trimmed(run.start(), before, after, rule))
    return made


def _trimmed(start: int, before: str, after: str, rule: Rule) -> Edit:
    """One edit without the characters that are the same at both ends."""
    low = 0
    while low < min(len(before), len(after)) and before[low] == after[low]:
        low += 1
    high = 0
    while high < min(len(before), len(after)) - low and before[-1 - high] == after[-1 - high]:
        high += 1
    return Edit(
        start + low,
        start + len(before) - high,
        before[low : len(before) - high],
        after[low : len(after) - high],
        NAME,
        rule.id,
    )


REPAIRS: dict[str, Callable[[str, Rule], list[Edit]]] = {"ftfy": _ftfy}
