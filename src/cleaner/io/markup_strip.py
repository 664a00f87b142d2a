"""Removing the tags that were written into a file."""

from __future__ import annotations

import os
import stat
from bisect import bisect_left
from collections.abc import Callable, Iterator
from itertools import chain
from typing import BinaryIO

import msgspec

from ..model.blocks import Block, Region
from ..model.edits import Edit, apply, shifted
from ..model.errors import InputProblem
from ..stages.decode import FileDocument, open_document
from .atomic import AtomicFile, save_text
from .encoder import Encoder
from .markup import TAG_FILE_SUFFIX, TagFile, TagRecord, Template

StripEdits = Callable[[str, int], Iterator[Edit]]  # of a text, and the character of the file at which it begins


def untag_file(path: str, hint: str | None, template: Template) -> bool:
    """Remove the tags of a file, in place; its tag file is then one of a file without tags.

    Raises InputProblem where a tag can't be removed. Returns whether there were tags.
    """
    path = os.path.realpath(path)  # a link is not replaced by a file
    record = _record(path)
    with AtomicFile.at(path) as new:
        with open(path, "rb") as file:
            found = untag_stream(file, new.file, hint, template, record)
        if found:
            new.close(stat.S_IMODE(os.stat(path).st_mode) | stat.S_IWUSR, b"")
            new.commit()
            if record is not None:
                _write_record(path, record)
    return found


def untag_stream(file: BinaryIO, out: BinaryIO, hint: str | None, template: Template, record: TagFile | None) -> bool:
    """The same from one open file into another. `record` is needed for a template without {glyphs}."""
    document = open_document(file, hint)
    if record is not None:
        undone = _of_record(record)
    elif template.keeps_glyphs:
        undone = lambda text, offset: template.undone(text)  # noqa: E731
    else:
        raise InputProblem("there is no record of what was there", hint=f"its name ends with {TAG_FILE_SUFFIX}")
    encoder = Encoder(document.source, document.spans, "keep")
    out.write(encoder.start)
    found = 0
    for block in _blocks(document, undone):
        found += len(block.edits)
        out.writelines(encoder.pieces(block))
    if encoder.lacking.count:
        raise encoder.lacking.problem()
    if record is not None and found != len(record.tags):
        raise InputProblem(f"it was changed since it was tagged: it has {found} of {len(record.tags)} tags")
    return found > 0


def _blocks(document: FileDocument, undone: StripEdits) -> Iterator[Block]:
    """The text in whole lines; no tag holds a line end."""
    offset = 0
    rest = b""
    for chunk in chain(filter(None, document.chunks()), [b""]):  # the empty one ends the text
        data = rest + chunk
        cut = max(data.rfind(b"\n"), data.rfind(b"\r")) + 1 if chunk else len(data)
        data, rest = data[:cut], data[cut:]
        text = data.decode()
        edits = list(undone(text, offset))
        region = Region(0, len(data), offset, apply(text, edits), shifted(edits, offset), [], [], [])
        yield Block(data, offset, len(text), [region] if edits else [], set())
        offset += len(text)


def _of_record(record: TagFile) -> StripEdits:
    template = Template(record.template or "")
    tags = sorted(record.tags, key=lambda tag: tag.start)

    def undone(text: str, offset: int) -> Iterator[Edit]:
        first = bisect_left(tags, offset, key=lambda tag: tag.start)
        for tag in tags[first : bisect_left(tags, offset + len(text), key=lambda tag: tag.start)]:
            start, end = tag.start - offset, tag.end - offset
            if text[start:end] != template.render(tag.text, tag.kind, tag.n):
                raise InputProblem(f"it was changed since it was tagged: no {tag.kind} at character {tag.start}")
            yield Edit(start, end, text[start:end], tag.text, "placeholder", tag.rule)

    return undone


def _record(path: str) -> TagFile | None:
    """The tag file of a file, if the file holds the tags that it lists."""
    try:
        with open(path + TAG_FILE_SUFFIX, "rb") as file:
            record = msgspec.json.decode(file.read(), type=TagFile)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError, RecursionError) as error:
        raise InputProblem(f"the record of its tags can't be read: {error}", path + TAG_FILE_SUFFIX) from None
    return record if record.template is not None else None


def _write_record(path: str, record: TagFile) -> None:
    shift = 0
    tags = []
    for tag in sorted(record.tags, key=lambda tag: tag.start):
        start = tag.start + shift
        tags.append(TagRecord(start, start + len(tag.text), tag.kind, tag.text, tag.n, tag.rule, tag.source))
        shift += len(tag.text) - (tag.end - tag.start)
    save_text(path + TAG_FILE_SUFFIX, msgspec.json.format(msgspec.json.encode(TagFile(tags=tags)).decode()) + "\n")
