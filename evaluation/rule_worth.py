"""What each rule of the stage boilerplate is worth: what its absence costs while all else stays.

    python -m evaluation rule_worth [--rules FILE]

A rule is put out for good where nothing is lost without it: those that work in few documents first and of these the
longest, so that of two rules that do the same the more general one stays. Documents: labelled ones of the shared folder
(`eval/dev`, `eval/books`, `data/pages_en`), where a loss is a character removed or kept wrongly; texts without labels
(`data/novel_ads`, `data/webpage_*` and more), where it is a character that all rules together remove and the rest
leaves or the other way round: these are other sites than the labelled ones, and tell a rule that is general from one
that fits one site. A rule stays if one of the labelled sets gets worse without it, or another site changes. A
document is only cleaned again where the rule took part in an edit.
"""

from __future__ import annotations

import gzip
import json
import multiprocessing
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import msgspec

from cleaner.matching.rule import Rule
from cleaner.matching.ruleset import load_ruleset
from cleaner.pipeline import Pipeline
from tools.runner import Figures, options
from tools.shared_data import decoded

STAGES = ("boilerplate", "invisible")
FOLDERS = (
    "novel_ads", "webpage_zh", "webpage_en", "webpage_eu", "email", "gutenberg", "aozora", "korean_news",
    "exam", "gongwen", "law_templates", "judgment",
)  # fmt: skip


PAGES_STEP = 4  # every fourth of 1,166 pages: the rest is scored afterwards


class Document(NamedTuple):
    """A text with the characters that must go; `wanted` is None where nobody labelled it."""

    site: str
    text: str
    wanted: frozenset[int] | None
    neutral: frozenset[int] = frozenset()


class Outcome(NamedTuple):
    """What one cleaning did: the characters removed, and the rules that took part."""

    removed: frozenset[int]
    rules: frozenset[str]


def within(spans: Sequence[Sequence[int]]) -> frozenset[int]:
    return frozenset(at for start, end, *_ in spans for at in range(start, end))


