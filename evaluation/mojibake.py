"""Mojibake that is repaired exactly, compared with ftfy; with --clean, what the repairs change in clean texts.

    python -m evaluation mojibake [--seed N] [--count N] [--clean]

A case is a line of a clean text, read with the wrong codec where that loses nothing. Figures are % repaired.
"""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import ftfy

from cleaner.errors import InputProblem, InputSkipped
from cleaner.packs.ruleset import load_ruleset
from cleaner.pipeline import Pipeline
from cleaner.stages.decode import decode
from tools.runner import Figures, options
from tools.shared_data import need

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
MORE = 20  # times as many lines are drawn as cases are wanted: few survive UTF-8 as GBK without loss


def texts(folder: Path, paths: Sequence[Path]) -> Iterator[str]:
    """Yield the texts of files; one that is no text is named and left out."""
    for path in paths:
        try:
            yield decode(path.read_bytes())[0]
        except (InputProblem, InputSkipped) as problem:
            print(f"left out: {path.relative_to(folder)}: {problem}")


def lines_of(folder: Path, chosen: random.Random, count: int) -> list[str]:
    paths = sorted(folder.iterdir())
    found = texts(folder, chosen.sample(paths, min(30, len(paths))))
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


def repairs(data: Path, seed: int, count: int) -> Figures:
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
    rows = [
        {"kind": kind, "cases": number} | {tool: round(100 * good / number, 1) for tool, good in right[kind].items()}
        for kind, number in cases.items()
    ]
    return {"repaired": rows}


def changes(data: Path) -> Figures:
    """Run the repairs over clean texts, print each change, and count them."""
    pipeline = Pipeline(load_ruleset(off=OTHERS))
    rows = []
    for name in CLEAN:
        changed = characters = 0
        for text in texts(data, sorted(path for path in (data / name).rglob("*") if path.is_file())):
            characters += len(text)
            for edit in pipeline.clean(text).edits:
                changed += 1
                print(f"  {name}: {edit.rule}: {edit.before!r} -> {edit.after!r}")
        rows.append({"texts": name, "characters": characters, "changes": changed})
    return {"clean texts": rows, "characters": sum(row["characters"] for row in rows)}


def main(argv: Sequence[str]) -> Figures:
    parser = options(__name__, __doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--clean", action="store_true")
    given = parser.parse_args(argv)
    data = need(given.shared, "data")
    return changes(data) if given.clean else repairs(data, given.seed, given.count)
