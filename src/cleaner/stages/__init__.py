"""The sequence: decode, then the stages that a run names; rules/stages.py has the table and the default order.

    decode -> mojibake -> invisible -> boilerplate -> whitespace -> placeholder -> flag

Decoding happens once for an input (see `decode`). The stages that edit follow each other on every region; those that
tag and flag read the text that the last of them left. A stage is the module here of its name, or one of a package.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from types import ModuleType
from typing import Protocol, cast

from ..engine.context import RegionContext
from ..matching.rule import Rule
from ..model.edits import Edit, Flag, Tag
from ..rules.stages import StageSpec, stage_spec


class EditingStage(Protocol):
    """A module with these makes "edits"."""

    NAME: str

    def edits(self, context: RegionContext, rules: tuple[Rule, ...]) -> list[Edit]:
        """The edits of this stage on `context.text`, sorted and disjoint. `rules` are those that may match there."""
        ...


class TaggingStage(Protocol):
    """A module with these makes "tags"."""

    NAME: str

    def tags(self, context: RegionContext, rules: tuple[Rule, ...]) -> list[Tag]:
        """Placeholders in characters of `context.text`, sorted and disjoint."""
        ...


class FlaggingStage(Protocol):
    """A module with these makes "flags"."""

    NAME: str

    def flags(self, context: RegionContext, rules: tuple[Rule, ...]) -> list[Flag]:
        """Flags in characters of `context.text`, sorted."""
        ...


class StageOrder:
    """The modules of the stages of a run, by what they make, each in the order of the run."""

    def __init__(self, names: Sequence[str]) -> None:
        modules = [(spec.makes, _module(spec)) for spec in map(stage_spec, names)]
        self.editing = [cast(EditingStage, module) for makes, module in modules if makes == "edits"]
        self.tagging = [cast(TaggingStage, module) for makes, module in modules if makes == "tags"]
        self.flagging = [cast(FlaggingStage, module) for makes, module in modules if makes == "flags"]


def _module(spec: StageSpec) -> ModuleType:
    return import_module(spec.module or f"{__name__}.{spec.name}")
