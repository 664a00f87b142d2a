"""Why a line was or was not changed: the evidence, and what each stage did; or what a run did to it, by its ledger."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rich.console import Console

from ..matching.ruleset import LEVELS, RuleSet
from ..model.edits import Edit
from ..model.source import Judgement, SourceEncoding
from ..rules.renamed import current
from .console import say
from .display import LONGEST, clipped, path, plain, quoted
from .encoding_table import chain_text, percent
from .evidence_text import evidence_lines, recorded_evidence
from .i18n import t
from .readings import readings_side_by_side

if TYPE_CHECKING:
    from ..jobs.explain import ExplainedLine
    from ..ledger.lookup import Lookup


def print_explanation(console: Console, rules: RuleSet, line: ExplainedLine) -> None:
    say(
        console,
        f"{path(line.path)}{'#' if line.piece else ':'}{line.line}  {clipped(plain(line.text), 2 * LONGEST)}",
        hang=4,
    )
    if line.source is not None:
        _print_reading(console, line.source, line.judgement)
    if not line.candidate:
        say(console, f"  {t('no rule matched here')}; {t('unchanged')}")
        return
    for text in evidence_lines(line.decisions, rules.level.enough):
        say(console, f"  {text}")
    for edit in line.edits:
        _print_edit(console, rules, edit)
    for tag, shares in zip(line.tags, line.shares, strict=True):
        say(console, f"  {t('placeholder')}: {quoted(tag.text)} {t(tag.kind)}  [{tag.rule}]", hang=4)
        _print_why(console, rules, tag.rule)
        for share in shares:
            say(console, f"    {quoted(share.gram)} {t(share.place)}: {share.value:+.1f}", hang=6)
    for mask, rule in line.protected:
        say(console, f"  {t('no placeholder')}: {quoted(mask)}  [{rule}]", hang=4)
        _print_why(console, rules, rule)
    for flag in line.flags:
        say(console, f"  {t('flags')}: {quoted(flag.text)} {flag.flag}  [{flag.rule}]", hang=4)
    if line.chain:
        say(console, f"  {t('mojibake')}: {chain_text(line.chain)}", hang=4)
    if not line.edits:
        kept = line.piece and any(one.removed for one in line.decisions)
        say(console, f"  {t('unchanged')}{t(': a document keeps what stands in this place') if kept else ''}")


def _print_reading(console: Console, source: SourceEncoding, judgement: Judgement) -> None:
    """How the file is read, what else it may be, whether its label lies."""
    said = f"  {t('read as')} {source.encoding} ({t(source.method)}, {percent(source.confidence)})"
    if judgement.readings:
        said += f"; {t('runner-up')} {judgement.readings[1].encoding}, {t('line')} {judgement.line:,}"
    say(console, said, hang=4)
    if judgement.lies:
        say(console, f"  {t('label that lies')}: {plain(judgement.label)}", hang=4)


def print_undecided(console: Console, judgement: Judgement) -> None:
    """What a file that was left alone may say."""
    for text in readings_side_by_side(judgement.line, judgement.readings, console.width, flags=True):
        say(console, text)


def print_line_history(console: Console, rules: RuleSet, found: Lookup, line: int) -> None:
    """What a run did to a line."""
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(found.run.began))
    undone = f", {t('undone')}" if found.file.undone is not None else ""
    say(console, f"{path(found.file.path)}:{line}  {t('run')} {found.run.id}, {when}{undone}")
    for edit in found.edits:
        for text in recorded_evidence(edit.evidence, LEVELS[found.level].enough) if edit.evidence else ():
            say(console, f"  {text}")
        _print_edit(console, rules, edit)
    if not found.edits:
        say(console, f"  {_without_edits(found)}")


def _without_edits(found: Lookup) -> str:
    report = found.file.report
    if report.status != "ok":
        return t(report.status) + (f": {plain(report.problem.what)}" if report.problem else "")
    if report.edits_by_rule and not found.recorded:
        return f"{t('the ledger kept no text of it')}: {', '.join(sorted(report.edits_by_rule))}"
    return t("unchanged")


def _print_edit(console: Console, rules: RuleSet, edit: Edit) -> None:
    over = f" ({', '.join(edit.through)})" if edit.through else ""
    what = f"{t('becomes')} {quoted(edit.after)}" if edit.after else t("is removed")
    say(console, f"  {t(edit.stage)}: {quoted(edit.before)} {what}  [{edit.rule}]{over}", hang=4)
    _print_why(console, rules, edit.rule)


def _print_why(console: Console, rules: RuleSet, rule: str) -> None:
    """A rule of an old run may be gone."""
    if (known := rules.by_id.get(current(rule))) is not None:
        say(console, f"    {t('why')}: {plain(known.written.why)}", hang=6)
