"""check --encodings --write: what the user accepts gets into the configuration, a row for each file."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click
from click.globals import get_current_context

if TYPE_CHECKING:
    from ..views.encoding_table import Choice

SURE = 0.95  # confidence from which on nothing is asked about a single file: 98 to 100 % of these are right


def write_choices(choices: Sequence[Choice], yes: bool) -> None:
    """Ask about each file that is not sure, then whether all rows are right, and write them.

    With `yes` the readings that are sure are written and nothing is asked; the others are only named. Raises
    UsageProblem.
    """
    from ..config import Config, add_encodings, pattern_of
    from ..views.display import path
    from ..views.i18n import t

    found = get_current_context().find_object(Config) or Config()
    target = Path(found.path or "cleaner.toml")
    rows: dict[str, str] = {}
    for choice in choices:
        pattern = pattern_of(choice.path, found.folder)
        if pattern is None:
            _say(f"{path(choice.path)}: {t('no row of the configuration can name it')}")
        elif encoding := _accepted(choice, yes):
            rows[pattern] = encoding
    if rows and _is_wanted(rows, target, yes):
        add_encodings(target, rows)
        _say(f"{t('written')}: {path(os.path.relpath(target))}")
    else:
        _say(t("nothing is written"))


def _accepted(choice: Choice, yes: bool) -> str:
    """The encoding to write for a file; "" for none."""
    from ..views.display import path
    from ..views.i18n import t

    if choice.confidence >= SURE:
        return choice.encoding
    if yes:
        _say(f"{path(choice.path)}: {t('not sure, so it is left out: without --yes you choose')}")
        return ""
    return _chosen(choice)


def _chosen(choice: Choice) -> str:
    from ..stages.decode.sample import known
    from ..views.display import path, plain
    from ..views.i18n import t

    _say(f"{path(choice.path)}, {t('line')} {choice.line:,}:")
    for number, reading in enumerate(choice.readings, 1):
        _say(f"  {number}  {reading.encoding:<14}  {plain(reading.text)}")
    while True:
        said = click.prompt(
            t("its encoding: a number or a name, nothing to leave it out"), "", show_default=False, err=True
        ).strip()
        if said in map(str, range(1, len(choice.readings) + 1)):
            return choice.readings[int(said) - 1].encoding
        if not said or known(said):
            return str(said)


def _is_wanted(rows: Mapping[str, str], target: Path, yes: bool) -> bool:
    from ..rules.writer import value
    from ..views.display import path, plain
    from ..views.i18n import t

    for pattern, encoding in rows.items():
        _say(plain(f"{value(pattern)} = {value(encoding)}"))
    question = t(f"write this into {path(os.path.relpath(target))}?")
    return yes or click.confirm(question, err=True)


def _say(text: str) -> None:
    from ..views.console import say
    from .options import console

    say(console(stderr=True), text, 2)
