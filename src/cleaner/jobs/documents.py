"""Documents in a run: their texts go through the decode stage, and only edits that fit their pieces are made."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from msgspec.structs import replace

from ..io.formats import PiecedDocument, open_pieces
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
# What a mark of those who spread a document holds; the learned model was made for prose, and here it is not alone.
WITNESS = re.compile(
    r"https?:|www\.|[公][众眾][号號]|微信|微博|QQ|[Qq]群|下[载載]|[扫掃]|培训|咨询|客服|APP|[关關]注|电子书|制作者|出品"
)
# In a page's frame the prompts go all the same; a menu without them is how the page is built.
PROMPT = re.compile(r"扫[一描]|二维码|二維碼|客户端|公[众眾][号號]|赞赏|长按|打开.{1,10}APP|APP|精彩推荐|大家都在看")
PIECES = "boilerplate/pieces/"  # the rules that know where a text stands


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
    if document.format in SPOKEN:
        off |= {one for one in pipeline.rules.on - pipeline.rules.own if not one.startswith(PIECES)}
    placed = pipeline.without(off).placed(document.pieces.zone_at, document.format == "html")
    return _fitting(document, placed.blocks(document.chunks()), pipeline.rules.own)


def _fitting(document: PiecedDocument, blocks: Iterator[Block], own: frozenset[str]) -> Iterator[Block]:
    """Blocks with the edits that a document takes."""
    for block in blocks:
        regions = []
        for region in block.regions:
            kept = [edit for edit in region.edits if _fits(document, edit, own)]
            if len(kept) < len(region.edits):
                region = with_edits(region, source_of(block, region), kept)  # noqa: PLW2901 - what is left of it
            regions.append(region)
        yield replace(block, regions=regions)


def _fits(document: PiecedDocument, edit: Edit, own: frozenset[str]) -> bool:
    """A cue is speech: only rules made for cues take any of it, and it is too short to be judged as mojibake.

    Blanks and lines are how a document is laid out, and a heading is no frame of a page but its title.
    """
    if edit.stage == "whitespace" or not document.pieces.takes(edit):
        return False
    zone = document.pieces.zone_at(edit.start)
    if edit.rule.startswith(PIECES) or edit.rule in own:
        return True
    if document.format in SPOKEN or zone == "metadata" or (zone == "heading" and edit.rule.startswith(PAGE)):
        return False
    if edit.rule == MODEL and not WITNESS.search(edit.before):
        return False
    if edit.kind not in FRAME or document.format not in FRAMED or PROMPT.search(edit.before):
        return True
    return not edit.rule.startswith(MENUS) and bool(WITNESS.search(edit.before))
