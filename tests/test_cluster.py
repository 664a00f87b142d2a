"""Ray, datatrove and an S3 server, really: the same bytes as on one machine; what kills workers is named alone."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from samples import cleaner
from test_executors import Doing
from test_write_job import RULES, TEXT, tree

from cleaner.jobs.executors import InProcess, Shard, WorkerLost, run_ordered
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
    cleaner("check", tmp_path / "in", *RULES, code=1)  # where the pack may be introduced
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

    from cleaner.integrations.datatrove import DatatroveCleaner

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


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A client of a server that has an empty bucket `corpus`."""
    moto = pytest.importorskip("moto.server")
    boto3 = pytest.importorskip("boto3")
    server = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.get_host_and_port()[1]}")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    client = boto3.client("s3")
    client.create_bucket(Bucket="corpus")
    yield client
    server.stop()
    pytest.importorskip("s3fs").S3FileSystem.clear_instance_cache()  # the next server has another port


def objects(client: Any, prefix: str) -> dict[str, bytes]:
    listed = client.list_objects_v2(Bucket="corpus", Prefix=prefix).get("Contents", [])
    names = [one["Key"] for one in listed]
    return {name: client.get_object(Bucket="corpus", Key=name)["Body"].read() for name in names}


def test_an_object_store_is_read_and_written(bucket: Any, tmp_path: Path) -> None:
    bucket.put_object(Bucket="corpus", Key="in/a.jsonl", Body=(json.dumps({"text": TEXT}) + "\n").encode())
    bucket.put_object(Bucket="corpus", Key="in/deep/b.txt", Body=TEXT.encode("gb18030"))
    bucket.put_object(Bucket="corpus", Key="in/c.bin", Body=bytes(range(256)))
    said = cleaner("clean", "s3://corpus/in", "-o", "s3://corpus/out", "--jobs", 1, *RULES)
    assert "2 files, 1 record, 2 changed" in said
    made = objects(bucket, "out")
    assert sorted(made) == ["out/a.jsonl", "out/c.bin", "out/deep/b.txt"]
    cleaner("clean", "s3://corpus/in", "-o", tmp_path / "out", "--jobs", 1, *RULES)
    assert {f"out/{name}": raw for name, raw in tree(tmp_path / "out").items()} == made
    assert "2 done before" in cleaner("clean", "s3://corpus/in", "-o", "s3://corpus/out", "--jobs", 1, *RULES)
    bucket.put_object(Bucket="corpus", Key="out/a.jsonl", Body=b"mine")
    said = cleaner("clean", "s3://corpus/in", "-o", "s3://corpus/out", "--jobs", 1, *RULES, code=3)
    assert "something else is already there" in said
    assert objects(bucket, "out/a")["out/a.jsonl"] == b"mine"
    assert "an object can't be cleaned in place" in cleaner("clean", "--in-place", "s3://corpus/in", *RULES, code=None)


def test_a_killed_upload_leaves_nothing(bucket: Any, tmp_path: Path) -> None:
    """Objects appear whole; the same command does the rest."""
    (tmp_path / "in").mkdir()
    for number in range(60):
        (tmp_path / "in" / f"{number}.txt").write_text(TEXT * 200, "utf-8")
    command = ["clean", str(tmp_path / "in"), "-o", "s3://corpus/many", "--jobs", "1", "-q", *RULES]
    process = subprocess.Popen([sys.executable, "-m", "cleaner", *command])
    while process.poll() is None and not bucket.list_objects_v2(Bucket="corpus", Prefix="many/").get("Contents"):
        time.sleep(0.02)
    process.kill()
    process.wait()
    assert {*objects(bucket, "many").values()} <= {("雨停了。路还很长。\n\n他走了。\n" * 200).encode()}
    assert not bucket.list_multipart_uploads(Bucket="corpus").get("Uploads")
    cleaner(*command)
    assert len(objects(bucket, "many")) == 60


