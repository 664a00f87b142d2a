"""Expressions of `regex`, compiled once on a machine: 1 to 100 ms to compile, 0.1 to read from the cache (0083)."""

from __future__ import annotations

import io
import pickle
import sys
from collections.abc import Callable
from typing import Any

import regex

from .disk_cache import code, named, read, write

WORTH = 60  # characters of an expression that is cached; a shorter one compiles as fast: a plain choice
MADE_BY = f"{regex.__version__} {sys.version_info[:2]}"


class _OnlyPatterns(pickle.Unpickler):
    """`regex` writes a pattern as a call of its compiler with the code that it made; nothing else is called."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) != ("regex._regex", "compile"):
            raise pickle.UnpicklingError(f"{module}.{name}")
        return super().find_class(module, name)


def compiled(expression: str, flags: int, rewritten: Callable[[str], str] = str) -> regex.Pattern[str]:
    """The expression, or what `rewritten` makes of it, compiled. Raises regex.error."""
    if len(expression) < WORTH:
        return regex.compile(rewritten(expression), flags)
    name = named((MADE_BY, code(), expression, flags, rewritten.__name__), ".expression")
    pattern = _kept(name)
    if pattern is None:
        pattern = regex.compile(rewritten(expression), flags)
        write(name, pickle.dumps(pattern))
    return pattern


def _kept(name: str) -> regex.Pattern[str] | None:
    body = read(name)
    try:
        found = None if body is None else _OnlyPatterns(io.BytesIO(body)).load()
    except (pickle.UnpicklingError, ValueError, TypeError, EOFError, AttributeError, IndexError):
        return None
    return found if isinstance(found, regex.Pattern) else None
