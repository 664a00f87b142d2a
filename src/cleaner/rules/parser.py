"""Reading packs. Whatever is wrong with one is refused with file, line, column and what was probably meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, get_args

import msgspec

from ..model.choices import REMOVAL, TAGS, Profile
from ..model.errors import UsageProblem
from ..model.globs import compile_globs
from . import builtin, format1
from .expressions import NAMED, alternatives, declared, depth, filled, most_pieces, pieces
from .reader import in_words, parse_toml, read_text, read_toml
from .spec import (
    FORMAT,
    PAGE_ZONES,
    REWRITES,
    Context,
    Extent,
    Hit,
    ModelHeader,
    Order,
    Pack,
    PackHeader,
    RuleSpec,
    Words,
    Zone,
)
from .stages import DEFAULT_ORDER, find_stage, stage_spec

LONGEST = 65536  # characters of an expression with its pieces filled in; names of names can double each time
DEEPEST = 50  # groups inside groups: what reads expressions calls itself for each
MOST_PIECES = 100_000  # of an expression with counts written out; the largest built-in one has 18,421
NAME = re.compile(r"[a-z0-9][a-z0-9_-]*", re.ASCII)
CHOICES = {
    "stage": f"one of {', '.join(DEFAULT_ORDER)}",
    "kind": f"one of {', '.join((*REMOVAL, *TAGS))}",
    "order": f"one of {', '.join(get_args(Order))}",
    "zone": f"one of {', '.join(zone for zone in get_args(Zone) if zone not in PAGE_ZONES)}",
    "place": f"one of {', '.join(get_args(Zone))}",
    "profile": f"one of {', '.join(get_args(Profile))}",
    "extent": f"one of {', '.join(get_args(Extent))}",
    "profiles": f"a list of {', '.join(get_args(Profile))}",
    "hit": 'a list of tables: hit = [ { text = "...", want = "..." } ]',
    "keep": 'a list of texts: keep = [ "..." ]',
    "paths": 'a list of patterns as in .gitignore: paths = [ "books/*.txt" ]',
    "any": 'a list of texts: any = [ "..." ]',
}
SEQUENCE_HAS_NO = (
    "does", "prefilter", "extent", "zone", "unless", "weight", "ignore_case", "deobfuscate", "core", "all_of", "any_of",
)  # fmt: skip
WITH_MATCH = ("protect", *REWRITES)  # what is done with a match
FINDERS = ("match", "literal", "any", "core", "all_of", "any_of", "does")
LINE_KEYS = ("none_of", "length", "window")  # of all_of and any_of
SIDES = Context.__struct_fields__
CONTEXT_KEYS = (*SIDES, "contexts")  # of core
TABLE = re.compile(
    r"""[ \t]*\[[ \t]*(?:rules|features)[ \t]*\.[ \t]*(?:"([^"\n]*)"|'([^'\n]*)'|([A-Za-z0-9_-]+))[ \t]*\]"""
)


def load_pack(path: Path) -> Pack:
    """Reads one pack file. Raises UsageProblem for anything that is wrong with it."""
    return parse_pack(read_text(path, str(path), "the pack"), path.stem, str(path))


def parse_pack(text: str, name: str, shown: str) -> Pack:
    """The pack called `name` from its text. Raises UsageProblem, which names `shown` as its file."""
    return PackParser(shown, text, name).pack(parse_toml(text, shown, "the pack"))


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


@lru_cache
def shared_pieces() -> dict[str, str]:
    """The named lists and patterns that every pack of format 2 may use: those of `common.toml`, built in."""
    path = builtin.common()
    text, data = read_toml(path, str(path), "the shared pieces")
    reader = PackParser(str(path), text, path.stem)
    reader.check_tables(data, ("lists", "patterns"))
    return reader.names


