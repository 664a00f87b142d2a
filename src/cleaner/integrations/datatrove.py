"""A step for datatrove, which is not installed with cleaner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

try:
    from datatrove.pipeline.formatters.base import BaseFormatter
except ImportError:
    raise ImportError("datatrove is not installed: pip install datatrove") from None

if TYPE_CHECKING:
    from ..pipeline import Pipeline


class DatatroveCleaner(BaseFormatter):  # type: ignore[misc, unused-ignore]
    """A step of datatrove that cleans the text of each document; `rules` are the arguments of `load_ruleset`.

    It counts edits by rule among the statistics of the pipeline.
    """

    name = "cleaner"

    def __init__(self, **rules: Any) -> None:
        super().__init__()
        self._rules = rules
        self._pipeline: Pipeline | None = None

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_pipeline": None}  # each process compiles its own

    def format(self, text: str) -> str:
        """The text after all stages. Raises CleanerError where the rules can't be read."""
        if self._pipeline is None:
            from ..matching.ruleset import load_ruleset
            from ..pipeline import Pipeline

            self._pipeline = Pipeline(load_ruleset(**self._rules))
        result = self._pipeline.clean(text.encode("utf-8", "replace").decode())
        for edit in result.edits:
            self.stat_update(edit.rule)
        return result.text
