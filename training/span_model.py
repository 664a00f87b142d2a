"""Fit the model of marks in text (rules/models/span-model.*): which spans did a distributor put there?

    python -m training span_model [--write] [--quick]

Trained on marks that `_stamp_grammar.py` makes, put into clean text of several genres, and on labelled texts and
written documents of training/data; never on `eval/dev`, which is scored with the result, nor on texts that share
strings with it. Clean documents are split by the hash of their name. Three parts of 8 train and are mined three times
for hard negatives: what the model would remove there comes back as clean. The others are two halves. On each the
threshold is chosen at which it loses at most HARM characters per million, and harm is counted on the other; the higher
threshold ships. Seeds are fixed.
"""

from __future__ import annotations

import itertools
import random
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cleaner.engine.span_ends import is_code, runs
from cleaner.engine.span_model import (
    BITS,
    BOX,
    GRAMS,
    NUMBERS,
    UNIT,
    SpanModel,
    box,
    buckets,
    features,
    folded,
    load_model,
    save_model,
)
from tools.runner import ROOT, Figures, options
from training._span_texts import (
    Text,
    clean_texts,
    labelled_texts,
    learned_from,
    noted_texts,
    rule_texts,
    without_shared,
)
from training._stamp_grammar import Grammar, composed

MODEL = ROOT / "rules" / "models" / "span-model"
HARM = 3.0  # characters per million of clean text
MIX = 0.4  # of a character's own sum, of its neighbours' and of its line's
BATCH = 250_000  # characters
RATE = 0.3
OPENS = 2.0  # log odds below which a character still begins a span: the second sum decides
# What a span of clean text, and one of a sentence that a rule keeps, counts in the second sum.
KEPT, SENTENCE = 3.0, 20.0
Floats = NDArray[np.float64]


def made_texts(clean: Sequence[Text], count: int, seed: int) -> Iterator[Text]:
    """Yield texts with marks of the grammar in them."""
    grammar = Grammar(seed)
    by_kind: dict[str, list[Text]] = defaultdict(list)
    for one in clean:
        kind = (
            "novel" if one.family in ("books", "novels") else "page" if one.family in ("news", "reviews") else "paper"
        )
        by_kind[kind].append(one)
    for number in range(count):
        kind = grammar.chosen.choice(["novel", "novel", "novel", "paper", "paper", "page"])
        source = grammar.chosen.choice(by_kind[kind])
        rows, at = [], 0
        for row in source.text.split("\n"):
            if not any(source.flags[at : at + len(row)]):
                rows.append(row[:400])
            at += len(row) + 1
        begin = grammar.chosen.randrange(max(1, len(rows) - 40))
        text, flags = composed(grammar, kind, rows[begin : begin + grammar.chosen.randint(12, 45)])
        yield Text(f"made/{number}", "made-" + kind, text, bytes(flags))


class Batch(NamedTuple):
    """Texts joined: the buckets of their n-grams, the line of each character, what it is and how much it counts."""

    buckets: list[NDArray[Any]]
    line: NDArray[Any]
    wanted: Floats
    weight: Floats


def batches(texts: Sequence[Text], weight: float = 1.0) -> Iterator[Batch]:
    held: list[Text] = []
    for number, one in enumerate(texts):
        held.append(one)
        if sum(len(text.text) for text in held) >= BATCH or number == len(texts) - 1:
            text = "\n".join(text.text for text in held)
            flags = np.frombuffer(b"\2".join(text.flags for text in held), np.uint8)
            codes, classes = folded(text)
            line = np.concatenate([[0], np.cumsum(codes == 10)[:-1]])
            blank = (classes == 4) | (classes == 5) | (flags >= 2)
            yield Batch(buckets(codes, classes), line, (flags == 1).astype(float), np.where(blank, 0.0, weight))
            held = []


