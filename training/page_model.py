"""Fit the model of lines of web pages and the weights of cue words beside it, scored on unseen hosts.

    python -m training page_model [--write] [--folds 3] [--each]

Pages: `data/pages_en` of the shared folder, whose lines others labelled, and the web pages in `eval/dev` and in
training/data/labels, where a line is boilerplate if most of its characters are labelled to be removed; those Chinese
pages with other content; and pieces of clean Chinese texts, which are all content. The first sum is a logistic
regression by AdaGrad; the second one is fitted on first sums of halves that did not see the page; the weights of the
features with a kind on second sums of others. Each host is scored as `cleaner` cuts a page, with what was fitted on
other hosts.
`--write` puts what was fitted on all pages into rules/models/page-model.* and page_features.toml. Seeds are fixed.
Needs numpy (the extra `train`).
"""

from __future__ import annotations

import gzip
import itertools
import json
import random
import re
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cleaner.engine.page_features import PageFeatures
from cleaner.engine.page_model import BITS, SCALE, UNIT, PageModel, PageTokens, numbers_of, save_page_model, tokens
from cleaner.engine.webpage import PageLine, cut, read
from cleaner.matching.rule import Rule
from cleaner.matching.ruleset import load_ruleset
from tools.runner import ROOT, Figures, options
from tools.shared_data import base_texts, decoded, need
from training._pages import documents, spans, write

MODEL = ROOT / "rules" / "models" / "page-model"
EPOCHS, BATCH, RATE = 8, 24, 0.25
HAN = 0.2  # the share of characters from which a page is Chinese
# How much a page counts: those of the project's own labels are few, and of all languages but English.
WEIGHT = {"en": 1.0, "zh": 3.0, "other": 3.0, "made": 1.0, "clean": 1.0}
PIECES, PIECE = 60, 80  # of a large clean text: how many, and of how many lines at most
MADE = 4  # pages with other content for each Chinese page
PACK = ROOT / "rules" / "models" / "page_features.toml"
BY_HAND = 5.0  # a weight of that size was set by hand and is kept: labels count bylines neither way
CAUTIONS = (0.0, 0.3, 0.45, 0.6, 1.0)  # what is taken from every sum
CAUTION = 0.45  # the one that ships: content that is lost is worse than a menu that stays
MOST = 6.0  # of a sum that counts when the features are weighed
Floats = NDArray[np.float64]


class LabelledPage(NamedTuple):
    """A page: for each line that is not blank, 1 for boilerplate, 0 for content, -1 for neither; its characters."""

    name: str
    language: str
    host: str
    text: str
    tokens: PageTokens
    wanted: NDArray[np.int8]
    sizes: NDArray[np.int64]


def pages(shared: Path) -> Iterator[LabelledPage]:
    with gzip.open(need(shared, "data", "pages_en", "wcxb_dev.jsonl.gz"), "rt", encoding="utf-8") as file:
        for row in map(json.loads, file):
            host = re.sub(r"^https?://(www\.)?", "", row["url"]).split("/")[0]
            known = {number: {0: 1, 1: 0}.get(label, -1) for number, label in row["labels"]}
            yield _page(row["id"], "en", host, row["text"], known)
    clean = list(plain_texts(shared))
    chosen = random.Random(5)
    for number, rows in enumerate(clean):
        yield _page(f"clean/{number}", "clean", f"clean{number}", "\n".join(rows), dict.fromkeys(range(len(rows)), 0))
    for one in documents(shared, ()):
        labels: dict[int, int] = {}
        at = 0
        for number, line in enumerate(one.text.split("\n")):
            marks = [one.removed[at + place] for place, char in enumerate(line) if not char.isspace()]
            at += len(line) + 1
            if marks:
                gone, unsure = marks.count(1) / len(marks), marks.count(2) / len(marks)
                labels[number] = -1 if unsure > 0.5 or 0.1 < gone < 0.8 else int(gone > 0.5)
        is_han = sum("\u4e00" <= char <= "\u9fff" for char in one.text) > HAN * len(one.text)
        yield _page(one.name, "zh" if is_han else "other", one.site, one.text, labels)
        for number in range(MADE if is_han else 0):
            rows, wanted = made(one.text.split("\n"), labels, clean, chosen)
            yield _page(f"{one.name}/{number}", "made", one.site, "\n".join(rows), wanted)