def documents(shared: Path) -> Iterator[Document]:
    for path in sorted((shared / "eval/dev").glob("*.gold.json")):
        label = json.loads(path.read_text("utf-8"))
        name = path.name.removesuffix(".gold.json")
        text = next(path.parent.glob(f"{name}.in.*")).read_bytes().decode(label["encoding"]).removeprefix("\ufeff")
        yield Document(f"dev/{name}", text, within(label["remove"]), within(label.get("ignore", [])))
    for path in sorted((shared / "eval/books").glob("*.json")):
        spans = json.loads(path.read_text("utf-8"))["spans"]
        text = path.with_suffix(".txt").read_bytes().decode()
        gone = [span for span in spans if span[2] != "author-note"]
        yield Document(f"books/{path.stem}", text, within(gone), within(spans) - within(gone))
    for path in sorted((shared / "data/pages_en").glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as rows:
            for line in islice(rows, 0, None, PAGES_STEP):
                yield page(json.loads(line))
    for folder in FOLDERS:
        for file in sorted((shared / "data" / folder).rglob("*")):
            for text in decoded([file]):
                yield Document(f"{folder}/{file.name.split('.')[0]}", text, None)


def page(row: dict[str, str]) -> Document:
    labels = dict(json.loads(row["labels"]) if isinstance(row["labels"], str) else row["labels"])
    spans: dict[int, list[tuple[int, int]]] = {0: [], 1: [], -1: []}
    at = 0
    for number, line in enumerate(row["text"].split("\n")):
        spans[labels.get(number, -1)].append((at, at + len(line)))
        at += len(line) + 1
    return Document(f"pages/{row['url'].split('/')[2]}", row["text"], within(spans[0]), within(spans[-1]))


def outcome(pipeline: Pipeline, text: str) -> Outcome:
    removed: set[int] = set()
    rules: set[str] = set()
    for edit in pipeline.clean(text).edits:
        if edit.stage not in STAGES:
            continue
        rules.add(edit.rule)
        if edit.evidence is not msgspec.UNSET:
            rules.update(rule for rule, _ in edit.evidence.parts)
        if len(edit.after) < edit.end - edit.start:
            removed.update(at for at in range(edit.start, edit.end) if not text[at].isspace())
    return Outcome(frozenset(removed), frozenset(rules))


def loss(document: Document, removed: frozenset[int], first: frozenset[int]) -> int:
    """Characters removed or kept wrongly; where there are no labels, what differs from all rules together."""
    if document.wanted is None:
        return len(removed ^ first)
    visible = {at for at in document.wanted if not document.text[at].isspace()}
    return len((removed ^ visible) - document.neutral)


class Worth:
    """Documents with what was found in them by the rules that are still in."""

    def __init__(self, some: Sequence[Document], pipeline: Pipeline) -> None:
        global _STATE  # noqa: PLW0603 - workers are forked with it
        self.documents = some
        self.off: frozenset[str] = frozenset()
        _STATE = (some, pipeline)
        pipeline.clean("\n".join(one.text for one in some if one.site.startswith("dev/")))  # what is made once
        self.pool = multiprocessing.get_context("fork").Pool(2)
        self.now = self.cleaned(self.off, range(len(some)))
        self.first = dict(self.now)

    def cleaned(self, off: frozenset[str], numbers: Sequence[int]) -> dict[int, Outcome]:
        tasks = [(off, number) for number in numbers]
        if len(tasks) < 3:
            return dict(map(_clean, tasks))
        return dict(self.pool.imap_unordered(_clean, tasks, 8 if len(tasks) > 64 else 1))

    def loss(self, number: int, found: Outcome) -> int:
        return loss(self.documents[number], found.removed, self.first[number].removed)

    def without(self, rules: frozenset[str]) -> tuple[dict[int, Outcome], dict[int, int]]:
        """The outcomes of documents where one of `rules` took part, without them, and the change of each loss."""
        touched = [number for number, found in self.now.items() if not rules.isdisjoint(found.rules)]
        after = self.cleaned(self.off | rules, touched)
        changes = {number: self.loss(number, after[number]) - self.loss(number, self.now[number]) for number in touched}
        return after, {number: change for number, change in changes.items() if change}

    def put_out(self, rules: frozenset[str], after: dict[int, Outcome]) -> None:
        self.off |= rules
        self.now |= after


_STATE: tuple[Sequence[Document], Pipeline]


def _clean(task: tuple[frozenset[str], int]) -> tuple[int, Outcome]:
    return task[1], outcome(_without(task[0]), _STATE[0][task[1]].text)


@lru_cache(maxsize=2)
def _without(off: frozenset[str]) -> Pipeline:
    return _STATE[1].without(off)


def removes(rule: Rule) -> bool:
    """Whether somebody wrote it to take something away; weights of features are fitted together."""
    if rule.stage != "boilerplate" or "-features/" in rule.id:
        return False
    return rule.written.does is None and not rule.negative


def by_sites(worth: Worth, changes: dict[int, int]) -> dict[str, int]:
    """The sum of changes of each site: labelled ones, and those without labels under a name that begins with `?`."""
    sums: Counter[str] = Counter()
    for number, change in changes.items():
        one = worth.documents[number]
        sums[("?" if one.wanted is None else "") + one.site] += change
    return {site: change for site, change in sums.items() if change}


def main(argv: Sequence[str]) -> Figures:
    parser = options(__name__, __doc__)
    parser.add_argument("--rules", type=Path, help="a file of ids, one a line")
    given = parser.parse_args(argv)
    rules = load_ruleset()
    tried = sorted(filter(removes, rules.rules), key=lambda rule: -len(rule.expression))
    if given.rules:
        named = set(given.rules.read_text("utf-8").split())
        tried = [rule for rule in tried if rule.id in named]
    worth = Worth(list(documents(given.shared)), Pipeline(rules))
    takes_part = Counter(rule for found in worth.first.values() for rule in found.rules)
    rows = []
    tried.sort(key=lambda rule: takes_part[rule.id])
    idle = frozenset(rule.id for rule in tried if not takes_part[rule.id])
    worth.put_out(idle, {})
    for rule in tried:
        after, changes = worth.without(frozenset([rule.id]))
        sites = by_sites(worth, changes)
        labelled = {site: cost for site, cost in sites.items() if not site.startswith("?")}
        other = {site: cost for site, cost in sites.items() if site.startswith("?")}
        sets: Counter[str] = Counter()
        for site, cost in labelled.items():
            sets[site.partition("/")[0]] += cost
        goes = all(cost <= 0 for cost in sets.values()) and not other
        if goes:
            worth.put_out(frozenset([rule.id]), after)
        row = {
            "rule": rule.id,
            "characters": len(rule.expression),
            "documents": takes_part[rule.id],
            "labelled characters lost": sum(labelled.values()),
            "labelled sites": len(labelled),
            "other characters lost": sum(other.values()),
            "other sites": len(other),
            "goes": goes,
        }
        rows.append(row)
        print(*row.values(), dict(list(sites.items())[:4]), flush=True)
    return {"rules": rows, "gone": sum(bool(row["goes"]) for row in rows)}
