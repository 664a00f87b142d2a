"""Broken and hostile documents: each is refused with what, where and what to do, or cleaned; nothing hangs or grows."""

from __future__ import annotations

import io
import re
import resource
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from documents import MARK, STORY, W, archive, book, members, paragraph, patched, word, xhtml
from samples import cleaner

GOOD = word(paragraph(MARK) + paragraph(STORY))
BOOK = book({"a.xhtml": xhtml(STORY, MARK)})
SECONDS = 10
LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
FILE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


def with_part(name: str, content: str | bytes, raw: bytes = GOOD) -> bytes:
    return archive({**members(raw), name: content})


def without(name: str, raw: bytes = GOOD) -> bytes:
    return archive({found: content for found, content in members(raw).items() if found != name})


def document(head: str, body: str) -> str:
    return f'<?xml version="1.0"?>{head}<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'


def twice() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("word/document.xml", document("", paragraph(STORY)))
        with pytest.warns(UserWarning, match="Duplicate"):
            made.writestr("word/document.xml", document("", paragraph(MARK)))
    return out.getvalue()


def moved() -> bytes:
    """The list says that the last member, which nobody reads, begins where the archive ends."""
    raw = bytearray(with_part("word/media/b.png", b"x"))
    struct.pack_into("<L", raw, raw.rfind(b"PK\1\2") + 42, len(raw) - 5)
    return bytes(raw)


