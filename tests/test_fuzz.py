"""Whatever bytes come, an answer: rule files, configurations, decisions, texts, ledgers and runs, wrong in every way.

`HYPOTHESIS_PROFILE=long` tries 1,000 of each and looks for new ones; the gate tries the same 40 each time. `python -m
tools.fuzz SECONDS` goes on for as long as it is given, and counts.
"""

from __future__ import annotations

import atexit
import contextlib
import io
import shutil
import sqlite3
import tempfile
from functools import cache
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from samples import FIXTURES, OURS, cleaner
from test_trust import ODD as ODD_VALUES
from test_trust import PLACES
from test_write_job import RULES, TEXT, tree

from cleaner.config import read_config
from cleaner.jobs.decisions import load_decisions
from cleaner.matching.ruleset import RuleSet
from cleaner.model.errors import CleanerError
from cleaner.model.source import restore
from cleaner.rules.parser import parse_pack
from cleaner.stages.decode import decode

PACK = Path(OURS).read_text("utf-8")
CONFIG = (FIXTURES / "legacy" / "cleaner.toml").read_text("utf-8") + 'overrides = [{ paths = ["*"], off = ["x"] }]\n'
DECISIONS = (FIXTURES / "legacy" / "decisions.json").read_text("utf-8")
ODD = (
    "", "\0", "\n", '"', "'''", "[", "]", "[[", "{", "}", "=", ",", "\\", "(", ")", "(?<=", "(?P<a>", "{{", "}}",
    "{{a}}",    "{1,", "*", "+", "$", "^", "\\p{", "\\1", "9" * 5000, "0x" + "f" * 5000, "1e999",
    "nan", "true", "-1", "\U0001f600",
    "format = 2\n", "[pack]\n", "[rules.a]\n", "stage = 5\n", "match = 5\n", 'does = "page"\n', "weight = nan\n",
    'order = "sequence"\n', "hit = [5]\n", "any = []\n", "paths = [5]\n", "(" * 60, "[" * 30_000, "a{99999}", "#", "\r",
    "\ufeff",
)  # fmt: skip


def broken(text: str) -> st.SearchStrategy[str]:
    """`text` with some pieces of it replaced by what nobody expects there."""
    change = st.tuples(st.integers(0, len(text)), st.integers(0, 30), st.sampled_from(ODD) | st.text(max_size=8))

    def changed(changes: list[tuple[int, int, str]]) -> str:
        found = text
        for at, length, new in changes:
            found = found[:at] + new + found[at + length :]
        return found

    return st.lists(change, min_size=1, max_size=4).map(changed)


@given(broken(PACK))
def test_rule_files(text: str) -> None:
    with contextlib.suppress(CleanerError):
        RuleSet([parse_pack(text, "fuzz", "fuzz.toml")])


@given(st.sampled_from(["cleaner.toml", "pyproject.toml"]), broken(CONFIG))
def test_configurations(name: str, text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_text(text, "utf-8", "surrogatepass")
        with contextlib.suppress(CleanerError):
            found = read_config(path)
            if found is not None:
                found.options()
                found.overrides()


@given(st.sampled_from(["d.json", "d.toml"]), broken(DECISIONS))
def test_decisions(name: str, text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_text(text, "utf-8", "surrogatepass")
        with contextlib.suppress(CleanerError):
            load_decisions(str(path))


PIECES = st.sampled_from(
    [b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\0", b"\x1b$B", b"~{", b"~}", b"\x1b", b"+AGE-", b"\r\n", b"\x8e\xa1"]
    + ["雨停了。".encode(codec) for codec in ("utf-8", "gb18030", "big5", "utf-16-le", "utf-16-be", "iso2022_jp")]
)


@given(st.lists(PIECES | st.binary(max_size=6), max_size=30).map(b"".join))
def test_texts(raw: bytes) -> None:
    with contextlib.suppress(CleanerError):
        text, source = decode(raw)
        assert restore(text, source) == raw
        assert io.StringIO(text, newline="").read() == text


@cache
def cleaned_in_place() -> Path:
    top = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, top)
    (top / "a.txt").write_text(TEXT, "utf-8")
    cleaner("clean", "--in-place", top, "--jobs", 1, *RULES)
    return top


@given(st.lists(st.tuples(st.sampled_from(PLACES), ODD_VALUES), min_size=1, max_size=4), st.booleans())
def test_ledgers(garbage: list[tuple[tuple[str, str], object]], trusted: bool) -> None:
    with tempfile.TemporaryDirectory() as top:
        folder = shutil.copytree(cleaned_in_place(), Path(top) / "in")
        with contextlib.closing(sqlite3.connect(folder / ".cleaner" / "ledger.sqlite")) as db:
            for (table, column), value in garbage:
                with contextlib.suppress(sqlite3.IntegrityError, OverflowError, UnicodeEncodeError):
                    db.execute(f"UPDATE {table} SET {column} = ?", (value,))
            db.commit()
        trust = ("--trust-ledger",) if trusted else ()
        for args in (("undo", "--list"), ("undo",)):
            assert "\x1b" not in cleaner(*args, "--in", folder, *trust, code=None)
        assert [path.name for path in Path(top).iterdir()] == ["in"]
        # A trusted ledger that calls the file a copy is believed: the folder was copied, so its paths tell nothing.
        if not (trusted and ("runs", "in_place") in {place for place, _ in garbage}):
            assert (folder / "a.txt").read_text("utf-8").startswith("雨停了。")


NAMES = st.sampled_from(["a.txt", "b.txt", "deep/c.txt", "deep/d.md", "e.html", "f.bin", "-g", "h i.txt", "[j].txt"])
SOME = st.lists(PIECES | st.sampled_from([TEXT.encode(), TEXT.encode("gb18030")]) | st.binary(max_size=9), max_size=9)
OPTIONS = st.sampled_from(
    [(), ("--tags", "inline"), ("--tags", "standoff"), ("--output-encoding", "keep"), ("--profile", "novel"),
     ("--as-text",), ("--ledger", "hash"), ("--encoding", "gb18030"), ("--yes-large",), ("--unencodable", "xml")]
)  # fmt: skip


@given(st.dictionaries(NAMES, SOME.map(b"".join), min_size=1, max_size=4), OPTIONS, st.booleans())
def test_runs(files: dict[str, bytes], options: tuple[str, ...], in_place: bool) -> None:
    """Inputs are as before or as the run left them, and undo takes back what it can say it did."""
    with tempfile.TemporaryDirectory() as top:
        source, out = Path(top) / "in", Path(top) / "out"
        for name, data in files.items():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes(data)
        before = tree(source)
        where = ("--in-place",) if in_place else ("-o", out)
        said = cleaner("clean", source, *where, "--jobs", 1, *options, *RULES, code=None)
        assert "Traceback" not in said
        if not in_place:
            assert tree(source) == before
        if "hash" not in options:
            assert "refused" not in cleaner("undo", "--in", source if in_place else out, code=None)
            assert (tree(source) if in_place else tree(out)) == (before if in_place else {})
