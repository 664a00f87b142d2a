"""The command line as people see it: tests/transcripts/*.txt, each run in a copy of fixtures/tree and fixtures/packs.

    # what it shows; `# not as root` skips it for the super-user
    $ a command, run by bash; `cleaner` is the program
    what it writes to stdout
    ! what it writes to stderr
    ? its exit code

`RECORD=1 pytest tests/test_transcripts.py` writes down what happens now; read the difference before you keep it.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from samples import FIXTURES

HERE = Path(__file__).parent / "transcripts"
BASH = shutil.which("bash")
CLEANER = f'set -o pipefail; cleaner() {{ "{sys.executable}" -m cleaner "$@"; }}; '
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

pytestmark = pytest.mark.skipif(BASH is None, reason="transcripts are written for bash")


def steps(transcript: str) -> list[str]:
    """Each command with what is to come of it."""
    return [step for step in re.split(r"(?m)^(?=\$ )", transcript) if step.startswith("$ ")]


def run(command: str, folder: Path) -> str:
    env = os.environ | {"NO_COLOR": "1", "COLUMNS": "100", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"}
    env["CLEANER_STATE_DIR"] = f"{folder}-state"
    env.pop("PYTHONWARNINGS", None)
    done = subprocess.run(
        [str(BASH), "-c", CLEANER + command], cwd=folder, env=env, capture_output=True, timeout=300, check=False
    )
    out, err = done.stdout.decode("utf-8", "backslashreplace"), done.stderr.decode("utf-8", "backslashreplace")
    assert not CONTROL.search(out + err), repr(out + err)
    errors = "".join(f"! {line}\n" for line in err.replace(str(folder), "TMP").splitlines())
    shown = out if not out or out.endswith("\n") else out + "\n"
    return f"$ {command}\n{shown.replace(str(folder), 'TMP')}{errors}? {done.returncode}\n"


def use_before(folder: Path) -> None:
    """The packs of the fixtures are no longer introduced."""
    seen = Path(f"{folder}-state") / "packs"
    seen.mkdir(parents=True)
    for pack in (folder / "packs").rglob("*.toml"):
        (seen / hashlib.sha256(pack.read_bytes()).hexdigest()[:32]).touch()


@pytest.mark.parametrize("path", sorted(HERE.glob("*.txt")), ids=lambda path: path.stem)
def test_transcript(path: Path, tmp_path: Path) -> None:
    written = path.read_text("utf-8")
    if "# not as root" in written and hasattr(os, "geteuid") and os.geteuid() == 0:
        pytest.skip("the super-user may read and write everything")
    shutil.copytree(FIXTURES / "tree", tmp_path, dirs_exist_ok=True)
    shutil.copytree(FIXTURES / "packs", tmp_path / "packs")
    if not written.startswith("# first use"):
        use_before(tmp_path)
    happened = [run(step.splitlines()[0][2:], tmp_path) for step in steps(written)]
    if os.environ.get("RECORD"):
        path.write_text(re.split(r"(?m)^\$ ", written)[0] + "".join(happened), "utf-8")
    assert happened == steps(path.read_text("utf-8"))


def test_there_are_enough_of_them() -> None:
    assert len(list(HERE.glob("*.txt"))) >= 35
