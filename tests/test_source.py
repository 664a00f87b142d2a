"""Any bytes either are refused or come back exactly from the text they were decoded to."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from samples import HAN, HANGUL, KANA, LATIN, MARKS_AND_BLANKS, SHARED

from cleaner.model.errors import InputProblem, InputSkipped
from cleaner.model.source import SourceEncoding, restore
from cleaner.stages.decode import decode

ALPHABETS = {
    "utf-8": HAN + KANA + HANGUL + LATIN + MARKS_AND_BLANKS + "\n",
    "gb18030": HAN + LATIN + "，。：“”\r\n㑇\U00020000",
    "big5": "的一是不了人我在有他這中大來上國，。\r\n" + LATIN,
    "cp932": KANA + "日本語文字列、。①纊￢∵\r\n" + LATIN,
    "cp949": HANGUL + "똠방각하, .\r\n" + LATIN,
    "utf-16-le": HAN + LATIN + "\U0001f600\r\n",
    "utf-16-be": HAN + KANA + "\U00020000\n",
}
BOMS = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}
CORPUS = sorted(path for path in (SHARED / "data" / "encodings").rglob("*") if path.is_file())


@st.composite
def damaged(draw: st.DrawFn, most: int = 4) -> bytes:
    """A text in one of the encodings, with random bytes put in at random places."""
    codec = draw(st.sampled_from(sorted(ALPHABETS)))
    text = draw(st.text(st.sampled_from(ALPHABETS[codec]), max_size=120)) * draw(st.sampled_from([1, 1, 3, 40]))
    raw = BOMS.get(codec, b"") + text.encode(codec, "ignore")
    for _ in range(draw(st.integers(0, most))):
        at = draw(st.integers(0, len(raw)))
        raw = raw[:at] + draw(st.binary(min_size=1, max_size=3)) + raw[at:]
    return raw[: len(raw) - draw(st.integers(0, 2))]


def decoded(raw: bytes, hint: str | None = None) -> tuple[str, SourceEncoding] | None:
    try:
        return decode(raw, hint)
    except (InputProblem, InputSkipped):
        return None


def check(raw: bytes, hint: str | None = None) -> None:
    found = decoded(raw, hint)
    if found is not None:
        text, source = found
        assert restore(text, source) == raw
        check_places(text, source)


def check_places(text: str, source: SourceEncoding) -> None:
    at = 0
    for place in source.spans:
        assert at <= place.start <= place.end <= len(text)
        assert place.raw or place.encoding
        at = place.end


@given(st.binary(max_size=300))
@example(b"")
@example(b"\xef\xbb\xbf")
@example(b"\xff\xfe")
@example(b"\xff\xfe\x00")
@example(b"\xff\xfe\x00\xd8")
@example(b"\x84\x31\x95\x33")
@example(b"+2AA-")
def test_any_bytes(raw: bytes) -> None:
    check(raw)


@given(damaged())
def test_damaged_text(raw: bytes) -> None:
    check(raw)


@given(damaged(), st.sampled_from(sorted(ALPHABETS)))
def test_a_hint_that_may_be_wrong(raw: bytes, hint: str) -> None:
    check(raw, hint)


@given(st.binary(max_size=200), st.sampled_from(["shift_jis", "iso2022_jp", "utf-7", "johab", "cp1252", "hz"]))
def test_a_hint_of_another_kind(raw: bytes, hint: str) -> None:
    check(raw, hint)


@pytest.mark.parametrize("hint", ["utf-16", "utf-32"])
def test_a_hint_that_writes_its_own_bom(hint: str) -> None:
    check("山".encode(hint) + b"\x00", hint)


def test_a_hint_does_not_overrule_a_bom() -> None:
    assert decode(b"\xfe\xff" + "山水".encode("utf-16-be"), "utf-16")[0] == "山水"


@pytest.mark.parametrize("codec", sorted(ALPHABETS))
def test_text_comes_out_as_it_was_written(codec: str) -> None:
    text = "".join(random.Random(1).choices(ALPHABETS[codec], k=400)).replace("\r", "")
    raw = BOMS.get(codec, b"") + text.encode(codec, "ignore")
    assert decode(raw)[0] == text.encode(codec, "ignore").decode(codec)


@pytest.mark.parametrize("codec", sorted(ALPHABETS))
@pytest.mark.parametrize("damages", [0, 1, 40])
def test_more_than_one_chunk(codec: str, damages: int) -> None:
    chosen = random.Random(7)
    text = "".join(chosen.choices(ALPHABETS[codec], k=3000)) * (400 if codec.startswith("utf") else 600)
    raw = bytearray(BOMS.get(codec, b"") + text.encode(codec, "ignore"))
    assert len(raw) > 1 << 21
    for _ in range(damages):
        raw[chosen.randrange(len(raw))] = chosen.randrange(256)
    check(bytes(raw))


@pytest.mark.parametrize("at", [(1 << 20) - 1, 1 << 20, (1 << 20) + 1])
def test_damage_where_chunks_meet(at: int) -> None:
    raw = ("山" * (1 << 19)).encode()
    check(raw[:at] + b"\xff" + raw[at:])


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_files_of_many_encodings(path: Path) -> None:
    check(path.read_bytes())


def test_code_points_with_two_codes() -> None:
    text, source = decode("纊￢∵".encode("cp932") + b"\x87\x90\xee\xf9", "cp932")
    assert restore(text, source) == "纊￢∵".encode("cp932") + b"\x87\x90\xee\xf9"
    assert source.spans
    assert not source.damaged


def test_damage_is_counted() -> None:
    text, source = decode("山高水长，".encode("gb18030") * 20 + b"\xff" + "路还远。".encode("gb18030"))
    assert (source.encoding, len(source.damaged), text.count("\ufffd")) == ("gb18030", 1, 1)


HEADERS = {
    "PNG": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02",
    "ZIP": b"PK\x03\x04\x14\x00\x08\x08\x08\x00\x9c\xb3\xe5\x50\x00\x00\x00\x00\x00\x00\x00\x00",
    "ELF": b"\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03\x00\x3e\x00",
    "random": random.Random(3).randbytes(4000),
}


@pytest.mark.parametrize("kind", HEADERS)
def test_what_is_no_text_is_skipped_as_binary(kind: str) -> None:
    with pytest.raises(InputSkipped, match="binary"):
        decode(HEADERS[kind])
