"""The built-in packs as they were parsed, kept in `parsed.json`: to parse them takes 0.13 s of each start.

`python -m tools.derive` writes the file. A pack that changed since, by its digest, is parsed anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import msgspec

from . import builtin
from .spec import Pack


class Parsed(msgspec.Struct, frozen=True):
    """By the path of a pack below the folder of packs: the digest of what it was parsed from, and the pack."""

    packs: dict[str, tuple[str, Pack]]


def builtin_packs(without: Sequence[str] = ()) -> list[Pack]:
    """The built-in packs, but none of the stages in `without`."""
    known = _kept().packs
    packs = []
    for path in builtin.paths(without):
        digest, pack = known.get(_name(path), ("", None))
        if pack is not None and digest == _digest(path):
            packs.append(msgspec.structs.replace(pack, path=str(path)))
        else:
            packs.append(_parsed(path))
    return packs


def parsed() -> Parsed:
    """What is to be kept."""
    found = {}
    for path in builtin.paths():
        found[_name(path)] = _digest(path), msgspec.structs.replace(_parsed(path), path="")
    return Parsed(found)


def _parsed(path: Path) -> Pack:
    from .parser import load_pack

    return load_pack(path)


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def _digest(path: Path) -> str:
    """Changes with the pack and the pieces that packs share, not with the line ends of a checkout."""
    raw = _shared() + path.read_bytes().replace(b"\r\n", b"\n")
    return hashlib.sha256(raw).hexdigest()[:16]


@cache
def _shared() -> bytes:
    return builtin.common().read_bytes().replace(b"\r\n", b"\n")


@cache
def _kept() -> Parsed:
    try:
        return msgspec.json.decode(builtin.parsed().read_bytes(), type=Parsed)
    except (OSError, msgspec.MsgspecError):
        return Parsed({})
