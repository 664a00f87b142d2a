"""What returns, as proposals: which are strong, which belong to one menu, which are parts of others."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from ..false_positives import ChangeRate, clean_text
from ..suggest import harm_of, pack_of
from .evidence import BAR, IN_FRAME, NAMES_TOO, WEAK_BAR, Reason, in_frame, names_of, next_to_frame, reasons
from .gathering import SAMPLES, Gathering, Mark, Sample
from .writing import OPEN, RUN_OF, closed, frame_keys, kind_of, rule_keys, swappable

MOST = 300  # proposals
CHANCE = 2  # one letter of a sentence may return with a mark at each of its ends
FRAME, LEAST_FRAME = 1000, 6  # lines of a frame in one rule, at most and at least
Judged = tuple[float, Mark, list[Reason]]


class Proposal(msgspec.Struct, frozen=True):
    """A rule that could be: its keys as in a pack, and what speaks for it.

    `form`: "line", "inside" a sentence, a line with a "varying" part, or "frame": lines of a menu, several in a row.
    `strong`: above the bar; others come switched off. `files` of `all_files` hold it at `places` places, which are
    `chars` characters. `harm` is what it does to the shipped clean sample, `beyond` how often it matches in sampled
    files where the finder saw no mark.
    """

    name: str
    kind: str
    form: str
    keys: dict[str, Any]
    strong: bool
    files: int
    all_files: int
    places: int
    chars: int
    reasons: list[Reason]
    samples: list[Sample]
    harm: ChangeRate
    letters: tuple[str, ...]
    beyond: int = 0


class Learned(msgspec.Struct, frozen=True):
    """What a folder gave: proposals, those that remove most first, weak ones last.

    Not proposed: `left`, with what speaks against them; `taken`, which the built-in rules take already; `known`, which
    a pack finds.
    """

    proposals: list[Proposal]
    left: list[Proposal]
    files: int
    works: int
    taken: list[Proposal] = []
    known: list[Proposal] = []


def proposed(gathering: Gathering, min_files: int) -> Learned:
    """What is proposed of what was gathered, and what is not."""
    counts, works = gathering.counts, gathering.all_works
    files = counts.files - counts.empty
    judged = []
    for mark in gathering.marks.values():
        if len(mark.works) >= min_files and _holds(mark, gathering):
            found = reasons(mark, counts, works)
            judged.append((round(sum(one.share for one in found), 2), mark, found))
    judged.sort(key=lambda one: (-one[1].chars, one[1].letters))
    proposals: list[Proposal] = []
    left: list[Proposal] = []
    names: Counter[str] = Counter()
    alone = list(_alone(judged))
    frame = [one for one in alone if in_frame(one[1], one[2], works)]
    if len(frame) >= LEAST_FRAME:
        near = [mark for _, mark, found in judged if next_to_frame(mark, found, works)]
        proposals += _of_frame(frame, near, files)
    names["navigation"] = len(proposals)
    framed = {id(mark) for total, mark, _ in frame if total < BAR} if proposals else set()
    alone = _with_names([one for one in alone if id(one[1]) not in framed])
    for total, mark, found in alone:
        if total < WEAK_BAR or len(proposals) >= MOST:
            if len(left) < MOST and total > 0:
                left.append(_proposal("", mark, found, files, False, {}))
            continue
        kind = kind_of(mark)
        names[kind] += 1
        strong = total >= BAR
        swaps = strong and len(mark.letters) == 1 and swappable(mark.letters[0], gathering.near)
        keys = rule_keys(mark, swaps)
        if keys:
            proposals.append(_proposal(f"{kind}-{names[kind]}", mark, found, files, strong, keys))
    proposals.sort(key=lambda one: (not one.strong, -one.chars))
    return Learned(proposals, left, files, works)


def _with_names(judged: Sequence[Judged]) -> list[Judged]:
    """A weak mark that shares a name with one above the bar, which no clean text has, is one of that site, too."""
    known = {name for total, mark, _ in judged if total >= BAR for name in names_of(mark)}
    known = {name for name in known if len(name) >= 4 and name not in clean_text()}
    found = []
    for total, mark, why in judged:
        letters = "".join(mark.letters)
        shared = WEAK_BAR <= total < BAR and any(name in letters for name in known)
        found.append((total + NAMES_TOO.share, mark, [*why, NAMES_TOO]) if shared else (total, mark, why))
    return found


def _of_frame(frame: Sequence[Judged], near: Sequence[Mark], files: int) -> Iterator[Proposal]:
    """Lines of menus and frames, many of them in one rule."""
    order = sorted(frame, key=lambda one: (one[1].samples[0].file, one[1].samples[0].line))
    for number, start in enumerate(range(0, len(order), FRAME), 1):
        marks = [mark for _, mark, _ in order[start : start + FRAME]]
        known = {id(mark) for mark in marks}
        keys = frame_keys(marks, [mark for mark in near[:FRAME] if id(mark) not in known])
        if keys and len(marks) >= RUN_OF:
            first = _proposal(f"navigation-{number}", marks[0], [IN_FRAME, *order[start][2]], files, True, keys)
            yield msgspec.structs.replace(
                first, kind="navigation", form="frame", places=sum(mark.places for mark in marks),
                chars=sum(mark.chars for mark in marks),
                letters=tuple(mark.letters[0] for mark in marks),
                samples=[mark.samples[0] for mark in marks[:SAMPLES]],
            )  # fmt: skip


def _alone(judged: Sequence[Judged]) -> Iterator[Judged]:
    """Without what is a part of a line with a part that varies, or a mark with letters of the sentence around it."""
    wider = [mark for total, mark, _ in judged if total >= BAR and mark.form == "varying"]
    inside = {mark.letters[0]: mark for total, mark, _ in judged if total >= WEAK_BAR and mark.form == "inside"}
    for total, mark, found in judged:
        letters = mark.letters[0]
        if mark.form == "inside" and any(letters in one.letters and one.places >= 0.8 * mark.places for one in wider):
            continue
        if mark.form != "inside" or not any(
            shorter in inside and inside[shorter].places > mark.places for shorter in _cores(letters)
        ):
            yield total, mark, found


def _cores(letters: str) -> list[str]:
    """The same without a few letters at its ends, which may be those of a sentence: e[site.example]."""
    return [letters[low : len(letters) - high] for low in range(CHANCE) for high in range(CHANCE) if low or high]


def _holds(mark: Mark, gathering: Gathering) -> bool:
    """Whether a line with a part of its own is one mark, not an author's line to which a mark was added.

    他走了www.site.com: the address stands behind many lines, and is never the beginning of all of them.
    """
    if mark.form != "varying":
        return True
    begins, ends = closed(mark)
    if begins and ends:
        return len(mark.letters) > 1
    if not (begins or ends) or len(mark.spellings) < 2:
        return False
    edge = 0 if begins else 1
    inside = gathering.marks.get(("inside", (mark.letters[-edge],)))
    if inside is None or sum(n for sides, n in inside.sides.items() if sides[edge] == "\n") < 0.95 * inside.places:
        return False
    return all(re.search(rf"\A[^\n]*{OPEN}\Z", one) for one in mark.spellings)


def _proposal(name: str, mark: Mark, found: list[Reason], files: int, strong: bool, keys: dict[str, Any]) -> Proposal:
    harm = harm_of(pack_of("learnt", "it", keys)) if keys else ChangeRate(0, 0, 1, 1)
    on = strong and not harm.changed
    said = [f"in {mark.files:,} of {files:,} files", *(one.words for one in found if one.share > 0)]
    keys = {"why": "; ".join(said), **keys} | ({} if on else {"enabled": False})
    return Proposal(
        name, kind_of(mark), mark.form, keys, on, mark.files, files, mark.places, mark.chars, found, mark.samples,
        harm, mark.letters,
    )  # fmt: skip
