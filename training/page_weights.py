"""Fit the weights of rules/models/page_features.toml (features of web pages), scored on unseen sites.

    python -m training page_weights [--write] [--folds 10]

Documents: the web pages in `eval/dev` of the shared folder and those labelled in training/data/labels. A line is
boilerplate where most of its characters are labelled to be removed. The weights are those of a logistic regression
(each document counts by the root of its length); a page is then cut as `cleaner` cuts it. Every site is scored with
weights fitted on the others; intervals are a bootstrap over documents (95 %). `--write` puts the weights fitted on all
documents into the pack, rounded to a tenth; everything else in it is kept. Needs numpy (the extra `train`).
"""

from __future__ import annotations

import datetime
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
from tools.runner import ROOT, Figures, options
from tools.scores import Counts, interval, macro, micro, total
from tools.shared_data import labelled, need

PACK = ROOT / "rules/models/page_features.toml"
FAMILIES = ("webpage",)
BY_HAND = 5.0  # a weight of that size was set by hand and is kept: labels count bylines neither way
MOST = 100  # characters of a line that count


class Page(NamedTuple):
    name: str
    site: str
    text: str
    removed: bytearray  # a character: 1 where it is labelled to be removed, 2 where it counts neither way
    lines: list[PageLine]


def documents(shared: Path, rules: Sequence[Rule]) -> Iterator[Page]:
    for path in sorted(need(shared, "eval", "dev").glob("*.gold.json")):
        label = json.loads(path.read_text("utf-8"))
        if label["family"] in FAMILIES:
            name = path.name.removesuffix(".gold.json")
            raw = next(path.parent.glob(f"{name}.in.*")).read_bytes()
            yield page(name, name, raw, label, rules)
    for name, path, label in labelled(shared):
        if label["family"] in FAMILIES:
            yield page(name, label["site"], path.read_bytes(), label, rules)


def page(name: str, site: str, raw: bytes, label: Mapping[str, Any], rules: Sequence[Rule]) -> Page:
    """Return a document as it is fitted: line ends are `\\n` (a blank for each `\\r`), cut to its labelled window."""
    text = raw.decode(label["encoding"]).removeprefix("\ufeff")
    removed = bytearray(len(text))
    for start, end in label.get("ignore", []):
        removed[start:end] = b"\2" * (end - start)
    for start, end, _ in label["remove"]:
        removed[start:end] = b"\1" * (end - start)
    plain = text.replace("\r\n", " \n").replace("\r", "\n")
    low, high = label.get("window") or (0, len(text))
    plain, removed = plain[low:high], removed[low:high]
    everywhere = [(rule, None) for rule in rules]
    return Page(name, site, plain, removed, read(plain, everywhere, lambda rule, _: spans(rule, plain)))


def spans(rule: Rule, text: str) -> Iterator[tuple[int, int, str]]:
    """Yield where a feature matches, without the lines its `unless` excludes."""
    for start, end, after in rule.spans(text):
        low, high = text.rfind("\n", 0, start) + 1, text.find("\n", end)
        if rule.unless is None or not rule.unless.search(text[low : high if high >= 0 else len(text)]):
            yield start, end, after


def counted(one: Page) -> Iterator[tuple[PageLine, float, int]]:
    """Yield each line with the share of it that is labelled to be removed, and how many characters count."""
    for line in one.lines:
        marks = [one.removed[at] for at in range(line.start, line.end) if not one.text[at].isspace()]
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
    """A line whose features have fitted weights."""

    weights: Mapping[str, float] = {}

    @property
    def total(self) -> float:
        return sum(self.weights[rule.id] for rule in self.parts)


def score(one: Page, weights: Mapping[str, float], cost: float) -> Counts:
    """Count the characters of a page, without white space and what counts neither way."""
    lines = [
        Weighed(line.start, line.end, line.blank, line.place, line.parts, line.title, weights=weights)
        for line in one.lines
    ]
    cut(lines, (), cost)
    right = wrong = missed = 0
    for line in lines:
        for at in range(line.start, line.end):
            if one.text[at].isspace() or one.removed[at] == 2:
                continue
            right += bool(line.is_boilerplate and one.removed[at])
            wrong += bool(line.is_boilerplate and not one.removed[at])
            missed += bool(not line.is_boilerplate and one.removed[at])
    return Counts(right, wrong, missed)


def write(pack: Path, weights: Mapping[str, float]) -> None:
    """Put weights into a model, by feature, and the date of the fit; everything else in it is kept."""
    text = pack.read_text("utf-8")
    for rule_id, weight in weights.items():
        name = re.escape(rule_id.rsplit("/", 1)[1])
        text = re.sub(rf"(\[features\.{name}\](?:\n[^\[].*)*?\nweight = )\S+", rf"\g<1>{weight}", text)
    today = datetime.date.today().isoformat()
    text, dated = re.subn(r'(?m)^(date\s*=\s*)"[^"]*"', rf'\g<1>"{today}"', text, count=1)
    assert dated, "a model has the date of its fit"
    pack.write_text(text, "utf-8")


def main(argv: Sequence[str]) -> Figures:
    parser = options(__name__, __doc__)
    parser.add_argument("--write", action="store_true", help="put the weights into the pack")
    parser.add_argument("--folds", type=int, default=10)
    parser.add_argument("--each", action="store_true", help="print a line for each document")
    given = parser.parse_args(argv)
    rules = load_ruleset()
    assert rules.page is not None
    cost = rules.page.written.weight
    names = [rule.id for rule in rules.features if rule.does is None]
    by_hand = {rule.id: rule.written.weight for rule in rules.features if abs(rule.written.weight) >= BY_HAND}
    pages = list(documents(given.shared, rules.features))
    sites = sorted({one.site for one in pages})
    random.Random(1).shuffle(sites)
    scores: dict[str, Counts] = {}
    for fold in range(given.folds):
        held = set(sites[fold :: given.folds])
        weights = fitted([one for one in pages if one.site not in held], names) | by_hand
        scores |= {one.name: score(one, weights, cost) for one in pages if one.site in held}
    if given.each:
        for name, counts in sorted(scores.items(), key=lambda item: item[1].f1):
            print(f"{counts.f1:6.3f}  {tuple(counts)}  {name}")
    if given.write:
        weights = fitted(pages, names)
        write(PACK, {rule: round(weight, 1) or 0.1 for rule, weight in weights.items() if rule not in by_hand})
    found = list(scores.values())
    return {
        "documents": len(pages),
        "sites": len(sites),
        "lines": sum(len(one.lines) for one in pages),
        "precision": round(total(found).precision, 3),
        "recall": round(total(found).recall, 3),
        "micro F1": round(micro(found), 3),
        "micro F1, 95 %": interval(found, micro),
        "macro F1": round(macro(found), 3),
        "macro F1, 95 %": interval(found, macro),
    }
