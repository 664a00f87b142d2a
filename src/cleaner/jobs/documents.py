"""Documents in a run: their texts go through the decode stage, and only edits that fit their pieces are made."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import BinaryIO

import msgspec
from msgspec.structs import replace

from ..io.formats import PiecedDocument, open_pieces
from ..matching.rule import Rule
from ..model.blocks import Block
from ..model.edits import Edit
from ..model.errors import CleanerError
from ..model.inputs import InputFile
from ..model.source import SourceEncoding
from ..pipeline import Pipeline
from ..stages.decode import decode
from .filters import source_of, with_edits

FRAMED = ("html", "epub", "md")
FRAME = frozenset(("navigation", "header", "footer"))  # in a page or a book they are how it is built, and no dirt
PAGE = ("boilerplate/page-features/", "boilerplate/line-features/", "boilerplate/blocks/", "boilerplate/aozora/")
MENUS = (*PAGE, "boilerplate/webpage", "boilerplate/menu/")  # the rest is what distributors write at head and foot
SPOKEN = ("ass", "srt")
MODEL = "boilerplate/model/span"
STAMPS = "boilerplate/document/"
TITLE, LONG = 4, 80  # letters of a title that says something
# What a mark of those who spread a document holds; the learned model was made for prose, and here it is not alone.
WITNESS = re.compile(
    r"[公][众眾][号號]|微信|微博|QQ|[Qq]群|下[载載]|[扫掃]|培训|咨询|客服|APP|[关關]注|电子书|制作者|出品|[转轉][载載]"
)
ADDRESS = re.compile(r"https?:|www\.")
PROSE = re.compile(r"^[^：:“「【@\d]*[\u4e00-\u9fff]。\s*$")  # names nobody whom one could follow or reach
# In a page's frame the prompts go all the same; a menu without them is how the page is built.
PROMPT = re.compile(r"扫[一描]|二维码|二維碼|客户端|公[众眾][号號]|赞赏|长按|打开.{1,10}APP|APP|精彩推荐|大家都在看")
PIECES = "boilerplate/pieces/"  # the rules that know where a text stands
MENU = f"{PIECES}menu"  # on: a page is cut to its main content


def pieced(item: InputFile, file: BinaryIO, hint: str | None) -> PiecedDocument | None:
    """The document in a file, None where it is of no format. Raises InputProblem, InputSkipped."""

    def decoded(raw: bytes) -> tuple[str, SourceEncoding]:
        return decode(raw, hint)

    try:
        return open_pieces(item.name, file, decoded)
    except CleanerError as why:
        why.where = why.where or item.path
        raise


def blocks_of(document: PiecedDocument, pipeline: Pipeline, off: frozenset[str]) -> Iterator[Block]:
    """The decided blocks of a document, with the edits that it takes. Speech is left to the rules made for cues."""
    own = pipeline.rules.own
    if document.format in SPOKEN:
        off |= {one for one in pipeline.rules.on - own if not one.startswith(PIECES)}
    main_content = MENU in pipeline.rules.on and document.format == "html"
    judge = _Judge(document, own, main_content, _titles(document))
    placed = pipeline.without(off).placed(document.pieces.zone_at, document.format == "html", judge.allows)
    return judge.fitting(list(placed.blocks(document.chunks())))


class _Judge(msgspec.Struct, frozen=True):
    """Which edits a document takes; `own` are the rules of the user, which may do anything to its text.

    `main_content`: of a page nothing else is left, so what the page model takes for its frame is removed, too.
    """

    document: PiecedDocument
    own: frozenset[str]
    main_content: bool
    titles: Sequence[str]  # a document's own name returns in it, and is no stamp

    def allows(self, rule: Rule, char: int, before: str) -> bool:
        """Asked before matches of several rules become one passage: one that may not act takes none along."""
        return rule.id in self.own or self._is_allowed(rule.id, rule.kind, char, before)

    def fitting(self, blocks: Sequence[Block]) -> Iterator[Block]:
        """Blocks with the edits that fit: an address alone counts where it is not all that was found."""
        found = [[[one for one in region.edits if self._fits(one)] for region in block.regions] for block in blocks]
        marked = self.main_content or any(
            one.kind and not _is_bare(one) for block in found for edits in block for one in edits
        )
        for block, fitting in zip(blocks, found, strict=True):
            regions = []
            for region, edits in zip(block.regions, fitting, strict=True):
                kept = edits if marked else [one for one in edits if not _is_bare(one)]
                if len(kept) < len(region.edits):
                    region = with_edits(region, source_of(block, region), kept)  # noqa: PLW2901 - what is left of it
                regions.append(region)
            yield replace(block, regions=regions)

    def _fits(self, edit: Edit) -> bool:
        """Blanks and lines are how a document is laid out."""
        if edit.stage == "whitespace" or not self.document.pieces.takes(edit):
            return False
        return edit.rule in self.own or self._is_allowed(edit.rule, edit.kind, edit.start, edit.before)

    def _is_allowed(self, rule: str, kind: str | None, char: int, before: str) -> bool:
        """A cue is speech: only rules made for cues take any of it, and it is too short to be judged as mojibake.

        A heading is no frame of a page but its title.
        """
        zone, format = self.document.pieces.zone_at(char), self.document.format
        if rule.startswith(PIECES) or (self.main_content and zone != "title"):
            return True
        if format in SPOKEN or zone == "metadata":
            return False
        if rule.startswith(PAGE) and (zone in ("heading", "title") or PROSE.search(before)):
            return bool(PROMPT.search(before))
        witnessed = bool(WITNESS.search(before) or ADDRESS.search(before))
        if rule.startswith(STAMPS) and any(_is_of(title, before) for title in self.titles):
            return False
        if rule == MODEL:
            return zone != "margin" and witnessed
        if kind not in FRAME or format not in FRAMED or PROMPT.search(before):
            return True
        return not rule.startswith(MENUS) and witnessed


def _titles(document: PiecedDocument) -> list[str]:
    pieces = [piece for part in document.pieces.parts for piece in part.pieces]
    found = [_letters(piece.text) for piece in pieces if piece.place == "name"]
    return [one for one in dict.fromkeys(found) if TITLE <= len(one) <= LONG]


def _is_of(title: str, stamp: str) -> bool:
    """Whether they share half of the title: 河边指南 (中文版 is of 河边指南."""
    same = SequenceMatcher(None, title, _letters(stamp), autojunk=False).find_longest_match()
    return same.size >= max(TITLE, len(title) // 2)


def _letters(text: str) -> str:
    return "".join(char for char in text if char.isalnum())


def _is_bare(edit: Edit) -> bool:
    return edit.rule.startswith(PAGE) and not WITNESS.search(edit.before)
