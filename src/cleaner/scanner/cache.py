"""Compiled databases kept in the user's cache directory (0.04 s to load instead of 0.5 to 3 s to compile).

A file there is never trusted: its name is a hash of everything it depends on, its content carries its own hash, and
whatever does not fit is built again.
"""

from __future__ import annotations

import hashlib
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

KEPT = 32  # files; the oldest go


def folder() -> Path:
    """CLEANER_CACHE_DIR, or where the system keeps caches."""
    if given := os.environ.get("CLEANER_CACHE_DIR"):
        return Path(given)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", "~")).expanduser() / "cleaner" / "cache"
    if sys.platform == "darwin":
        return Path("~/Library/Caches/cleaner").expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "cleaner"


def cached(
    expressions: Sequence[tuple[str, bool]],
    version: str,
    build: Callable[[Sequence[tuple[str, bool]]], tuple[Any, list[int]]],
    dump: Callable[[Any], bytes],
    load: Callable[[bytes], Any],
) -> tuple[Any, list[int]]:
    """The database of `expressions` and the numbers of those it holds, from the cache or built and put there.

    `load` raises ValueError for what `dump` did not write on this machine.
    """
    wanted = msgspec.msgpack.encode((version, platform.machine(), expressions))
    path = folder() / f"{hashlib.sha256(wanted).hexdigest()[:32]}.scanner"
    try:
        digest, body = (raw := path.read_bytes())[:32], raw[32:]
        if hashlib.sha256(body).digest() == digest:
            numbers, blob = msgspec.msgpack.decode(body, type=tuple[list[int], bytes])
            return load(blob), numbers
    except (OSError, ValueError):
        pass
    database, numbers = build(expressions)
    body = msgspec.msgpack.encode((numbers, dump(database)))
    _write(path, hashlib.sha256(body).digest() + body)
    return database, numbers


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all; a cache that can't be written is no reason to fail."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".new-", delete=False) as file:
            file.write(content)
        os.replace(file.name, path)
        old = sorted(path.parent.glob("*.scanner"), key=lambda p: p.stat().st_mtime)[:-KEPT]
        for stale in old:
            stale.unlink(missing_ok=True)
    except OSError:
        pass
