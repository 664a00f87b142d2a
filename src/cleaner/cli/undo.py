"""undo: what a run or a command did, taken back."""

from __future__ import annotations

import glob
import os
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import rich_click as click

if TYPE_CHECKING:
    from ..ledger.store import Ledger, RunRow, StoredFile


@click.command()
@click.argument("names", nargs=-1, metavar="[RUN]")
@click.option("--list", "lists", is_flag=True, help="Show the runs, and how many files of each can be taken back.")
@click.option("--in", "folders", multiple=True, metavar="FOLDER", help="Where the run wrote. Repeatable with --list.")
@click.option("--file", "files", multiple=True, metavar="NAME", help="Only this file of the run. Repeatable.")
@click.option("--rule", metavar="RULE", help="Take back only what this rule or family did.")
@click.option("--tags", is_flag=True, help="Take the placeholder tags of FILE... out again, in place.")
@click.option("--tag-template", metavar="TEXT", help="What the tags look like, if not as by default.")
@click.option("--encoding", metavar="NAME", help="Read FILE in this encoding instead of finding it out.")
@click.option("--lang", type=click.Choice(["zh", "en"]), help="Language of messages.")
def undo(
    names: tuple[str, ...], lists: bool, folders: tuple[str, ...], files: tuple[str, ...], rule: str | None, tags: bool,
    tag_template: str | None, encoding: str | None, lang: str | None,
) -> int:  # fmt: skip
    """Takes back the last run, or RUN: removes its outputs, or restores files cleaned in place byte for byte.

    With --rule its files are written anew without what that rule did; the rest stays as it is.
    `cleaner undo --tags FILE` only takes out what `--tags inline` wrote; `cleaner undo --tags -` filters stdin.
    """
    from ..views import i18n

    i18n.choose(lang)
    if tags:
        if not names:
            raise click.UsageError("say which files: cleaner undo --tags FILE...")
        return undo_tags(names, tag_template, encoding)
    if len(names) > 1 or (names and not names[0].isdecimal()):
        raise click.UsageError("RUN is the number of one run: see cleaner undo --list")
    found = ledgers(folders)
    return _list(found) if lists else _undo(found, int(names[0]) if names else None, files, rule)


def ledgers(folders: Sequence[str]) -> list[str]:
    """The ledgers in the folders, or here and one folder below. Raises UsageProblem where there is none."""
    from ..ledger.store import ENDING, FOLDER
    from ..model.errors import UsageProblem

    places = folders or (".", *(glob.escape(entry.name) for entry in os.scandir(".") if entry.is_dir()))
    found = [
        os.path.normpath(path)
        for place in places
        for path in sorted(glob.glob(os.path.join(place if not folders else glob.escape(place), FOLDER, "*" + ENDING)))
    ]
    if not found:
        raise UsageProblem("there is no ledger here", hint="say where the run wrote: cleaner undo --in FOLDER")
    return found


def _list(paths: Sequence[str]) -> int:
    from ..ledger.store import Ledger
    from ..views.console import say
    from ..views.display import padded, plain
    from ..views.display import path as shown
    from ..views.i18n import t
    from .options import console

    out = console()
    for path in paths:
        ledger = Ledger(path, writes=False)
        say(out, shown(path), 2)
        for run in ledger.runs():
            when = time.strftime("%Y-%m-%d %H:%M", time.localtime(run.began))
            where = t("in place") if run.in_place else t("copies")
            said = " ".join(plain(source) for source in run.sources)
            files = f"{run.files:7,} {padded(t('file' if run.files == 1 else 'files'), 5)}"
            say(out, f"{run.id:4}  {when}  {padded(t(run.state), 11)}  {files}  {padded(where, 8)}  {said}", 6)
        ledger.close()
    return 0


def _undo(paths: Sequence[str], number: int | None, names: Sequence[str], rule: str | None) -> int:
    from ..ledger.store import Ledger
    from ..model.errors import UsageProblem

    if len(paths) > 1:
        raise UsageProblem(f"there are {len(paths)} ledgers", hint="say which: cleaner undo --in FOLDER")
    ledger = Ledger(paths[0])
    try:
        runs = [run for run in ledger.runs() if run.files and run.state != "undone"]
        chosen = [run for run in runs if number in (None, run.id)]
        if not chosen:
            what = f"there is no run {number} to take back" if number else "there is nothing to take back"
            raise UsageProblem(what, paths[0], "see cleaner undo --list")
        return _take_back(ledger, os.path.dirname(os.path.dirname(paths[0])), chosen[-1], names, rule)
    finally:
        ledger.close()


def _take_back(ledger: Ledger, folder: str, run: RunRow, names: Sequence[str], rule: str | None) -> int:
    from collections import Counter

    from ..ledger.undo import undo_rule, undo_run
    from ..model.errors import InputProblem, UsageProblem
    from ..views.i18n import t
    from ..views.summary import print_problem
    from .notices import name_successors
    from .options import console

    wanted = {os.path.normpath(name) for name in names}
    seen: set[str] = set()

    def chosen(file: StoredFile) -> bool:
        hit = wanted & file.names(folder)
        seen.update(hit)
        return not wanted or bool(hit)

    if rule:
        name_successors([rule])
    counts: Counter[str] = Counter()
    errors = console(stderr=True)
    for done in undo_rule(ledger, folder, run, rule, chosen) if rule else undo_run(ledger, folder, run, chosen):
        counts["refused" if done.why else done.what] += 1
        if done.why is not None:
            print_problem(errors, done.path, done.why)
    for name in sorted(wanted - seen):
        counts["refused"] += 1
        print_problem(errors, name, InputProblem(f"run {run.id} did nothing to it"))
    if rule and not counts:
        raise UsageProblem(
            f"run {run.id} has nothing that {rule} did", hint="cleaner rules list shows the names of rules"
        )
    if not counts["refused"] and not wanted and not rule:
        ledger.end(run.id, "undone")
    became = ", ".join(f"{number:,} {t(what)}" for what, number in sorted(counts.items()))
    print(f"{t('run')} {run.id}: {became or t('nothing to do')}")
    return 3 if counts["refused"] else 0


def undo_tags(names: tuple[str, ...], written: str | None, encoding: str | None) -> int:
    """Files as they were before they were tagged. Returns the exit code: 3 where one of them could not be undone."""
    import io

    from ..io.markup import DEFAULT, Template
    from ..io.markup_strip import untag_file, untag_stream
    from ..model.errors import CleanerError, InputProblem
    from ..stages.decode import read_as
    from ..views.summary import print_problem
    from .options import console

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
