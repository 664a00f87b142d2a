"""Fit the model of lines of web pages, scored on unseen hosts.

    python -m training page_model [--write] [--folds 3] [--each]

Pages: `data/pages_en` of the shared folder, whose lines others labelled, and the web pages in `eval/dev` and in
training/data/labels, where a line is boilerplate if most of its characters are labelled to be removed; those Chinese
pages with other content; and pieces of clean Chinese texts, which are all content. The first sum is a logistic
regression by AdaGrad; the trees are fitted by LightGBM on first sums of parts of the hosts that did not see the page.
Each host is scored as `cleaner` cuts a page, with what was fitted on other hosts. `--write` puts what was fitted on all
pages into rules/models/page-model.*. Seeds are fixed. Needs numpy and lightgbm (the extra `train`).
"""

from __future__ import annotations

import gzip
import itertools
import json
import math
import random
import re
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import lightgbm
import numpy as np
from numpy.typing import NDArray

from cleaner.engine.page_context import columns, cue_bits
from cleaner.engine.page_features import PageFeatures
from cleaner.engine.page_model import SCALE, PageModel, Trees, save_page_model
from cleaner.engine.page_tokens import BITS, UNIT, PageTokens, tokens
from cleaner.engine.webpage import PageLine, cut, read
from cleaner.matching.rule import Rule
from cleaner.matching.ruleset import load_ruleset
from tools.runner import ROOT, Figures, options
from tools.shared_data import base_texts, decoded, need
from training._pages import documents, spans

MODEL = ROOT / "rules" / "models" / "page-model"
EPOCHS, BATCH, RATE = 8, 24, 0.25
HAN = 0.2  # the share of characters from which a page is Chinese
# How much a page counts: those of the project's own labels are few, and of all languages but English.
WEIGHT = {"en": 1.0, "zh": 3.0, "other": 3.0, "made": 1.0, "clean": 1.0}
PIECES, PIECE = 60, 80  # of a large clean text: how many, and of how many lines at most
MADE = 4  # pages with other content for each Chinese page
CAUTIONS = (0.3, 0.6, 0.75, 0.9, 1.2)  # what is taken from every sum
CAUTION = 0.9  # the one that ships: content that is lost is worse than a menu that stays
PARTS = 4  # of the hosts, for first sums of pages that were not learned from
TREES: dict[str, Any] = {
    "objective": "binary", "learning_rate": 0.12, "num_leaves": 31, "min_data_in_leaf": 150, "max_bin": 63,
    "lambda_l2": 5, "feature_fraction": 0.5, "extra_trees": True, "bagging_fraction": 0.7, "bagging_freq": 1, "seed": 1,
    "deterministic": True, "force_row_wise": True, "num_threads": 1, "verbose": -1,
}  # fmt: skip
ROUNDS = 200
Floats = NDArray[np.float64]


class Node(NamedTuple):
    """A node of a tree, with the columns of `Trees`."""

    column: int
    cut: int
    low: int
    high: int
    value: int


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
    word_squares, shape_squares = np.full(1 << BITS, 1e-5), np.full(1 << BITS, 1e-2)  # a word is met seldom
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
    return PageModel(word_steps, shape_steps, round(biases / steps * UNIT), None)


def leaves_of(tree: Mapping[str, Any]) -> Iterator[Node]:
    """Yield the nodes of a tree as LightGBM dumps it; those that follow a node have their numbers."""
    waiting = [tree["tree_structure"]]
    behind = 0  # the number of nodes that were given out
    for at, node in enumerate(waiting):
        if "leaf_value" in node:
            yield Node(0, 0, at, at, round(SCALE * node["leaf_value"]))
        else:
            low, high, behind = behind + 1, behind + 2, behind + 2
            waiting += (node["left_child"], node["right_child"])
            yield Node(node["split_feature"], math.floor(node["threshold"]), low, high, 0)


def forest(rows: NDArray[np.int64], wanted: Floats, weight: Floats) -> Trees:
    """Trees that LightGBM fits, as tables."""
    data = lightgbm.Dataset(rows, wanted, weight=weight / weight.mean(), params=TREES)
    trees = lightgbm.train(TREES, data, ROUNDS).dump_model()["tree_info"]
    found = [list(leaves_of(tree)) for tree in trees]
    for nodes in found:
        nodes += [Node(0, 0, at, at, 0) for at in range(len(nodes), 2 * TREES["num_leaves"] - 1)]
    return Trees(*np.moveaxis(np.array(found, np.int32), 2, 0))


