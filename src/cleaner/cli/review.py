"""review: look at every change, decide, then write."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import rich_click as click

from .options import console, input_options, rule_options, ruleset
from .runs import go


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--decisions", default="decisions.json", show_default=True, metavar="FILE", help="Resumed and saved.")
@click.option("-o", "--output", metavar="OUT", help="Folder for the clean files, when you say write.")
@click.option("--pack", default="my-rules.toml", show_default=True, metavar="PACK", help="Where rules you make go.")
@click.option("--whitespace", is_flag=True, help="Decide about whitespace edits too.")
@input_options
@rule_options
def review(
    paths: tuple[str, ...], decisions: str, output: str | None, pack: str, whitespace: bool, **given: Any
) -> int:
    """Goes through every change on a screen: accept, reject, make exceptions and rules; then writes.

    Keys as in `git add -p`; ? shows them. Decisions are saved when you leave and resumed when you come back.
    """
    from ..decisions import load_decisions, save_decisions
    from ..errors import UsageProblem
    from ..reports.reviewing import Review
    from ..reports.summary import print_problems

    try:
        from ..reports.screen import ReviewScreen
    except ImportError:
        raise UsageProblem("the review screen needs textual", hint="pip install 'unstamp[review]'") from None
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageProblem("the review screen needs a terminal", hint="cleaner diff PATH --html FILE works without")
    rules = ruleset(given)
    seen = Review(rules, load_decisions(decisions) if Path(decisions).exists() else None, whitespace)
    totals = go(rules, paths, given, seen, explains=True)
    seen.resume()
    print_problems(console(stderr=True), totals)
    writes = ReviewScreen(seen, lambda: save_decisions(decisions, seen.decisions()), Path(pack)).run()
    return _write(paths, output, decisions, given) if writes else 0


def _write(paths: tuple[str, ...], output: str | None, decisions: str, given: dict[str, Any]) -> int:
    """What `cleaner clean` does with the decisions; without a place to write to, only says how."""
    from ..reports.shown import path
    from .clean import clean

    if output is None:
        command = f"cleaner clean {' '.join(map(path, paths))} -o OUT --decisions {path(decisions)}"
        console().print(command, soft_wrap=True)
        return 0
    context = click.get_current_context()
    assert context is not None
    return int(context.invoke(clean, sources=paths, output=output, decisions=decisions, **given) or 0)
