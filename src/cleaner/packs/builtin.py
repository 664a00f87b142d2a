"""Where the packs that ship with the program lie."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..scanner.cache import kept
from .load import load_packs
from .written import STAGES, Pack


def folder() -> Path:
    """`cleaner/rules/packs` in an installed package, `rules` at the top of a checkout (editable install)."""
    installed = Path(__file__).parent.parent / "rules" / "packs"
    return installed if installed.is_dir() else Path(__file__).parents[3] / "rules"


def paths(without: Sequence[str] = ()) -> list[Path]:
    """The built-in packs, in the order of the stages and then by name; none of the stages in `without`."""
    top = folder()
    return [path for stage in STAGES if stage not in without for path in sorted((top / stage).glob("*.toml"))]


def packs(without: Sequence[str] = ()) -> list[Pack]:
    """The built-in packs, read once on a machine: parsing 44 of them takes 0.1 s."""
    found = paths(without)
    texts = [(str(path), path.read_bytes()) for path in found]
    return kept("packs", texts, list[Pack], lambda: load_packs(found))
