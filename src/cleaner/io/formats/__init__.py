"""The files that people have: each format is a module, and a row of FORMATS (0134)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import BinaryIO

import msgspec

from ...model.errors import InputProblem, InputSkipped
from . import ass, docx, epub, html, markdown, odt, subtitles
from .archive import Archive
from .document import PiecedDocument
from .known import format_of, not_text
from .pieces import Decode, Part

__all__ = ("FORMATS", "Format", "PiecedDocument", "format_of", "not_text", "open_pieces")
LARGEST = 32 << 20  # bytes of a file that is one text
HEAD = 4096
ZIP = b"PK\3\4"
OLD = ("doc", "dot", "wps", "wpt")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class Format(msgspec.Struct, frozen=True):
    """One format: how a file of it is known, and what reads its parts, from an archive or from the whole file."""

    name: str
    endings: tuple[str, ...]
    reads: Callable[[bytes], bool]  # by the beginning of a file
    parts: Callable[[bytes, Decode], Iterable[Part]] | None = None
    members: Callable[[Archive, Decode], Iterable[Part]] | None = None


def _is_zip(head: bytes) -> bool:
    return head.startswith(ZIP)


def _any(head: bytes) -> bool:
    return True


FORMATS = (
    Format("docx", ("docx", "docm", "dotx", "dotm"), _is_zip, members=docx.read),
    Format("epub", ("epub",), _is_zip, members=epub.read),
    Format("odt", ("odt", "ott"), _is_zip, members=odt.read),
    Format("html", ("html", "htm", "xhtml"), lambda head: b"<" in head, parts=html.read),
    Format("ass", ("ass", "ssa"), ass.known, parts=ass.read),
    Format("srt", ("srt", "vtt"), subtitles.known, parts=subtitles.read),
    Format("md", ("md", "markdown"), _any, parts=markdown.read),
)


def _ending(name: str) -> str:
    return os.path.basename(name).rpartition(".")[2].lower()


def _chosen(name: str, head: bytes) -> Format | None:
    """Content first: a name alone makes no document, and an archive is of the format that its name says."""
    ending = _ending(name)
    if head.startswith(OLE) and ending in OLD:
        raise InputSkipped(
            f"an old office file; convert it: soffice --headless --convert-to docx {os.path.basename(name)}"
        )
    named = next((one for one in FORMATS if ending in one.endings), None)
    if named is not None and named.reads(head):
        return named
    if named is not None and named.members is not None and head:
        if head.startswith(OLE):
            raise InputProblem("it is encrypted, or an old file with a new name", hint="save it without a password")
        raise InputProblem(f"it is no {named.name}: it begins as no archive does", hint="copy or download it again")
    return None


def open_pieces(name: str, file: BinaryIO, decode: Decode) -> PiecedDocument | None:
    """The document in a file, None where it is of no such format. Raises InputProblem, InputSkipped."""
    file.seek(0)
    head = file.read(HEAD)
    one = _chosen(name, head)
    if one is None:
        return None
    if one.members is not None:
        archive = Archive(file)
        document = PiecedDocument(one.name, file, list(one.members(archive, decode)))
        document.has_macros = any(name.endswith("vbaProject.bin") for name in archive.names)
        return document
    file.seek(0)
    raw = file.read(LARGEST + 1)
    if len(raw) > LARGEST:
        raise InputProblem(f"larger than {LARGEST >> 20} MB", hint="split it, or read it as plain text: --as-text")
    assert one.parts is not None
    return PiecedDocument(one.name, file, list(one.parts(raw, decode)))
