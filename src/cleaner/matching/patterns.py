"""Expressions of `regex`, compiled when they are first needed, in a form that it is faster with.

What `regex` makes of the built-in ones is kept in `compiled.bin`, with the packs, which is written when the package is
built: to compile all takes 2.5 s of CPU, to take them from there 0.03 s. The codes are private to `regex`, so only the
version that made them takes them; any other compiles, more slowly, the same patterns.
"""

from __future__ import annotations

import sys
from array import array
from functools import cache
from hashlib import blake2b
from typing import Any, NamedTuple

import msgspec
import regex
from regex import _regex

from ..rules import builtin
from .optimize import optimized

SECONDS = 2.0  # the match limit of a rule on a segment of at most 64 KB: a plain choice, good rules need microseconds
MEMORY = 32 << 20  # bytes that the automaton of an expression may take; RE2 works without it, too, more slowly
# Characters, classes, groups and counts mean the same to `regex` and RE2; blanks, words and borders of Unicode do not.
ALIKE = regex.compile(r"(?:[^\\(]|\((?:\?:|(?!\?))|\\[nrt]|\\u[0-9a-f]{4})*")
SHORT = 2048  # characters of a line on which nothing takes long: a plain choice


def seconds_for(chars: int) -> float | None:
    """The match limit on a line of so many characters; None where it is short, for it costs 4 µs a match (0010)."""
    return None if chars <= SHORT else SECONDS


class Code(NamedTuple):
    """What `regex` compiles an expression to, in the order in which its C code takes it; `code` is little-endian."""

    flags: int
    code: bytes
    group_index: dict[str, int]
    index_group: dict[int, str]
    named_lists: dict[str, str]
    named_list_indexes: list[str]
    req_offset: int
    req_chars: tuple[int, ...]
    req_flags: int
    group_count: int


class Kept(msgspec.Struct, frozen=True):
    """The file: the version of `regex`, and codes by the name of an expression with its flags."""

    version: str
    codes: dict[str, Code]


@cache
def compiled(expression: str, flags: int) -> regex.Pattern[str]:
    """Raises regex.error, with a position in what was written."""
    if kept := _kept().get(name_of(expression, flags)):
        return restored(expression, kept)
    try:
        return regex.compile(optimized(expression), flags, cache_pattern=False)
    except regex.error:
        return regex.compile(expression, flags)


@cache
def to_line_end(expression: str, flags: int) -> Any | None:
    """`expression` and what follows on its line, for RE2; None where RE2 knows it not, or not with the same meaning.

    `regex` looks a class of hundreds of hanzi up in a list, RE2 has one automaton for all: 100,000 characters take
    75 and 0.8 ms.
    """
    if flags & regex.IGNORECASE or not ALIKE.fullmatch(expression):
        return None
    try:
        import re2
    except ImportError:  # no wheel for this machine: the same results, more slowly
        return None
    options = re2.Options()
    options.max_mem, options.log_errors = MEMORY, False
    try:
        return re2.compile("(?m)(?:" + regex.sub(r"\\u([0-9a-f]{4})", r"\\x{\1}", expression) + r")[^\n]*", options)
    except re2.error:
        return None


def restored(expression: str, kept: Code) -> regex.Pattern[str]:
    numbers = little_endian(array("I", kept.code)).tolist()
    return _regex.compile(expression, kept.flags, numbers, *kept[2:])


def little_endian(numbers: array[int]) -> array[int]:
    """From or to the order of this machine."""
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def name_of(expression: str, flags: int) -> str:
    return blake2b(f"{int(flags)} {expression}".encode(), digest_size=8).hexdigest()


@cache
def _kept() -> dict[str, Code]:
    try:
        kept = msgspec.msgpack.decode(builtin.compiled().read_bytes(), type=Kept)
    except (OSError, msgspec.MsgspecError):
        return {}
    return kept.codes if kept.version == regex.__version__ else {}
