#!/usr/bin/env python3
"""Encoding detection beside chardet, charset-normalizer and faust-cchardet, as Markdown tables.

usage: pip install charset-normalizer faust-cchardet opencc-python-reimplemented
       python bench/detection.py [--part labelled|whole|prefixes|damage|calibration] [--seed N] [--count N]

Reads ../shared/data. Right is: the bytes, decoded as was said, are the text that was encoded; for damaged bytes: the
same codec as for the undamaged ones; for files in two encodings: the text, exactly.
"""

from __future__ import annotations

import argparse
import codecs
import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Protocol

import cchardet
import chardet
import charset_normalizer
import opencc

from cleaner.model.errors import InputProblem, InputSkipped
from cleaner.stages.decode import decode
from cleaner.stages.decode.steps import CONFIDENT, Sample, likeliest

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
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
SHOW: list[bool] = []
Said = tuple[str, str | None]  # the encoding, and the text where the tool gives one


def ours(raw: bytes) -> Said:
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


TOOLS: dict[str, Callable[[bytes], Said]] = {
    "cleaner": ours,
    "chardet": lambda raw: (named(chardet.detect(raw)["encoding"]), None),
    "charset-normalizer": lambda raw: (named(charset_normalizer.detect(raw)["encoding"]), None),
    "faust-cchardet": lambda raw: (named(cchardet.detect(raw)["encoding"]), None),
}


def text_in(raw: bytes, encoding: str) -> str | None:
    """`raw` in an encoding, or in the one that holds all of it: what is called GB2312 on the web is GB18030."""
    for name in (WIDER.get(encoding, encoding), encoding):
        try:
            return raw.decode(name).lstrip("\ufeff")
        except (UnicodeDecodeError, LookupError, UnicodeError):
            continue
    return None


class Asked(Protocol):
    """Is given cases: a row, bytes, and what tells whether an answer is right."""

    def ask(self, row: str, raw: bytes, right: Callable[[Said], bool]) -> None: ...


class Table:
    """Right and asked, by row and tool."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.right: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        self.asked: dict[str, int] = defaultdict(int)

    def ask(self, row: str, raw: bytes, right: Callable[[Said], bool]) -> None:
        self.asked[row] += 1
        for tool, say in TOOLS.items():
            said = say(raw)
            self.right[row][tool] += right(said)
            if SHOW and not right(said):
                print(f"{row}: {tool} said {said[0] or 'nothing'}: {raw[:80]!r}")

    def show(self) -> None:
        print(f"\n| {self.title} | cases | " + " | ".join(TOOLS) + " |\n|---|---|" + "---|" * len(TOOLS))
        total: dict[str, int] = defaultdict(int)
        for row, asked in self.asked.items():
            shares = [f"{100 * self.right[row][tool] / asked:.1f}" for tool in TOOLS]
            for tool in TOOLS:
                total[tool] += self.right[row][tool]
            print(f"| {row} | {asked} | " + " | ".join(shares) + " |")
        cases = sum(self.asked.values())
        print(
            f"| all | {cases} | " + " | ".join(f"{100 * total[tool] / cases:.1f}" for tool in TOOLS) + " |", flush=True
        )


def texts(seed: int, count: int) -> dict[str, list[str]]:
    chosen = random.Random(seed)
    paths = sorted((DATA / "clean_zh").iterdir())
    chinese = [path.read_text("utf-8") for path in chosen.sample(paths, min(len(paths), 2 * count))]
    chinese = [text for text in chinese if sum(char > "\x7f" for char in text) > 200]
    traditional = opencc.OpenCC("s2tw").convert
    japanese = []
    for path in sorted((DATA / "aozora").iterdir()):
        raw = path.read_bytes()
        text = text_in(raw, "utf-8") or text_in(raw, "cp932") or ""
        japanese += [text[at : at + 4000] for at in range(0, len(text), 4000)]
    korean = [path.read_text("utf-8") for path in sorted((DATA / "korean_news").iterdir())]
    found = {"zh": chinese, "zh-hant": [traditional(text[:4000]) for text in chinese], "ja": japanese, "ko": korean}
    return {language: chosen.sample(some, min(count, len(some))) for language, some in found.items()}


def encoded(text: str, encoding: str) -> tuple[bytes, str]:
    """What of a text an encoding holds, and its bytes."""
    raw = text.replace("~", "").encode(encoding, "ignore")
    return raw, text_in(raw, encoding) or ""


def labelled(asked: Asked, sizes: Sequence[int] = (1 << 30,)) -> None:
    for folder in sorted(path for path in (DATA / "encodings").iterdir() if path.is_dir()):
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
                    asked.ask(row, raw, lambda said, raw=raw, want=want: text_in(raw, said[0]) == want)


def first_beyond(raw: bytes) -> int:
    return next((at for at, byte in enumerate(raw) if byte > 0x7F), 0)


def whole(found: dict[str, list[str]], asked: Asked) -> None:
    for language, some in found.items():
        for encoding in ENCODINGS[language]:
            for text in some:
                raw, want = encoded(text, encoding)
                kind = "Unicode encodings" if encoding in UNICODE else "its own encodings"
                asked.ask(f"{language} in {kind}", raw, lambda said, raw=raw, want=want: text_in(raw, said[0]) == want)


def lines_of(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if sum(char > "\x7f" for char in line) > 3]


def prefixes(found: dict[str, list[str]], chosen: random.Random, asked: Asked) -> None:
    """A line's first bytes, cut where a character ends (half a character would be damage)."""
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
                        asked.ask(f"{size} bytes", raw, lambda said, raw=raw, want=want: text_in(raw, said[0]) == want)


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


