"""Pieces of a regular expression, as text: what `{{name}}` must not be looked for inside of."""

from __future__ import annotations

import re

CLASS = re.compile(r"\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]", re.DOTALL)
ESCAPE = re.compile(r"\\(?:x\{[0-9a-fA-F]+\}|[pP]\{[^}]*\}|.)", re.DOTALL)


def escaped(text: str) -> str:
    """A text as an expression, which can be read: blanks stay as they are, a line end is `\\n`."""
    return re.escape(text).replace("\\ ", " ").replace("\\\n", "\\n")
