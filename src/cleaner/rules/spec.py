"""A pack as its author writes it, in TOML. The names of the fields here are the language of rule files."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from ..model.choices import Profile, RemovalKind, Stage, TagKind

FORMAT = 1
REMOVING_STAGES = ("invisible", "boilerplate")
REWRITES = ("narrow", "close", "nfc", "nfkc", "unescape")  # what `does` can make of a match

Zone = Literal["anywhere", "head", "tail", "ends", "start", "end", "page", "page-head", "page-core", "page-tail"]
Extent = Literal["match", "line"]
Order = Literal["together", "sequence"]


def _says(description: str) -> msgspec.Meta:
    """What the schema and `docs/rules.md` say about a key."""
    return msgspec.Meta(description=description)


class Hit(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """An example that the rule must change."""

    text: Annotated[str, _says("the text as it comes")]
    want: Annotated[str | None, _says("what becomes of it")] = None
    tags: Annotated[list[tuple[str, TagKind]] | None, _says("the placeholders that are found in it")] = None
    flags: Annotated[list[str] | None, _says("what is reported of it")] = None


class PackHeader(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The table `[pack]`."""

    stage: Annotated[Stage, _says("when its rules work")]
    about: Annotated[str, _says("what the rules are for")] = ""
    format: Annotated[int, _says(f"the version of this language: {FORMAT}")] = FORMAT
    order: Annotated[
        Order,
        _says(
            '"sequence": the rules run one after another, each on the text that the one before left, as in the readers '
            "they come from: capitals matter, no disguises are seen through, ^ and $ are the edges of the text unless "
            "(?m)"
        ),
    ] = "together"


class RuleSpec(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One table `[rules.NAME]`: one of match, literal, any, does; where it removes or tags a kind; its examples."""

    why: Annotated[str, _says("what it is for: its manual")] = ""
    kind: Annotated[
        RemovalKind | TagKind | None,
        _says("what a removal or a tag is; not with replace, not in the stage flag, which only reports"),
    ] = None
    match: Annotated[str | None, _says("a regular expression to find; several lines are joined with \\n")] = None
    literal: Annotated[str | None, _says("a text to find")] = None
    any: Annotated[list[str] | None, _says("texts to find")] = None
    does: Annotated[
        str | None,
        _says(
            "a repair written in code; with match also: leave (what it matches is protected from the other rules of "
            "its stage), narrow (it becomes half-width), close (it loses its blanks), unescape (its HTML entities as "
            "characters), nfc, nfkc (in that form of Unicode), between (what stands in full elsewhere between the "
            "words around a mask, where a rule below weight 1 found it), begun (what begins with "
            "the character before it)"
        ),
    ] = None
    opens: Annotated[
        str | None,
        _says(
            "with does: an expression that matches wherever the repair may have work; with match: what the scanner "
            "looks for instead, where it finds that faster"
        ),
    ] = None
    replace: Annotated[str | None, _says("what stands there instead (\\1 for groups)")] = None
    hit: Annotated[list[Hit], _says("texts that it must change")] = []
    keep: Annotated[list[str], _says("texts that it must leave alone")] = []
    extent: Annotated[Extent, _says('"match" cuts what matched, "line" takes the whole line with it')] = "match"
    place: Annotated[
        Zone,
        _says(
            '"head", "tail", "ends": only in the first 40 lines, the last 40, both; "start", "end": only at the very '
            'edge; "page": a sign, weighed where a document reads as a flattened web page, everywhere in it or above '
            '("page-head"), between ("page-core") or below ("page-tail") its paragraphs'
        ),
    ] = "anywhere"
    unless: Annotated[str | None, _says("an expression; a line that it matches is left alone")] = None
    weight: Annotated[
        float, _says("1.0 decides alone; less needs company on the same line; below 0 speaks against")
    ] = 1.0
    case: Annotated[bool, _says("capitals matter")] = False
    fold: Annotated[bool, _says("it sees through disguises (width, look-alikes, blanks between letters)")] = True
    profiles: Annotated[list[Profile], _says("only in these profiles")] = []
    off: Annotated[bool, _says("only when asked for by --on")] = False
    single: Annotated[bool, _says("known to fit one source only")] = False
    paths: Annotated[list[str], _says("only in files whose path fits one of these patterns (as in .gitignore)")] = []
    group: Annotated[str, _says("what its author files it under")] = ""


class Pack(msgspec.Struct, frozen=True):
    """A pack that was read: where from, its head, and its rules in the order of the file."""

    name: str
    path: str
    head: PackHeader
    rules: dict[str, RuleSpec]
    lines: dict[str, int]  # of each rule's table ("NAME") and keys ("NAME.match"), from 1

    def where(self, rule: str, key: str = "") -> str:
        return f"{self.path}:{self.lines.get(f'{rule}.{key}', self.lines.get(rule, 1))}:1"
