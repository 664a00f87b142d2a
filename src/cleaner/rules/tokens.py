"""Pieces of a regular expression, as text: what `{{name}}` must not be looked for inside of."""

from __future__ import annotations

import re

CLASS = re.compile(r"\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]", re.DOTALL)
ESCAPE = re.compile(r"\\(?:x\{[0-9a-fA-F]+\}|[pP]\{[^}]*\}|.)", re.DOTALL)
