"""Messages in English and Chinese. Rules speak their author's language.

English is written in the code, its Chinese in `messages.zh.toml`: whoever raises an error needs nothing from here.
"""

from __future__ import annotations

import locale
import os
import re
from functools import cache, lru_cache
from pathlib import Path

LANGUAGE_VARIABLES = ("CLEANER_LANG", "LC_ALL", "LC_MESSAGES", "LANG")  # the first that says something counts

_chosen = "en"


def choose(given: str | None) -> None:
    """`zh` or `en`; without one, what the environment says."""
    global _chosen  # noqa: PLW0603 - one language for a process
    if given is None:
        said = next((os.environ[name] for name in LANGUAGE_VARIABLES if os.environ.get(name)), "")
        given = "zh" if (said or locale.getlocale()[0] or "").lower().startswith("zh") else "en"
    _chosen = given


def chosen() -> str:
    return _chosen


def t(text: str) -> str:
    """A message in the chosen language, with the values in it; what has no Chinese remains English."""
    return _chinese(text) if _chosen == "zh" else text


@lru_cache(maxsize=4096)
def _chinese(text: str) -> str:
    if text in chinese():
        return chinese()[text]
    for english, said in _patterns():
        if found := english.fullmatch(text):
            return said.format(*map(_Value, found.groups()))
    return text


class _Value(str):
    """A value in a message. `{:t}` translates it; plain `{}` does not, since a file may be called `no regular file`."""

    def __format__(self, spec: str) -> str:
        return _chinese(self) if spec == "t" else str(self)


@cache
def chinese() -> dict[str, str]:
    """The whole table, by the English."""
    import tomllib

    tables = tomllib.loads((Path(__file__).parent / "messages.zh.toml").read_text("utf-8"))
    return {english: said for table in tables.values() for english, said in table.items()}


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """Messages with values, those that say most first: `rule {} took too long` before `rule {}: {}`."""
    filled = sorted((english for english in chinese() if "{}" in english), key=lambda english: -len(english))
    return [
        (re.compile("(.*?)".join(map(re.escape, english.split("{}"))), re.DOTALL), chinese()[english])
        for english in filled
    ]
