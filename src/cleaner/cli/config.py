"""config --show and completion; the values of the configuration as defaults of options."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click
from click.globals import get_current_context

from .options import console, input_options, rule_options

if TYPE_CHECKING:
    from ..config import Config

COMMANDS = ("check", "diff", "clean", "review", "explain", "config")
OF_RULES = ("list", "show", "new", "check", "try", "profile")  # in the others `packs` is an argument


def configured(context: click.Context, given: str | None, without: bool) -> None:
    """Finds the configuration and lets its values stand for options that are not given."""
    if without or not (given or _is_there(Path.cwd())):
        return
    from ..config import find_config, read_config
    from ..model.errors import UsageProblem

    found = read_config(Path(given)) if given else find_config(os.getcwd())
    if found is None:
        raise UsageProblem("it has no [tool.cleaner]", str(given), "name a cleaner.toml")
    context.obj = found
    options = found.options()
    context.default_map = dict.fromkeys(COMMANDS, options) | {"rules": dict.fromkeys(OF_RULES, options)}


def _is_there(folder: Path) -> bool:
    """Whether there is anything to read; most runs need not import what reads it."""
    return any(
        (place / name).is_file() for place in (folder, *folder.parents) for name in ("cleaner.toml", "pyproject.toml")
    )


@click.command()
@click.option("--show", is_flag=True, required=True, help="Every value and where it came from.")
@input_options
@rule_options
def config(show: bool, **given: Any) -> int:
    """Shows the values that count here: of the command line, of cleaner.toml or pyproject.toml, or by default."""
    from ..config import Config, WrittenConfig
    from ..rules.writer import value
    from ..views.display import plain

    context = get_current_context()
    found = context.find_object(Config) or Config()
    out = console()
    for key in WrittenConfig.__struct_fields__:
        if key == "overrides":
            continue
        name = {"rules": "packs", "builtin_rules": "no_builtin_rules"}.get(key, key)
        said = given.get(name)
        said = getattr(found.said, key) if said is None else said
        said = not said if key == "builtin_rules" and name in given else said
        shown = '""' if said is None else value(said)
        row = f"{key.replace('_', '-')} = {shown}  # {_source(context, found, key.replace('_', '-'), name)}"
        out.print(plain(row), soft_wrap=True)
    for one in found.said.overrides:
        row = f"overrides: paths = {value(one.paths)} off = {value(one.off)}  # {found.where('overrides')}"
        out.print(plain(row), soft_wrap=True)
    return 0


def _source(context: click.Context, found: Config, key: str, name: str) -> str:
    from click.core import ParameterSource

    from ..views.i18n import t

    if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
        return t("command line")
    return found.where(key) or t("default")


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> int:
    """Prints what makes SHELL complete commands, options and rule ids: eval "$(cleaner completion bash)"."""
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(get_current_context().find_root().command, {}, "cleaner", "_CLEANER_COMPLETE").source())
    return 0