ENCRYPTED = '<encryption><EncryptedData><CipherData><CipherReference URI="O/a.xhtml"/></CipherData></EncryptedData></encryption>'
# What is told of each; the files are made when they are needed.
REFUSED: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "end is missing": ("a.docx", lambda: GOOD[:-30], "broken archive"),
    "half of it": ("a.docx", lambda: GOOD[: len(GOOD) // 2], "broken archive"),
    "beginning is missing": ("a.docx", lambda: GOOD[100:], "begins as no archive"),
    "a page of text": ("a.docx", STORY.encode, "begins as no archive"),
    "damaged data": ("a.docx", lambda: GOOD.replace(GOOD[500:520], b"\0" * 20, 1), "broken archive"),
    "a wrong sum": ("a.docx", lambda: patched(GOOD, b"PK\1\2", 16, 7), "broken archive"),
    "an offset behind the end": ("a.docx", lambda: patched(GOOD, b"PK\5\6", 18, 1), "broken archive"),
    "two members of one name": ("a.docx", twice, "two members"),
    "a member behind the end": ("a.docx", moved, "broken archive"),
    "no text in it": ("a.docx", lambda: without("word/document.xml"), "it has no word/document.xml"),
    "an encrypted member": ("a.docx", lambda: patched(GOOD, b"PK\1\2", 8, 1), "it is encrypted"),
    "an unknown compression": ("a.docx", lambda: patched(GOOD, b"PK\1\2", 10, 97), "compressed in a way"),
    "an encrypted document": ("a.docx", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "it is encrypted"),
    "a signed document": ("a.docx", lambda: with_part("_xmlsignatures/sig1.xml", "<s/>"), "it is signed"),
    "no XML": ("a.docx", lambda: with_part("word/document.xml", document("", "<w:p>")), "is no XML"),
    "an end too much": ("a.docx", lambda: with_part("word/document.xml", document("", "</w:p>")), "is no XML"),
    "many laughs": ("a.docx", lambda: with_part("word/document.xml", document(LAUGHS, "&c;")), "entities of its own"),
    "an external entity": ("a.docx", lambda: with_part("word/document.xml", document(FILE, "&a;")), "entities of its own"),
    "entities in a header": ("a.docx", lambda: with_part("word/header1.xml", document(LAUGHS, "&c;")), "entities of its"),
    "entities in properties": ("a.docx", lambda: with_part("docProps/core.xml", f"{FILE}<x>&a;</x>"), "entities of its"),
    "deep elements": ("a.docx", lambda: with_part("word/document.xml", document("", "<w:p>" * 900 + "</w:p>" * 900)), "deep"),
    "a bomb": ("a.docx", lambda: with_part("word/document.xml", document("", " " * (40 << 20))), "larger than 32 MB"),
    "a bomb in a footer": ("a.docx", lambda: with_part("word/footer1.xml", b"\0" * (64 << 20)), "larger than 32 MB"),
    "many small bombs": (
        "a.docx",
        lambda: archive({**members(GOOD), **{f"word/header{n}.xml": document("", " " * (1 << 20)) for n in range(2, 40)}}),
        "larger than 32 MB",
    ),
    "many members": ("a.docx", lambda: patched(GOOD, b"PK\5\6", 10, 0xFFFF), "more than 20,000 members"),
    "a large format": ("a.docx", lambda: patched(patched(GOOD, b"PK\5\6", 16, 0xFFFF), b"PK\5\6", 18, 0xFFFF), "4 GB"),
    "a book without a container": ("a.epub", lambda: without("META-INF/container.xml", BOOK), "it has no META-INF"),
    "a container that names nothing": (
        "a.epub", lambda: with_part("META-INF/container.xml", "<container/>", BOOK), "names no package"
    ),
    "a package that is missing": ("a.epub", lambda: without("O/b.opf", BOOK), "it has no O/b.opf"),
    "a package that is no XML": ("a.epub", lambda: with_part("O/b.opf", "<package>", BOOK), "is no XML"),
    "a contents of entities": ("a.epub", lambda: with_part("O/t.ncx", f"{LAUGHS}<x>&c;</x>", BOOK), "entities of its"),
    "a book with rights": ("a.epub", lambda: with_part("META-INF/encryption.xml", ENCRYPTED, BOOK), "it is encrypted"),
    "a signed book": ("a.epub", lambda: with_part("META-INF/signatures.xml", "<s/>", BOOK), "it is signed"),
    "a page of a bomb": ("a.epub", lambda: with_part("O/a.xhtml", " " * (40 << 20), BOOK), "larger than 32 MB"),
    "an old file": ("a.doc", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "soffice --headless"),
    "another old file": ("a.wps", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "soffice --headless"),
    "a large page": ("a.html", lambda: b"<p>" + b"a " * (17 << 20), "larger than 32 MB"),
    "a page of pieces": ("a.html", lambda: b"<p>" + b"a<b>" * 600_000, "pieces of text"),
}  # fmt: skip
CLEANED: dict[str, tuple[str, Callable[[], bytes]]] = {
    "deep elements": ("a.html", lambda: b"<div>" * 50_000 + f"<p>{MARK}</p>".encode()),
    "never closed": ("a.html", lambda: f"<p>{MARK}</p>".encode() + b"<!--" * 50_000 + b'<a x="' * 50_000),
    "stray ends": ("a.html", lambda: b"<p>" * 20_000 + b"</b>" * 20_000 + f"<p>{MARK}</p>".encode()),
    "many entities": ("a.html", lambda: b"<p>" + b"&amp; " * 100_000 + f"<p>{MARK}</p>".encode()),
    "an archive in an archive": ("a.docx", lambda: with_part("word/embeddings/a.zip", GOOD)),
    "macros": ("a.docm", lambda: with_part("word/vbaProject.bin", b"\0macro")),
    "a bomb that is no text": ("a.docx", lambda: with_part("word/media/b.png", bytes(50 << 20))),
    "names that lead out": ("a.docx", lambda: with_part("../../../tmp/x", "x")),
    "an external picture": (
        "a.docx",
        lambda: with_part("word/_rels/document.xml.rels", '<R><R Target="http://x.example" TargetMode="External"/></R>'),
    ),
    "a page that leads out": ("a.epub", lambda: archive({**members(BOOK), "O/b.opf": members(BOOK)["O/b.opf"].replace(
        b'<item id="ncx"', b'<item id="z" href="../../etc/passwd" media-type="application/xhtml+xml"/><item id="ncx"')})),
    "many links": ("a.md", lambda: b"[" * 100_000 + b"\n" + b"![](" * 50_000 + b"\n**" * 9_000 + f"\n\n{MARK}\n".encode()),
    "many times": ("a.srt", lambda: b"1\n00:00:01,000 --> 00:00:02,000\n" * 9_000 + "字幕：小河\n".encode()),
}  # fmt: skip


def timed(*command: str | Path) -> str:
    began = time.monotonic()
    said = cleaner(*command, code=None)
    assert time.monotonic() - began < SECONDS
    return re.sub(r"\s+", " ", said)


@pytest.mark.parametrize("case", REFUSED)
def test_it_is_refused_with_the_reason(tmp_path: Path, case: str) -> None:
    name, made, reason = REFUSED[case]
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / name).write_bytes(made())
    (tmp_path / "in" / "z.txt").write_text(f"{STORY}\n", "utf-8")
    said = timed("clean", tmp_path / "in", "-o", tmp_path / "out")
    assert reason in said
    assert name in said
    assert "Traceback" not in said
    assert (tmp_path / "out" / "z.txt").exists()


@pytest.mark.parametrize("case", CLEANED)
def test_it_is_cleaned_all_the_same(tmp_path: Path, case: str) -> None:
    name, made = CLEANED[case]
    (tmp_path / "in").mkdir()
    raw = made()
    (tmp_path / "in" / name).write_bytes(raw)
    timed("clean", tmp_path / "in", "-o", tmp_path / "out", "--yes-large")
    after = (tmp_path / "out" / name).read_bytes()
    assert after != raw
    if raw.startswith(b"PK"):
        was, is_now = members(raw), members(after)
        assert len([part for part in was if was[part] != is_now[part]]) == 1


def test_memory_is_bounded() -> None:
    """Of all of the above, in this process."""
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 1_500_000
