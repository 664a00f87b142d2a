"""Rules for e-book readers: what Legado 3 imports."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from ...matching.rule import Rule

CANT = {
    "does": "it is written in code", "unless": "it has exceptions", "weight": "it does not decide alone",
    "zone": "it looks at the place", "extent": "it takes the whole line",
}  # fmt: skip
JAVA = re.compile(r"\\(?:Z|U([0-9a-fA-F]{8})|g<(\w+)>|(.))|\(\?P=(\w+)\)|\(\?P<", re.DOTALL)
TEMPLATE = re.compile(r"\\(?:g<(\w+)>|(\d)|(.))|\$", re.DOTALL)


def legado(rules: Iterable[Rule]) -> tuple[list[dict[str, Any]], list[tuple[Rule, str]]]:
    """The export, and the rules that it can't hold with the reason."""
    out: list[dict[str, Any]] = []
    left: list[tuple[Rule, str]] = []
    for rule in rules:
        why = next((CANT[key] for key in CANT if _differs(rule, key)), "")
        if why or not rule.expression:
            left.append((rule, why or CANT["does"]))
        else:
            out.append(_entry(rule, len(out) + 1))
    return out, left


def _differs(rule: Rule, key: str) -> bool:
    return bool(getattr(rule.written, key) != getattr(type(rule.written)(), key))


def _entry(rule: Rule, number: int) -> dict[str, Any]:
    written = rule.written
    is_text = rule.in_sequence and written.literal is not None
    pattern = written.literal if is_text else _flags(rule) + JAVA.sub(_java, rule.expression)
    after = rule.replace or ""
    return {
        "id": number,
        "name": written.why or rule.id,
        "group": written.label or rule.id.split("/")[1],
        "pattern": pattern,
        "replacement": after.replace("\\\\", "\\") if is_text else TEMPLATE.sub(_template, after),
        "isRegex": not is_text,
        "isEnabled": written.enabled,
        "scope": ";".join(_book(path) for path in written.paths if not path.startswith("!") and path != "*"),
        "excludeScope": ";".join(_book(path[1:]) for path in written.paths if path.startswith("!")),
        "scopeTitle": False,
        "scopeContent": True,
        "order": number,
        "timeoutMillisecond": 3000,
    }


def _flags(rule: Rule) -> str:
    """Rules that work together see lines, and no capitals."""
    if rule.in_sequence:
        return ""
    return "(?mi)" if rule.caseless else "(?m)"


def _java(found: re.Match[str]) -> str:
    code, group, other, back = found.groups()
    if code:
        return f"\\x{{{int(code, 16):x}}}"
    if group or back:
        name = group or back
        return f"\\{name}" if name.isdecimal() else f"\\k<{name}>"
    return r"\z" if found.group() == r"\Z" else "(?<" if found.group() == "(?P<" else f"\\{other}"


def _template(found: re.Match[str]) -> str:
    name, number, other = found.groups()
    group = name or number
    if group:
        return f"${group}" if group.isdecimal() else f"${{{group}}}"
    if other is None:
        return r"\$"
    return {"n": "\n", "t": "\t", "\\": "\\\\"}.get(other, other)


def _book(path: str) -> str:
    return re.sub(r"\\(.)", r"\1", path.strip("*"))
