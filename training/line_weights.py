"""Fit the weights of rules/models/line_features.toml (features of lines), scored on unseen documents.

    python -m training line_weights [--write] [--folds 10]

Lines at the ends of Chinese, Japanese and Korean documents: those of `eval/dev` in the shared folder, those labelled in
training/data (labels, written documents, examples of single notes), and clean texts of the shared folder, of which
nothing is removed. A line is boilerplate where most of its characters are labelled to be removed. The weights are those
of a logistic regression, scaled so that a line is removed at a sum of 1, which is where it is CERTAIN. Every document
is scored with weights fitted on others, by the features alone, without the rules that decide by themselves; figures
count characters. `--write` puts the weights fitted on all of them into the pack. Needs numpy (the extra `train`).
"""

from __future__ import annotations

import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cleaner.matching.rule import Rule
from cleaner.matching.ruleset import load_ruleset
from cleaner.model.lines import EDGE
from tools.runner import ROOT, Figures, options
from tools.scores import Counts, total
from tools.shared_data import base_texts, labelled, need
from training._pages import MOST, Page, page, spans, write

PACK = ROOT / "rules/models/line_features.toml"
DATA = ROOT / "training" / "data"
CLEAN = {"clean_zh": 250, "exam": 25, "exam_essay": 60, "judgment": 50, "law_templates": 7}
BASE = 100  # passages of 80 lines of each of novels, news and reviews of books, hotels and computers
CERTAIN = 0.9  # log odds
WRITTEN = 4.0  # what a written document counts: together they stand for more sites than all others
EAST = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")


class Row(NamedTuple):
    """A line: its features (by number), the share of it that is labelled to be removed, and its length."""

    name: str
    features: list[int]
    share: float
    chars: int


def documents(shared: Path) -> Iterator[Page]:
    for folder in (need(shared, "eval", "dev"), DATA / "written"):
        for path in sorted(folder.glob("*.gold.json")):
            name = path.name.removesuffix(".gold.json")
            raw = next(folder.glob(f"{name}.in.*")).read_bytes()
            yield page(f"{folder.name}/{name}", "", raw, json.loads(path.read_text("utf-8")), ())
    for name, path, label in labelled(shared):
        yield page(f"{name[:-4]}/{name}", "", path.read_bytes(), label, ())
    for number, text in enumerate(examples()):
        label = {"encoding": "utf-8", "remove": [[0, len(text), ""]]}
        yield page(f"examples/{number}", "", text.encode(), label, ())
    nothing = {"encoding": "utf-8", "remove": []}
    chosen = random.Random(3)
    for family, count in CLEAN.items():
        paths = sorted(need(shared, "data", family).rglob("*.*"))
        for path in chosen.sample(paths, min(count, len(paths))):
            yield page(f"clean/{path.name}", "", path.read_bytes().decode("utf-8", "ignore").encode(), nothing, ())
    for name, text in base_texts(shared).items():
        lines = text.split("\n")
        for number in range(BASE):
            start = chosen.randrange(len(lines) - 2 * EDGE)
            yield page(f"{name}/{number}", "", "\n".join(lines[start : start + 2 * EDGE]).encode(), nothing, ())


def examples() -> list[str]:
    """Return the examples, without the lines that say their language and family."""
    groups = re.split(r"^(?:---|# .*)\n", (DATA / "examples.txt").read_text("utf-8"), flags=re.MULTILINE)
    return [group for group in groups[1:] if group.strip()]


def rows(one: Page, features: Sequence[Rule]) -> Iterator[Row]:
    lines = one.text.split("\n")
    at = 0
    for number, line in enumerate(lines):
        marks = [one.removed[at + place] for place, char in enumerate(line) if not char.isspace()]
        at += len(line) + 1
        live = [mark == 1 for mark in marks if mark != 2]
        if live and (number < EDGE or number >= len(lines) - EDGE):
            found = [place for place, rule in enumerate(features) if any(True for _ in spans(rule, line))]
            yield Row(one.name, found, sum(live) / len(live), len(live))


def fitted(chosen: Sequence[Row], count: int, rounds: int = 600) -> NDArray[np.float64]:
    """Return a weight for each feature and, last, the weight that every line has."""
    matrix = np.zeros((len(chosen), count + 1))
    matrix[:, count] = 1
    for number, row in enumerate(chosen):
        matrix[number, row.features] = 1
    y = np.array([row.share for row in chosen])
    w = np.array(
        [min(row.chars, MOST) ** 0.5 / 6 * (WRITTEN if row.name.startswith("written/") else 1) for row in chosen]
    )
    theta, first, second = (np.zeros(count + 1) for _ in range(3))
    for _ in range(rounds):  # Adam
        slope = matrix.T @ (w * (1 / (1 + np.exp(-matrix @ theta)) - y)) / len(y)
        slope[:count] += 2 * theta[:count] / len(y)
        first, second = 0.9 * first + 0.1 * slope, 0.99 * second + 0.01 * slope**2
        theta -= 0.05 * first / (np.sqrt(second) + 1e-8)
    return theta


def scaled(theta: NDArray[np.float64], features: Sequence[Rule]) -> list[float]:
    """Return weights of which a sum of 1 is CERTAIN. One feature of boilerplate never decides, nor turns negative."""
    weights = [round(float(weight / (CERTAIN - theta[-1])), 2) for weight in theta[:-1]]
    return [
        min(weight, -0.05) if feature.written.weight < 0 else min(max(weight, 0.05), 0.9)
        for weight, feature in zip(weights, features, strict=True)
    ]


def counted(chosen: Sequence[Row], weights: Sequence[float]) -> Counts:
    """Count the characters of lines."""
    right = wrong = missed = 0.0
    for row in chosen:
        live = row.share * row.chars
        if sum(weights[feature] for feature in row.features) >= 1:
            right, wrong = right + live, wrong + row.chars - live
        else:
            missed += live
    return Counts(right, wrong, missed)


def main(argv: Sequence[str]) -> Figures:
    parser = options(__name__, __doc__)
    parser.add_argument("--write", action="store_true", help="put the weights into the pack")
    parser.add_argument("--folds", type=int, default=10)
    given = parser.parse_args(argv)
    features = [rule for rule in load_ruleset().rules if rule.id.startswith("boilerplate/line-features/")]
    found = {one.name: list(rows(one, features)) for one in documents(given.shared) if _is_east(one.text)}
    names = sorted(found)
    random.Random(1).shuffle(names)
    groups: dict[str, list[Counts]] = defaultdict(list)
    for fold in range(given.folds):
        held = names[fold :: given.folds]
        others = [row for name in names if name not in held for row in found[name]]
        weights = scaled(fitted(others, len(features)), features)
        for name in held:
            groups[name.split("/")[0]].append(counted(found[name], weights))
    if given.write:
        weights = scaled(fitted([row for name in names for row in found[name]], len(features)), features)
        write(PACK, {rule.id: weight for rule, weight in zip(features, weights, strict=True)})
    return {
        "documents": len(names),
        "characters of lines at the ends": [
            {"texts": group} | {name: round(count) for name, count in total(counts)._asdict().items()}
            for group, counts in sorted(groups.items())
        ],
    }


def _is_east(text: str) -> bool:
    return len(EAST.findall(text)) > 0.15 * len(text)
