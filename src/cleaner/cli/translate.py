"""`--help` in Chinese: its texts are written in English in the commands."""

from __future__ import annotations

import inspect
from typing import Any

import rich_click as click

from ..views.i18n import t

TITLES = {
    "options_panel_title": "Options",
    "commands_panel_title": "Commands",
    "default_string": "[default: {}]",
    "required_long_string": "[required]",
}


class Formatter(click.RichHelpFormatter):
    """Writes "Usage:" in the chosen language."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, prefix or t("Usage:"))


def translate(command: click.Command) -> None:
    """Translate the help of a command and those below it."""
    click.RichContext.formatter_class = Formatter
    titles = {key: t(title) for key, title in TITLES.items()}
    command.context_settings["rich_help_config"] = command.context_settings.get("rich_help_config", {}) | titles
    command.options_metavar = t("[OPTIONS]")
    command.help = "\n\n".join(map(t, paragraphs(command.help or "")))
    help_option = command.get_help_option(click.Context(command, help_option_names=["-h", "--help"]))
    options: list[Any] = [*command.params, help_option]
    for option in options:
        if getattr(option, "help", None):
            option.help = t(option.help)
    if isinstance(command, click.Group):
        command.subcommand_metavar = t("COMMAND [ARGS]...")
        for other in command.commands.values():
            translate(other)


def paragraphs(text: str) -> list[str]:
    """A help text as click fills it: a paragraph is one line."""
    return [" ".join(part.split()) for part in inspect.cleandoc(text).split("\n\n")]
