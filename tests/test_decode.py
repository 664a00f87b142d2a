"""Which encoding is found, what becomes of damage, and where it is: a table of bytes and what they say."""

from __future__ import annotations

import io
import pickle

import pytest

from cleaner.model.errors import InputProblem, InputSkipped, Undecided
from cleaner.model.source import SourceEncoding, restore
from cleaner.stages.decode import decode, open_document
from cleaner.stages.decode.damage import LOSSLESS, strict
from cleaner.stages.decode.detect import DETECTORS

HANS = "雨下了一夜，到天亮才停。他把门推开，院子里没有人。\n山高路远，他一个人走了。\n"
HANT = "雨下了一夜，到天亮才停。他把門推開，院子裡沒有人。\n山高路遠，他一個人走了。\n"
JAPANESE = "夜のあいだ雨が降って、朝になるとやんだ。彼は戸を開けたが、庭には誰もいなかった。\n"
KOREAN = "비가 밤새 내렸다. 아침이 되어서야 그쳤다. 그는 문을 열었다. 마당에는 아무도 없었다.\n"
RUSSIAN = "Дождь шёл всю ночь и перестал только под утро. Он открыл дверь, во дворе никого не было.\n"
WHOLE = {
    "gb18030": HANS, "cp950": HANT, "big5hkscs": HANT + "佢哋喺度，冇人嗌。\n", "cp932": JAPANESE, "euc_jp": JAPANESE,
    "iso2022_jp": JAPANESE, "cp949": KOREAN, "johab": KOREAN, "iso2022_kr": KOREAN, "hz": HANS, "utf-8": HANS,
    "utf-16-le": HANS, "utf-16-be": HANT, "utf-32-le": JAPANESE, "utf-32-be": KOREAN, "cp1251": RUSSIAN,
    "koi8-r": RUSSIAN,
}  # fmt: skip


def checked(raw: bytes, hint: str | None = None) -> tuple[str, SourceEncoding]:
    text, source = decode(raw, hint)
    assert restore(text, source) == raw
    return text, source


@pytest.mark.parametrize("codec", WHOLE)
def test_a_text_in_every_encoding(codec: str) -> None:
    text, source = checked(WHOLE[codec].encode(codec))
    assert (text, source.encoding) == (WHOLE[codec], codec)
    assert source.confidence > 0.9


SHORT = {
    "文件": "gb18030", "你好，世界": "gb18030", "一些": "gb18030", "檔案名稱": "cp950", "こんにちは": "cp932",
    "日本語": "euc_jp", "안녕하세요": "cp949", "中文文件": "utf-16-le", "説明書です": "utf-16-be",
}  # fmt: skip


@pytest.mark.parametrize("text", SHORT)
def test_a_few_characters(text: str) -> None:
    assert checked(text.encode(SHORT[text]))[0] == text


ALONE = {
    "a degree sign between digits and a letter": ("Oven: 180°C, fridge 4°C.\n", "cp1252"),
    "a pound, a letter of DOS Cyrillic": ("A £2 bet wins £825.\n", "cp1252"),
    "a section sign": ("See § 4 and § 5.\n", "cp1252"),
    "a micro sign": ("La fente est de 5 µm, pas de 20 µl.\n", "cp1252"),
    "ordinals": ("Calle Mayor nº 5, 3º izquierda\n", "cp1252"),
    "a cube": ("volume 3 m³ of water\n", "cp1252"),
    "a mark before a word, half of a full-width one": ("¡Hola!\n", "cp1252"),
    "a yuan sign": ("价格：￥5\n", "gb18030"),
    "a hanzi whose second byte is ASCII": ("2021年\n", "cp950"),
    "Romanian with cedillas": ("Preşedintele ţării a acordat în premieră un interviu la Bucureşti.\n", "cp1250"),
    "half-width katakana of a till": ("ﾘﾝｺﾞ 3ｺ ﾊﾞﾅﾅ 2ﾎﾝ\nｷﾞｭｳﾆｭｳ ﾀﾏｺﾞ\n", "cp932"),
    "Russian in capitals": ("НЕ ЗАБУДЬ КУПИТЬ МОЛОКО И ХЛЕБ\n", "cp1251"),
}


@pytest.mark.parametrize("case", ALONE)
def test_bytes_that_stand_alone(case: str) -> None:
    text, codec = ALONE[case]
    assert checked(text.encode(codec))[0] == text


@pytest.mark.parametrize("raw", [b"\0\1\2\xff", b"\0\1\2\3\4\5\xff\0\x10"])
def test_a_few_bytes_are_no_text(raw: bytes) -> None:
    with pytest.raises(InputSkipped, match="binary"):
        decode(raw)


HINTED = {"shift_jis": ("①～―", "cp932"), "big5": ("佢哋喺度", "big5hkscs"), "euc-kr": ("똠방각하", "cp949")}


@pytest.mark.parametrize("hint", HINTED)
def test_a_hint_names_a_family(hint: str) -> None:
    text, codec = HINTED[hint]
    assert checked(text.encode(codec), hint)[0] == text


