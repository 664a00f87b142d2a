"""The reference pages of the site, made from the program itself when the site is built (a hook of mkdocs)."""

from __future__ import annotations

import html
import inspect
import re
from collections.abc import Iterator
from typing import Any

import click
from mkdocs.structure.files import File, Files

from cleaner import decisions
from cleaner.cli import cleaner as program
from cleaner.packs import builtin, written
from cleaner.packs.load import load_packs


def on_files(files: Files, config: Any, **_: Any) -> Files:
    pages = {"commands": commands, "rules": rules, "packs": packs, "decisions": said}
    for name, page in pages.items():
        files.append(File.generated(config, f"reference/{name}.md", content="\n".join(page()) + "\n"))
    return files


def commands() -> Iterator[str]:
    yield "# Commands\n"
    yield from _command(program, "cleaner")


def _command(command: click.Command, name: str) -> Iterator[str]:
    if isinstance(command, click.Group):
        yield _text(command.help) + "\n" if name == "cleaner" else ""
        for inner, one in sorted(command.commands.items()):
            yield from _command(one, f"{name} {inner}")
        return
    with click.Context(command, info_name=name) as context:
        yield f"## {name}\n"
        yield f"`{' '.join([name, *command.collect_usage_pieces(context)])}`\n"
        yield _text(command.help) + "\n"
        records = [p.get_help_record(context) for p in command.params if isinstance(p, click.Option)]
        yield "| option | what it does |\n|---|---|"
        yield from (f"| {_code(record[0])} | {_cell(record[1])} |" for record in records if record)
        yield ""


def rules() -> Iterator[str]:
    yield "# Rules\n\nThe built-in rules. `cleaner rules show RULE` prints one with all its examples.\n"
    for pack in load_packs(builtin.paths()):
        yield f"## {pack.head.stage}/{pack.name}\n\n{_cell(pack.head.about)}\n"
        yield "| rule | kind | why | hit |\n|---|---|---|---|"
        for name, rule in pack.rules.items():
            hit = _cell(_seen(rule.hit[0].text)) if rule.hit else ""
            yield f"| `{name}`{' (off)' if rule.off else ''} | {rule.kind or ''} | {_cell(rule.why)} | {hit} |"
        yield ""


def packs() -> Iterator[str]:
    yield "# Rule files\n\nTOML, one pack per file, `[pack]` and `[rules.NAME]`. A rule's id is `stage/pack/rule`.\n"
    for struct in (written.PackHead, written.WrittenRule, written.Hit):
        yield from _struct(struct)
    yield f"Stages: {', '.join(written.STAGES)}. Kinds of removals: {', '.join(written.REMOVAL)}; of redactions: "
    yield f"{', '.join(written.TAGS)}."


def said() -> Iterator[str]:
    yield "# Decisions\n\nJSON, as the report and the review screen write it, or TOML.\n"
    yield from _struct(decisions.Decisions)
    yield from _struct(decisions.Decision)
    yield "Verdicts: accept, reject, exception (rejected, and worth an example). The last word about a rule counts,"
    yield "and a word about one edit more than one about its rule."


def _struct(struct: type[Any]) -> Iterator[str]:
    yield f"## {struct.__name__}\n\n```text\n{inspect.getdoc(struct)}\n```\n"


def _text(text: str | None) -> str:
    return re.sub(r"\n(?!\n)", " ", inspect.cleandoc(text or "")).replace("<", "&lt;")


def _seen(text: str) -> str:
    from cleaner.reports.shown import plain

    return plain(text)


def _code(text: str) -> str:
    """Code in a cell of a table, where backslashes in backticks would show."""
    return f"<code>{html.escape(text).replace('|', '&#124;')}</code>"


def _cell(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>|])", r"\\\1", " ".join(text.split()))