class Fit:
    """Weights of n-grams, fitted by AdaGrad."""

    def __init__(self) -> None:
        self.weights = np.zeros(1 << BITS)
        self.squares = np.full(1 << BITS, 1e-3)
        self.bias = -3.0

    def epoch(self, data: Sequence[Batch]) -> float:
        loss = 0.0
        for one in data:
            own = np.zeros(one.line.size)
            for (_, length), bucket in zip(GRAMS, one.buckets, strict=True):
                sums = np.concatenate([[0.0], np.cumsum(self.weights[bucket])])
                at = np.arange(1, own.size + 1)
                own += (sums[at] - sums[np.maximum(at - length, 0)]) / length
            sizes = np.bincount(one.line)
            mean = np.bincount(one.line, weights=own) / np.maximum(sizes, 1)
            score = MIX * (own + box(own) / BOX + mean[one.line]) + self.bias
            chance = 1 / (1 + np.exp(-np.clip(score, -30, 30)))
            error = (chance - one.wanted) * one.weight
            loss += float(-np.sum(one.weight * np.log(np.where(one.wanted > 0, chance, 1 - chance) + 1e-9)))
            lines = np.bincount(one.line, weights=error) / np.maximum(sizes, 1)
            back = MIX * (error + box(error) / BOX + lines[one.line])
            total = np.zeros(1 << BITS)
            sums = np.concatenate([[0.0], np.cumsum(back)])
            at = np.arange(back.size)
            for (_, length), bucket in zip(GRAMS, one.buckets, strict=True):
                cover = (sums[np.minimum(at + length, back.size)] - sums[at]) / length
                total += np.bincount(bucket, weights=cover, minlength=1 << BITS)
            total = total / 50 + 2e-5 * self.weights
            self.squares += total**2
            self.weights -= RATE * total / np.sqrt(self.squares)
            self.bias = min(-2.0, self.bias - 0.02 * float(np.sum(error)) / max(1.0, float(np.sum(one.weight))) * 10)
        return loss

    def model(self) -> SpanModel:
        """The weights as integers; the bias is what a character's sum has to reach."""
        steps = np.clip(np.round(self.weights * UNIT), -127, 127).astype(np.int8)
        return SpanModel(steps, [0.0] * NUMBERS, 0.0, opens=round(-self.bias - OPENS, 3))


def mined(model: SpanModel, clean: Sequence[Text]) -> Iterator[Text]:
    """Yield the surroundings of what the model would take from clean texts."""
    for one in clean:
        sums = model.characters(one.text)
        counted = np.frombuffer(one.flags, np.uint8) == 0
        hits = sorted(set(sums.line[(sums.smooth > model.opens) & counted].tolist()))
        rows, starts = one.text.split("\n"), [0]
        for row in rows:
            starts.append(starts[-1] + len(row) + 1)
        for number in hits[:40]:
            low, high = max(0, number - 1), min(len(rows), number + 2)
            yield Text(
                one.name,
                one.family,
                one.text[starts[low] : starts[high] - 1],
                one.flags[starts[low] : starts[high] - 1],
            )


def span_rows(model: SpanModel, texts: Sequence[Text]) -> tuple[Floats, Floats, Floats]:
    """The numbers of every candidate span, whether it is to be removed, and its weight; mixed ones are left out."""
    numbers: list[list[float]] = []
    wanted: list[float] = []
    weights: list[float] = []
    for one in texts:
        if not one.text.strip() or is_code(one.text):
            continue
        sums = model.characters(one.text)
        spans = runs(one.text, sums, model.opens)
        for (start, end), row in zip(spans, features(one.text, sums, spans), strict=True):
            flags = [
                flag for flag, char in zip(one.flags[start:end], one.text[start:end], strict=True) if not char.isspace()
            ]
            right, wrong = flags.count(1), flags.count(0)
            if right + wrong < 2:
                continue
            if wrong <= 0.1 * right or right <= 0.5 * wrong:
                numbers.append(row)
                wanted.append(float(right > wrong))
                weights.append(1.0 if right > wrong else SENTENCE if one.family == "rules" else KEPT)
    return np.array(numbers), np.array(wanted), np.array(weights)


def regression(numbers: Floats, wanted: Floats, weight: Floats, ridge: float = 2.0) -> Floats:
    """A logistic regression by Newton's method."""
    found = np.zeros(numbers.shape[1])
    for _ in range(25):
        chance = 1 / (1 + np.exp(-np.clip(numbers @ found, -30, 30)))
        slope = numbers.T @ ((chance - wanted) * weight) + ridge * found
        curve = (numbers.T * (chance * (1 - chance) * weight)) @ numbers + ridge * np.eye(numbers.shape[1])
        step = np.linalg.solve(curve, slope)
        found = found - step
        if np.abs(step).max() < 1e-6:
            break
    return found


def removed(model: SpanModel, texts: Sequence[Text]) -> list[tuple[float, int, Text, int, int]]:
    """What the model would take from clean texts: score, characters, text and place, the strongest first."""
    found = []
    for one in texts:
        for span in model.spans(one.text, -1e9):
            inside = zip(one.flags[span.start : span.end], one.text[span.start : span.end], strict=True)
            size = sum(flag == 0 and not char.isspace() for flag, char in inside)
            if size:
                found.append((span.score, size, one, span.start, span.end))
    return sorted(found, key=lambda one: -one[0])


def threshold(strongest: Sequence[tuple[float, int, Text, int, int]], characters: int, harm: float) -> float:
    """The lowest score at which no more than `harm` characters per million are removed."""
    total = 0
    for score, size, *_ in strongest:
        total += size
        if 1e6 * total > harm * characters:
            return round(float(score) + 0.01, 3)
    return 0.0


class Split(NamedTuple):
    """Clean texts for the weights of n-grams, for the second sum, to choose the threshold with, to count harm on."""

    train: list[Text]
    second: list[Text]
    choose: list[Text]
    harm: list[Text]


