"""A review without its screen: the hunks of all inputs, what was decided about them, undo, the decisions file."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import msgspec

from ..jobs.decisions import EditKey, ReviewDecision, ReviewDecisions, Verdict, path_name
from ..jobs.explain import decisions_on
from ..matching.ruleset import RuleSet
from ..model.blocks import Block
from ..model.inputs import InputFile
from ..model.report import Document, FileReport
from .display import plain
from .evidence_text import evidence_lines
from .hunks import Hunk, Hunks
from .view import View

Spot = tuple[int, int]  # the number of a file and of a hunk in it


class ReviewFile(msgspec.Struct):
    """An input with something to decide."""

    path: str
    name: str
    hunks: list[Hunk] = []
    evidence: dict[int, list[str]] = {}  # in lines, by the number of the hunk


class Review(View):
    """Filled as the view of a run. Placeholders are left out: there is nothing to decide about them."""

    def __init__(self, rules: RuleSet, earlier: ReviewDecisions | None = None, whitespace: bool = False) -> None:
        self.rules = rules
        self.files: list[ReviewFile] = []
        self.verdicts: dict[Spot, Verdict] = {}
        self.by_rule: list[ReviewDecision] = []
        self._whitespace = whitespace
        self._earlier = earlier or ReviewDecisions()
        self.undecided_are = self._earlier.undecided
        self._others: list[ReviewDecision] = []  # about files that are not in this review
        self._done: list[dict[Spot, Verdict | None]] = []
        self._hunks = Hunks()
        self._file = ReviewFile("", "")

    def begin(self, item: InputFile, document: Document) -> None:
        self._hunks, self._file = Hunks(), ReviewFile(item.path, path_name(item.name))

    def block(self, block: Block) -> None:
        regions = {region.offset: region for region in block.regions}
        for hunk in self._hunks.of(block):
            if hunk.key is not None and (self._whitespace or hunk.stage != "whitespace"):
                low, high = hunk.start - hunk.offset, hunk.end - hunk.offset
                decisions = decisions_on(regions[hunk.offset], low, high)
                if lines := list(evidence_lines(decisions, self.rules.level.enough)):
                    self._file.evidence[len(self._file.hunks)] = lines
                self._file.hunks.append(hunk)

    def end(self, report: FileReport) -> None:
        if report.status == "ok" and self._file.hunks:
            self.files.append(self._file)
        self._file = ReviewFile("", "")

    def resume(self) -> None:
        """Take over the decisions of the file, once all inputs are read."""
        spots: dict[tuple[str, EditKey], Spot] = {
            (file.name, hunk.key): (f, h)
            for f, file in enumerate(self.files)
            for h, hunk in enumerate(file.hunks)
            if hunk.key is not None
        }
        for decision in self._earlier.decisions:
            spot = spots.get((decision.path, decision.key))
            if decision.text is None:
                self.by_rule.append(decision)
            elif spot is None:
                self._others.append(decision)
            else:
                self.verdicts[spot] = decision.verdict

    def hunk(self, spot: Spot) -> Hunk:
        return self.files[spot[0]].hunks[spot[1]]

    def verdict(self, spot: Spot) -> Verdict | None:
        """The decision about this hunk, or about its rule."""
        if spot in self.verdicts:
            return self.verdicts[spot]
        rule = self.hunk(spot).rule
        return next((one.verdict for one in reversed(self.by_rule) if one.rule == rule and not one.path), None)

    def decide(self, spots: Iterator[Spot] | list[Spot], verdict: Verdict) -> None:
        """One step, which one `undo` reverts."""
        step: dict[Spot, Verdict | None] = {}
        for spot in spots:
            step[spot] = self.verdicts.get(spot)
            self.verdicts[spot] = verdict
        self._done.append(step)

    def undo(self) -> list[Spot]:
        """Revert the last step; return its spots."""
        if not self._done:
            return []
        step = self._done.pop()
        for spot, before in step.items():
            if before is None:
                self.verdicts.pop(spot, None)
            else:
                self.verdicts[spot] = before
        return list(step)

    def of_rule(self, rule: str) -> list[Spot]:
        return [(f, h) for f, file in enumerate(self.files) for h, one in enumerate(file.hunks) if one.rule == rule]

    def rule_verdict(self, rule: str) -> Verdict | None:
        """What was decided about a rule as a whole: a no at one of its places counts, unless there is a yes as well.

        An exception is about its place only, but for a rule that has no other.
        """
        said = {self.verdict(spot) for spot in self.of_rule(rule)}
        if said == {"exception"}:
            return "reject"
        return next((one for one in ("accept", "reject") if one in said), None)

    def rest_of_file(self, spot: Spot) -> list[Spot]:
        """This hunk and the undecided ones behind it in its file."""
        later = range(spot[1] + 1, len(self.files[spot[0]].hunks))
        return [spot, *((spot[0], h) for h in later if self.verdict((spot[0], h)) is None)]

    def undecided(self, file: int) -> int:
        return sum(self.verdict((file, h)) is None for h in range(len(self.files[file].hunks)))

    def next_undecided(self, spot: Spot, step: int) -> Spot | None:
        """The nearest one after (step 1) or before (step -1) `spot`."""
        spots = [(f, h) for f, file in enumerate(self.files) for h in range(len(file.hunks))]
        if spot not in spots:
            return None
        candidates = spots[spots.index(spot) + 1 :] if step > 0 else spots[: spots.index(spot)][::-1]
        return next((one for one in candidates if self.verdict(one) is None), None)

    def decisions(self) -> ReviewDecisions:
        """All decisions in the order of the inputs, and those of an earlier review about other files."""
        mine = [
            self.hunk(spot).decision(verdict, self.files[spot[0]].name)
            for spot, verdict in sorted(self.verdicts.items())
        ]
        return ReviewDecisions(undecided=self.undecided_are, decisions=[*self.by_rule, *self._others, *mine])


OWN = ("own", "own badge")  # styles of the characters that the hunk itself removes


def one_line(hunk: Hunk) -> str:
    """A hunk in a list: the removed text, and the new one."""
    removed = "".join(text for text, style in hunk.pieces if style in OWN)
    pairs = pairwise(hunk.pieces)
    new = next((after for (_, style), (after, other) in pairs if style in OWN and other == "new"), "")
    return plain(removed.replace("\n", " ")) + (f" > {plain(new)}" if new else "")
