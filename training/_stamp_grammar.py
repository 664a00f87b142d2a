"""How the marks of distributors are made, and how they get into texts: names, addresses, invitations, disguises.

The words are in `data/marks.txt`: site names are put together from parts, `{slots}` are filled in.
"""

from __future__ import annotations

import random
import re
from pathlib import Path


def _words() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in (Path(__file__).parent / "data" / "marks.txt").read_text("utf-8").split("\n"):
        if line.startswith("## "):
            current = found[line[3:]] = []
        elif line:
            current.append(line)
    return found


WORDS = _words()


class Grammar:
    """Makes marks, from a seed."""

    def __init__(self, seed: int) -> None:
        self.chosen = random.Random(seed)

    def site(self, kind: str) -> str:
        one = self.chosen
        name = one.choice(WORDS["first"]) + one.choice(WORDS["second"])
        return name + one.choice(["", "", one.choice(WORDS["second"])]) + one.choice(WORDS[f"{kind}-site"])

    def latin(self, low: int = 3, high: int = 10) -> str:
        one = self.chosen
        word = "".join(
            one.choice("bcdfghjklmnpqrstwxyz") + one.choice("aeiou ").strip()
            for _ in range(one.randint(low, high) // 2 + 1)
        )
        return word + (str(one.randint(0, 999)) if one.random() < 0.25 else "")

    def number(self, low: int, high: int) -> str:
        return "".join(self.chosen.choice("0123456789") for _ in range(self.chosen.randint(low, high)))

    def fill(self, template: str, kind: str, site: str = "", address: str = "") -> str:
        one = self.chosen
        known = {
            "site": site or self.site(kind),
            "dom": address or f"{self.latin()}.{one.choice(WORDS['tld'])}",
            "lat": self.latin(5, 12),
            "pen": one.choice(WORDS["first"])
            + one.choice(WORDS["second"])
            + one.choice(["", one.choice(WORDS["second"])]),
            "qq": self.number(6, 10),
            "num": self.number(7, 12),
            "n": self.number(1, 3),
            "title": one.choice(WORDS["title"]),
            "genre": one.choice(WORDS["genre"]),
        }
        return re.sub(r"\{(\w+)\}", lambda found: known[found[1]], template)

    def mark(self, kind: str, site: str = "", address: str = "") -> str:
        """A mark of a novel, a paper or a page, perhaps in brackets or disguised."""
        pool = WORDS[kind]
        text = self.fill(self.chosen.choice(pool), kind, site, address)
        if kind == "novel" and self.chosen.random() < 0.25:
            text += self.chosen.choice(["，", " ", "　", "。", "！"]) + self.fill(
                self.chosen.choice(pool), kind, site, address
            )
        if kind != "page":
            text = self.disguised(text)
            text = self.chosen.choice(WORDS["frame"]).format(text)
        return text

    def disguised(self, text: str) -> str:
        one = self.chosen
        how = one.random()
        if how < 0.6:
            return text
        if how < 0.7:
            glue = one.choice("*_~-.|/ ·^")
            return re.sub(
                r"(?<=[\u4e00-\u9fff])(?=[\u4e00-\u9fff])", lambda _: glue if one.random() < 0.7 else "", text
            )
        if how < 0.8:
            return "".join(
                chr(ord(char) + 0xFEE0) if "!" <= char <= "~" and one.random() < 0.8 else char for char in text
            )
        if how < 0.86:
            return re.sub(r"(?<=[a-z0-9.])(?=[a-z0-9.])", " ", text)
        if how < 0.92:
            return text.replace(".", one.choice(["。", "．", "·", " ", ""]))
        if how < 0.96:
            return "".join(char.upper() if one.random() < 0.5 else char for char in text)
        at = one.randrange(len(text))
        return text[:at] + text[at + one.randint(1, 3) :]


def composed(grammar: Grammar, kind: str, lines: list[str]) -> tuple[str, bytearray]:
    """Clean lines with marks among and in them, and for each character whether it is one (1)."""
    one = grammar.chosen
    rows: list[tuple[str, bytearray]] = [(line, bytearray(len(line))) for line in lines]
    site, address = grammar.site(kind), f"{grammar.latin()}.{one.choice(WORDS['tld'])}"
    for _ in range(one.randint(0, 2)):
        text = grammar.fill(one.choice(WORDS["hard"]), kind)
        rows.insert(one.randint(0, len(rows)), (text, bytearray(len(text))))
    repeated = grammar.mark(kind, site, address)
    for _ in range(one.choice([0, 1, 1, 2, 3, 4])):
        mark = repeated if one.random() < 0.4 else grammar.mark(kind, site, address)
        if kind != "page" and one.random() < 0.6:
            _inside(rows, mark, one)
        else:
            rows.insert(one.randint(0, len(rows)), (mark, bytearray(b"\1" * len(mark))))
    for place in (0, len(rows)):
        if one.random() < 0.35:
            block = [grammar.mark(kind, site, address) for _ in range(one.randint(1, 5))]
            rows[place:place] = [(text, bytearray(b"\1" * len(text))) for text in block]
    return "\n".join(row for row, _ in rows), bytearray(b"\0").join(flags for _, flags in rows)


def _inside(rows: list[tuple[str, bytearray]], mark: str, one: random.Random) -> None:
    """A mark after a sentence, at the end of a line or in the middle of a word."""
    long = [number for number, (row, _) in enumerate(rows) if len(row.strip()) >= 15]
    if not long:
        return
    number = one.choice(long)
    row, flags = rows[number]
    ends = [found.end() for found in re.finditer("[。！？”]", row)]
    how = one.random()
    at = len(row) if how < 0.35 else one.choice(ends) if ends and how < 0.7 else one.randrange(2, len(row))
    rows[number] = row[:at] + mark + row[at:], flags[:at] + b"\1" * len(mark) + flags[at:]