def split(clean: Sequence[Text]) -> Split:
    """Divide by the hash of the name; a book is not divided."""
    parts = Split([], [], [], [])
    for one in clean:
        name = one.name.split("#")[0] if one.family == "books" else one.name
        parts[(0, 0, 0, 1, 2, 2, 3, 3)[zlib.crc32(name.encode()) % 8]].append(one)
    return parts


def size_of(texts: Sequence[Text]) -> int:
    return sum(len(one.text) for one in texts)


def weighed(train: Sequence[Text], real: Sequence[Text], sentences: Sequence[Text], quick: int) -> SpanModel:
    """The model with the weights of n-grams alone."""
    chosen = random.Random(1)
    train = list(train)
    chosen.shuffle(train)
    noted = [one for one in train if 3 in one.flags]
    made = list(made_texts(train, 4000 // quick, 1))
    data = [*batches(made), *batches(real, 2.0), *batches(sentences, 3.0), *batches(list(learned_from(noted)))]
    data += batches(train[: len(train) // (4 * quick)])
    chosen.shuffle(data)
    fit = Fit()
    for number in range(4):
        print(f"epoch {number + 1}: loss {fit.epoch(data):.0f}, bias {fit.bias:.2f}", flush=True)
    for number in range(3):
        hard = list(mined(fit.model(), train[::quick]))
        data += batches(hard, 3.0)
        chosen.shuffle(data)
        loss = [fit.epoch(data) for _ in range(3)][-1]
        print(f"round {number + 1}, mined {len(hard)} places: loss {loss:.0f}, bias {fit.bias:.2f}", flush=True)
    return fit.model()


def sum_up(model: SpanModel, clean: Sequence[Text], real: Sequence[Text], quick: int) -> None:
    """Fit the second sum, on clean texts that the weights of n-grams have not seen."""
    texts = [*made_texts(clean, 2500 // quick, 2), *real, *learned_from(clean)]
    numbers, wanted, weight = span_rows(model, texts)
    found = regression(numbers, wanted, weight)
    model.second = [round(float(one), 4) for one in found]
    print(f"{len(wanted)} spans, {int(wanted.sum())} to be removed", flush=True)


def main(argv: Sequence[str]) -> Figures:
    """Fit, count harm, and with `--write` put the model into the rules."""
    parser = options(__name__, __doc__)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--keep-weights", action="store_true", help="fit the second sum and the threshold anew only")
    parser.add_argument("--quick", action="store_true", help="a fifth of the data")
    given = parser.parse_args(argv)
    began = time.perf_counter()
    parts = split(list(clean_texts(given.shared)))
    real = list(without_shared([*labelled_texts(given.shared), *noted_texts(given.shared)], given.shared))
    sentences = list(rule_texts())
    quick = 5 if given.quick else 1
    model = load_model(MODEL) if given.keep_weights else weighed(parts.train, real, sentences, quick)
    sum_up(model, parts.second, [*real, *sentences], quick)
    model.threshold = 0.0
    halves = [parts.choose, parts.harm]
    found = [removed(model, half) for half in halves]
    chosen = [threshold(worst, size_of(half), HARM) for worst, half in zip(found, halves, strict=True)]
    kept = removed(model, [one for one in sentences if 1 not in one.flags])
    model.threshold = max(*chosen, round(kept[0][0] + 0.01, 3) if kept else 0.0)  # and no sentence that a rule keeps
    crossed = [[one for one in worst if one[0] > other] for worst, other in zip(found, chosen[::-1], strict=True)]
    lost: Counter[str] = Counter()
    for _, count, one, *_ in itertools.chain(*crossed):
        lost[one.family] += count
    for score, count, one, start, end in sorted(itertools.chain(*found), key=lambda one: -one[0])[:40]:
        print(f"{score:6.2f} {count:4} {one.name[:40]} {one.text[max(0, start - 8) : min(end, start + 50) + 8]!r}")
    if given.write:
        save_model(model, MODEL)
    sizes: Counter[str] = Counter()
    for one in itertools.chain(*halves):
        sizes[one.family] += len(one.text)
    at_end = sum(count for score, count, *_ in itertools.chain(*found) if score > model.threshold)
    return {
        "thresholds": chosen,
        "characters": {"train": size_of(parts.train), "halves": [size_of(half) for half in halves]},
        "labelled texts": len(real),
        "harm": [
            {"family": family, "characters": sizes[family], "removed": lost[family],
             "per million": round(1e6 * lost[family] / sizes[family], 1)} for family in sorted(sizes)
        ],
        "harm per million, thresholds crossed": round(1e6 * sum(lost.values()) / sum(sizes.values()), 2),
        "harm per million, the higher threshold": round(1e6 * at_end / sum(sizes.values()), 2),
        "minutes": round((time.perf_counter() - began) / 60, 1),
    }  # fmt: skip
