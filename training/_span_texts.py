"""The texts that the model of marks learns from: clean ones, labelled ones, and the sentences of the rules."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from cleaner.matching.ruleset import load_ruleset
from cleaner.pipeline import Pipeline
from tools.runner import ROOT
from tools.shared_data import base_texts, decoded, labelled, need

# Lines of texts taken for clean that nobody can decide.
DOUBTFUL = re.compile(
    r"https?:|www|\.com|\.net|手打|书友|txt|首发|无弹窗|电子书|小说网|版权|责任编辑|转载|来源[：:]|未完待续|作者[：:]|更新时间|扫描|校对",
    re.IGNORECASE,
)


# A bare source or editor's line: whether it is the author's nobody can decide.
EDITOR = re.compile(r"责任编辑|(?:来源|关键[字词]|标题)\s*[：:]|上一[页章].{0,12}下一[页章]")
SHARED = 24  # characters of a string by which two texts are known to be of one site


class Text(NamedTuple):
    """A text and what each character is: 0 kept, 1 removed, 2 not counted, 3 removed by a rule of today."""

    name: str
    family: str
    text: str
    flags: bytes


def clean_texts(shared: Path) -> Iterator[Text]:
    """Yield clean texts of several genres in documents of 300 lines at most; doubtful lines of novels do not count."""
    for family in ("clean_zh", "exam", "exam_essay", "judgment", "law_templates"):
        for path in sorted(need(shared, "data", family).rglob("*")):
            for text in decoded([path]):
                yield from _parts(f"{family}/{path.name}", family, text)
    for name, text in sorted(base_texts(shared).items()):
        yield from _parts(f"base/{name}", name, text)
    rules = _rules()
    with gzip.open(need(shared, "data", "books_raw", "books.jsonl.gz"), "rt", encoding="utf-8") as file:
        for row in map(json.loads, file):
            yield from _parts(f"books/{row['id']}", "books", row["text"], _removed(rules, row["text"]))


def noted_texts(shared: Path) -> Iterator[Text]:
    """Yield pieces of novels that nobody labelled: marks are what the rules of today remove."""
    known = {one.path for one in labelled(shared)}
    rules = _rules()
    for path in sorted(need(shared, "data", "novel_ads").iterdir()):
        for text in decoded([path] if path not in known else []):
            plain = text.replace("\r\n", "\n").replace("\r", "\n")
            yield from learned_from(_parts(f"notes/{path.name}", "novels", plain, _removed(rules, plain)))


def rule_texts() -> Iterator[Text]:
    """Yield the sentences of the rules: what they remove of their hits is removed, their keeps are kept."""
    rules = _rules()
    seen: set[str] = set()
    for rule in load_ruleset().all:
        hits = [hit.text for hit in rule.written.hit] if rule.stage == "boilerplate" else []
        for number, text in enumerate([*hits, *rule.written.keep]):
            if text not in seen and text.strip():
                seen.add(text)
                gone = _removed(rules, text) if number < len(hits) else bytearray(len(text))
                yield Text(f"rules/{rule.id}", "rules", text, bytes(gone).replace(b"\3", b"\1"))


def learned_from(texts: Iterable[Text]) -> Iterator[Text]:
    """Yield the texts with what the rules remove as marks."""
    for one in texts:
        yield one._replace(flags=one.flags.replace(b"\3", b"\1"))


def _rules() -> Pipeline:
    return Pipeline(load_ruleset(off=["boilerplate/model"]))


def _removed(rules: Pipeline, text: str) -> bytearray:
    flags = bytearray(len(text))
    for edit in rules.clean(text).edits:
        if edit.stage == "boilerplate":
            flags[edit.start : edit.end] = b"\3" * (edit.end - edit.start)
    return flags


def _parts(name: str, family: str, text: str, flags: bytearray | None = None) -> Iterator[Text]:
    text = text.replace("\r\n", "\n") if flags is None else text
    flags = bytearray(len(text)) if flags is None else flags
    start = at = 0
    for count, row in enumerate(text.split("\n"), 1):
        if EDITOR.search(row) or (family in ("books", "novels") and DOUBTFUL.search(row)):
            flags[at : at + len(row)] = flags[at : at + len(row)].replace(b"\0", b"\2")
        at += len(row) + 1
        if count % 300 == 0 or at >= len(text):
            if text[start:at].strip():
                yield Text(f"{name}#{count}", family, text[start:at], bytes(flags[start:at]))
            start = at


def labelled_texts(shared: Path) -> Iterator[Text]:
    """Yield the labelled texts of training/data, without what `eval/dev` shares with them."""
    for one in labelled(shared):
        label = one.label
        for text in decoded([one.path]):
            yield _flagged(one.name, label.get("family", "?"), text, label, label.get("window"))
    for gold in sorted((ROOT / "training" / "data" / "written").glob("*.gold.json")):
        label = json.loads(gold.read_text("utf-8"))
        source = gold.with_name(gold.name.replace(".gold.json", ".in.txt"))
        if source.exists():
            yield _flagged(gold.stem, label.get("family", "?"), source.read_text("utf-8"), label, None)


def _flagged(name: str, family: str, text: str, label: dict[str, Any], window: Sequence[int] | None) -> Text:
    flags = bytearray(len(text))
    for value, key in ((1, "remove"), (2, "ignore")):
        for start, end, *_ in label.get(key, []):
            flags[start:end] = bytes([value]) * (end - start)
    low, high = window or (0, len(text))
    return Text(name, family, text[low:high], bytes(flags[low:high]))


def without_shared(texts: Sequence[Text], shared: Path) -> Iterator[Text]:
    """Leave out what has strings in common with a document of `eval/dev`: that set is scored."""
    known: set[str] = set()
    for path in sorted(need(shared, "eval", "dev").glob("*.in.*")):
        for text in decoded([path]):
            bare = "".join(text.split())
            known.update(bare[at : at + SHARED] for at in range(len(bare) - SHARED))
    for one in texts:
        bare = "".join(one.text.split())
        if sum(bare[at : at + SHARED] in known for at in range(0, len(bare) - SHARED, SHARED // 2)) < 3:
            yield one
