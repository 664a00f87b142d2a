"""One line of a file with all that was decided about it. Prints nothing."""

from __future__ import annotations

import msgspec

from ..engine.mask_kinds import Share, built_in, log_odds
from ..io.formats.document import PiecedDocument
from ..matching.ruleset import RuleSet
from ..model.blocks import Block, Decision, Region
from ..model.edits import Edit, Flag, Tag, shifted
from ..model.errors import InputProblem, InputSkipped, Undecided
from ..model.inputs import InputFile, split_address
from ..model.lines import line_ends, split_lines
from ..model.source import Judgement, SourceEncoding
from ..pipeline import Pipeline
from ..stages.decode import FileDocument, open_document
from ..stages.mojibake import NAME as MOJIBAKE
from ..stages.mojibake.chains import REPAIRS, chain_of, history
from .documents import blocks_of, pieced
from .records import RecordDocument, record_text
from .run import opened

NEAR = 2048  # characters around a line that may say how its mojibake came about
MOST = 200  # decisions about one line: a line of 64 KB may have a hundred thousand


class ExplainedLine(msgspec.Struct, frozen=True):
    """A line, counted from 1, and what the stages did to it: `text` is without its line end.

    `candidate` says whether any rule was tried on it. `decisions` are in characters of their region, `edits`, `tags`
    and `flags` in characters of the source. `protected` are texts that look like masks and are none, each with the id
    of the rule that says so. `shares` are, for each of `tags`, the n-grams that spoke for a kind that the model gave.
    `source` and `judgement` say how the file is read, `chain` what had happened to mojibake that was repaired.
    """

    path: str
    line: int
    text: str
    candidate: bool = False
    decisions: tuple[Decision, ...] = ()
    edits: tuple[Edit, ...] = ()
    tags: tuple[Tag, ...] = ()
    flags: tuple[Flag, ...] = ()
    protected: tuple[tuple[str, str], ...] = ()
    shares: tuple[tuple[Share, ...], ...] = ()
    source: SourceEncoding | None = None
    judgement: Judgement = Judgement()
    chain: str = ""
    piece: bool = False


def explain_line(
    rules: RuleSet, path: str, line: int, hint: str | None, field: str = "text", by_piece: bool = False
) -> ExplainedLine:
    """Clean `path` up to `line`; `hint` names its encoding. `path` may be `FILE#N`, a record.

    `by_piece`: the line is a piece of a document.

    Raises InputProblem where the file has no such line or can't be read.
    """
    pipeline = Pipeline(rules, explains=True)
    rules.check()  # a bad expression is refused before the file is opened
    try:
        path, number = split_address(path)
        item = InputFile(path, path)
        with opened(item) as file:
            paged = pieced(item, file, hint) if number is None else None
            if paged is not None and not by_piece:
                raise InputProblem(
                    "it is a document: its paragraphs have numbers",
                    path,
                    "cleaner explain FILE#N: `cleaner diff` shows the numbers",
                )
            document: FileDocument | RecordDocument | PiecedDocument
            if number is None:
                document = paged or open_document(file, hint)
            else:
                document = RecordDocument(record_text(item, file, number, field))
                path = f"{path}#{number}"
            judgement = document.judgement()
            off = rules.off_for(item.path)
            blocks = blocks_of(paged, pipeline, off) if paged else pipeline.without(off).blocks(document.chunks())
            first, last = 1, 0
            for block in blocks:
                ends = line_ends(block.data)
                last = first + ends - block.data.endswith((b"\n", b"\r"))
                if first <= line <= last:
                    found = _explained(rules, path, line, block, line - first)
                    return msgspec.structs.replace(
                        found, source=document.source, judgement=judgement, piece=paged is not None
                    )
                first += ends
    except OSError as error:
        raise InputProblem(error.strerror or str(error), path, "check the path") from None
    except InputSkipped as why:
        raise InputProblem(f"it is {why.what}: there is nothing to explain", path) from None
    except Undecided as why:
        raise Undecided(why.what, why.where or path, why.hint, why.judgement) from None
    except InputProblem as why:
        raise InputProblem(why.what, why.where or path, why.hint) from None
    raise InputProblem(f"it has no line {line}", path, f"its last line is {last}")


def _explained(rules: RuleSet, path: str, line: int, block: Block, number: int) -> ExplainedLine:
    """The line that has `number` lines before it in its block."""
    lines = split_lines(block.data.decode()) or [""]
    before, text = "".join(lines[:number]), lines[number].rstrip("\r\n")
    byte = len(before.encode())
    region = next((one for one in block.regions if one.start <= byte < max(one.end, one.start + 1)), None)
    if region is None:
        return ExplainedLine(path, line, text)
    start = block.offset + len(before)
    end = start + max(len(lines[number]), len(text) + 1)
    tags = [pair for pair in zip(region.tags, region.output_tags, strict=True) if start <= pair[0].start < end]
    return ExplainedLine(
        path, line, text, True,
        tuple(decisions_on(region, start - region.offset, end - region.offset)),
        tuple(e for e in region.edits if e.start < end and (e.end > start or e.start == e.end == start)),
        tuple(tag for tag, _ in tags),
        tuple(flag for flag in region.flags if start <= flag.start < end),
        tuple(_protected(rules, text)),
        tuple(_shares(rules, region.text, tag) for _, tag in tags),
        chain=_chain(region, block.data[region.start : region.end].decode(), start - region.offset, lines[number]),
    )  # fmt: skip


def _chain(region: Region, source: str, start: int, line: str) -> str:
    """What had happened to the mojibake of a line that begins at `start` of its region; "" where nothing or unknown."""
    first = next((changeset for changeset in region.changesets if changeset and changeset[0].stage == MOJIBAKE), [])
    edits = [edit for edit in first if edit.rule.startswith(REPAIRS) and start <= edit.start < start + len(line)]
    chain = chain_of(line, shifted(edits, -start), source[max(0, start - NEAR // 2) : start + NEAR // 2])
    return history(chain) if edits and chain else ""


def decisions_on(region: Region, start: int, end: int) -> list[Decision]:
    """The decisions about characters `[start, end)` of a region, MOST of them at most."""
    return [one for one in region.decisions if one.start < end and one.end > start][:MOST]


def _shares(rules: RuleSet, text: str, tag: Tag) -> tuple[Share, ...]:
    """What spoke for the kind of a tag in `text`, most first; nothing where a rule alone gave it."""
    rule = rules.by_id.get(tag.rule)
    if rule is None or (rule.decisive and not rule.by_model):
        return ()
    own = [] if rule.by_model else [Share("as a rule", rule.id, log_odds(rule.written.weight))]
    return (*own, *built_in().shares(text, tag.start, tag.end, tag.kind))


def _protected(rules: RuleSet, text: str) -> list[tuple[str, str]]:
    found = []
    for rule in rules.of_stage("placeholder"):
        spans = rule.spans(text) if rule.does == "protect" else ()
        found += [(mask, rule.id) for mask in dict.fromkeys(text[start:end] for start, end, _ in spans)]
    return found
