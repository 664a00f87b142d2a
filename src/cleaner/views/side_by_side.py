"""The source on the left, the result on the right, line by line."""

from __future__ import annotations

from .diff_lines import DiffLine
from .display import cells, clipped
from .inline import InlineDiff
from .wrapping import runs

OF_SOURCE = frozenset(("same", "gone", "gone badge", "tag", "flag", "badge", "dim"))
OF_RESULT = frozenset(("same", "new", "new badge", "tag", "flag", "badge", "dim"))
NUMBER = 6  # columns of the line number


class SideBySide(InlineDiff):
    """Like the inline diff, in two columns below the line's number and rules."""

    def show(self, line: DiffLine) -> None:
        columns = (self.paint.width - NUMBER - 3) // 2
        left = self.paint.cut([char for char in line.chars if char[1] in OF_SOURCE], columns)
        right = self.paint.cut([char for char in line.chars if char[1] in OF_RESULT], columns)
        rules = clipped("  ".join(line.rules), self.paint.width - NUMBER)
        self.paint.put([(f"{line.number:>5} {rules}", "dim")])
        for number in range(max(len(left), len(right))):
            here, there = (cut[number] if number < len(cut) else [] for cut in (left, right))
            used = sum(cells(char) for char, _ in here)
            gap = [(" " * (columns - used), "same"), (" | ", "dim")]
            self.paint.put([(" " * NUMBER, "same"), *runs(here), *gap, *runs(there)])
