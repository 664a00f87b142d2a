"""rules learn, rules update: stamps that return across the files of a folder become rules, with a person's yes."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from .options import INPUTS, LANGUAGE, Options, console, takes
from .session import count_inputs, inputs, make_watch, page_file, print_problems, run

if TYPE_CHECKING:
    from ..authoring.learn import Learned, Proposal
    from ..model.report import Totals
    from ..views.review_session import Review

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
    return _carried_out(paths, path, path, min_files, options, review, html, add)


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
    review: bool = False, html: str | None = None, add: bool = False,
) -> int:  # fmt: skip
    """Learn, show what the pack `there` does not find, and write to `path` what was accepted."""
    from ..authoring.learn.packs import new_since, write
    from ..rules.parser import load_pack
    from ..views.learn import print_added, print_learned, print_pack_written, print_page_written, why

    pack = load_pack(there) if there and there.exists() else None  # a bad one is refused before the folder is read
    learned, totals = _learned(paths, options, min_files, path)
    if pack:
        learned = new_since(pack, learned)
    print_learned(console(), learned)
    chosen: Sequence[Proposal] = learned.proposals
    decided: Review | None = None
    if path and html:
        _write_page(html, chosen, path, paths, options)
        print_page_written(console(stderr=True))
        chosen = ()  # to be judged there first
    elif path and chosen and (review or options.decisions):
        decided = _decided(chosen, path, review, options)
        chosen = _accepted(chosen, path, decided) if decided else ()
    if path and chosen:
        write(path, chosen, f"learnt from {', '.join(Path(one).name for one in paths)}", why)
        print_pack_written(console(stderr=True), str(path), len(chosen))
        if decided:
            _protect(path, decided, chosen)
    if path and add and path.exists():
        from ..config import add_pack

        print_added(console(stderr=True), add_pack(path))
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


def _places(proposals: Sequence[Proposal]) -> list[str]:
    """The files in which the real places of the proposals lie."""
    return sorted({sample.file for one in proposals for sample in one.samples})


def _write_page(html: str, proposals: Sequence[Proposal], path: Path, paths: tuple[str, ...], options: Options) -> None:
    from ..authoring.learn.packs import rules_of
    from ..views.display import path as shown
    from ..views.html import HtmlReport
    from ..views.learn import why

    rules = rules_of(path, proposals, why)
    with page_file(html) as out:
        report = HtmlReport(out, rules, ", ".join(map(shown, paths)))
        report.finish(run(rules, _places(proposals), options, report, quiet=True))


def _decided(proposals: Sequence[Proposal], path: Path, review: bool, options: Options) -> Review | None:
    """What was decided about the proposals, in a file or now on the screen, where their real places are shown.

    None where the user left the screen and wrote nothing.
    """
    from ..authoring.learn.packs import rules_of
    from ..jobs.decisions import load_decisions
    from ..views.learn import why
    from ..views.review_session import Review

    file = options.decisions or str(path.with_suffix(".decisions.json"))
    earlier = load_decisions(file) if not review or Path(file).exists() else None
    seen = Review(rules_of(path, proposals, why), earlier)
    run(seen.rules, _places(proposals), options, seen, quiet=True, explains=True)
    seen.resume()
    return seen if not review or _on_screen(seen, path, file) else None


def _accepted(proposals: Sequence[Proposal], path: Path, decided: Review) -> list[Proposal]:
    """Those that were accepted; a weak one to which somebody said yes is on."""
    from ..authoring.learn.packs import switched_on

    said = {one.name: decided.rule_verdict(f"boilerplate/{path.stem}/{one.name}") for one in proposals}
    known = [one for one in proposals if (said[one.name] or decided.undecided_are) == "accept"]
    return [switched_on(one) if said[one.name] else one for one in known]


def _on_screen(seen: Review, path: Path, file: str) -> bool:
    """Let the user decide; whether he chose to write. A rule that he makes of a line goes into the pack at once."""
    from ..authoring.new_rule import read_lines
    from ..jobs.decisions import save_decisions
    from ..model.errors import UsageProblem
    from ..rules.exceptions import add_rule

    try:
        from ..views.tui import ReviewScreen
    except ImportError:
        raise UsageProblem("the review screen needs textual", hint="pip install 'unstamp[review]'") from None
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageProblem("the review screen needs a terminal", hint="--html FILE works without")

    def made(text: str, line: str) -> str:
        return f"{add_rule(path, text, line)}: {path}"

    return bool(ReviewScreen(seen, lambda: save_decisions(file, seen.decisions()), made, read_lines).run())


def _protect(path: Path, decided: Review, chosen: Sequence[Proposal]) -> None:
    """Write the exceptions of what was accepted into the pack: lines that its rules leave as they are."""
    from ..model.errors import UsageProblem
    from ..rules.exceptions import add_exception
    from ..views.display import plain
    from ..views.i18n import t

    rules = {f"boilerplate/{path.stem}/{one.name}" for one in chosen}
    for one in decided.decisions().decisions:
        if one.verdict == "exception" and one.rule in rules:
            try:
                add_exception(path, one.rule, one.line, one.text or "")
                became = t("protected by a new rule in")
            except UsageProblem as why:
                became = f"{t('left out')}: {t(why.what)}"
            console(stderr=True).print(f"{plain(one.line)}\n  {one.rule}: {became} {path}", soft_wrap=True)
