"""Files that are replaced whole or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path


def write_text_atomically(path: str | os.PathLike[str], text: str) -> None:
    """Write `text`, in UTF-8 and with its own line ends, in place of whatever is at `path`.

    An existing file keeps its mode, a new one gets that of the umask. Raises OSError; `path` is then as it was.
    """
    path = Path(path)
    mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o666 & ~umask()
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".cleaner-", delete=False) as file:
        try:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
            file.close()
            os.chmod(file.name, mode)
            os.replace(file.name, path)
            _sync_folder(os.path.dirname(path) or ".")
        except BaseException:
            os.unlink(file.name)
            raise


def _sync_folder(folder: str) -> None:
    """Make a rename safe on the disk, where the system lets a program open a folder."""
    with contextlib.suppress(PermissionError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def umask() -> int:
    """The bits of a mode that new files of this process do not get."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
