"""Placeholders found exactly and with their kind, in sentences or documents, with intervals.

    python -m evaluation placeholders [FILE...]                     sentences marked as ⟦×:person⟧
    python -m evaluation placeholders --predicted DIR --gold DIR    documents

Without arguments: the sentences of fixtures/placeholders. The predictions are what `eval/run.py --keep DIR` of
the shared folder writes. Figures are F1; intervals are a bootstrap over sentences or documents (95 %).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from cleaner.io.markup import Template, untag
from cleaner.matching.ruleset import load_ruleset
from cleaner.pipeline import Pipeline
from tools.runner import ROOT, Figures, options
from tools.scores import Counts, interval, micro

SENTENCES = ROOT / "fixtures" / "placeholders"
Spans = dict[tuple[int, int], str]


class Unit(NamedTuple):
    """A sentence or document: the kinds of its placeholders by their characters, as labelled and as found."""

    gold: Spans
    found: Spans
    name: str


def marked(line: str) -> tuple[str, Counter[tuple[int, int, str]]]:
    """Return a sentence without its marks, and the placeholders that were marked: start, end (characters) and kind."""
    gold: Counter[tuple[int, int, str]] = Counter()
    shift = 0
    for edit in Template().undone(line):
        start = edit.start - shift
        gold[start, start + len(edit.after), edit.before.rpartition(":")[2].rstrip("⟧")] += 1
        shift += len(edit.before) - len(edit.after)
    return untag(line), gold


def sentences(path: Path, pipeline: Pipeline) -> Iterator[Unit]:
    for line in path.read_text("utf-8").splitlines():
        if line and not line.startswith("# "):
            text, gold = marked(line)
            found = {(tag.start, tag.end): tag.kind for tag in pipeline.clean(text).tags}
            yield Unit({(start, end): kind for start, end, kind in gold}, found, text)


def documents(gold: Path, predicted: Path) -> Iterator[Unit]:
    """Yield documents. A placeholder inside a span to remove counts neither way, as in `eval/score.py`."""
    for path in sorted(gold.glob("*.gold.json")):
        name = path.name.removesuffix(".gold.json")
        label = json.loads(path.read_text("utf-8"))
        answer = json.loads((predicted / f"{name}.pred.json").read_text("utf-8"))
        neither = {(start, end) for start, end, _ in label.get("placeholders_mou", [])}
        removed = [(start, end) for start, end, _ in label["remove"]]
        found = {
            (start, end): kind
            for start, end, kind in answer["placeholders"]
            if (start, end) not in neither and not any(low <= start < high for low, high in removed)
        }
        yield Unit({(start, end): kind for start, end, kind in label["placeholders"]}, found, name)


def exact(unit: Unit) -> Counts:
    both = len(unit.gold.keys() & unit.found.keys())
    return Counts(both, len(unit.found) - both, len(unit.gold) - both)


def typed(unit: Unit, kind: str | None = None) -> Counts:
    """Count placeholders whose kind must be right, too; those of one kind or of all."""
    gold, found = ({item for item in spans.items() if kind in (None, item[1])} for spans in unit[:2])
    both = len(gold & found)
    return Counts(both, len(found) - both, len(gold) - both)


def rows(name: str, units: Sequence[Unit]) -> list[dict[str, object]]:
    kinds = sorted({kind for unit in units for kind in unit.gold.values()})
    scores = {"exact": exact, "with kind": typed} | {kind: partial(typed, kind=kind) for kind in kinds}
    found = []
    for score, count in scores.items():
        counts = list(map(count, units))
        marked = round(sum(one.right + one.missed for one in counts))
        row = {"texts": name, "score": score, "placeholders": marked, "F1": round(micro(counts), 3)}
        found.append(row | {"95 %": interval(counts, micro)})
    return found


def main(argv: Sequence[str]) -> Figures:
    parser = options(__name__, __doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--predicted", type=Path)
    parser.add_argument("--gold", type=Path)
    parser.add_argument("--show", action="store_true", help="print what differs")
    given = parser.parse_args(argv)
    sets: dict[str, list[Unit]] = {}
    if given.predicted and given.gold:
        sets[given.gold.name] = list(documents(given.gold, given.predicted))
    else:
        pipeline = Pipeline(load_ruleset(builtin_boilerplate=False))
        for path in given.files or sorted(SENTENCES.glob("*.txt")):
            sets[path.stem] = list(sentences(path, pipeline))
    if given.show:
        for unit in (unit for units in sets.values() for unit in units if unit.gold != unit.found):
            missed, wrong = unit.gold.items() - unit.found.items(), unit.found.items() - unit.gold.items()
            print(f"{unit.name}\n   missed {sorted(missed)}\n   wrong {sorted(wrong)}")
    return {"placeholders": [row for name, units in sets.items() for row in rows(name, units)]}
