"""Mojibake that is repaired exactly, compared with ftfy, and what the repairs change in clean texts.

    python -m evaluation mojibake [--seed N] [--count N] [--show]

A case is a line of a clean text, read with the wrong codec where that loses nothing. Figures are % repaired.
"""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ftfy

from cleaner.matching.ruleset import load_ruleset
from cleaner.pipeline import Pipeline
from tools.runner import Figures, options
from tools.shared_data import decoded, need

CLEAN = ("clean_zh", "aozora", "korean_news", "gutenberg", "email", "judgment", "law_templates", "exam", "exam_essay",
         "webpage_en", "webpage_eu", "webpage_zh", "novel_ads", "gongwen")  # fmt: skip
OTHERS = ("boilerplate", "invisible", "whitespace", "placeholder")
GBK, LATIN = ("utf-8", "gb18030"), ("utf-8", "latin-1")
KINDS = {  # what was written and what it was read as, layer by layer
    "UTF-8 as GBK": (GBK,),
    "UTF-8 as GBK twice": (GBK, GBK),
    "UTF-8 as Latin-1": (LATIN,),
    "UTF-8 as Windows-1252": (("utf-8", "cp1252"),),
    "UTF-8 as Latin-1 twice": (LATIN, LATIN),
    "UTF-8 as Latin-1 three times": (LATIN, LATIN, LATIN),
    "UTF-8 as Latin-1, then as GBK": (LATIN, GBK),
    "GBK as Latin-1": (("gb18030", "latin-1"),),
    "GBK as Latin-1, then UTF-8 as Latin-1": (("gb18030", "latin-1"), LATIN),
    "GBK as Windows-1252": (("gb18030", "cp1252"),),
    "Big5 as Latin-1": (("cp950", "latin-1"),),
    "Shift_JIS as GBK (`--on`)": (("cp932", "gb18030"),),
}
Row = dict[str, Any]
MORE = 20  # times as many lines are drawn as cases are wanted: few survive UTF-8 as GBK without loss


def lines_of(folder: Path, chosen: random.Random, count: int) -> list[str]:
    paths = sorted(folder.iterdir())
    found = decoded(chosen.sample(paths, min(30, len(paths))))
    lines = [line.strip() for text in found for line in text.split("\n")]
    wanted = [line for line in lines if sum(char > "\u2fff" for char in line) > 3 and len(line) < 400]
    return chosen.sample(wanted, min(count, len(wanted)))


def spoiled(text: str, layers: tuple[tuple[str, str], ...]) -> str | None:
    """Return a text as it looks written and read with these codecs; None where that would lose something."""
    for wrote, read in layers:
        try:
            text = text.encode(wrote).decode(read)
        except UnicodeError:
            return None
    return text


def repairs(data: Path, seed: int, count: int) -> list[Row]:
    chosen = random.Random(seed)
    pipeline = Pipeline(load_ruleset(on=["mojibake/repair"], off=OTHERS))
    cases: Counter[str] = Counter()
    right: dict[str, Counter[str]] = defaultdict(Counter)
    for kind, layers in KINDS.items():
        wrote = layers[0][0]
        for line in lines_of(data / ("aozora" if wrote == "cp932" else "clean_zh"), chosen, MORE * count):
            text = line.encode(wrote, "ignore").decode(wrote)
            bad = spoiled(text, layers)
            if bad is None or bad == text or re.search("[\x00-\x1f]", text) or cases[kind] == count:
                continue
            cases[kind] += 1
            right[kind]["cleaner"] += pipeline.clean(bad).text == text
            right[kind]["ftfy.fix_text"] += ftfy.fix_text(bad) == text
            right[kind]["ftfy.fix_encoding"] += ftfy.fix_encoding(bad) == text
    return [
        {"kind": kind, "cases": number} | {tool: round(100 * good / number, 1) for tool, good in right[kind].items()}
        for kind, number in cases.items()
    ]


def changes(data: Path, show: bool) -> list[Row]:
    """Run the repairs over clean texts and count what they change."""
    pipeline = Pipeline(load_ruleset(off=OTHERS))
    rows: list[Row] = []
    for name in CLEAN:
        changed = characters = 0
        for text in decoded(sorted((data / name).rglob("*"))):
            characters += len(text)
            for edit in pipeline.clean(text).edits:
                changed += 1
                if show:
                    print(f"  {name}: {edit.rule}: {edit.before!r} -> {edit.after!r}")
        rows.append({"texts": name, "characters": characters, "changes": changed})
    return rows


def main(argv: Sequence[str]) -> Figures:
    parser = options(__name__, __doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--show", action="store_true", help="print each change of a clean text")
    given = parser.parse_args(argv)
    data = need(given.shared, "data")
    return {"repaired": repairs(data, given.seed, given.count), "changes of clean texts": changes(data, given.show)}
