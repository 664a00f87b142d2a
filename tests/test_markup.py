"""Tags written into any text come out again exactly."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.io.folder import Folder
from cleaner.io.markup import Template, layer, untag, value
from cleaner.io.markup_strip import untag_file, untag_stream
from cleaner.io.outputs import FileWriter, OutputOptions
from cleaner.jobs.run import Run
from cleaner.matching.ruleset import load_ruleset
from cleaner.model.edits import Tag, apply
from cleaner.model.errors import InputProblem, UsageProblem
from cleaner.model.inputs import InputFile
from cleaner.pipeline import Pipeline

TEMPLATES = ["⟦{glyphs}:{kind}⟧", "<{kind}>{glyphs}</{kind}>", "[{n}|{KIND}|{glyphs}]", "##{glyphs}##", "{{glyphs}}"]
KINDS = ["date", "number", "place", "person", "org", "other"]
RULES = load_ruleset(builtin_boilerplate=False)
PAGE = (
    "×县委书记张×1、张×2在⟦×:person⟧和⟦会议⟧上讲话。\r\n\r\n地址：____省____市  \r\n"
    "无标记的一行⟦。\r\n又一行\r\n20××年×月，×县。\r\n"
)


def written(text: str, spans: list[tuple[int, int]], template: Template) -> str:
    tags = [Tag(start, end, KINDS[n % 6], text[start:end], "r") for n, (start, end) in enumerate(spans)]
    return apply(text, layer(text, tags, template, list(range(1, len(tags) + 1))))


@st.composite
def tagged(draw: st.DrawFn) -> tuple[str, list[tuple[int, int]]]:
    text = draw(st.text("×某⟦⟧:<>/[]|#{}pertxson1 一\n", max_size=60))
    cuts = draw(st.lists(st.integers(0, len(text)), max_size=8, unique=True))
    places = sorted(cuts)
    spans = [(a, b) for a, b in zip(places[::2], places[1::2], strict=False) if "\n" not in text[a:b]]
    return text, spans


@pytest.mark.parametrize("form", TEMPLATES)
@given(case=tagged())
def test_what_was_tagged_comes_back(form: str, case: tuple[str, list[tuple[int, int]]]) -> None:
    text, spans = case
    template = Template(form)
    assert untag(written(text, spans, template), template) == text


@given(st.text(), st.sampled_from(TEMPLATES))
def test_text_without_tags_comes_back(text: str, form: str) -> None:
    assert untag(written(text, [], Template(form)), Template(form)) == text


def test_a_text_that_was_never_tagged_stays() -> None:
    assert untag("数学⟦1,2⟧和⟧") == "数学⟦1,2⟧和⟧"


@pytest.mark.parametrize("form", ["", "{glyphs}", "⟦{glyphs}", "{kind}⟧", "⟦tag⟧", "⟦{kind}\n⟧"])
def test_a_template_that_can_not_be_read_back_is_refused(form: str) -> None:
    with pytest.raises(UsageProblem):
        Template(form)


def clean(folder: Path, data: bytes, form: str | None, encoding: str = "utf-8") -> Path:
    source = folder / "in.txt"
    source.write_bytes(data)
    (folder / "out").mkdir()
    output = folder / "out" / "in.txt"
    options = OutputOptions(encoding, "inline" if form else "none", form)
    writer = FileWriter(options, Folder(str(folder)), InputFile(str(source), "in.txt"), "out/in.txt", "new", [])
    assert [
        r.status for r in Run(Pipeline(RULES), None, encoding).over([InputFile(str(source), "in.txt")], writer)
    ] == ["ok"]
    for made in writer.outputs:
        (folder / f"new{made.suffix}").rename(f"{output}{made.suffix}")
    return output


@pytest.mark.parametrize("form", [*TEMPLATES, "<{KIND}>", "<{KIND}_{n}>"])
@pytest.mark.parametrize("encoding", ["utf-8", "keep"])
def test_a_tagged_file_comes_back(tmp_path: Path, form: str, encoding: str) -> None:
    data = (
        PAGE.encode() if encoding == "utf-8" else PAGE.replace("⟦", "〚").replace("⟧", "〛").encode("gb18030") + b"\xff"
    )
    (tmp_path / "plain").mkdir()
    plain = clean(tmp_path / "plain", data, None, encoding)
    (tmp_path / "tagged").mkdir()
    output = clean(tmp_path / "tagged", data, form, encoding)
    assert output.read_bytes() != plain.read_bytes()
    assert untag_file(str(output), None, Template(form))
    assert output.read_bytes() == plain.read_bytes()


def test_the_record_beside_a_file_of_tokens_tells_where_they_are(tmp_path: Path) -> None:
    output = clean(tmp_path, PAGE.encode(), "<{KIND}_{n}>")
    text = output.read_bytes().decode()
    record = output.with_name("in.txt.tags.json")
    tags = json.loads(record.read_text("utf-8"))["tags"]
    assert [text[t["start"] : t["end"]] for t in tags] == [f"<{t['kind'].upper()}_{t['n']}>" for t in tags]
    assert [PAGE[slice(*t["source"])] for t in tags] == [t["text"] for t in tags]
    assert text.count("<PLACE_1>县") == 2
    untag_file(str(output), None, Template("<{KIND}>"))
    after = output.read_bytes().decode()
    assert all(after[t["start"] : t["end"]] == t["text"] for t in json.loads(record.read_text("utf-8"))["tags"])


def test_a_file_of_tokens_that_was_changed_is_left_alone(tmp_path: Path) -> None:
    output = clean(tmp_path, PAGE.encode(), "<{KIND}>")
    output.write_bytes(changed := b"x" + output.read_bytes())
    with pytest.raises(InputProblem, match="changed since"):
        untag_file(str(output), None, Template("<{KIND}>"))
    assert output.read_bytes() == changed


def test_tokens_without_a_record_are_refused() -> None:
    with pytest.raises(InputProblem, match="no record"):
        untag_stream(io.BytesIO(b"<PERSON>"), io.BytesIO(), None, Template("<{KIND}>"), None)


@pytest.mark.parametrize(
    ("text", "kind", "same"),
    [
        ("张×1与张×1", "person", True),
        ("张×1与张×2", "person", False),
        ("×县委、×县人民政府", "place", True),
        ("×县、×镇", "place", False),
        ("××县、××省", "place", False),
        ("20××年、20××年", "date", True),
        ("×月×日", "date", False),
    ],
)
def test_the_same_value_is_told_by_its_neighbours(text: str, kind: str, same: bool) -> None:
    first, last = text.index("×"), text.rindex("×")
    width = 2 if "××" in text else 1
    found = [value(text, Tag(at, at + width, kind, "×" * width, "r")) for at in (first, last - width + 1)]
    assert (found[0] == found[1] != "") is same
