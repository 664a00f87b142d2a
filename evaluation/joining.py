"""Wrapped paragraphs that are joined again exactly, by width and style of the wrapping.

    python -m evaluation joining [--profile official] [--show N]

1,000 paragraphs of Chinese articles and statutes and up to 1,000 of English books are wrapped at several widths (in
hanzi; English in letters) and cleaned in documents of 20 with only the rules that join; figures are the share of
paragraphs that come out exactly as they were. Styles: paragraphs with indents, with blank lines between them, or bare
(nothing says where one begins). `cut anywhere`: every so many characters; `by words`: words are kept whole and
punctuation hangs over; `full last lines`: every paragraph is cut so that its last line is full.
"""

from __future__ import annotations

import random
import re
import textwrap
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from cleaner.engine.line_metrics import CLOSING, width_of
from cleaner.matching.ruleset import load_ruleset
from cleaner.pipeline import Pipeline
from tools.runner import Figures, options
from tools.shared_data import need

OTHERS = [f"whitespace/{pack}" for pack in ("blanks", "indents", "latin", "repeated", "width")]
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
    """Return paragraphs of one line and more than 60 characters, by document."""
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
    """Return the paragraphs between blank lines of books, unwrapped."""
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
    """Cut every `width` characters, anywhere."""
    return [text[at : at + width] for at in range(0, len(text), width)]


def kept(text: str, width: int) -> list[str]:
    """Wrap as a word processor does: `width` hanzi wide, words whole, a comma hangs over the end of its line."""
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
    """Return the paragraph shortened so that its last line is full and ends with a stop."""
    whole = len(paragraph) // width * width
    return paragraph[: whole - 1].rstrip("，。、；：？！“‘（《 ").ljust(whole - 1, "了") + "。"


def document(paragraphs: Sequence[str], wrap: Callable[[str], list[str]], style: str) -> tuple[str, str]:
    """Return the wrapped document, and what should come out."""
    indent = "　　" if style == "indented" else ""
    between = "\n\n" if style == "blank line" else "\n"
    wrapped = ["\n".join(wrap(indent + paragraph)) for paragraph in paragraphs]
    return between.join(wrapped) + "\n", between.join(indent + paragraph for paragraph in paragraphs) + "\n"


def measure(documents: Sequence[Sequence[str]], wrap: Callable[[str], list[str]], style: str,
            pipeline: Pipeline, show: int) -> float:  # fmt: skip
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
    return round(good / every, 3)


def print_difference(wanted: str, lines: Sequence[str]) -> None:
    begin = max((line for line in lines if line), key=lambda line: len(common(line, wanted)))
    same = len(common(begin, wanted))
    print(f"   wanted {wanted[max(0, same - 20) : same + 20]}\n   got    {begin[max(0, same - 20) : same + 20]}")


def common(a: str, b: str) -> str:
    return a[: next((at for at, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))]


def chosen(documents: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return some documents, of at most 20 paragraphs, WANTED paragraphs in all."""
    out: list[list[str]] = []
    for paragraphs in random.Random(SEED).sample(documents, len(documents)):
        out.append(list(paragraphs[: min(PER_DOCUMENT, WANTED - sum(map(len, out)))]))
        if sum(map(len, out)) >= WANTED:
            break
    return out


def table(data: Path, pipeline: Pipeline, show: int) -> Figures:
    zh, en = chosen(chinese(data)), chosen(english(data))
    rows = []
    for width in (20, 35, 60):
        for name, wrap in (("cut anywhere", cut), ("by words", kept), ("full last lines", None)):
            row: dict[str, Any] = {"wrapped at": f"{width} {name}"}
            for style in STYLES:
                blanks = 2 * (style == "indented")
                documents = zh
                if wrap is None:
                    documents = [[filled("　" * blanks + one, width)[blanks:] for one in some] for some in zh]
                row[style] = measure(documents, partial(wrap or cut, width=width), style, pipeline, show)
            rows.append(row)
    for width in (50, 60, 72):
        wrap = partial(textwrap.wrap, width=width, break_long_words=False, break_on_hyphens=False)
        shares = {style: measure(en, wrap, style, pipeline, show) for style in STYLES[1:]}
        rows.append({"wrapped at": f"{width} English", STYLES[0]: None, **shares})
    return {
        "Chinese": f"{sum(map(len, zh))} paragraphs in {len(zh)} documents",
        "English": f"{sum(map(len, en))} paragraphs in {len(en)} documents",
        "joined": rows,
    }


def main(argv: Sequence[str]) -> Figures:
    parser = options(__name__, __doc__)
    parser.add_argument("--profile", default="official")
    parser.add_argument("--show", type=int, default=0, help="print so many wrong paragraphs for each width and style")
    given = parser.parse_args(argv)
    data = need(given.shared, "data")
    rules = load_ruleset(builtin_boilerplate=False, off=OTHERS, profile=given.profile)
    return table(data, Pipeline(rules), given.show)
