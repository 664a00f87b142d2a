"""Fit rules/models/placeholder_kinds.bin: what does a mask stand for, by the n-grams on its two sides?

    python -m training placeholder_kinds [--write]

Learns from names that others marked (`data/ner` of the shared folder) and that are masked here in all ways that people
mask, from dates and numbers in the same sentences and in news, from masks of real judgments (by SHA-256 in
training/data/placeholders.tsv), and from the project's own sentences in fixtures/placeholders (not the held ones). A
sixth of the NER rows, in blocks of 25, is only measured on; a row there that shares 14 characters with another row is
left out. The seed is fixed and the weights are whole numbers. Needs numpy (the extra `train`).
"""

from __future__ import annotations

import gzip
import json
import re
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import jieba.posseg
import numpy as np

from cleaner.engine.mask_kinds import KINDS, SLOTS, UNIT, WAYS, Weights, features, slot_of
from cleaner.rules.parser import load_pack
from evaluation.placeholders import marked
from tools.runner import ROOT, Figures, options
from tools.shared_data import base_texts, by_sha256, decoded, need

MODEL = ROOT / "rules/models/placeholder_kinds.bin"
LABELS = ROOT / "training/data/placeholders.tsv"
SENTENCES = ROOT / "fixtures/placeholders"
SEED = 11
PARTS, BLOCK, SHARED = 6, 25, 14  # the split of the rows
TIMES = 2  # that each row is masked, differently
SHARE = {"person": 1.0, "place": 1.0, "org": 1.0, "number": 0.7, "date": 0.5, "other": 0.3}  # of the total weight
LEAST = 17  # examples in which an n-gram must occur
WEIGHT_OF_WRITTEN = 6.0  # of a sentence of ours, beside 1.0 of one that was masked by program
NEWS = 12_000  # lines
NOUNS = 0.4  # of the common nouns of a row are masked
ROUNDS, BATCH, STEP, DECAY, DROP = 3, 512, 0.05, 1e-3, 0.3
Span = tuple[int, int, str]

PLACE_ENDS = "省市县区镇村乡州路街岛河湖山"
BODY_ENDS = re.compile(
    "(公司|集团|大学|学院|法院|医院|银行|中心|协会|委员会|学校|中学|小学|出版社|报社|研究所|政府|[局部厅处厂队会社])$"
)
DATES = re.compile(
    r"(?:(?:19|20)?\d\d年(?:度|底|初|末|代|来)?)(?:\d{1,2}月)?(?:\d{1,2}[日号])?|\d{1,2}月(?:\d{1,2}[日号]|份|底|初|中旬)?"
    r"|(?<!\d)\d{1,2}日(?!元)|\d{1,2}[时点]\d{1,2}分?|(?<=[午晨晚])\d{1,2}[时点]|(?<!\d)\d{1,2}:\d\d(?!\d)"
    r"|(?<!\d)(?:19|20)\d\d-\d{1,2}-\d{1,2}(?!\d)"
)
DIGITS = re.compile(r"\d+(?:[.．]\d+)?")
NUMERALS = re.compile(
    "(?<=第)[一二三四五六七八九十百]{1,4}|[一二三四五六七八九十百千]{1,5}(?=[个名位件条项亿万元岁次人户家])"
)
QUOTED = re.compile("(?<=[《“])[一-鿿]{2,8}(?=[》”])")
COMMON = ("n", "nz", "vn", "an", "ng")  # nouns, as jieba calls them
SYMBOLS = "××××××××××××XXＸ*＊＊○○□△__某"


class Masked(NamedTuple):
    """A line with a mask at `[start, end)`, what it hides, and how much it counts."""

    text: str
    start: int
    end: int
    kind: str
    weight: float = 1.0


