"""Fits the weights of rules/models/line_features.toml on labelled documents, and says how well they do on others.

usage: fit_signs.py SHARED [--write] [--folds 10]

Lines at the ends of Chinese, Japanese and Korean documents: those in SHARED/eval/dev, those labelled in bench/labels
and in the odd half of bench/written, the marks in bench/marks.txt, and clean texts of SHARED/data, of which nothing
goes. A line goes where most of its characters are labelled to go. The weights are those of a logistic regression; they
are given so that a line goes at a sum of 1, which is where it is CERTAIN. Every document is scored with weights fitted
on others; the figures are of the signs alone, without the rules that decide by themselves. --write puts the weights
fitted on all of them into the pack.
Needs numpy.
"""

from __future__ import annotations

import io
import json
import random
import re
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from fit import HERE, MOST, Page, options, page, spans, write
from numpy.typing import NDArray

from cleaner.matching.rule import Rule
from cleaner.matching.ruleset import load_ruleset
from cleaner.model.lines import EDGE

PACK = HERE.parent / "rules/models/line_features.toml"
CLEAN = {"clean_zh": 250, "exam": 25, "exam_essay": 60, "judgment": 50, "law_templates": 7}
BASE = 100  # stretches of 80 lines of each of novels, news and reviews of books, hotels and computers
CERTAIN = 0.9  # log odds
WRITTEN = 4.0  # what a document of bench/written counts, of more sites than all others together
EAST = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")


class Row(NamedTuple):
    name: str
    signs: list[int]
    share: float
    chars: int


def documents(shared: Path) -> Iterator[Page]:
    for folder in (shared / "eval/dev", HERE / "written"):
        for path in sorted(folder.glob("*.gold.json")):
            name = path.name.removesuffix(".gold.json")
            if folder.name == "written" and int(name[-2:]) % 2 == 0:
                continue  # held: only scored, never learned from
            raw = next(folder.glob(f"{name}.in.*")).read_bytes()
            yield page(f"{folder.name}/{name}", "", raw, json.loads(path.read_text("utf-8")), ())
    for path in sorted((HERE / "labels").glob("*/*.json")):
        label = json.loads(path.read_text("utf-8"))
        source = shared / "data" / label["path"]
        if source.exists():
            yield page(label["path"], "", source.read_bytes(), label, ())
    for number, mark in enumerate(marks()):
        yield page(f"marks/{number}", "", mark.encode(), {"encoding": "utf-8", "remove": [[0, len(mark), ""]]}, ())
    chosen = random.Random(3)
    for family, count in CLEAN.items():
        paths = sorted((shared / "data" / family).rglob("*.*"))
        for path in chosen.sample(paths, min(count, len(paths))):
            raw = path.read_bytes().decode("utf-8", "ignore").encode()
            yield page(f"clean/{path.name}", "", raw, {"encoding": "utf-8", "remove": []}, ())
    with tarfile.open(shared / "bench/base.tar.xz") as base:
        for member in filter(tarfile.TarInfo.isfile, base.getmembers()):
            lines = (base.extractfile(member) or io.BytesIO()).read().decode().split("\n")
            for number in range(BASE):
                start = chosen.randrange(len(lines) - 2 * EDGE)
                raw = "\n".join(lines[start : start + 2 * EDGE]).encode()
                yield page(f"{Path(member.name).stem}/{number}", "", raw, {"encoding": "utf-8", "remove": []}, ())


def marks() -> list[str]:
    """The marks written for this, without the lines that tell their language and family."""
    groups = re.split(r"^(?:---|# .*)\n", (HERE / "marks.txt").read_text("utf-8"), flags=re.MULTILINE)
    return [group for group in groups[1:] if group.strip()]


def rows(one: Page, signs: Sequence[Rule]) -> Iterator[Row]:
    lines = one.text.split("\n")
    at = 0
    for number, line in enumerate(lines):
        marks = [one.gone[at + place] for place, char in enumerate(line) if not char.isspace()]
        at += len(line) + 1
        live = [mark == 1 for mark in marks if mark != 2]
        if live and (number < EDGE or number >= len(lines) - EDGE):
            found = [place for place, rule in enumerate(signs) if any(True for _ in spans(rule, line))]
            yield Row(one.name, found, sum(live) / len(live), len(live))


def fitted(chosen: Sequence[Row], count: int, rounds: int = 600) -> NDArray[np.float64]:
    """A weight for each sign and, last, what speaks for any line."""
    matrix = np.zeros((len(chosen), count + 1))
    matrix[:, count] = 1
    for number, row in enumerate(chosen):
        matrix[number, row.signs] = 1
    y = np.array([row.share for row in chosen])
    w = np.array([min(row.chars, MOST) ** 0.5 / 6 * (WRITTEN if "written/" in row.name else 1) for row in chosen])
    theta, first, second = (np.zeros(count + 1) for _ in range(3))
    for _ in range(rounds):  # Adam
        slope = matrix.T @ (w * (1 / (1 + np.exp(-matrix @ theta)) - y)) / len(y)
        slope[:count] += 2 * theta[:count] / len(y)
        first, second = 0.9 * first + 0.1 * slope, 0.99 * second + 0.01 * slope**2
        theta -= 0.05 * first / (np.sqrt(second) + 1e-8)
    return theta


def scaled(theta: NDArray[np.float64], signs: Sequence[Rule]) -> list[float]:
    """Weights of which a sum of 1 is CERTAIN. What speaks for removal never does so alone, nor turns against it."""
    weights = [round(float(weight / (CERTAIN - theta[-1])), 2) for weight in theta[:-1]]
    return [
        min(weight, -0.05) if sign.written.weight < 0 else min(max(weight, 0.05), 0.9)
        for weight, sign in zip(weights, signs, strict=True)
    ]


def counted(chosen: Sequence[Row], weights: Sequence[float]) -> tuple[float, float, float]:
    right = wrong = missed = 0.0
    for row in chosen:
        live = row.share * row.chars
        if sum(weights[sign] for sign in row.signs) >= 1:
            right, wrong = right + live, wrong + row.chars - live
        else:
            missed += live
    return right, wrong, missed


def main() -> None:
    given = options(__doc__).parse_args()
    signs = [rule for rule in load_ruleset().rules if rule.id.startswith("boilerplate/line-features/")]
    found = {one.name: list(rows(one, signs)) for one in documents(given.shared) if _is_east(one.text)}
    names = sorted(found)
    random.Random(1).shuffle(names)
    totals: dict[str, tuple[float, ...]] = {}
    for fold in range(given.folds):
        held = names[fold :: given.folds]
        others = [row for name in names if name not in held for row in found[name]]
        weights = scaled(fitted(others, len(signs)), signs)
        for name in held:
            group = name.split("/")[0]
            counts = counted(found[name], weights)
            totals[group] = tuple(map(sum, zip(totals.get(group, (0.0,) * 3), counts, strict=True)))
    for group, (right, wrong, missed) in sorted(totals.items()):
        print(f"{group:12} right {right:7.0f}  wrong {wrong:5.0f}  missed {missed:7.0f}  of characters at the ends")
    if given.write:
        weights = scaled(fitted([row for name in names for row in found[name]], len(signs)), signs)
        write(PACK, {rule.id: weight for rule, weight in zip(signs, weights, strict=True)})


def _is_east(text: str) -> bool:
    return len(EAST.findall(text)) > 0.15 * len(text)


if __name__ == "__main__":
    main()
