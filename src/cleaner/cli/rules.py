"""rules: list, show, check, new, try, profile, keep, import, export; learn, update and upgrade join them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from .learn import learn, update
from .options import INPUTS, LANGUAGE, RULES, Options, complete_rule, console, line_range, load_rules, takes
from .session import print_problems, run
from .upgrade import upgrade

if TYPE_CHECKING:
    from ..authoring.suggest import Suggestion
    from ..rules.spec import Pack

LAST_HITS = 3


@click.group()
def rules() -> None:
    """Look at rules, make and try them, import those of others."""


@rules.command("list")
@click.argument("words", nargs=-1, metavar="[WORD]...")
@takes(RULES)
def rules_list(words: tuple[str, ...], options: Options) -> int:
    """List all rules, or those whose id, why, group or kind holds every WORD."""
    from ..model.errors import UsageProblem
    from ..views.rules import print_list

    known = load_rules(options)
    if not print_list(console(), known, words):
        raise UsageProblem(
            f"no rule has all of these words: {' '.join(words)}", hint="`cleaner rules list` shows them all"
        )
    return 0


@rules.command("show")
@click.argument("rule", metavar="RULE", shell_complete=complete_rule)
@click.argument("paths", nargs=-1, metavar="[DIR]...")
@takes(INPUTS, RULES)
def rules_show(rule: str, paths: tuple[str, ...], options: Options) -> int:
    """Show one rule: what it finds, why, its examples, and its last matches on DIR; of a family the list."""
    from ..jobs.filters import select
    from ..matching.ruleset import full_id, has_prefix, unknown_rule
    from ..rules.renamed import current
    from ..views.by_rule import ByRule
    from ..views.i18n import t
    from ..views.rules import print_list, print_rule
    from .notices import name_successors

    known = load_rules(options)
    rule = full_id(rule.rstrip("/"), known.all)
    if rule not in known.by_id:
        name_successors([rule])
        rule = current(rule)
        if any(has_prefix(one.id, rule) for one in known.all) and rule not in known.by_id and not paths:
            print_list(console(), known, (f"{rule}/",))
            return 0
        if rule not in known.by_id:
            raise unknown_rule(rule, known.all)
    print_rule(console(), known.by_id[rule], known)
    if not paths:
        return 0
    hits = ByRule(console(), whitespace=True, most=LAST_HITS)
    totals = run(known, paths, options, hits, keep=select([rule]))
    hits.finish(totals)
    if not totals.edits_by_rule[rule]:
        console().print(t("no match there"))
    print_problems(totals)
    return 3 if totals.problems else 0


@rules.command("check")
@click.argument("files", nargs=-1, metavar="[PACK]...")
@click.option("--on", "folder", metavar="DIR", help="Also name the rules of PACK that match nothing there.")
@takes(INPUTS, LANGUAGE)
def rules_check(files: tuple[str, ...], folder: str | None, options: Options) -> int:
    """Try every rule of PACK (default: the built-in ones) on its own examples.

    Noisy: a keep was changed. Missing: a hit was not found. Wrong: found, with another result.
    Incomplete: no why, no hit or no keep. With PACK also advice: Slow, Broad (what it does to clean text), Covered (by
    another rule), Unused (no match on DIR).
    """
    from ..authoring.examples import check_packs
    from ..authoring.lint import unused
    from ..matching.ruleset import RuleSet
    from ..rules import builtin
    from ..rules.parser import load_packs
    from ..views.authoring import print_lint
    from ..views.rules import print_check

    loaded = load_packs(map(Path, files) if files else builtin.paths())
    bad = print_check(console(), check_packs(loaded), sum(len(pack.rules) for pack in loaded))
    if files:
        _advise(loaded, files)
    if folder:
        own = RuleSet(loaded)
        totals = run(own, [folder], options, None)
        print_lint(console(), unused(own, totals.edits_by_rule, folder))
        print_problems(totals)
    return 1 if bad else 0


def _advise(loaded: Sequence[Pack], files: tuple[str, ...]) -> None:
    from ..authoring.lint import advise
    from ..rules import builtin
    from ..rules.parser import load_packs
    from ..views.authoring import print_lint

    own = {Path(path).resolve() for path in files}
    others = load_packs(path for path in builtin.paths() if path.resolve() not in own)
    print_lint(console(), advise(loaded, others))


@rules.command("new")
@click.argument("pack", metavar="MYPACK")
@click.option("--from", "place", required=True, metavar="FILE:LINE[-LINE]", help="Where the passage is.")
@click.option("--text", metavar="TEXT", help="The passage, where it is only a part of the line.")
@click.option("--on", "folder", metavar="DIR", help="Count matches there.  [default: FILE]")
@click.option("--pick", type=click.IntRange(1), metavar="N", help="Write suggestion N; without it they are only shown.")
@click.option("--name", default="mark", show_default=True, help="Name of the rule.")
@click.option(
    "--kind", default="ad", show_default=True, help="ad, watermark, header, footer, navigation, contact, notice."
)
@click.option("--why", metavar="TEXT", help="What it is, in a few words.")
@click.option(
    "--keep", multiple=True, metavar="TEXT", help="A text to leave unchanged.  [default: a similar clean line]"
)
@takes(INPUTS, LANGUAGE)
def rules_new(
    pack: str, place: str, text: str | None, folder: str | None, pick: int | None, name: str, kind: str,
    why: str | None, keep: tuple[str, ...], options: Options,
) -> int:  # fmt: skip
    """Make a rule of a passage: suggests expressions for it, from literal to general, and writes the one picked.

    Each comes with its matches, three samples and its harm: what it does to text without advertising.
    """
    from ..authoring.new_rule import find_passage, pack_path, write_rule
    from ..authoring.suggest import candidates
    from ..model.errors import UsageProblem
    from ..views.authoring import print_written

    found = line_range(place)
    if not found:
        raise UsageProblem(f"{place!r} is not FILE:LINE[-LINE]", hint="for example: --from novel.txt:120")
    passage, around = find_passage(*found, text)
    offered = candidates(passage, around)
    for number, one in enumerate(offered, 1):
        if pick in (None, number):
            _print_suggestion(number, one, folder or found[0], options)
    if pick is None:
        print_written(console(stderr=True), "", "")
        return 0
    if pick > len(offered):
        raise UsageProblem(f"there is no suggestion {pick}", hint=f"1 to {len(offered)}")
    path = pack_path(pack, "a-z, 0-9, - and _, as in my-site")
    match = offered[pick - 1].match
    where = write_rule(path, match, passage, around, name=name, kind=kind, why=why, keep=keep)
    print_written(console(stderr=True), str(path), where)
    return 0


def _print_suggestion(number: int, suggestion: Suggestion, folder: str, options: Options) -> None:
    from ..authoring.suggest import harm_of, pack_of
    from ..matching.ruleset import RuleSet
    from ..views.authoring import Samples, print_suggestion

    pack = pack_of("candidate", "it", {"match": suggestion.match, "kind": "ad"})
    samples = Samples()
    totals = run(RuleSet([pack]), [folder], options, samples, quiet=True)
    counts = sum(totals.edits_by_rule.values()), totals.files["changed"]
    print_suggestion(console(), number, suggestion, *counts, samples.texts, str(harm_of(pack)))


@rules.command("try")
@click.argument("pack", metavar="PACK")
@click.argument("paths", nargs=-1, required=True, metavar="DIR...")
@takes(INPUTS, RULES)
def rules_try(pack: str, paths: tuple[str, ...], options: Options) -> int:
    """Show what PACK would change that the other rules do not. Writes nothing."""
    from ..jobs.filters import compose_filters, new_only, select
    from ..matching.ruleset import has_prefix
    from ..pipeline import Pipeline
    from ..rules import builtin
    from ..rules.parser import load_pack
    from ..views.inline import InlineDiff
    from ..views.summary import print_summary

    found = load_pack(Path(pack))
    family = f"{found.head.stage}/{found.name}"
    there = {path.resolve() for path in (*builtin.paths(), *map(Path, options.packs))}
    known = load_rules(options if Path(pack).resolve() in there else replace(options, packs=(*options.packs, pack)))
    own = frozenset(rule.id for rule in known.all if has_prefix(rule.id, family))
    out = console()
    keep = compose_filters([select([family]), new_only(Pipeline(known), own)])
    totals = run(known, paths, options, InlineDiff(out, True), keep=keep, quiet=out.is_terminal)
    if totals.edits_by_rule or totals.placeholders:
        out.print()
    print_summary(out, totals, known, "would change")
    print_problems(totals)
    return totals.exit_code(found=1)


@rules.command("profile")
@click.argument("paths", nargs=-1, required=True, metavar="DIR...")
@takes(INPUTS, RULES)
def rules_profile(paths: tuple[str, ...], options: Options) -> int:
    """Show matches, characters and time of every rule on DIR, then how many match nothing. Writes nothing."""
    from ..authoring.rule_costs import RuleCosts
    from ..views.authoring import print_profile

    known = load_rules(options)
    with RuleCosts() as costs:
        totals = run(known, paths, options, None)
    print_profile(console(), known, totals, costs.seconds)
    print_problems(totals)
    sys.stdout.flush()
    return 3 if totals.problems else 0


@rules.command("keep")
@click.argument("file", metavar="DECISIONS")
@click.option("--pack", required=True, metavar="PACK", help="Your own pack; made if it does not exist.")
@takes(LANGUAGE)
def rules_keep(file: str, pack: str, options: Options) -> int:
    """Write the exceptions of DECISIONS into PACK, so that they hold without the decisions.

    The line of an exception becomes a `keep` of its rule if that rule is in PACK (`cleaner rules check` then names the
    rule as noisy until you correct it), else a rule of PACK that protects the line.
    """
    from ..jobs.decisions import load_decisions
    from ..model.errors import UsageProblem
    from ..rules.exceptions import accept
    from ..views.display import plain
    from ..views.i18n import t

    exceptions = [one for one in load_decisions(file).decisions if one.verdict == "exception" and one.line]
    bad = 0
    for one in exceptions:
        try:
            is_keep = accept(Path(pack), one.rule, one.line, one.text or "")
            became = t("example kept in") if is_keep else t("protected by a new rule in")
        except UsageProblem as why:
            bad += 1
            became = f"{t('left out')}: {t(why.what)}"
        console().print(f"{plain(one.line)}\n  {one.rule}: {became} {pack}", soft_wrap=True)
    if not exceptions:
        console().print(t("no exceptions in these decisions"), soft_wrap=True)
    return 1 if bad else 0


@rules.command("import")
@click.argument("file", metavar="FILE")
@click.option("-o", "--output", metavar="PACK.toml", help="The pack to write, or to add to.  [default: after FILE]")
@click.option("--regex", "is_regex", is_flag=True, help="The lines of a plain list are regular expressions.")
@takes(LANGUAGE)
def rules_import(file: str, is_regex: bool, options: Options) -> int:
    """Make a pack of the rules of an e-book reader: Legado 3, Yuedu 2, book sources, plain lists.

    They run one after another, as there. Each is tried on clean text first: one that changes too much of it is switched
    off. Rules that the pack already has are left as they are.
    """
    from ..authoring.interop.formats import read_foreign
    from ..authoring.interop.importer import tables, take
    from ..authoring.new_rule import pack_path
    from ..model.errors import UsageProblem
    from ..rules.parser import load_pack
    from ..rules.spec import FORMAT
    from ..rules.writer import head, save
    from ..views.interop import print_import

    path = pack_path(options.output or _pack_name(file), "give -o my-pack.toml: a-z, 0-9, - and _")
    if path.exists() and not options.output:
        raise UsageProblem("it is there already", str(path), f"give -o {path} to add to it, or another name")
    there = load_pack(path) if path.exists() else None
    if there is not None and there.head.order != "sequence":
        raise UsageProblem('its rules do not run in sequence (order = "sequence")', str(path), "give -o another.toml")
    taken = take(read_foreign(Path(file), is_regex), path.stem, there)
    begin = path.read_text("utf-8") if there else head(f"imported from {Path(file).name}", "sequence")
    save(path, begin + tables(taken, there.head.format if there else FORMAT))
    print_import(console(stderr=True), str(path), taken)
    return 0


def _pack_name(file: str) -> str:
    """A name for the pack of a file whose own name may be Chinese."""
    import re

    return re.sub(r"[^a-z0-9]+", "-", Path(file).stem.lower()).strip("-") or "imported"


@rules.command("export")
@click.argument("files", nargs=-1, required=True, metavar="PACK...")
@click.option("-o", "--output", metavar="FILE", help="Where to write.  [default: stdout]")
@takes(LANGUAGE)
def rules_export(files: tuple[str, ...], options: Options) -> int:
    """Write the rules of PACK as a Legado 3 export; those it can't hold are named."""
    import json

    from ..authoring.interop.exporter import legado
    from ..matching.ruleset import RuleSet
    from ..rules.parser import load_packs
    from ..rules.writer import save
    from ..views.interop import print_left

    entries, left = legado(RuleSet(load_packs(map(Path, files))).all)
    text = json.dumps(entries, ensure_ascii=False, indent=1) + "\n"
    if options.output:
        save(Path(options.output), text)
    else:
        sys.stdout.buffer.write(text.encode())
    print_left(console(stderr=True), len(entries), left)
    return 0


for command in (upgrade, learn, update):
    rules.add_command(command)
