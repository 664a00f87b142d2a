"""Build the tables of how common a character is in a language, for detecting encodings.

    python -m training frequency_tables [--write]

Words and their frequencies come from wordfreq (data: CC-BY-SA 4.0, from Wikipedia, OpenSubtitles, Google Books and
others); OpenCC (Apache 2.0) turns the Chinese words into traditional ones, word by word because 发 is 發 or 髮. The
shares of punctuation, which word lists lack, were counted on 1.8 million characters of Chinese and 0.4 million of
Japanese and Korean. A cost is -log2 of a character's share among the characters beyond ASCII, in half bits. `--write`
writes the tables into src/cleaner/engine/language/frequency; without it they are compared with those that are there.
Needs: pip install wordfreq==3.1.1 opencc-python-reimplemented==0.1.7
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence

import opencc
from wordfreq import get_frequency_dict

from tools.runner import ROOT, Figures, options

TABLES = ROOT / "src/cleaner/engine/language/frequency"
NOTE = """# How common a character is in {language}: half bits, then the characters of that cost. Made by
# training/frequency_tables.py from wordfreq 3.1.1 (c) Robyn Speer and its sources, licence of this file: CC-BY-SA 4.0.
"""
HAN = {
    "，": 0.06, "。": 0.03, "、": 0.012, "：": 0.006, "；": 0.003, "？": 0.004, "！": 0.004, "（": 0.004, "）": 0.004,
    "《": 0.003, "》": 0.003, "…": 0.003, "—": 0.003, "·": 0.0004, "　": 0.012, "【": 0.0004, "】": 0.0004,
    "０": 0.0004,
    "１": 0.0006, "２": 0.0004, "３": 0.0003, "４": 0.0003, "５": 0.0003, "６": 0.0002, "７": 0.0002, "８": 0.0002,
    "９": 0.0003, "％": 0.0001, "～": 0.0002, "．": 0.0002, "〔": 0.0002, "〕": 0.0002, "①": 0.00005, "②": 0.00005,
    "③": 0.00004, "×": 0.00005, "―": 0.0001, "★": 0.00003, "※": 0.00003, "→": 0.00003, "■": 0.00003, "●": 0.00003,
    "□": 0.00003, "○": 0.00003, "◆": 0.00003, "〇": 0.0002, "－": 0.0002, "／": 0.0001, "＠": 0.0001, "℃": 0.00001,
    "±": 0.00001, "°": 0.00002, "│": 0.00002, "─": 0.0001, "〈": 0.00003, "〉": 0.00003,
}  # fmt: skip
PUNCTUATION = {
    "zh": HAN | {"“": 0.005, "”": 0.005, "‘": 0.0003, "’": 0.0004, "「": 0.0003, "」": 0.0003},
    "zh-hant": HAN | {"「": 0.005, "」": 0.005, "『": 0.0006, "』": 0.0006, "“": 0.0003, "”": 0.0003, "‧": 0.0004,
                      "︰": 0.0005, "﹐": 0.0005, "﹔": 0.0001, "•": 0.0001},
    "ja": {key: share for key, share in HAN.items() if key not in "，；《》—"}
        | {"、": 0.03, "。": 0.03, "「": 0.008, "」": 0.008, "『": 0.001, "』": 0.001, "・": 0.002, "“": 0.0003,
           "”": 0.0003, "，": 0.001, "《": 0.002, "》": 0.002, "―": 0.001, "々": 0.001, "゛": 0.00001, "〜": 0.0004,
           "；": 0.0001, "—": 0.0002, "゜": 0.00001},
    "ko": {key: share / 20 for key, share in HAN.items()}
        | {"·": 0.003, "“": 0.002, "”": 0.002, "‘": 0.001, "’": 0.001, "…": 0.001, "ㆍ": 0.0003, "△": 0.0001,
           "▲": 0.0001, "◇": 0.0001, "ㅋ": 0.0005, "ㅎ": 0.0003, "ㅠ": 0.0003, "～": 0.0002},
}  # fmt: skip
RAREST = 44  # half bits; nothing listed costs more
CODECS = {"zh": "gbk", "zh-hant": "big5hkscs", "ja": "euc_jis_2004", "ko": "cp949"}


def characters(words: Mapping[str, float], codec: str) -> dict[str, float]:
    """Return the share of each character of `codec` beyond ASCII."""
    shares: dict[str, float] = defaultdict(float)
    for word, share in words.items():
        for char in word:
            if char > "\x7f" and char.encode(codec, "ignore"):
                shares[char] += share
    return shares


def traditional(words: Mapping[str, float]) -> dict[str, float]:
    convert = opencc.OpenCC("s2tw").convert
    changed: dict[str, float] = defaultdict(float)
    ordered = list(words)
    for word, other in zip(ordered, convert("\n".join(ordered)).split("\n"), strict=True):
        changed[other] += words[word]
    return changed


def costs(shares: Mapping[str, float], punctuation: Mapping[str, float]) -> dict[int, list[str]]:
    letters = sum(share for char, share in shares.items() if char not in punctuation)
    rest = 1 - sum(punctuation.values())
    final = {char: rest * share / letters for char, share in shares.items()} | dict(punctuation)
    by_cost: dict[int, list[str]] = {}
    for char, share in sorted(final.items(), key=lambda item: (-item[1], item[0])):
        by_cost.setdefault(min(RAREST, round(-2 * math.log2(share))), []).append(char)
    return by_cost


def main(argv: Sequence[str]) -> Figures:
    parser = options(__name__, __doc__)
    parser.add_argument("--write", action="store_true", help="write the tables")
    given = parser.parse_args(argv)
    chinese = get_frequency_dict("zh", "large")
    words = {
        "zh": chinese,
        "zh-hant": traditional(chinese),
        "ja": get_frequency_dict("ja", "large"),
        "ko": get_frequency_dict("ko", "small"),
    }
    found = []
    for language, frequencies in words.items():
        table = costs(characters(frequencies, CODECS[language]), PUNCTUATION[language])
        lines = [f"{cost} {''.join(chars)}" for cost, chars in sorted(table.items())]
        path = TABLES / f"{language}.txt"
        shipped = path.read_text("utf-8").rstrip("\n").split("\n")
        same = [line for line in shipped if not line.startswith("# ")] == lines
        found.append({"language": language, "characters": sum(map(len, table.values())), "as shipped": same})
        if given.write:
            path.write_text(NOTE.format(language=language) + "".join(f"{line}\n" for line in lines), "utf-8")
    return {"tables": found}
