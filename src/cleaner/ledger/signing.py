"""Signatures of what runs did, with a key of this user that lies outside all folders (0102).

Owner and mode prove nothing about a ledger: unpacking an archive sets both.
"""

from __future__ import annotations

import contextlib
import hmac
import os
import secrets
import stat
from pathlib import Path
from typing import Any

import msgspec
import platformdirs

from ..model.errors import UsageProblem

SIZE = 32  # bytes of the key


def key_path() -> Path:
    """In CLEANER_DATA_DIR, or where the system keeps the data of programs for a user."""
    folder = os.environ.get("CLEANER_DATA_DIR") or platformdirs.user_data_path("cleaner", appauthor=False)
    return Path(folder) / "ledger.key"


def user_key() -> bytes:
    """The key, made where there is none yet; empty where none can be made. Raises UsageProblem for one of others."""
    path = key_path()
    with contextlib.suppress(OSError):
        if not path.exists():
            _make(path)
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | getattr(os, "O_NOFOLLOW", 0))) as file:
            found = os.fstat(file.fileno())
            if os.name == "posix" and (found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o077):
                raise UsageProblem("others may know the key that signs ledgers", str(path), "delete it")
            key = file.read(SIZE + 1)
        if len(key) != SIZE:
            raise UsageProblem("the key that signs ledgers is damaged", str(path), "delete it")
        return key
    return b""


def _make(path: Path) -> None:
    """Whole or not at all; of several runs that do so at once the first one counts."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}-{secrets.token_hex(8)}")
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(SIZE))
        try:
            os.link(new, path)
        except FileExistsError:
            pass
        except OSError:  # a file system without hard links
            os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)


def signature(key: bytes, *values: Any) -> bytes:
    """Of values that msgpack can hold; empty without a key."""
    return hmac.digest(key, msgspec.msgpack.encode(values), "sha256") if key else b""


def is_signed(key: bytes, mac: Any, *values: Any) -> bool:
    return bool(key) and isinstance(mac, bytes) and hmac.compare_digest(mac, signature(key, *values))
