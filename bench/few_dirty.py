"""The corpus of gen_corpus.py with most of its marks taken out again, so that about 5 % of its lines are dirty.

    python bench/few_dirty.py CORPUS OUT [--keep 0.03]

CORPUS holds jsonl/*.jsonl and truth.jsonl. OUT gets the same, and the texts as files in txt/. Mojibake stays as it is.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

Span = list  # start, end, kind


def thinned(text: str, spans: list[Span], keep: float, chosen: random.Random) -> tuple[str, list[Span]]:
    """The text without most of what was put into it, and the spans that are left."""
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


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("corpus", type=Path)
    options.add_argument("out", type=Path)
    options.add_argument("--keep", type=float, default=0.03, help="of what was put in")
    given = options.parse_args()
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
    print(f"{size / 1e6:.1f} MB, {lines:,} lines, {100 * dirty / lines:.1f} % of them dirty")


if __name__ == "__main__":
    main()
