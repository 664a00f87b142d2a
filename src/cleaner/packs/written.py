"""A pack as its author writes it, in TOML. The names of the fields here are the language of rule files."""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

FORMAT = 1
REMOVING_STAGES = ("invisible", "boilerplate")

Stage = Literal["mojibake", "invisible", "boilerplate", "whitespace", "placeholder", "flag"]
STAGES: tuple[str, ...] = get_args(Stage)
RemovalKind = Literal["ad", "watermark", "header", "footer", "navigation", "contact", "notice", "invisible"]
TagKind = Literal["date", "number", "place", "person", "org", "other"]
Where = Literal["anywhere", "head", "tail", "ends", "start", "end", "page", "page-head", "page-core", "page-tail"]
Extent = Literal["match", "line"]
Order = Literal["together", "sequence"]
Profile = Literal["safe", "official", "novel", "corpus"]


class Hit(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """An example that the rule must change: `text` becomes `want`, or gets `tags` or `flags`."""

    text: str
    want: str | None = None
    tags: list[tuple[str, TagKind]] | None = None
    flags: list[str] | None = None


class PackHead(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The table `[pack]`.

    order = "sequence": the rules run one after another, each on the text that the one before left, as in the readers
    they come from: capitals matter, no disguises are seen through, ^ and $ are the edges of the text unless (?m).
    """

    stage: Stage
    about: str = ""
    format: int = FORMAT
    order: Order = "together"


class WrittenRule(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One table `[rules.NAME]`.

    what to find (one of)   match: a regular expression; literal: a text; any: texts; does: a repair written in code
    opens                   for `does`: a regular expression that matches wherever the repair may have work;
                            for `match`: what the scanner looks for instead, where it finds that faster
    does = "join"           joins lines that end because they were full (see wraps.py)
    does = "narrow", "close" with `match`: what matched in half-width letters, or without its blanks
    does = "leave"          with `match`: protects what it matches from the other rules of its stage
    does = "between"        with `match`: what stands in full elsewhere between the words around a mask, where a rule
                            below weight 1 found it; "begun": what begins with the character before it
    kind                    what a removal or a tag is; not with `replace`, not in the stage `flag`, which only reports
    replace                 what stands there instead (`\\1` for groups)
    extent                  "match" cuts what matched, "line" takes the whole line with it
    place                   "head" / "tail" / "ends": only in the first / last 40 lines / in both;
                            "start" / "end": only at the very edge;
                            "page": a sign, weighed where a document reads as a flattened web page, everywhere in it or
                            above ("page-head"), between ("page-core") or below ("page-tail") its paragraphs
    unless                  a regular expression; a line that it matches is left alone
    weight                  1.0 decides alone; less needs company on the same line; below 0 speaks against
    case, fold              case = true: capitals matter; fold = false: only as written, no disguises
    profiles                only in these profiles; off = true: only when asked for by `--on`
    paths                   only in files whose path fits one of these patterns (as in .gitignore)
    why, hit, keep          the rule's own manual and tests
    group                   what its author files it under
    single                  known to fit one source only
    """

    why: str = ""
    kind: RemovalKind | TagKind | None = None
    match: str | None = None
    literal: str | None = None
    any: list[str] | None = None
    does: str | None = None
    opens: str | None = None
    replace: str | None = None
    hit: list[Hit] = []
    keep: list[str] = []
    extent: Extent = "match"
    place: Where = "anywhere"
    unless: str | None = None
    weight: float = 1.0
    case: bool = False
    fold: bool = True
    profiles: list[Profile] = []
    off: bool = False
    single: bool = False
    paths: list[str] = []
    group: str = ""


class Pack(msgspec.Struct, frozen=True):
    """A pack that was read: where from, its head, and its rules in the order of the file."""

    name: str
    path: str
    head: PackHead
    rules: dict[str, WrittenRule]
    lines: dict[str, int]  # of each rule's table ("NAME") and keys ("NAME.match"), from 1

    def where(self, rule: str, key: str = "") -> str:
        return f"{self.path}:{self.lines.get(f'{rule}.{key}', self.lines.get(rule, 1))}:1"


REMOVAL: tuple[str, ...] = get_args(RemovalKind)
TAGS: tuple[str, ...] = get_args(TagKind)
