"""Foreign rules become a pack that runs in sequence; each is translated, compiled and tried on clean text first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import msgspec
import regex

from ...matching.rule import Rule, RuleTimeout
from ...model.errors import UsageProblem
from ...rules.expressions import depth
from ...rules.parser import DEEPEST, LONGEST
from ...rules.spec import FORMAT, Pack, PackHeader, RuleSpec
from ...rules.writer import table
from ..false_positives import too_much
from .formats import ForeignRule
from .java_regex import Untranslatable, expression, replacement

ImportStatus = Literal["taken", "off", "skipped", "refused", "already there"]
TRANSLATED = "its expression was translated"


class ImportedRule(msgspec.Struct, frozen=True):
    """What became of a foreign rule: its name in the pack and its keys (none where it was not taken), and why."""

    foreign: ForeignRule
    fate: ImportStatus
    why: str = ""
    name: str = ""
    keys: dict[str, Any] = {}


def take(rules: Iterable[ForeignRule], pack: str, there: Pack | None = None) -> list[ImportedRule]:
    """Every rule with its fate. `pack` names the pack, `there` is what it already holds and keeps as it is."""
    known = {_finds(rule) for rule in there.rules.values()} if there else set()
    names = set(there.rules) if there else set()
    done: list[ImportedRule] = []
    number = len(names)
    for foreign in rules:
        number += 1
        name = _name(foreign.name, number, names)
        taken = _take(foreign, name, pack, known)
        done.append(taken)
        if taken.keys:
            names.add(name)
    return done


def tables(taken: Sequence[ImportedRule], pack_format: int = FORMAT) -> str:
    """The TOML of those that were taken."""
    return "".join(table(one.name, one.keys, pack_format) for one in taken if one.keys)


def _take(
    foreign: ForeignRule, name: str, pack: str, known: set[tuple[str | None, str | None, str | None]]
) -> ImportedRule:
    if not foreign.pattern.strip() and not (foreign.pattern and not foreign.is_regex):
        return ImportedRule(foreign, "skipped", "a separator: nothing to find")
    try:
        keys = _keys(foreign)
    except Untranslatable as why:
        return ImportedRule(foreign, "refused", str(why))
    if not keys:
        return ImportedRule(foreign, "skipped", "a remark: nothing to find")
    rule = _compiled(pack, name, keys)
    if _finds(rule.written) in known:
        return ImportedRule(foreign, "already there", "the pack's own rule is kept")
    try:
        reason = _why_off(foreign, rule)
    except UsageProblem as problem:
        return ImportedRule(foreign, "refused", problem.what.partition(": ")[2])
    if reason or not foreign.on:
        said = keys["why"]
        keys |= {"enabled": False, "why": f"{said} ({reason})" if reason and reason not in said else said}
        return ImportedRule(foreign, "off", reason or "off where it comes from", name, keys)
    changed = TRANSLATED if foreign.is_regex and keys.get("match") != foreign.pattern else ""
    return ImportedRule(foreign, "taken", changed, name, keys)


def _keys(foreign: ForeignRule) -> dict[str, Any]:
    """The keys of the rule in the pack; none for an expression that is only a remark. Raises Untranslatable."""
    after: str | None = foreign.replacement
    if after and foreign.is_regex and after.lstrip().startswith(("@js:", "<js>")):
        raise Untranslatable("its replacement is a program")
    finds = {"literal": foreign.pattern}
    if foreign.is_regex and (depth(foreign.pattern) > DEEPEST or len(foreign.pattern) > LONGEST):
        raise Untranslatable("its expression is too long or nests too deep")
    if foreign.is_regex:
        finds = {"match": expression(foreign.pattern)}
        if not finds["match"]:
            return {}
        after = replacement(foreign.replacement, _groups(finds["match"])) if after else None
    elif after:
        after = after.replace("\\", "\\\\")
    for text in (*finds.values(), after or ""):
        if not _is_text(text):
            raise Untranslatable("it holds half of a character (a lone surrogate)")
    return {
        "why": foreign.name or "imported",
        "label": foreign.group or None,
        "kind": None if after else "ad",
        **finds,
        "replace": after or None,
        "paths": _paths(foreign),
    }


def _why_off(foreign: ForeignRule, rule: Rule) -> str:
    """Why it must come switched off. Raises UsageProblem for an expression that `regex` refuses."""
    _ = rule.pattern
    if foreign.titles:
        return "it is for chapter titles, which a text file does not mark"
    try:
        return too_much(rule)
    except RuleTimeout as slow:
        return slow.what


def _groups(match: str) -> int:
    try:
        return int(regex.compile(match, regex.VERSION0).groups)
    except regex.error as error:
        raise Untranslatable(f"bad regular expression: {error}") from None


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _compiled(pack: str, name: str, keys: dict[str, Any]) -> Rule:
    written = msgspec.convert({key: what for key, what in keys.items() if what is not None}, RuleSpec)
    return Rule(Pack(pack, pack, PackHeader("boilerplate", order="sequence"), {name: written}, {}), name, written)


def _finds(rule: RuleSpec) -> tuple[str | None, str | None, str | None]:
    return rule.match, rule.literal, rule.replace


def _paths(foreign: ForeignRule) -> list[str]:
    """Names of books as patterns of paths; a scope of sites alone fits no file."""
    wanted = [_pattern(part) for part in _parts(foreign.scope)]
    unwanted = [f"!{_pattern(part)}" for part in _parts(foreign.not_scope)]
    return wanted + unwanted if wanted or not unwanted else ["*", *unwanted]


def _parts(scope: str) -> list[str]:
    return [part.strip() for part in re.split(r"[;,；，\n]", scope) if part.strip()]


def _pattern(part: str) -> str:
    site = re.match(r"https?://([^/]+)", part)
    return "*" + re.sub(r"([\\*?\[\]!#])", r"\\\1", site[1] if site else part.replace("/", "?")) + "*"


def _name(said: str, number: int, names: set[str]) -> str:
    """`r0012-ad`: readers name rules in Chinese, ids are ASCII."""
    word = "-".join(re.findall(r"[a-z0-9]+", said.lower()))[:24].strip("-")
    name = f"r{number:04}-{word}".rstrip("-")
    return name if name not in names else f"{name}-again"
