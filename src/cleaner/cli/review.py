"""review: look at every change, decide, then write."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import rich_click as click

from .options import INPUTS, RULES, Options, console, load_rules, takes
from .session import print_problems, run


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--decisions", "file", default="decisions.json", show_default=True, metavar="FILE", help="Resumed and saved."
)
@click.option("-o", "--output", metavar="OUT", help="Folder for the clean files, when you choose write.")
@click.option("--pack", default="my-rules.toml", show_default=True, metavar="PACK", help="Pack for the rules you make.")
@click.option("--whitespace", is_flag=True, help="Decide about whitespace edits too.")
@takes(INPUTS, RULES)
def review(paths: tuple[str, ...], file: str, pack: str, whitespace: bool, options: Options) -> int:
    """Review every change on a screen: accept, reject, make exceptions and rules; then write.

    Keys as in `git add -p`; ? shows them. Decisions are saved when you leave and resumed when you come back.
    """
    from ..authoring.new_rule import read_lines
    from ..jobs.decisions import load_decisions, save_decisions
    from ..model.errors import UsageProblem
    from ..rules.exceptions import add_rule
    from ..stages.decode import read_as
    from ..views.review_session import Review

    try:
        from ..views.tui import ReviewScreen
    except ImportError:
        raise UsageProblem("the review screen needs textual", hint="pip install 'unstamp[review]'") from None
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageProblem("the review screen needs a terminal", hint="cleaner diff PATH --html FILE works without")
    rules = load_rules(options)
    seen = Review(rules, load_decisions(file) if Path(file).exists() else None, whitespace)
    totals = run(rules, paths, options, seen, explains=True)
    seen.resume()
    print_problems(totals)

    def made(text: str, line: str) -> str:
        return f"{add_rule(Path(pack), text, line)}: {pack}"

    hint = read_as(options.encoding) if options.encoding else None
    screen = ReviewScreen(
        seen, lambda: save_decisions(file, seen.decisions()), made, lambda path: read_lines(path, hint)
    )
    writes = screen.run()
    return _write(paths, replace(options, decisions=file)) if writes else 0


def _write(paths: tuple[str, ...], options: Options) -> int:
    """Do what `cleaner clean` does with the decisions; without a place to write to, only print that command."""
    from ..views.display import path
    from .clean import clean_sources

    if options.output is not None:
        return clean_sources(paths, options)
    command = f"cleaner clean {' '.join(map(path, paths))} -o OUT --decisions {path(options.decisions or '')}"
    console().print(command, soft_wrap=True)
    return 0
