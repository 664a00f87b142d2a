"""What ftfy would do: always one of the answers. The only module that knows ftfy.

ftfy's defaults ruin Chinese (full-width punctuation, curly quotes), and its search for UTF-8 inside a line takes `×“`
for a Hebrew letter. So it sees only runs of characters that a one-byte codec can produce, in a setting that repairs
encodings and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import regex

from ...engine.language.scorer import HAN
from .moves import Replacement

RUN = regex.compile(
    r"[\u0000-\u0009\u000b\u000c\u000e-\u052f\u2010-\u2044\u20a7-\u20ac\u2100-\u266f\ufb00-\ufb02\ufffd]+"
)
INDENT = " \t\xa0"  # a no-break blank before the run is none of its bytes and keeps all of it from being read
# Characters that stand in clean Chinese; a run whose only odd characters are these is left alone.
USUAL = regex.compile(r"[\s\x21-\x7e“”‘’…—–·×÷°±•■-◿①-⓿Ⅰ-ⅿ─-▟←-⇿∀-⋿]*")


@cache
def _setting() -> Any:
    import ftfy

    return ftfy.TextFixerConfig(
        unescape_html=False,
        remove_terminal_escapes=False,
        fix_latin_ligatures=False,
        fix_character_width=False,
        uncurl_quotes=False,
        fix_line_breaks=False,
        fix_surrogates=False,
        remove_control_chars=False,
        normalization=None,
        explain=False,
    )


def replacements(text: str) -> Iterator[Replacement]:
    """What ftfy changes in `text`, run by run."""
    chinese = HAN.search(text) is not None
    for run in RUN.finditer(text):
        before = run.group().lstrip(INDENT)
        if before.isascii() or (chinese and USUAL.fullmatch(before)):
            continue
        import ftfy

        after = ftfy.fix_encoding(before, _setting())
        if after != before:
            yield run.end() - len(before), run.end(), after
