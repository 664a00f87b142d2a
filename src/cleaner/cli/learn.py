"""rules learn, rules update: stamps that return across the files of a folder become rules, with a person's yes."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from .options import INPUTS, LANGUAGE, Options, console, takes
from .session import count_inputs, inputs, make_watch, print_problems, run

if TYPE_CHECKING:
    from ..authoring.learn import Learned, Proposal
    from ..model.report import Totals

MIN_FILES = (
    click.option(
        "--min-files", type=click.IntRange(2), default=3, show_default=True, metavar="N",
        help="In how many files a mark has to stand; copies of one work count once.",
    ),
)  # fmt: skip


@click.command("learn")
@click.argument("paths", nargs=-1, required=True, metavar="DIR...")
@click.option("-o", "--output", metavar="PACK.toml", help="The pack to write, or to add to; else they are only shown.")
@click.option("--review", is_flag=True, help="Decide about each proposal on the review screen before it is written.")
@click.option("--add", is_flag=True, help="Also name the pack in cleaner.toml, so that every run uses it.")
@takes(MIN_FILES, INPUTS, LANGUAGE)
def learn(paths: tuple[str, ...], review: bool, add: bool, min_files: int, options: Options) -> int:
    """Propose rules for what returns across the files below DIR. No text is changed.

    Each comes with what speaks for and against it, three real places, and its harm on clean text and in this folder.
    Weak ones are written switched off. Cleaning with the pack is your yes.
    """
    from ..authoring.learn.packs import write
    from ..authoring.new_rule import pack_path
    from ..model.errors import UsageProblem
    from ..views.learn import print_added, print_learned, print_pack_written, why

    if (review or add) and not options.output:
        raise UsageProblem("there is no pack to write", hint="give -o my-site.toml")
    path = pack_path(options.output, "a-z, 0-9, - and _, as in my-site") if options.output else None
    learned, totals = _learned(paths, options, min_files, path)
    print_learned(console(), learned)
    chosen: Sequence[Proposal] = learned.proposals
    if path and review:
        chosen = _reviewed(chosen, path, options)
    if path and chosen:
        write(
            path,
            chosen,
            f"learnt from {len(paths)} folders" if len(paths) > 1 else f"learnt from {Path(paths[0]).name}",
            why,
        )
        print_pack_written(console(stderr=True), str(path), len(chosen))
        if add:
            from ..config import add_pack

            print_added(console(stderr=True), add_pack(path))
    print_problems(totals)
    return 3 if totals.problems else 0


@click.command("update")
@click.argument("pack", metavar="PACK.toml")
@click.argument("paths", nargs=-1, required=True, metavar="DIR...")
@click.option("--write", "writes", is_flag=True, help="Add what is new to PACK.")
@takes(MIN_FILES, INPUTS, LANGUAGE)
def update(pack: str, paths: tuple[str, ...], writes: bool, min_files: int, options: Options) -> int:
    """Learn from DIR again: show only what PACK does not find yet, and name its rules that match nothing there."""
    from ..authoring.learn.packs import new_since, write
    from ..authoring.lint import unused
    from ..matching.ruleset import RuleSet
    from ..rules.parser import load_pack
    from ..views.learn import print_learned, print_pack_written, print_stale, why

    path = Path(pack)
    there = load_pack(path)
    learned, totals = _learned(paths, options, min_files, None)
    fresh = new_since(there, learned)
    print_learned(console(), fresh)
    own = RuleSet([there])
    hits = run(own, paths, options, None).edits_by_rule
    print_stale(console(), [one.rule for one in unused(own, hits, "")])
    if writes and fresh.proposals:
        write(path, fresh.proposals, "", why)
        print_pack_written(console(stderr=True), pack, len(fresh.proposals))
    print_problems(totals)
    return 3 if totals.problems else 0


def _learned(paths: tuple[str, ...], options: Options, min_files: int, output: Path | None) -> tuple[Learned, Totals]:
    """Two passes over the inputs; what the first one counted is kept next to the pack until it is done."""
    from ..authoring.learn.reading import Reading
    from ..stages.decode import read_as
    from .options import encodings_by_path

    watch = make_watch(log_json=False)
    found, _ = count_inputs(inputs(paths, options), watch)
    hint = read_as(options.encoding) if options.encoding else None
    reading = Reading(list(found), hint, encodings_by_path(), options.as_text, watch)
    learned = reading.learn(min_files, output.with_suffix(".learning") if output else None)
    watch.end(reading.totals)
    return learned, reading.totals


def _reviewed(proposals: Sequence[Proposal], path: Path, options: Options) -> Sequence[Proposal]:
    """The proposals that were not rejected on the screen, where their real places are shown."""
    from ..authoring.learn.packs import as_pack
    from ..authoring.new_rule import read_lines
    from ..matching.ruleset import RuleSet
    from ..model.errors import UsageProblem
    from ..views.learn import why
    from ..views.review_session import Review

    try:
        from ..views.tui import ReviewScreen
    except ImportError:
        raise UsageProblem("the review screen needs textual", hint="pip install 'unstamp[review]'") from None
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageProblem("the review screen needs a terminal", hint="without --review all proposals are written")
    pack = as_pack(path, proposals, why)
    rules = RuleSet([pack], on=[f"boilerplate/{path.stem}"])
    seen = Review(rules)
    run(rules, sorted({sample.file for one in proposals for sample in one.samples}), options, seen, quiet=True)

    def no_rule(text: str, line: str) -> str:
        raise UsageProblem("the pack is not written yet", hint="cleaner rules new makes a rule of a passage")

    ReviewScreen(seen, lambda: None, no_rule, read_lines).run()
    return [one for one in proposals if not seen.refused(f"boilerplate/{path.stem}/{one.name}")]
