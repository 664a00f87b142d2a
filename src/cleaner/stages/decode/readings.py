"""All that a file may say, in every encoding: what people are shown where one reading is not enough."""

from __future__ import annotations

import re
from typing import NamedTuple

from ...model.lines import line_ends, split_lines
from ...model.source import Judgement, Reading
from .damage import WIDE, strict
from .labels import Label, label_of
from .likelihood import ALPHABETS, BASE, CODECS, alphabet_cost_of, eaten_cost, reading_cost
from .sample import BEYOND, WINDOWS, Sample, window

TRUST = 20  # half bits by which another reading must be better than what the text says of itself
UNDECIDED = 3  # readings of a file that are shown where none is sure
HOPELESS = 40  # half bits behind the best of them from which on a reading is not shown
GLANCE = 256  # bytes by which the runner-up is chosen; more decide nothing
BEFORE, LENGTH = 12, 160  # characters of a line that are shown before the first that differs, and in all
LOST = re.compile("[\0\ufffd]")  # no text holds these
SOME = 64 << 10  # bytes that are compared


class Weighed(NamedTuple):
    """What a reading of the window of a sample costs, in half bits."""

    cost: int
    codec: str
    text: str


def ranked(raw: bytes) -> list[Weighed]:
    """The readings of some bytes, cheapest first, each text once."""
    found = [Weighed(cost_in(raw, codec), codec, raw.decode(codec, "replace")) for codec in CODECS]
    texts = ((codec, strict(raw, codec)) for codec in ALPHABETS)
    found += [Weighed(cost_in(raw, codec), codec, text) for codec, text in texts if text is not None]
    found.sort(key=lambda one: one.cost)
    return [one for number, one in enumerate(found) if all(one.text != other.text for other in found[:number])]


def cost_in(raw: bytes, codec: str) -> int:
    """What `raw` costs in a codec, with how rare that is."""
    if (usual := BASE.get(codec, codec)) in CODECS:
        return reading_cost(raw, usual) + eaten_cost(raw, usual)
    return alphabet_cost_of(raw.decode(codec, "replace"), codec)


def stands(sample: Sample, codec: str) -> bool:
    """Whether no reading is better by far than that in `codec`, which the text itself names.

    One with the same letters says nothing against it: old Thai and Russian pages differ from newer ones in quotes.
    """
    raw = window(sample.raw, WINDOWS[0])
    best = ranked(raw)[0]
    return cost_in(raw, codec) - best.cost <= TRUST or _letters(raw.decode(codec, "replace")) == _letters(best.text)


def _letters(text: str) -> str:
    return "".join(char if char.isalpha() else " " for char in text)


def judged(sample: Sample, chosen: str, lines: int, weighed: bool = True) -> Judgement:
    """What speaks for and against reading a sample in `chosen`, "" where nothing was sure enough.

    `lines` end before the sample. Only what was `weighed` has another reading.
    """
    label = label_of(sample)
    others = [one.codec for one in _others(sample, chosen)] if weighed else []
    codecs = [chosen, *others[:1]] if chosen else others
    start = 0 if any(WIDE.match(codec) for codec in codecs) else _start(sample.raw)
    some = sample.raw[start : start + SOME]
    texts = [split_lines(some.decode(codec, "replace")) for codec in codecs]
    number = next((n for n, rows in enumerate(zip(*texts[:2], strict=False)) if len(set(rows)) > 1), -1)
    rows = ["".join(rows[number : number + 1]) for rows in texts]
    readings = _cut_out(codecs, rows) if len(codecs) > 1 and number >= 0 else ()
    return Judgement(
        line=lines + line_ends(sample.raw[:start]) + number + 1 if readings else 0,
        readings=readings,
        label=f"{label.kind}: {label.name}" if label else "",
        lies=label is not None and chosen != "" and _lies(label, some, chosen),
    )


def _start(raw: bytes) -> int:
    """Where the line of the first byte beyond ASCII begins: before it all readings are one."""
    found = BEYOND.search(raw)
    return raw.rfind(b"\n", 0, found.start()) + 1 if found else 0


def _others(sample: Sample, chosen: str) -> list[Weighed]:
    """The best readings that give another text than `chosen`, and lose nothing."""
    if sample.raw.isascii():
        return []
    raw = window(sample.raw, GLANCE if chosen else WINDOWS[0])
    ours = raw.decode(chosen, "replace") if chosen else ""
    found = [one for one in ranked(raw) if one.text != ours and not LOST.search(one.text[:-1])]
    found = [one for one in found if one.codec != BASE.get(chosen, chosen)]
    return [one for one in found if chosen or one.cost <= found[0].cost + HOPELESS][:UNDECIDED]


def _cut_out(codecs: list[str], lines: list[str]) -> tuple[Reading, ...]:
    """The same part of a line in several encodings."""
    lines = [line.rstrip("\r\n") for line in lines]
    same = next((at for at, chars in enumerate(zip(*lines[:2], strict=False)) if len(set(chars)) > 1), 0)
    start = max(0, same - BEFORE) if max(map(len, lines)) > LENGTH else 0
    cut = [line[start : start + LENGTH] for line in lines]
    return tuple(Reading(codec, line) for codec, line in zip(codecs, cut, strict=True))


def _lies(label: Label, some: bytes, chosen: str) -> bool:
    """Whether the text that a label stands for is another one."""
    if not label.codec or (label.codec[:6] == chosen[:6] and chosen.startswith(("utf-16", "utf-32"))):
        return False
    return some.decode(label.codec, "replace") != some.decode(chosen, "replace")
