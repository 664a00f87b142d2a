"""What a text costs, in half bits: the less, the more it looks like writing that people write.

A reading in the wrong codec turns common letters into rare ones, or into letters that never follow each other, so the
right reading is the one that costs least. Letters of an alphabet cost what they cost behind the letter before them, in
the one language of that alphabet that suits the whole text best; characters of Chinese, Japanese and Korean cost what
they cost anywhere. Everything is an integer: the result is the same on every machine.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import cache

import regex

from .tables import CJK, alphabets, frequencies, script_of

PRINTABLE = 14  # an ASCII character that is no letter, the same in every reading
BLANK = 5
HALF_WIDTH = 13  # katakana of one byte: tills, telops
FULL_WIDTH = 26  # letters and symbols of full width that word lists don't have
BAD = 40  # U+FFFD: what could not be decoded
CONTROL = 44
RARE = 48  # a hanzi or a syllable that no word list has
STRANGE = 56  # private use, unassigned, controls of Latin-1
REPEATED = 22  # what a listed hanzi costs at most when it comes again: names, dashes, 平平仄仄仄平
UNKNOWN = 34  # a letter of an alphabet without a table
JOINER = 16  # inside a word of Arabic or an Indic script; anywhere else it is STRANGE
SYMBOL = 34
SYMBOLS = {"“": 16, "”": 16, "‘": 18, "’": 14, "„": 20, "«": 18, "»": 18, "–": 17, "—": 17, "…": 17, "•": 20, "·": 21,
           "°": 22, "§": 24, "©": 24, "®": 26, "™": 26, "€": 22, "£": 24, "¥": 26, "±": 26, "×": 26, "÷": 30, "½": 28,
           "¼": 30, "¾": 30, "²": 26, "³": 28, "¡": 24, "¿": 22, "º": 26, "ª": 28, "№": 22, "‚": 28, "‹": 28, "›": 28,
           "\xa0": 18, "→": 24, "′": 28, "℃": 26, "‐": 26, "־": 20, "،": 16, "؟": 20, "؛": 22, "।": 14,
           "\u200e": 30, "\u200f": 30, "\xad": 38}  # fmt: skip
CAPITAL = 4  # at the beginning of a word
CAPITALS = 3  # behind another one
INSIDE = 18  # a capital behind a small letter: iPhone is rare, cafÃ is not writing
MIXED = 24  # two scripts in one word
NEXT_TO_CJK = 2  # a letter of ASCII next to hanzi: 用Word打开
NEXT_TO_FEW = 13  # the same where these are one or two: A股 is a word, mem時ia is none
BEFORE_LETTER = frozenset("°“‘„«¿¡’‹–—\xa0…»›־·‐\xad\u200e\u200f\u200c\u200d")  # stand in front of a word
AFTER_LETTER = frozenset("”’»…—–°™®“‘›«،؟؛।־·‐\xa0\xad\u200e\u200f\u200c\u200d")  # stand behind one
RAISED = frozenset("ºª²³")  # stand behind a plain letter, too: nº 5, cm³
MICRO = 24  # what µ costs behind no letter, before one of ASCII: 5 µm; Îµ is a broken ε
ODD = 14  # any other symbol that touches a letter: Ã© is no word
APOSTROPHE = 8  # ’ that stands behind no letter
SPLIT = 12  # a dash, a blank that does not break, or an apostrophe where few words have one: err—nea, imposs’vel
SPLIT_WORD = regex.compile(r"\p{L}[—–\xa0](?=\p{L})|\p{L}{4}’(?=\p{L}{3})|\p{L}{3}’(?=\p{L}{4})")
USUAL, USUAL_HANZI = 18, 18  # what a letter and a hanzi of writing may cost
FEW_NARROW = regex.compile(r"(?<![｡-ﾟ])[｡-ﾟ]{1,2}(?![｡-ﾟ])")  # bytes of other codecs, more likely than a word
FEWER = 6  # what a symbol costs behind the same one: ----, ════
SCRIPT = 12  # each alphabet that a text needs
FEW = "丁丁"  # stands for as many characters of CJK at most
HAN = regex.compile(
    r"[\u2e80-\u2fdf\u3000-\u30ff\u3130-\u318f\u31f0-\u31ff\u3200-\u9fff\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe4f"
    r"\uff01-\uffef\U00020000-\U0003ffff]+"
)
COMBINING = regex.compile(r"[\u0300-\u036f\u3099\u309a]")


def cost(text: str, languages: Sequence[str] = CJK) -> int:
    """What `text` costs in half bits. Linear in its length; meant for some thousand characters at a time.

    `languages` are those of CJK in which hanzi, kana and syllables may be written.
    """
    fixed, sums, _ = _weighed(text, languages)
    return fixed + sum(SCRIPT + alphabets()[script].cheapest(lanes)[0] for script, lanes in sums.items())


def cost_and_surplus(text: str) -> tuple[int, int]:
    fixed, sums, odd = _weighed(text, CJK)
    best = {script: alphabets()[script].cheapest(lanes) for script, lanes in sums.items()}
    saved = max(0, fixed - _plain_cost(text))
    for (script, lanes), count in odd.items():
        saved += count * max(0, alphabets()[script].in_language(lanes, best[script][1]) - USUAL)
    return fixed + sum(SCRIPT + lowest for lowest, _ in best.values()), saved


def _plain_cost(text: str) -> int:
    """What the characters of `text` cost that no other codec would read otherwise, and hanzi if they are common."""
    ascii_cost = sum(BLANK if char == " " else PRINTABLE for char in text if char < "\x80" and not char.isalpha())
    return ascii_cost + USUAL_HANZI * sum(map(len, HAN.findall(text)))


def _weighed(text: str, languages: Sequence[str]) -> tuple[int, dict[str, int], dict[tuple[str, int], int]]:
    """What is fixed, the sums of lanes by alphabet, and how often which lanes came of a letter beyond ASCII."""
    if COMBINING.search(text):
        text = unicodedata.normalize("NFC", text)
    wide = HAN.findall(text)
    total = _cost_of_cjk(Counter("".join(wide)), languages) if wide else 0
    rest = HAN.sub(_stand_in, text) if wide else text
    total += SPLIT * sum(1 for _ in SPLIT_WORD.finditer(rest))
    total += MIXED * sum(1 for _ in FEW_NARROW.finditer(text)) if wide else 0
    sums: dict[str, int] = {}
    odd: dict[tuple[str, int], int] = {}
    for (before, char), count in Counter(zip(" " + rest, rest + " ", strict=True)).items():
        fixed, rows = _pair(before, char)
        total += fixed * count
        for script, lanes in rows:
            sums[script] = sums.get(script, 0) + lanes * count
            if char > "\x7f" or before > "\x7f":
                odd[script, lanes] = odd.get((script, lanes), 0) + count
    return total, sums, odd


def _stand_in(run: regex.Match[str]) -> str:
    return FEW if len(run.group()) <= len(FEW) else "一"


@cache
def _pair(before: str, char: str) -> tuple[int, tuple[tuple[str, int], ...]]:
    """What `char` adds behind `before`: a fixed cost, and lanes for the sums of alphabets."""
    left, right = script_of(before), script_of(char)
    rows = []
    fixed = 0
    if left == right and left:
        fixed += _capital(before, char)
        if left in alphabets():
            return fixed, ((left, alphabets()[left].row(_folded(before), _folded(char))),)
        return fixed + (0 if left == "CJK" else UNKNOWN), ()
    if left in alphabets():
        rows.append((left, alphabets()[left].row(_folded(before), " ")))
    if right in alphabets():
        fixed += CAPITAL * char.isupper()
        rows.append((right, alphabets()[right].row(" ", _folded(char))))
    elif right and right != "CJK":
        fixed += UNKNOWN
    if left and right:
        fixed += _between_scripts(before, char, left, right)
    elif not right:
        fixed += _symbol(before, char, left)
    elif before > "\x7f" and before not in BEFORE_LETTER and right != "CJK":
        fixed += MICRO - SYMBOL if before == "µ" and char.isascii() else ODD
    return fixed, tuple(rows)


def _capital(before: str, char: str) -> int:
    if not char.isupper():
        return 0
    return CAPITALS if before.isupper() else INSIDE


def _between_scripts(before: str, char: str, left: str, right: str) -> int:
    if "CJK" not in (left, right):
        return MIXED
    letter, other = (char, before) if left == "CJK" else (before, char)
    return MIXED if not letter.isascii() else NEXT_TO_FEW if other in FEW else NEXT_TO_CJK


def _symbol(before: str, char: str, left: str) -> int:
    if char.isascii():
        return BLANK if char == " " else PRINTABLE if char.isprintable() or char in "\t\n\r\x1b" else CONTROL
    if char == before:
        return FEWER if char in SYMBOLS or char.isprintable() else STRANGE
    if char in "\u200c\u200d":
        return JOINER if left and left not in ("LATIN", "CYRILLIC", "GREEK", "CJK") else STRANGE
    fixed = SYMBOLS.get(char) or _unlisted(char)
    if char == "’" and not left:
        fixed += APOSTROPHE
    fits = char in AFTER_LETTER or (char in RAISED and before.isascii())
    return fixed + (ODD if left and left != "CJK" and not fits else 0)


def _unlisted(char: str) -> int:
    if char == "\ufffd":
        return BAD
    category = unicodedata.category(char)
    return STRANGE if category[0] == "C" else SYMBOL


def _folded(letter: str) -> str:
    return letter.lower()[0]


def cost_of_character(char: str, languages: Sequence[str] = CJK) -> int:
    """What `char` costs wherever it stands, in half bits."""
    if HAN.match(char):
        return _cost_of_cjk(Counter(char), languages)
    script = script_of(char)
    return alphabets()[script].middling(_folded(char)) if script in alphabets() else _pair(" ", char)[0]


def _cost_of_cjk(counts: Counter[str], languages: Sequence[str]) -> int:
    return min(_in_language(counts, language) for language in languages)


def _in_language(counts: Counter[str], language: str) -> int:
    table = frequencies(language)
    total = 0
    for char, count in counts.items():
        once = table.get(char) or _unlisted_cjk(char)
        total += once + (count - 1) * (once if once >= RARE else min(once, REPEATED))
    return total


@cache
def _unlisted_cjk(char: str) -> int:
    if "\uff00" < char < "\uff5f" or "￠" <= char <= "￦":
        return FULL_WIDTH
    if "｡" <= char <= "ﾟ":
        return HALF_WIDTH
    return RARE if char.isprintable() else STRANGE
