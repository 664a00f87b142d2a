"""undo: what a run or --tags wrote, undone."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Sequence

import rich_click as click

from .options import LANGUAGE, Options, console, takes


@click.command()
@click.argument("names", nargs=-1, metavar="[RUN]")
@click.option("--list", "lists", is_flag=True, help="Show the runs, and how many files of each can be undone.")
@click.option("--in", "folders", multiple=True, metavar="FOLDER", help="Where the run wrote. Repeatable with --list.")
@click.option("--file", "files", multiple=True, metavar="NAME", help="Only this file of the run. Repeatable.")
@click.option("--rule", metavar="RULE", help="Undo only what this rule or family did.")
@click.option("--tags", "untags", is_flag=True, help="Remove the placeholder tags of FILE... again, in place.")
@click.option("--tag-template", metavar="TEXT", help="How the tags are written, if not as by default.")
@click.option("--encoding", metavar="NAME", help="Read FILE in this encoding instead of detecting it.")
@takes(LANGUAGE)
def undo(
    names: tuple[str, ...], lists: bool, folders: tuple[str, ...], files: tuple[str, ...], rule: str | None,
    untags: bool, options: Options,
) -> int:  # fmt: skip
    """Undo the last run, or RUN: remove its outputs, or restore files cleaned in place byte for byte.

    With --rule its files are written anew without what that rule did; all else is left as it is.
    `cleaner undo --tags FILE` only removes what `--tags inline` wrote; `cleaner undo --tags -` filters stdin.
    """
    from ..ledger.lookup import find_ledgers

    if untags:
        if not names:
            raise click.UsageError("say which files: cleaner undo --tags FILE...")
        return _untag(names, options.tag_template, options.encoding)
    if len(names) > 1 or (names and not names[0].isdecimal()):
        raise click.UsageError("RUN is the number of one run: see cleaner undo --list")
    found = find_ledgers(folders)
    return _list(found) if lists else _undo(found, int(names[0]) if names else None, files, rule)


def _list(paths: Sequence[str]) -> int:
    from ..ledger.store import Ledger
    from ..views.console import say
    from ..views.display import padded, plain
    from ..views.display import path as shown
    from ..views.i18n import t

    out = console()
    for path in paths:
        ledger = Ledger(path, writes=False)
        say(out, shown(path), 2)
        for run in ledger.runs():
            when = time.strftime("%Y-%m-%d %H:%M", time.localtime(run.began))
            where = t("in place") if run.in_place else t("copies")
            sources = " ".join(plain(source) for source in run.sources)
            files = f"{run.files:7,} {padded(t('file' if run.files == 1 else 'files'), 5)}"
            say(out, f"{run.id:4}  {when}  {padded(t(run.state), 11)}  {files}  {padded(where, 8)}  {sources}", 6)
        ledger.close()
    return 0


def _undo(paths: Sequence[str], number: int | None, names: Sequence[str], rule: str | None) -> int:
    from ..ledger import undo
    from ..ledger.store import Ledger
    from ..model.errors import UsageProblem
    from ..views.i18n import t
    from ..views.summary import print_problem
    from .notices import name_successors

    if len(paths) > 1:
        raise UsageProblem(f"there are {len(paths)} ledgers", hint="say which: cleaner undo --in FOLDER")
    if rule:
        name_successors([rule])
    ledger = Ledger(paths[0])
    counts: Counter[str] = Counter()
    try:
        run = undo.pick_run(ledger, number)
        for result in undo.undo(ledger, os.path.dirname(os.path.dirname(paths[0])), run, names, rule):
            counts["refused" if result.why else result.what] += 1
            if result.why is not None:
                print_problem(console(stderr=True), result.path, result.why)
    finally:
        ledger.close()
    became = ", ".join(f"{count:,} {t(what)}" for what, count in sorted(counts.items()))
    print(f"{t('run')} {run.id}: {became or t('nothing to do')}")
    return 3 if counts["refused"] else 0


def _untag(names: tuple[str, ...], written: str | None, encoding: str | None) -> int:
    """Write files as they were before they were tagged. Returns the exit code: 3 where that was not possible."""
    import io

    from ..io.markup import DEFAULT, Template
    from ..io.markup_strip import untag_file, untag_stream
    from ..model.errors import CleanerError, InputProblem
    from ..stages.decode import read_as
    from ..views.summary import print_problem

    template = Template(DEFAULT if written is None else written)
    hint = read_as(encoding) if encoding else None
    code = 0
    for name in names:
        try:
            if name == "-":
                untag_stream(io.BytesIO(sys.stdin.buffer.read()), sys.stdout.buffer, hint, template, None)
            else:
                untag_file(name, hint, template)
        except (CleanerError, OSError) as error:
            why = error if isinstance(error, CleanerError) else InputProblem(error.strerror or str(error))
            print_problem(console(stderr=True), name, why)
            code = 3
    return code
