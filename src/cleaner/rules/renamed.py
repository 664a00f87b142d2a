"""Ids that rules had before: what they are called today, or that they are gone. The table is `rules/renamed.toml`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

import msgspec

from . import builtin


class Renamed(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Old ids and prefixes with their successors, and removed ones with the version in which they went."""

    renamed: dict[str, str] = {}
    removed: dict[str, str] = {}


@lru_cache
def table() -> Renamed:
    return msgspec.toml.decode(builtin.renamed().read_bytes(), type=Renamed)


def current(name: str) -> str:
    """A rule id or prefix as it is called today: by the longest prefix in the table, itself where there is none."""
    return _current(name.rstrip("/"))


@lru_cache(maxsize=4096)
def _current(name: str) -> str:
    known = table().renamed
    for prefix in _prefixes(name):
        if prefix in known:
            return _current(known[prefix] + name[len(prefix) :])
    return name


def removed_in(name: str) -> str | None:
    """The version in which a rule or family went without a successor, None for one that did not."""
    return next((table().removed[prefix] for prefix in _prefixes(current(name)) if prefix in table().removed), None)


def notices(names: Iterable[str]) -> Iterator[tuple[str, str | None, str | None]]:
    """Those of `names` that are renamed or removed: the name, its successor, the version in which it was removed."""
    for name in dict.fromkeys(name.rstrip("/") for name in names):
        version, today = removed_in(name), current(name)
        if version is not None or today != name:
            yield name, None if version is not None else today, version


def _prefixes(name: str) -> Iterator[str]:
    """`a/b/c`, `a/b`, `a`."""
    while name:
        yield name
        name = name.rpartition("/")[0]
