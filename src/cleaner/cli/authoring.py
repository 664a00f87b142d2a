"""rules new, try, profile: from a look to a rule, and what rules do on a directory."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import rich_click as click

from .options import console, input_options, language_option, rule_options, ruleset
from .session import go


@click.command("new")
@click.argument("pack", metavar="MYPACK")
@click.option("--from", "place", required=True, metavar="FILE:LINE[-LINE]", help="Where the mark stands.")
@click.option("--text", metavar="TEXT", help="The mark, where it is only a part of the line.")
@click.option("--on", "folder", metavar="DIR", help="Count matches there.  [default: FILE]")
@click.option("--pick", type=click.IntRange(1), metavar="N", help="Take candidate N; without it they are only shown.")
@click.option("--name", default="mark", show_default=True, help="Name of the rule.")
@click.option(
    "--kind", default="ad", show_default=True, help="ad, watermark, header, footer, navigation, contact, notice."
)
@click.option("--why", metavar="TEXT", help="What it is, in a few words.")
@click.option("--keep", multiple=True, metavar="TEXT", help="A text that must stay.  [default: the likest clean line]")
@input_options
@language_option
def new(pack: str, place: str, text: str | None, folder: str | None, pick: int | None, **given: Any) -> int:
    """Makes a rule of a mark: offers ways to find it, from literal to general, and writes the one picked.

    Each comes with its matches, three samples and its harm: what it does to text without advertising.
    """
    from ..authoring.suggest import candidates
    from ..model.errors import UsageProblem
    from ..views import i18n
    from ..views.authoring import print_suggestion, print_written

    i18n.choose(given["lang"])
    seen, around = _seen(place, text)
    out = console()
    offered = candidates(seen, around)
    for number, candidate in enumerate(offered, 1):
        if pick is None or pick == number:
            counted = _matches(candidate.match, folder or place.rpartition(":")[0], given)
            print_suggestion(out, number, candidate, *counted)
    if pick is None:
        print_written(console(stderr=True), "", "")
        return 0
    if pick > len(offered):
        raise UsageProblem(f"there is no candidate {pick}", hint=f"1 to {len(offered)}")
    return _write(pack, offered[pick - 1].match, seen, around, given)


def _seen(place: str, text: str | None) -> tuple[str, str]:
    """The mark, and the lines it stands on. Raises UsageProblem."""
    from ..jobs.run import opened
    from ..matching import make_prefilter
    from ..model.errors import UsageProblem
    from ..stages.decode import open_document

    path, _, lines = place.rpartition(":")
    low, _, high = lines.partition("-")
    if not path or not low.isdecimal() or (high and not high.isdecimal()):
        raise UsageProblem(f"{place!r} is not FILE:LINE[-LINE]", hint="for example: --from novel.txt:120")
    try:
        with opened(path) as file:
            document = open_document(file, make_prefilter([]).valid, None)
            rows = re.findall("([^\r\n]*)(?:\r\n|[\r\n]|$)", b"".join(document.chunks()).decode())[:-1]
    except OSError as error:
        raise UsageProblem(f"it can't be read: {error.strerror}", path, "check the path") from None
    around = "\n".join(rows[int(low) - 1 : int(high or low)])
    if not around.strip():
        raise UsageProblem(f"there is nothing on line {lines}", path, f"it has {len(rows)} lines")
    if text is not None and text not in around:
        raise UsageProblem(f"{text!r} does not stand there", f"{path}:{lines}", "copy it from the line")
    return text or around.strip(), around


def _matches(match: str, folder: str, given: dict[str, Any]) -> tuple[int, int, list[str], str]:
    """Matches, files with them, three samples, and the harm of an expression."""
    from ..authoring.suggest import harm_of, pack_of
    from ..matching.ruleset import RuleSet
    from ..views.authoring import Samples

    pack = pack_of("candidate", "it", {"match": match, "kind": "ad"})
    samples = Samples()
    totals = go(RuleSet([pack]), [folder], given, samples, quiet=True)
    return sum(totals.edits_by_rule.values()), totals.files["changed"], samples.texts, str(harm_of(pack))


def _write(pack: str, match: str, seen: str, around: str, given: dict[str, Any]) -> int:
    from ..authoring.examples import check_packs
    from ..authoring.suggest import free_name, hit, keeps, pack_of
    from ..model.errors import UsageProblem
    from ..rules.parser import NAME, load_pack
    from ..rules.spec import FORMAT
    from ..rules.writer import head, save, table
    from ..views.authoring import print_written

    path = Path(pack if pack.endswith(".toml") else f"{pack}.toml")
    if not NAME.fullmatch(path.stem):
        raise UsageProblem(f"a pack can't be called {path.stem!r}", hint="a-z, 0-9, - and _, as in my-site")
    there = load_pack(path) if path.exists() else None
    name = free_name(there.rules if there else {}, given["name"])
    keys: dict[str, Any] = {"why": given["why"] or f"seen: {seen[:40]}", "kind": given["kind"], "match": match}
    alone = pack_of(path.stem, name, keys)
    keys |= {"hit": [hit(seen, around, alone)], "keep": list(given["keep"]) or keeps(seen, alone)}
    begin = path.read_text("utf-8") if there else head(f"marks of my own: {path.stem}")
    bad = list(check_packs([pack_of(path.stem, name, keys)]))
    if bad:
        raise UsageProblem(f"{bad[0].word}: {bad[0].example}", hint="pick another candidate or say --keep")
    save(path, begin + table(name, keys, there.head.format if there else FORMAT))
    print_written(console(stderr=True), str(path), load_pack(path).where(name))
    return 0


@click.command("try")
@click.argument("pack", metavar="PACK")
@click.argument("paths", nargs=-1, required=True, metavar="DIR...")
@input_options
@rule_options
def try_pack(pack: str, paths: tuple[str, ...], **given: Any) -> int:
    """What PACK would change that the other rules do not. Writes nothing."""
    from ..jobs.filters import compose_filters, new_only, select
    from ..matching.ruleset import has_prefix
    from ..pipeline import Pipeline
    from ..rules import builtin
    from ..rules.parser import load_pack
    from ..views.inline import InlineDiff
    from ..views.summary import print_problems, print_summary

    found = load_pack(Path(pack))
    family = f"{found.head.stage}/{found.name}"
    there = {path.resolve() for path in (*builtin.paths(), *map(Path, given["packs"]))}
    rules = ruleset(given if Path(pack).resolve() in there else given | {"packs": [*given["packs"], pack]})
    own = frozenset(rule.id for rule in rules.all if has_prefix(rule.id, family))
    out = console()
    lens = compose_filters([select([family]), new_only(Pipeline(rules), own)])
    totals = go(rules, paths, given, InlineDiff(out, True), lens=lens, quiet=out.is_terminal)
    if totals.edits_by_rule or totals.placeholders:
        out.print()
    print_summary(out, totals, rules, "would change")
    print_problems(console(stderr=True), totals)
    return totals.exit_code(found=1)


@click.command("profile")
@click.argument("paths", nargs=-1, required=True, metavar="DIR...")
@input_options
@rule_options
def profile_rules(paths: tuple[str, ...], **given: Any) -> int:
    """Hits, characters and time of every rule on DIR; rules without a hit at the end. Writes nothing."""
    from ..authoring.rule_costs import RuleCosts
    from ..views.authoring import print_profile
    from ..views.summary import print_problems

    rules = ruleset(given)
    with RuleCosts() as costs:
        totals = go(rules, paths, given, None)
    print_profile(console(), rules, totals, costs.seconds)
    print_problems(console(stderr=True), totals)
    sys.stdout.flush()
    return 3 if totals.problems else 0
