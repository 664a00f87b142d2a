"""Speed of detecting an encoding and decoding, in MB per CPU-second, on files of 8 KB.

    python -m benchmarks decode_speed

The best of twenty. `repaired` is with the stage that repairs mojibake and the flags for what was lost, as ftfy does.
Needs: pip install opencc-python-reimplemented
"""

from __future__ import annotations

import time
import timeit
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import chardet
import ftfy
import opencc

from cleaner.matching.ruleset import load_ruleset
from cleaner.pipeline import Pipeline
from cleaner.stages.decode import decode
from tools.runner import Figures, options
from tools.shared_data import need

OTHERS = ("boilerplate", "invisible", "whitespace", "placeholder")
ROWS = (
    ("utf-8", "zh"), ("gb18030", "zh"), ("cp950", "zh-hant"), ("utf-16-le", "zh"), ("utf-16-be", "ja"),
    ("cp932", "ja"), ("euc_jp", "ja"), ("cp949", "ko"),
)  # fmt: skip


def speed(call: Callable[[], object], size: int, times: int) -> float:
    """Return MB per CPU-second of a call that works on `size` bytes."""
    best = min(timeit.repeat(call, number=times, repeat=20, timer=time.process_time))
    rate = size * times / best / 1e6
    return round(rate, 2) if rate < 10 else round(rate)


def peer(raw: bytes) -> str:
    return ftfy.fix_text(raw.decode(chardet.detect(raw)["encoding"] or "utf-8", "replace"))


def texts(data: Path) -> dict[str, str]:
    chinese = "".join(path.read_text("utf-8") for path in sorted((data / "clean_zh").iterdir())[200:240])[:9000]
    return {
        "zh": chinese,
        "zh-hant": opencc.OpenCC("s2tw").convert(chinese),
        "ja": "".join(decode(path.read_bytes())[0] for path in sorted((data / "aozora").iterdir())[:9])[:9000],
        "ko": "".join(path.read_text("utf-8") for path in sorted((data / "korean_news").iterdir()))[:9000],
    }


def main(argv: Sequence[str]) -> Figures:
    given = options(__name__, __doc__).parse_args(argv)
    found = texts(need(given.shared, "data"))
    pipeline = Pipeline(load_ruleset(off=OTHERS))
    rows = []
    for encoding, language in ROWS:
        raw = found[language].encode(encoding, "ignore")[:8192].decode(encoding, "ignore").encode(encoding)
        assert decode(raw)[1].codec == encoding
        rows.append(
            {
                "encoding": f"{encoding}, {language}",
                "bytes.decode": speed(partial(raw.decode, encoding), len(raw), 200),
                "cleaner": speed(partial(decode, raw), len(raw), 50),
                "repaired": speed(lambda raw=raw: pipeline.clean(decode(raw)[0]), len(raw), 20),  # type: ignore[misc]
                "chardet + ftfy.fix_text": speed(partial(peer, raw), len(raw), 2),
            }
        )
    return {"MB per CPU-second": rows}
