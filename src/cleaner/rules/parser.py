"""Reading packs. Whatever is wrong with one is refused with file, line, column and what was probably meant."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

import msgspec

from ..model.choices import REMOVAL, STAGES, TAGS
from ..model.errors import UsageProblem
from ..model.globs import compile_globs
from .spec import FORMAT, REMOVING_STAGES, REWRITES, Hit, Pack, PackHeader, RuleSpec
from .tokens import CLASS, ESCAPE

LARGEST_PACK = 16 << 20  # bytes; the largest export of a reader in the wild has 1.1 MB
LONGEST = 65536  # characters of an expression with its pieces filled in; names of names can double each time
DEEPEST = 50  # groups inside groups: what reads expressions calls itself for each
NAME = re.compile(r"[a-z0-9][a-z0-9_-]*", re.ASCII)
CHOICES = {
    "stage": f"one of {', '.join(STAGES)}",
    "kind": f"one of {', '.join((*REMOVAL, *TAGS))}",
    "order": "together or sequence",
    "place": "one of anywhere, head, tail, ends, start, end, page, page-head, page-core, page-tail",
    "profile": "one of safe, official, novel, corpus",
    "extent": "match or line",
    "profiles": "a list of safe, official, novel, corpus",
    "hit": 'a list of tables: hit = [ { text = "...", want = "..." } ]',
    "keep": 'a list of texts: keep = [ "..." ]',
    "paths": 'a list of patterns as in .gitignore: paths = [ "books/*.txt" ]',
    "any": 'a list of texts: any = [ "..." ]',
}
NAMED = re.compile(r"\{\{([a-z][a-z0-9-]*)\}\}")
PART = re.compile(rf"{ESCAPE.pattern}|{CLASS.pattern}|{NAMED.pattern.replace('(', '(?P<name>')}", re.DOTALL)
DOES = {
    "mojibake": ("utf8-as-gbk", "two-bytes-as-latin", "sjis-as-gbk", "ftfy", "unescape", "nfc", "nfkc"),
    "invisible": ("homoglyph",),
    "boilerplate": ("block", "leave", "page"),
    "placeholder": ("leave", "between", "begun"),
    "whitespace": ("join", "narrow", "close"),
}
SEQUENCE_HAS_NO = ("does", "opens", "extent", "place", "unless", "weight", "case", "fold")
TRIPLE = "regular expressions need triple single quotes: match = '''...'''"
TOML_HINTS = {
    "Unescaped": TRIPLE,
    "'''": TRIPLE,
    "Illegal character": TRIPLE,
    "string": TRIPLE,
    "overwrite": "take one of them out",
    "Invalid value": 'texts are in quotes: kind = "ad"',
    "Expected": "a line is a [table] or key = value",
    "Invalid statement": "a line is a [table] or key = value",
}
TYPES = {
    "str": "a text in quotes", "int": "a whole number", "float": "a number", "bool": "true or false",
    "array": "a list [ ... ]", "object": "a table { ... }",
}  # fmt: skip
WITH_MATCH = ("leave", "between", "begun", *REWRITES)  # what is done with a match
FINDERS = ("match", "literal", "any", "does")
TABLE = re.compile(r"""[ \t]*\[[ \t]*rules[ \t]*\.[ \t]*(?:"([^"\n]*)"|'([^'\n]*)'|([A-Za-z0-9_-]+))[ \t]*\]""")


def load_pack(path: Path, shown: str | None = None) -> Pack:
    """Reads one pack file. Raises UsageProblem for anything that is wrong with it."""
    shown = shown or str(path)
    text, data = read_toml(path, shown, "the pack")
    return PackParser(shown, text, path.stem).pack(data)


def load_packs(paths: Iterable[Path]) -> list[Pack]:
    """Reads packs. Raises UsageProblem as `load_pack` and `together` do."""
    return together(map(load_pack, paths))


def together(loaded: Iterable[Pack]) -> list[Pack]:
    """The packs. Raises UsageProblem for two of one name in one stage."""
    packs: dict[tuple[str, str], Pack] = {}
    for pack in loaded:
        other = packs.setdefault((pack.head.stage, pack.name), pack)
        if other is not pack:
            raise UsageProblem(
                f"two packs are named {pack.head.stage}/{pack.name}: this one and {other.path}",
                f"{pack.path}:1:1",
                "give the file another name: the pack is called after it",
            )
    return list(packs.values())


