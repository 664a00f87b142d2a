"""The runners of training, evaluation and benchmarks: what they list, run, store and skip."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from samples import ROOT

from tools import runner
from tools.scores import Counts, interval, macro, micro, total
from tools.shared_data import LABELS, by_sha256

FOLDERS = ("training", "evaluation", "benchmarks")
ENTRY = '''"""Counts to a number.

More about it.
"""

from tools.runner import Skipped, options


def main(argv):
    parser = options(__name__, __doc__)
    parser.add_argument("--to", type=int, default=3)
    given = parser.parse_args(argv)
    if given.to < 0:
        raise Skipped("nothing to count")
    return {"sum": sum(range(given.to)), "rows": [{"n": n, "square": n * n} for n in range(given.to)]}
'''


@pytest.fixture
def entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one entry, `count`, and one that needs a library that nobody has."""
    folder = tmp_path / "counting"
    folder.mkdir()
    (folder / "count.py").write_text(ENTRY, "utf-8")
    (folder / "_shared.py").write_text("", "utf-8")
    (folder / "other.py").write_text('"""Needs a library."""\nimport a_library_of_nobody\n', "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "counting", raising=False)
    monkeypatch.delitem(sys.modules, "counting.count", raising=False)
    return folder


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_module_is_listed_with_its_docstring(folder: str) -> None:
    out = subprocess.run(
        [sys.executable, "-m", folder], cwd=ROOT, capture_output=True, encoding="utf-8", check=True, env=utf8()
    ).stdout
    rows = dict(line.strip().split(None, 1) for line in out.splitlines() if line.startswith("  "))
    modules = {path.stem: path for path in (ROOT / folder).glob("[!_]*.py")}
    assert set(rows) == set(modules)
    assert all(len(row) > 20 for row in rows.values())
    for path in modules.values():
        assert "def main(argv: Sequence[str]) -> Figures:" in path.read_text("utf-8")


def test_a_run_on_texts_of_the_project() -> None:
    """Needs no data from elsewhere."""
    command = [sys.executable, "-m", "evaluation", "placeholders", "fixtures/placeholders/glyphs.txt", "--no-save"]
    out = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=True, env=utf8()).stdout
    rows = [line.split(" | ") for line in out.splitlines() if line.startswith("| glyphs")]
    assert rows[0][1:4] == ["exact", "45", "1.0"]


def utf8() -> dict[str, str]:
    return os.environ | {"PYTHONUTF8": "1"}


def test_figures_are_printed_and_stored(entry: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert runner.run(entry, ["count", "--to", "2", "--shared", "/some/where"]) == 0
    assert "sum: 1\n" in (out := capsys.readouterr().out)
    assert "| n | square |\n|---|---|\n| 0 | 0 |\n| 1 | 1 |\n" in out
    found = json.loads((entry / "results" / "count.json").read_text("utf-8"))
    assert list(found) == ["name", "command", "commit", "date", "machine", "figures"]
    assert list(found["machine"]) == ["cpu", "cores", "python", "system"]
    assert (found["name"], found["command"]) == ("count", "python -m counting count --to 2")
    assert found["figures"] == {"sum": 1, "rows": [{"n": 0, "square": 0}, {"n": 1, "square": 1}]}


def test_what_is_not_stored(entry: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert runner.run(entry, ["count", "--no-save"]) == 0
    assert runner.run(entry, ["count", "--to", "-1"]) == 0
    assert "count is skipped: nothing to count" in capsys.readouterr().err
    assert runner.run(entry, ["other"]) == 0
    assert "other is skipped: the module a_library_of_nobody is not installed" in capsys.readouterr().err
    assert runner.run(entry, ["missing"]) == 2
    assert "it has count, other" in capsys.readouterr().err
    assert not (entry / "results").exists()


def test_without_the_shared_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert runner.run(ROOT / "evaluation", ["joining", "--shared", str(tmp_path / "none"), "--no-save"]) == 0
    assert "joining is skipped: none/data is not here; say --shared DIR" in capsys.readouterr().err


def test_labels_name_no_text(tmp_path: Path) -> None:
    """A label finds its text by content; neither its name nor its keys say whose it is."""
    rows = dict(line.split("\t") for line in (LABELS / "index.tsv").read_text("utf-8").splitlines()[1:])
    assert set(rows) == {path.name for path in LABELS.glob("*.json")}
    for name in rows:
        text = (LABELS / name).read_text("utf-8")
        assert text.isascii()
        label = json.loads(text)
        assert list(label) == ["family", "site", "encoding", "window", "remove", "ignore"]
        assert label["site"].removeprefix("site-").isdigit()
    (tmp_path / "under").mkdir()
    (tmp_path / "under" / "text").write_bytes(b"abc")
    sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert by_sha256(tmp_path) == {sha256: tmp_path / "under" / "text"}


def test_scores() -> None:
    one, other, nothing = Counts(3, 1, 0), Counts(0, 0, 2), Counts(0, 0, 0)
    assert total([one, other]) == Counts(3, 1, 2)
    assert (one.precision, one.recall, nothing.f1) == (0.75, 1.0, 1.0)
    assert micro([one, other]) == pytest.approx(2 / 3)
    assert macro([one, other]) == pytest.approx((6 / 7) / 2)
    assert interval([one] * 9, micro) == "0.857 to 0.857"
