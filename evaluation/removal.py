"""Boilerplate that is removed from labelled documents, with intervals, and what is removed from clean texts.

    python -m evaluation removal [--each] [--off PREFIX]

Documents: those in evaluation/data/written, which are never read while rules or weights are made; where the shared
folder is there, also its `eval/dev`, which rules were written with, and its clean texts. Figures count characters
without white space, as `eval/score.py` of the shared folder does; macro F1 is the mean over documents with something to
remove; intervals are a bootstrap over documents (95 %). Of clean texts, all characters are counted.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from cleaner.matching.ruleset import load_ruleset
from cleaner.pipeline import Pipeline
from tools.runner import ROOT, Figures, options
from tools.scores import Counts, interval, macro, micro, total
from tools.shared_data import base_texts, decoded

STAGES = ("boilerplate", "invisible")
ENOUGH = 20  # documents
CLEAN = ("clean_zh", "exam", "exam_essay", "law_templates", "judgment")


class Document(NamedTuple):
    name: str
    family: str
    counts: Counts
    clean: bool  # nothing is labelled to be removed


def documents(folder: Path, pipeline: Pipeline) -> Iterator[Document]:
    for path in sorted(folder.glob("*.gold.json")):
        name = path.name.removesuffix(".gold.json")
        label = json.loads(path.read_text("utf-8"))
        text = next(folder.glob(f"{name}.in.*")).read_bytes().decode(label["encoding"]).removeprefix("\ufeff")
        yield Document(name, label["family"], compare(text, label, pipeline), not label["remove"])


def compare(text: str, label: dict[str, Any], pipeline: Pipeline) -> Counts:
    """Count the characters that were removed and that should have been."""
    gold: dict[int, str] = {at: kind for start, end, kind in label["remove"] for at in range(start, end)}
    ignored = {at for start, end in label.get("ignore", []) for at in range(start, end)}
    found: dict[int, str | None] = {
        at: edit.kind
        for edit in pipeline.clean(text).edits
        if edit.stage in STAGES and len(edit.after) < edit.end - edit.start
        for at in range(edit.start, edit.end)
    }
    live = {
        at
        for at in gold.keys() | (found.keys() - ignored)
        if not text[at].isspace() or "invisible" in (gold.get(at), found.get(at))
    }
    both = len(live & gold.keys() & found.keys())
    return Counts(both, len(live & found.keys()) - both, len(live & gold.keys()) - both)


def row(name: str, some: Sequence[Document]) -> dict[str, object]:
    every = [one.counts for one in some]
    dirty = [one.counts for one in some if not one.clean]
    return {
        "texts": name,
        "documents": len(some),
        "with something to remove": len(dirty),
        "precision": round(total(every).precision, 3),
        "recall": round(total(every).recall, 3),
        "micro F1": scored(micro, every),
        "macro F1": scored(macro, dirty),
        "clean ones touched": sum(one.clean and one.counts.wrong > 0 for one in some),
    }


def scored(score: Callable[[Sequence[Counts]], float], counts: Sequence[Counts]) -> str:
    """Return a score, and its interval where there are enough documents for one to mean anything."""
    return f"{score(counts):.3f}" + (f" ({interval(counts, score)})" if len(counts) >= ENOUGH else "")


def harm(shared: Path, pipeline: Pipeline) -> Iterator[dict[str, object]]:
    """Yield how many characters boilerplate rules remove from texts that hold little or none."""
    for name in CLEAN:
        if (shared / "data" / name).is_dir():
            yield removed(name, list(decoded(sorted((shared / "data" / name).rglob("*")))), pipeline)
    if (shared / "bench").is_dir():
        for name, text in base_texts(shared).items():
            yield removed(name, [text], pipeline)


def removed(name: str, texts: Sequence[str], pipeline: Pipeline) -> dict[str, object]:
    edits = [edit for text in texts for edit in pipeline.clean(text).edits if edit.stage == "boilerplate"]
    characters = sum(len(edit.before) - len(edit.after) for edit in edits)
    return {"texts": name, "characters": sum(map(len, texts)), "removed": characters, "edits": len(edits)}


def main(argv: Sequence[str]) -> Figures:
    parser = options(__name__, __doc__)
    parser.add_argument("--each", action="store_true", help="print a line for each document")
    parser.add_argument(
        "--off", action="append", default=[], help="a prefix of rules to leave out, as boilerplate/model"
    )
    given = parser.parse_args(argv)
    pipeline = Pipeline(load_ruleset(off=given.off))
    rows = []
    for name, folder in (("written", ROOT / "evaluation/data/written"), ("eval/dev", given.shared / "eval/dev")):
        found = list(documents(folder, pipeline))
        if given.each:
            for one in sorted(found, key=lambda one: one.counts.f1):
                print(f"{one.counts.f1:6.3f}  {tuple(one.counts)}  {one.name}")
        if found:
            rows.append(row(name, found))
            families = sorted({one.family for one in found if not one.clean}) if name == "written" else []
            rows += [row(f"{name}, {family}", [one for one in found if one.family == family]) for family in families]
    return {"removed": rows, "removed from clean texts": list(harm(given.shared, pipeline))}
