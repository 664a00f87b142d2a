"""Expressions put together: named pieces filled in, and what the declarative keys of a rule say, for `regex`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate

from .spec import Context, RuleSpec, Words
from .tokens import CLASS, ESCAPE, escaped

NAMED = re.compile(r"\{\{([a-z][a-z0-9-]*)\}\}")
PART = re.compile(rf"{ESCAPE.pattern}|{CLASS.pattern}|{NAMED.pattern.replace('(', '(?P<name>')}", re.DOTALL)
COUNT = re.compile(r"(\)?)\{(\d+)(?:,(\d*))?\}")
TOKEN = re.compile(rf"{ESCAPE.pattern}|{CLASS.pattern}|\{{(?P<least>\d+)(?:,(?P<most>\d*))?\}}|.", re.DOTALL)
AROUND = (("left", "(?<="), ("not_left", "(?<!"), ("right", "(?="), ("not_right", "(?!"))


def depth(expression: str) -> int:
    """How many groups stand inside each other at most; parentheses in classes count, too."""
    found = re.findall(r"\\.|[()]", expression, re.DOTALL)
    return max(accumulate((one == "(") - (one == ")") for one in found), default=0)


def most_pieces(expression: str) -> int:
    """A bound of `pieces` that takes no walk over the characters: all counts, times those of groups."""
    total, times = len(expression), 1
    for group, least, most in COUNT.findall(expression):
        count = max(1, min(int((most or least)[:10]), 1 << 30))
        total += count
        times *= count if group else 1
    return total * times


def pieces(expression: str) -> int:
    """How many pieces an expression has once its counts are written out: `(a{1000}){1000}` has a million."""
    sums, last = [0], 0
    for found in TOKEN.finditer(expression):
        if found[0] == "(":
            sums.append(0)
        elif found[0] == ")" and len(sums) > 1:
            last = sums.pop()
            sums[-1] += last
        elif found["least"]:
            times = min(int((found["most"] or found["least"])[:10]), 1 << 30)
            sums[-1] += last * (times - 1)
            last *= times
        else:
            sums[-1] += 1
            last = 1
    return sum(sums)


def filled(text: str, names: Mapping[str, str]) -> str:
    """With `{{name}}` replaced: in a class by its characters, elsewhere by one group; an unknown name is left."""

    def part(found: re.Match[str]) -> str:
        if found[0].startswith("["):
            return NAMED.sub(lambda name: _characters(names.get(name[1], name[0])), found[0])
        return _piece(names[found["name"]]) if found["name"] in names else found[0]

    alone = NAMED.fullmatch(text)
    return names[alone[1]] if alone and alone[1] in names else PART.sub(part, text)


def _characters(text: str) -> str:
    return text[1:-1] if CLASS.fullmatch(text) and not text.startswith("[^") else text


def _piece(text: str) -> str:
    return text if CLASS.fullmatch(text) else f"(?:{text})"


def alternatives(words: Iterable[str], names: Mapping[str, str]) -> str:
    """Words as an expression that finds one of them; a word that is `{{name}}` stands for the named piece."""
    return "|".join(names.get(found[1], word) if (found := NAMED.fullmatch(word)) else escaped(word) for word in words)


def declared(rule: RuleSpec, names: Mapping[str, str]) -> tuple[str, str | None] | None:
    """The expression and prefilter of a rule with `core`, `all_of` or `any_of`; None for another one."""
    if rule.core is not None:
        return _in_context(rule, names), rule.prefilter
    if rule.all_of or rule.any_of:
        return _line_with(rule, names), rule.prefilter or alternatives(_rarest(rule), names)
    return None


def _in_context(rule: RuleSpec, names: Mapping[str, str]) -> str:
    core = _words(rule.core or "", names)
    if isinstance(rule.core, list) and len(rule.core) > 1:
        core = f"(?:{core})"
    if rule.contexts:
        core = "|".join(_around(context, core, names) for context in rule.contexts)
        if len(rule.contexts) > 1 and any(getattr(rule, key) is not None for key, _ in AROUND):
            core = f"(?:{core})"
    return _around(rule, core, names)


def _around(context: Context, core: str, names: Mapping[str, str]) -> str:
    sides = {
        key: f"{opening}{_words(what, names)})"
        for key, opening in AROUND
        if (what := getattr(context, key)) is not None
    }
    left, right = (sides.get(key, "") + sides.get(f"not_{key}", "") for key in ("left", "right"))
    return f"{left}{core}{right}"


def _words(what: Words, names: Mapping[str, str]) -> str:
    return alternatives(what, names) if isinstance(what, list) else filled(what, names)


def _line_with(rule: RuleSpec, names: Mapping[str, str]) -> str:
    """A whole line, by what it holds. Every word is looked for by itself, so their order does not matter."""
    near = f"{{0,{rule.window}}}" if rule.window is not None else "*"

    def holds(words: Sequence[str]) -> str:
        return f"[^\\n]{near}(?:{alternatives(words, names)})"

    parts = [f"(?=[^\\n]{{{rule.length[0]},{rule.length[1]}}}$)"] if rule.length else []
    parts += [f"(?![^\\n]*(?:{alternatives(rule.none_of, names)}))"] if rule.none_of else []
    parts += [f"(?={holds([word])})" for word in rule.all_of]
    groups = ["".join(f"(?={holds([word])})" for word in group) for group in rule.any_of]
    parts += [f"(?:{'|'.join(groups)})"] if groups else []
    return f"^{''.join(parts)}[^\\n]+$"


def _rarest(rule: RuleSpec) -> list[str]:
    """The words of which every line that it finds holds one."""
    return rule.all_of[:1] or list(dict.fromkeys(group[0] for group in rule.any_of))
