"""The fast prefilter. The only module that imports hyperscan.

Block mode only (stream mode crashes the process), no start of match (compiles for seconds, scans at half the speed).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import hyperscan

from ...model.lines import CONTINUATION
from ...model.source import decodes
from .disk_cache import cached
from .plain import PlainPrefilter

FLAGS = hyperscan.HS_FLAG_UTF8 | hyperscan.HS_FLAG_UCP | hyperscan.HS_FLAG_MULTILINE
NOTHING = (r"\x{10ffff}", False)  # a database holds one expression at least
CHUNK = 1 << 30  # hyperscan counts in 32 bits

# Bytes that are no UTF-8, as an expression over bytes: a second pass with it runs at 800 MB/s where bytes.decode
# makes 250 to 500 of Chinese (64 MB, one core). Sequences cut off by the end of the data don't match; see `valid`.
CONT = r"[\x80-\xBF]"
OTHER = r"[^\x80-\xBF]"
INVALID = "|".join(
    (
        r"[\xC0\xC1\xF5-\xFF]",
        rf"[\x00-\x7F]{CONT}",
        rf"^{CONT}",
        rf"[\xC2-\xDF](?:{OTHER}|{CONT}{CONT})",
        rf"[\xE0-\xEF](?:{OTHER}|{CONT}(?:{OTHER}|{CONT}{CONT}))",
        r"\xE0[\x80-\x9F]|\xED[\xA0-\xBF]",
        rf"[\xF0-\xF4](?:{OTHER}|{CONT}(?:{OTHER}|{CONT}(?:{OTHER}|{CONT}{CONT})))",
        r"\xF0[\x80-\x8F]|\xF4[\x90-\xBF]",
    )
)


class HyperscanPrefilter:
    name = "hyperscan"

    def __init__(
        self,
        expressions: Sequence[tuple[str, bool]],
        seal: str = "",
        check: Callable[[], None] = lambda: None,
        once: bool = False,
    ) -> None:
        self._database: hyperscan.Database | None = None
        self._numbers: list[int] = []
        self.leftover: list[int] = []  # numbers of expressions that hyperscan refuses
        self._leftover: PlainPrefilter | None = None
        self._invalid: hyperscan.Database | None = None
        self._hits: list[tuple[int, int]] = []

        def build(wanted: Sequence[tuple[str, bool]]) -> tuple[hyperscan.Database, list[int]]:
            check()
            return _compile(wanted, hyperscan.HS_FLAG_SINGLEMATCH if once else 0)

        if expressions:
            self._database, self._numbers = cached(expressions, f"{_version()} {seal} {once}", build, _dump, _load)
            self.leftover = sorted(set(range(len(expressions))) - set(self._numbers))
            if self.leftover:
                self._leftover = PlainPrefilter([expressions[number] for number in self.leftover], once)

    def scan(self, data: bytes) -> list[tuple[int, int]]:
        if self._database is None or not data:
            return []
        if self._numbers:
            self._database.scan(data, match_event_handler=self._found)
        hits = self._hits
        if hits:
            self._hits = []
        if self._leftover is not None:
            hits = hits + [(end, self.leftover[number]) for end, number in self._leftover.scan(data)]
        return hits

    def _found(self, expression: int, _start: int, end: int, _flags: int, _context: object) -> None:
        self._hits.append((end, self._numbers[expression]))

    def valid(self, data: bytes) -> bool:
        if len(data) < 4096:
            return decodes(data)
        if not decodes(data[-4:].lstrip(CONTINUATION)):  # the last character may be cut off
            return False
        if self._invalid is None:
            self._invalid = hyperscan.Database()
            self._invalid.compile(
                expressions=[INVALID.encode()], ids=[0], elements=1, flags=[hyperscan.HS_FLAG_SINGLEMATCH]
            )
        wrong: list[int] = []
        try:
            self._invalid.scan(data, match_event_handler=_noting(wrong))
        except hyperscan.ScanTerminated:
            return False
        return not wrong


def _noting(wrong: list[int]) -> Callable[..., bool]:
    """A handler that ends the scan at the first match."""

    def found(*_: object) -> bool:
        wrong.append(1)
        return True

    return found


def _version() -> str:
    info = hyperscan.Database()
    info.compile(expressions=[b"a"], ids=[0], elements=1, flags=[0])
    return f"{getattr(hyperscan, '__version__', '')} {info.info()!s}"


def _flags(caseless: bool) -> int:
    return int(FLAGS | (hyperscan.HS_FLAG_CASELESS if caseless else 0))


def _compile(expressions: Sequence[tuple[str, bool]], extra: int) -> tuple[hyperscan.Database, list[int]]:
    """The database of all expressions that hyperscan takes, and their numbers."""
    numbers = list(range(len(expressions)))
    try:
        return _build(expressions, numbers, extra), numbers
    except hyperscan.error:
        numbers = [number for number in numbers if _takes(expressions[number])]
        return (_build(expressions, numbers, extra) if numbers else _build([NOTHING], [0])), numbers


def _build(expressions: Sequence[tuple[str, bool]], numbers: Sequence[int], extra: int = 0) -> hyperscan.Database:
    database = hyperscan.Database()
    database.compile(
        expressions=[expressions[number][0].encode() for number in numbers],
        ids=list(range(len(numbers))),
        elements=len(numbers),
        flags=[_flags(expressions[number][1]) | extra for number in numbers],
    )
    return database


def _takes(expression: tuple[str, bool]) -> bool:
    try:
        _build([expression], [0])
    except hyperscan.error:
        return False
    return True


def _dump(database: hyperscan.Database) -> bytes:
    return bytes(hyperscan.dumpb(database))


def _load(blob: bytes) -> hyperscan.Database:
    """Raises ValueError for a blob from another version or processor."""
    try:
        database = hyperscan.loadb(blob, mode=hyperscan.HS_MODE_BLOCK)
        database.scratch = hyperscan.Scratch(database)
    except hyperscan.error as error:
        raise ValueError(str(error)) from None
    return database
