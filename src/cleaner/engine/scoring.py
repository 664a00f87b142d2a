"""What the rules found in a region, weighed: what is removed, what is kept, and the sum behind it.

A rule of weight 1.0 or more decides alone about what it matched. Lighter ones are summed over their line. In a head
or tail the plain lines between certain ones belong to the block.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence

import msgspec
import regex

from ..matching.rule import Rule

BLOCK_STRONG = 3  # lines of a block that must be certain before it takes in plain ones
BLOCK_PLAIN = 4  # plain lines in a row that it may take in
ADJACENT = 0.5  # the share of enough that weak rules need on a line next to one that is removed whole
# 在全县干部大会上的讲话, 作者：…, 《书名》, 第一章: never part of a block that a distributor put there
TITLE = regex.compile(
    r"《|作\s*者|标\s*题|第[0-9一二三四五六七八九十百千零〇两]+[章回节卷部集]|目\s*录|前\s*言|[序跋]$|楔子|引子"
    r"|(?:讲话|报告|通知|意见|方案|总结|计划|发言|致辞|体会|材料|办法|规定|条例|决定|公告|纪要|提纲|简介|试[卷题]|[语数英物化])[)）]?$"
)
SENTENCE = regex.compile(r"[，。．！？!?…；：:”’」』]\s*$|。|.{30}")
# What stands before or after a mark on its line and reads as a sentence is the author's, whatever the rule's extent:
# 他走过去，看见门口站着一个人，心里很是[京ICP备…号]高兴，便笑着迎了上去。
PROSE_BEFORE = regex.compile(
    r"[，。！？；“][^\n]*\p{Han}{4}|\p{Han}{24}|(?:[\p{Latin}\p{Hangul}\p{Cyrillic}'’-]+,? ){8}[^\n.!?]*[.!?]"
)
PROSE_AFTER = regex.compile(r"\p{Han}{2}[，；][^\n]*\p{Han}{3}[。？”]|\p{Han}{8}[。？”]")
HANZI = regex.compile(r"\p{Han}{2}")
SENTENCE_END = regex.compile(r"\p{Han}[。？”]\s*$")
BRACKETS = frozenset(("【】", "[]", "［］", "（）", "()", "〔〕", "「」", "『』", "〖〗"))
RESIDUE = regex.compile(r"[\s\[\]【】（）()「」『』<>〈〉{}|=_*~\-☆★■□◆◇●○▲△·•:：、,，.．/]*")


class Match(msgspec.Struct, frozen=True, gc=False):
    """A rule matched characters `[start, end)` of the region as rules see it; `after` would stand there."""

    start: int
    end: int
    rule: Rule
    after: str = ""


class SpanDecision(msgspec.Struct, frozen=True, gc=False):
    """What was decided about `[start, end)`: `rule` answers for it, `parts` are the rules summed and their weights."""

    start: int
    end: int
    rule: Rule
    removed: bool
    parts: tuple[tuple[str, float], ...]
    after: str = ""
    run: float | None = None  # the sum of all lines that were decided together, where the line's own does not decide

    @property
    def total(self) -> float:
        return sum(weight for _, weight in self.parts)


def decide(
    findings: Sequence[Match], text: str, head: int, tail: int, block: Rule | None, enough: float = 1.0
) -> list[SpanDecision]:
    """Verdicts in order, those with `removed` disjoint.

    The head of the document ends at character `head` of `text`, its tail begins at `tail`. `block` is the rule
    that answers for plain lines of a block, None to have no blocks. `enough` is the sum from which weak rules decide.
    """
    verdicts = [_certain(finding, text) for finding in findings if finding.rule.certain]
    if len(verdicts) > 1:
        verdicts = _disjoint(verdicts)
    if len(verdicts) < len(findings):
        weak = [finding for finding in findings if not finding.rule.certain]
        verdicts = _with_weak(verdicts, weak, text, enough) if weak else verdicts
    verdicts = widen(verdicts, text)
    if len(verdicts) > 1:
        verdicts = _adjacent(verdicts, text, head, tail, enough * ADJACENT)
    if block is not None and len(verdicts) >= BLOCK_STRONG:
        verdicts += _block(verdicts, text, 0, head, block)
        verdicts += _block(verdicts, text, tail, len(text), block)
        verdicts.sort(key=lambda verdict: verdict.start)
    return verdicts


def in_question(findings: Sequence[Match], text: str, enough: float) -> list[tuple[int, int]]:
    """The lines that lighter rules would take: of these alone somebody has to ask what speaks against it."""
    sums: dict[tuple[int, int], dict[str, float]] = {}
    for finding in findings:
        if not finding.rule.certain:
            line = line_of(text, finding.start, finding.end)
            sums.setdefault(line, {})[finding.rule.id] = finding.rule.written.weight
    return sorted(line for line, weights in sums.items() if sum(weights.values()) >= enough * ADJACENT)


def with_lines(verdicts: list[SpanDecision], lines: Sequence[SpanDecision]) -> list[SpanDecision]:
    """With whole lines that were decided in another way: what lies inside one of them is removed with it."""
    merged: list[SpanDecision] = []
    at = 0
    for line in lines:
        while at < len(verdicts) and verdicts[at].end <= line.start:
            merged.append(verdicts[at])
            at += 1
        inside = []
        while at < len(verdicts) and verdicts[at].start >= line.start and verdicts[at].end <= line.end:
            inside.append(verdicts[at])
            at += 1
        across = (merged and merged[-1].end > line.start) or (at < len(verdicts) and verdicts[at].start < line.end)
        if across or not line.removed:
            merged += inside if inside or across else [line]
        else:
            lead = max((v.rule for v in inside if v.removed), key=lambda rule: rule.written.weight, default=line.rule)
            parts = line.parts + tuple(part for v in inside for part in v.parts)
            merged.append(SpanDecision(line.start, line.end, lead, True, parts, run=line.run))
    return merged + verdicts[at:]


def line_of(text: str, start: int, end: int) -> tuple[int, int]:
    """The lines that `[start, end)` touches, their last line end included."""
    newline = text.find("\n", max(end - 1, start))
    return text.rfind("\n", 0, start) + 1, newline + 1 if newline >= 0 else len(text)


def _certain(finding: Match, text: str) -> SpanDecision:
    rule = finding.rule
    start, end = finding.start, finding.end
    if rule.written.extent == "line":
        low, high = line_of(text, start, end)
        if not _is_prose(text, low, start, end, high):
            start, end = low, high
    if start > 0 and text[start - 1] + text[end : end + 1] in BRACKETS:
        start, end = start - 1, end + 1
    return SpanDecision(start, end, rule, True, ((rule.id, rule.written.weight),), finding.after)


def _is_prose(text: str, low: int, start: int, end: int, high: int) -> bool:
    """Whether what stands on a line around `[start, end)` is a sentence."""
    if PROSE_BEFORE.search(text, low, start) or PROSE_AFTER.search(text, end, high):
        return True
    return bool(HANZI.search(text, low, start) and SENTENCE_END.search(text, end, high))


def _disjoint(verdicts: Iterable[SpanDecision]) -> list[SpanDecision]:
    """Overlapping removals as one, the longest answering for it; of overlapping replacements the first is kept."""
    merged: list[SpanDecision] = []
    for verdict in sorted(verdicts, key=lambda v: (v.start, -v.end)):
        if not merged or verdict.start >= merged[-1].end:
            merged.append(verdict)
            continue
        last = merged[-1]
        if last.after or verdict.after:
            continue
        lead = max(last, verdict, key=lambda v: v.end - v.start)
        parts = last.parts + tuple(part for part in verdict.parts if part not in last.parts)
        merged[-1] = SpanDecision(last.start, max(last.end, verdict.end), lead.rule, True, parts)
    return merged


def _with_weak(verdicts: list[SpanDecision], weak: Sequence[Match], text: str, enough: float) -> list[SpanDecision]:
    """What is certain, and lines that are removed whole: 绝密★启用前 [某某网example.com] keeps 绝密★启用前."""
    by_line: dict[tuple[int, int], dict[str, Match]] = {}
    for finding in weak:
        if finding.rule.written.weight < 0 or not any(
            v.start < finding.end and finding.start < v.end for v in verdicts
        ):
            by_line.setdefault(line_of(text, finding.start, finding.end), {})[finding.rule.id] = finding
    kept: list[SpanDecision] = []
    for (start, end), found in by_line.items():
        inside = [verdict for verdict in verdicts if start <= verdict.start and verdict.end <= end]
        if any(verdict.end - verdict.start == end - start for verdict in inside):
            continue
        parts = tuple((rule_id, finding.rule.written.weight) for rule_id, finding in found.items())
        rules = [v.rule for v in inside if not v.after] or [finding.rule for finding in found.values()]
        lead = max(rules, key=lambda rule: rule.written.weight)
        verdict = SpanDecision(start, end, lead, sum(weight for _, weight in parts) >= enough, parts)
        if verdict.removed:
            verdicts = [other for other in verdicts if other not in inside]
        if verdict.removed or not inside:
            kept.append(verdict)
    return sorted(verdicts + kept, key=lambda verdict: verdict.start)


def widen(verdicts: list[SpanDecision], text: str) -> list[SpanDecision]:
    """A line of which nothing but blanks and brackets would be left is removed whole, with its line end."""
    out: list[SpanDecision] = []
    at = 0
    while at < len(verdicts):
        first = verdicts[at]
        if not first.removed or first.after:
            out.append(first)
            at += 1
            continue
        start, end = line_of(text, first.start, first.end)
        group = [first]
        while at + len(group) < len(verdicts) and verdicts[at + len(group)].start < end:
            group.append(verdicts[at + len(group)])
            end = max(end, line_of(text, group[-1].start, group[-1].end)[1])
        at += len(group)
        out += _whole_line(group, text, start, end) if all(v.removed and not v.after for v in group) else group
    return out


def _whole_line(group: list[SpanDecision], text: str, start: int, end: int) -> list[SpanDecision]:
    edges = [start]
    for verdict in group:
        edges += (verdict.start, verdict.end)
    edges.append(end)
    for at in range(0, len(edges), 2):
        if edges[at] < edges[at + 1] and not RESIDUE.fullmatch(text, edges[at], edges[at + 1]):
            return group
    if len(group) == 1:
        return [SpanDecision(start, end, group[0].rule, True, group[0].parts)]
    starts = [start, *(verdict.start for verdict in group[1:])]
    ends = [*starts[1:], end]
    return [
        SpanDecision(low, high, verdict.rule, True, verdict.parts)
        for low, high, verdict in zip(starts, ends, group, strict=True)
    ]


def _adjacent(verdicts: Sequence[SpanDecision], text: str, head: int, tail: int, enough: float) -> list[SpanDecision]:
    """In a head or tail, lines with some evidence are removed with those they touch: notes stand together."""
    found = list(verdicts)
    for order in (range(len(found)), range(len(found) - 1, -1, -1)):  # down, then up
        edge = -1
        for at in order:
            verdict = found[at]
            near, far = (verdict.start, verdict.end) if order.step > 0 else (verdict.end, verdict.start)
            if near == edge and not verdict.removed and verdict.total >= enough and _may_join(verdict, text):
                inside = verdict.end <= head or verdict.start >= tail
                found[at] = verdict = msgspec.structs.replace(verdict, removed=inside)
            if verdict.removed and not verdict.after and is_whole(verdict, text):
                edge = far
    return found


def _may_join(verdict: SpanDecision, text: str) -> bool:
    """Two features at least: one word (手机, 每天) stands in many a sentence that happens to lie next to an ad."""
    if sum(weight > 0 for _, weight in verdict.parts) < 2:
        return False
    return not TITLE.search(text[verdict.start : verdict.end].strip())


def _block(verdicts: Sequence[SpanDecision], text: str, low: int, high: int, rule: Rule) -> list[SpanDecision]:
    """Plain lines that stand, with no blank line between, among lines that go whole: BLOCK_STRONG of them together.

    A caption or a row of a table between two ads that were put into a text has prose around it, and is kept.
    """
    whole = {
        verdict.start: verdict
        for verdict in verdicts
        if verdict.removed and low <= verdict.start and verdict.end <= high and is_whole(verdict, text)
    }
    found: list[SpanDecision] = []
    plain: list[tuple[int, int]] = []
    strong = 1
    for verdict in whole.values():
        between, at = _plain_lines(text, verdict.end, high, whole)
        if at in whole:
            plain += between
            strong += 1
            continue
        if strong >= BLOCK_STRONG:
            found += [SpanDecision(start, end, rule, True, ((rule.id, 1.0),)) for start, end in plain]
        plain, strong = [], 1
    return found


def _plain_lines(text: str, at: int, high: int, whole: Container[int]) -> tuple[list[tuple[int, int]], int]:
    """The lines from `at` on that may belong to a block, and where the next line begins that is removed, or -1."""
    between: list[tuple[int, int]] = []
    while at < high and at not in whole and len(between) <= BLOCK_PLAIN:
        start, end = line_of(text, at, at + 1)
        line = text[start:end].strip()
        if not line or TITLE.search(line) or SENTENCE.search(line):
            break
        between.append((start, end))
        at = end
    return between, at if len(between) <= BLOCK_PLAIN else -1


def is_whole(verdict: SpanDecision, text: str) -> bool:
    return verdict.end > verdict.start and line_of(text, verdict.start, verdict.end) == (verdict.start, verdict.end)
