"""A learned scorer of the lines of a flattened web page: sums of integer weights of words and of shapes, then of trees.

A line's first sum is over its words and pairs of words, and over what needs no language. Trees ask about that sum,
about those of its neighbours and about the whole page, and each adds a number. Above 0 speaks for boilerplate. All is
whole numbers, the same on every machine.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from .page_context import columns, cue_bits
from .page_tokens import BITS, PageTokens, tokens

if TYPE_CHECKING:
    from pathlib import Path

    import numpy

    from .webpage import PageLine

    Array = numpy.ndarray[Any, Any]

SCALE = 256  # steps of the value of a leaf in one unit of log odds


class Trees(NamedTuple):
    """Trees of questions: at a node, does `column` hold more than `cut`? `low` and `high` are the nodes that follow.

    A node that follows itself is a leaf and has a value. A row for each tree.
    """

    column: Array
    cut: Array
    low: Array
    high: Array
    value: Array

    def sums(self, rows: Array) -> Array:
        """What all trees together say of each row, in steps of 1/SCALE."""
        import numpy as np

        trees, width = self.column.shape
        first = np.arange(trees) * width
        column, cut, value = self.column.ravel(), self.cut.ravel(), self.value.ravel()
        low, high = (first[:, None] + self.low).ravel(), (first[:, None] + self.high).ravel()
        numbers, row = rows.ravel(), np.arange(len(rows))[:, None] * rows.shape[1]
        node = np.broadcast_to(first, (len(rows), trees))
        while True:
            above = numbers.take(row + column.take(node)) > cut.take(node)
            following = np.where(above, high.take(node), low.take(node))
            if np.array_equal(following, node):
                found: Array = value.take(node).sum(1)
                return found
            node = following


class PageModel:
    """The weights of words and of shapes, and the trees over the first sums."""

    def __init__(self, words: Array, shapes: Array, bias: int, trees: Trees | None, shift: int = 0) -> None:
        self.words, self.shapes, self.bias = words, shapes, bias
        self.trees, self.shift = trees, shift

    def first(self, found: PageTokens) -> Array:
        """The first sum of each line, in steps of 1/UNIT."""
        import numpy as np

        size = len(found.numbers)
        shapes = np.bincount(found.shape_line, self.shapes[found.shapes], size)
        words = np.bincount(found.word_line, self.words[found.words], size)
        many = np.maximum(np.bincount(found.word_line, minlength=size), 1)
        return np.rint(shapes + words / np.sqrt(many) + self.bias).astype(np.int64)

    def sums(self, text: str, lines: Sequence[PageLine]) -> dict[int, float]:
        """What speaks for boilerplate in each line that is not blank, by its number, in log odds.

        `lines` are those of the text, with the features that hold for them.
        """
        if not text.strip():
            return {}
        found = tokens(text)
        assert self.trees is not None
        rows = columns(found, self.first(found), cue_bits(lines, found.numbers))
        return dict(zip(found.numbers, ((self.trees.sums(rows) + self.shift) / SCALE).tolist(), strict=True))


@cache
def load_page_model(path: Path) -> PageModel:
    """The model that lies in two files: PATH.json with the shapes of the tables, PATH.bin with the tables."""
    import numpy as np

    head = json.loads(path.with_suffix(".json").read_text("utf-8"))
    data = zlib.decompress(path.with_suffix(".bin").read_bytes())
    weights = np.frombuffer(data, np.int8, 2 << BITS)
    table = np.frombuffer(data, "<i4", offset=2 << BITS).reshape(5, head["trees"], -1)
    return PageModel(weights[: 1 << BITS], weights[1 << BITS :], head["bias"], Trees(*table), head["shift"])


def save_page_model(model: PageModel, path: Path) -> None:
    """Write what `load_page_model` reads."""
    import numpy as np

    assert model.trees is not None
    head = {"bias": model.bias, "shift": model.shift, "trees": len(model.trees.column)}
    data = model.words.tobytes() + model.shapes.tobytes() + np.stack(model.trees).astype("<i4").tobytes()
    path.with_suffix(".json").write_text(json.dumps(head) + "\n", "utf-8")
    path.with_suffix(".bin").write_bytes(zlib.compress(data, 9))
