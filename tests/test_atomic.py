"""A file is replaced whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from cleaner.io.atomic import AtomicFile, save_text
from cleaner.io.folder import Folder
from cleaner.model.atomic import umask, write_text_atomically
from cleaner.model.errors import InputProblem


@pytest.mark.skipif(os.name != "posix", reason="modes")
def test_a_file_keeps_its_mode_and_a_new_one_gets_that_of_the_umask(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_text_atomically(path, "雨停了。\r\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~umask()
    path.chmod(0o640)
    write_text_atomically(path, "路还很长。\n")
    assert (stat.S_IMODE(path.stat().st_mode), path.read_bytes().decode()) == (0o640, "路还很长。\n")


def test_a_failure_leaves_the_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    path.write_text("before", "utf-8")

    def fail(*_: object) -> None:
        raise OSError(28, "no space left")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="no space"):
        write_text_atomically(path, "after")
    assert [entry.read_text("utf-8") for entry in tmp_path.iterdir()] == ["before"]


def test_what_a_lost_worker_left_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "1").write_text("half", "utf-8")
    folder = Folder(str(tmp_path))
    with AtomicFile(folder, "a.txt", "1") as file:
        file.write([b"whole"])
        file.close(0o644, b"")
        file.commit()
    assert {entry.name: entry.read_text("utf-8") for entry in tmp_path.iterdir()} == {"a.txt": "whole"}


def test_an_output_that_is_not_committed_is_removed(tmp_path: Path) -> None:
    with AtomicFile.at(str(tmp_path / "a.txt")) as file:
        file.write([b"half"])
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_a_file_is_a_problem_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputProblem, match="can't write") as caught:
        save_text(str(tmp_path / "file" / "a.txt"), "text")
    assert caught.value.where == str(tmp_path / "file" / "a.txt")
