"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click
from click.globals import get_current_context

if TYPE_CHECKING:
    from rich.console import Console

    from ..matching.ruleset import Override, RuleSet
    from ..views import Report

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def complete_rule(context: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    """Ids of rules and families, for shells: of built-in packs, those named before and those of the configuration."""
    import contextlib
    import os

    from ..config import find_config
    from ..model.errors import CleanerError
    from ..rules import builtin
    from ..rules.parser import load_packs

    packs = load_packs(builtin.paths())
    with contextlib.suppress(CleanerError):  # a bad pack is no reason to complete nothing
        own = context.params.get("packs") or find_config(os.getcwd()).options().get("packs", ())
        packs += load_packs(map(Path, own))
    ids = [f"{pack.head.stage}/{pack.name}/{name}" for pack in packs for name in pack.rules]
    families = [part for rule in ids for part in (rule.split("/")[0], rule.rpartition("/")[0])]
    return sorted(name for name in {*ids, *families} if name.startswith(begun))


language_option = click.option("--lang", type=click.Choice(["zh", "en"]), help="Language of messages.")


def _names(_context: click.Context, _parameter: click.Parameter, given: str | None) -> tuple[str, ...] | None:
    return None if given is None else tuple(name.strip() for name in given.split(",") if name.strip())


_RULES = (
    click.option("--rules", "packs", multiple=True, metavar="PACK", help="Add a rule file. Repeatable."),
    click.option("--no-builtin-rules", is_flag=True, help="Leave out the built-in boilerplate packs."),
    click.option(
        "--on",
        multiple=True,
        metavar="RULE",
        shell_complete=complete_rule,
        help="Switch on a rule or family that is off. Repeatable.",
    ),
    click.option(
        "--off",
        multiple=True,
        metavar="RULE",
        shell_complete=complete_rule,
        help="Switch off a rule or family. Repeatable.",
    ),
    click.option(
        "--profile",
        type=click.Choice(["safe", "official", "novel", "corpus"]),
        default="safe",
        show_default=True,
        help="Which optional rules are on.",
    ),
    click.option(
        "--level",
        type=click.Choice(["cautious", "normal", "aggressive"]),
        default="normal",
        show_default=True,
        help="How much evidence it takes to remove a line that no rule decides alone.",
    ),
    click.option(
        "--stages",
        callback=_names,
        metavar="NAME,NAME",
        help="The stages of the run, in their order.  [default: all but those of packages]",
    ),
    language_option,
)
_INPUTS = (
    click.option("--include", multiple=True, metavar="PATTERN", help="Only these files (as in .gitignore)."),
    click.option("--exclude", multiple=True, metavar="PATTERN", help="Not these files (as in .gitignore)."),
    click.option("--max-size", type=click.IntRange(1), metavar="BYTES", help="Skip larger files."),
    click.option("--yes-large", is_flag=True, help="Also where more of a text would go than is usual."),
    click.option("--encoding", metavar="NAME", help="Read every input in this encoding instead of finding it out."),
)


def all_of(options: tuple[Decorator, ...]) -> Decorator:
    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


def view_options(reports: tuple[Report, ...]) -> Decorator:
    """The options that choose one of several reports."""
    options = []
    for report in reports:
        names = ([f"-{report.letter}"] if report.letter else []) + [f"--{report.name}"]
        options += [click.option(*names, "view", flag_value=report.name, help=report.help)] if report.help else []
    return all_of(tuple(options))


rule_options = all_of(_RULES)
input_options = all_of(_INPUTS)
decisions_option = click.option(
    "--decisions", metavar="FILE", help="Do what was decided in a review or a report (JSON or TOML)."
)
format_option = click.option(
    "--format",
    "shape",
    type=click.Choice(["text", "jsonl", "sarif"]),
    default="text",
    show_default=True,
    help="Form of stdout.",
)  # fmt: skip


def ruleset(given: dict[str, Any]) -> RuleSet:
    """The rules that the shared options ask for; also chooses the language."""
    from ..matching.ruleset import load_ruleset
    from ..views import i18n

    i18n.choose(given["lang"])
    packs, builtin = given["packs"], not given["no_builtin_rules"]
    chosen = given["on"], given["off"], given["profile"], given["level"]
    order = {} if given["stages"] is None else {"stages": given["stages"]}
    overrides = _overrides()
    rules = load_ruleset(packs, builtin, *chosen, overrides, **order)
    if names := [*given["on"], *given["off"], *(prefix for one in overrides for prefix in one.off)]:
        from .notices import name_successors

        name_successors(name for name in names if not any(rule.id.startswith(name) for rule in rules.all))
    if packs:
        from .notices import introduce

        introduce([pack for pack in rules.packs if pack.path in {str(Path(path)) for path in packs}])
    return rules


def _overrides() -> list[Override]:
    """What the configuration says about single paths."""
    from ..config import Config

    found = get_current_context().find_object(Config)
    return found.overrides() if found is not None else []


def console(stderr: bool = False) -> Console:
    import os
    import sys
    from shutil import get_terminal_size

    from rich.console import Console

    file = sys.stderr if stderr else sys.stdout
    width = None
    if not file.isatty() or os.environ.get("TERM") == "dumb":  # rich takes every dumb terminal for 80 columns
        width = get_terminal_size((100, 24)).columns
    return Console(stderr=stderr, highlight=False, markup=False, emoji=False, width=width)
