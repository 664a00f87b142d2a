#!/usr/bin/env python3
"""Speed of finding out an encoding and decoding, on files of 8 KB, in MB per CPU-second; best of twenty.

usage: pip install ftfy chardet opencc-python-reimplemented; python bench/decode_speed.py

`repaired` is with the stage that repairs mojibake and the flags for what was lost, which is what ftfy does.
"""

from __future__ import annotations

import timeit
from collections.abc import Callable
from pathlib import Path

import chardet
import ftfy
import opencc

from cleaner import Pipeline, load_ruleset
from cleaner.stages.decode import decode

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
OTHERS = ("boilerplate", "invisible", "whitespace", "placeholder")


def speed(call: Callable[[], object], size: int, times: int) -> float:
    return size * times / min(timeit.repeat(call, number=times, repeat=20, timer=__import__("time").process_time)) / 1e6


def peer(raw: bytes) -> str:
    return ftfy.fix_text(raw.decode(chardet.detect(raw)["encoding"] or "utf-8", "replace"))


def texts() -> dict[str, str]:
    chinese = "".join(path.read_text("utf-8") for path in sorted((DATA / "clean_zh").iterdir())[200:240])[:9000]
    return {
        "zh": chinese,
        "zh-hant": opencc.OpenCC("s2tw").convert(chinese),
        "ja": "".join(decode(path.read_bytes())[0] for path in sorted((DATA / "aozora").iterdir())[:9])[:9000],
        "ko": "".join(path.read_text("utf-8") for path in sorted((DATA / "korean_news").iterdir()))[:9000],
    }


ROWS = (
    ("utf-8", "zh"), ("gb18030", "zh"), ("cp950", "zh-hant"), ("utf-16-le", "zh"), ("utf-16-be", "ja"),
    ("cp932", "ja"), ("euc_jp", "ja"), ("cp949", "ko"),
)  # fmt: skip


def main() -> None:
    found = texts()
    pipeline = Pipeline(load_ruleset(off=OTHERS))
    print("| encoding | bytes.decode | cleaner | repaired | chardet + ftfy.fix_text |\n|---|---|---|---|---|")
    for encoding, language in ROWS:
        raw = found[language].encode(encoding, "ignore")[:8192].decode(encoding, "ignore").encode(encoding)
        assert decode(raw)[1].codec == encoding
        plain = speed(lambda raw=raw, encoding=encoding: raw.decode(encoding), len(raw), 200)  # type: ignore[misc]
        ours = speed(lambda raw=raw: decode(raw), len(raw), 50)  # type: ignore[misc]
        repaired = speed(lambda raw=raw: pipeline.clean(decode(raw)[0]), len(raw), 20)  # type: ignore[misc]
        theirs = speed(lambda raw=raw: peer(raw), len(raw), 2)  # type: ignore[misc]
        print(f"| {encoding}, {language} | {plain:.0f} | {ours:.0f} | {repaired:.0f} | {theirs:.2f} |")


main()
