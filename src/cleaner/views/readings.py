"""What one line says in several encodings, side by side."""

from __future__ import annotations

from collections.abc import Sequence

from ..model.source import Reading
from .display import clipped, padded, plain, width
from .i18n import t

NARROWEST = 24  # columns of one reading; with less room they stand below each other


def readings_side_by_side(line: int, readings: Sequence[Reading], columns: int, flags: bool = False) -> list[str]:
    """Rows of at most `columns` cells, the names of the encodings above; with `flags` the option that chooses each."""
    if not readings:
        return []
    first = f"  {t('line')} {line:,}  "
    room = columns - width(first)
    heads = [f"--encoding {reading.encoding}" if flags else reading.encoding for reading in readings]
    texts = [plain(reading.text) for reading in readings]
    each = (room + 3) // len(readings) - 3
    if each >= NARROWEST:
        rows = [" | ".join(padded(clipped(cell, each), each) for cell in cells) for cells in (heads, texts)]
    else:
        widest = max(map(width, heads))
        rows = [
            f"{padded(name, widest)}  {clipped(text, max(room - widest - 2, 10))}"
            for name, text in zip(heads, texts, strict=True)
        ]
    return [(" " * width(first) if number else first) + row.rstrip() for number, row in enumerate(rows)]
