"""Encoding detection compared with chardet, charset-normalizer and faust-cchardet.

    python -m evaluation detection [--part labelled|whole|prefixes|damage|calibration] [--seed N] [--count N]

An answer is right where the bytes, decoded in the encoding it names, are the text that was encoded; for damaged bytes,
where the codec is that of the undamaged ones; for files in two encodings, where the text is exact. Figures are % right.
Needs: pip install charset-normalizer faust-cchardet opencc-python-reimplemented
"""

from __future__ import annotations

import codecs
import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol

import cchardet
import chardet
import charset_normalizer
import opencc

from cleaner.model.errors import InputProblem, InputSkipped
from cleaner.stages.decode import decode
from cleaner.stages.decode.detect import CONFIDENT, likeliest
from cleaner.stages.decode.sample import Sample
from tools.runner import Figures, options
from tools.shared_data import need

WIDER = {
    "gb2312": "gb18030", "gbk": "gb18030", "big5": "cp950", "shift_jis": "cp932", "euc_kr": "cp949", "ascii": "utf-8",
    "big5hkscs": "cp950",
}  # fmt: skip
UNICODE = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be")
ENCODINGS = {
    "zh": ("gb2312", "gbk", "gb18030", "hz", *UNICODE),
    "zh-hant": ("big5", "cp950", "big5hkscs", "gb18030", *UNICODE),
    "ja": ("shift_jis", "cp932", "euc_jp", "iso2022_jp", *UNICODE),
    "ko": ("euc_kr", "cp949", "johab", "iso2022_kr", *UNICODE),
}
DAMAGED = {
    "zh": ("gb18030", "utf-8", "utf-16-le", "utf-16-be"),
    "zh-hant": ("cp950", "utf-8", "utf-16-le"),
    "ja": ("cp932", "euc_jp", "utf-8", "utf-16-le"),
    "ko": ("cp949", "utf-8", "utf-16-le"),
}
MIXED = (
    ("zh", "utf-8", "gb18030"), ("zh-hant", "utf-8", "cp950"), ("zh-hant", "gb18030", "cp950"),
    ("ja", "utf-8", "cp932"), ("ja", "utf-8", "euc_jp"), ("ko", "utf-8", "cp949"),
)  # fmt: skip
EAST_ASIAN = ("big5", "cp932", "cp949", "euc_jp", "euc_kr", "gb2312", "johab", "shift_jis", "iso2022_jp", "iso2022_kr")
BINS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999, 1.0, 1.1)  # of claimed confidence
PREFIXES = (4, 6, 8, 12, 16, 32, 64, 128, 256, 512)
PARTS = ("labelled", "whole", "prefixes", "damage", "calibration")
Answer = tuple[str, str | None]  # the encoding, and the text where the tool gives one
Row = dict[str, Any]


def ours(raw: bytes) -> Answer:
    try:
        text, source = decode(raw)
    except (InputProblem, InputSkipped):
        return "", None
    return source.codec, text


def named(name: str | None) -> str:
    try:
        return codecs.lookup(name or "").name
    except LookupError:
        return ""


TOOLS: dict[str, Callable[[bytes], Answer]] = {
    "cleaner": ours,
    "chardet": lambda raw: (named(chardet.detect(raw)["encoding"]), None),
    "charset-normalizer": lambda raw: (named(charset_normalizer.detect(raw)["encoding"]), None),
    "faust-cchardet": lambda raw: (named(cchardet.detect(raw)["encoding"]), None),
}


def text_in(raw: bytes, encoding: str) -> str | None:
    """Decode in an encoding, or in the one that holds all of it: what is called GB2312 on the web is GB18030."""
    for name in (WIDER.get(encoding, encoding), encoding):
        try:
            return raw.decode(name).lstrip("\ufeff")
        except (UnicodeDecodeError, LookupError, UnicodeError):
            continue
    return None


def same(raw: bytes, want: str, by_text: bool = False) -> Callable[[Answer], bool]:
    """Return what tells whether an answer gives a text: decoded as it says or, `by_text`, the text the tool gave."""
    return lambda answer: ((answer[1] if by_text else None) or text_in(raw, answer[0])) == want


class Cases(Protocol):
    """Takes cases: a row, bytes, and what tells whether an answer is right."""

    def add(self, row: str, raw: bytes, right: Callable[[Answer], bool]) -> None: ...