def asked(model: PageModel, one: LabelledPage, lines: Sequence[PageLine]) -> NDArray[np.int64]:
    """What the trees ask about a page."""
    bits = cue_bits(lines, one.tokens.numbers) if lines else [0] * one.wanted.size
    return columns(one.tokens, model.first(one.tokens), bits)


def fitted(chosen: Sequence[LabelledPage], lines: Mapping[str, list[PageLine]]) -> PageModel:
    """The first sums, and trees over first sums that did not see the page."""
    rows, wanted, weight = [], [], []
    for part in range(PARTS):
        model = first_sum([one for one in chosen if part_of(one) != part])
        for one in (one for one in chosen if part_of(one) == part):
            known = one.wanted >= 0
            rows.append(asked(model, one, lines[one.name])[known].astype(np.int32))
            wanted.append(one.wanted[known] == 1)
            weight.append(_whole(one)[known])
    model = first_sum(chosen)
    model.trees = forest(np.concatenate(rows), np.concatenate(wanted).astype(float), np.concatenate(weight))
    return model


def _whole(one: LabelledPage) -> Floats:
    """How much each line counts for the trees: nearly as its characters, on a long page less."""
    power = np.where(one.wanted == 0, 0.9, 0.8)
    counted: Floats = np.maximum(one.sizes, 1) ** power * (one.wanted >= 0) * WEIGHT[one.language]
    counted /= (1 + counted.sum()) ** 0.5
    return counted


def part_of(one: LabelledPage) -> int:
    return zlib.crc32(one.host.encode()) // 7 % PARTS


def scores(model: PageModel, one: LabelledPage, lines: Sequence[PageLine]) -> Floats:
    assert model.trees is not None
    found: Floats = model.trees.sums(asked(model, one, lines)) / SCALE
    return found


def scored(chosen: Sequence[LabelledPage], lines: Mapping[str, list[PageLine]], folds: int) -> dict[str, Floats]:
    """The sums of each page, by name, with a model fitted on other hosts."""
    found: dict[str, Floats] = {}
    for fold in range(folds):
        model = fitted([one for one in chosen if fold_of(one, folds) != fold], lines)
        found |= {one.name: scores(model, one, lines[one.name]) for one in chosen if fold_of(one, folds) == fold}
    return found


def fold_of(one: LabelledPage, folds: int) -> int:
    return zlib.crc32(one.host.encode()) % folds


def lines_of(features: PageFeatures, one: LabelledPage) -> list[PageLine]:
    """The lines of a page and the features that hold for them."""
    return read(one.text, features.candidates(one.text), lambda rule, where: _spans(rule, one.text, where))


def _spans(rule: Rule, text: str, where: Sequence[tuple[int, int]] | None) -> Iterator[tuple[int, int, str]]:
    for low, high in where or [(0, len(text))]:
        yield from ((low + start, low + end, after) for start, end, after in spans(rule, text[low:high]))


class Count(NamedTuple):
    """Characters of lines."""

    removed: int
    missed: int
    lost: int
    kept: int


def count(one: LabelledPage, lines: Sequence[PageLine], sums: Floats, cost: float) -> Count:
    """How a page is cut."""
    gone = np.zeros(one.wanted.size, bool)
    if lines:
        for number, total in zip(one.tokens.numbers, sums.tolist(), strict=True):
            lines[number].model, lines[number].is_boilerplate = total, False
        cut(lines, (), cost)
        gone = np.array([lines[number].is_boilerplate for number in one.tokens.numbers], bool)
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
    found = [one for one in pages(given.shared) if one.wanted.size]
    features = PageFeatures(rules.features)
    lines = {one.name: lines_of(features, one) for one in found}
    sums = scored(found, lines, given.folds)
    counted: list[tuple[str, float, Count]] = []
    for one in found:
        for caution in CAUTIONS:
            cut_there = count(one, lines[one.name], sums[one.name] - caution, cost)
            counted.append((one.language, caution, cut_there))
            if given.each and caution == CAUTION:
                print(one.language, one.name, *cut_there)
    if given.write:
        model = fitted(found, lines)
        model.shift = -round(CAUTION * SCALE)
        save_page_model(model, MODEL)
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
