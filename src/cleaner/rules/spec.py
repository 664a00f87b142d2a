"""A pack as its author writes it, in TOML. The names of the fields here are the language of rule files, format 2."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

import msgspec

from ..model.choices import Profile, RemovalKind, TagKind
from .stages import DEFAULT_ORDER

FORMAT = 2  # what is written; format 1 is read as well, see `format1.py`
REWRITES = (
    "to-halfwidth",
    "remove-blanks",
    "nfc",
    "nfkc",
    "unescape",
    "decode-bytes",
)  # what `does` can make of a match

PageZone = Literal["page", "page-head", "page-core", "page-tail"]  # of the features of models only
PieceZone = Literal["piece", "cue", "margin", "metadata", "menu"]  # of documents whose text is in pieces
Zone = Literal["anywhere", "head", "tail", "ends", "start", "end", PieceZone, PageZone]
PIECE_ZONES: tuple[str, ...] = get_args(PieceZone)
PAGE_ZONES: tuple[str, ...] = get_args(PageZone)
Extent = Literal["match", "line"]
Order = Literal["together", "sequence"]
Words = str | list[str]


def _says(description: str) -> msgspec.Meta:
    """What the schema and `docs/rules.md` print about a key."""
    return msgspec.Meta(description=description)


class Hit(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """An example that the rule must change."""

    text: Annotated[str, _says("the text before")]
    want: Annotated[str | None, _says("the text after")] = None
    tags: Annotated[list[tuple[str, TagKind]] | None, _says("the placeholders that are found in it")] = None
    flags: Annotated[list[str] | None, _says("what is reported of it")] = None


class PackHeader(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """The table `[pack]`."""

    stage: Annotated[
        str,
        msgspec.Meta(description="the stage in which its rules run", extra_json_schema={"enum": sorted(DEFAULT_ORDER)}),
    ]
    about: Annotated[str, _says("what the rules are for")] = ""
    format: Annotated[
        int, _says(f"the version of this language: {FORMAT}; a pack that does not say so has format 1")
    ] = 1
    order: Annotated[
        Order,
        _says(
            '"sequence": the rules run one after another, each on the text that the one before left, as in the readers '
            "they come from: capitals matter, disguises are not undone, ^ and $ are the edges of the text unless (?m)"
        ),
    ] = "together"


class ModelHeader(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The table `[model]` of features whose weights a program of `training/` fitted; it writes weights and header."""

    about: Annotated[str, _says("what the sum of the weights decides")]
    version: Annotated[int, _says("how often the weights were fitted anew")]
    fitted_by: Annotated[str, _says("the program that writes the weights")]
    fitted_on: Annotated[str, _says("the labelled texts")]
    date: Annotated[str, _says("when they were fitted, as 2026-11-30")]
    threshold: Annotated[float | None, _says("the sum from which a line is boilerplate at --level normal")] = None


class Context(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """What stands around a core. A text is an expression, a list holds words of which one is enough."""

    left: Annotated[Words | None, _says("what must stand right before the core")] = None
    not_left: Annotated[Words | None, _says("what must not stand right before the core")] = None
    right: Annotated[Words | None, _says("what must stand right after the core")] = None
    not_right: Annotated[Words | None, _says("what must not stand right after the core")] = None


class RuleSpec(Context, frozen=True):
    """One table `[rules.NAME]`: one finder (match, literal, any, core, all_of or any_of, does), a kind where the rule

    removes or tags, examples. Lengths and windows are in characters.
    """

    why: Annotated[str, _says("what it is for: its manual")] = ""
    kind: Annotated[
        RemovalKind | TagKind | None,
        _says("what a removal or a tag is; not with replace, not in the stage flag, which only reports"),
    ] = None
    match: Annotated[str | None, _says("a regular expression to find; several lines are joined with \\n")] = None
    literal: Annotated[str | None, _says("a text to find")] = None
    any: Annotated[list[str] | None, _says("texts to find")] = None
    core: Annotated[
        Words | None,
        _says("what to find where left, right, not_left and not_right hold, and one of contexts if there are any"),
    ] = None
    contexts: Annotated[list[Context], _says("alternatives: tables of left, right, not_left, not_right")] = []
    all_of: Annotated[
        list[str], _says("words; finds a line that holds all of them ({{list}}: any word of a list)")
    ] = []
    any_of: Annotated[list[list[str]], _says("groups of words; finds a line that holds all words of one group")] = []
    none_of: Annotated[list[str], _says("with all_of or any_of: words that the line must not hold")] = []
    length: Annotated[
        tuple[int, int] | None, _says("with all_of or any_of: the least and the most characters of the line")
    ] = None
    window: Annotated[
        int | None, _says("with all_of or any_of: the words begin within so many characters from the start of the line")
    ] = None
    does: Annotated[
        str | None,
        _says(
            "a repair written in code; with match also: protect (the other rules of its stage leave what it matches), "
            "to-halfwidth (full-width letters and digits become half-width), remove-blanks, unescape (HTML entities "
            "become characters), decode-bytes (=C3=A9, %C3%A9, \\xc3\\xa9 and &Atilde;&copy; become UTF-8), nfc, nfkc "
            "(in that form of Unicode), model (without match: the weights in rules/models say that a mask of a rule "
            "below weight 1 is of this kind)"
        ),
    ] = None
    prefilter: Annotated[
        str | None,
        _says(
            "with does: an expression that matches wherever the repair may apply; otherwise: what the prefilter looks "
            "for instead, where it finds that faster"
        ),
    ] = None
    replace: Annotated[str | None, _says("what stands there instead (\\1 for groups)")] = None
    hit: Annotated[list[Hit], _says("texts that it must change")] = []
    keep: Annotated[list[str], _says("texts that it must not change")] = []
    extent: Annotated[Extent, _says('"match" cuts what matched, "line" takes the whole line with it')] = "match"
    zone: Annotated[
        Zone,
        _says(
            '"head", "tail", "ends": only in the first 40 lines, the last 40, both; "start", "end": only at the very '
            'edge; "piece": only in documents, books, pages and Markdown, "cue": only in subtitles, '
            '"margin": only in headers, footers and watermarks of a document, '
            '"metadata": only in the fields that say what a document is, '
            '"menu": only in menus and rows of links of a page'
        ),
    ] = "anywhere"
    unless: Annotated[str | None, _says("an expression; a line that it matches is left alone")] = None
    weight: Annotated[
        float, _says("1.0 decides alone; less needs company on the same line; below 0 speaks against")
    ] = 1.0
    ignore_case: Annotated[bool, _says("A and a are the same; in the stage boilerplate only")] = True
    deobfuscate: Annotated[
        bool, _says("it is tried on the text without disguises (width, look-alikes, blanks between letters), too")
    ] = True
    profiles: Annotated[list[Profile], _says("only in these profiles")] = []
    enabled: Annotated[bool, _says("false: only with --on")] = True
    paths: Annotated[list[str], _says("only in files whose path fits one of these patterns (as in .gitignore)")] = []
    lang: Annotated[str, _says("the language of the texts it is for, as in zh, en, ja; it restricts nothing")] = ""
    label: Annotated[str, _says("what its author files it under")] = ""


class Pack(msgspec.Struct, frozen=True):
    """A pack that was read: where from, its header, and its rules in the order of the file."""

    name: str
    path: str
    head: PackHeader
    rules: dict[str, RuleSpec]
    lines: dict[str, int]  # of each rule's table ("NAME") and keys ("NAME.match"), from 1

    def where(self, rule: str, key: str = "") -> str:
        return f"{self.path}:{self.lines.get(f'{rule}.{key}', self.lines.get(rule, 1))}:1"
