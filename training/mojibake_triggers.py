"""Write what makes lines candidates for the repair of mojibake, from the codecs' own tables.

    python -m training mojibake_triggers [--write]

A line is a candidate where two or three characters stand together that are the bytes of one UTF-8 character in the
wrong codec. `--write` puts the `[patterns]` into rules/mojibake/repair.toml; without it they are compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from cleaner.engine.language.tables import frequencies
from cleaner.stages.mojibake.moves import UTF8_AS_BYTES, UTF8_AS_PAIRS, byte_of
from tools.runner import ROOT, Figures, options

PACK = ROOT / "rules/mojibake/repair.toml"
BEGIN, END = "[patterns]\n", "\n[rules.utf8-as-gbk]"
TWO, THREE, TRAIL = range(0xC3, 0xE0), range(0xE0, 0xF5), range(0x80, 0xC0)
ALPHABETS = ((0x386, 0x3CF), (0x401, 0x460), (0x5D0, 0x5EB), (0x621, 0x64B))  # Greek, Cyrillic, Hebrew, Arabic
INDIC = (0xE0, 0xE1)
LEGACY = {"cp950": "zh-hant", "euc_jp": "ja", "cp949": "ko", "cp932": "ja"}  # codecs, and what is written in them
COMMONEST, RARE = 600, 28  # characters of a language; what GBK makes of them and others hardly use, in half bits


def quoted(chars: Iterable[str]) -> str:
    """A class of characters, those that mean something in a class escaped."""
    return "[" + "".join(re.escape(char) if char in "\\]^-[&~|" else char for char in sorted(set(chars))) + "]"


def as_bytes(codec: str) -> list[str]:
    """The triggers for UTF-8 read in a codec of one byte a character."""
    char_of = {byte: chr(code) for code, byte in byte_of(codec).items() if code >= 0xA0}
    of = {number: char_of[chr(number)] for number in range(0x80, 0x100) if chr(number) in char_of}
    two, three, trail = ([of[byte] for byte in part if byte in of] for part in (TWO, THREE, TRAIL))
    if codec in ("cp866", "koi8-r"):  # `её` is Russian
        two, trail = (
            [char for char in two if codec == "koi8-r" or not char.isalpha()],
            [c for c in trail if not c.isalpha()],
        )
    return [f"{quoted(two)}{quoted(trail)}", f"{quoted(three)}{quoted(trail)}{quoted(trail)}"]


def as_pairs(codec: str) -> list[str]:
    """The triggers for the alphabets of two bytes, and for those of India, in a codec of two bytes a character."""
    found = []
    for first, end in ALPHABETS:
        one = quoted(read for code in range(first, end) if (read := chr(code).encode().decode(codec, "ignore")[:1]))
        found.append(one * 4)
    one = quoted(_first(lead, trail, codec) for lead in INDIC for trail in TRAIL)
    found.append(f"{one}[^\\n]{one}[^\\n]{one}")
    if codec == "cp932":
        one = quoted(_first(lead, trail, codec) for lead in range(0xE3, 0xEA) for trail in TRAIL)
        found += [f"{one}[^\\n]?{one}[^\\n]?{one}", "[A-Za-z][｡-ﾟ]", "[｡-ﾟ][A-Za-z]"]
    return found


def as_gbk(codec: str, language: str) -> str:
    """The trigger for a legacy codec of two bytes read as GBK: three characters that its commonest ones become.

    The kana of EUC-JP are the same in GBK: next to one stands a hanzi that Japanese does not have.
    """
    table = frequencies(language)
    common = sorted(table, key=table.__getitem__)[:COMMONEST]
    read = {char.encode(codec, "ignore").decode("gb18030", "ignore") for char in common}
    if codec == "euc_jp":
        one = quoted(char for char in read if len(char) == 1 and char > "\u33ff" and char not in table)
        return f"[\u3041-\u30fa〖]{one}|{one}[\u3041-\u30fa〖]"
    one = quoted(char for char in read if len(char) == 1 and char > "\u2e7f" and _least(char) >= RARE)
    return f"(?:{one}[^\\n]{{0,4}}){{2}}{one}"


def _least(char: str) -> int:
    return min(frequencies(language).get(char, 99) for language in ("zh", "zh-hant", "ja"))


def _first(lead: int, trail: int, codec: str) -> str:
    return bytes((lead, trail)).decode(codec, "ignore")[:1]


def patterns() -> dict[str, str]:
    triggers = {codec: "|".join(as_bytes(codec)) for codec in UTF8_AS_BYTES}
    triggers |= {codec: "|".join(as_pairs(codec)) for codec in UTF8_AS_PAIRS}
    found = {_plain(codec): text for codec, text in triggers.items()}
    return found | {f"{_plain(codec)}-in-gbk": as_gbk(codec, language) for codec, language in LEGACY.items()}


def _plain(codec: str) -> str:
    return codec.replace("-", "").replace("_", "")


def main(argv: Sequence[str]) -> Figures:
    parser = options(__name__, __doc__)
    parser.add_argument("--write", action="store_true", help="write them into the pack")
    given = parser.parse_args(argv)
    text = PACK.read_text("utf-8")
    kept = [line for line in text.split("\n") if not re.match(r"as-[a-z0-9-]+ += '''", line)]
    lines = [f"as-{name} = '''{one}'''" for name, one in patterns().items()]
    at = kept.index("[rules.utf8-as-gbk]")
    made = "\n".join([*kept[: at - 1], *lines, "", *kept[at:]])
    if given.write:
        PACK.write_text(made, "utf-8")
    return {"as shipped": made == text, "characters": sum(map(len, lines))}
