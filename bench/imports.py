"""Exports of e-book readers: bench/imports.py SHARED.

Imports all of SHARED/rules-in-the-wild and counts what becomes of their rules; lets the four largest run over 200
windows of novels and compares the text with that of a plain loop of `regex` (rules that came switched off left out in
both); takes the speed of the largest on whole novels. CPU seconds of one process.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import regex

from cleaner.authoring.interop.formats import read_foreign
from cleaner.authoring.interop.importer import ImportedRule, tables, take
from cleaner.matching.ruleset import RuleSet
from cleaner.pipeline import Pipeline
from cleaner.rules.parser import load_pack
from cleaner.rules.spec import Pack
from cleaner.rules.writer import head

WINDOWS = 200
CHARS = 1500
LARGEST = 4
ENOUGH = 2_000_000  # characters for the speed


def main(shared: str) -> None:
    exports = {
        path: read_foreign(path, False) for path in sorted(Path(shared, "rules-in-the-wild").glob("legado[23]_*"))
    }
    texts = list(novels(Path(shared)))
    taken = {path: take(rules, "wild") for path, rules in exports.items()}
    count(taken)
    largest = sorted(exports, key=lambda path: -len(exports[path]))[:LARGEST]
    packs = [pack_of(taken[path]) for path in largest]
    for path, pack in zip(largest, packs, strict=True):
        same, changed = compare(pack, windows(texts))
        print(f"{len(exports[path]):5} rules: {same} of {WINDOWS} windows as in a loop, {changed} changed  {path.name}")
    speed(packs[0], "".join(texts)[:ENOUGH])


def novels(shared: Path) -> Iterator[str]:
    for path in sorted((shared / "data" / "novel_ads").glob("*.txt")):
        yield path.read_bytes().decode("gb18030", "replace").replace("\r\n", "\n").replace("\r", "\n")


def count(taken: dict[Path, list[ImportedRule]]) -> None:
    every = [one for rules in taken.values() for one in rules]
    fates = Counter(one.fate for one in every)
    running = fates["taken"] + fates["off"]
    print(f"{len(taken)} files, {len(every)} rules: {dict(fates)}; {running / len(every):.1%} parse and run")
    for why, number in Counter((one.fate, one.why) for one in every if not one.keys).most_common():
        print(f"{number:5} {': '.join(why)}")


def pack_of(taken: list[ImportedRule]) -> Pack:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "wild.toml")
        path.write_text(head("imported", "sequence") + tables(taken), "utf-8")
        return load_pack(path)


def windows(texts: list[str]) -> Iterator[str]:
    chance = random.Random(7)
    for _ in range(WINDOWS):
        text = chance.choice(texts)
        low = chance.randrange(max(1, len(text) - CHARS))
        yield text[low : low + CHARS]


def looped(pack: Pack) -> list[tuple[regex.Pattern[str], str]]:
    on = [rule for rule in pack.rules.values() if rule.enabled]
    return [(regex.compile(rule.match or regex.escape(rule.literal)), rule.replace or "") for rule in on]


def compare(pack: Pack, texts: Iterator[str]) -> tuple[int, int]:
    """On how many windows both give the same text, and how many they change."""
    pipeline = Pipeline(RuleSet([pack]))
    loop = looped(pack)
    same = changed = 0
    for window in texts:
        wanted = window
        for pattern, after in loop:
            wanted = pattern.sub(after, wanted, timeout=60)
        same += pipeline.clean(window).text == wanted
        changed += window != wanted
    return same, changed


def speed(pack: Pack, text: str) -> None:
    pipeline, loop = Pipeline(RuleSet([pack])), looped(pack)
    pipeline.clean(text[:CHARS])  # compiles
    size = len(text.encode()) / 1e6
    begun = time.process_time()
    pipeline.clean(text)
    ours = time.process_time() - begun
    begun = time.process_time()
    for pattern, after in loop:
        text = pattern.sub(after, text, timeout=60)
    theirs = time.process_time() - begun
    print(f"{len(loop)} rules on {size:.1f} MB: {size / ours:.2f} MB/CPU-s, the loop {size / theirs:.2f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
