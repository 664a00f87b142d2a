"""What a text says of its own encoding. It is evidence and not the truth: a converted page keeps its old line."""

from __future__ import annotations

import re
from typing import NamedTuple

from .sample import Sample, known, wide_enough

TAIL = 512  # bytes at the end of a file in which Vim looks for its line
NAME = rb"([A-Za-z0-9](?:[\w.:-]*\w)?)"
LABELS = tuple(
    (kind, re.compile(where % NAME, re.IGNORECASE | re.MULTILINE))
    for kind, where in (
        ("XML", rb"""\A\s*<\?xml[^>]{0,200}?\bencoding\s*=\s*["']%s"""),
        ("HTML", rb"""<meta\b[^>]{0,200}?\bcharset\s*=\s*["']?\s*%s"""),
        ("mail", rb"""^Content-Type:[^\n]{0,200}(?:\n[ \t][^\n]{0,200}){0,4}?\bcharset\s*=\s*"?%s"""),
        ("Emacs", rb"""\A(?:[^\n]*\n)?[^\n]*-\*-[^\n]*?\bcoding\s*:\s*%s[^\n]*-\*-"""),
    )
)
VIM = re.compile(rb"(?:^|[ \t])(?:vim?|ex):[^\n]*?\b(?:fenc|fileencoding)=" + NAME, re.MULTILINE)
LINE_ENDS = re.compile("-(?:unix|dos|mac)$")  # Emacs names them together: gb18030-unix


class Label(NamedTuple):
    """Where it stands, the name as written, and the codec that is meant; "" where nothing is called so."""

    kind: str
    name: str
    codec: str


def label_of(sample: Sample) -> Label | None:
    """The first label in the head of a file; one for Vim also at its end."""
    if b"\0" in sample.raw[:1024]:
        return None
    found = next(((kind, match[1]) for kind, where in LABELS if (match := where.search(sample.head))), None)
    if found is None:
        ends = (sample.head, sample.raw[-TAIL:] if sample.final else b"")
        found = next((("Vim", match[1]) for end in ends if (match := VIM.search(end))), None)
    if found is None:
        return None
    name = found[1].decode()
    codec = known(LINE_ENDS.sub("", name.lower()).removeprefix("x-"))
    return Label(found[0], name, wide_enough(codec, sample) if codec is not None else "")
