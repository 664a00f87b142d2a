"""Rules imported from exports of e-book readers: how many run, and whether they do what they did there.

    python -m evaluation imports

Imports all of `rules-in-the-wild` in the shared folder and counts what becomes of the rules; lets the four largest run
over 200 passages of novels and compares the text with that of a plain loop of `regex` (rules that are off after import
left out in both); takes the speed of the largest on whole novels, in MB per CPU-second of one process.
"""

from __future__ import annotations

import random
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import regex

from cleaner.authoring.interop.formats import read_foreign
from cleaner.authoring.interop.importer import ImportedRule, tables, take
from cleaner.matching.ruleset import RuleSet
from cleaner.pipeline import Pipeline
from cleaner.rules.parser import load_pack
from cleaner.rules.spec import Pack
from cleaner.rules.writer import head
from tools.runner import Figures, options
from tools.shared_data import need

WINDOWS = 200
CHARS = 1500
LARGEST = 4
ENOUGH = 2_000_000  # characters for the speed


def novels(folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob("*.txt")):
        yield path.read_bytes().decode("gb18030", "replace").replace("\r\n", "\n").replace("\r", "\n")


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
    """Return on how many windows both give the same text, and how many windows change."""
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


def speed(pack: Pack, text: str) -> dict[str, float]:
    """Return MB per CPU-second."""
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
    return {"rules": len(loop), "MB": round(size, 1), "cleaner": round(size / ours, 2), "loop": round(size / theirs, 2)}


def main(argv: Sequence[str]) -> Figures:
    given = options(__name__, __doc__).parse_args(argv)
    paths = sorted(need(given.shared, "rules-in-the-wild").glob("legado[23]_*"))
    exports = {path: read_foreign(path, False) for path in paths}
    texts = list(novels(need(given.shared, "data", "novel_ads")))
    taken = {path: take(rules, "wild") for path, rules in exports.items()}
    every = [one for rules in taken.values() for one in rules]
    fates = Counter(one.fate for one in every)
    left = Counter((one.fate, one.why) for one in every if not one.keys)
    largest = sorted(exports, key=lambda path: -len(exports[path]))[:LARGEST]
    packs = [pack_of(taken[path]) for path in largest]
    rows = []
    for path, pack in zip(largest, packs, strict=True):
        row: dict[str, object] = {"rules": len(exports[path]), "windows": WINDOWS, "same text": 0, "changed": None}
        try:
            row["same text"], row["changed"] = compare(pack, windows(texts))
        except Exception as error:  # a pack that can't run at all is a result, not the end of the others
            traceback.print_exc()
            row["changed"] = f"fails: {type(error).__name__}"
        rows.append(row)
    return {
        "exports": len(taken),
        "rules": len(every),
        "parse and run, %": round(100 * (fates["taken"] + fates["off"]) / len(every), 1),
        "what became of them": dict(fates),
        "not taken": [{"rules": number, "why": ": ".join(why)} for why, number in left.most_common()],
        "text as in a plain loop": rows,
        "MB per CPU-second": [speed(packs[0], "".join(texts)[:ENOUGH])],
    }
