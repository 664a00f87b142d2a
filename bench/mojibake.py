#!/usr/bin/env python3
"""Mojibake: repaired exactly, beside ftfy; and changes to clean texts. Prints Markdown tables.

usage: pip install ftfy; python bench/mojibake.py [--seed N] [--count N] [--clean]

Reads ../shared/data. A case is a line of a clean text, read with the wrong codec where that loses nothing.
`--clean` runs the repairs over all clean texts instead and prints what they change.
"""

from __future__ import annotations

import argparse
import random
import re
from collections import Counter, defaultdict
from pathlib import Path

import ftfy

from cleaner import Pipeline, load_ruleset
from cleaner.stages.decode import decode

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
CLEAN = ("clean_zh", "aozora", "korean_news", "gutenberg", "email", "judgment", "law_templates", "exam", "exam_essay",
         "webpage_en", "webpage_eu", "webpage_zh", "novel_ads", "gongwen")  # fmt: skip
FAMILIES = ("boilerplate", "invisible", "whitespace", "placeholder")
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


def lines_of(folder: str, chosen: random.Random, count: int) -> list[str]:
    found = []
    for path in chosen.sample(sorted((DATA / folder).iterdir()), min(30, len(list((DATA / folder).iterdir())))):
        try:
            found += [line.strip() for line in decode(path.read_bytes())[0].split("\n")]
        except Exception as error:  # what is no text is of no use here
            print(f"left out: {path.name}: {error}")
    wanted = [line for line in found if sum(char > "\u2fff" for char in line) > 3 and len(line) < 400]
    return chosen.sample(wanted, min(count, len(wanted)))


def spoiled(text: str, layers: tuple[tuple[str, str], ...]) -> str | None:
    for wrote, read in layers:
        try:
            text = text.encode(wrote).decode(read)
        except UnicodeError:
            return None
    return text


def repairs(seed: int, count: int) -> None:
    chosen = random.Random(seed)
    pipeline = Pipeline(load_ruleset(on=["mojibake/repair"], off=FAMILIES))
    asked: Counter[str] = Counter()
    right: dict[str, Counter[str]] = defaultdict(Counter)
    for kind, layers in KINDS.items():
        wrote = layers[0][0]
        source = "aozora" if wrote == "cp932" else "clean_zh"
        for line in lines_of(source, chosen, MORE * count):
            text = line.encode(wrote, "ignore").decode(wrote)
            bad = spoiled(text, layers)
            if bad is None or bad == text or re.search("[\x00-\x1f]", text) or asked[kind] == count:
                continue
            asked[kind] += 1
            right[kind]["cleaner"] += pipeline.clean(bad).text == text
            right[kind]["ftfy"] += ftfy.fix_text(bad) == text
            right[kind]["ftfy, careful"] += ftfy.fix_encoding(bad) == text
    print("| kind | cases | cleaner | ftfy | ftfy.fix_encoding |\n|---|---|---|---|---|")
    for kind, cases in asked.items():
        shares = " | ".join(f"{100 * right[kind][tool] / cases:.1f}" for tool in ("cleaner", "ftfy", "ftfy, careful"))
        print(f"| {kind} | {cases} | {shares} |")


def changes() -> None:
    pipeline = Pipeline(load_ruleset(off=FAMILIES))
    total = 0
    for folder in CLEAN:
        changed: Counter[str] = Counter()
        characters = 0
        for path in sorted(path for path in (DATA / folder).rglob("*") if path.is_file()):
            try:
                text = decode(path.read_bytes())[0]
            except Exception as error:
                print(f"left out: {path.name}: {error}")
                continue
            characters += len(text)
            for edit in pipeline.clean(text).edits:
                changed[edit.rule] += 1
                print(f"  {path.name}: {edit.rule}: {edit.before!r} -> {edit.after!r}")
        print(f"| {folder} | {characters:,} | {changed.total()} |", flush=True)
        total += characters
    print(f"| all | {total:,} | |")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--count", type=int, default=200)
    asked.add_argument("--clean", action="store_true")
    given = asked.parse_args()
    if given.clean:
        changes()
    else:
        repairs(given.seed, given.count)


if __name__ == "__main__":
    main()
