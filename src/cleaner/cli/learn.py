"""rules learn, rules update: stamps that return across the files of a folder become rules, with a person's yes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import rich_click as click

from .options import INPUTS, LANGUAGE, Options, console, takes
from .session import count_inputs, inputs, make_watch, page_file, print_problems, run

if TYPE_CHECKING:
    from ..authoring.learn import Learned, Proposal
    from ..jobs.decisions import ReviewDecision, ReviewDecisions
    from ..matching.ruleset import RuleSet
    from ..model.report import Totals
    from ..views.review_session import Review
    from ..views.view import View

    Shown = TypeVar("Shown", bound=View)
    Judge = Callable[[Sequence[Proposal]], tuple[Sequence[Proposal], list[ReviewDecision]]]

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
@click.option("--html", metavar="FILE", help="Write a report as one page, to review in a browser.")
@click.option("--decisions", metavar="FILE", help="Apply the decisions of a review or a report (JSON or TOML).")
@click.option("--add", is_flag=True, help="Also name the pack in cleaner.toml, so that every run uses it.")
@takes(MIN_FILES, INPUTS, LANGUAGE)
def learn(paths: tuple[str, ...], review: bool, html: str | None, add: bool, min_files: int, options: Options) -> int:
    """Propose rules for what returns across the files below DIR. No text is changed.

    Each comes with what speaks for and against it, three real places, and its harm on clean text and in this folder.
    Weak ones are written switched off. Cleaning with the pack is your yes.
    """
    from ..authoring.new_rule import pack_path
    from ..model.errors import UsageProblem

    if (review or html or add or options.decisions) and not options.output:
        raise UsageProblem("there is no pack to write", hint="give -o my-site.toml")
    path = pack_path(options.output, "a-z, 0-9, - and _, as in my-site") if options.output else None
    judge = _judge(path, review, html, options) if path else None
    return _carried_out(paths, path, path, min_files, options, judge, add)


@click.command("update")
@click.argument("pack", metavar="PACK.toml")
@click.argument("paths", nargs=-1, required=True, metavar="DIR...")
@click.option("--write", "writes", is_flag=True, help="Add what is new to PACK.")
@takes(MIN_FILES, INPUTS, LANGUAGE)
def update(pack: str, paths: tuple[str, ...], writes: bool, min_files: int, options: Options) -> int:
    """Learn from DIR again: show only what PACK does not find yet, and name its rules that match nothing there."""
    from ..authoring.lint import unused
    from ..matching.ruleset import RuleSet
    from ..rules.parser import load_pack
    from ..views.learn import print_stale

    own = RuleSet([load_pack(Path(pack))])
    code = _carried_out(paths, Path(pack), Path(pack) if writes else None, min_files, options)
    hits = run(own, paths, options, None, quiet=True).edits_by_rule
    print_stale(console(), [one.rule for one in unused(own, hits, "")])
    return code


def _carried_out(
    paths: tuple[str, ...], there: Path | None, path: Path | None, min_files: int, options: Options,
    judge: Judge | None = None, add: bool = False,
) -> int:  # fmt: skip
    """Learn, show what the pack `there` does not find, and write to `path` what `judge` leaves of it."""
    from ..authoring.learn.packs import new_since, write
    from ..config import add_pack
    from ..rules.parser import load_pack
    from ..views.learn import print_added, print_learned, print_pack_written, why

    pack = load_pack(there) if there and there.exists() else None  # a bad one is refused before the folder is read
    learned, totals = _learned(paths, options, min_files, path)
    if pack:
        learned = new_since(pack, learned)
    chosen: Sequence[Proposal] = learned.proposals
    exceptions: list[ReviewDecision] = []
    if judge and chosen:
        chosen, exceptions = judge(chosen)
    if path and chosen:  # before it is printed: `| head` ends a run
        write(path, chosen, f"learnt from {', '.join(Path(one).name for one in paths)}", why)
    added = add_pack(path) if path and add and path.exists() else ""
    print_learned(console(), learned)
    if path and chosen:
        print_pack_written(console(stderr=True), str(path), len(chosen))
        _protect(path, exceptions)
    if added:
        print_added(console(stderr=True), added)
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
    reading = Reading(found, hint, encodings_by_path(), options.as_text, watch)
    learned = reading.learn(min_files, output.with_suffix(".learning") if output else None)
    watch.end(reading.totals)
    return learned, reading.totals


def _judge(path: Path, review: bool, html: str | None, options: Options) -> Judge | None:
    """What lets a person choose from the proposals: the page, the screen, a file of decisions. None: all are taken.

    Raises UsageProblem for what could not work, before the folder is read.
    """
    from ..jobs.decisions import load_decisions
    from ..model.errors import UsageProblem

    if html:
        return lambda proposals: (_write_page(html, proposals, path, options), [])
    if not (review or options.decisions):
        return None
    if review:
        try:
            from ..views.tui import ReviewScreen  # noqa: F401 - whether it is installed
        except ImportError:
            raise UsageProblem("the review screen needs textual", hint="pip install 'unstamp[review]'") from None
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise UsageProblem("the review screen needs a terminal", hint="--html FILE works without")
    file = options.decisions or str(path.with_suffix(".decisions.json"))
    earlier = load_decisions(file) if not review or Path(file).exists() else None
    return lambda proposals: _decided(proposals, path, earlier, file if review else None, options)


def _show(proposals: Sequence[Proposal], path: Path, options: Options, view: Callable[[RuleSet], Shown]) -> Shown:
    """A view of the files in which the real places of the proposals lie, with their rules on."""
    from ..authoring.learn.packs import rules_of
    from ..views.learn import why

    rules = rules_of(path, proposals, why)
    shown = view(rules)
    places = sorted({sample.file for one in proposals for sample in one.samples})
    shown.finish(run(rules, places, options, shown, quiet=True, explains=True))
    return shown


def _write_page(html: str, proposals: Sequence[Proposal], path: Path, options: Options) -> tuple[()]:
    """Nothing is chosen before it was judged there."""
    from ..views.html import HtmlReport
    from ..views.learn import print_page_written

    with page_file(html) as out:
        _show(proposals, path, options, lambda rules: HtmlReport(out, rules, path.stem))
    print_page_written(console(stderr=True))
    return ()


def _decided(
    proposals: Sequence[Proposal], path: Path, earlier: ReviewDecisions | None, file: str | None, options: Options
) -> tuple[list[Proposal], list[ReviewDecision]]:
    """What was accepted, in the decisions and, with `file`, on the screen; and the exceptions. A weak one is then on.

    Nothing where the user leaves the screen and does not write.
    """
    from ..authoring.learn.packs import switched_on
    from ..views.review_session import Review

    seen = _show(proposals, path, options, lambda rules: Review(rules, earlier))
    seen.resume()
    if file and not _on_screen(seen, path, file):
        return [], []
    rules = {f"boilerplate/{path.stem}/{one.name}": one for one in proposals}
    said = {rule: seen.rule_verdict(rule) for rule in rules}
    exceptions = [one for one in seen.decisions().decisions if one.verdict == "exception" and one.rule in rules]
    for one in exceptions:
        if one.line.strip() == rules[one.rule].keys["hit"][0]["text"].strip():  # there is nothing else it could find
            said[one.rule] = "reject"
    chosen = [rule for rule in rules if (said[rule] or seen.undecided_are) == "accept"]
    exceptions = [one for one in exceptions if one.rule in chosen]
    return [switched_on(rules[rule]) if said[rule] else rules[rule] for rule in chosen], exceptions


def _on_screen(seen: Review, path: Path, file: str) -> bool:
    """Let the user decide; whether he chose to write. A rule that he makes of a line is added to the pack at once."""
    from ..authoring.new_rule import read_lines
    from ..jobs.decisions import save_decisions
    from ..rules.exceptions import add_rule
    from ..views.tui import ReviewScreen

    def made(text: str, line: str) -> str:
        return f"{add_rule(path, text, line)}: {path}"

    return bool(ReviewScreen(seen, lambda: save_decisions(file, seen.decisions()), made, read_lines).run())


def _protect(path: Path, exceptions: Sequence[ReviewDecision]) -> None:
    """Write exceptions into the pack: lines that its rules leave as they are."""
    from ..model.errors import UsageProblem
    from ..rules.exceptions import add_exception
    from ..views.display import plain
    from ..views.i18n import t

    for one in exceptions:
        try:
            add_exception(path, one.rule, one.line, one.text or "")
            became = t("protected by a new rule in")
        except UsageProblem as why:
            became = f"{t('left out')}: {t(why.what)}"
        console(stderr=True).print(f"{plain(one.line.strip())}\n  {one.rule}: {became} {path}", soft_wrap=True)