def read_toml(path: Path, shown: str, what: str) -> tuple[str, dict[str, Any]]:
    """The text of a TOML file and what it says. Raises UsageProblem."""
    text = _read(path, shown, what)
    try:
        return text, tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _toml_problem(error, shown, text) from None
    except RecursionError:
        raise UsageProblem(f"{what} has too many lists inside each other", f"{shown}:1:1", "write it flatter") from None


def _read(path: Path, shown: str, what: str) -> str:
    try:
        if path.stat().st_size > LARGEST_PACK:
            raise UsageProblem(f"{what} is larger than {LARGEST_PACK >> 20} MB", shown, "split it into several packs")
        return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise UsageProblem(f"{what} is not UTF-8", f"{shown}:{line}:1", "save it as UTF-8") from None
    except IsADirectoryError:
        raise UsageProblem("this is a directory, not a pack", shown, "name one .toml file") from None
    except OSError as error:
        raise UsageProblem(
            f"{what} can't be read: {error.strerror}", shown, "check the path given with --rules"
        ) from None


def _toml_problem(error: tomllib.TOMLDecodeError, shown: str, text: str) -> UsageProblem:
    message = str(error)
    spot = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", message)
    line, column = (spot.group(1), spot.group(2)) if spot and spot.group(1) else (str(text.count("\n") + 1), "1")
    message = message[: spot.start()] if spot else message
    hint = next((hint for part, hint in TOML_HINTS.items() if part in message), "")
    twice = re.search(r"Cannot declare \('rules', '([^']+)'\) twice", message)
    if twice:
        message, hint = f"two rules are named {twice.group(1)!r}", "give one of them another name"
    return UsageProblem(message, f"{shown}:{line}:{column}", hint)


def _filled(text: str, names: dict[str, str]) -> str:
    """With what is named put in: in a class as its characters, elsewhere as one thing."""

    def part(found: re.Match[str]) -> str:
        if found[0].startswith("["):
            return NAMED.sub(lambda name: _characters(names.get(name[1], name[0])), found[0])
        return _piece(names[found["name"]]) if found["name"] in names else found[0]

    return PART.sub(part, text)


def _characters(text: str) -> str:
    return text[1:-1] if CLASS.fullmatch(text) and not text.startswith("[^") else text


def _piece(text: str) -> str:
    return text if CLASS.fullmatch(text) else f"(?:{text})"


