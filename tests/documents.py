"""Documents made by code: what Word, makers of e-books and subtitles write, with marks in every place."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
MARK = "本书由公众号（河边书）整理，请勿商用。"
HOTLINE = "河边教育咨询热线：400-800-1234"
STORY = "雨停了，他走到窗前。"


def archive(members: Mapping[str, str | bytes], stored: tuple[str, ...] = ("mimetype",)) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, content in members.items():
            how = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            made.writestr(zipfile.ZipInfo(name, (2020, 1, 2, 3, 4, 6)), content, how)
    return out.getvalue()


def paragraph(*runs: str, properties: str = "") -> str:
    return f"<w:p>{properties}{''.join(f'<w:r><w:rPr><w:b/></w:rPr><w:t>{run}</w:t></w:r>' for run in runs)}</w:p>"


def word(body: str, header: str = "", footer: str = "", more: Mapping[str, str | bytes] | None = None) -> bytes:
    def part(name: str, inner: str) -> str:
        head = f'<?xml version="1.0" encoding="UTF-8"?><w:{name} xmlns:w="{W}" xmlns:v="urn:schemas-microsoft-com:vml">'
        return f"{head}{inner}</w:{name}>"

    return archive({
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"/>',
        "word/document.xml": part("document", f"<w:body>{body}<w:sectPr/></w:body>"),
        "word/header1.xml": part("hdr", header or paragraph("")),
        "word/footer1.xml": part("ftr", footer or paragraph("")),
        "word/media/image1.png": bytes(range(256)),
        **(more or {}),
    })  # fmt: skip


def book(pages: Mapping[str, str], fields: str = "", more: Mapping[str, str | bytes] | None = None) -> bytes:
    items = "".join(
        f'<item id="p{n}" href="{name}" media-type="application/xhtml+xml"/>' for n, name in enumerate(pages)
    )
    spine = "".join(f'<itemref idref="p{n}"/>' for n in range(len(pages)))
    labels = "".join(
        f'<navPoint id="n{n}"><navLabel><text>{name}</text></navLabel><content src="{name}"/></navPoint>'
        for n, name in enumerate(pages)
    )
    return archive({
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<container><rootfiles><rootfile full-path="O/b.opf"/></rootfiles></container>',
        "O/b.opf": '<package xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:title>雨</dc:title>'
        f'{fields}</metadata><manifest>{items}<item id="ncx" href="t.ncx" media-type="application/x-dtbncx+xml"/>'
        f"</manifest><spine>{spine}</spine></package>",
        "O/t.ncx": f"<ncx><navMap>{labels}</navMap></ncx>",
        **{f"O/{name}": page for name, page in pages.items()},
        **(more or {}),
    })  # fmt: skip


def xhtml(*paragraphs: str) -> str:
    inner = "\n".join(f"<p>{one}</p>" for one in paragraphs)
    return f'<?xml version="1.0"?>\n<html xmlns="http://www.w3.org/1999/xhtml"><body>\n{inner}\n</body></html>'


def members(raw: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(raw)) as made:
        return {info.filename: made.read(info) for info in made.infolist()}


def patched(raw: bytes, mark: bytes, at: int, value: int) -> bytes:
    """An archive with another number of 16 bits behind each `mark`."""
    out = bytearray(raw)
    found = raw.find(mark)
    while found >= 0:
        struct.pack_into("<H", out, found + at, value)
        found = raw.find(mark, found + 4)
    return bytes(out)