def split(rows: Sequence[dict[str, Any]], source: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the rows to learn from and those to measure on."""
    parts: tuple[list[dict[str, Any]], list[dict[str, Any]]] = ([], [])
    for number, row in enumerate(rows):
        parts[zlib.crc32(f"{source}{number // BLOCK}".encode()) % PARTS == 0].append(row)
    seen = {piece for row in parts[0] for piece in pieces(row["text"])}
    return parts[0], [row for row in parts[1] if seen.isdisjoint(pieces(row["text"]))]


def pieces(text: str) -> Iterator[str]:
    yield from (text[at : at + SHARED] for at in range(max(1, len(text) - SHARED + 1)))


def plain_form(rnd: Random, value: str, kind: str) -> tuple[str, str, str]:
    """Mask a name as the common test does: what stays before it, the mask, what stays behind it."""
    if kind == "person":
        named = re.fullmatch("[一-鿿]{2,4}", value)
        return rnd.choice([("", "×××", ""), (value[0], "××", ""), ("", "××", "")]) if named else ("", "×××", "")
    if kind == "place":
        return "", "××", value[-1] if value[-1] in PLACE_ENDS else ""
    end = BODY_ENDS.search(value)
    return ("", "××", end[1]) if end else ("", "×××", "")


def free_form(rnd: Random, value: str, kind: str, symbol: str) -> tuple[str, str, str]:
    """Mask a value in one of the ways that people mask."""
    if kind in ("date", "number"):
        if re.fullmatch(r"(?:19|20)\d\d", value) and rnd.random() < 0.4:
            return value[:2], symbol * 2, ""
        return "", symbol * rnd.choice([1, 1, 2, 2, len(value)]), ""
    before = behind = ""
    if kind == "person" and re.fullmatch("[一-鿿]{2,4}", value) and rnd.random() < 0.5:
        before = value[0]
    if kind == "place" and value[-1] in PLACE_ENDS:
        behind = value[-1]
    if kind == "org" and (end := BODY_ENDS.search(value)) is not None:
        behind = end[1]
        if len(value) - len(behind) >= 4 and rnd.random() < 0.3:
            before = value[:2]
    length = rnd.choice([1, 1, 2, 2, 2, 3]) if kind != "person" or before else rnd.choice([1, 2, 3, 3])
    return before, symbol * (min(length, 2) if symbol == "某" else length), behind


def masked(text: str, spans: Iterable[Span], form: Callable[[str, str], tuple[str, str, str]]) -> list[Masked]:
    """Mask all `spans` of a text, which are disjoint, and return an example for each."""
    done, at, places = "", 0, []
    for start, end, kind in sorted(spans):
        before, mask, behind = form(text[start:end], kind)
        done += text[at:start] + before
        places.append((len(done), len(done) + len(mask), kind))
        done, at = done + mask + behind, end
    return [Masked(done + text[at:], start, end, kind) for start, end, kind in places]


def quantities(text: str) -> Iterator[Span]:
    """Yield the digits of dates and the other numbers of a text."""
    dated = [match.span() for match in DATES.finditer(text)]
    for match in DIGITS.finditer(text):
        inside = any(low <= match.start() < high for low, high in dated)
        yield *match.span(), "date" if inside else "number"
    yield from ((*match.span(), "number") for match in NUMERALS.finditer(text))


@cache
def others(text: str) -> list[Span]:
    """Return what is neither a name nor a number: titles, what is quoted, common nouns."""
    found = [(*match.span(), "other") for match in QUOTED.finditer(text)]
    at = 0
    for word in jieba.posseg.cut(text):
        if word.flag in COMMON and len(word.word) > 1:
            found.append((at, at + len(word.word), "other"))
        at += len(word.word)
    return found


def apart(spans: Iterable[Span]) -> list[Span]:
    """Return spans without those that overlap an earlier one."""
    kept: list[Span] = []
    for span in spans:
        if not any(span[0] < end and start < span[1] for start, end, _ in kept):
            kept.append(span)
    return kept


def from_row(rnd: Random, row: Mapping[str, Any]) -> Iterator[Masked]:
    """Yield each name masked alone as the common test does, and all of the row in the ways of people."""
    text = row["text"]
    if "×" in text:
        return
    names = [(start, end, kind) for start, end, kind in row["spans"] if kind in SHARE and 2 <= end - start <= 16]
    taken = [(start, end, "other" if kind == "position" else kind) for start, end, kind in row["spans"]]
    for span in names:
        yield from masked(text, [span], lambda value, kind: plain_form(rnd, value, kind))
    nouns = [span for span in others(text) if rnd.random() < NOUNS]
    rest = apart([*taken, *quantities(text), *nouns])
    for chosen in ([span for span in rest if rnd.random() < 0.7], [rnd.choice(rest)] if rest else []):
        symbol = rnd.choice(SYMBOLS)
        yield from masked(text, chosen, lambda value, kind, s=symbol: free_form(rnd, value, kind, s))  # type: ignore[misc]


def from_news(rnd: Random, lines: Iterable[str]) -> Iterator[Masked]:
    """Yield dates and numbers of lines in which nobody marked names."""
    for line in lines:
        if "×" not in line and (spans := apart(quantities(line))):
            symbol = rnd.choice(SYMBOLS.rstrip("某"))
            chosen = spans if rnd.random() < 0.5 else [rnd.choice(spans)]
            yield from masked(line, chosen, lambda value, kind, s=symbol: free_form(rnd, value, kind, s))  # type: ignore[misc]


def written() -> Iterator[Masked]:
    """Yield what the project's own sentences and the examples of its rules hold."""
    lines = [
        line
        for path in sorted(SENTENCES.glob("*.txt"))
        if "held" not in path.name
        for line in path.read_text("utf-8").splitlines()
        if line and not line.startswith("# ")
    ]
    for line in lines:
        text, gold = marked(line)
        yield from (Masked(text, start, end, kind, WEIGHT_OF_WRITTEN) for start, end, kind in gold)
    for path in sorted((ROOT / "rules/placeholder").glob("*.toml")):
        for rule in load_pack(path).rules.values():
            for hit in rule.hit:
                at = 0
                for value, kind in hit.tags or ():
                    start = hit.text.index(value, at)
                    at = start + len(value)
                    yield Masked(hit.text, start, at, kind, WEIGHT_OF_WRITTEN)


def from_judgments(shared: Path) -> Iterator[Masked]:
    """Yield the masks of real texts that LABELS knows."""
    texts = by_sha256(need(shared, "data", "judgment"))
    for line in LABELS.read_text("utf-8").splitlines():
        sha256, labels = line.split("\t")
        if sha256 in texts:
            text = next(decoded([texts[sha256]]))
            for label in labels.split():
                start, end, kind = label.split(":")
                yield Masked(text, int(start), int(end), kind)


def examples(shared: Path, rows: Iterable[Mapping[str, Any]]) -> list[Masked]:
    rnd = Random(SEED)
    found = [one for row in rows for _ in range(TIMES) for one in from_row(rnd, row)]
    news = [line[:200] for line in base_texts(shared)["news"].splitlines() if re.search(r"\d", line)]
    found += from_news(rnd, rnd.sample(news, min(NEWS, len(news))))
    return [*found, *written(), *from_judgments(shared)]


def indexed(found: Sequence[Masked]) -> tuple[list[str], list[Any]]:
    """Return the n-grams that occur LEAST times, and for each example the numbers of its own."""
    numbers: dict[str, int] = {}
    lists = [
        np.array([numbers.setdefault(gram, len(numbers)) for gram in features(one.text, one.start, one.end)], np.int32)
        for one in found
    ]
    often = np.bincount(np.concatenate(lists)) >= LEAST
    place = np.where(often, np.cumsum(often) - 1, -1).astype(np.int32)
    names = [gram for gram, number in numbers.items() if often[number]]
    return names, [places[places >= 0] for places in (place[some] for some in lists)]


def counted(found: Sequence[Masked]) -> Any:
    """Return how much each example counts: each kind has its SHARE of the whole, the mean is 1."""
    sums: dict[str, float] = defaultdict(float)
    for one in found:
        sums[one.kind] += one.weight
    scale = len(found) / sum(SHARE.values())
    return np.array([one.weight * SHARE[one.kind] / sums[one.kind] * scale for one in found], np.float32)


def fitted(found: Sequence[Masked], lists: Sequence[Any], size: int) -> Any:
    """Return the weights of `size` n-grams: a softmax fitted by AdaGrad, with dropout and decay."""
    kinds, weight = np.array([KINDS.index(one.kind) for one in found]), counted(found)
    weights = np.zeros((size, len(KINDS)), np.float32)
    slopes = np.full_like(weights, 1e-2)
    rng = np.random.default_rng(SEED)
    for _ in range(ROUNDS):
        order = rng.permutation(len(found))
        for low in range(0, len(order), BATCH):
            batch = order[low : low + BATCH]
            columns = np.concatenate([lists[one] for one in batch])
            lengths = np.array([len(lists[one]) for one in batch])
            rows = np.repeat(np.arange(len(batch)), lengths)
            kept = (rng.random(len(columns)) >= DROP).astype(np.float32)[:, None] / (1 - DROP)
            z = np.add.reduceat(weights[columns] * kept, np.cumsum(lengths) - lengths, axis=0)
            p = np.exp(z - z.max(1, keepdims=True))
            p /= p.sum(1, keepdims=True)
            p[np.arange(len(batch)), kinds[batch]] -= 1
            p *= weight[batch][:, None]
            used, inverse = np.unique(columns, return_inverse=True)
            sort = np.argsort(inverse, kind="stable")
            times = np.bincount(inverse)
            slope = np.add.reduceat((p[rows] * kept)[sort], np.cumsum(times) - times, axis=0)
            slope += DECAY * BATCH * weights[used]
            slopes[used] += slope * slope
            weights[used] -= STEP * slope / np.sqrt(slopes[used])
    return weights


def table(names: Sequence[str], weights: Any) -> bytes:
    """Return the file: the n-grams that say most come first, one that finds its group of slots full is left out."""
    centred = weights - weights.mean(1, keepdims=True)
    rounded = np.clip(np.rint(centred * UNIT), -127, 127).astype(np.int8)
    known, rows = bytearray(SLOTS), np.zeros((SLOTS, len(KINDS)), np.int8)
    for at in np.argsort(-np.abs(centred).max(1), kind="stable"):
        if not np.abs(rounded[at]).max() > 1:
            continue
        group, check = slot_of(names[at])
        slots = known[group * WAYS : (group + 1) * WAYS]
        if check not in slots and (free := slots.find(0)) >= 0:
            known[group * WAYS + free] = check
            rows[group * WAYS + free] = rounded[at]
    return bytes(known) + rows.tobytes()


def score(model: Weights, cases: Sequence[Masked]) -> dict[str, float]:
    """Return the share of each kind that is found right, and their mean."""
    right, all_of = Counter[str](), Counter[str]()
    for one in cases:
        all_of[one.kind] += 1
        right[one.kind] += model.kind(one.text, one.start, one.end) == one.kind
    shares = {kind: round(right[kind] / all_of[kind], 3) for kind in sorted(all_of)}
    return shares | {"mean": round(sum(shares.values()) / len(shares), 3), "masks": len(cases)}


def main(argv: Sequence[str]) -> Figures:
    parser = options(__name__, __doc__)
    parser.add_argument("--write", action="store_true", help="write the model")
    given = parser.parse_args(argv)
    began = time.monotonic()
    learn: list[dict[str, Any]] = []
    measure: dict[str, list[dict[str, Any]]] = {}
    for path in sorted(need(given.shared, "data", "ner").glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            some, measure[path.name.partition(".")[0]] = split([json.loads(line) for line in file], path.name)
        learn += some
    found = examples(given.shared, learn)
    names, lists = indexed(found)
    data = table(names, fitted(found, lists, len(names)))
    model = Weights(data)
    if given.write:
        MODEL.write_bytes(data)
    rnd = Random(SEED)
    return {
        "examples": dict(Counter(one.kind for one in found)),
        "n-grams": len(names),
        "slots used": SLOTS - data[:SLOTS].count(0),
        "seconds": round(time.monotonic() - began),
        "kinds": [
            {"rows": source, "masked": form} | score(model, cases)
            for source, rows in measure.items()
            for form, cases in held(rnd, rows)
        ],
    }


def held(rnd: Random, rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, list[Masked]]]:
    """Yield the rows to measure on, each name masked alone as the common test does, and in the ways of people."""
    plain: list[Masked] = []
    free: list[Masked] = []
    for row in rows:
        if "×" not in row["text"] and len(row["text"]) >= 12:
            for span in row["spans"]:
                if span[2] in ("person", "place", "org") and 2 <= span[1] - span[0] <= 16:
                    plain += masked(row["text"], [tuple(span)], lambda value, kind: plain_form(rnd, value, kind))
                    free += masked(
                        row["text"], [tuple(span)], lambda value, kind: free_form(rnd, value, kind, rnd.choice(SYMBOLS))
                    )
    yield "as the common test", plain
    yield "in all ways", free
