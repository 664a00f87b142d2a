"""Patterns for paths, written as in .gitignore."""

from __future__ import annotations

import os
from functools import cache
from typing import NamedTuple

from .errors import UsageProblem


def matches(patterns: tuple[str, ...], path: str) -> bool:
    """Whether a relative path matches; one that ends with a slash is a folder. Raises UsageProblem."""
    readable = os.fsencode(path).decode("utf-8", "replace")  # a name may hold bytes that are no text
    return bool(compile_globs(patterns).match_file(readable.replace(os.sep, "/").removeprefix("./")))


def fits(patterns: tuple[str, ...], path: str, folder: str) -> bool:
    """Whether a path fits patterns that are written from `folder` on; one outside is taken as it was given."""
    inside = os.path.abspath(path).removeprefix(os.path.join(folder, ""))
    return matches(patterns, path if os.path.isabs(inside) else inside)


class ByPath(NamedTuple):
    """Rows of a pattern, written from `folder` on, and a value for the files that fit it; the last one counts."""

    folder: str = ""
    rows: tuple[tuple[str, str], ...] = ()

    def of(self, path: str) -> str | None:
        return next((value for pattern, value in reversed(self.rows) if fits((pattern,), path, self.folder)), None)


@cache
def compile_globs(patterns: tuple[str, ...]):  # type: ignore[no-untyped-def]
    """The patterns as one object. Raises UsageProblem for a bad pattern."""
    import pathspec

    try:
        return pathspec.GitIgnoreSpec.from_lines(patterns)
    except (ValueError, TypeError) as error:
        raise UsageProblem(f"bad pattern: {error}", hint="patterns are written as in .gitignore") from None
