"""Patterns for paths, written as in .gitignore."""

from __future__ import annotations

import os
from functools import cache

from .errors import UsageProblem


def matches(patterns: tuple[str, ...], path: str) -> bool:
    """Whether a relative path matches; one that ends with a slash is a folder. Raises UsageProblem."""
    readable = os.fsencode(path).decode("utf-8", "replace")  # a name may hold bytes that are no text
    return bool(compile_globs(patterns).match_file(readable.replace(os.sep, "/").removeprefix("./")))


@cache
def compile_globs(patterns: tuple[str, ...]):  # type: ignore[no-untyped-def]
    """The patterns as one object. Raises UsageProblem for a bad pattern."""
    import pathspec

    try:
        return pathspec.GitIgnoreSpec.from_lines(patterns)
    except (ValueError, TypeError) as error:
        raise UsageProblem(f"bad pattern: {error}", hint="patterns are written as in .gitignore") from None
