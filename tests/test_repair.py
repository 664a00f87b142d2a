"""Properties of mojibake repair: it gives the text back or leaves it, once, in three moves at most."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import pipeline

from cleaner.stages.mojibake.moves import UTF8_AS_BYTES, UTF8_AS_PAIRS, byte_of
from cleaner.stages.mojibake.search import ALL, DEEPEST, explained, search

SENTENCES = (
    "雨停了，路还很长，他把伞收好放在门后。",
    "第三章讲的是怎样修一座旧桥。",
    "雨が上がって、道はまだ長い。傘を閉じて歩いた。",
    "비가 그치고 길은 아직 멀다. 그는 우산을 접었다.",
    "Дождь кончился, дорога ещё длинная, он закрыл зонт.",
    "Дощ скінчився, їхня дорога ще довга.",
    "Η βροχή σταμάτησε και ο δρόμος είναι ακόμη μακρύς.",
    "גשם פסק והדרך עוד ארוכה, הוא סגר את המטרייה.",
    "توقف المطر والطريق لا يزال طويلا أمامه.",
    "La pluie s’est arrêtée, le chemin est encore très long à faire.",
    "Der Regen hörte auf, der Weg ist noch länger als gewöhnlich; er öffnete die Tür.",
    "La lluvia cesó; el camino todavía está muy lejos, señor.",
    "A chuva parou e o caminho não é tão fácil como você lembrava.",
    "Déšť přestal, cesta je ještě dlouhá a příliš těžká.",
    "Deszcz ustał, droga jest jeszcze długa i żółta od liści.",
    "Yağmur dindi, yol hâlâ uzun ve güneş çıkmadı.",
    "Az eső elállt, az út még hosszú, és ő becsukta az ernyőt.",
    "Mưa đã tạnh, con đường vẫn còn rất dài.",
    "ฝนหยุดแล้ว แต่ทางยังอีกไกลมาก",
    "Regnet slutade, vägen är fortfarande lång för många människor på ön.",
)
# A search takes some milliseconds a sentence, and there are 40 codecs.
few = settings(max_examples=4)
TEXTS = st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=3).map(" ".join)


def misread(text: str, wrong: str) -> str:
    """The UTF-8 of `text` in a codec of one byte, as browsers read it: a byte that it does not know is a control."""
    chars = {byte: char for char, byte in byte_of(wrong).items() if char > 0x9F}
    return "".join(chr(chars.get(chr(byte), byte)) if byte > 0x7F else chr(byte) for byte in text.encode())


@pytest.mark.parametrize("wrong", sorted(UTF8_AS_BYTES))
@few
@given(text=TEXTS)
def test_utf8_read_as_one_byte_is_given_back_or_left(wrong: str, text: str) -> None:
    _is_given_back_or_left(text, misread(text, wrong))


@pytest.mark.parametrize("wrong", sorted(UTF8_AS_PAIRS))
@few
@given(text=TEXTS)
def test_utf8_read_as_two_bytes_is_given_back_or_left(wrong: str, text: str) -> None:
    try:
        wrongly = text.encode().decode(wrong)
    except UnicodeDecodeError:
        return
    _is_given_back_or_left(text, wrongly)


@pytest.mark.parametrize("right", ["cp1251", "koi8-r", "cp1253", "cp1255", "cp1250", "gb18030", "cp932", "cp949"])
@few
@given(text=TEXTS)
def test_a_legacy_code_read_as_latin_is_given_back_or_left(right: str, text: str) -> None:
    try:
        wrongly = text.encode(right).decode("latin-1")
    except UnicodeEncodeError:
        return
    _is_given_back_or_left(text, wrongly)


def _is_given_back_or_left(text: str, wrongly: str) -> None:
    found = search(wrongly)
    assert found.text in (text, wrongly)
    assert len(found.chain) <= DEEPEST
    assert search(found.text).text == found.text


@few
@given(text=TEXTS)
def test_what_is_right_is_left(text: str) -> None:
    assert not search(text).chain


@few
@given(text=TEXTS, wrong=st.sampled_from(sorted(UTF8_AS_BYTES)))
def test_what_explains_the_document_does_no_harm_to_a_line_that_is_right(text: str, wrong: str) -> None:
    document = search(misread(SENTENCES[9], wrong)).chain
    assert explained(text, document).text == text


def test_a_misreading_whose_rule_is_off_begins_no_chain() -> None:
    text = "Ελλάδα και Κύπρος"
    broken = misread(text, "cp1252")
    document = search(broken).chain
    assert explained(broken, document).text == text
    others = tuple(move for move in ALL if move not in document)
    assert not set(explained(broken, document, others).chain[:1]) & {*document}


@pytest.mark.parametrize(
    "text",
    [
        "ㄅㄆㄇㄈ",
        "ㄅ、ㄆ、ㄇ、ㄈ",
        "ㄅㄆㄇㄈ，ㄉㄊㄋㄌ。",
        "ㄏㄏㄏ好啦",
        "夸坷疵",
        "〖校〗涟の也",
        "偛偝偞偟偠偡偢偣偤",
        "僶僷僸僯僰僲僴",
    ],
)
def test_tables_and_a_few_characters_are_no_misreading(text: str) -> None:
    assert pipeline("built-in").clean(text).text == text


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_a_misreading_ends_with_its_line(end: str) -> None:
    assert (
        pipeline("built-in").clean(f"一{end}偁偺傂偲偼偄偭偨{end}三{end}").text
        == f"一{end}あのひとはいった{end}三{end}"
    )
