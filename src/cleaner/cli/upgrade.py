"""rules upgrade: packs of format 1 in format 2."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from .options import LANGUAGE, Options, console, takes


@click.command("upgrade")
@click.argument("files", nargs=-1, required=True, metavar="PACK...")
@click.option("-o", "--output", metavar="-", help="With -: write to stdout and leave PACK as it is.")
@takes(LANGUAGE)
def upgrade(files: tuple[str, ...], options: Options) -> int:
    """Rewrite packs of format 1 in format 2, in place; comments stay.

    The pack is read again before it is written: every rule, with its expression and its examples, is the same.
    """
    import sys

    from ..model.errors import UsageProblem
    from ..rules.reader import read_text
    from ..rules.upgrade import upgraded
    from ..rules.writer import save
    from ..views.display import plain, rules_counted
    from ..views.i18n import t

    output = options.output
    if output not in (None, "-") or (output == "-" and len(files) > 1):
        raise UsageProblem("-o takes - and one pack", hint="without -o packs are rewritten in place")
    done = [
        (pack, text := read_text(Path(pack), pack, "the pack"), *upgraded(text, Path(pack).stem, pack))
        for pack in files
    ]
    for pack, before, after, found in done:
        if output == "-":
            sys.stdout.buffer.write(after.encode())
        elif before != after:
            save(Path(pack), after)
        said = (
            f"{rules_counted(len(found.rules))}, {t('the same as before')}" if before != after else t("nothing to do")
        )
        console(stderr=True).print(plain(f"{pack}: {t('format 2')}: {said}"), soft_wrap=True)
    return 0
