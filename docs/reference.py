"""The reference pages, made from the program itself: those of the site when it is built (a hook of mkdocs), and

`docs/rules.md`, which lies in the repository (`RECORD=1 pytest tests/test_schema.py` writes it).
"""

from __future__ import annotations

import html
import inspect
import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from cleaner.cli import cleaner as program
from cleaner.jobs import decisions
from cleaner.rules import builtin
from cleaner.rules.parser import load_packs
from cleaner.rules.schema import schema
from cleaner.rules.spec import Pack

if TYPE_CHECKING:
    from mkdocs.structure.files import Files

INTRO = """# Rule files

Made from the program: what a rule file may say. The rules that ship: `cleaner rules list WORD` searches, `cleaner rules
show RULE` prints one with its examples; the page *Rules* of the site lists all. A rule's id is `stage/pack/rule`.

TOML, one pack per file: `[pack]`, `[lists]` (words) and `[patterns]` (pieces of expressions), both used as `{{name}}`,
and `[rules.NAME]`. The lists and patterns of `rules/common.toml` are there for all packs. This is format 2; packs of
format 1 are read for ever, and `cleaner rules upgrade PACK` rewrites one. Editors get the same as JSON Schema
(`src/cleaner/rules/pack.schema.json`)."""


def on_files(files: Files, config: Any, **_: Any) -> Files:
    from mkdocs.structure.files import File

    pages = {"commands": commands, "rules": rules, "decisions": said}
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


def rule_files() -> Iterator[str]:
    """What a rule file may say."""
    yield f"{INTRO}\n"
    kinds = json.loads(schema())["$defs"]
    for title, name in (
        ("[pack]", "PackHeader"),
        ("[rules.NAME]", "RuleSpec"),
        ("contexts", "Context"),
        ("hit", "Hit"),
    ):
        yield from _keys(title, kinds[name])


def rules() -> Iterator[str]:
    """What a rule file may say, and the built-in rules."""
    yield from rule_files()
    packs = load_packs(builtin.paths())
    yield "## Built-in rules\n\n| family | rules | off by default | what it is for |\n|---|---|---|---|"
    for pack in packs:
        off = sum(not rule.enabled or bool(rule.profiles) for rule in pack.rules.values()) or ""
        link = f"[{_id(pack)}](#{_id(pack).replace('/', '')})"
        yield f"| {link} | {len(pack.rules)} | {off} | {_cell(pack.head.about)} |"
    yield f"| all | {sum(len(pack.rules) for pack in packs)} | | |\n"
    for pack in packs:
        yield from _family(pack)


def _keys(title: str, kind: dict[str, Any]) -> Iterator[str]:
    yield f"### {title}\n\n| key | holds | default | what it means |\n|---|---|---|---|"
    for name, key in kind["properties"].items():
        default = "" if key.get("default") in (None, "", []) else f"`{json.dumps(key['default'])}`"
        yield f"| `{name}` | {_holds(key)} | {default} | {_cell(key.get('description', ''))} |"
    yield ""


def _holds(key: dict[str, Any]) -> str:
    """The type of a key, as people say it."""
    if "enum" in key:
        return ", ".join(f"`{one}`" for one in key["enum"])
    if "anyOf" in key:
        return " or ".join(_holds(one) for one in key["anyOf"] if one.get("type") != "null")
    if "$ref" in key:
        return f"table as in {key['$ref'].rpartition('/')[2].lower()}"
    if key.get("maxItems") == 2:
        return "[text, kind]"
    if key["type"] == "array":
        return f"list of {_holds(key['items'])}"
    return {"string": "text", "boolean": "true, false"}.get(key["type"], key["type"])


def _family(pack: Pack) -> Iterator[str]:
    kinds = Counter(rule.kind for rule in pack.rules.values() if rule.kind)
    yield f"### {_id(pack)}\n\n{_cell(pack.head.about)}"
    yield f"({', '.join(f'{kind} {count}' for kind, count in kinds.most_common())})\n" if kinds else ""
    yield "| rule | kind | profiles | why |\n|---|---|---|---|"
    for name, rule in pack.rules.items():
        when = "off" if not rule.enabled else ", ".join(rule.profiles)
        yield f"| `{name}` | {rule.kind or ''} | {when} | {_cell(rule.why)} |"
    yield ""


def _id(pack: Pack) -> str:
    return f"{pack.head.stage}/{pack.name}"


def said() -> Iterator[str]:
    yield "# Decisions\n\nJSON, as the report and the review screen write it, or TOML.\n"
    yield from _struct(decisions.ReviewDecisions)
    yield from _struct(decisions.ReviewDecision)
    yield "Verdicts: accept, reject, exception (rejected, and worth an example). The last word about a rule counts,"
    yield "and a word about one edit more than one about its rule."


def _struct(struct: type[Any]) -> Iterator[str]:
    yield f"## {struct.__name__}\n\n```text\n{inspect.getdoc(struct)}\n```\n"


def _text(text: str | None) -> str:
    return re.sub(r"\n(?!\n)", " ", inspect.cleandoc(text or "")).replace("<", "&lt;")


def _code(text: str) -> str:
    """Code in a cell of a table, where backslashes in backticks would show."""
    return f"<code>{html.escape(text).replace('|', '&#124;')}</code>"


def _cell(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>|])", r"\\\1", " ".join(text.split()))
