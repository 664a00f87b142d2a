"""Labelled web pages as they are fitted, and how weights get into a pack."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from cleaner.engine.webpage import PageLine, read
from cleaner.matching.rule import Rule
from tools.shared_data import labelled, need

FAMILIES = ("webpage",)
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
