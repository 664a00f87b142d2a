"""One term per concept (docs/glossary.md): words that only this project understood stay out of its prose.

Prose is: docstrings and comments, `why` and `about` of rules, Markdown outside code.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest
from samples import ROOT

PRIVATE = re.compile(
    r"\b(wak(?:es?|ing)|woken?|strewn|furniture|redact\w*|goes|stays|told|tells|beside|sought|lens(?:es)?|swift"
    r"|(?<!punctuation )(?<!quotation )(?<!question )marks|signs|probes?|scanners?|furnish\w*)\b",
    re.IGNORECASE,
)
# The same in names of the program. `verdict` is what rule files and decisions call it.
PRIVATE_NAME = re.compile(
    r"(?:^|_)(probes?|wak(?:es?|ing)|woken?|awake|findings?|furniture|strewn|lens(?:es)?|sought|beside|told|asked|goes|stays"
    r"|scanner|swift|redact\w*)(?:_|$)",
    re.IGNORECASE,
)
QUOTED = re.compile(r"`[^`]*`|\"[^\"\n]*\"")
STATEMENT_STARTS = (None, tokenize.NEWLINE, tokenize.NL, tokenize.INDENT)
FILES = [
    path
    for folder, suffix in (("src", "py"), ("rules", "toml"), ("docs", "md"), (".", "md"))
    for path in sorted((ROOT / folder).glob(f"**/*.{suffix}" if folder != "." else f"*.{suffix}"))
    if path.name != "CHANGELOG.md"  # what was then
]


def of_python(text: str) -> Iterator[tuple[int, str]]:
    before = None
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        docstring = token.type == tokenize.STRING and before in STATEMENT_STARTS
        if token.type == tokenize.COMMENT or docstring:
            lines = token.string.replace('"""', "").split("\n")
            yield from enumerate(lines, token.start[0])
        before = token.type


def of_rules(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.split("\n"), 1):
        if re.match(r"(why|about)\b|#", line):
            yield number, line.partition("=")[2].strip().strip('"') or line


def of_markdown(text: str) -> Iterator[tuple[int, str]]:
    code = False
    for number, line in enumerate(text.split("\n"), 1):
        code ^= line.startswith("```")
        if not code:
            yield number, line


PROSE = {".py": of_python, ".toml": of_rules, ".md": of_markdown}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_private_words(path: Path) -> None:
    prose = PROSE[path.suffix](path.read_text("utf-8"))
    found = [f"{number}: {word[0]}" for number, line in prose for word in PRIVATE.finditer(QUOTED.sub("", line))]
    assert found == []


@pytest.mark.parametrize(
    "path", sorted((ROOT / "src").rglob("*.py")), ids=lambda path: path.relative_to(ROOT).as_posix()
)
def test_no_private_names(path: Path) -> None:
    names = {token.string for token in tokenize.generate_tokens(io.StringIO(path.read_text("utf-8")).readline)}
    assert sorted(name for name in names if name.isidentifier() and PRIVATE_NAME.search(name)) == []
