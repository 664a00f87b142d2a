"""Write what `regex` compiles the built-in expressions to: `rules/compiled.bin`, which is not tracked.

    python -m tools.compile_rules

`hatch_build.py` does so whenever the package is built or installed; without the file a start is only slower.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
import regex
from regex import _regex

from cleaner.matching.analysis import LINES
from cleaner.matching.optimize import optimized
from cleaner.matching.patterns import Code, Kept, little_endian, name_of
from cleaner.matching.rule import Rule, compile_rules, from_line
from cleaner.matching.triggers import disguises
from cleaner.rules import builtin
from cleaner.rules.parsed import builtin_packs


def expressions(rules: Iterable[Rule]) -> Iterator[tuple[str, int]]:
    """All that a run may compile for these rules, with its flags."""
    for rule in rules:
        yield rule.expression, rule.flags
        if rule.spans_lines and rule.at_ends:
            yield from_line(rule.expression), rule.flags
        yield rule.analysis.search, rule.flags
        yield rule.written.unless or "", LINES | regex.IGNORECASE
        yield rule.context.core, LINES
        for parts in rule.context.sides:
            yield from ((part, LINES) for part in (parts.before, parts.middle, parts.after))
    yield from ((trigger.search.expression, LINES) for trigger in disguises() if trigger.search)


def compiled_rules() -> Kept:
    wanted = sorted({(one, int(flags)) for one, flags in expressions(compile_rules(builtin_packs())) if one})
    return Kept(regex.__version__, {name_of(*one): _code(*one) for one in wanted})


def _code(expression: str, flags: int) -> Code:
    """What `regex` gives its C code to make a pattern of."""
    caught: list[tuple[Any, ...]] = []
    compiler: Any = sys.modules[regex.compile.__module__]

    class Catching:
        def __getattr__(self, name: str) -> Any:
            return getattr(_regex, name)

        def compile(self, *given: Any) -> Any:
            caught.append(given)
            return _regex.compile(*given)

    compiler._regex = Catching()
    try:
        regex.compile(optimized(expression), flags, cache_pattern=False)
    finally:
        compiler._regex = _regex
    _, all_flags, numbers, *rest = caught[-1]
    return Code(int(all_flags), little_endian(array("I", numbers)).tobytes(), *rest)


def write() -> None:
    builtin.compiled().write_bytes(msgspec.msgpack.encode(compiled_rules()))


if __name__ == "__main__":
    write()
