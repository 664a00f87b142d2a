"""What is no plain text is left alone; a filter loses nothing; other versions of libraries clean again."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from samples import cleaner
from test_write_job import RULES, TEXT, told

from cleaner.io.formats import format_of
from cleaner.ledger import fingerprint

AD = "雨停了。【青瓦书屋】路还很长。 \n"
NAMED = {
    "a.html": "HTML", "a.HTM": "HTML", "a.json": "JSON", "a.csv": "a table", "a.py": "source code", "a.xml": "XML",
    ".bashrc": "settings of a program", "x/.env": "settings of a program", "a.jsonl": "JSON lines",
    "a.txt": None, "a": None, "a.md": None, "a.srt": None, "第一章": None, "a.": None, "html": None,
}  # fmt: skip
HELD = {
    f"<!DOCTYPE html>\n<p>{AD}": "HTML",
    f"\ufeff \n<HTML lang=zh><body>{AD}</body></HTML>": "HTML",
    f"<?xml version='1.0'?>\n<!-- x -->\n<html><p>{AD}</p></html>": "HTML",
    f"<book><p>{AD}</p></book>\n": "XML",
    "<!-- 雨 -->\n" + AD: None,
    f"<p>{AD}</p>": None,
    f"<p>{AD}</p>\n<p>{AD}</p>": None,
    f"<style>p {{ x: y }}</style>{AD}": None,
    '<!DOCTYPE a [<!ENTITY b "c">]><a><b/></a>': None,
    '{"text": "雨停了。"}': "JSON",
    '[{"text": 1}]\n': "JSON",
    '["雨", "停"]': "JSON",
    "[1]": None,
    "[1, 2]\n": None,
    "[青瓦书屋]": None,
    "{雨}": None,
    '{"a": 1}\n{"a": 2}\n\n': "JSON lines",
    '{"a": 1}\n{"a": \n{"a": 3}\n': "JSON lines",
    '{"a": 1}\n雨停了。\n': "JSON lines",
    '{"a": \n{"b": 1}\n{"c": \n': "JSON lines",
    '雨": 1}\n{"b": 1}\n': None,
    "{雨}\n{停}\n": None,
    '{"a": 1} 雨停了。\n路还很长。\n': None,
    "[1] 雨\n{}\n[2] 停\n": None,
    '{\n  "text": "雨停了。"\n}\n': "JSON",
    '[\n{"a": 1},\n{"a": 2}\n]\n': "JSON",
    "[" * 100_000: None,
    "#!/bin/sh\necho 雨\n": "source code",
    "#! 雨停了\n": None,
    AD: None,
    "": None,
}


@pytest.mark.parametrize("name", NAMED)
def test_names(name: str) -> None:
    assert format_of(name, io.BytesIO(AD.encode())) == NAMED[name]


@pytest.mark.parametrize("text", HELD, ids=lambda text: ascii(text[:20]))
def test_contents(text: str) -> None:
    assert format_of("a.txt", io.BytesIO(text.encode())) == HELD[text]


def test_what_is_no_text_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "in" / "page.xml"
    page.parent.mkdir()
    page.write_text(f"<ul>{AD}</ul>", "utf-8")
    said = cleaner("clean", tmp_path / "in", "-o", tmp_path / "out", *RULES)
    assert "page.xml: XML, no plain text: --as-text insists" in said
    assert (tmp_path / "out" / "page.xml").read_bytes() == page.read_bytes()
    assert "1 changed" in cleaner("clean", tmp_path / "in", "-o", tmp_path / "out", "--as-text", *RULES)
    assert "青瓦" not in (tmp_path / "out" / "page.xml").read_text("utf-8")
    assert "utf-8" in cleaner("check", "--encodings", page)


INPUTS = {
    "clean": (AD.encode(), "雨停了。路还很长。\n".encode(), 0),
    "empty": (b"", b"", 0),
    "binary": (bytes(range(256)) * 9, None, 3),
    "only NULs": (b"\0" * 99, None, 3),
    "NULs in a text": (b"the e\0ect of a \0ow of \0\0 elds " * 20, None, 3),
    "no encoding": (b"\x90\xff\xfe\x90", None, 3),
    "JSON": (b'{\n"text": "1"\n}', None, 3),
    "a record": (f'{{"text": "{AD}"}}'.replace("\n", "\\n").encode(), '{"text": "雨停了。路还很长。\\n"}'.encode(), 0),
    "no record": (b'{"a": "1"}', None, 3),
    "HTML": (b"<!doctype html><p>a", None, 3),
}


@pytest.mark.parametrize("case", INPUTS)
def test_a_filter_loses_nothing(
    monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes], case: str
) -> None:
    given, wanted, code = INPUTS[case]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given)))
    from cleaner import cli

    assert cli.guarded(lambda: cli.cleaner.main(["clean", "-", *RULES], standalone_mode=False)) == code
    out, err = capsysbinary.readouterr()
    assert out == (given if wanted is None else wanted)
    assert (b"error: " in err or b"skipped: " in err) == (code == 3 or not given)


@pytest.mark.parametrize("damaged", ["雨", '{"text": "雨', '停"}'])
@pytest.mark.parametrize("largest", [100, 1 << 20])
def test_records_are_known_by_their_form(
    monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes], damaged: str, largest: int
) -> None:
    """However many are damaged, and where the input is too large to be parsed."""
    monkeypatch.setattr("cleaner.io.formats.known.LARGEST", largest)
    record = json.dumps({"text": AD}, ensure_ascii=False)
    given = f"{record}\n{damaged}\n{damaged}\n" * 9
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given.encode())))
    from cleaner import cli

    assert cli.guarded(lambda: cli.cleaner.main(["clean", "-", *RULES], standalone_mode=False)) == 3
    out, err = capsysbinary.readouterr()
    assert out.decode() == given.replace("【青瓦书屋】", "").replace(" \\n", "\\n")
    assert b"-#2: it is no JSON object" in err
    assert b"-: read as JSON lines" in err


def test_large_json_is_known_by_its_form(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cleaner.io.formats.known.LARGEST", 100)
    for text in ('{"text": "%s"}' % ("雨" * 99), '[{"text": 1},\n' * 99, '{\n  "text": 1,\n' * 99):
        assert format_of("-", io.BytesIO(text.encode())) == "JSON"
    for text in ("[雨]停了。" * 99, "{" * 999):
        assert format_of("-", io.BytesIO(text.encode())) is None


def test_other_versions_of_libraries_clean_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text(TEXT, "utf-8")
    told("clean", tmp_path / "in", "-o", tmp_path / "out")
    assert "1 done before" in told("clean", tmp_path / "in", "-o", tmp_path / "out")
    now = fingerprint.library_versions()
    assert {"chardet", "ftfy", "regex", "unicode"} == set(now)
    monkeypatch.setattr(fingerprint, "library_versions", lambda: now | {"chardet": "0"})
    assert "1 cleaned again" in told("clean", tmp_path / "in", "-o", tmp_path / "out")
