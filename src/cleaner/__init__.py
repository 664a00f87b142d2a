"""Cleans dirty text: shows, explains and can undo every character it changes.

import cleaner
print(cleaner.clean("雨停了。【首发www.example.com】路还很长。"))
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["Pipeline", "clean", "files", "learn", "load_ruleset", "records"]

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from .api import CleanFile
    from .authoring.learn import Learned
    from .matching.ruleset import load_ruleset
    from .pipeline import Pipeline


def clean(text: str) -> str:
    """`text` without what the built-in rules take away. For more than the text, see Pipeline.clean."""
    return _default().clean(text).text


def files(paths: Iterable[str], pipeline: Pipeline | None = None, encoding: str | None = None) -> Iterator[CleanFile]:
    """The files at and below `paths`, each decoded and cleaned: `path`, `result` (None where it failed), `report`."""
    from .api import files

    return files(paths, pipeline or _default(), encoding)


def records(
    given: Iterable[Mapping[str, Any]], field: str = "text", pipeline: Pipeline | None = None
) -> Iterator[dict[str, Any]]:
    """The same records (JSON objects, rows) with the text in `field` cleaned. Raises KeyError where it is missing."""
    from .api import records

    return records(given, pipeline or _default(), field)


def learn(texts: Sequence[str] | Sequence[tuple[str, str]], min_files: int = 3) -> Learned:
    """What returns in at least `min_files` of the texts (or pairs of name and text), proposed as rules.

    A proposal has the keys of a rule, what speaks for and against it, and places; nothing is removed.
    """
    from .authoring.learn import learn

    return learn(texts, min_files)


def _default() -> Pipeline:
    global _PIPELINE  # noqa: PLW0603 - built once, on first use
    if _PIPELINE is None:
        from .matching.ruleset import load_ruleset
        from .pipeline import Pipeline

        _PIPELINE = Pipeline(load_ruleset())
    return _PIPELINE


_PIPELINE: Pipeline | None = None


def __getattr__(name: str) -> Any:
    if name == "Pipeline":
        from .pipeline import Pipeline

        return Pipeline
    if name == "load_ruleset":
        from .matching.ruleset import load_ruleset

        return load_ruleset
    raise AttributeError(name)