def test_nothing_but_controls_is_no_text() -> None:
    with pytest.raises(InputSkipped, match="binary"):
        decode(b"\0" * 5000)


@pytest.mark.parametrize("codec", ["gb18030", "cp949", "utf-16-be"])
def test_a_hint_decides_where_nothing_else_does(codec: str) -> None:
    assert checked("山".encode(codec), codec)[0] == "山"


GB, U8 = HANS.encode("gb18030"), HANS.encode()
U16 = HANS.encode("utf-16-le")
DAMAGED = {
    "a byte lost in GB18030": (GB[:24] + GB[25:], "gb18030", "到天亮才停。\ufffd把门推开", 1),
    "a byte too many in GB18030": (GB[:12] + b"\xb4" + GB[12:], "gb18030", "雨下了一夜，\ufffd到天亮才停。", 1),
    "half a character at the end": (GB[:-2], "gb18030", "他一个人走了\ufffd", 1),
    "0x80 is the euro": (GB + b"\x80 12\n", "gb18030", "走了。\n€ 12\n", 1),
    "a BOM in the middle": (GB[:24] + b"\xef\xbb\xbf" + GB[24:], "gb18030", "才停。\ufeff他把门", 1),
    "half a character in UTF-8": (U8[:30] + b"\xe4\xbd" + U8[30:], "utf-8", "才\ufffd停。他把门推开", 1),
    "CESU-8": (U8 + b"\xed\xa0\xbd\xed\xb8\x80\n", "utf-8", "走了。\n\U0001f600\n", 1),
    "a byte lost in UTF-16": (U16[:13] + U16[14:], "utf-16-le", "他把门推开，院子里没有人。\n山高路远", 1),
    "a byte too many in UTF-16": (
        U16[:13] + b"\x07" + U16[13:],
        "utf-16-le",
        "他把门推开，院子里没有人。\n山高路远",
        1,
    ),
    "an odd byte at the end of UTF-16": (U16 + b"\x41", "utf-16-le", "走了。\n\ufffd", 1),
    "NULs": (GB[:24] + b"\0\0\0" + GB[24:], "gb18030", "\0\0\0", 0),
    "a BOM of UTF-8 before GB18030": (b"\xef\xbb\xbf" + GB, "gb18030", HANS, 0),
    "GB18030 of 2022": (GB + b"\xa6\xd9\xfe\x59\n", "gb18030", "走了。\n\ufe10\u9fb4\n", 0),
    "CESU-8 in English": (b"he said \xed\xa0\xbd\xed\xb8\x80 and left\n" * 9, "utf-8", "said \U0001f600 and", 9),
    "declared as what no file is in": (b"<meta charset=rot13>" + GB, "gb18030", HANS, 0),
    "UTF-16 whose bytes are all ASCII": ("もちろん！".encode("utf-16-le"), "utf-16-le", "もちろん！", 0),
    "declared": ("<meta charset=koi8-r>да и нет".encode("koi8-r"), "koi8-r", "да и нет", 0),
    "converted, and still declared otherwise": (b"<meta charset=gb2312>" + U8, "utf-8", HANS, 0),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_damage_stays_where_it_is(case: str) -> None:
    raw, encoding, part, damaged = DAMAGED[case]
    text, source = checked(raw)
    assert (source.encoding, len(source.damaged)) == (encoding, damaged)
    assert part in text


def test_damage_is_located() -> None:
    raw = HANS.encode("gb18030").replace("推".encode("gb18030"), b"\xff")
    text, source = checked(raw)
    assert text == HANS.replace("推", "\ufffd")
    assert [(place.start, place.raw) for place in source.damaged] == [(HANS.index("推"), b"\xff")]


LABELLED = {
    "XML": (b'<?xml version="1.0" encoding="koi8-r"?>\n', "да и нет", "koi8-r", "XML: koi8-r", False),
    "symbols say little": (
        b'<?xml version="1.0" encoding="koi8-r"?>\n', "╚Центр информации и сетевых технологий╩ ждёт вас\n" * 4,
        "koi8-r", "XML: koi8-r", False,
    ),
    "a page that lies": (b"<meta charset='iso-8859-1'>\n", RUSSIAN, "cp1251", "HTML: iso-8859-1", True),
    "a page that was converted": (b"<meta charset=gb2312>\n", HANS, "utf-8", "HTML: gb2312", True),
    "the wider codec of a family": (b"<meta charset=gb2312>\n", HANT, "gb18030", "HTML: gb2312", False),
    "a folded line of a mail": (
        b'Subject: x\nContent-Type: text/plain;\n charset="koi8-r"\n\n', "да и нет", "koi8-r", "mail: koi8-r", False,
    ),
    "Emacs": (b"# -*- mode: text; coding: latin-1-unix -*-\n", HANS, "gb18030", "Emacs: latin-1-unix", True),
    "Vim": (b"# vim: set fenc=big5:\n", HANS, "gb18030", "Vim: big5", True),
    "a label that ASCII fits": (b"<meta charset=gb2312>\n", "plain\n", "utf-8", "HTML: gb2312", False),
    "no codec": (b"<meta charset=rot13>\n", HANS, "gb18030", "HTML: rot13", False),
}  # fmt: skip


@pytest.mark.parametrize("case", LABELLED)
def test_what_a_text_says_of_itself_is_evidence(case: str) -> None:
    head, text, codec, label, lies = LABELLED[case]
    document = open_document(io.BytesIO(head + text.encode(codec)))
    assert document.source.encoding == codec
    judgement = document.judgement()
    assert (judgement.label, judgement.lies) == (label, lies)


def test_the_runner_up_and_the_first_line_that_differs() -> None:
    document = open_document(io.BytesIO(b"one\n\ntwo\n" + RUSSIAN.encode("cp1251") + b"three\n"))
    before = document.judgement()
    text = b"".join(document.chunks()).decode()
    assert document.judgement() == before
    assert before.line == 4
    first, second = before.readings
    assert (first.encoding, first.text) == ("cp1251", text.split("\n")[3])
    assert second.text == RUSSIAN.rstrip("\n").encode("cp1251").decode(second.encoding) != first.text


def test_a_long_line_is_cut_where_readings_begin_to_differ() -> None:
    raw = b"x" * 5000 + RUSSIAN.rstrip().encode("cp1251") + b"y" * 5000
    first, second = open_document(io.BytesIO(raw)).judgement().readings
    assert first.text.startswith("x" * 12 + "Дождь")
    assert len(first.text) == len(second.text) == 160


def test_lines_are_counted_in_what_comes_before_the_sample() -> None:
    for count in (3000, 40_000):  # the first byte beyond ASCII is in the first MB, or behind it
        raw = b"nothing but ascii in this line\n" * count + RUSSIAN.encode("cp1251")
        judgement = open_document(io.BytesIO(raw)).judgement()
        assert (judgement.line, judgement.readings[0].text) == (count + 1, RUSSIAN.rstrip())


@pytest.mark.parametrize("text", [HANS, "plain\n"])
def test_bytes_that_settle_it_leave_no_runner_up(text: str) -> None:
    assert open_document(io.BytesIO(text.encode())).judgement().readings == ()


def test_what_is_undecided_brings_its_readings() -> None:
    with pytest.raises(Undecided) as caught:
        decode(b"A\xb9\xc9\n")
    judgement = pickle.loads(pickle.dumps(caught.value)).judgement
    assert judgement.line == 1
    assert 2 <= len(judgement.readings) <= 3
    assert len({reading.text for reading in judgement.readings}) == len(judgement.readings)
    assert "A股" in {reading.text for reading in judgement.readings}


MIXED = {
    "UTF-8 and GB18030": [(HANS, "utf-8"), (HANS, "gb18030"), (HANS, "utf-8")],
    "Big5 and UTF-8": [(HANT, "cp950"), (HANT, "utf-8")],
    "GB18030 and Big5": [(HANS, "gb18030"), (HANT, "cp950"), (HANS, "gb18030")],
    "Shift_JIS and UTF-8": [(JAPANESE, "cp932"), (JAPANESE, "utf-8"), (JAPANESE, "cp932")],
    "EUC-KR and UTF-8": [(KOREAN, "cp949"), (KOREAN, "utf-8")],
    "UTF-8 and Windows-1252": [(HANS, "utf-8"), ("un café, don’t\n", "cp1252"), (HANS, "utf-8")],
}


@pytest.mark.parametrize("case", MIXED)
def test_two_encodings_line_by_line(case: str) -> None:
    parts = MIXED[case]
    text, source = checked(b"".join(part.encode(codec) for part, codec in parts))
    assert text == "".join(part for part, _ in parts)
    assert not source.damaged
    codecs = {codec for _, codec in parts}
    assert {source.encoding} | {place.encoding for place in source.foreign_spans} == codecs


def test_far_behind_ascii() -> None:
    raw = b"nothing but ascii in this line\n" * 40_000 + GB
    text, source = checked(raw)
    assert source.encoding == "gb18030"
    assert text.endswith(HANS)


def test_what_is_unlikely_is_left_alone() -> None:
    with pytest.raises(InputProblem, match="left alone"):
        decode(b"\xd2\x84\x93")


def test_the_steps_in_their_order() -> None:
    assert [step.__name__[4:] for step in DETECTORS] == [
        "bom", "escapes", "utf8", "label", "frequency", "lines", "chardet",
    ]  # fmt: skip


@pytest.mark.parametrize("codec", sorted(codec for codec in LOSSLESS if not codec.startswith("utf")))
def test_lossless_codecs_give_every_code_back(codec: str) -> None:
    codes = [bytes((a, b)) for a in range(0x80, 0x100) for b in range(0x40, 0x100)]
    texts = {code: text for code in codes if (text := strict_of_python(code, codec)) is not None}
    assert len(texts) > 5000
    assert [code for code, text in texts.items() if text.encode(codec) != code] == []


def strict_of_python(raw: bytes, codec: str) -> str | None:
    return raw.decode(codec, "ignore") if strict(raw, codec) is not None else None
