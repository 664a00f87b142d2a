"""Where the packs that ship with the program lie."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..model.choices import STAGES


def folder() -> Path:
    """`cleaner/rules/packs` in an installed package, `rules` at the top of a checkout (editable install)."""
    installed = Path(__file__).parent / "packs"
    return installed if installed.is_dir() else Path(__file__).parents[3] / "rules"


def paths(without: Sequence[str] = ()) -> list[Path]:
    """The built-in packs, in the order of the stages and then by name; none of the stages in `without`."""
    top = folder()
    return [path for stage in STAGES if stage not in without for path in sorted((top / stage).glob("*.toml"))]