class PackParser:
    """Turns parsed TOML into a Pack; knows the text, so that every complaint can point at it."""

    def __init__(self, shown: str, text: str, name: str) -> None:
        self.shown = shown
        self.name = name
        self.rows = text.split("\n")
        self.names: dict[str, str] = {}
        self.tables = {
            next(filter(None, found.groups())): number
            for number, row in enumerate(self.rows, 1)
            if (found := TABLE.match(row))
        }

    def problem(self, what: str, hint: str = "", rule: str | None = None, key: str | None = None) -> UsageProblem:
        first = self.tables.get(rule, 1) if rule else 1
        line, column = first, 1
        if key:
            for number in range(first, len(self.rows) + 1):
                row = self.rows[number - 1]
                found = re.match(rf"\s*\"?({re.escape(key)})\"?\s*[=.\]]", row) or re.match(
                    rf"\s*\[({re.escape(key)})", row
                )
                if found:
                    line, column = number, found.start(1) + 1
                    break
                if number > first and row.lstrip().startswith("["):
                    break
        named = f"rule {rule!r}: {what}" if rule else what
        return UsageProblem(named, f"{self.shown}:{line}:{column}", hint)

    def pack(self, data: dict[str, Any]) -> Pack:
        for key in data:
            if key not in ("pack", "names", "rules"):
                raise self.problem(f"unknown key {key!r}", "a pack has [pack], [names] and [rules.NAME]", key=key)
        if not isinstance(data.get("pack"), dict):
            raise self.problem("the table [pack] is missing", 'begin the file with [pack] and stage = "boilerplate"')
        if not NAME.fullmatch(self.name):
            raise self.problem(
                f"a pack can't be called {self.name!r}", "file names of packs: a-z, 0-9, - and _, as in my-site.toml"
            )
        head = self.convert(data["pack"], PackHeader, None)
        if head.format != FORMAT:
            raise self.problem(
                f"this pack has format {head.format}; this cleaner reads format {FORMAT}",
                "update cleaner" if head.format > FORMAT else f"set format = {FORMAT}",
                key="format",
            )
        self.names = self.read_names(data.get("names", {}))
        tables = data.get("rules", {})
        if not isinstance(tables, dict):
            raise self.problem("rules must be tables [rules.NAME]", key="rules")
        if head.order == "sequence" and head.stage != "boilerplate":
            raise self.problem('only stage = "boilerplate" can have order = "sequence"', "take out order", key="order")
        rules = {name: self.rule(name, table, head) for name, table in tables.items()}
        return Pack(self.name, self.shown, head, rules, self.key_lines())

    def line_of(self, key: str) -> int:
        """Where a key stands that is in no table of rules."""
        pattern = re.compile(rf"[ \t]*\"?{re.escape(key)}\"?[ \t]*[=.]")
        return next((number for number, row in enumerate(self.rows, 1) if pattern.match(row)), 1)

    def key_lines(self) -> dict[str, int]:
        """The line of each table and of each key in it."""
        lines: dict[str, int] = {}
        table = ""
        for number, row in enumerate(self.rows, 1):
            found = TABLE.match(row)
            if found:
                table = next(filter(None, found.groups()))
                lines[table] = number
            elif table and (key := re.match(r"([a-z]+)[ \t]*=", row)):
                lines.setdefault(f"{table}.{key[1]}", number)
        return lines

    def rule(self, name: str, table: Any, head: PackHeader) -> RuleSpec:
        if not NAME.fullmatch(name):
            raise self.problem(f"a rule can't be called {name!r}", "names of rules: a-z, 0-9, - and _", rule=name)
        if not isinstance(table, dict):
            raise self.problem(f"{name!r} must be a table [rules.{name}]", rule=name)
        rule: RuleSpec = self.convert(self.spelled_out(name, table), RuleSpec, name)
        unfit = next((key for key in SEQUENCE_HAS_NO if key in table), None) if head.order == "sequence" else None
        if unfit:
            raise self.problem(f"a rule of a sequence has no {unfit!r}", "take it out", rule=name, key=unfit)
        finders = [key for key in FINDERS if key in table and table[key] not in WITH_MATCH] or ["does"] * (
            "does" in table
        )
        if len(finders) != 1:
            what = " and ".join(finders) + " together" if finders else "nothing to find"
            raise self.problem(what, "give one of match, literal, any, does", rule=name)
        self.check_kind(name, rule, head)
        if rule.does is not None and rule.does not in DOES.get(head.stage, ()):
            known = DOES.get(head.stage, ())
            near = difflib.get_close_matches(rule.does, known, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"stage {head.stage} knows: {', '.join(known) or 'none'}"
            raise self.problem(f"nothing is called does = {rule.does!r}", hint, rule=name, key="does")
        if not -10 <= rule.weight <= 10 or not rule.weight:
            hint = "1.0 decides alone, below 0 speaks against"
            raise self.problem("weight must be between -10 and 10, and not 0", hint, rule=name, key="weight")
        self.check_paths(rule.paths, name)
        return rule

    def check_paths(self, patterns: Sequence[str], rule: str | None = None) -> None:
        """Raises UsageProblem for one that is no pattern of .gitignore."""
        try:
            if patterns:
                compile_globs(tuple(patterns))
        except UsageProblem as bad:
            raise self.problem(bad.what, bad.hint, rule=rule, key="paths") from None

    def read_names(self, table: Any) -> dict[str, str]:
        """Pieces of expressions that rules use as `{{name}}`; one may use those before it."""
        if not isinstance(table, dict) or not all(isinstance(text, str) for text in table.values()):
            raise self.problem("[names] holds texts: name = '...'", key="names")
        names: dict[str, str] = {}
        for name, text in table.items():
            names[name] = _filled(text, names)
            if len(names[name]) > LONGEST:
                where = f"{self.shown}:{self.line_of(name)}:1"
                raise UsageProblem(f"{name!r} gets longer than {LONGEST} characters", where, "take pieces out")
        return names

    def spelled_out(self, name: str, table: dict[str, Any]) -> dict[str, Any]:
        spelled = dict(table)
        for key in ("match", "opens", "unless"):
            if isinstance(table.get(key), str):
                spelled[key] = _filled(table[key], self.names)
                unknown = NAMED.search(spelled[key])
                if unknown:
                    near = difflib.get_close_matches(unknown[1], self.names, 1)
                    hint = f"did you mean {near[0]!r}?" if near else "define it under [names]"
                    raise self.problem(f"nothing is called {unknown[1]!r}", hint, rule=name, key=key)
                self.check_size(spelled[key], name, key)
        return spelled

    def check_size(self, expression: str, name: str, key: str) -> None:
        if len(expression) > LONGEST:
            raise self.problem(f"{key} is longer than {LONGEST} characters", "make it two rules", rule=name, key=key)
        if depth(expression) > DEEPEST:
            what = f"{key} has more than {DEEPEST} groups inside each other"
            raise self.problem(what, "write it flatter", rule=name, key=key)

    def check_kind(self, name: str, rule: RuleSpec, head: PackHeader) -> None:
        if head.stage == "flag" and rule.replace is not None:
            raise self.problem("a flag changes nothing", "take out replace", rule=name, key="replace")
        if rule.replace is not None or head.stage in ("mojibake", "whitespace") or rule.does == "homoglyph":
            if rule.kind is not None:
                raise self.problem("a repair has no kind", "take out kind, or replace", rule=name, key="kind")
            if rule.replace is None and rule.does is None:
                raise self.problem("replace is missing", "give the text that replaces it", rule=name)
            return
        if head.stage == "flag":
            if rule.kind is not None:
                raise self.problem("a flag has no kind: its name says what it is", rule=name, key="kind")
            return
        if rule.place.startswith("page") and rule.kind is None:
            return  # a sign of shape, which answers for nothing
        if rule.does == "leave":
            if rule.match is None:
                raise self.problem('does = "leave" needs match', "give what it protects", rule=name, key="does")
            return
        kinds = REMOVAL if head.stage in REMOVING_STAGES else TAGS
        if rule.kind is None:
            raise self.problem("kind is missing", f"one of {', '.join(kinds)}", rule=name)
        if rule.kind not in kinds:
            raise self.problem(
                f"kind {rule.kind!r} is not for stage {head.stage}", f"one of {', '.join(kinds)}", rule=name, key="kind"
            )

    def convert(self, table: dict[str, Any], wanted: type[Any], rule: str | None) -> Any:
        known = wanted.__struct_encode_fields__
        for key in table:
            if key not in known:
                near = difflib.get_close_matches(key, known, 1)
                hint = f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(known)}"
                raise self.problem(f"unknown key {key!r}", hint, rule=rule, key=key)
        try:
            return msgspec.convert(table, wanted)
        except msgspec.ValidationError as error:
            message, _, path = str(error).partition(" - at `$")
            wrong = path.strip("`.").split("[")[0].split(".")[0]
            unknown = re.match(r"Object contains unknown field `([^`]*)`", message)
            if unknown:
                near = difflib.get_close_matches(unknown[1], Hit.__struct_fields__, 1)
                hint = f"did you mean {near[0]!r}?" if near else CHOICES["hit"]
                raise self.problem(f"unknown key {unknown[1]!r} in {wrong}", hint, rule=rule, key=wrong) from None
            said = _in_words(message)
            what = f"{wrong}: {said}" if wrong else said
            raise self.problem(what, CHOICES.get(wrong, ""), rule=rule, key=wrong or None) from None


def depth(expression: str) -> int:
    """How many groups stand inside each other at most; parentheses in classes count, too."""
    signs = re.findall(r"\\.|[()]", expression, re.DOTALL)
    return max(accumulate((sign == "(") - (sign == ")") for sign in signs), default=0)


def _in_words(message: str) -> str:
    """What msgspec says of a value, in words of the pack's author."""
    if found := re.fullmatch(r"Expected `(\w+)(?: \| null)?`, got `(\w+)`", message):
        wanted, got = (TYPES.get(name, name) for name in found.groups())
        return f"it must be {wanted}, not {got}"
    return re.sub("Invalid enum value", "there is no", message)
