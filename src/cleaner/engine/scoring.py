"""What the rules found in a region, weighed: what is removed, what is kept, and the sum behind it.

A rule of weight 1.0 or more decides alone about what it matched. Lighter ones are summed over their line. In a head
or tail the plain lines between certain ones belong to the block.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence

import msgspec
import regex

from ..matching.rule import Rule

NEAR = 1000  # characters of a line around a match that may show that it is a sentence: a plain choice
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
    r"[，。！？；“][^\n]*\p{Han}{4}|\p{Han}{24}|[写作成稿记]于|[一二三四五六七八九〇○零]{4}[ ]?[年·・.．]"
    r"|(?:[\p{Latin}\p{Hangul}\p{Cyrillic}'’-]+,? ){8}[^\n.!?]*[.!?]"
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
    parts: tuple[tuple[str, float], ...] = ()  # what a model has summed; else the rule's weight


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
    matches: Sequence[Match], text: str, head: int, tail: int, block: Rule | None, enough: float = 1.0
) -> list[SpanDecision]:
    """Verdicts in order, those with `removed` disjoint.

    The head of the document ends at character `head` of `text`, its tail begins at `tail`. `block` is the rule
    that answers for plain lines of a block, None to have no blocks. `enough` is the sum from which weak rules decide.
    """
    decisions = [_decisive(match, text) for match in matches if match.rule.decisive]
    if len(decisions) > 1:
        decisions = _disjoint(decisions)
    if len(decisions) < len(matches):
        weak = [match for match in matches if not match.rule.decisive]
        decisions = _with_weak(decisions, weak, text, enough) if weak else decisions
    decisions = widen(decisions, text)
    if len(decisions) > 1:
        decisions = _adjacent(decisions, text, head, tail, enough * ADJACENT)
    if block is not None and len(decisions) >= BLOCK_STRONG:
        decisions += _block(decisions, text, 0, head, block)
        decisions += _block(decisions, text, tail, len(text), block)
        decisions.sort(key=lambda decision: decision.start)
    return decisions


def in_question(matches: Sequence[Match], text: str, enough: float) -> list[tuple[int, int]]:
    """The lines that lighter rules would take: of these alone somebody has to ask what speaks against it."""
    sums: dict[tuple[int, int], dict[str, float]] = {}
    for match in matches:
        if not match.rule.decisive:
            line = line_of(text, match.start, match.end)
            sums.setdefault(line, {})[match.rule.id] = match.rule.written.weight
    return sorted(line for line, weights in sums.items() if sum(weights.values()) >= enough * ADJACENT)


def with_lines(decisions: list[SpanDecision], lines: Sequence[SpanDecision]) -> list[SpanDecision]:
    """With whole lines that were decided in another way: what lies inside one of them is removed with it."""
    merged: list[SpanDecision] = []
    at = 0
    for line in lines:
        while at < len(decisions) and decisions[at].end <= line.start:
            merged.append(decisions[at])
            at += 1
        inside = []
        while at < len(decisions) and decisions[at].start >= line.start and decisions[at].end <= line.end:
            inside.append(decisions[at])
            at += 1
        across = (merged and merged[-1].end > line.start) or (at < len(decisions) and decisions[at].start < line.end)
        if across or not line.removed:
            merged += inside if inside or across else [line]
        else:
            lead = max((v.rule for v in inside if v.removed), key=lambda rule: rule.written.weight, default=line.rule)
            parts = line.parts + tuple(part for v in inside for part in v.parts)
            merged.append(SpanDecision(line.start, line.end, lead, True, parts, run=line.run))
    return merged + decisions[at:]


def line_of(text: str, start: int, end: int) -> tuple[int, int]:
    """The lines that `[start, end)` touches, their last line end included."""
    newline = text.find("\n", max(end - 1, start))
    return text.rfind("\n", 0, start) + 1, newline + 1 if newline >= 0 else len(text)


def _decisive(match: Match, text: str) -> SpanDecision:
    rule = match.rule
    start, end = match.start, match.end
    if rule.written.extent == "line":
        low, high = line_of(text, start, end)
        if not _is_prose(text, low, start, end, high):
            start, end = low, high
    if start > 0 and text[start - 1] + text[end : end + 1] in BRACKETS:
        start, end = start - 1, end + 1
    return SpanDecision(start, end, rule, True, match.parts or ((rule.id, rule.written.weight),), match.after)


def _is_prose(text: str, low: int, start: int, end: int, high: int) -> bool:
    """Whether what stands on a line around `[start, end)` is a sentence; of a long line its end and what is near."""
    low = max(low, start - NEAR)
    if PROSE_BEFORE.search(text, low, start) or PROSE_AFTER.search(text, end, min(high, end + NEAR)):
        return True
    return bool(HANZI.search(text, low, start) and SENTENCE_END.search(text, max(end, high - NEAR), high))


def _disjoint(decisions: Iterable[SpanDecision]) -> list[SpanDecision]:
    """Overlapping removals as one; of overlapping replacements the first is kept.

    The longest answers for it, a model only where no rule says in words what it is.
    """
    merged: list[SpanDecision] = []
    for decision in sorted(decisions, key=lambda v: (v.start, -v.end)):
        if not merged or decision.start >= merged[-1].end:
            merged.append(decision)
            continue
        last = merged[-1]
        if last.after or decision.after:
            continue
        lead = max(last, decision, key=lambda v: (v.rule.does != "model", v.end - v.start))
        parts = last.parts + tuple(part for part in decision.parts if part not in last.parts)
        merged[-1] = SpanDecision(last.start, max(last.end, decision.end), lead.rule, True, parts)
    return merged


def _with_weak(decisions: list[SpanDecision], weak: Sequence[Match], text: str, enough: float) -> list[SpanDecision]:
    """What is certain, and lines that are removed whole: 绝密★启用前 [某某网example.com] keeps 绝密★启用前."""
    by_line: dict[tuple[int, int], dict[str, Match]] = {}
    for match in weak:
        if match.rule.written.weight < 0 or not any(v.start < match.end and match.start < v.end for v in decisions):
            by_line.setdefault(line_of(text, match.start, match.end), {})[match.rule.id] = match
    kept: list[SpanDecision] = []
    for (start, end), found in by_line.items():
        inside = [decision for decision in decisions if start <= decision.start and decision.end <= end]
        if any(decision.end - decision.start == end - start for decision in inside):
            continue
        parts = tuple((rule_id, match.rule.written.weight) for rule_id, match in found.items())
        rules = [v.rule for v in inside if not v.after] or [match.rule for match in found.values()]
        lead = max(rules, key=lambda rule: rule.written.weight)
        decision = SpanDecision(start, end, lead, sum(weight for _, weight in parts) >= enough, parts)
        if decision.removed:
            decisions = [other for other in decisions if other not in inside]
        if decision.removed or not inside:
            kept.append(decision)
    return sorted(decisions + kept, key=lambda decision: decision.start)


def widen(decisions: list[SpanDecision], text: str) -> list[SpanDecision]:
    """A line of which nothing but blanks and brackets would be left is removed whole, with its line end."""
    out: list[SpanDecision] = []
    at = 0
    while at < len(decisions):
        first = decisions[at]
        if not first.removed or first.after:
            out.append(first)
            at += 1
            continue
        start, end = line_of(text, first.start, first.end)
        group = [first]
        while at + len(group) < len(decisions) and decisions[at + len(group)].start < end:
            group.append(decisions[at + len(group)])
            end = max(end, line_of(text, group[-1].start, group[-1].end)[1])
        at += len(group)
        out += _whole_line(group, text, start, end) if all(v.removed and not v.after for v in group) else group
    return out


def _whole_line(group: list[SpanDecision], text: str, start: int, end: int) -> list[SpanDecision]:
    edges = [start]
    for decision in group:
        edges += (decision.start, decision.end)
    edges.append(end)
    for at in range(0, len(edges), 2):
        if edges[at] < edges[at + 1] and not RESIDUE.fullmatch(text, edges[at], edges[at + 1]):
            return group
    if len(group) == 1:
        return [SpanDecision(start, end, group[0].rule, True, group[0].parts)]
    starts = [start, *(decision.start for decision in group[1:])]
    ends = [*starts[1:], end]
    return [
        SpanDecision(low, high, decision.rule, True, decision.parts)
        for low, high, decision in zip(starts, ends, group, strict=True)
    ]


def _adjacent(decisions: Sequence[SpanDecision], text: str, head: int, tail: int, enough: float) -> list[SpanDecision]:
    """In a head or tail, lines with some evidence are removed with those they touch: notes stand together."""
    found = list(decisions)
    for order in (range(len(found)), range(len(found) - 1, -1, -1)):  # down, then up
        edge = -1
        for at in order:
            decision = found[at]
            near, far = (decision.start, decision.end) if order.step > 0 else (decision.end, decision.start)
            if near == edge and not decision.removed and decision.total >= enough and _may_join(decision, text):
                inside = decision.end <= head or decision.start >= tail
                found[at] = decision = msgspec.structs.replace(decision, removed=inside)
            if decision.removed and not decision.after and is_whole(decision, text):
                edge = far
    return found


def _may_join(decision: SpanDecision, text: str) -> bool:
    """Two features at least: one word (手机, 每天) stands in many a sentence that happens to lie next to an ad."""
    if sum(weight > 0 for _, weight in decision.parts) < 2:
        return False
    return not TITLE.search(text[decision.start : decision.end].strip())


def _block(decisions: Sequence[SpanDecision], text: str, low: int, high: int, rule: Rule) -> list[SpanDecision]:
    """Plain lines that stand, with no blank line between, among lines that go whole: BLOCK_STRONG of them together.

    A caption or a row of a table between two ads that were put into a text has prose around it, and is kept.
    """
    whole = {
        decision.start: decision
        for decision in decisions
        if decision.removed and low <= decision.start and decision.end <= high and is_whole(decision, text)
    }
    found: list[SpanDecision] = []
    plain: list[tuple[int, int]] = []
    strong = 1
    for decision in whole.values():
        between, at = _plain_lines(text, decision.end, high, whole)
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


def is_whole(decision: SpanDecision, text: str) -> bool:
    return decision.end > decision.start and line_of(text, decision.start, decision.end) == (
        decision.start,
        decision.end,
    )
