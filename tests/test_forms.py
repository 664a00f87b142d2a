"""Rules that give characters their usual form do exactly what the standard says."""

from __future__ import annotations

import unicodedata
from html.entities import html5

from hypothesis import given
from hypothesis import strategies as st

from cleaner import Pipeline
from cleaner.matching.ruleset import load_ruleset

OTHERS = [rule.id for rule in load_ruleset().all if not rule.id.startswith("mojibake/forms")]
# Letters with what joins them, out of order, too; Hangul in pieces; doubles of hanzi.
JOINING = "aeq\u0301\u0307\u0323\u0345か\u3099가각\u1100\u1161\u11a8\ufa10林\uf9f4\u212b\u0f71\u0f72\u0f74\u0f40 \n"


def only(rule: str) -> Pipeline:
    return Pipeline(load_ruleset(on=[f"mojibake/forms/{rule}"], off=OTHERS))


NFC, ENTITIES = only("nfc"), only("html-entities")


@given(st.text(st.sampled_from(JOINING)) | st.text(st.characters(blacklist_categories=["Cs"])))
def test_nfc_is_that_of_unicode(text: str) -> None:
    assert NFC.clean(text).text == unicodedata.normalize("NFC", text)


def test_every_named_entity() -> None:
    for name, char in html5.items():
        if name.endswith(";") and char >= " ":
            assert ENTITIES.clean(f"雨&{name}雨").text == f"雨{char}雨"