def plain_texts(shared: Path) -> Iterator[list[str]]:
    """Yield pieces of clean Chinese texts, in lines: what never is boilerplate."""
    texts = list(base_texts(shared).values())
    for family in ("clean_zh", "exam", "exam_essay", "judgment", "law_templates"):
        texts += decoded(sorted(need(shared, "data", family).rglob("*"))[::6])
    chosen = random.Random(3)
    for text in texts:
        rows = text.replace("\r", "").split("\n")
        for _ in range(PIECES if len(rows) > 100 * PIECE else 1):
            start = chosen.randrange(max(1, len(rows) - PIECE))
            piece = [row[:1000] for row in rows[start : start + chosen.randint(8, PIECE)]]
            if any(row.strip() for row in piece):
                yield piece


def made(
    rows: Sequence[str], labels: dict[int, int], clean: Sequence[list[str]], chosen: random.Random
) -> tuple[list[str], dict[int, int]]:
    """A page with other content: each run of content lines is replaced by lines of a clean text."""
    text = chosen.choice(clean)
    found: list[tuple[str, int]] = []
    taken = 0
    for number, row in enumerate(rows):
        label = labels.get(number, -1)
        if label != 0:
            found.append((row, label))
        elif taken < len(text) and (not found or found[-1][1] != 0 or chosen.random() < 0.7):
            more = text[taken : taken + chosen.randint(1, 4)]
            taken += len(more)
            found += [(line, 0) for line in more]
    return [row for row, _ in found], {number: label for number, (_, label) in enumerate(found)}


def _page(name: str, language: str, host: str, text: str, labels: dict[int, int]) -> LabelledPage:
    rows, found = text.split("\n"), tokens(text)
    wanted = np.array([labels.get(number, -1) for number in found.numbers], np.int8)
    sizes = np.array([sum(not char.isspace() for char in rows[number]) for number in found.numbers], np.int64)
    return LabelledPage(name, language, host, text, found, wanted, sizes)


def _weights(one: LabelledPage) -> Floats:
    """How much each line counts: content more than boilerplate, and nothing where nobody knows."""
    power = np.where(one.wanted == 0, 0.6, 0.4)
    counted: Floats = np.maximum(one.sizes, 1) ** power * (one.wanted >= 0) * WEIGHT[one.language]
    return counted


def first_sum(chosen: Sequence[LabelledPage]) -> PageModel:
    """The weights of words and shapes, the mean of those of the last half of all steps, as whole numbers."""
    words, shapes = np.zeros(1 << BITS), np.zeros(1 << BITS)
    word_squares, shape_squares = np.full(1 << BITS, 1e-2), np.full(1 << BITS, 1e-2)
    bias, bias_square = 0.0, 1e-2
    sums = [np.zeros(1 << BITS), np.zeros(1 << BITS)]
    biases, steps = 0.0, 0
    order = list(chosen)
    shuffled = random.Random(1)
    for epoch in range(EPOCHS):
        shuffled.shuffle(order)
        rate = RATE * (1 - 0.9 * epoch / EPOCHS)
        for start in range(0, len(order), BATCH):
            part = order[start : start + BATCH]
            first = np.cumsum([0, *(one.wanted.size for one in part)])
            size = int(first[-1])
            shape = np.concatenate([one.tokens.shapes for one in part])
            word = np.concatenate([one.tokens.words for one in part])
            shape_line = np.concatenate([one.tokens.shape_line + at for one, at in zip(part, first, strict=False)])
            word_line = np.concatenate([one.tokens.word_line + at for one, at in zip(part, first, strict=False)])
            wanted = np.concatenate([one.wanted for one in part]) == 1
            weight = np.concatenate([_weights(one) for one in part])
            many = 1 / np.sqrt(np.maximum(np.bincount(word_line, minlength=size), 1))
            score = (
                np.bincount(shape_line, shapes[shape], size) + np.bincount(word_line, words[word], size) * many + bias
            )
            error = (1 / (1 + np.exp(-np.clip(score, -30, 30))) - wanted) * weight * 10 / weight.sum()
            slope = np.bincount(shape, error[shape_line], 1 << BITS) + 1e-6 * shapes
            shape_squares += slope**2
            shapes -= rate * slope / np.sqrt(shape_squares)
            slope = np.bincount(word, (error * many)[word_line], 1 << BITS) + 1e-6 * words
            word_squares += slope**2
            words -= rate * slope / np.sqrt(word_squares)
            bias_square += float(error.sum()) ** 2
            bias -= rate * float(error.sum()) / bias_square**0.5
            if 2 * epoch >= EPOCHS:
                steps += 1
                sums, biases = [sums[0] + words, sums[1] + shapes], biases + bias
    word_steps, shape_steps = (np.clip(np.rint(one / steps * UNIT), -127, 127).astype(np.int8) for one in sums)
    return PageModel(word_steps, shape_steps, [], round(biases / steps * UNIT))


