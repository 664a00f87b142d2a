"""Documents: where a text stands says what may be done with it, and what is written stays valid."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from documents import MARK, STORY, archive, book, members, paragraph, word, xhtml
from samples import cleaner

MENU = "<nav><ul><li><a href='/'>首页</a></li><li><a href='/b'>新闻</a></li></ul></nav>"
LINKS = "<ul><li><a href='1'>旧城的灯</a></li><li><a href='2'>北岸的雪</a></li><li><a href='3'>码头</a></li></ul>"
ARTICLE = f"<h1>雨</h1><p class=x>{STORY}</p><p>他说<b>好</b> 然后走了。</p>"
PAGE = "<html><head><meta charset=utf-8><title>雨 - 河边报</title></head>"
PAGE += f"<body>{MENU}<article>{ARTICLE}</article>{LINKS}</body></html>"


def run(tmp_path: Path, name: str, raw: bytes, *more: str) -> bytes:
    (tmp_path / "in").mkdir(exist_ok=True)
    (tmp_path / "in" / name).write_bytes(raw)
    cleaner("clean", tmp_path / "in", "-o", tmp_path / "out", *more)
    return (tmp_path / "out" / name).read_bytes()


def test_main_content(tmp_path: Path) -> None:
    assert run(tmp_path, "a.html", PAGE.encode()) == PAGE.encode()
    (tmp_path / "a.html").write_text(PAGE, "utf-8")
    cleaner("clean", tmp_path / "a.html", "--in-place", "--main-content")
    assert (tmp_path / "a.html").read_text("utf-8") == PAGE.replace(MENU, "").replace(LINKS, "")
    cleaner("undo", "--in", tmp_path, "--yes")
    assert (tmp_path / "a.html").read_text("utf-8") == PAGE


def test_what_follows_a_removed_menu_keeps_its_place(tmp_path: Path) -> None:
    """What is left of a page is cleaned again: its lines lie elsewhere then."""
    frame = "".join(
        f"<p>{one}</p>" for one in ("扫一扫，关注河边报公众号", "版权所有 河边报社", "分享到微博", "打印", "返回顶部")
    )
    page = PAGE.replace("</body>", f"<footer>{frame}</footer></body>")
    assert ARTICLE in run(tmp_path, "a.html", page.encode(), "--main-content").decode()


@pytest.mark.parametrize(
    "line", ["欢迎读者来信：reader@example.org", "公司网址：http://www.example.com", "关注公众号的用户会得到一个编号。"]
)
def test_an_address_alone_is_the_author_s(tmp_path: Path, line: str) -> None:
    for name, raw in {"a.docx": word(paragraph(STORY, line)), "a.epub": book({"a.xhtml": xhtml(STORY, line)})}.items():
        assert run(tmp_path, name, raw) == raw


def test_the_name_of_a_document_is_no_stamp(tmp_path: Path) -> None:
    lines = [f"{STORY}青石河边指南（中文版），第{n}节说到这里。" for n in range(30)]
    raw = book({f"{n}.xhtml": xhtml(line) for n, line in enumerate(lines)})
    raw = archive(
        {
            name: one.replace("<dc:title>雨".encode(), "<dc:title>青石河边指南".encode())
            for name, one in members(raw).items()
        }
    )
    assert run(tmp_path, "a.epub", raw) == raw


def test_a_book_stays_valid(tmp_path: Path) -> None:
    """Entries of the contents are counted without gaps, and no title is empty."""
    pages = {name: xhtml(STORY).replace("<body>", f"<head><title>{name}</title></head><body>") for name in "abc"}
    pages["a"] = xhtml(MARK).replace("<body>", f"<head><title>{MARK}</title></head><body>")
    made = members(book(pages, '<meta property="dcterms:publisher">微信公众号：河边书</meta>'))
    contents = "".join(
        f'<navPoint playOrder="{n}"><navLabel><text>{name}</text></navLabel><content src="{src}"/></navPoint>'
        for n, (name, src) in enumerate([(MARK, "a"), ("二", "b"), ("三", "c")], 1)
    )
    made["O/t.ncx"] = f"<ncx><navMap>{contents}</navMap></ncx>".encode()
    after = members(run(tmp_path, "a.epub", archive(made)))
    left = contents[contents.index('<navPoint playOrder="2"') :]
    wanted = left.replace('"2"', '"1"').replace('"3"', '"2"')
    assert after["O/t.ncx"].decode() == f"<ncx><navMap>{wanted}</navMap></ncx>"
    assert "<title>—</title>" in after["O/a"].decode()
    assert after["O/b"] == made["O/b"]
    assert "dcterms" not in after["O/b.opf"].decode()


def test_text_behind_a_tag_and_a_blank_is_read(tmp_path: Path) -> None:
    page = f"<p>{STORY}</p><p><b>河边</b> 本书由公众号（河边书）整理</p>"
    assert run(tmp_path, "a.html", page.encode()).decode() == page.replace(
        "<p><b>河边</b> 本书由公众号（河边书）整理</p>", ""
    )


def test_a_target_that_goes_on_in_the_next_line(tmp_path: Path) -> None:
    text = f"{STORY}\n\n![](https://a.example/x?y=1\n&z=2)\n{MARK}\n\n[好\n"
    assert run(tmp_path, "a.md", text.encode()).decode() == text.replace(f"{MARK}\n", "")


def test_a_section_of_literal_text(tmp_path: Path) -> None:
    raw = word(paragraph(STORY) + paragraph(f"<![CDATA[{MARK}]]>") + paragraph("<![CDATA[A<B]]>"))
    after = members(run(tmp_path, "a.docx", raw))["word/document.xml"].decode()
    assert after == members(raw)["word/document.xml"].decode().replace(paragraph(f"<![CDATA[{MARK}]]>"), "")


def test_a_page_number_stays(tmp_path: Path) -> None:
    """A footer in several runs: the advertising goes, the number of the page and its words stay."""
    footer = paragraph("河边", "学堂 全国", "服务专线：400-", "800-1234   ", "第1页 共2页")
    after = members(run(tmp_path, "a.docx", word(paragraph(STORY), footer=footer)))["word/footer1.xml"].decode()
    assert "第1页 共2页" in after
    assert "学堂" not in after
    assert "800" not in after


def test_an_encoding_that_is_kept_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(f"<p>{STORY}{STORY}</p><p>{MARK}</p>".encode("gb18030"))
    said = cleaner("clean", tmp_path / "a.html", "-o", tmp_path / "out", "--output-encoding", "utf-16")
    assert "kept-encoding 1" in said
    assert (tmp_path / "out" / "a.html").read_bytes().decode("gb18030") == f"<p>{STORY}{STORY}</p>"


@pytest.mark.parametrize("form", ["docx:MS Word 2007 XML", "odt"])
def test_an_office_program_opens_it(tmp_path: Path, form: str) -> None:
    """A document that LibreOffice made, cleaned, is one that LibreOffice prints; without the mark."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed")

    def converted(source: Path, to: str) -> Path:
        command = [office, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", to]
        subprocess.run([*command, "--outdir", source.parent, source], check=True, capture_output=True, timeout=120)
        return source.with_suffix(f".{to.partition(':')[0]}")

    page = tmp_path / "made" / "a.html"
    page.parent.mkdir()
    page.write_text(
        f"<meta charset=utf-8><h1>雨</h1><p>{STORY}</p><table><tr><td><b>本书由</b>公众号（河边书）整理</table>",
        "utf-8",
    )
    made = converted(page, form)
    run(tmp_path, made.name, made.read_bytes())
    shown = converted(tmp_path / "out" / made.name, "txt:Text (encoded):UTF8").read_text("utf-8-sig")
    assert shown.split() == ["雨", STORY]
