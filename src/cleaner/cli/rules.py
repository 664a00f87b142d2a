"""rules list, show, check, import, export: looking at rules, and rules of others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from .authoring import new, profile_rules, try_pack
from .options import complete_rule, console, input_options, language_option, rule_options, ruleset
from .session import go
from .upgrade import upgrade

if TYPE_CHECKING:
    from ..rules.spec import Pack

LAST_HITS = 3


@click.group()
def rules() -> None:
    """Looks at rules, tries them, takes over those of others."""


@rules.command("list")
@click.argument("words", nargs=-1, metavar="[WORD]...")
@rule_options
def rules_list(words: tuple[str, ...], **given: Any) -> int:
    """All rules, or those whose id, why, group or kind holds every WORD."""
    from ..views.rules import print_list

    print_list(console(), ruleset(given), words)
    return 0


@rules.command("show")
@click.argument("rule", metavar="RULE", shell_complete=complete_rule)
@click.argument("paths", nargs=-1, metavar="[DIR]...")
@input_options
@rule_options
def rules_show(rule: str, paths: tuple[str, ...], **given: Any) -> int:
    """One rule: what it finds, why, its examples, and its last hits on DIR."""
    from ..jobs.filters import select
    from ..matching.ruleset import unknown_rule
    from ..rules.renamed import current
    from ..views.by_rule import ByRule
    from ..views.i18n import t
    from ..views.rules import print_rule
    from ..views.summary import print_problems
    from .notices import name_successors

    known = ruleset(given)
    if rule not in known.by_id:
        name_successors([rule])
        if (rule := current(rule)) not in known.by_id:
            raise unknown_rule(rule, known.all)
    print_rule(console(), known.by_id[rule], known)
    if not paths:
        return 0
    hits = ByRule(console(), whitespace=True, most=LAST_HITS)
    totals = go(known, paths, given, hits, lens=select([rule]))
    hits.finish(totals)
    if not totals.edits_by_rule[rule]:
        console().print(t("no hit there"))
    print_problems(console(stderr=True), totals)
    return 3 if totals.problems else 0


@rules.command("check")
@click.argument("files", nargs=-1, metavar="[PACK]...")
@click.option("--on", "folder", metavar="DIR", help="Also name the rules of PACK that hit nothing there.")
@input_options
@language_option
def rules_check(files: tuple[str, ...], folder: str | None, lang: str | None, **given: Any) -> int:
    """Tries every rule of PACK (default: the built-in ones) on its own examples.

    Noisy: a keep was changed. Missing: a hit was not found. Wrong: found, with another result.
    Incomplete: no why, no hit or no keep. With PACK also advice: Slow, Broad (what it does to clean text), Covered (by
    another rule), Unused (no hit on DIR).
    """
    from ..authoring.examples import check_packs
    from ..rules import builtin
    from ..rules.parser import load_packs
    from ..views import i18n
    from ..views.rules import print_check

    i18n.choose(lang)
    loaded = load_packs(map(Path, files) if files else builtin.paths())
    bad = print_check(console(), check_packs(loaded), sum(len(pack.rules) for pack in loaded))
    if files:
        _advise(loaded, files)
    if folder:
        _name_unused(loaded, folder, given)
    return 1 if bad else 0


def _advise(loaded: Sequence[Pack], files: tuple[str, ...]) -> None:
    from ..authoring.lint import advise
    from ..rules import builtin
    from ..rules.parser import load_packs
    from ..views.authoring import print_lint

    own = {Path(path).resolve() for path in files}
    others = load_packs(path for path in builtin.paths() if path.resolve() not in own)
    print_lint(console(), advise(loaded, others))


def _name_unused(loaded: Sequence[Pack], folder: str, given: dict[str, Any]) -> None:
    from ..authoring.lint import unused
    from ..matching.ruleset import RuleSet
    from ..views.authoring import print_lint
    from ..views.summary import print_problems

    rules = RuleSet(loaded)
    totals = go(rules, [folder], given, None)
    print_lint(console(), unused(rules, totals.edits_by_rule, folder))
    print_problems(console(stderr=True), totals)


@rules.command("import")
@click.argument("file", metavar="FILE")
@click.option("-o", "--output", metavar="PACK.toml", help="The pack to write, or to add to.  [default: after FILE]")
@click.option("--regex", "is_regex", is_flag=True, help="The lines of a plain list are regular expressions.")
@language_option
def rules_import(file: str, output: str | None, is_regex: bool, lang: str | None) -> int:
    """Makes a pack of the rules of an e-book reader: Legado 3, Yuedu 2, book sources, plain lists.

    They run one after another, as there. Each is tried on clean text first: one that changes too much of it comes
    switched off. Rules that the pack already has stay as they are.
    """
    from ..authoring.interop.formats import read_foreign
    from ..authoring.interop.importer import tables, take
    from ..model.errors import UsageProblem
    from ..rules.parser import NAME, load_pack
    from ..rules.spec import FORMAT
    from ..rules.writer import head, save
    from ..views import i18n
    from ..views.interop import print_import

    i18n.choose(lang)
    path = Path(output) if output else Path(f"{_pack_name(file)}.toml")
    if not NAME.fullmatch(path.stem):
        raise UsageProblem(f"a pack can't be called {path.stem!r}", hint="say -o my-pack.toml: a-z, 0-9, - and _")
    if path.exists() and not output:
        raise UsageProblem("it is there already", str(path), f"say -o {path} to add to it, or another name")
    there = load_pack(path) if path.exists() else None
    if there is not None and there.head.order != "sequence":
        raise UsageProblem('its rules do not run in sequence (order = "sequence")', str(path), "say -o another.toml")
    taken = take(read_foreign(Path(file), is_regex), path.stem, there)
    begin = path.read_text("utf-8") if there else head(f"imported from {Path(file).name}", "sequence")
    save(path, begin + tables(taken, there.head.format if there else FORMAT))
    print_import(console(stderr=True), str(path), taken)
    return 0


@rules.command("export")
@click.argument("packs", nargs=-1, required=True, metavar="PACK...")
@click.option("-o", "--output", metavar="FILE", help="Where to write.  [default: stdout]")
@language_option
def rules_export(packs: tuple[str, ...], output: str | None, lang: str | None) -> int:
    """Writes the rules of PACK as a Legado 3 export; those it can't hold are named."""
    import json
    import sys

    from ..authoring.interop.exporter import legado
    from ..matching.ruleset import RuleSet
    from ..rules.parser import load_packs
    from ..rules.writer import save
    from ..views import i18n
    from ..views.interop import print_left

    i18n.choose(lang)
    entries, left = legado(RuleSet(load_packs(map(Path, packs))).all)
    text = json.dumps(entries, ensure_ascii=False, indent=1) + "\n"
    if output:
        save(Path(output), text)
    else:
        sys.stdout.buffer.write(text.encode())
    print_left(console(stderr=True), len(entries), left)
    return 0


def _pack_name(file: str) -> str:
    """A name for the pack of a file whose own name may be Chinese."""
    import re

    return re.sub(r"[^a-z0-9]+", "-", Path(file).stem.lower()).strip("-") or "imported"


for command in (new, try_pack, profile_rules, upgrade):
    rules.add_command(command)
