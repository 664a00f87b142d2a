"""Why a line was or was not changed: what fired on it, the sum of the evidence, and what each stage did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..jobs.run import opened
from ..matching.ruleset import RuleSet
from ..model.blocks import Block
from ..model.edits import Edit
from ..model.errors import InputProblem, InputSkipped
from ..model.lines import line_ends
from ..pipeline import Pipeline
from ..stages.decode import open_document
from .console import say
from .diff_lines import lines_of
from .display import LONGEST, clipped, plain, quoted
from .display import path as shown_path
from .evidence_text import sums
from .i18n import t

if TYPE_CHECKING:
    from rich.console import Console


def print_explanation(console: Console, rules: RuleSet, path: str, line: int, hint: str | None) -> None:
    """Raises InputProblem where the file has no such line or can't be read."""
    pipeline = Pipeline(rules, explains=True)
    _ = pipeline.scanner
    try:
        with opened(path) as file:
            document = open_document(file, pipeline.scanner.valid, hint)
            first, last = 1, 0
            for block in pipeline.without(rules.off_for(path)).blocks(document.chunks()):
                ends = line_ends(block.data)
                last = first + ends - block.data.endswith((b"\n", b"\r"))
                if first <= line <= last:
                    _explain(console, rules, path, line, block, line - first)
                    return
                first += ends
    except OSError as error:
        raise InputProblem(error.strerror or str(error), path, "check the path") from None
    except InputSkipped as why:
        raise InputProblem(f"it is {why.what}: there is nothing to explain", path) from None
    except InputProblem as why:
        raise InputProblem(why.what, why.where or path, why.hint) from None
    raise InputProblem(f"it has no line {line}", path, f"its last line is {last}")


def _explain(console: Console, rules: RuleSet, path: str, line: int, block: Block, number: int) -> None:
    rows = lines_of(block.data.decode()) or [""]
    before, text = "".join(rows[:number]), rows[number].rstrip("\r\n")
    low = len(before.encode())
    say(console, f"{shown_path(path)}:{line}  {clipped(plain(text), 2 * LONGEST)}", hang=4)
    region = next((r for r in block.regions if r.start <= low < max(r.end, r.start + 1)), None)
    start = block.offset + len(before)
    end = start + max(len(rows[number]), len(text) + 1)
    if region is None:
        say(console, f"  {t('no rule matched here')}; {t('unchanged')}")
        return
    for said in sums(region, start - region.offset, end - region.offset, rules.level.enough):
        say(console, f"  {said}")
    edits = [
        edit for edit in region.edits if edit.start < end and (edit.end > start or edit.start == edit.end == start)
    ]
    for edit in edits:
        print_edit(console, rules, edit)
    for tag in region.tags:
        if start <= tag.start < end:
            say(console, f"  {t('placeholder')}: {quoted(tag.text)} {t(tag.kind)}  [{tag.rule}]", hang=4)
            say(console, f"    {t('why')}: {plain(rules.by_id[tag.rule].written.why)}", hang=6)
    _left_alone(console, rules, text)
    for flag in region.flags:
        if start <= flag.start < end:
            say(console, f"  {t('flags')}: {quoted(flag.text)} {flag.flag}  [{flag.rule}]", hang=4)
    if not edits:
        say(console, f"  {t('unchanged')}")


def print_edit(console: Console, rules: RuleSet, edit: Edit) -> None:
    """What an edit does, and why its rule exists, where it still does."""
    over = f" ({', '.join(edit.through)})" if edit.through else ""
    what = f"{t('becomes')} {quoted(edit.after)}" if edit.after else t("is removed")
    say(console, f"  {t(edit.stage)}: {quoted(edit.before)} {what}  [{edit.rule}]{over}", hang=4)
    if edit.rule in rules.by_id:
        say(console, f"    {t('why')}: {plain(rules.by_id[edit.rule].written.why)}", hang=6)


def _left_alone(console: Console, rules: RuleSet, text: str) -> None:
    """The signs of a line that look like redactions and are none."""
    for rule in rules.of_stage("placeholder"):
        spans = rule.spans(text) if rule.does == "leave" else ()
        for sign in dict.fromkeys(text[start:end] for start, end, _ in spans):
            say(console, f"  {t('no placeholder')}: {quoted(sign)}  [{rule.id}]", hang=4)
            say(console, f"    {t('why')}: {plain(rule.written.why)}", hang=6)
