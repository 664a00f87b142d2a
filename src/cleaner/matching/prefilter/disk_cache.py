"""The user's cache directory: databases of the prefilter, expressions of `regex`, results derived from packs (0083).

A file there is never trusted: its name is a hash of everything that it depends on, its content carries its own hash,
and whatever does not fit is built again. Anybody can make such a hash: a file of another user is not there.
"""

from __future__ import annotations

import hashlib
import os
import platform
import tempfile
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import platformdirs

KEPT = {".database": 32, ".made": 64, ".expression": 4096}  # files, plain choices; the oldest are deleted
Made = TypeVar("Made")


def folder() -> Path:
    """CLEANER_CACHE_DIR, or where the system keeps caches."""
    return Path(os.environ.get("CLEANER_CACHE_DIR") or platformdirs.user_cache_path("cleaner", appauthor=False))


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
    name = named((version, expressions), ".database")
    try:
        if (body := read(name)) is not None:
            numbers, blob = msgspec.msgpack.decode(body, type=tuple[list[int], bytes])
            return load(blob), numbers
    except ValueError:
        pass
    database, numbers = build(expressions)
    write(name, msgspec.msgpack.encode((numbers, dump(database))))
    _drop_old()
    return database, numbers


def memoize_on_disk(what: str, depends_on: object, kind: type[Made], make: Callable[[], Made]) -> Made:
    """What `make` derives from nothing but `depends_on`, a `kind` that msgpack can hold; from the cache if there."""
    name = named((what, code(), depends_on), ".made")
    body = read(name)
    if body is not None:
        try:
            return msgspec.msgpack.decode(body, type=kind)
        except ValueError:
            pass
    made = make()
    write(name, msgspec.msgpack.encode(made))
    return made


@lru_cache
def code() -> list[tuple[str, int, int]]:
    """Names, sizes and times of the modules that make cached results: an edited module makes all of them again."""
    prefilter = Path(__file__).parent
    folders = (prefilter, prefilter.parent, prefilter.parents[1] / "rules")
    modules = [entry for folder in folders for entry in os.scandir(folder)]
    return sorted(
        (entry.name, (found := entry.stat()).st_size, found.st_mtime_ns)
        for entry in modules
        if entry.name.endswith(".py")
    )


def named(depends_on: object, kind: str) -> str:
    """The name of the file for what depends on this; `kind` is a key of KEPT."""
    wanted = msgspec.msgpack.encode((platform.machine(), depends_on))
    return hashlib.sha256(wanted).hexdigest()[:32] + kind


def read(name: str) -> bytes | None:
    """What was written under this name, None where nothing was or it is spoiled."""
    try:
        with (folder() / name).open("rb") as file:
            if hasattr(os, "geteuid") and os.fstat(file.fileno()).st_uid != os.geteuid():
                return None
            raw = file.read()
    except OSError:
        return None
    return raw[32:] if hashlib.sha256(raw[32:]).digest() == raw[:32] else None


def write(name: str, body: bytes) -> None:
    """Whole or not at all; a cache that can't be written is no reason to fail."""
    try:
        folder().mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder(), prefix=".new-", delete=False) as file:
            file.write(hashlib.sha256(body).digest() + body)
        os.replace(file.name, folder() / name)
    except OSError:
        pass


def _drop_old() -> None:
    for kind, limit in KEPT.items():
        try:
            for stale in sorted(folder().glob(f"*{kind}"), key=lambda path: path.stat().st_mtime)[:-limit]:
                stale.unlink(missing_ok=True)
        except OSError:
            pass