class Table:
    """Right answers and cases, by row and tool."""

    def __init__(self, tools: Mapping[str, Callable[[bytes], Answer]], shows: bool) -> None:
        self.tools = tools
        self.shows = shows
        self.right: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        self.cases: dict[str, int] = defaultdict(int)

    def add(self, row: str, raw: bytes, right: Callable[[Answer], bool]) -> None:
        self.cases[row] += 1
        for name, tool in self.tools.items():
            answer = tool(raw)
            self.right[row][name] += right(answer)
            if self.shows and not right(answer):
                print(f"{row}: {name} answers {answer[0] or 'nothing'}: {raw[:80]!r}")

    def rows(self) -> list[Row]:
        cases = self.cases | {"all": sum(self.cases.values())}
        sums = {name: sum(right[name] for right in self.right.values()) for name in self.tools}
        return [
            {"texts": row, "cases": count}
            | {name: round(100 * (self.right | {"all": sums})[row][name] / count, 1) for name in self.tools}
            for row, count in cases.items()
        ]


def texts(data: Path, seed: int, count: int) -> dict[str, list[str]]:
    chosen = random.Random(seed)
    paths = sorted((data / "clean_zh").iterdir())
    chinese = [path.read_text("utf-8") for path in chosen.sample(paths, min(len(paths), 2 * count))]
    chinese = [text for text in chinese if sum(char > "\x7f" for char in text) > 200]
    traditional = opencc.OpenCC("s2tw").convert
    japanese = []
    for path in sorted((data / "aozora").iterdir()):
        raw = path.read_bytes()
        text = text_in(raw, "utf-8") or text_in(raw, "cp932") or ""
        japanese += [text[at : at + 4000] for at in range(0, len(text), 4000)]
    korean = [path.read_text("utf-8") for path in sorted((data / "korean_news").iterdir())]
    found = {"zh": chinese, "zh-hant": [traditional(text[:4000]) for text in chinese], "ja": japanese, "ko": korean}
    return {language: chosen.sample(some, min(count, len(some))) for language, some in found.items()}


def encoded(text: str, encoding: str) -> tuple[bytes, str]:
    """Return the bytes of what an encoding holds of a text, and that text."""
    raw = text.replace("~", "").encode(encoding, "ignore")
    return raw, text_in(raw, encoding) or ""


def labelled(data: Path, cases: Cases, sizes: Sequence[int] = (1 << 30,)) -> None:
    for folder in sorted(path for path in (data / "encodings").iterdir() if path.is_dir()):
        parts = folder.name.split("-")
        while parts and not named("-".join(parts)):
            parts.pop()
        if not parts:
            continue
        encoding = named("-".join(parts))
        row = "CJK" if encoding in EAST_ASIAN else "Unicode" if encoding.startswith("utf") else "one byte"
        for path in sorted(folder.iterdir()):
            whole = path.read_bytes()
            for size in [size for size in sizes if size == sizes[-1] or row == "one byte"]:
                raw = whole[first_beyond(whole) :][:size] if size < sizes[-1] else whole
                want = text_in(raw, encoding)
                if want is not None:
                    cases.add(row, raw, same(raw, want))


def first_beyond(raw: bytes) -> int:
    return next((at for at, byte in enumerate(raw) if byte > 0x7F), 0)


def whole(found: dict[str, list[str]], cases: Cases) -> None:
    for language, some in found.items():
        for encoding in ENCODINGS[language]:
            for text in some:
                raw, want = encoded(text, encoding)
                kind = "Unicode encodings" if encoding in UNICODE else "its own encodings"
                cases.add(f"{language} in {kind}", raw, same(raw, want))


def lines_of(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if sum(char > "\x7f" for char in line) > 3]


def prefixes(found: dict[str, list[str]], chosen: random.Random, cases: Cases) -> None:
    """Add the first bytes of lines, cut where a character ends (half a character would be damage)."""
    for size in PREFIXES:
        for language, some in found.items():
            for encoding in ENCODINGS[language]:
                if encoding in ("utf-8-sig", "utf-16", "utf-32", "hz", "iso2022_jp", "iso2022_kr"):
                    continue
                for text in some:
                    lines = lines_of(text) or [text]
                    begin = chosen.choice(lines).encode(encoding, "ignore")[:size]
                    raw, want = encoded(begin.decode(encoding, "ignore"), encoding)
                    if sum(char > "\x7f" for char in want) * 4 >= len(want) > 0:
                        cases.add(f"{size} bytes", raw, same(raw, want))


