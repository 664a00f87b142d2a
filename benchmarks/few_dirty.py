"""Make a corpus of which about 5 % of the lines are dirty, out of one where most of them are.

    python -m benchmarks few_dirty CORPUS OUT [--keep 0.03]

CORPUS is what `bench/gen_corpus.py` of the shared folder writes (jsonl/*.jsonl and truth.jsonl). OUT gets the same, and
the texts as files in txt/. Mojibake is kept as it is.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tools.runner import Figures, options

Span = list[Any]  # start, end (characters), kind


def thinned(text: str, spans: list[Span], keep: float, chosen: random.Random) -> tuple[str, list[Span]]:
    """Return the text without most of what was put into it, and the spans that are left."""
    parts: list[str] = []
    left: list[Span] = []
    at = length = 0
    for start, end, kind in sorted(spans):
        parts.append(text[at:start])
        length += start - at
        at = end
        if kind == "mojibake" or chosen.random() < keep:
            parts.append(text[start:end])
            left.append([length, length + end - start, kind])
            length += end - start
    return "".join([*parts, text[at:]]), left


def main(argv: Sequence[str]) -> Figures:
    parser = options(__name__, __doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--keep", type=float, default=0.03, help="share of what was put in")
    given = parser.parse_args(argv)
    chosen = random.Random(6)
    truth = {one["id"]: one for one in map(json.loads, (given.corpus / "truth.jsonl").open(encoding="utf-8"))}
    for name in ("jsonl", "txt"):
        (given.out / name).mkdir(parents=True, exist_ok=True)
    dirty = lines = size = 0
    with (given.out / "truth.jsonl").open("w", encoding="utf-8") as known:
        for source in sorted((given.corpus / "jsonl").glob("*.jsonl")):
            with (given.out / "jsonl" / source.name).open("w", encoding="utf-8", newline="") as records:
                for record in map(json.loads, source.open(encoding="utf-8")):
                    one = truth[record["id"]]
                    text, spans = thinned(record["text"], one["spans"], given.keep, chosen)
                    records.write(json.dumps({**record, "text": text}, ensure_ascii=False) + "\n")
                    known.write(json.dumps({**one, "spans": spans}, ensure_ascii=False) + "\n")
                    (given.out / "txt" / f"{record['id']}.txt").write_bytes(text.encode())
                    dirty += len({text.count("\n", 0, start) for start, _, _ in spans})
                    lines += text.count("\n")
                    size += len(text.encode())
    return {"MB": round(size / 1e6, 1), "lines": lines, "dirty, %": round(100 * dirty / lines, 1)}
