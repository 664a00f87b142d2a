"""Write what is derived from the built-in packs: `rules/derived.json`.

    python -m tools.derive

To be run after a change of a rule's expression; a test says so.
"""

from __future__ import annotations

import msgspec

from cleaner.matching.analysis import kept
from cleaner.matching.rule import query
from cleaner.rules import builtin
from cleaner.rules.parser import load_packs


def written() -> str:
    """The file, a set of literals or an expression on each line."""
    packs = load_packs(builtin.paths())
    found = kept(sorted({query(pack, rule) for pack in packs for rule in pack.rules.values()}))
    sets = ",\n".join(_json(one) for one in found.sets)
    rules = ",\n".join(f"{_json(name)}: {_json(one)}" for name, one in found.found.items())
    return f'{{"sets": [\n{sets}\n], "found": {{\n{rules}\n}}}}\n'


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


if __name__ == "__main__":
    builtin.derived().write_text(written(), "utf-8")
