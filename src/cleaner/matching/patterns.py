"""Expressions of `regex`, compiled when they are first needed, in a form that it is faster with."""

from __future__ import annotations

from functools import cache

import regex

from .optimize import optimized


@cache
def compiled(expression: str, flags: int) -> regex.Pattern[str]:
    """Raises regex.error, with a position in what was written."""
    try:
        return regex.compile(optimized(expression), flags, cache_pattern=False)
    except regex.error:
        return regex.compile(expression, flags)