def damages(raw: bytes, encoding: str, chosen: random.Random) -> Iterator[tuple[str, bytes]]:
    middle = chosen.randrange(len(raw) // 4, len(raw))
    yield "a byte too many", raw[:middle] + bytes([chosen.choice(b"\xff\x80\xfe\x81")]) + raw[middle:]
    yield "a byte missing", raw[:middle] + raw[middle + 1 :]
    hurt = bytearray(raw)
    for _ in range(5):
        hurt[chosen.randrange(len(hurt))] = chosen.randrange(256)
    yield "five bytes changed", bytes(hurt)
    yield "last character cut", raw[:-1]
    if not encoding.startswith("utf-16"):
        yield "NULs", raw[:middle] + b"\0\0\0" + raw[middle:]
        yield "a BOM in the middle", raw[:middle] + codecs.BOM_UTF8 + raw[middle:]
    if encoding == "gb18030":
        yield "0x80 as euro", raw[:middle] + b"\n\x80 12\n" + raw[middle:]
    if encoding == "utf-8":
        yield "CESU-8", raw[:middle].decode("utf-8", "ignore").encode() + b"\n\xed\xa0\xbd\xed\xb8\x80\n" + raw[middle:]


def damage(found: dict[str, list[str]], chosen: random.Random, cases: Cases) -> None:
    for language, some in found.items():
        for encoding in DAMAGED[language]:
            for text in some:
                raw, want = encoded("\n".join(lines_of(text))[: chosen.choice((100, 400, 2000))], encoding)
                for kind, hurt in damages(raw, encoding, chosen):
                    cases.add(kind, hurt, same(raw, want))


def mixed(found: dict[str, list[str]], chosen: random.Random, cases: Cases) -> None:
    for language, one, other in MIXED:
        for text in found[language]:
            lines = [
                line
                for line in lines_of(text)
                if encoded(line, one)[1] == encoded(line, other)[1] == line.replace("~", "")
            ][:60]
            at = chosen.randrange(len(lines) + 1)
            parts = [(line.replace("~", ""), other if number >= at else one) for number, line in enumerate(lines)]
            if chosen.random() < 0.5:
                parts = [(line, chosen.choice((one, one, other))) for line, _ in parts]
            raw = b"".join(line.encode(codec) + b"\n" for line, codec in parts)
            want = "".join(line + "\n" for line, _ in parts)
            cases.add(
                f"{language} {one} + {other}",
                raw,
                same(raw, want, True),
            )


class Claims:
    """How sure each answer was, whether it was right, and the step that gave it."""

    def __init__(self) -> None:
        self.all: list[tuple[float, bool, str]] = []

    def add(self, row: str, raw: bytes, right: Callable[[Answer], bool]) -> None:
        found = likeliest(Sample(raw, True, raw[:1024])) if raw else None
        if found is not None:
            self.all.append((found.confidence, right((found.codec, None)), found.method))

    def rows(self) -> list[Row]:
        groups = {
            f"{low:g} to {high:g}" if low < 1 else "1": [one for one in self.all if low <= one[0] < high]
            for low, high in pairwise(BINS)
        }
        groups[f"below {CONFIDENT}"] = [one for one in self.all if one[0] < CONFIDENT]
        sure = groups[f"from {CONFIDENT}"] = [one for one in self.all if one[0] >= CONFIDENT]
        for step in sorted({step for _, _, step in self.all}):
            groups[f"from {CONFIDENT}, step {step}"] = [one for one in sure if one[2] == step]
        return [
            {
                "confidence": name,
                "answers": len(some),
                "right": round(100 * sum(one[1] for one in some) / len(some), 2),
                "mean confidence": round(100 * sum(one[0] for one in some) / len(some), 2),
            }
            for name, some in groups.items()
            if some
        ]


def calibration(data: Path, found: dict[str, list[str]], chosen: random.Random, claims: Claims) -> None:
    """Add prefixes, whole texts, damage, and pieces of the labelled files in one-byte codecs."""
    prefixes(found, chosen, claims)
    whole({language: [text[:2000] for text in some] for language, some in found.items()}, claims)
    damage(found, chosen, claims)
    labelled(data, claims, (16, 48, 160, 1 << 20))


def main(argv: Sequence[str]) -> Figures:
    parser = options(__name__, __doc__)
    parser.add_argument("--part", action="append", choices=PARTS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=15, help="texts of each language")
    parser.add_argument("--only", default="", help="only the tools whose name matches")
    parser.add_argument("--wrong", action="store_true", help="print wrong answers")
    given = parser.parse_args(argv)
    tools = {name: tool for name, tool in TOOLS.items() if re.search(given.only, name)}
    data = need(given.shared, "data")
    found = texts(data, given.seed, given.count)
    chosen = random.Random(given.seed)
    fill: dict[str, dict[str, Callable[[Table], None]]] = {
        "labelled": {"labelled files": lambda table: labelled(data, table)},
        "whole": {"whole texts": lambda table: whole(found, table)},
        "prefixes": {"first bytes of a line": lambda table: prefixes(found, chosen, table)},
        "damage": {
            "damaged: the codec": lambda table: damage(found, chosen, table),
            "two encodings, line by line: the text": lambda table: mixed(found, chosen, table),
        },
    }
    figures: Figures = {}
    for part in given.part or PARTS:
        for title, filled in fill.get(part, {}).items():
            table = Table(tools, given.wrong)
            filled(table)
            figures[title] = table.rows()
        if part == "calibration":
            claims = Claims()
            calibration(data, found, chosen, claims)
            figures["confidence"] = claims.rows()
    return figures
