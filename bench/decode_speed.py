#!/usr/bin/env python3
"""Speed of finding out an encoding and decoding, on files of 8 KB, in MB per CPU-second; best of five.

usage: pip install ftfy chardet; python bench/decode_speed.py
"""

from __future__ import annotations

import timeit
from collections.abc import Callable
from pathlib import Path

import chardet
import ftfy

from cleaner.stages.decode import decode

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "clean_zh"


def speed(call: Callable[[], object], size: int, times: int) -> float:
    return size * times / min(timeit.repeat(call, number=times, repeat=5, timer=__import__("time").process_time)) / 1e6


def peer(raw: bytes) -> str:
    return ftfy.fix_text(raw.decode(chardet.detect(raw)["encoding"] or "utf-8", "replace"))


def main() -> None:
    text = "".join(path.read_text("utf-8") for path in sorted(DATA.iterdir())[200:240])[:9000]
    print("| encoding | bytes.decode | cleaner | chardet + ftfy.fix_text |\n|---|---|---|---|")
    for encoding in ("utf-8", "gb18030", "cp950", "utf-16-le"):
        raw = text.encode(encoding, "ignore")[:8192].decode(encoding, "ignore").encode(encoding)
        plain = speed(lambda raw=raw, encoding=encoding: raw.decode(encoding), len(raw), 1000)
        ours = speed(lambda raw=raw: decode(raw), len(raw), 200)  # type: ignore[misc]
        theirs = speed(lambda raw=raw: peer(raw), len(raw), 4)  # type: ignore[misc]
        print(f"| {encoding} | {plain:.0f} | {ours:.0f} | {theirs:.2f} |")


main()
