"""Files of records: every other byte stays, bad records are named, cuts and forms change no result."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import cleaner, pipeline, texts
from test_write_job import RULES, tree

from cleaner.io.records import Done, form_of, renamed
from cleaner.io.records.json_lines import JsonReader
from cleaner.io.records.json_text import find_text
from cleaner.jobs import ranges
from cleaner.model.errors import InputProblem
from cleaner.model.inputs import InputFile, Part, split_address

zstd = pytest.importorskip("backports.zstd")
pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

AD = "雨停了。【青瓦书屋】路还很长。"
CLEAN = "雨停了。路还很长。"
PACKERS: dict[str, Any] = {
    "": bytes, ".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress, ".zst": zstd.compress,
}  # fmt: skip
UNPACKERS: dict[str, Any] = {
    "": bytes, ".gz": gzip.decompress, ".bz2": bz2.decompress, ".xz": lzma.decompress, ".zst": zstd.decompress,
}  # fmt: skip
LINES = (
    f'{{"id": 1,  "text": "{AD}", "more": [1, {{"text": "{AD}"}}]}}',
    '{"text":"\\u96e8\\u505c\\u4e86\\u3002【青瓦书屋】\\u8def\\ud83d\\ude00\\n第二行"}',
    '  {"text": "好", "id": 1e400}\t',
    "",
    f'{{"title": "{AD}", "text": "{AD}"}}',
    '{"text": ""}',
)
CLEANED = (
    f'{{"id": 1,  "text": "{CLEAN}", "more": [1, {{"text": "{AD}"}}]}}',
    '{"text":"\\u96e8\\u505c\\u4e86\\u3002\\u8def\\ud83d\\ude00\\n第二行"}',
    '  {"text": "好", "id": 1e400}\t',
    "",
    f'{{"title": "{AD}", "text": "{CLEAN}"}}',
    '{"text": ""}',
)
BAD = {
    '{"id": 1}': "it has no field 'text'",
    '{"Text": "a"}': "it has no field 'text'",
    '{"meta": {"text": "a"}}': "it has no field 'text'",
    "{}": "it has no field 'text'",
    '{"text": 1}': "no text but a number",
    '{"text": -1.5}': "no text but a number",
    '{"text": null}': "no text but null",
    '{"text": true}': "no text but true or false",
    '{"text": false}': "no text but true or false",
    '{"text": ["a"]}': "no text but a list",
    '{"text": {"a": 1}}': "no text but an object",
    '{"text": "\\ud800"}': "no JSON object",
    '{"text": "\\udc00\\ud800"}': "no JSON object",
    '["text"]': "no JSON object",
    '"text"': "no JSON object",
    "1": "no JSON object",
    "null": "no JSON object",
    "text": "no JSON object",
    "{text: 1}": "no JSON object",
    '{"text": "a"': "no JSON object",
    '{"text": "a"}}': "no JSON object",
    '{"text": "a"}{"text": "b"}': "no JSON object",
    '{"text": "a",}': "no JSON object",
    "{\"text\": 'a'}": "no JSON object",
    '{"text": "a", "n": NaN}': "no JSON object",
    '{"text": "a", "n": 01}': "no JSON object",
    '{"text": "a\tb"}': "no JSON object",
    '{"text": "\\x41"}': "no JSON object",
    "[" * 100_000: "no JSON object",
    "\x00": "no JSON object",
}


def written(path: Path, lines: tuple[str, ...] = LINES, packer: Any = bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(packer("".join(line + "\n" for line in lines).encode()))
    return path


@pytest.mark.parametrize("ending", PACKERS)
def test_all_other_bytes_stay(tmp_path: Path, ending: str) -> None:
    source = written(tmp_path / f"in/a.jsonl{ending}", packer=PACKERS[ending])
    assert "5 records" in cleaner("clean", source, "-o", tmp_path / "out", *RULES)
    wanted = "".join(line + "\n" for line in CLEANED)
    assert UNPACKERS[ending]((tmp_path / "out" / source.name).read_bytes()).decode() == wanted
    assert "1 done before" in cleaner("clean", source, "-o", tmp_path / "out", *RULES)


@pytest.mark.parametrize("ending", [".gz", ".bz2", ".xz", ".zst"])
def test_compressed_text_is_text(tmp_path: Path, ending: str) -> None:
    raw = (AD + "\n").encode("gb18030") * 20
    (tmp_path / f"a.txt{ending}").write_bytes(PACKERS[ending](raw))
    cleaner("clean", tmp_path / f"a.txt{ending}", "-o", tmp_path / "out", *RULES)
    assert UNPACKERS[ending]((tmp_path / "out" / f"a.txt{ending}").read_bytes()).decode() == (CLEAN + "\n") * 20
    (tmp_path / f"torn.txt{ending}").write_bytes(PACKERS[ending](raw)[:-9])
    assert "damaged or cut off" in cleaner("check", tmp_path / f"torn.txt{ending}", code=3)


@pytest.mark.parametrize("line", BAD, ids=lambda line: ascii(line[:20]))
def test_bad_records_stay_and_are_named(tmp_path: Path, line: str) -> None:
    source = written(tmp_path / "in/a.jsonl", (LINES[0], line, LINES[1]))
    said = cleaner("clean", source, "-o", tmp_path / "out", *RULES, code=3)
    assert f"{source}#2: " in said.replace("\n", "")
    assert BAD[line] in said
    assert (tmp_path / "out" / "a.jsonl").read_text("utf-8").split("\n") == [CLEANED[0], line, CLEANED[1], ""]


def test_bytes_that_are_no_text_and_a_torn_line(tmp_path: Path) -> None:
    raw = b'{"text": "\xff"}\n' + LINES[0].encode() + b'\n{"text": "a'
    (tmp_path / "a.jsonl").write_bytes(raw)
    said = cleaner("clean", tmp_path / "a.jsonl", "-o", tmp_path / "out", *RULES, code=3)
    assert "a.jsonl#3: the last line is cut off" in said.replace("\n", "")
    assert (tmp_path / "out" / "a.jsonl").read_bytes() == raw.replace(LINES[0].encode(), CLEANED[0].encode())


def test_a_line_too_long_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cleaner.io.records.json_lines.LARGEST", 100)
    monkeypatch.setattr("cleaner.io.records.json_lines.CHUNK", 40)
    raw = ("\n".join([LINES[5], '{"text": "%s"}' % ("长" * 200), LINES[5], LINES[2]]) + "\n").encode()
    batches = list(JsonReader(io.BytesIO(raw), "text").batches())
    assert b"".join(batch.data for batch in batches) == raw
    records = [(one.number, one.problem is None) for batch in batches for one in batch.records]
    assert records == [(1, True), (2, False), (3, True), (4, True)]


def test_in_place_and_back(tmp_path: Path) -> None:
    for ending, packer in PACKERS.items():
        written(tmp_path / f"in/a.jsonl{ending}", packer=packer)
    pq.write_table(pa.table({"text": [AD, "好"]}), tmp_path / "in/a.parquet")
    before = tree(tmp_path / "in")
    cleaner("clean", "--in-place", tmp_path / "in", *RULES)
    assert all(raw != before[name] for name, raw in tree(tmp_path / "in").items())
    cleaner("undo", "--in", tmp_path / "in")
    assert tree(tmp_path / "in") == before


def test_parquet_keeps_groups_columns_and_bad_texts(tmp_path: Path) -> None:
    for kind in (pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())):
        texts = pa.array([AD, None, "好", AD], pa.string()).cast(kind)
        table = pa.table({"id": [1, 2, 3, 4], "text": texts, "x": [[1], None, [], [2]]})
        pq.write_table(table, tmp_path / "a.parquet", row_group_size=3, compression="gzip")
        said = cleaner("clean", tmp_path / "a.parquet", "-o", tmp_path / "out", "--overwrite", *RULES, code=3)
        assert "a.parquet#2: its text is null" in said.replace("\n", "")
        found = pq.ParquetFile(tmp_path / "out" / "a.parquet")
        assert found.metadata.num_row_groups == 2
        assert found.metadata.row_group(0).column(0).compression == "GZIP"
        assert found.schema_arrow.equals(table.schema)
        assert found.read().to_pylist() == [
            row | {"text": row["text"] and row["text"].replace("【青瓦书屋】", "")} for row in table.to_pylist()
        ]


def test_a_row_group_that_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": [f"{AD}{n}" * 50 for n in range(9)]}), path, row_group_size=3)
    column = pq.ParquetFile(path).metadata.row_group(1).column(0)
    raw = bytearray(path.read_bytes())
    start = column.dictionary_page_offset or column.data_page_offset
    raw[start : start + column.total_compressed_size] = b"\xff" * column.total_compressed_size
    path.write_bytes(raw)
    said = cleaner("clean", path, "-o", tmp_path / "out", *RULES, code=3).replace("\n", "")
    assert "a.parquet#4: row group 1 (records 4 to 6) can't be read" in said
    assert pq.read_table(tmp_path / "out" / "a.parquet").num_rows == 6


@pytest.mark.parametrize("to", ["jsonl", "jsonl.gz", "jsonl.bz2", "jsonl.xz", "jsonl.zst", "parquet"])
def test_other_forms_hold_the_same(tmp_path: Path, to: str) -> None:
    rows = [{"id": 1, "text": AD}, {"id": 2, "text": "好"}]
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "in" / "b.parquet")
    cleaner("clean", tmp_path / "in", "-o", tmp_path / "out", "--to", to, *RULES)
    for name in ("a", "b"):
        path = tmp_path / "out" / f"{name}.{to}"
        if to == "parquet":
            found = pq.read_table(path).to_pylist()
        else:
            found = [json.loads(line) for line in UNPACKERS[to[5:]](path.read_bytes()).splitlines()]
        assert found == [{"id": 1, "text": CLEAN}, {"id": 2, "text": "好"}]


@pytest.mark.parametrize("annotate", ["edits", "counts"])
def test_notes_beside_records(tmp_path: Path, annotate: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jsonl").write_text(json.dumps({"text": AD}) + "\n", "utf-8")
    pq.write_table(pa.table({"text": [AD]}), tmp_path / "in" / "a.parquet")
    cleaner("clean", tmp_path / "in", "-o", tmp_path / "out", "--annotate", annotate, *RULES)
    edit = {
        "start": 4,
        "end": 10,
        "before": "【青瓦书屋】",
        "after": "",
        "rule": "boilerplate/sample/stamp",
        "kind": "watermark",
    }
    note = [edit] if annotate == "edits" else [{"rule": "boilerplate/sample/stamp", "count": 1}]
    row = {"text": CLEAN, f"cleaner_{annotate}": note}
    assert json.loads((tmp_path / "out" / "a.jsonl").read_text("utf-8")) == row
    assert pq.read_table(tmp_path / "out" / "a.parquet").to_pylist() == [row]
    again = cleaner("clean", tmp_path / "out" / "a.jsonl", "-o", tmp_path / "2", "--annotate", annotate, *RULES, code=3)
    assert f"it has a field 'cleaner_{annotate}' already" in again


def test_views_show_records(tmp_path: Path) -> None:
    source = written(tmp_path / "a.jsonl.zst", packer=zstd.compress)
    rows = [json.loads(row) for row in cleaner("check", source, "--format", "jsonl", *RULES, code=1).splitlines()]
    assert [(row["path"], row["record"], row["changed"]) for row in rows] == [
        (str(source), number, number in (1, 2, 5)) for number in (1, 2, 3, 5, 6)
    ]
    assert "青瓦书屋" in cleaner("diff", f"{source}#1", *RULES, code=1)
    assert "青瓦书屋" not in cleaner("diff", f"{source}#3", *RULES)
    assert "boilerplate/sample/stamp" in cleaner("explain", f"{source}#2:1", *RULES)
    assert "it has no line 3" in cleaner("explain", f"{source}#2:3", *RULES, code=3)
    assert "it has no record 4" in cleaner("diff", f"{source}#4", *RULES, code=3)
    assert "one record can't be written alone" in cleaner("clean", f"{source}#1", "-o", tmp_path / "o", *RULES, code=3)


def test_other_fields_and_none(tmp_path: Path) -> None:
    source = written(tmp_path / "a.jsonl", (f'{{"body": "{AD}"}}',))
    assert "JSON lines without the field 'text': --field names another" in cleaner("check", source, *RULES).replace(
        "\n", " "
    )
    assert "1 would change" in cleaner("check", source, "--field", "body", *RULES, code=1)


def test_addresses(tmp_path: Path) -> None:
    (tmp_path / "a#1").touch()
    assert split_address(f"{tmp_path}/a#1") == (f"{tmp_path}/a#1", None)
    assert split_address("a.jsonl#12") == ("a.jsonl", 12)
    assert [split_address(text)[1] for text in ("a#0", "a#", "#1", "a#x", "a#-1", "a#²", "a")] == [None] * 7
    assert form_of("x/A.JSONL.GZ") == ("jsonl", "gz")
    assert form_of("a.txt.zst") == ("", "zst")
    assert renamed("b.c/a.jsonl.gz", "parquet") == "b.c/a.parquet"
    assert renamed("a.txt.gz", "parquet") == "a.txt.gz"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts(longest=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts(longest=6), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.dictionaries(texts(longest=6), JSON, max_size=3),
    texts(),
    st.booleans(),
    st.booleans(),
    st.sampled_from([", ", ","]),
)
def test_only_the_text_changes(others: dict[str, Any], text: str, escapes: bool, first: bool, comma: str) -> None:
    others.pop("text", None)
    row = {"text": text, **others} if first else {**others, "text": text}
    raw = json.dumps(row, ensure_ascii=escapes, separators=(comma, ":")).encode() + b"\n"
    found = find_text(raw, "text")
    assert found.text == text
    (batch,) = JsonReader(io.BytesIO(raw), "text").batches()
    result = pipeline("ours").clean(text)
    made = batch.lines([Done(result.edits)])
    assert json.loads(made) == row | {"text": result.text}
    assert (made[: found.start], made[len(made) - len(raw) + found.end :]) == (raw[: found.start], raw[found.end :])
    assert batch.lines([Done([])]) == raw


@given(st.lists(st.sampled_from([*LINES, *list(BAD)[:9]]), min_size=1, max_size=12), st.integers(1, 300), st.booleans())
def test_parts_are_the_whole(tmp_path_factory: pytest.TempPathFactory, lines: list[str], size: int, ends: bool) -> None:
    path = tmp_path_factory.mktemp("parts") / "a.jsonl"
    raw = ("\n".join(lines) + ("\n" if ends else "")).encode()
    path.write_bytes(raw)
    whole = [(one.number, one.text) for batch in JsonReader(io.BytesIO(raw), "text").batches() for one in batch.records]
    parts: list[Part] | list[None] = [*ranges.parts_of(InputFile(str(path), "a.jsonl", size=len(raw)), size)] or [None]
    batches = [batch for part in parts for batch in JsonReader(io.BytesIO(raw), "text").batches(part)]
    assert b"".join(batch.data for batch in batches) == raw
    assert [(one.number, one.text) for batch in batches for one in batch.records] == whole
    at = 0
    for batch in batches:
        assert batch.offset == at
        at += len(batch.data.decode())


@pytest.mark.parametrize("size", [1, 200, 1000, 5000])
def test_cuts_change_no_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    lines = (*LINES, *list(BAD)[:5], *LINES, *LINES)
    written(tmp_path / "in" / "a.jsonl", lines)
    rows = [{"n": n, "text": AD if n % 3 else "好"} for n in range(30)]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "in" / "b.parquet", row_group_size=4)
    written(tmp_path / "in" / "c.jsonl", LINES)
    said = [cleaner("clean", tmp_path / "in", "-o", tmp_path / "1", *RULES, code=3)]
    looked = [cleaner("check", tmp_path / "in", "--format", "jsonl", *RULES, code=3)]
    monkeypatch.setattr(ranges, "SIZE", size)
    said.append(cleaner("clean", tmp_path / "in", "-o", tmp_path / "2", "--jobs", 2, *RULES, code=3))
    looked.append(cleaner("check", tmp_path / "in", "--format", "jsonl", *RULES, code=3))
    assert said[0] == said[1]
    assert looked[0] == looked[1]
    assert tree(tmp_path / "1") == tree(tmp_path / "2")
    history = [
        cleaner("explain", tmp_path / "in" / f"a.jsonl:{len(lines) - 5}", "--run", 1, "--in", tmp_path / n, *RULES)
        for n in "12"
    ]
    assert history[0] == history[1]
    assert "青瓦书屋" in history[0]
    assert "3 done before" in cleaner("clean", tmp_path / "in", "-o", tmp_path / "2", *RULES)
    cleaner("undo", "--in", tmp_path / "2")
    assert tree(tmp_path / "2") == {}


def test_a_problem_of_one_record_names_it() -> None:
    with pytest.raises(InputProblem, match="no field"):
        find_text(b"{}", "text")
