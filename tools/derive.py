"""Write what is derived from the built-in packs: `rules/derived.json` and `rules/parsed.json`.

    python -m tools.derive

To be run after a change of a pack; a test says so.
"""

from __future__ import annotations

import msgspec

from cleaner.matching.analysis import kept
from cleaner.matching.rule import query
from cleaner.matching.triggers import disguise_queries
from cleaner.rules import builtin
from cleaner.rules.parsed import parsed
from cleaner.rules.parser import load_packs


def parsed_packs() -> str:
    """`parsed.json`, a rule on each line."""
    packs = []
    for name, (digest, pack) in parsed().packs.items():
        head, _, tail = _json(msgspec.structs.replace(pack, rules={})).partition('"rules":{}')
        rules = ",\n".join(f"{_json(rule)}: {_json(spec)}" for rule, spec in pack.rules.items())
        packs.append(f'{_json(name)}: [{_json(digest)}, {head}"rules": {{\n{rules}\n}}{tail}]')
    return '{"packs": {\n' + ",\n".join(packs) + "\n}}\n"


def written() -> str:
    """`derived.json`, a set of literals or an expression on each line."""
    packs = load_packs(builtin.paths())
    queries = {query(pack, rule) for pack in packs for rule in pack.rules.values()}
    found = kept(sorted({*queries, *disguise_queries()}))
    sets = ",\n".join(_json(one) for one in found.sets)
    rules = ",\n".join(f"{_json(name)}: {_json(one)}" for name, one in found.found.items())
    return f'{{"sets": [\n{sets}\n], "found": {{\n{rules}\n}}}}\n'


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


if __name__ == "__main__":
    builtin.derived().write_text(written(), "utf-8")
    builtin.parsed().write_text(parsed_packs(), "utf-8")
