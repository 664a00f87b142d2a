"""`git apply` takes the patch, and what it makes is what `clean --output-encoding keep` writes."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import builtins, cleaner, texts

from cleaner.io.discover import PathFilter, discover
from cleaner.jobs.run import Run
from cleaner.pipeline import Pipeline
from cleaner.views.patch import Patch, git_quoted
from cleaner.views.unified import Unified

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

AD = "【首发www.example.com】"
LONG = "他走了。\n" * 400
CASES = {
    "inside a line": f"雨停了。{AD}路还很长。\n他走了。\n",
    "no newline at the end": f"雨停了。\n他走了。{AD}",
    "a newline comes": "雨停了。\n\n\n\n他走了。",
    "everything goes": "仅供学习 严禁外传\n",
    "first and last": f"{AD}\n雨停了。\n{LONG}他走了。\n本章完，更多好书尽在www.example.com\n",
    "far apart": f"{LONG}雨停了。{AD}路\n{LONG}他走了。 \n\n\n\n{LONG}",
    "seven lines between": f"雨{AD}停\n" + "他走了。\n" * 7 + f"雨{AD}停\n" + "他走了。\n" * 6 + f"雨{AD}停\n",
    "mojibake": "Notes from the cafÃ©\n雨停了。\u200b\n",
    "megabytes": f"{LONG * 200}雨停了。{AD}路\n{LONG * 200}\u3000\n\n\n\n天亮了。",
}
NAMES = ("plain", "有 空格", 'quote"d', "tab\there", "back\\slash")


def patched(folder: Path, source: str, hint: str | None = None) -> None:
    """Writes clean copies to `folder`/out and a patch to `folder`/patch, then applies the patch to the sources."""
    pieces: list[bytes] = []
    hinted = ("--encoding", hint) if hint else ()
    cleaner("clean", source, "-o", folder / "out", "--output-encoding", "keep", "--ledger", "off", "--jobs", 1, *hinted)
    sink = Unified(lambda data, _: pieces.append(data))
    reports = list(Run(Pipeline(builtins()), hint, "keep").over(discover([source], PathFilter()), sink))
    assert {report.status for report in reports} == {"ok"}
    (folder / "patch").write_bytes(b"".join(pieces))
    done = subprocess.run(["git", "apply", "-p1", "patch"], cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "big5", "utf-16"])
def test_git_apply(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str, newline: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path("src").mkdir()
    for number, (name, text) in enumerate(CASES.items()):
        body = text.replace("é", "e").replace("Ã©", "a") if encoding == "big5" else text
        body = body.replace("【首发", "【首發").replace("仅供学习 严禁外传", "僅供學習").replace("\n", newline)
        data = body.encode(encoding, "ignore")
        Path("src", f"{NAMES[number % len(NAMES)]} {name}.txt").write_bytes(data)
    patched(tmp_path, "src", encoding if encoding in ("gb18030", "big5") else None)
    for path in Path("out").iterdir():
        assert Path("src", path.name).read_bytes() == path.read_bytes(), path.name


def test_damage_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("src").mkdir()
    good = (LONG * 40 + f"雨停了。{AD}路还很长。\n" + LONG * 40).encode("gb18030")
    for number, at in enumerate((2, len(good) // 2 - 20, len(good) - 5)):
        Path("src", f"{number}.txt").write_bytes(good[:at] + b"\xff\n" + good[at:])
    patched(tmp_path, "src")
    for path in Path("out").iterdir():
        assert Path("src", path.name).read_bytes() == path.read_bytes(), path.name


@given(st.lists(st.tuples(texts("ab\n", 12), texts("abc\n", 5), texts("abc\n", 5)), max_size=12))
def test_a_patch_is_the_change(pieces: list[tuple[str, str, str]]) -> None:
    hunks: list[bytes] = []
    patch = Patch(hunks.append)
    for same, old, new in pieces:
        patch.same(same.encode())
        patch.change(old.encode(), new.encode())
    patch.finish()
    source = "".join(same + old for same, old, _ in pieces).encode()
    result = "".join(same + new for same, _, new in pieces).encode()
    assert applied(source, b"".join(hunks)) == result


def applied(source: bytes, patch: bytes) -> bytes:
    """What a patch makes of a source, checked line by line as git does."""
    old, out, at = source.splitlines(keepends=True), [], 0
    rows = patch.splitlines(keepends=True)
    for number, row in enumerate(rows):
        body = row[1:]
        if number + 1 < len(rows) and rows[number + 1].startswith(b"\\"):
            body = body[:-1]
        if row.startswith(b"@@"):
            start, count = (int(part) for part in row.split()[1][1:].split(b","))
            to = start - 1 if count else start
            out += old[at:to]
            at = to
        elif row[:1] in b" -":
            assert old[at] == body
            out += [body] * (row[:1] == b" ")
            at += 1
        elif row[:1] == b"+":
            out.append(body)
    return b"".join(out + old[at:])


def test_names_as_git_writes_them() -> None:
    assert git_quoted("a/有 空格".encode()) == "a/有 空格".encode()
    assert git_quoted(b'a/t\tq"') == b'"a/t\\tq\\""'
    assert git_quoted(b"a/\xff") == b'"a/\\377"'