def test_machines_share_a_store(bucket: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each does its part with a ledger of its own; another machine that begins anew finds what is done, by content."""
    for number in range(30):
        bucket.put_object(Bucket="corpus", Key=f"thirty/{number}.txt", Body=(TEXT * (number + 1)).encode())
    cleaner("clean", "s3://corpus/thirty", "-o", tmp_path / "out", "--jobs", 1, *RULES)
    wanted = {f"shared/{name}": raw for name, raw in tree(tmp_path / "out").items()}
    command = ("clean", "s3://corpus/thirty", "-o", "s3://corpus/shared", "--jobs", 1, *RULES)
    for part in ("1/2", "2/2"):
        monkeypatch.setenv("CLEANER_DATA_DIR", str(tmp_path / f"machine {part[0]}"))
        before = objects(bucket, "shared")
        cleaner(*command, "--shard", part)
        assert before.items() < objects(bucket, "shared").items()
    assert objects(bucket, "shared") == wanted
    assert "done before" in cleaner(*command, "--shard", "2/2")
    bucket.delete_object(Bucket="corpus", Key="shared/3.txt")
    written = {one["Key"]: one["LastModified"] for one in bucket.list_objects_v2(Bucket="corpus")["Contents"]}
    monkeypatch.setenv("CLEANER_DATA_DIR", str(tmp_path / "machine 3"))
    cleaner(*command)
    assert objects(bucket, "shared") == wanted
    now = {one["Key"]: one["LastModified"] for one in bucket.list_objects_v2(Bucket="corpus")["Contents"]}
    assert {name for name in now if now[name] != written.get(name)} == {"shared/3.txt"}


class Elsewhere(InProcess):
    """Works as a process on a machine that has not the folders of this one."""

    def __init__(self, work: Any, progress: Any, home: Path, there: Path) -> None:
        super().__init__(work, progress)
        self._home, self._there = home, there

    def result(self) -> Any:
        hidden = self._home.with_name("hidden")
        sent = pickle.dumps(self._work)
        self._home.rename(hidden)
        before = os.environ["CLEANER_DATA_DIR"]
        os.environ["CLEANER_DATA_DIR"] = str(self._there)
        try:
            shard = self._pending.popleft()
            return shard, pickle.loads(sent)(shard.tasks, self._progress)
        finally:
            os.environ["CLEANER_DATA_DIR"] = before
            hidden.rename(self._home)


def test_workers_on_other_machines_write_to_a_store(
    bucket: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cleaner.jobs.ranges.SIZE", 2000)
    for number in range(9):
        bucket.put_object(Bucket="corpus", Key=f"nine/{number}.txt", Body=(TEXT * (number + 1)).encode())
    rows = "".join(json.dumps({"n": n, "text": TEXT}, ensure_ascii=False) + "\n" for n in range(60))
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "rows.jsonl").write_text(rows, "utf-8")
    sources = ("s3://corpus/nine", tmp_path / "in" / "rows.jsonl")
    cleaner("clean", *sources, "-o", tmp_path / "out", "--jobs", 1, *RULES)
    wanted = {f"far/{name}": raw for name, raw in tree(tmp_path / "out").items()}
    monkeypatch.setenv("CLEANER_DATA_DIR", str(tmp_path / "home"))
    bucket.put_object(Bucket="corpus", Key="far/.cleaner/ledger.new-killed/1", Body=b"left by a run that was killed")
    engine = lambda jobs, watch, few=False, options=None: (  # noqa: E731
        lambda work: Elsewhere(work, watch.tick, tmp_path / "home", tmp_path / "there")
    )
    monkeypatch.setattr("cleaner.cli.clean.executors", engine)
    cleaner("clean", *sources, "-o", "s3://corpus/far", *RULES)
    assert objects(bucket, "far") == wanted
    assert "10 done before" in cleaner("clean", *sources, "-o", "s3://corpus/far", *RULES)
    bucket.delete_object(Bucket="corpus", Key="far/3.txt")
    cleaner("clean", *sources, "-o", "s3://corpus/far", *RULES)
    assert objects(bucket, "far") == wanted
    assert not [path for path in (tmp_path / "there").rglob("*") if path.is_file()]


def test_a_large_object_is_sent_in_pieces(bucket: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an upload that was killed has sent is taken back by the next run; other uploads are nobody's business."""
    monkeypatch.setattr("cleaner.io.remote.ONE_REQUEST", 1 << 20)
    monkeypatch.setattr("cleaner.io.remote.PIECE", 5 << 20)
    (tmp_path / "a.bin").write_bytes(bytes(range(256)) * (48 << 10))
    for key in ("out/a.bin", "out/a.bin.mine"):
        upload = bucket.create_multipart_upload(Bucket="corpus", Key=key)
        bucket.upload_part(Bucket="corpus", Key=key, UploadId=upload["UploadId"], PartNumber=1, Body=b"x" * (5 << 20))
    cleaner("clean", tmp_path, "-o", "s3://corpus/out", *RULES)
    assert objects(bucket, "out/a.bin")["out/a.bin"] == (tmp_path / "a.bin").read_bytes()
    left = bucket.list_multipart_uploads(Bucket="corpus").get("Uploads", [])
    assert [one["Key"] for one in left] == ["out/a.bin.mine"]
