"""The command line. Commands import what they need when they run, so that `--help` and completion stay fast."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable
from typing import Any

import rich_click as click
from click.exceptions import Abort

from .. import __version__
from .clean import clean
from .commands import check, explain
from .config import completion, config, configured
from .diff import diff
from .keep import keep
from .review import review
from .rules import rules
from .undo import undo


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="cleaner")
@click.option("--config", "file", metavar="FILE", help="This configuration instead of the one found from here upwards.")
@click.option("--no-config", is_flag=True, help="No configuration at all.")
@click.pass_context
def cleaner(context: click.RichContext, file: str | None, no_config: bool) -> None:
    """Cleans dirty text: ads, watermarks, mojibake, hidden marks, blanks; finds redactions.

    `cleaner diff DIR` shows the change, `cleaner clean DIR -o OUT` writes clean copies, `--rules PACK` adds rules.

    Exit codes: 0 fine, 1 changes found (check, diff), 2 wrong use or a bad pack, 3 some input failed, 130 interrupted.
    """
    configured(context, file, no_config)


for command in (check, diff, clean, review, explain, undo, rules, config, completion):
    cleaner.add_command(command)


rules.add_command(keep)


def main() -> None:
    """Runs the command and ends the process; no traceback for anything a user can mend."""
    sys.exit(guarded(lambda: cleaner.main(standalone_mode=False)))


def guarded(run: Callable[[], Any]) -> int:
    """The exit code of a command; what went wrong is told on stderr."""
    from ..errors import CleanerError, UsageProblem

    try:
        code = run()
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.ClickException as error:
        error.show()
        return 2
    except (Abort, KeyboardInterrupt):
        print("interrupted", file=sys.stderr)
        return 130
    except CleanerError as error:
        from ..reports.shown import problem

        print("\n".join(problem(error)), file=sys.stderr)
        return 2 if isinstance(error, UsageProblem) else 3
    except BrokenPipeError:
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
