"""What looks wrong and is left as it is: see rules/flag. Found last, reported with the text, never an edit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from math import log2

from ..engine.context import RegionContext
from ..matching.rule import Rule
from ..model.edits import Edit, Flag

NAME = "flag"
CARRIERS = {  # characters in which messages are hidden, and how many bits one of them holds
    "tag": (re.compile("[\U000e0020-\U000e007e]{2,}"), 7.0),
    "selector": (re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]{2,}"), 8.0),
    "zero-width": (re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]{4,}"), 0.0),
}


def flags(context: RegionContext, rules: Sequence[Rule]) -> list[Flag]:
    """Sorted, in characters of the text."""
    lines = context.lines
    found = []
    for rule in rules:
        for low, high, _ in context.spans(rule):
            start, end = lines.back(low, high)
            found.append(Flag(rule.id.rpartition("/")[2], start, end, context.text[start:end], rule.id))
    return sorted(found, key=lambda flag: flag.start)


def hidden_messages(edits: Iterable[Edit]) -> Iterator[Flag]:
    """Runs among removed characters that can carry a message.

    One character again and again carries none: it takes two kinds of zero-width characters, or tags or selectors, which
    are an alphabet of their own.
    """
    for edit in edits:
        if edit.stage != "invisible" or len(edit.before) < 2:
            continue
        for mark, (pattern, each) in CARRIERS.items():
            for run in pattern.finditer(edit.before):
                bits = int(len(run.group()) * (each or log2(len(set(run.group())))))
                if bits >= 8:
                    start = edit.start + run.start()
                    yield Flag("hidden-message", start, start + len(run.group()), run.group(), edit.rule, mark, bits)
