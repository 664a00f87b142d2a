"""fixtures/demo, the directory of the README's first command, is as dirty as it says."""

from __future__ import annotations

import pytest
from samples import FIXTURES, pipeline

from cleaner.model.errors import InputSkipped
from cleaner.stages.decode import decode

DEMO = FIXTURES / "demo"


def cleaned(name: str) -> str:
    return pipeline("built-in").clean(decode((DEMO / name).read_bytes())[0]).text


def test_the_speech() -> None:
    text = (DEMO / "speech.txt").read_text("utf-8")
    assert cleaned("speech.txt") == text[text.index("在全县秋季") :]


def test_the_novel_is_gb18030_and_clean_of_stamps() -> None:
    raw = (DEMO / "novel.txt").read_bytes()
    assert decode(raw)[1].encoding == "gb18030"
    text = cleaned("novel.txt")
    assert not set("【】wｗ.") & set(text)
    assert [len(line) for line in text.splitlines()][-1] > 10


def test_the_news() -> None:
    assert cleaned("news.txt").endswith("农户可以就近领取。\n")


def test_the_notes() -> None:
    assert cleaned("notes.txt") == (
        "Notes from the café\nIt was déjà vu all over again: the rain, the city’s gate, the cold.\n\n"
        "会议纪要（第二稿）\n共 3 项：一是修路，二是引水，三是办学。\n落款：👨\u200d👩\u200d👧 一家三口\n"
    )


def test_the_rota_keeps_its_line_ends() -> None:
    assert cleaned("rota.txt") == "值班表\r\n\r\n星期一　张三\r\n星期二　李四\r\n\r\n星期三　王五\r\n"


def test_the_well_is_clean() -> None:
    assert cleaned("well.txt") == (DEMO / "well.txt").read_text("utf-8")


def test_the_seal_is_no_text() -> None:
    with pytest.raises(InputSkipped, match="binary"):
        decode((DEMO / "seal.png").read_bytes())
