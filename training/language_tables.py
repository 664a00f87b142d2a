"""Build the tables of what a letter costs behind another one, for detecting encodings and repairing mojibake.

    python -m training language_tables [--write]

Words come from wordfreq (45 languages; data CC-BY-SA 4.0), from the message catalogues of Django (BSD) and from the
names of countries, languages and scripts that pycountry ships (iso-codes, LGPL 2.1): no sentence of them is kept, only
how often a letter follows another. Costs are -2 log2 of the share, from 2 to 32 half bits in steps of two. `--write`
writes src/cleaner/engine/language/letters.bin; without it the result is compared with that file.
Needs: pip install wordfreq==3.1.1 Django==5.2.19 pycountry==26.2.16 polib
"""

from __future__ import annotations

import gzip
import math
import re
import unicodedata
import zlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

import msgspec
import polib

from cleaner.engine.language.tables import script_of
from tools.runner import ROOT, Figures, options

TABLE = ROOT / "src/cleaner/engine/language/letters.bin"
SCRIPTS = (
    "ARABIC", "ARMENIAN", "BENGALI", "CYRILLIC", "DEVANAGARI", "ETHIOPIC", "GEORGIAN", "GREEK", "GUJARATI", "GURMUKHI",
    "HEBREW", "KANNADA", "KHMER", "LAO", "LATIN", "MALAYALAM", "MYANMAR", "ORIYA", "SINHALA", "TAMIL", "TELUGU",
    "THAANA", "THAI", "TIBETAN",
)  # fmt: skip
SAME = {"nb_NO": "nb", "pt_BR": "pt", "sr_Latn": "sr@latin", "sh": "sr@latin", "ar_DZ": "ar", "es_AR": "es",
        "es_CO": "es", "es_MX": "es", "es_VE": "es", "bn_BD": "bn", "bn_IN": "bn", "tl": "fil"}  # fmt: skip
LEFT_OUT = re.compile(r"ja$|ko$|zh|en_|ota$|pa_PK$|pi$|ro_MD$|__")  # other tables, or too little
FEWEST = 600  # letters of a language
FREQUENT = 15_000  # words of wordfreq that are read
MASS = 60_000  # words that its shares stand for
KEPT = 4.0  # what a letter's own pairs must outweigh before they count more than how frequent the next letter is
WORD = re.compile(r"[^\W\d_]+(?:[̀-֑ͯ-ׇً-ْऀ-෿฀-࿿က-႟ក-៓][^\W\d_]*)*")
FORMAT = re.compile(r"%\([^)]*\)\w|%\w|\{[^}]*\}|<[^>]*>|https?:\S+")


def package(name: str) -> Path:
    found = find_spec(name)
    assert found is not None, name
    assert found.origin is not None, name
    return Path(found.origin).parent


def catalogues(folder: Path) -> dict[str, Counter[str]]:
    """By language, the words of all translations below a folder."""
    words: dict[str, Counter[str]] = defaultdict(Counter)
    for path in sorted(folder.rglob("LC_MESSAGES/*.mo")):
        language = path.parts[-3]
        if LEFT_OUT.match(language):
            continue
        for entry in polib.mofile(str(path)):
            for text in (entry.msgstr, *entry.msgstr_plural.values()):
                if text and text != entry.msgid:
                    plain = unicodedata.normalize("NFC", FORMAT.sub(" ", text)).lower()
                    words[SAME.get(language, language)].update(WORD.findall(plain))
    return words


def frequent() -> dict[str, dict[str, float]]:
    """By language, the most frequent words of wordfreq with their shares; buckets hold hundredths of decades."""
    found: dict[str, dict[str, float]] = {}
    for path in sorted(package("wordfreq").glob("data/*_*.msgpack.gz")):
        size, _, language = path.name.removesuffix(".msgpack.gz").partition("_")
        if size not in ("large", "small") or LEFT_OUT.match(language) or (size == "small" and language in found):
            continue
        _, *buckets = msgspec.msgpack.decode(gzip.decompress(path.read_bytes()))
        words = [(word, 10 ** (-number / 100)) for number, bucket in enumerate(buckets) for word in bucket]
        found[SAME.get(language, language)] = dict(words[:FREQUENT])
    return found


def weighted() -> dict[str, Counter[str]]:
    """By language, what its words weigh."""
    messages, names, shares = catalogues(package("django")), catalogues(package("pycountry")), frequent()
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for language in sorted({*messages, *names, *shares}):
        words = found[language]
        total = sum(shares.get(language, {}).values())
        for word, share in shares.get(language, {}).items():
            words[word] += share / total * MASS  # type: ignore[assignment, unused-ignore]
        for word, count in messages.get(language, Counter()).items():
            words[word] += min(count, 30)
        for word, count in names.get(language, Counter()).items():
            words[word] += min(count, 20) ** 0.5
    found["he-visual"] = Counter({word[::-1]: weight for word, weight in found["he"].items()})  # ISO-8859-8 is visual
    return found


