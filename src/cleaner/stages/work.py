"""A region while the stages work on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ..edits import Edit, apply
from ..evidence import Verdict
from ..packs.rule import Rule, RuleTimeout

Plan = dict[str, tuple[Rule, ...]]  # by stage
Woken = tuple[Plan, tuple[int, ...]]  # and the rows of the folded view that have work


class Work:
    """The text of a region, what fired in it, and the layers made so far.

    The first `head` and last `tail` characters lie in the head and tail of the source; `first` and `last` tell
    whether the region begins or ends the document. `wake` scans any text and gives the rules that may match there.
    """

    __slots__ = ("failed", "first", "folds", "head", "last", "layers", "plan", "tail", "text", "verdicts", "wake")

    def __init__(self, text: str, woken: Woken, wake: Callable[[str, bool, bool], Woken]) -> None:
        self.text = text
        self.plan, self.folds = woken
        self.wake = wake
        self.head = self.tail = 0
        self.first = self.last = False
        self.layers: list[list[Edit]] = []
        self.verdicts: list[Verdict] | None = None  # collected where somebody asked for explanations
        self.failed: set[str] = set()

    def take(self, edits: list[Edit]) -> None:
        """Applies a layer, and looks again at what it left."""
        if self.head or self.tail:
            length = len(self.text)
            self.head += sum(_growth(edit) for edit in edits if edit.end <= self.head)
            self.tail += sum(_growth(edit) for edit in edits if edit.start >= length - self.tail)
        self.text = apply(self.text, edits)
        self.layers.append(edits)
        self.plan, self.folds = self.wake(self.text, self.first, self.last)

    def spans(self, rule: Rule, text: str) -> Iterable[tuple[int, int, str]]:
        """Where `rule` matches in `text`, its place and exceptions heeded; nothing, and a note, if it takes too long."""
        if rule.id in self.failed:
            return []
        try:
            found = list(rule.spans(text))
        except RuleTimeout:
            self.failed.add(rule.id)
            return []
        if found and (rule.written.place != "anywhere" or rule.unless is not None):
            found = [span for span in found if self._allowed(rule, text, span[0], span[1])]
        return found

    def _allowed(self, rule: Rule, text: str, start: int, end: int) -> bool:
        place = rule.written.place
        if place == "start" and not (self.first and start == 0):
            return False
        if place == "end" and not (self.last and end == len(text)):
            return False
        if place == "head" and end > self.head:
            return False
        if place == "tail" and start < len(text) - self.tail:
            return False
        if rule.unless is None:
            return True
        low = text.rfind("\n", 0, start) + 1
        high = text.find("\n", end)
        return not rule.unless.search(text[low : high if high >= 0 else len(text)])


def _growth(edit: Edit) -> int:
    return len(edit.after) - (edit.end - edit.start)


def rule_edits(work: Work, stage: str, rules: Sequence[Rule]) -> list[Edit]:
    """What rules without evidence do: each match an edit; where two overlap, the earlier rule's stays."""
    from ..fold import PlainLines

    lines = PlainLines(work.text)
    text = work.text
    newline = "\r\n" if lines.text is not text and "\r\n" in text else "\n"
    found: list[tuple[int, int, int, str, Rule]] = []
    for number, rule in enumerate(rules):
        for start, end, after in work.spans(rule, lines.text):
            start, end = lines.back(start, end)
            if newline != "\n":
                after = after.replace("\n", newline)
            if text[start:end] != after:
                found.append((start, end, number, after, rule))
    if len(found) > 1:
        found = _without_overlaps(found)
    return [Edit(start, end, text[start:end], after, stage, rule.id, rule.kind) for start, end, _, after, rule in found]


def _without_overlaps(
    found: list[tuple[int, int, int, str, Rule]],
) -> list[tuple[int, int, int, str, Rule]]:
    if all(found[i][1] <= found[i + 1][0] for i in range(len(found) - 1)):
        return found
    taken: list[tuple[int, int, int, str, Rule]] = []
    for span in sorted(found, key=lambda span: (span[2], span[0])):
        if all(span[1] <= other[0] or span[0] >= other[1] for other in taken):
            taken.append(span)
    return sorted(taken, key=lambda span: span[0])