def regression(numbers: Floats, wanted: Floats, weight: Floats, ridge: float = 1.0) -> Floats:
    """A logistic regression by Newton's method."""
    found = np.zeros(numbers.shape[1])
    for _ in range(30):
        chance = 1 / (1 + np.exp(-np.clip(numbers @ found, -30, 30)))
        slope = numbers.T @ ((chance - wanted) * weight) + ridge * found
        curve = (numbers.T * (chance * (1 - chance) * weight)) @ numbers + ridge * np.eye(found.size)
        step = np.linalg.solve(curve, slope)
        found = found - step
        if np.abs(step).max() < 1e-5:
            break
    return found


def fitted(chosen: Sequence[LabelledPage]) -> PageModel:
    halves = [[one for one in chosen if zlib.crc32(one.host.encode()) // 7 % 2 == side] for side in (0, 1)]
    rows, wanted, weight = [], [], []
    for half, other in zip(halves, halves[::-1], strict=True):
        model = first_sum(half)
        for one in other:
            known = one.wanted >= 0
            rows.append(numbers_of(model.first(one.tokens), one.tokens.sizes)[known])
            wanted.append(one.wanted[known] == 1)
            weight.append(_weights(one)[known])
    weights = np.concatenate(weight)
    second = regression(np.concatenate(rows) / UNIT, np.concatenate(wanted).astype(float), weights / weights.mean())
    model = first_sum(chosen)
    return PageModel(model.words, model.shapes, [round(float(one) * SCALE) for one in second], model.bias)


def scores(model: PageModel, one: LabelledPage) -> Floats:
    second = numbers_of(model.first(one.tokens), one.tokens.sizes) @ np.array(model.second, np.int64)
    found: Floats = second / (UNIT * SCALE)
    return found


def scored(chosen: Sequence[LabelledPage], folds: int) -> dict[str, Floats]:
    """The second sums of each page, by name, with a model fitted on other hosts."""
    found: dict[str, Floats] = {}
    for fold in range(folds):
        model = fitted([one for one in chosen if fold_of(one, folds) != fold])
        found |= {one.name: scores(model, one) for one in chosen if fold_of(one, folds) == fold}
    return found


def fold_of(one: LabelledPage, folds: int) -> int:
    return zlib.crc32(one.host.encode()) % folds


class Cues:
    """The features of pages, and what their weights are beside the model."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.fitted = [rule for rule in rules if rule.does is None and abs(rule.written.weight) < BY_HAND]
        self.by_hand = {rule.id: rule.written.weight for rule in rules if abs(rule.written.weight) >= BY_HAND}
        self._features = PageFeatures(rules)

    def lines(self, one: LabelledPage) -> list[PageLine]:
        return read(
            one.text, self._features.candidates(one.text), lambda rule, where: _spans(rule, one.text, where), {}
        )

    def weighed(
        self, chosen: Sequence[LabelledPage], lines: dict[str, list[PageLine]], sums: dict[str, Floats]
    ) -> tuple[dict[str, float], float]:
        """The weights of the features, and that of the model's sum, by a logistic regression."""
        at = {rule.id: number for number, rule in enumerate(self.fitted)}
        rows, wanted, weights = [], [], []
        for one in chosen:
            if not lines[one.name]:
                continue
            found = np.zeros((one.wanted.size, len(at) + 1))
            for row, number in enumerate(one.tokens.numbers):
                for rule in lines[one.name][number].parts:
                    if rule.id in at:
                        found[row, at[rule.id]] = 1
            found[:, -1] = np.clip(sums[one.name], -MOST, MOST)
            known = one.wanted >= 0
            size = np.minimum(one.sizes, 100) ** 0.5 * known
            rows.append(found[known])
            wanted.append(one.wanted[known] == 1)
            weights.append((WEIGHT[one.language] * size / max(1.0, size.sum()) ** 0.5)[known])
        counted = np.concatenate(weights)
        theta = regression(np.concatenate(rows), np.concatenate(wanted).astype(float), counted / counted.mean())
        return {rule.id: round(float(theta[at[rule.id]]), 1) or 0.1 for rule in self.fitted}, float(theta[-1])


def _spans(rule: Rule, text: str, where: Sequence[tuple[int, int]] | None) -> Iterator[tuple[int, int, str]]:
    for low, high in where or [(0, len(text))]:
        yield from ((low + start, low + end, after) for start, end, after in spans(rule, text[low:high]))


class Weighed(PageLine):
    """A line whose features have fitted weights."""

    weights: Mapping[str, float] = {}

    @property
    def total(self) -> float:
        return self.model + sum(self.weights[rule.id] for rule in self.parts)


class Count(NamedTuple):
    """Characters of lines."""

    removed: int
    missed: int
    lost: int
    kept: int


def count(
    one: LabelledPage, lines: Sequence[PageLine], sums: Floats, weights: Mapping[str, float], cost: float
) -> Count:
    """How a page is cut."""
    copies = [
        Weighed(line.start, line.end, line.blank, line.place, line.parts, 0.0, line.title, weights=weights)
        for line in lines
    ]
    gone = np.zeros(one.wanted.size, bool)
    if copies:
        for number, total in zip(one.tokens.numbers, sums, strict=True):
            copies[number].model = float(total)
        cut(copies, (), cost)
        gone = np.array([copies[number].is_boilerplate for number in one.tokens.numbers], bool)
    bad, good = one.wanted == 1, one.wanted == 0
    return Count(*(int(one.sizes[which].sum()) for which in (gone & bad, ~gone & bad, gone & good, ~gone & good)))


def main(argv: Sequence[str]) -> Figures:
    parser = options(__name__, __doc__)
    parser.add_argument("--write", action="store_true", help="put the model fitted on all pages into the rules")
    parser.add_argument("--folds", type=int, default=3)
    parser.add_argument("--each", action="store_true", help="print a line for each page")
    given = parser.parse_args(argv)
    began = time.perf_counter()
    rules = load_ruleset()
    assert rules.page is not None
    cost = rules.page.written.weight
    cues = Cues(rules.features)
    found = [one for one in pages(given.shared) if one.wanted.size]
    sums = scored(found, given.folds)
    lines = {one.name: cues.lines(one) for one in found}
    counted: list[tuple[str, float, Count]] = []
    for fold in range(given.folds):
        weights, scale = cues.weighed([one for one in found if fold_of(one, given.folds) != fold], lines, sums)
        for one in (one for one in found if fold_of(one, given.folds) == fold):
            for caution in CAUTIONS:
                score = scale * sums[one.name] - caution
                counted.append(
                    (one.language, caution, count(one, lines[one.name], score, weights | cues.by_hand, cost))
                )
            if given.each:
                print(one.language, one.name, *counted[-len(CAUTIONS) + CAUTIONS.index(CAUTION)][2])
    if given.write:
        weights, scale = cues.weighed(found, lines, sums)
        model = fitted(found)
        model.second = [round(scale * one) for one in model.second]
        model.second[0] -= round(CAUTION * SCALE)
        save_page_model(model, MODEL)
        write(PACK, weights)
    return {"pages": [row(counted, *at) for at in itertools.product(WEIGHT, CAUTIONS)], "minutes": minutes(began)}


def minutes(began: float) -> float:
    return round((time.perf_counter() - began) / 60, 1)


def row(counted: Sequence[tuple[str, float, Count]], language: str, caution: float) -> dict[str, object]:
    some = [one for name, at, one in counted if (name, at) == (language, caution)]
    removed, missed, lost, kept = (sum(column) for column in zip(*some, strict=True))
    return {
        "pages": language,
        "documents": len(some),
        "caution": caution,
        "removed": round(removed / max(1, removed + missed), 3),
        "content lost": round(lost / max(1, lost + kept), 4),
        "F1": round(2 * removed / max(1, 2 * removed + missed + lost), 3),
    }
