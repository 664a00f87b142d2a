"""Placeholders scored with 95 % bootstrap intervals, over sentences or over documents.

python bench/placeholders.py fixtures/placeholders/unseen-held.txt...     sentences marked as ⟦×:person⟧
python bench/placeholders.py --pred DIR --gold ../shared/eval/dev       what `eval/run.py --keep DIR` wrote
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

DRAWS = 2000
Spans = dict[tuple[int, int], str]


def marked_sentences(path: Path) -> Iterator[tuple[Spans, Spans, str]]:
    """Gold, found and text of every sentence."""
    from test_placeholders import PIPELINE, marked

    for line in path.read_text("utf-8").splitlines():
        if line and not line.startswith("# "):
            text, gold = marked(line)
            found = {(tag.start, tag.end): tag.kind for tag in PIPELINE.clean(text).tags}
            yield {(start, end): kind for start, end, kind in gold}, found, text


def labelled_documents(gold: Path, predicted: Path) -> Iterator[tuple[Spans, Spans, str]]:
    """The same of every document. A mask inside a removed span counts neither way, as in `eval/score.py`."""
    for path in sorted(gold.glob("*.gold.json")):
        name = path.name.removesuffix(".gold.json")
        truth, said = json.loads(path.read_text()), json.loads((predicted / f"{name}.pred.json").read_text())
        apart = {(start, end) for start, end, _ in truth.get("placeholders_mou", [])}
        gone = [(start, end) for start, end, _ in truth["remove"]]
        found = {
            (start, end): kind
            for start, end, kind in said["placeholders"]
            if (start, end) not in apart and not any(low <= start < high for low, high in gone)
        }
        yield {(start, end): kind for start, end, kind in truth["placeholders"]}, found, name


def counted(gold: Spans, found: Spans) -> Counter[str]:
    """What the figures are made of; "right person" and its kind are for the figure of one kind."""
    counts = Counter(gold=len(gold), found=len(found), exact=len(gold.keys() & found.keys()))
    counts["typed"] = len(gold.items() & found.items())
    for (_, kind), name in [(x, "gold") for x in gold.items()] + [(x, "found") for x in found.items()]:
        counts[f"{name} {kind}"] += 1
    for _, kind in gold.items() & found.items():
        counts[f"typed {kind}"] += 1
    return counts


def f1(counts: Counter[str], right: str, kind: str = "") -> float:
    total = counts["gold" + kind] + counts["found" + kind]
    return 2 * counts[right + kind] / total if total else 1.0


def interval(units: Sequence[Counter[str]], right: str, kind: str = "") -> tuple[float, float]:
    drawn = random.Random(1)
    scores = []
    for _ in range(DRAWS):
        total: Counter[str] = Counter()
        for unit in drawn.choices(units, k=len(units)):
            for name in ("gold" + kind, "found" + kind, right + kind):
                total[name] += unit[name]
        scores.append(f1(total, right, kind))
    scores.sort()
    return scores[DRAWS // 40], scores[-DRAWS // 40]


def report(name: str, units: Sequence[Counter[str]]) -> None:
    total = sum(units, Counter())
    print(f"{name}: {len(units)} units, {total['gold']} marks")
    for right, kind in [("exact", ""), ("typed", ""), *(("typed", f" {k}") for k in sorted(kinds(total)))]:
        low, high = interval(units, right, kind)
        marks = total["gold" + kind]
        print(f"  {right + kind:<14} F1 {f1(total, right, kind):.3f} ({low:.3f} to {high:.3f}) of {marks}")


def kinds(total: Counter[str]) -> list[str]:
    return [name.removeprefix("gold ") for name in total if name.startswith("gold ")]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("files", nargs="*", type=Path)
    asked.add_argument("--pred", type=Path)
    asked.add_argument("--gold", type=Path)
    asked.add_argument("--show", action="store_true", help="print what differs")
    args = asked.parse_args()
    sets = [(path.stem, marked_sentences(path)) for path in args.files]
    if args.pred and args.gold:
        sets.append((args.gold.name, labelled_documents(args.gold, args.pred)))
    for name, rows in sets:
        units = []
        for gold, found, text in rows:
            units.append(counted(gold, found))
            if args.show and gold != found:
                print(text, "\n   missed", gold.items() - found.items(), "\n   wrong", found.items() - gold.items())
        report(name, units)


if __name__ == "__main__":
    main()
