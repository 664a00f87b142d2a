"""The sequence: decode -> mojibake -> invisible -> boilerplate -> whitespace -> placeholder.

Decoding happens once for an input (see `decode`). The stages in EDITING follow each other on every region; what they
leave is looked at for placeholders and flags.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ..engine.context import RegionContext
from ..matching.rule import Rule
from ..model.edits import Edit
from . import boilerplate, invisible, mojibake, whitespace


class EditingStage(Protocol):
    """A stage is a module with these."""

    NAME: str

    def edits(self, work: RegionContext, rules: Sequence[Rule]) -> list[Edit]:
        """The edits of this stage on `work.text`, sorted and disjoint. `rules` are those that may match."""
        ...


EDITING: tuple[EditingStage, ...] = (mojibake, invisible, boilerplate, whitespace)
