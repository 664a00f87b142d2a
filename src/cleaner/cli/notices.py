"""Notices on stderr: what packs of others may do, before they are used for the first time."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

PATIENCE = 1.5  # seconds; CLEANER_PATIENCE says otherwise
_SAID: list[bool] = []

if TYPE_CHECKING:
    from ..rules.spec import Pack


@contextlib.contextmanager
def patience() -> Iterator[None]:
    """Say on stderr why nothing happens, where something takes longer than a moment: once in a process."""

    from ..views.i18n import t

    def say() -> None:
        _SAID.append(True)
        words = t("reading and compiling the rules")
        print(words, file=sys.stderr, flush=True)

    timer = threading.Timer(float(os.environ.get("CLEANER_PATIENCE") or PATIENCE), say)
    timer.daemon = True
    if not _SAID:
        timer.start()
    try:
        yield
    finally:
        timer.cancel()
        if timer.ident is not None:  # workers are forked later: no thread may be left
            timer.join()


def announce(packs: Sequence[Pack]) -> None:
    """Print a line for each pack that was not used before with this content."""
    import platformdirs

    from ..views.display import plain

    kept = os.environ.get("CLEANER_STATE_DIR")
    seen = Path(kept or platformdirs.user_cache_path("cleaner", appauthor=False)) / "packs"
    for pack in packs:
        stamp = seen / hashlib.sha256(Path(pack.path).read_bytes()).hexdigest()[:32]
        if stamp.exists():
            continue
        print(plain(f"{pack.path}: {capabilities(pack)}"), file=sys.stderr)
        try:
            seen.mkdir(parents=True, exist_ok=True)
            stamp.touch()
        except OSError:
            continue  # it is printed again next time


def name_successors(names: Iterable[str]) -> None:
    """Print a line for each id of a rule or family that was renamed or removed."""
    from ..rules.renamed import notices
    from ..views.display import plain
    from ..views.i18n import t

    for name, successor, version in notices(names):
        said = f"{t('is now called')} {successor}" if successor else f"{t('was removed in')} {version}"
        print(plain(f"{name} {said}"), file=sys.stderr)


def capabilities(pack: Pack) -> str:
    """What the rules of a pack may do: remove (by kind), replace, tag."""
    from ..rules.stages import stage_spec
    from ..views.display import rules_counted
    from ..views.i18n import t

    stage = stage_spec(pack.head.stage)
    on = [rule for rule in pack.rules.values() if rule.enabled]
    removing = Counter(rule.kind for rule in on if rule.kind and stage.removes)
    kinds = ", ".join(f"{t(kind)} {number}" for kind, number in removing.items())
    replacing = sum(rule.replace is not None for rule in on)
    tagging = sum(rule.kind is not None for rule in on) if stage.makes == "tags" else 0
    parts = [f"{t('first use')}: {rules_counted(len(on))}"]
    parts += [f"{t('may remove')} ({kinds})"] if removing else []
    parts += [f"{t('may replace')} ({replacing})"] if replacing else []
    parts += [f"{t('may tag')} ({tagging})"] if tagging else []
    return "; ".join(parts)
