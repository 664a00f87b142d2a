"""Where the packs that ship with the program lie."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .stages import DEFAULT_ORDER, stage_spec


def folder() -> Path:
    """`cleaner/rules/packs` in an installed package, `rules` at the top of a checkout (editable install)."""
    installed = Path(__file__).parent / "packs"
    return installed if installed.is_dir() else Path(__file__).parents[3] / "rules"


def paths(without: Sequence[str] = ()) -> list[Path]:
    """The built-in packs, in the order of the stages and then by name; none of the stages in `without`.

    The models follow the packs of their stage, boilerplate.
    """
    top = folder()
    folders = {stage: ("boilerplate", "models") if stage == "boilerplate" else (stage,) for stage in DEFAULT_ORDER}
    return [
        path
        for stage in DEFAULT_ORDER
        if stage not in without
        for name in folders[stage]
        for path in sorted((top / name).glob("*.toml"))
    ]


def of_packages(order: Sequence[str]) -> list[Path]:
    """The packs that stages of other packages bring, of those in `order`."""
    folders = [stage_spec(name).packs for name in order]
    return [path for one in folders if one for path in sorted(Path(one).glob("*.toml"))]


def common() -> Path:
    """The named lists and patterns that packs share."""
    return folder() / "common.toml"


def renamed() -> Path:
    """The ids that rules had before."""
    return folder() / "renamed.toml"


def derived() -> Path:
    """What is derived from the packs (see `matching.analysis`)."""
    return folder() / "derived.json"


def compiled() -> Path:
    """Their expressions, compiled (see `matching.patterns`); written when the package is built."""
    return folder() / "compiled.bin"


def parsed() -> Path:
    """The packs as they were parsed (see `parsed.py`)."""
    return folder() / "parsed.json"
