"""Speed of repairing mojibake where every line is mojibake, in MB of UTF-8 per CPU-second, and what clean text pays.

    python -m benchmarks repair_speed

One megabyte of each kind, made of the clean Chinese of the data folder; the start of the process is not in it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from cleaner.matching.ruleset import load_ruleset
from cleaner.pipeline import Pipeline
from tools.runner import Figures, options
from tools.shared_data import need

SIZE = 1_000_000  # bytes


def texts(folder: Path) -> dict[str, str]:
    clean = "".join(path.read_text("utf-8") for path in sorted(folder.iterdir())[200:400])[:SIZE]
    return {
        "clean": clean,
        "UTF-8 read as GBK, with holes": clean.encode().decode("gb18030", "replace"),
        "UTF-8 read as Windows-1252, with holes": clean.encode().decode("cp1252", "replace"),
        "UTF-8 read as Latin-1": clean.encode().decode("latin-1"),
        "GBK read as Latin-1": clean.encode("gb18030").decode("latin-1"),
    }


def main(argv: Sequence[str]) -> Figures:
    given = options(__name__, __doc__).parse_args(argv)
    found = texts(need(given.shared, "data") / "clean_zh")
    pipeline = Pipeline(load_ruleset(stages=["mojibake"]))
    pipeline.clean(found["GBK read as Latin-1"][:2000])
    rows = []
    for kind, text in found.items():
        whole = text.encode()[:SIZE].decode("utf-8", "ignore")
        start = time.process_time()
        edits = len(pipeline.clean(whole).edits)
        spent = time.process_time() - start
        rows.append({"kind": kind, "MB per CPU-second": round(len(whole.encode()) / 1e6 / spent, 2), "edits": edits})
    return {"rows": rows}
