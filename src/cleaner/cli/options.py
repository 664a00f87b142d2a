"""The options of the commands, as one struct."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import rich_click as click
from click.globals import get_current_context

from ..model.choices import (
    Annotation,
    Colour,
    Engine,
    Fallback,
    Language,
    LedgerLevel,
    LevelName,
    OutputFormat,
    Profile,
    TagStyle,
)

if TYPE_CHECKING:
    from rich.console import Console

    from ..matching.ruleset import Override, RuleSet
    from ..model.globs import ByPath
    from ..views import Report

_CHOSEN: list[Colour] = []  # --color of the command that runs
Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


@dataclass(frozen=True)
class Options:
    """What the user gave, on the command line or in the configuration. Each command offers a part of it."""

    packs: tuple[str, ...] = ()
    no_builtin_rules: bool = False
    on: tuple[str, ...] = ()
    off: tuple[str, ...] = ()
    profile: Profile = "safe"
    level: LevelName = "normal"
    stages: tuple[str, ...] | None = None  # None: the default order
    lang: Language | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    max_size: int | None = None  # bytes
    yes_large: bool = False
    as_text: bool = False
    main_content: bool = False
    field: str = "text"
    encoding: str | None = None
    sample: int | None = None  # inputs
    jobs: int | None = None  # processes; None: one for each core
    engine: Engine = "local"
    address: str | None = None  # of a Ray cluster
    max_failures: int | None = None
    log_json: bool = False
    quiet: bool = False
    verbose: bool = False
    color: Colour = "auto"
    format: OutputFormat = "text"
    decisions: str | None = None
    output: str | None = None
    in_place: bool = False
    dry_run: bool = False
    overwrite: bool = False
    to: str | None = None
    annotate: Annotation = "none"
    output_encoding: str | None = None
    unencodable: Fallback = "error"
    tags: TagStyle = "none"
    tag_template: str | None = None
    ledger: LedgerLevel = "full"
    trust_ledger: bool = False
    shard: tuple[int, int] | None = None  # I of N


def takes(*groups: tuple[Decorator, ...]) -> Decorator:
    """Add the options of `groups`; the command receives them, and its own ones that are fields, as `options`."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        def run(**given: Any) -> Any:
            from ..views import i18n

            configured = get_current_context().find_root().obj
            values = configured.options() if configured else {}
            values |= {field.name: given.pop(field.name) for field in fields(Options) if field.name in given}
            options = Options(**values)
            i18n.choose(options.lang)
            _CHOSEN.clear()
            _CHOSEN.append(options.color)
            return command(**given, options=options)

        decorated: Callable[..., Any] = functools.wraps(command)(run)
        for option in (option for group in reversed(groups) for option in reversed(group)):
            decorated = option(decorated)
        return decorated

    return decorate


