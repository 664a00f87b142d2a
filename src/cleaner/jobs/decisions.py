"""Review decisions as data: which edits to make, which not, which are exceptions of a rule.

A decision names an edit by its text and the text around it, so that it still finds the edit after the source was
changed elsewhere. Edits are dropped from the flat list, after all stages: what was accepted happens as it was seen,
what was rejected is kept in the source, and nothing else changes (docs/decisions/0070).
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from ..io.atomic import save_text
from ..matching.ruleset import has_prefix
from ..model.blocks import Block, Region
from ..model.edits import Edit
from ..model.errors import UsageProblem
from ..model.inputs import InputFile
from ..rules.reader import in_words, read_raw
from ..rules.renamed import current
from .filters import source_of, with_edits

Verdict = Literal["accept", "reject", "exception"]
FORMAT = 1
CONTEXT = 12  # characters before and after an edit, without blanks, that distinguish it from others of its rule
REACH = 120  # characters on each side that are searched for them
LONGEST = 160  # characters of an edit's text that are written out
HORIZON = 64 << 20  # bytes of a source within which the edit of a changed place is looked for
EXAMPLE = 200  # characters of a line that are kept as an example


class EditKey(NamedTuple):
    """An edit of one input: its rule, its text and the text around it without blanks, and which of several such."""

    rule: str
    text: str
    before: str
    after: str
    nth: int


class ReviewDecision(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a person decided about one edit; without `text` about all edits of a rule, without `path` in all inputs.

    `path` is relative to the folder that was named. `line` is the line of the edit, `note` any text.
    """

    verdict: Verdict
    rule: str
    path: str = ""
    text: str | None = None
    before: str = ""
    after: str = ""
    nth: int = 0
    line: str = ""
    note: str = ""

    @property
    def key(self) -> EditKey:
        return EditKey(current(self.rule), self.text or "", self.before, self.after, self.nth)


class ReviewDecisions(msgspec.Struct, forbid_unknown_fields=True):
    """A decisions file: JSON or TOML. `undecided` is what happens to edits without a decision."""

    format: int = FORMAT
    undecided: Literal["accept", "reject"] = "accept"
    decisions: list[ReviewDecision] = []


def load_decisions(path: str) -> ReviewDecisions:
    """Read a decisions file. Raises UsageProblem."""
    try:
        raw = read_raw(Path(path), path, "the file of decisions")
        data = tomllib.loads(raw.decode()) if path.endswith(".toml") else msgspec.json.decode(raw)
        said = msgspec.convert(data, ReviewDecisions)
    except OSError as error:
        raise UsageProblem(f"it can't be read: {error.strerror}", path, "check the path of the decisions") from None
    except (ValueError, msgspec.MsgspecError, RecursionError) as error:
        what = f"these are no decisions: {in_words(str(error))}"
        raise UsageProblem(what, path, "write them with cleaner review, or export them from an HTML report") from None
    if said.format != FORMAT:
        raise UsageProblem(f"decisions of format {said.format}; this cleaner reads {FORMAT}", path, "update cleaner")
    return said


def save_decisions(path: str, said: ReviewDecisions) -> None:
    """Write JSON, whole or not at all. Raises InputProblem."""
    save_text(path, msgspec.json.format(msgspec.json.encode(said).decode(), indent=1) + "\n")


def decisions_digest(said: Sequence[ReviewDecisions]) -> str:
    """What distinguishes the decisions of two runs; "[]" for none, as the first version wrote it."""
    if not said:
        return "[]"
    return blake2b(msgspec.json.encode(said, order="deterministic"), digest_size=16).hexdigest()


