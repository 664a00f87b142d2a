"""What is kept of compiled expressions is what `regex` makes of them, and other versions of it do not take it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
import regex
from samples import every_rule

from cleaner.matching import patterns
from cleaner.rules import builtin
from tools.compile_rules import compiled_rules, expressions


def test_kept_expressions_match_the_same() -> None:
    kept = msgspec.msgpack.decode(msgspec.msgpack.encode(compiled_rules()), type=patterns.Kept).codes
    rules = every_rule().all
    texts = {text for rule in rules for text in (*(hit.text for hit in rule.written.hit), *rule.written.keep)}
    text = "\n".join(sorted(texts))[:20_000]
    wanted = {(one, int(flags)) for one, flags in expressions(rules) if one}
    assert len(wanted) > 900
    for expression, flags in wanted:
        one, other = (
            patterns.restored(expression, kept[patterns.name_of(expression, flags)]),
            regex.compile(expression, flags, cache_pattern=False),
        )
        assert (one.flags, one.groupindex) == (other.flags, other.groupindex)
        for line in text.split("\n")[:40]:
            assert [m.span() for m in one.finditer(line)] == [m.span() for m in other.finditer(line)], expression


def test_only_the_version_that_wrote_them_takes_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builtin, "compiled", lambda: tmp_path / "compiled.bin")
    code = patterns.Code(0, b"", {}, {}, {}, [], 0, (), 0, 0)
    for version in (regex.__version__, "0"):
        patterns._kept.cache_clear()
        builtin.compiled().write_bytes(msgspec.msgpack.encode(patterns.Kept(version, {"name": code})))
        assert list(patterns._kept()) == (["name"] if version == regex.__version__ else [])
    patterns._kept.cache_clear()
    builtin.compiled().write_bytes(b"\x93")
    assert patterns._kept() == {}
    patterns._kept.cache_clear()
