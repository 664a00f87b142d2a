"""Ray and datatrove, really: the same bytes as on one machine, and one file that kills workers is named alone."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from samples import cleaner
from test_executors import Doing
from test_write_job import RULES, TEXT, tree

from cleaner.jobs.executors import Shard, WorkerLost, run_ordered
from cleaner.model.errors import DiskFull


@pytest.fixture
def ray(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    ray = pytest.importorskip("ray")
    monkeypatch.setenv("RAY_ADDRESS", "local")  # not one that runs here
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parent), *sys.path]))  # for its workers
    yield ray
    ray.shutdown()


def carried(folder: Path, shards: list[list[str]]) -> list[Any]:
    from cleaner.jobs.executors.ray import RayCluster

    engine = RayCluster(Doing(folder), None, lambda _: None)
    numbered = (Shard(number, tasks) for number, tasks in enumerate(shards))
    try:
        return [
            one for done in run_ordered(engine, numbered, lambda shard, found: shard.results(found)) for one in done
        ]
    finally:
        engine.close()


@pytest.mark.usefixtures("ray")
def test_a_lost_worker_costs_nothing_and_poison_is_named(tmp_path: Path) -> None:
    kinds = {(1, 1): "die", (3, 0): "die-once", (4, 2): "break"}
    shards = [[f"{kinds.get((a, b), 'ok')} {a}-{b}" for b in range(3)] for a in range(6)]
    found = carried(tmp_path, shards)
    wanted = [f"did {task}" for shard in shards for task in shard]
    lost = [at for at, one in enumerate(found) if isinstance(one, WorkerLost)]
    assert lost == [4, 14]
    assert [one for at, one in enumerate(found) if at not in lost] == [
        w for at, w in enumerate(wanted) if at not in lost
    ]
    with pytest.raises(DiskFull):
        carried(tmp_path, [["full x"]])


@pytest.mark.usefixtures("ray")
def test_a_cluster_gives_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number in range(40):
        (tmp_path / "in" / f"{number}.txt").write_text(TEXT * (number % 4 + 1), "utf-8")
    rows = "".join(json.dumps({"n": n, "text": TEXT}, ensure_ascii=n % 2 == 0) + "\n" for n in range(50))
    (tmp_path / "in" / "rows.jsonl").write_text(rows, "utf-8")
    said = [cleaner("clean", tmp_path / "in", "-o", tmp_path / "1", "--jobs", 1, *RULES)]
    said.append(cleaner("clean", tmp_path / "in", "-o", tmp_path / "2", "--engine", "ray", *RULES))
    assert said[0] == said[1]
    assert tree(tmp_path / "1") == tree(tmp_path / "2")
    again = cleaner("clean", tmp_path / "in", "-o", tmp_path / "2", "--engine", "ray", *RULES)
    assert "41 files, 0 changed, 41 done before" in again


def test_without_ray(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    (tmp_path / "a.txt").write_text(TEXT, "utf-8")
    said = cleaner("clean", tmp_path / "a.txt", "-o", tmp_path / "out", "--engine", "ray", *RULES, code=2)
    assert "pip install 'unstamp[ray]'" in said


def test_a_step_of_datatrove(tmp_path: Path) -> None:
    pytest.importorskip("datatrove")
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers import JsonlWriter

    from cleaner.integrations import DatatroveCleaner

    (tmp_path / "in").mkdir()
    text = "雨停了。【首发www.example.com】路还很长。"
    (tmp_path / "in" / "a.jsonl").write_text(json.dumps({"text": text, "id": "a"}) + "\n", "utf-8")
    steps = [
        JsonlReader(str(tmp_path / "in")),
        DatatroveCleaner(),
        JsonlWriter(str(tmp_path / "out"), compression=None),
    ]
    LocalPipelineExecutor(steps, tasks=1, logging_dir=str(tmp_path / "log")).run()
    (made,) = (tmp_path / "out").iterdir()
    assert json.loads(made.read_text("utf-8"))["text"] == "雨停了。路还很长。"