def path_name(name: str) -> str:
    """An input's name as decisions hold it: bytes that are no text as `\\xNN`, folders with `/`."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace").replace("\\\\", "\\")


class EditKeys:
    """Gives the edits of one input their keys, block after block."""

    def __init__(self) -> None:
        self._seen: Counter[EditKey] = Counter()
        self._last = ""

    def of(self, block: Block) -> list[list[EditKey]]:
        """For each region the keys of its edits."""
        found = [self._region(block, region) for region in block.regions]
        self._last = (self._last + block.data[-4 * REACH :].decode("utf-8", "ignore"))[-REACH:]
        return found

    def _region(self, block: Block, region: Region) -> list[EditKey]:
        if not region.edits:
            return []
        left = block.data[max(region.start - 4 * REACH, 0) : region.start].decode("utf-8", "ignore")
        if region.start < 4 * REACH:
            left = self._last + left
        left = left[-REACH:]
        text = (
            left + source_of(block, region) + block.data[region.end : region.end + 4 * REACH].decode("utf-8", "ignore")
        )
        shift = len(left) - region.offset
        keys = []
        for edit in region.edits:
            before, after = context_of(text, edit.start + shift, edit.end + shift)
            key = EditKey(edit.rule, folded(edit.before), before, after, 0)
            keys.append(key._replace(nth=self._seen[key]))
            self._seen[key] += 1
        return keys


def context_of(text: str, start: int, end: int) -> tuple[str, str]:
    """The nearest characters before and after, without blanks."""
    before = "".join(text[max(start - REACH, 0) : start].split())[-CONTEXT:]
    return before, "".join(text[end : end + REACH].split())[:CONTEXT]


def folded(text: str) -> str:
    """The text of an edit as decisions hold it: without blanks (unless it is nothing else), a long one shortened."""
    text = "".join(text.split()) or text
    if len(text) <= LONGEST:
        return text
    half = LONGEST // 2
    return f"{text[:half]}...{text[-half:]} {blake2b(text.encode(), digest_size=8).hexdigest()}"


class ApplyDecisions:
    """The filter that makes only the edits that were accepted. `used` counts the edits of each decision."""

    def __init__(self, said: ReviewDecisions) -> None:
        self.said = said
        self.used: Counter[ReviewDecision] = Counter()
        self._wide = [decision for decision in said.decisions if decision.text is None]
        self._exact: dict[str, dict[EditKey, ReviewDecision]] = {}
        for decision in said.decisions:
            if decision.text is not None:
                self._exact.setdefault(decision.path, {})[decision.key] = decision

    def unused(self) -> list[ReviewDecision]:
        """Decisions that found no edit."""
        return [decision for decision in self.said.decisions if not self.used[decision]]

    def __call__(self, item: InputFile, blocks: Iterable[Block]) -> Iterator[Block]:
        path = path_name(item.name)
        exact = self._exact.get(path, {})
        keys = EditKeys()
        held: list[tuple[Block, list[list[EditKey]]]] = []
        size = 0
        for block in blocks:
            held.append((block, keys.of(block)))
            size += len(block.data)
            if size >= HORIZON or not exact:
                yield from self._decided(path, exact, held)
                held, size = [], 0
        yield from self._decided(path, exact, held)

    def _decided(
        self, path: str, exact: dict[EditKey, ReviewDecision], held: Sequence[tuple[Block, list[list[EditKey]]]]
    ) -> Iterator[Block]:
        found = matched(exact, [key for _, regions in held for keys in regions for key in keys]) if exact else {}
        for block, regions in held:
            seen = []
            for region, keys in zip(block.regions, regions, strict=True):
                kept = [
                    edit
                    for edit, key in zip(region.edits, keys, strict=True)
                    if self._is_made(path, edit, found.get(key))
                ]
                whole = len(kept) == len(region.edits)
                seen.append(region if whole else with_edits(region, source_of(block, region), kept))
            yield msgspec.structs.replace(block, regions=seen)

    def _is_made(self, path: str, edit: Edit, decision: ReviewDecision | None) -> bool:
        """Whether the edit is made: by the decision about it, else about its rule here, else everywhere."""
        decision = decision or self._about_rule(path, edit.rule) or self._about_rule("", edit.rule)
        if decision is None:
            return self.said.undecided == "accept"
        self.used[decision] += 1
        return decision.verdict == "accept"

    def _about_rule(self, path: str, rule: str) -> ReviewDecision | None:
        """The last of several counts."""
        for said in reversed(self._wide):
            if said.path == path and has_prefix(rule, said.rule):
                return said
        return None


def matched(exact: dict[EditKey, ReviewDecision], keys: Sequence[EditKey]) -> dict[EditKey, ReviewDecision]:
    """The decision of each edit. Where the text on one side of an edit has changed, the only such edit is meant."""
    found = {key: exact[key] for key in keys if key in exact}
    left = [key for key in exact if key not in found]
    if not left:
        return found
    free: dict[tuple[str, str], list[EditKey]] = {}
    for key in keys:
        if key not in found:
            free.setdefault(key[:2], []).append(key)
    for lost in left:
        near = [key for key in free.get(lost[:2], ()) if key.before == lost.before or key.after == lost.after]
        if len(near) == 1:
            found[near[0]] = exact[lost]
            free[lost[:2]].remove(near[0])
    return found


def example_line(source: str, start: int, end: int) -> str:
    """The line of an edit as an example for a pack, cut to EXAMPLE characters around it."""
    low = source.rfind("\n", 0, start) + 1
    high = source.find("\n", end)
    high = high if high >= 0 else len(source)
    spare = max(EXAMPLE - (end - start), 0) // 2
    return source[max(low, start - spare) : min(high, end + spare)]
