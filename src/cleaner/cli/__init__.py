"""The command line. Commands import what they need when they run, so that `--help` and completion stay fast."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import sys
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, get_args

import rich_click as click
from click.exceptions import Abort

from .. import __version__
from ..model.choices import Language
from .config import configure

if TYPE_CHECKING:
    from ..model.errors import CleanerError


COMMANDS = {
    "check": "check", "diff": "diff", "clean": "clean", "review": "review", "explain": "check", "undo": "undo",
    "rules": "rules", "config": "config", "completion": "config",
}  # fmt: skip


class Commands(dict[str, click.Command]):
    """The commands by their names, each imported from its module when it is asked for."""

    def __getitem__(self, name: str) -> click.Command:
        command: click.Command = getattr(import_module(f".{COMMANDS[name]}", __name__), name)
        return command

    def get(self, name: str, default: Any = None) -> Any:
        return self[name] if name in COMMANDS else default

    def values(self) -> Any:
        return [self[name] for name in self]

    def items(self) -> Any:
        return [(name, self[name]) for name in self]


HELP = {"show_metavars_column": False, "append_metavars_help": True}  # long choices would squeeze the texts


@click.group(
    commands=Commands(COMMANDS),  # type: ignore[arg-type]
    context_settings={"help_option_names": ["-h", "--help"], "rich_help_config": HELP},
)
@click.version_option(__version__, "-V", "--version", prog_name="cleaner")
@click.option("--config", "file", metavar="FILE", help="Use this configuration, not the one found from here upwards.")
@click.option("--no-config", is_flag=True, help="Use no configuration.")
@click.pass_context
def cleaner(context: click.RichContext, file: str | None, no_config: bool) -> None:
    """Clean dirty text: ads, watermarks, mojibake, invisible characters, whitespace; find placeholders.

    `cleaner diff DIR` shows the change, `cleaner clean DIR -o OUT` writes clean copies, `--rules PACK` adds rules.

    Exit codes: 0 fine, 1 changes found (check, diff), 2 wrong use or a bad pack, 3 some input failed, 130 interrupted.
    """
    configure(context, file, no_config)


def main() -> None:
    """Run the command and end the process; no traceback for anything a user can correct. SIGTERM is as Ctrl-C."""
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - as long as the process
    sys.exit(guarded(_command))


def _command() -> object:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # threads for matrices cost each start 50 ms
    from ..views import i18n

    i18n.choose(_language(sys.argv[1:]))
    if i18n.chosen() == "zh":
        from .translate import translate

        translate(cleaner)
    return cleaner.main(standalone_mode=False)


def _language(words: list[str]) -> str | None:
    """The value of --lang, before click reads it: help and wrong use have a language too."""
    values = [after for word, after in itertools.pairwise(words) if word == "--lang"]
    values += [word.removeprefix("--lang=") for word in words if word.startswith("--lang=")]
    return next((word for word in values if word in get_args(Language)), None)


def guarded(run: Callable[[], Any]) -> int:
    """Return the exit code of a command; print what went wrong to stderr.

    1 where the reader of stdout left, as in click: 0 would say that nothing changes, and nobody saw that.
    """
    from ..model.errors import CleanerError, InputProblem, UsageProblem
    from ..views.i18n import t

    try:
        if sys.stdout is None:  # `>&-`
            raise UsageProblem("stdout is closed", hint="add > /dev/null where nobody reads it")
        code = run()
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.UsageError as error:
        _print(UsageProblem(error.format_message(), hint=f"see {error.ctx.command_path} --help" if error.ctx else ""))
        return 2
    except (Abort, KeyboardInterrupt):
        print(t("interrupted"), file=sys.stderr)
        return 130
    except CleanerError as error:
        _print(error)
        return 2 if isinstance(error, UsageProblem) else 3
    except BrokenPipeError:
        _drop_stdout()
        return 1
    except OSError as error:  # what reads or writes files says which one failed: this is stdout
        _drop_stdout()
        _print(InputProblem(f"can't write to stdout: {error.strerror}", hint="what was written there is not complete"))
        return 3


def _drop_stdout() -> None:
    """Drop what is left in the buffers: the interpreter would end with a traceback over it."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _print(error: CleanerError) -> None:
    from ..views.summary import print_problem
    from .options import console

    print_problem(console(stderr=True), "", error)