def main_script(words: Counter[str]) -> str:
    letters: Counter[str] = Counter()
    for word, weight in words.items():
        letters[script_of(word[0])] += weight
    return max((script for script in letters if script in SCRIPTS), key=letters.__getitem__, default="")


def pairs_of(words: Counter[str], script: str) -> Counter[str]:
    """How often each letter follows another; a blank stands for what is no letter."""
    pairs: Counter[str] = Counter()
    for word, weight in words.items():
        if script in ("LATIN", "CYRILLIC", "GREEK") and any(script_of(char) != script for char in word):
            continue
        text = " " + "".join(char.lower()[0] for char in unicodedata.normalize("NFC", word)) + " "
        for at in range(len(text) - 1):
            pairs[text[at : at + 2]] += weight
    return pairs


def nibble(share: float, more: int = 0) -> int:
    return max(0, min(15, round((-2 * math.log2(share) + more - 2) / 2)))


def packed(costs: Sequence[int]) -> bytes:
    padded = [*costs, 15] if len(costs) % 2 else list(costs)
    return bytes(padded[at] << 4 | padded[at + 1] for at in range(0, len(padded), 2))


def alphabet(by_language: Mapping[str, Counter[str]]) -> dict[str, object]:
    """The table of one script."""
    languages = sorted(by_language)
    pairs = [by_language[language] for language in languages]
    last, first = (_letters(pairs, side) for side in (1, 0))
    totals = [sum(letters.values()) for letters in last]
    everywhere: Counter[str] = Counter()
    together: Counter[str] = Counter()
    for found, letters, total in zip(pairs, last, totals, strict=True):
        everywhere.update({char: count / total / len(pairs) for char, count in letters.items()})
        together.update({pair: count / total / len(pairs) for pair, count in found.items()})

    def shares(letter: str) -> list[float]:
        seen = 0.4 * min(1, everywhere[letter] * 200)
        return [(letters[letter] + seen + 0.02) / (total + 3) for letters, total in zip(last, totals, strict=True)]

    known = [char for char, share in everywhere.items() if share > 2e-7 and char != " "]
    letter_costs = {char: [nibble(share, 4) for share in shares(char)] for char in (*known, " ")}
    pair_costs: dict[str, list[int]] = {}
    for pair in together:
        before, letter = pair[0], pair[1]
        if (before != " " and before not in letter_costs) or letter not in letter_costs:
            continue
        costs = [
            nibble((found[pair] + KEPT * share) / (begun[before] + KEPT))
            for found, begun, share in zip(pairs, first, shares(letter), strict=True)
        ]
        if any(
            not -2 < cost - single < 1 and cost != single
            for cost, single in zip(costs, letter_costs[letter], strict=True)
        ):
            pair_costs[pair] = costs
    return {
        "languages": languages,
        "letters": "".join(letter_costs),
        "letter_costs": b"".join(map(packed, letter_costs.values())),
        "pairs": "".join(pair_costs),
        "pair_costs": b"".join(map(packed, pair_costs.values())),
    }


def _letters(pairs: Sequence[Counter[str]], side: int) -> list[Counter[str]]:
    found = []
    for counts in pairs:
        letters: Counter[str] = Counter()
        for pair, count in counts.items():
            letters[pair[side]] += count
        found.append(letters)
    return found


def build(words: Mapping[str, Counter[str]]) -> bytes:
    by_script: dict[str, dict[str, Counter[str]]] = defaultdict(dict)
    for language, weights in words.items():
        script = main_script(weights)
        if script and sum(len(word) * weight for word, weight in weights.items()) >= FEWEST:
            by_script[script][language] = pairs_of(weights, script)
    return zlib.compress(
        msgspec.msgpack.encode({script: alphabet(by_script[script]) for script in sorted(by_script)}), 9
    )


def main(argv: Sequence[str]) -> Figures:
    parser = options(__name__, __doc__)
    parser.add_argument("--write", action="store_true", help="write the table")
    given = parser.parse_args(argv)
    made = build(weighted())
    same = made == TABLE.read_bytes()
    if given.write:
        TABLE.write_bytes(made)
    tables = msgspec.msgpack.decode(zlib.decompress(made))
    return {
        "as shipped": same,
        "bytes": len(made),
        "scripts": {
            script: {"languages": table["languages"], "pairs": len(table["pairs"]) // 2}
            for script, table in tables.items()
        },
    }
