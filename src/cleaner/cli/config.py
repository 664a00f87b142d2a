"""config --show and completion; the values of the configuration as defaults of options."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click
from click.globals import get_current_context

from .options import INPUTS, RULES, Options, console, takes

if TYPE_CHECKING:
    from ..config import Config


def configure(context: click.Context, file: str | None, without: bool) -> None:
    """Find the configuration; its values are the defaults of the options."""
    if without or not (file or _is_there(Path.cwd())):
        return
    from ..config import find_config, read_config
    from ..model.errors import UsageProblem

    found = read_config(Path(file)) if file else find_config(os.getcwd())
    if found is None:
        raise UsageProblem("it has no [tool.cleaner]", str(file), "name a cleaner.toml")
    context.obj = found
    context.default_map = _defaults(context.command, found.options())


def _defaults(command: click.Command, options: dict[str, Any]) -> dict[str, Any]:
    """The defaults of a command's options, and of the commands below it by their names."""
    below: dict[str, click.Command] = getattr(command, "commands", {})
    return options | {name: _defaults(one, options) for name, one in below.items()}


def _is_there(folder: Path) -> bool:
    """Whether there is anything to read; most runs need not import what reads it."""
    return any(
        (place / name).is_file() for place in (folder, *folder.parents) for name in ("cleaner.toml", "pyproject.toml")
    )


@click.command()
@click.argument("what", required=False, type=click.Choice(["init"]), metavar="[init]")
@click.option("--show", is_flag=True, help="Every value and where it came from (also without --show).")
@takes(INPUTS, RULES)
def config(what: str | None, show: bool, options: Options) -> int:
    """Show the values in force here: of the command line, of cleaner.toml or pyproject.toml, or by default.

    `cleaner config init` writes a cleaner.toml with all keys, for you to edit.
    """
    if what == "init":
        return _init()
    return _show(options)


def _init() -> int:
    from ..config import FILES, template
    from ..model.errors import UsageProblem
    from ..rules.writer import save
    from ..views.i18n import t

    path = Path(FILES[0])
    if os.path.lexists(path):
        raise UsageProblem("it is there already", str(path), "edit it, or move it away first")
    save(path, template(t))
    console().print(f"{path}: {t('written; every key in it is a comment until you remove its #')}", soft_wrap=True)
    return 0


def _show(options: Options) -> int:
    from ..config import TABLES, Config, WrittenConfig
    from ..rules.writer import value
    from ..views.display import plain

    context = get_current_context()
    found = context.find_object(Config) or Config()
    out = console()
    for key in WrittenConfig.__struct_fields__:
        if key in TABLES:
            continue
        name = {"rules": "packs", "builtin_rules": "no_builtin_rules"}.get(key, key)
        offered = name in context.params
        chosen = getattr(options, name) if offered else getattr(found.said, key)
        chosen = getattr(found.said, key) if chosen is None else chosen
        chosen = not chosen if key == "builtin_rules" and offered else chosen
        shown = '""' if chosen is None else value(chosen)
        row = f"{key.replace('_', '-')} = {shown}  # {_source(context, found, key.replace('_', '-'), name)}"
        out.print(plain(row), soft_wrap=True)
    for one in found.said.overrides:
        row = f"overrides: paths = {value(one.paths)} off = {value(one.off)}  # {found.where('overrides')}"
        out.print(plain(row), soft_wrap=True)
    for pattern, encoding in found.said.encodings.items():
        row = f"encodings: {value(pattern)} = {value(encoding)}  # {found.where('encodings')}"
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
    """Print what makes SHELL complete commands, options and rule ids: eval "$(cleaner completion bash)"."""
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(get_current_context().find_root().command, {}, "cleaner", "_CLEANER_COMPLETE").source())
    return 0
