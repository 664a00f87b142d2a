"""Cleans dirty text: shows, explains and can undo every character it changes.

import cleaner
print(cleaner.clean("雨停了。【首发www.example.com】路还很长。"))
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["Pipeline", "clean", "load_ruleset"]

if TYPE_CHECKING:
    from .packs.ruleset import load_ruleset
    from .pipeline import Pipeline


def clean(text: str) -> str:
    """`text` without what the built-in rules take away. For more than the text, see Pipeline.clean."""
    return _default().clean(text).text


def _default() -> Pipeline:
    global _PIPELINE  # noqa: PLW0603 - built once, on first use
    if _PIPELINE is None:
        from .packs.ruleset import load_ruleset
        from .pipeline import Pipeline

        _PIPELINE = Pipeline(load_ruleset())
    return _PIPELINE


_PIPELINE: Pipeline | None = None


def __getattr__(name: str) -> Any:
    if name == "Pipeline":
        from .pipeline import Pipeline

        return Pipeline
    if name == "load_ruleset":
        from .packs.ruleset import load_ruleset

        return load_ruleset
    raise AttributeError(name)
