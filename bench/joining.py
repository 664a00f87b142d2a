#!/usr/bin/env python3
"""How well wrapped paragraphs are joined again, and whether verse and lists stay.

usage: joining.py DATA [--profile official] [--show N]

Takes 1,000 paragraphs of Chinese articles and statutes and 1,000 of English books under DATA, wraps them at several
widths in several styles, cleans each document of 20 and counts the paragraphs that come out as they were. Then cleans
what is verse, list, code or mail in DATA and counts the joins. Nothing is copied into the repository.
"""

from __future__ import annotations

import argparse
import random
import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import cleaner
from cleaner.engine.line_metrics import CLOSING, width_of

OFF = [f"whitespace/{pack}" for pack in ("blanks", "indents", "latin", "repeated", "width")]
STYLES = ("indented", "blank line", "bare")
SEED, PER_DOCUMENT, WANTED = 7, 20, 1000


def read(path: Path) -> str:
    data = path.read_bytes()
    for encoding in ("utf-8", "gb18030", "latin-1"):
        try:
            return data.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError:
            continue
    raise AssertionError


def chinese(data: Path) -> list[list[str]]:
    """Paragraphs of one line, at least three lines of 20 characters long, by document."""
    found = []
    for path in sorted((data / "clean_zh").rglob("*.txt")):
        lines = [line.strip(" \t\u3000\u00a0") for line in read(path).split("\n")]
        found.append([line for line in lines if plain(line)] if "Art" not in path.name else [])
    return [paragraphs for paragraphs in found if len(paragraphs) >= 3]


def plain(line: str) -> bool:
    return (
        60 < len(line) < 600
        and line[-1] in "。！？”"
        and len(re.findall("[一-鿿]", line)) > 40
        and not re.search(r"  |\t|[|{}<>_*]|https?:|……", line)
    )


def english(data: Path) -> list[list[str]]:
    """Paragraphs between blank lines of books, unwrapped."""
    found = []
    for path in sorted((data / "gutenberg").glob("*")):
        parts = [re.sub(r"\s+", " ", part).strip() for part in re.split(r"\n\s*\n", read(path)) if prose(part)]
        found.append([part for part in parts if re.search(r"[.!?\"]$", part)])
    return [paragraphs for paragraphs in found if len(paragraphs) >= 3]


def prose(part: str) -> bool:
    lines = part.split("\n")
    whole = all(50 < len(line) < 80 and not line.startswith(" ") for line in lines[:-1])
    return len(lines) > 3 and whole and not re.search(r"--|_|\*|  |http|Gutenberg", part)


def cut(text: str, width: int) -> list[str]:
    """Every `width` characters, whatever stands there."""
    return [text[at : at + width] for at in range(0, len(text), width)]


def kept(text: str, width: int) -> list[str]:
    """As a word processor does: `width` hanzi wide, words whole, no line begins with a comma (it hangs over)."""
    tokens = re.findall(rf"(?:[!-~]+|.)[{re.escape(CLOSING[:14])}]*", text)
    lines, line = [], ""
    for token in tokens:
        bare = token.rstrip("，。、；：？！”’）》")
        if line and width_of(line + bare, True) > 2 * width:
            lines.append(line.rstrip(" "))
            line = ""
        if line or token != " ":
            line += token
    return [*lines, line] if line else lines


def filled(paragraph: str, width: int) -> str:
    """The paragraph cut so that its last line is full, and ends with a stop."""
    whole = len(paragraph) // width * width
    return paragraph[: whole - 1].rstrip("，。、；：？！“‘（《 ").ljust(whole - 1, "了") + "。"


def document(paragraphs: Sequence[str], wrap: Callable[[str], list[str]], style: str) -> tuple[str, str]:
    """The wrapped document, and what should come out."""
    indent = "　　" if style == "indented" else ""
    between = "\n\n" if style == "blank line" else "\n"
    wrapped = ["\n".join(wrap(indent + paragraph)) for paragraph in paragraphs]
    return between.join(wrapped) + "\n", between.join(indent + paragraph for paragraph in paragraphs) + "\n"


def measure(documents: Sequence[Sequence[str]], wrap: Callable[[str], list[str]], style: str,
            pipeline: cleaner.Pipeline, show: int) -> float:  # fmt: skip
    good = every = 0
    for paragraphs in documents:
        text, wanted = document(paragraphs, wrap, style)
        lines = set(pipeline.clean(text).text.split("\n"))
        for line in filter(None, wanted.split("\n")):
            every += 1
            good += line in lines
            if line not in lines and show > 0:
                show -= 1
                print_difference(line, pipeline.clean(text).text.split("\n"))
    return good / every


def print_difference(wanted: str, lines: Sequence[str]) -> None:
    begin = max((line for line in lines if line), key=lambda line: len(common(line, wanted)))
    same = len(common(begin, wanted))
    print(f"   wanted {wanted[max(0, same - 20) : same + 20]}\n   got    {begin[max(0, same - 20) : same + 20]}")


def common(a: str, b: str) -> str:
    return a[: next((at for at, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))]


def chosen(documents: Sequence[Sequence[str]]) -> list[list[str]]:
    """Some documents, of at most 20 paragraphs, WANTED paragraphs in all."""
    out: list[list[str]] = []
    for paragraphs in random.Random(SEED).sample(documents, len(documents)):
        out.append(list(paragraphs[: min(PER_DOCUMENT, WANTED - sum(map(len, out)))]))
        if sum(map(len, out)) >= WANTED:
            break
    return out


def table(data: Path, pipeline: cleaner.Pipeline, show: int) -> Iterator[tuple[str, str, float]]:
    zh, en = chosen(chinese(data)), chosen(english(data))
    print(f"{sum(map(len, zh))} Chinese paragraphs in {len(zh)} documents, {sum(map(len, en))} English in {len(en)}")
    for width in (20, 35, 60):
        for style in STYLES:
            for name, wrap in (("cut anywhere", cut), ("by words", kept)):
                yield f"{width} {name}", style, measure(zh, lambda p: wrap(p, width), style, pipeline, show)  # noqa: B023
            blanks = 2 * (style == "indented")
            full = [[filled("　" * blanks + one, width)[blanks:] for one in paragraphs] for paragraphs in zh]
            yield f"{width} full last lines", style, measure(full, lambda p: cut(p, width), style, pipeline, show)  # noqa: B023
    for width in (50, 60, 72):
        for style in ("blank line", "bare"):
            wrap = lambda p: textwrap.wrap(p, width, break_long_words=False, break_on_hyphens=False)  # noqa: B023, E731
            yield f"{width} English", style, measure(en, wrap, style, pipeline, show)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--profile", default="official")
    parser.add_argument("--show", type=int, default=0, help="print so many that went wrong, per row")
    given = parser.parse_args()
    rules = cleaner.load_ruleset(builtin_boilerplate=False, off=off_known(), profile=given.profile)
    pipeline = cleaner.Pipeline(rules)
    for how, style, share in table(given.data, pipeline, given.show):
        print(f"{how:22} {style:12} {share:.3f}", flush=True)


def off_known() -> list[str]:
    known = {rule.id.rsplit("/", 1)[0] for rule in cleaner.load_ruleset().all}
    return [prefix for prefix in OFF if prefix in known]


if __name__ == "__main__":
    main()
