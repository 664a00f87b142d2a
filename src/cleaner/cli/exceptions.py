"""rules keep: exceptions that people made become keep examples and rules in a pack of their own."""

from __future__ import annotations

import rich_click as click

from .options import console


@click.command("keep")
@click.argument("decisions", metavar="DECISIONS")
@click.option("--pack", required=True, metavar="PACK", help="Your own pack; made where it is not there yet.")
@click.option("--lang", type=click.Choice(["zh", "en"]), help="Language of messages.")
def keep(decisions: str, pack: str, lang: str | None) -> int:
    """Takes the exceptions out of DECISIONS into PACK, so that they hold without the decisions.

    The line of an exception becomes a `keep` of its rule where that stands in PACK (`cleaner rules check` then asks you
    to mend the rule), else a rule of PACK that protects the line.
    """
    from pathlib import Path

    from ..jobs.decisions import load_decisions
    from ..model.errors import UsageProblem
    from ..rules.exceptions import add_exception, add_keep
    from ..rules.renamed import current
    from ..views import i18n
    from ..views.display import plain
    from ..views.i18n import t

    i18n.choose(lang)
    path = Path(pack)
    exceptions = [said for said in load_decisions(decisions).decisions if said.verdict == "exception" and said.line]
    bad = 0
    for said in exceptions:
        try:
            if path.exists() and add_keep(path, current(said.rule), said.line):
                words = t("example kept in")
            else:
                add_exception(path, said.rule, said.line, said.text or "")
                words = t("protected by a new rule in")
        except UsageProblem as why:
            bad += 1
            words = f"{t('left out')}: {t(why.what)}"
        console().print(f"{plain(said.line)}\n  {said.rule}: {words} {pack}", soft_wrap=True)
    if not exceptions:
        console().print(t("no exceptions in these decisions"), soft_wrap=True)
    return 1 if bad else 0
