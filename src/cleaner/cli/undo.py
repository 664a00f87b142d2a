"""undo: what a run or a command did, taken back."""

from __future__ import annotations

import sys

import rich_click as click


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="FILE...")
@click.option("--tags", is_flag=True, required=True, help="Take the placeholder tags of FILE out again, in place.")
@click.option("--tag-template", metavar="TEXT", help="What the tags look like, if not as by default.")
@click.option("--encoding", metavar="NAME", help="Read FILE in this encoding instead of finding it out.")
@click.option("--lang", type=click.Choice(["zh", "en"]), help="Language of messages.")
def undo(names: tuple[str, ...], tags: bool, tag_template: str | None, encoding: str | None, lang: str | None) -> int:
    """Takes back what `cleaner clean --tags inline` wrote into FILE; `cleaner undo --tags -` filters stdin."""
    from .. import lang as language

    language.choose(lang)
    return undo_tags(names, tag_template, encoding)


def undo_tags(names: tuple[str, ...], written: str | None, encoding: str | None) -> int:
    """Files as they were before they were tagged. Returns the exit code: 3 where one of them could not be undone."""
    import io

    from ..errors import CleanerError, InputProblem
    from ..files.untag import untag_file, untag_stream
    from ..reports.summary import print_problem
    from ..stages.decode import codec_name
    from ..tags import DEFAULT, Template
    from .options import console

    template = Template(DEFAULT if written is None else written)
    hint = codec_name(encoding) if encoding else None
    code = 0
    for name in names:
        try:
            if name == "-":
                untag_stream(io.BytesIO(sys.stdin.buffer.read()), sys.stdout.buffer, hint, template, None)
            else:
                untag_file(name, hint, template)
        except (CleanerError, OSError) as error:
            why = error if isinstance(error, CleanerError) else InputProblem(error.strerror or str(error))
            print_problem(console(stderr=True), name, why)
            code = 3
    return code
