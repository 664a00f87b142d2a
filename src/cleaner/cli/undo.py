"""undo: what a run or --tags wrote, undone."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING

import rich_click as click

from .options import LANGUAGE, TRUST, Options, console, takes

if TYPE_CHECKING:
    from ..io.folder import Folder
    from ..ledger.rows import RunRow
    from ..ledger.store import Ledger


@click.command()
@click.argument("names", nargs=-1, metavar="[RUN]")
@click.option("--list", "lists", is_flag=True, help="Show the runs, and how many files of each can be undone.")
@click.option("--in", "folders", multiple=True, metavar="FOLDER", help="Where the run wrote. Repeatable with --list.")
@click.option("--file", "files", multiple=True, metavar="NAME", help="Only this file of the run. Repeatable.")
@click.option("--rule", metavar="RULE", help="Undo only what this rule or family did.")
@click.option("-n", "--dry-run", is_flag=True, help="Show what would be undone, file by file; change nothing.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask where no FOLDER was named.")
@TRUST
@click.option("--tags", "untags", is_flag=True, help="Remove the placeholder tags of FILE... again, in place.")
@click.option("--tag-template", metavar="TEXT", help="How the tags are written, if not as by default.")
@click.option("--encoding", metavar="NAME", help="Read FILE in this encoding instead of detecting it.")
@takes(LANGUAGE)
def undo(
    names: tuple[str, ...], lists: bool, folders: tuple[str, ...], files: tuple[str, ...], rule: str | None,
    yes: bool, untags: bool, options: Options,
) -> int:  # fmt: skip
    """Undo the last run, or RUN: remove its outputs, or restore files cleaned in place byte for byte.

    Without --in it takes the only ledger here or one folder below, names it and asks first.

    With --rule its files are written anew without what that rule did; all else is left as it is.
    `cleaner undo --tags FILE` only removes what `--tags inline` wrote; `cleaner undo --tags -` filters stdin.
    """
    from ..io.folder import Folder
    from ..ledger.lookup import find_ledgers
    from ..ledger.store import Ledger
    from ..ledger.undo import pick_run
    from ..model.errors import UsageProblem
    from .notices import name_successors

    if untags:
        if not names:
            raise click.UsageError("say which files: cleaner undo --tags FILE...")
        return _untag(names, options.tag_template, options.encoding)
    if len(names) > 1 or (names and not names[0].isdecimal()):
        raise click.UsageError("RUN is the number of one run (see cleaner undo --list), --in names its folder")
    found = find_ledgers(folders)
    if lists:
        return _list(found, options.trust_ledger)
    if len(found) > 1:
        raise UsageProblem(f"there are {len(found)} ledgers", hint="say which: cleaner undo --in FOLDER")
    if rule:
        name_successors([rule])
    place, name = found[0]
    with Folder(place) as folder, closing(Ledger(folder, name, not options.dry_run, options.trust_ledger)) as ledger:
        run = pick_run(ledger, int(names[0]) if names else None)
        if options.dry_run:
            return _plan(ledger, folder, run, files, rule)
        if not (folders or yes):
            _ask(ledger, run)
        return _undo(ledger, folder, run, files, rule)


def _list(places: Sequence[tuple[str, str]], trusted: bool) -> int:
    """Show all runs; 2 where a ledger is refused."""
    from ..io.folder import Folder
    from ..ledger.store import Ledger
    from ..model.errors import UsageProblem
    from ..views.summary import print_problem

    code = 0
    for place, name in places:
        try:
            with Folder(place) as folder, closing(Ledger(folder, name, False, trusted)) as ledger:
                _list_runs(ledger)
        except UsageProblem as why:
            print_problem(console(stderr=True), "", why)
            code = 2
    return code


def _list_runs(ledger: Ledger) -> None:
    from ..views.console import say
    from ..views.display import padded, plain
    from ..views.display import path as shown
    from ..views.i18n import t

    out = console()
    runs = ledger.runs()
    say(out, shown(ledger.path), 2)
    for run in runs:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(run.began))
        where = t("in place") if run.in_place else t("copies")
        sources = " ".join(plain(source) for source in run.sources)
        files = f"{run.files:7,} {padded(t('file' if run.files == 1 else 'files'), 5)}"
        say(out, f"{run.id:4}  {when}  {padded(t(run.state), 11)}  {files}  {padded(where, 8)}  {sources}", 6)


def _ask(ledger: Ledger, run: RunRow) -> None:
    """Name what would be undone, and go on only where the user agrees."""
    from ..views.display import path as shown
    from ..views.i18n import t

    became = t("restored" if run.in_place else "removed")
    print(f"{shown(ledger.path)}: {t('run')} {run.id}, {run.files:,} {t('files')}: {became}", file=sys.stderr)
    click.confirm(t("undo this run?"), abort=True, err=True)


def _plan(ledger: Ledger, folder: Folder, run: RunRow, names: Sequence[str], rule: str | None) -> int:
    from ..ledger.undo import planned
    from ..views.display import path as shown
    from ..views.i18n import t

    found = list(planned(ledger, folder, run, names, rule))
    for result in found:
        print(f"{t(result.what)}  {shown(result.path)}")
    print(f"{t('run')} {run.id}: {len(found):,} {t('files')}; {t('nothing was done (--dry-run)')}")
    return 0


def _undo(ledger: Ledger, folder: Folder, run: RunRow, names: Sequence[str], rule: str | None) -> int:
    from ..ledger import undo
    from ..views.i18n import t
    from ..views.summary import print_problem

    counts: Counter[str] = Counter()
    for result in undo.undo(ledger, folder, run, names, rule):
        counts["refused" if result.why else result.what] += 1
        if result.why is not None:
            print_problem(console(stderr=True), result.path, result.why)
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