def view_options(reports: tuple[Report, ...]) -> Decorator:
    """The options that choose one of several reports."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        for report in reversed([report for report in reports if report.help]):
            names = ([f"-{report.letter}"] if report.letter else []) + [f"--{report.name}"]
            function = click.option(*names, "view", flag_value=report.name, help=report.help)(function)
        return function

    return decorate


def choice(literal: object) -> click.Choice[str]:
    return click.Choice(get_args(literal))


def complete_rule(context: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    """Ids of rules and families for shells, of built-in packs, those named before and those of the configuration."""
    import contextlib
    import os

    from ..config import find_config
    from ..model.errors import CleanerError
    from ..rules.parsed import builtin_packs
    from ..rules.parser import load_packs

    packs = builtin_packs()
    with contextlib.suppress(CleanerError):  # a bad pack is no reason to complete nothing
        own = context.params.get("packs") or find_config(os.getcwd()).options().get("packs", ())
        packs += load_packs(map(Path, own))
    ids = [f"{pack.head.stage}/{pack.name}/{name}" for pack in packs for name in pack.rules]
    families = [part for rule in ids for part in (rule.split("/")[0], rule.rpartition("/")[0])]
    return sorted(name for name in {*ids, *families} if name.startswith(begun))


def _size(_context: click.Context, _parameter: click.Parameter, given: Any) -> int | None:
    """Bytes, also with a unit: 10M."""
    if given is None or isinstance(given, int):
        return given
    found = re.fullmatch(r"0*([1-9]\d{0,14})\s*(?:([KMGT])i?)?B?", str(given), re.IGNORECASE)
    if not found:
        raise click.BadParameter("it is a number of bytes, also with a unit: for example 10M")
    return int(found[1]) << 10 * " KMGT".index((found[2] or " ").upper())


def _names(_context: click.Context, _parameter: click.Parameter, given: Any) -> tuple[str, ...] | None:
    return tuple(name.strip() for name in given.split(",") if name.strip()) if isinstance(given, str) else given


TRUST = click.option("--trust-ledger", is_flag=True, help="Use a ledger that you did not sign: you know who wrote it.")
LANGUAGE = (
    click.option("--lang", type=choice(Language), help="Language of messages."),
    click.option(
        "--color", "--colour", type=choice(Colour), default="auto", show_default=True,
        help="Colours: auto is on a terminal without NO_COLOR.",
    ),
)  # fmt: skip
QUIET = (
    click.option("-q", "--quiet", is_flag=True, help="No summary and nothing about skipped files; problems only."),
)
RULES = (
    click.option("--rules", "packs", multiple=True, metavar="PACK", help="Add a rule file. Repeatable."),
    click.option("--no-builtin-rules", is_flag=True, help="Leave out the built-in boilerplate packs."),
    click.option(
        "--on", multiple=True, metavar="RULE", shell_complete=complete_rule,
        help="Switch on a rule or family that is off. Repeatable.",
    ),
    click.option(
        "--off", multiple=True, metavar="RULE", shell_complete=complete_rule,
        help="Switch off a rule or family. Repeatable.",
    ),
    click.option(
        "--profile", type=choice(Profile), default="safe", show_default=True, help="Which optional rules are on."
    ),
    click.option(
        "--level", type=choice(LevelName), default="normal", show_default=True,
        help="How much evidence it takes to remove a line that no rule decides alone.",
    ),
    click.option(
        "--stages", callback=_names, metavar="NAME,NAME",
        help="The stages of the run, in their order.  [default: all but those of packages]",
    ),
    *LANGUAGE,
)  # fmt: skip
MENU = "boilerplate/pieces/menu"  # with this rule on, a web page is cut to its main content
INPUTS = (
    click.option("--include", multiple=True, metavar="PATTERN", help="Only these files (as in .gitignore)."),
    click.option("--exclude", multiple=True, metavar="PATTERN", help="Not these files (as in .gitignore)."),
    click.option("--max-size", callback=_size, metavar="BYTES", help="Skip larger files; also 500K, 10M, 1G."),
    click.option("--yes-large", is_flag=True, help="Also clean files of which an unusual share would be removed."),
    click.option("--as-text", is_flag=True, help="Also clean HTML, JSON, tables and source code, as plain text."),
    click.option("--main-content", is_flag=True, help="Of web pages keep the main content only: no menus, no frame."),
    click.option(
        "--field",
        metavar="NAME",
        default="text",
        show_default=True,
        help="The field or column of JSON lines and Parquet that holds the text.",
    ),
    click.option("--encoding", metavar="NAME", help="Read every input in this encoding instead of detecting it."),
)
RUNNING = (
    click.option("-j", "--jobs", type=click.IntRange(1), metavar="N", help="Processes.  [default: one for each core]"),
    click.option(
        "--engine",
        type=choice(Engine),
        default="local",
        show_default=True,
        help="Where files are worked on: processes of this machine, or a Ray cluster.",
    ),
    click.option("--address", metavar="ADDRESS", help="With --engine ray: the cluster (auto, or HOST:PORT)."),
    click.option("--max-failures", type=click.IntRange(1), metavar="K", help="Stop after K failed inputs."),
    click.option("-v", "--verbose", is_flag=True, help="A line on stderr for each file: what was done."),
    click.option("--log-json", is_flag=True, help="Messages and progress as JSON lines on stderr."),
    *QUIET,
)
DECISIONS = (
    click.option("--decisions", metavar="FILE", help="Apply the decisions of a review or a report (JSON or TOML)."),
)
FORMAT = (
    click.option(
        "--format", type=choice(OutputFormat), default="text", show_default=True,
        help="Format of stdout; json is the summary.",
    ),
)  # fmt: skip


def load_rules(options: Options) -> RuleSet:
    """The rules that the options choose, after a notice for each pack that is used for the first time."""
    from ..matching.ruleset import load_ruleset
    from .notices import patience

    on = (*options.on, MENU) if options.main_content else options.on
    chosen = on, options.off, options.profile, options.level
    overrides = _overrides()
    with patience():
        rules = load_ruleset(options.packs, not options.no_builtin_rules, *chosen, overrides, options.stages)
    if names := [*options.on, *options.off, *(prefix for one in overrides for prefix in one.off)]:
        from .notices import name_successors

        name_successors(name for name in names if not any(rule.id.startswith(name) for rule in rules.all))
    if options.packs:
        from .notices import announce

        rules.check()  # a bad pack is never used
        announce([pack for pack in rules.packs if pack.path in {str(Path(path)) for path in options.packs}])
    return rules


def _overrides() -> list[Override]:
    """What the configuration says about single paths."""
    found = get_current_context().find_root().obj
    return found.overrides() if found is not None else []


def encodings_by_path() -> ByPath:
    """What the configuration says about the encodings of single paths, unless the command line names one for all."""
    from click.core import ParameterSource

    from ..config import Config
    from ..model.globs import ByPath

    context = get_current_context()
    found = context.find_object(Config)
    if found is None or context.get_parameter_source("encoding") is ParameterSource.COMMANDLINE:
        return ByPath()
    return found.encodings()


def line_range(place: str) -> tuple[str, int, int] | None:
    """Path, first and last line (from 1) of FILE:LINE, FILE:LINE-LINE or FILE#PIECE; None for anything else."""
    from ..model.inputs import split_address

    path, piece = split_address(place)
    if piece is not None:
        return path, piece, piece
    found = re.fullmatch(r"(?s)(.+):(\d+)(?:-(\d+))?", place)
    if not found or not int(found[2]):
        return None
    return found[1], int(found[2]), int(found[3] or found[2])


def console(stderr: bool = False) -> Console:
    import os
    import sys
    from shutil import get_terminal_size

    from rich.console import Console

    file = sys.stderr if stderr else sys.stdout
    chosen = _CHOSEN[0] if _CHOSEN else "auto"
    colours: dict[str, Any] = {}
    if chosen == "always":
        deep = os.environ.get("COLORTERM", "").lower() in ("truecolor", "24bit")
        colours = {"color_system": "truecolor" if deep else "256", "no_color": False}
    elif chosen == "never":
        colours = {"no_color": True}
    width = None
    if not file.isatty() or os.environ.get("TERM") == "dumb":  # rich takes every dumb terminal for 80 columns
        width = get_terminal_size((100, 24)).columns
    return Console(stderr=stderr, highlight=False, markup=False, emoji=False, width=width, **colours)
