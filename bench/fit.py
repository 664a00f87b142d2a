"""Fits the weights of the signs in rules/models/page_features.toml on labelled documents, and says how well they do.

usage: fit.py SHARED [--write] [--folds 10]

SHARED holds `data/` and `eval/dev/`; the labels of more documents lie in bench/labels (offsets only, no text). A line
is furniture where most of its characters are labelled to go. The weights are those of a logistic regression (each
document counts by the root of its length); a page is then cut as `cleaner` cuts it. Every vendor is scored with weights
fitted on the others, so the figures speak of sites never seen; intervals are a bootstrap over documents.
--write puts the weights fitted on all documents into the pack, rounded to a tenth; everything else in it stays.
Needs numpy.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from cleaner.engine.webpage import PageLine, cut, read
from cleaner.matching.rule import Rule
from cleaner.matching.ruleset import load_ruleset

HERE = Path(__file__).parent
PACK = HERE.parent / "rules/models/page_features.toml"
FAMILIES = ("webpage",)
BY_HAND = 5.0  # a weight of that size was set by hand and stays: labels count bylines neither way
MOST = 100  # characters of a line that count


class Page(NamedTuple):
    name: str
    vendor: str
    text: str
    gone: bytearray  # 1 where a character is labelled to go, 2 where it counts neither way
    lines: list[PageLine]


def documents(shared: Path, rules: Sequence[Rule]) -> Iterator[Page]:
    for path in sorted((shared / "eval/dev").glob("*.gold.json")):
        label = json.loads(path.read_text("utf-8"))
        if label["family"] in FAMILIES:
            name = path.name.removesuffix(".gold.json")
            raw = next(path.parent.glob(f"{name}.in.*")).read_bytes()
            yield page(name, label.get("vendor", name), raw, label, rules)
    for path in sorted((HERE / "labels").glob("*/*.json")):
        label = json.loads(path.read_text("utf-8"))
        source = shared / "data" / label["path"]
        if label["family"] in FAMILIES and source.exists():
            yield page(label["path"], label["vendor"], source.read_bytes(), label, rules)


def page(name: str, vendor: str, raw: bytes, label: dict[str, Any], rules: Sequence[Rule]) -> Page:
    text = raw.decode(label["encoding"]).removeprefix("\ufeff")
    gone = bytearray(len(text))
    for start, end in label.get("ignore", []):
        gone[start:end] = b"\2" * (end - start)
    for start, end, _ in label["remove"]:
        gone[start:end] = b"\1" * (end - start)
    plain = text.replace("\r\n", " \n").replace("\r", "\n")
    low, high = label.get("window") or (0, len(text))
    plain, gone = plain[low:high], gone[low:high]
    asked = [(rule, None) for rule in rules]
    return Page(name, vendor, plain, gone, read(plain, asked, lambda rule, _: spans(rule, plain)))


def spans(rule: Rule, text: str) -> Iterator[tuple[int, int, str]]:
    for start, end, after in rule.spans(text):
        low, high = text.rfind("\n", 0, start) + 1, text.find("\n", end)
        if rule.unless is None or not rule.unless.search(text[low : high if high >= 0 else len(text)]):
            yield start, end, after


def counted(one: Page) -> Iterator[tuple[PageLine, float, int]]:
    """Each line with the share of it that is labelled to go, and how many characters count."""
    for line in one.lines:
        marks = [one.gone[at] for at in range(line.start, line.end) if not one.text[at].isspace()]
        live = [mark == 1 for mark in marks if mark != 2]
        if live:
            yield line, sum(live) / len(live), len(live)


def fitted(pages: Sequence[Page], names: Sequence[str], rounds: int = 400) -> dict[str, float]:
    at = {name: number for number, name in enumerate(names)}
    rows: list[list[int]] = []
    wanted: list[float] = []
    weights: list[float] = []
    for one in pages:
        lines = list(counted(one))
        whole = sum(min(chars, MOST) ** 0.5 for _, _, chars in lines)
        for line, share, chars in lines:
            rows.append([at[rule.id] for rule in line.parts])
            wanted.append(share)
            weights.append(min(chars, MOST) ** 0.5 / whole**0.5)
    matrix = np.zeros((len(rows), len(names)))
    for number, row in enumerate(rows):
        matrix[number, row] = 1
    y, w = np.array(wanted), np.array(weights) / np.mean(weights)
    theta, first, second = np.zeros(len(names)), np.zeros(len(names)), np.zeros(len(names))
    for _ in range(rounds):  # Adam
        slope = matrix.T @ (w * (1 / (1 + np.exp(-matrix @ theta)) - y)) / len(y) + theta / len(y)
        first, second = 0.9 * first + 0.1 * slope, 0.99 * second + 0.01 * slope**2
        theta -= 0.1 * first / (np.sqrt(second) + 1e-6)
    return dict(zip(names, theta.tolist(), strict=True))


class Weighed(PageLine):
    """A line whose signs weigh what was fitted."""

    weights: Mapping[str, float] = {}

    @property
    def total(self) -> float:
        return sum(self.weights[rule.id] for rule in self.parts)


def score(one: Page, weights: Mapping[str, float], cost: float) -> tuple[int, int, int]:
    lines = [
        Weighed(line.start, line.end, line.blank, line.place, line.parts, line.title, weights=weights)
        for line in one.lines
    ]
    cut(lines, (), cost)
    right = wrong = missed = 0
    for line in lines:
        for at in range(line.start, line.end):
            if one.text[at].isspace() or one.gone[at] == 2:
                continue
            right += bool(line.furniture and one.gone[at])
            wrong += bool(line.furniture and not one.gone[at])
            missed += bool(not line.furniture and one.gone[at])
    return right, wrong, missed


def f1(right: int, wrong: int, missed: int) -> float:
    return 2 * right / (2 * right + wrong + missed) if right + wrong + missed else 1.0


def report(scores: Mapping[str, tuple[int, int, int]], shown: bool) -> None:
    if shown:
        for name, counts in sorted(scores.items(), key=lambda item: f1(*item[1])):
            print(f"{f1(*counts):6.3f}  {counts}  {name}")
    right, wrong, missed = (sum(counts[at] for counts in scores.values()) for at in range(3))
    rng = random.Random(1)
    names = list(scores)
    micros, macros = [], []
    for _ in range(1000):
        drawn = [scores[rng.choice(names)] for _ in names]
        micros.append(f1(*(sum(counts[at] for counts in drawn) for at in range(3))))
        macros.append(sum(f1(*counts) for counts in drawn) / len(drawn))
    macro = sum(f1(*counts) for counts in scores.values()) / len(scores)
    ends = [(sorted(values)[25], sorted(values)[974]) for values in (micros, macros)]
    print(f"precision {right / (right + wrong):.3f}  recall {right / (right + missed):.3f}")
    print(f"micro F1 {f1(right, wrong, missed):.3f} ({ends[0][0]:.3f} to {ends[0][1]:.3f})")
    print(f"macro F1 {macro:.3f} ({ends[1][0]:.3f} to {ends[1][1]:.3f})")


def write(pack: Path, weights: Mapping[str, float]) -> None:
    """Puts weights into a pack, by rule; everything else in it stays."""
    text = pack.read_text("utf-8")
    for rule_id, weight in weights.items():
        name = re.escape(rule_id.rsplit("/", 1)[1])
        text = re.sub(rf"(\[features\.{name}\](?:\n[^\[].*)*?\nweight = )\S+", rf"\g<1>{weight}", text)
    pack.write_text(text, "utf-8")


def options(description: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=Path)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--folds", type=int, default=10)
    return parser


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--each", action="store_true", help="a line for each document")
    given = parser.parse_args()
    rules = load_ruleset()
    assert rules.page is not None
    cost = rules.page.written.weight
    names = [rule.id for rule in rules.signs if rule.does is None]
    pages = list(documents(given.shared, rules.signs))
    vendors = sorted({one.vendor for one in pages})
    random.Random(1).shuffle(vendors)
    print(f"{len(pages)} documents of {len(vendors)} vendors, {sum(len(one.lines) for one in pages)} lines")
    scores = {}
    for fold in range(given.folds):
        held = set(vendors[fold :: given.folds])
        weights = fitted([one for one in pages if one.vendor not in held], names)
        weights |= {rule.id: rule.written.weight for rule in rules.signs if abs(rule.written.weight) >= BY_HAND}
        scores |= {one.name: score(one, weights, cost) for one in pages if one.vendor in held}
    report(scores, given.each)
    if given.write:
        by_hand = {rule.id for rule in rules.signs if abs(rule.written.weight) >= BY_HAND}
        weights = fitted(pages, names)
        write(PACK, {rule: round(weight, 1) or 0.1 for rule, weight in weights.items() if rule not in by_hand})


if __name__ == "__main__":
    main()