def damage(found: dict[str, list[str]], chosen: random.Random, asked: Asked) -> None:
    for language, some in found.items():
        for encoding in DAMAGED[language]:
            for text in some:
                raw, want = encoded("\n".join(lines_of(text))[: chosen.choice((100, 400, 2000))], encoding)
                for kind, hurt in damages(raw, encoding, chosen):
                    asked.ask(kind, hurt, lambda said, raw=raw, want=want: text_in(raw, said[0]) == want)


def mixed(found: dict[str, list[str]], chosen: random.Random, asked: Asked) -> None:
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
            asked.ask(
                f"{language} {one} + {other}",
                raw,
                lambda said, raw=raw, want=want: (said[1] or text_in(raw, said[0])) == want,
            )


class Claims:
    """What was claimed how surely, by step, and whether it was right."""

    def __init__(self) -> None:
        self.all: list[tuple[float, bool, str]] = []

    def ask(self, row: str, raw: bytes, right: Callable[[Said], bool]) -> None:
        found = likeliest(Sample(raw, True, raw[:1024])) if raw else None
        if found is not None:
            self.all.append((found.confidence, right((found.codec, None)), found.method))

    def show(self) -> None:
        print("\n| claimed | answers | right, % | mean claim, % |\n|---|---|---|---|")
        for low, high in pairwise(BINS):
            self._row(f"{low:g} to {high:g}" if low < 1 else "1", [one for one in self.all if low <= one[0] < high])
        for title, chosen in (("below", lambda one: one[0] < CONFIDENT), ("from", lambda one: one[0] >= CONFIDENT)):
            self._row(f"{title} {CONFIDENT}", list(filter(chosen, self.all)))
        for step in sorted({step for _, _, step in self.all}):
            self._row(f"step {step}, from {CONFIDENT}", [o for o in self.all if o[2] == step and o[0] >= CONFIDENT])

    @staticmethod
    def _row(name: str, some: list[tuple[float, bool, str]]) -> None:
        if some:
            right, claimed = sum(one[1] for one in some), sum(one[0] for one in some)
            print(f"| {name} | {len(some)} | {100 * right / len(some):.2f} | {100 * claimed / len(some):.2f} |")


def calibration(found: dict[str, list[str]], chosen: random.Random) -> Claims:
    """Prefixes, whole texts, damage, and pieces of the labelled files in one-byte codecs."""
    claims = Claims()
    prefixes(found, chosen, claims)
    whole({language: [text[:2000] for text in some] for language, some in found.items()}, claims)
    damage(found, chosen, claims)
    labelled(claims, (16, 48, 160, 1 << 20))
    return claims


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--part", action="append", choices=PARTS)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--count", type=int, default=40)
    asked.add_argument("--only", default="", help="ask only the tools whose name matches")
    asked.add_argument("--wrong", action="store_true", help="print what went wrong")
    given = asked.parse_args()
    SHOW.extend([True] * given.wrong)
    for tool in [tool for tool in TOOLS if not re.search(given.only, tool)]:
        del TOOLS[tool]
    parts = given.part or PARTS
    found = texts(given.seed, given.count)
    chosen = random.Random(given.seed)
    tables: dict[str, list[tuple[str, Callable[[Table], None]]]] = {
        "labelled": [("(a) labelled files", labelled)],
        "whole": [("(b) whole texts", lambda table: whole(found, table))],
        "prefixes": [("(c) the first bytes of a line", lambda table: prefixes(found, chosen, table))],
        "damage": [
            ("(d) damaged: the right codec", lambda table: damage(found, chosen, table)),
            ("(d) two encodings, line by line: the text", lambda table: mixed(found, chosen, table)),
        ],
    }
    for title, fill in [row for part in parts if part in tables for row in tables[part]]:
        table = Table(title)
        fill(table)
        table.show()
    if "calibration" in parts:
        calibration(found, chosen).show()


if __name__ == "__main__":
    main()