class PackParser:
    """Turns parsed TOML into a Pack; knows the text, so that every complaint can point at it."""

    def __init__(self, shown: str, text: str, name: str) -> None:
        self.shown = shown
        self.name = name
        self.rows = text.split("\n")
        self.format = FORMAT
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
        if "model" in data:
            return self.model(data)
        if not isinstance(data.get("pack"), dict):
            raise self.problem("the table [pack] is missing", 'begin the file with [pack] and stage = "boilerplate"')
        if not NAME.fullmatch(self.name):
            raise self.problem(
                f"a pack can't be called {self.name!r}", "file names of packs: a-z, 0-9, - and _, as in my-site.toml"
            )
        head = self.convert(data["pack"], PackHeader, None)
        if find_stage(head.stage) is None:
            raise self.problem(f"stage: there is no {head.stage!r}", CHOICES["stage"], key="stage")
        if not 1 <= head.format <= FORMAT:
            raise self.problem(
                f"this pack has format {head.format}; this cleaner reads formats 1 to {FORMAT}",
                "update cleaner" if head.format > FORMAT else f"set format = {FORMAT}",
                key="format",
            )
        self.format = head.format
        self.check_tables(
            data, ("pack", "names", "rules") if self.format == 1 else ("pack", "lists", "patterns", "rules")
        )
        if head.order == "sequence" and head.stage != "boilerplate":
            raise self.problem('only stage = "boilerplate" can have order = "sequence"', "take out order", key="order")
        rules = {name: self.rule(name, table, head) for name, table in data.get("rules", {}).items()}
        return Pack(self.name, self.shown, head, rules, self.key_lines())

    def model(self, data: dict[str, Any]) -> Pack:
        """Features with fitted weights, and the rules that use their sum, as a pack of the stage boilerplate."""
        self.check_tables(data, ("model", "lists", "patterns", "rules", "features"))
        header: ModelHeader = self.convert(data["model"], ModelHeader, None)
        head = PackHeader("boilerplate", header.about, FORMAT)
        tables = data.get("rules", {}) | data.get("features", {})
        rules = {name: self.rule(name, table, head, PAGE_ZONES) for name, table in tables.items()}
        return Pack(self.name.replace("_", "-"), self.shown, head, rules, self.key_lines())

    def check_tables(self, data: dict[str, Any], known: Sequence[str]) -> None:
        """Read the named pieces. Raises UsageProblem for other tables than `known`, and for what is no table."""
        for key, table in data.items():
            if key not in known:
                *names, last = (f"[{name}.NAME]" if name in ("rules", "features") else f"[{name}]" for name in known)
                raise self.problem(f"unknown key {key!r}", f"a pack has {', '.join(names)} and {last}", key=key)
            if key in ("rules", "features", "lists") and not isinstance(table, dict):
                raise self.problem(f"{key} must be tables [{key}.NAME]", key=key)
        if self.format > 1:
            self.names = dict(shared_pieces()) if "rules" in known else {}
            self.read_lists(data.get("lists", {}))
        self.read_names(data.get("names" if self.format == 1 else "patterns", {}))

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
            elif table and (key := re.match(r"([a-z_]+)[ \t]*=", row)):
                lines.setdefault(f"{table}.{key[1]}", number)
        return lines

    def rule(self, name: str, table: Any, head: PackHeader, zones: Sequence[str] = ()) -> RuleSpec:
        if not NAME.fullmatch(name):
            raise self.problem(f"a rule can't be called {name!r}", "names of rules: a-z, 0-9, - and _", rule=name)
        if not isinstance(table, dict):
            raise self.problem(f"{name!r} must be a table [rules.{name}]", rule=name)
        rule = self.spelled_out(name, table)
        unfit = next((key for key in SEQUENCE_HAS_NO if key in self.keys_of(table)), None)
        if unfit and head.order == "sequence":
            unfit = self.key_name(unfit)
            raise self.problem(f"a rule of a sequence has no {unfit!r}", "take it out", rule=name, key=unfit)
        if rule.does in format1.GONE:
            hint = 'take the rule out: what a mask hides is told by rules with does = "model"'
            raise self.problem(f"does = {rule.does!r} is no more", hint, rule=name, key="does")
        self.check_finders(name, rule, table)
        if rule.zone in PAGE_ZONES and self.format > 1 and rule.zone not in zones:
            raise self.problem(
                f"zone = {rule.zone!r} is for features of models", CHOICES["zone"], rule=name, key="zone"
            )
        self.check_kind(name, rule, head)
        self.check_does(name, table.get("does"), rule.does, head.stage)
        if not -10 <= rule.weight <= 10 or not rule.weight:
            hint = "1.0 decides alone, below 0 speaks against"
            raise self.problem("weight must be between -10 and 10, and not 0", hint, rule=name, key="weight")
        self.check_paths(rule.paths, name)
        return rule

    def check_does(self, name: str, given: Any, does: str | None, stage: str) -> None:
        known = stage_spec(stage).actions
        if does is None or does in known:
            return
        if self.format == 1:
            known = tuple(format1.OLD_DOES.get(one, one) for one in known)
        near = difflib.get_close_matches(given, known, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"stage {stage} knows: {', '.join(known) or 'none'}"
        raise self.problem(f"nothing is called does = {given!r}", hint, rule=name, key="does")

    def check_paths(self, patterns: Sequence[str], rule: str | None = None) -> None:
        """Raises UsageProblem for one that is no pattern of .gitignore."""
        try:
            if patterns:
                compile_globs(tuple(patterns))
        except UsageProblem as bad:
            raise self.problem(bad.what, bad.hint, rule=rule, key="paths") from None

    def read_lists(self, table: dict[str, Any]) -> None:
        """Lists of words, as expressions that find one of them; a word `{{name}}` stands for a list before it."""
        for name, words in table.items():
            if not isinstance(words, list) or not words or not all(isinstance(word, str) and word for word in words):
                raise self.problem("[lists] holds lists of words: name = ['...', '...']", key="lists")
            self.names[name] = alternatives(words, self.names)
            self.check_piece(name)

    def read_names(self, table: Any) -> None:
        """Pieces of expressions that rules use as `{{name}}`; one may use those before it."""
        if not isinstance(table, dict) or not all(isinstance(text, str) for text in table.values()):
            key = "names" if self.format == 1 else "patterns"
            raise self.problem(f"[{key}] holds texts: name = '...'", key=key)
        for name, text in table.items():
            self.names[name] = filled(text, self.names)
            self.check_piece(name)

    def check_piece(self, name: str) -> None:
        if len(self.names[name]) > LONGEST:
            where = f"{self.shown}:{self.line_of(name)}:1"
            raise UsageProblem(f"{name!r} gets longer than {LONGEST} characters", where, "take pieces out")

    def keys_of(self, table: dict[str, Any]) -> dict[str, Any]:
        """A rule with the keys of format 2."""
        return format1.as_format_2(table) if self.format == 1 else table

    def key_name(self, key: str) -> str:
        """A key of format 2 as the pack writes it."""
        return format1.OLD_KEYS.get(key, key) if self.format == 1 else key

    def spelled_out(self, name: str, table: dict[str, Any]) -> RuleSpec:
        """The rule with its named pieces filled in, and with the expression that its declarative keys stand for."""
        known = RuleSpec.__struct_fields__
        self.check_keys(table, format1.known_keys(known) if self.format == 1 else known, name)
        spelled = dict(self.keys_of(table))
        for key in ("match", "prefilter", "unless"):
            if isinstance(spelled.get(key), str):
                spelled[key] = filled(spelled[key], self.names)
                self.check_piece_names(spelled[key], name, self.key_name(key))
                self.check_size(spelled[key], name, self.key_name(key))
        rule: RuleSpec = self.convert(spelled, RuleSpec, name)
        self.check_words(name, rule)
        if (made := declared(rule, self.names)) is None:
            return rule
        finder = "core" if rule.core is not None else "all_of" if rule.all_of else "any_of"
        self.check_piece_names(made[0], name, finder)
        self.check_size(made[0], name, finder)
        return msgspec.structs.replace(rule, match=made[0], prefilter=made[1])

    def check_words(self, name: str, rule: RuleSpec) -> None:
        """Raises UsageProblem for declarative keys without the key that they belong to, and for empty ones."""
        has_line = bool(rule.all_of or rule.any_of)
        for keys, is_there, owner in (
            (CONTEXT_KEYS, rule.core is not None, "core"), (LINE_KEYS, has_line, "all_of or any_of"),
        ):  # fmt: skip
            stray = next((key for key in keys if getattr(rule, key) not in (None, [])), None)
            if stray and not is_there:
                raise self.problem(f"{stray} needs {owner}", f"add {owner}, or take it out", rule=name, key=stray)
        given: dict[str, Sequence[Words | None]] = {key: [getattr(rule, key)] for key in ("core", *SIDES)}
        given |= {"contexts": [getattr(context, key) for context in rule.contexts for key in SIDES]}
        given |= {
            "all_of": rule.all_of,
            "none_of": rule.none_of,
            "any_of": [*rule.any_of, *(word for group in rule.any_of for word in group)],
        }
        for key, words in given.items():
            if any(one in ("", []) or (isinstance(one, list) and "" in one) for one in words):
                raise self.problem(f"{key} holds an empty text", "take it out", rule=name, key=key)

    def check_piece_names(self, expression: str, name: str, key: str) -> None:
        """Raises UsageProblem for a `{{name}}` that is nothing's name."""
        if unknown := NAMED.search(expression):
            near = difflib.get_close_matches(unknown[1], self.names, 1)
            table = "[names]" if self.format == 1 else "[patterns] or [lists]"
            hint = f"did you mean {near[0]!r}?" if near else f"say what it is under {table}"
            raise self.problem(f"nothing is called {unknown[1]!r}", hint, rule=name, key=key)

    def check_finders(self, name: str, rule: RuleSpec, table: dict[str, Any]) -> None:
        """Raises UsageProblem unless the rule has exactly one way to find something."""
        finders = [key for key in FINDERS if key in table and (key != "does" or rule.does not in WITH_MATCH)]
        finders = finders or ["does"] * ("does" in table)
        if len(finders) != 1 and finders != ["all_of", "any_of"]:
            what = " and ".join(finders) + " together" if finders else "nothing to find"
            known = (*FINDERS[:3], "does") if self.format == 1 else FINDERS
            raise self.problem(what, f"give one of {', '.join(known)}", rule=name)

    def check_size(self, expression: str, name: str, key: str) -> None:
        if len(expression) > LONGEST:
            raise self.problem(f"{key} is longer than {LONGEST} characters", "make it two rules", rule=name, key=key)
        if depth(expression) > DEEPEST:
            what = f"{key} has more than {DEEPEST} groups inside each other"
            raise self.problem(what, "write it flatter", rule=name, key=key)
        if most_pieces(expression) > MOST_PIECES and pieces(expression) > MOST_PIECES:
            what = f"{key} has more than {MOST_PIECES} pieces once its counts are written out"
            raise self.problem(what, "count less, or write + or *", rule=name, key=key)

    def check_kind(self, name: str, rule: RuleSpec, head: PackHeader) -> None:
        stage = stage_spec(head.stage)
        if stage.makes == "flags" and rule.replace is not None:
            raise self.problem("a flag changes nothing", "take out replace", rule=name, key="replace")
        repairs = stage.makes == "edits" and not stage.removes
        if rule.replace is not None or repairs or rule.does in stage.repairs:
            if rule.kind is not None:
                raise self.problem("a repair has no kind", "take out kind, or replace", rule=name, key="kind")
            if rule.replace is None and rule.does is None:
                raise self.problem("replace is missing", "give the text that replaces it", rule=name)
            return
        if stage.makes == "flags":
            if rule.kind is not None:
                raise self.problem("a flag has no kind: its name says what it is", rule=name, key="kind")
            return
        if rule.zone in PAGE_ZONES and rule.kind is None:
            return  # a feature of shape, which removes nothing by itself
        if rule.does == "protect":
            if rule.match is None:
                does = format1.OLD_DOES["protect"] if self.format == 1 else "protect"
                raise self.problem(f'does = "{does}" needs match', "give what it protects", rule=name, key="does")
            return
        kinds = REMOVAL if stage.removes else TAGS
        if rule.kind is None:
            raise self.problem("kind is missing", f"one of {', '.join(kinds)}", rule=name)
        if rule.kind not in kinds:
            raise self.problem(
                f"kind {rule.kind!r} is not for stage {head.stage}", f"one of {', '.join(kinds)}", rule=name, key="kind"
            )

    def check_keys(self, table: dict[str, Any], known: Sequence[str], rule: str | None) -> None:
        for key in table:
            if key not in known:
                near = difflib.get_close_matches(key, known, 1)
                hint = f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(known)}"
                if rule and (other := (format1.KEYS if self.format > 1 else format1.OLD_KEYS).get(key)):
                    hint = f"format {self.format} calls it {other!r}"
                raise self.problem(f"unknown key {key!r}", hint, rule=rule, key=key)

    def convert(self, table: dict[str, Any], wanted: type[Any], rule: str | None) -> Any:
        if isinstance(table, dict):
            self.check_keys(table, wanted.__struct_encode_fields__, rule)
        try:
            return msgspec.convert(table, wanted)
        except msgspec.ValidationError as error:
            message, _, path = str(error).partition(" - at `$")
            wrong = self.key_name(path.strip("`.").split("[")[0].split(".")[0])
            unknown = re.match(r"Object contains unknown field `([^`]*)`", message)
            if unknown:
                near = difflib.get_close_matches(unknown[1], Hit.__struct_fields__, 1)
                hint = f"did you mean {near[0]!r}?" if near else CHOICES["hit"]
                raise self.problem(f"unknown key {unknown[1]!r} in {wrong}", hint, rule=rule, key=wrong) from None
            said = in_words(message)
            what = f"{wrong}: {said}" if wrong else said
            raise self.problem(what, CHOICES.get(wrong, ""), rule=rule, key=wrong or None) from None
