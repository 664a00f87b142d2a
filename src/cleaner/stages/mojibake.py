"""Text that was decoded with the wrong codec, put right. The only module that knows ftfy.

Reversals that ftfy does not know come first: a run of characters becomes the bytes it was, and these are read again.
That is done only where the new reading costs less (see `decode.likelihood`): what was common is common again.

ftfy's defaults ruin Chinese (full-width punctuation, curly quotes) and its search for UTF-8 inside a line takes `×“`
for a Hebrew letter. So it sees only runs of characters that a one-byte codec can produce, in a setting that repairs
encodings and nothing else, and a repair must have at least one letter that only mojibake explains.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate

import regex

from ..engine.context import RegionContext, rule_edits
from ..matching.rule import Rule
from ..model.edits import Edit, apply
from .decode.damage import strict
from .decode.likelihood import LETTER, PRINTABLE, text_cost

NAME = "mojibake"
RUN = regex.compile(r"[\u0000-\u0009\u000b\u000c\u000e-\u052f\u2010-\u2044\u20a7-\u20ac\u2100-\u266f\ufb00-\ufb02]+")
INDENT = " \t\xa0"  # a no-break blank before the run is none of its bytes and keeps all of it from being read
# Characters that stand in clean Chinese; a run whose only odd characters are these is left alone.
USUAL = regex.compile(r"[\s\x21-\x7e“”‘’…—–·×÷°±•■-◿①-⓿Ⅰ-ⅿ─-▟←-⇿∀-⋿]*")

BETTER = 32  # half bits that a repair must save
COMMON = 30  # half bits a character: what a repaired run may cost
VERY_COMMON = 24  # the same for FEW hanzi
FEW = 3
TWO_BYTES = ("gb18030", "cp950")
FEW_SIGNS = 2
DEEPEST = 3  # layers
HOLES = 1 / 3  # of the characters of a repaired run may be lost
# UTF-8 beyond ASCII; a hole is what is left of a character where a byte was lost; ASCII may stand between.
SEQUENCE = rb"(?:[\xc3-\xdf][\x80-\xbf]|[\xe2-\xef][\x80-\xbf]{2}|\xf0[\x90-\xbf][\x80-\xbf]{2})"
HOLE = rb"(?:[\xe2-\xef][\x80-\xbf]?(?:\xff|\?)|[\x80-\xbf]{0,2}\xff)"
UTF8 = re.compile(rb"%s(?:%s|%s|[\x20-\x7e]{1,40}(?=%s))*" % (SEQUENCE, SEQUENCE, HOLE, SEQUENCE))
# The same of three bytes where Latin-1 or Windows-1252 stood between: 盲赂颅 was ä¸­ in UTF-8, and that was 中.
LOW = rb"(?:\xc2[\x80-\xbf]|\xe2[\x80-\x84][\x80-\xbf]|\xc5[\x92-\xbe]|\xc6\x92|\xcb[\x86\x9c])"
THREE, TWO = rb"\xc3[\xa2-\xaf]%s{2}" % LOW, rb"\xc3\x82" + LOW
LAYERED = re.compile(rb"%s(?:[\x20-\x7e]{0,40}(?:%s|%s))+" % (THREE, THREE, TWO))  # one alone may be 忙碌路
BEYOND = regex.compile(r"[^\x00-\x7f](?:[^\n\r]*[^\x00-\x7f])?\??")
HAN = re.compile("[\u3400-\u9fff]")
# What Latin-1 or Windows-1252 make of two-byte characters; the second byte may look like ASCII.
LATIN = "\u0080-\u00ff€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
PAIR = f"[{LATIN}][{LATIN}@-~]"
PAIRS = regex.compile(f"(?:{PAIR})(?:{PAIR}|[ -~]{{1,40}}(?=[{LATIN}]{{2}}))*+")


def edits(context: RegionContext, rules: Sequence[Rule]) -> list[Edit]:
    made: list[Edit] = []
    for rule in rules:
        if rule.does in REPAIRS:
            for low, high in context.ranges(rule):
                for edit in REPAIRS[rule.does](context.text[low:high], low, rule):
                    _add(edit, made)
    for edit in rule_edits(context, NAME, [rule for rule in rules if rule.does not in REPAIRS]):
        _add(edit, made)
    return made


def _add(edit: Edit, made: list[Edit]) -> None:
    """Put an edit in its place unless it meets one that stands there already."""
    at = bisect_left(made, edit.start, key=lambda other: other.start)
    if (at == 0 or made[at - 1].end <= edit.start) and (at == len(made) or edit.end <= made[at].start):
        made.insert(at, edit)


def _utf8_as_gbk(text: str, offset: int, rule: Rule) -> Iterator[Edit]:
    for run in BEYOND.finditer(text):
        before = run.group()
        raw = _gbk_bytes(before)
        likely = [found for found in (*UTF8.finditer(raw), *LAYERED.finditer(raw)) if HAN.search(_read(found))]
        characters = _starts(before) if likely else {}
        for found in likely:
            start, end = found.span()
            end += end not in characters and raw[end : end + 1].isascii()  # GBK took `[` for half of a hanzi
            if start in characters and end in characters:
                low, high = characters[start], characters[end]
                after = re.sub("\ufffd[\ufffd?]*", "\ufffd", _read(found, end))
                if _is_better(before[low:high], after):
                    yield _edit(offset + run.start() + low, before[low:high], after, rule)


def _read(found: re.Match[bytes], end: int | None = None) -> str:
    text = found.string[found.start() : end or found.end()].decode("utf-8", "replace")
    return _from_latin(text) if found.re is LAYERED else text


def _starts(text: str) -> dict[int, int]:
    """Where the bytes of each character begin, and where the last ones end."""
    return {start: at for at, start in enumerate(accumulate(map(_width, text), initial=0))}


@lru_cache(maxsize=1 << 16)
def _width(char: str) -> int:
    return len(_gbk_bytes(char))


def _from_latin(text: str) -> str:
    try:
        return b"".join(map(_latin_bytes, text)).decode()
    except UnicodeError:
        return ""


def _gbk_bytes(text: str) -> bytes:
    """The bytes that GBK read as `text`: Windows reads 0x80 as the euro, and what could not be read is 0xFF here."""
    euros = (part.split("\ufffd") for part in text.split("€"))
    return b"\x80".join(b"\xff".join(one.encode("gb18030", "replace") for one in part) for part in euros)


def _is_better(before: str, after: str) -> bool:
    hanzi, holes = len(HAN.findall(after)), after.count("\ufffd")
    if not hanzi or holes > HOLES * hanzi or (holes and hanzi < 3):
        return False
    return text_cost(after, "gb18030") + BETTER <= text_cost(before.replace("\ufffd", ""), "gb18030")


def _two_bytes_as_latin(text: str, offset: int, rule: Rule) -> Iterator[Edit]:
    for run in PAIRS.finditer(text):
        before = run.group()
        raw = b"".join(_latin_bytes(char) for char in before)
        readings = [(text_cost(read, codec), read) for codec in TWO_BYTES if (read := strict(raw, codec)) is not None]
        if readings and _is_chinese(*min(readings), before):
            yield _edit(offset + run.start(), before, min(readings)[1], rule)


def _is_chinese(cost: int, after: str, before: str) -> bool:
    """Whether `before` was Chinese: two hanzi at least, not much else beyond ASCII, all of it common.

    ÂÂÂÂ ÃÂÃÂ is what is left of blanks in UTF-8 that were read wrong, not 舊舊 藕藕.
    """
    if len({char for char in before if char > "\x7f"}) <= FEW_SIGNS:
        return False
    beyond = sum(char > "\x7f" for char in after)
    hanzi = len(HAN.findall(after))
    common = cost - PRINTABLE * (len(after) - beyond) <= (COMMON if hanzi > FEW else VERY_COMMON) * beyond
    return hanzi >= 2 and 2 * hanzi >= beyond and common and cost + BETTER <= LETTER * len(before)


def _latin_bytes(char: str) -> bytes:
    return char.encode("latin-1") if char < "\u0100" else char.encode("cp1252")


def _sjis_as_gbk(text: str, offset: int, rule: Rule) -> Iterator[Edit]:
    try:
        after = text.encode("gb18030").decode("cp932")
    except UnicodeError:
        return
    if text_cost(after, "cp932") + 2 * BETTER <= text_cost(text, "gb18030"):
        yield _edit(offset, text, after, rule)


def _ftfy(text: str, offset: int, rule: Rule) -> Iterator[Edit]:
    import ftfy

    config = ftfy.TextFixerConfig(
        unescape_html=False,
        remove_terminal_escapes=False,
        fix_latin_ligatures=False,
        fix_character_width=False,
        uncurl_quotes=False,
        fix_line_breaks=False,
        fix_surrogates=False,
        remove_control_chars=False,
        normalization=None,
        explain=False,
    )
    for run in RUN.finditer(text):
        before = run.group().lstrip(INDENT)
        if before.isascii() or USUAL.fullmatch(before):
            continue
        after = _two_bytes_below(before, rule) or ftfy.fix_encoding(before, config)
        if after != before:
            yield _edit(offset + run.end() - len(before), before, after, rule)


def _two_bytes_below(text: str, rule: Rule) -> str | None:
    """What is below layers of UTF-8 as Latin-1, if that is GBK or Big5 as Latin-1: ftfy looks for UTF-8 in it."""
    for codec in ("latin-1", "sloppy-windows-1252") * DEEPEST:
        try:
            text = text.encode(codec).decode()
        except UnicodeError:
            continue
        if text.isascii():
            return None
        found = list(_two_bytes_as_latin(text, 0, rule))
        if found:
            return apply(text, found)
    return None


def _edit(start: int, before: str, after: str, rule: Rule) -> Edit:
    """One edit without the characters that are the same at both ends."""
    low = 0
    while low < min(len(before), len(after)) and before[low] == after[low]:
        low += 1
    high = 0
    while high < min(len(before), len(after)) - low and before[-1 - high] == after[-1 - high]:
        high += 1
    before, after = before[low : len(before) - high], after[low : len(after) - high]
    return Edit(start + low, start + low + len(before), before, after, NAME, rule.id)


REPAIRS: dict[str, Callable[[str, int, Rule], Iterator[Edit]]] = {
    "utf8-as-gbk": _utf8_as_gbk,
    "two-bytes-as-latin": _two_bytes_as_latin,
    "sjis-as-gbk": _sjis_as_gbk,
    "ftfy": _ftfy,
}
