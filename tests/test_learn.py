"""Stamps that return across files become rules; what authors repeat does not."""

from __future__ import annotations

import contextlib
import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import cleaner

from cleaner import learn
from cleaner.authoring.examples import check_packs
from cleaner.authoring.learn import Learned
from cleaner.authoring.learn.counting import Counts
from cleaner.authoring.learn.folded import fold
from cleaner.authoring.learn.packs import as_pack, new_since, rules_of, write
from cleaner.authoring.learn.reading import Reading
from cleaner.io.discover import PathFilter, discover
from cleaner.jobs.decisions import ReviewDecision, ReviewDecisions, save_decisions
from cleaner.jobs.run import Run
from cleaner.matching.ruleset import RuleSet
from cleaner.model.globs import ByPath
from cleaner.model.report import FileReport
from cleaner.pipeline import Pipeline
from cleaner.rules.parser import load_pack
from cleaner.views.learn import why
from cleaner.views.progress import Watch
from cleaner.views.review_session import Review

WHO = ["老人", "孩子", "掌柜", "船夫", "书生", "樵夫", "姑娘", "和尚", "郎中", "铁匠"]
WHERE = ["桥边", "山下", "巷口", "河滩", "庙前", "井旁", "田里", "渡口", "城外", "树下"]
WHAT = [
    "等一封迟来的信",
    "修一把旧伞",
    "看远处的灯火",
    "数天上的星",
    "听雨打芭蕉",
    "晒今年的谷子",
    "讲从前的故事",
    "煮一壶粗茶",
]


def prose(seed: int, lines: int = 12) -> list[str]:
    """Sentences of ours; each file has others."""
    rng = random.Random(seed)

    def sentence() -> str:
        return f"{rng.choice(WHO)}在{rng.choice(WHERE)}{rng.choice(WHAT)}，{rng.choice(WHO)}{rng.choice(WHAT)}。"

    return ["　　" + "".join(sentence() for _ in range(rng.randrange(2, 5))) for _ in range(lines)]


def site(number: int) -> str:
    """A chapter with a head, a stamp inside a sentence and a foot, of which parts vary."""
    body = prose(number)
    at = 8 + number % 11
    stamp = "（青瓦书屋手打）" if number % 3 else "（青*瓦*书~屋手打）"
    body[5] = body[5][:at] + stamp + body[5][at:]
    foot = f"更新时间：2019-{1 + number % 12}-{1 + number % 28}　青瓦书屋"
    return "\n".join([f"青瓦书屋 www.qingwa.example 第{number}页", "", *body, "", foot, ""])


def strong(found: Learned) -> list[str]:
    """The letters of what is proposed, or was not because the built-in rules take it."""
    return ["".join(one.letters) for one in (*found.proposals, *found.taken) if one.strong]


def cleaned(found: Learned, text: str) -> str:
    pack = as_pack(Path("learnt.toml"), [*found.proposals, *found.taken], lambda one: one.name)
    return Pipeline(RuleSet([pack])).clean(text).text


def test_a_head_a_foot_and_a_stamp_inside_are_proposed_and_take_nothing_else() -> None:
    found = learn([site(number) for number in range(24)])
    assert len(strong(found)) == 3
    assert "".join(found.proposals[0].letters) == "青瓦书屋手打"
    assert len(found.taken) == 2
    for number in (100, 101, 102):
        left = [line for line in cleaned(found, site(number)).split("\n") if line]
        assert left == prose(number)


@pytest.mark.parametrize(
    "line",
    [
        "第{n}章 归途",
        "“嗯。”他点点头说。",
        "目录",
        "第{n}条　本法自公布之日起施行。",
        "尊敬的读者朋友：",
        "一、",
        "明月几时有，把酒问青天。",
        "import os",
        "return self.value;",
        "审判长　李某某",
        "采菊东篱下\n悠然见南山",
    ],
)
def test_what_authors_repeat_is_not_proposed(line: str) -> None:
    texts = ["\n".join([line.format(n=number), *prose(number), line.format(n=number)]) for number in range(12)]
    assert strong(learn(texts)) == []


def test_a_menu_is_taken_in_rows_and_with_other_numbers() -> None:
    def menu(number: int) -> list[str]:
        goods = [f"{name} ({number * 7 + at})" for at, name in enumerate(("Teapots", "Lanterns", "Umbrellas"))]
        return [
            "Our workshop",
            "Gift cards",
            *goods,
            "We deliver to your door, rain or shine.",
            "Old maps",
            "Lost property",
        ]

    texts = ["\n".join([*prose(number), *menu(number), *prose(number + 50)]) for number in range(8)]
    found = learn(texts)
    frame = next(one for one in (*found.proposals, *found.taken) if one.form == "frame")
    rules = rules_of(Path("learnt.toml"), [frame], why)
    story = [*prose(99), "Old maps", "Lanterns (3)", *prose(98)]
    page = [*story, *menu(90)[1:], *story]
    left = [*story, "Lost property", *story]  # before something else each time: it may be the heading of the story
    assert Pipeline(rules).clean("\n".join(page)).text == "\n".join(left)


@pytest.mark.parametrize(("stamp", "wanted"), [("=落雪论坛=", 1), ("**第一步**", 0), ("（以下同）", 0)])
def test_a_short_stamp_between_symbols_is_proposed(stamp: str, wanted: int) -> None:
    texts = []
    for number in range(12):
        body = prose(number)
        body[5] = body[5][: 8 + number] + stamp + body[5][8 + number :]
        texts.append("\n".join(body))
    found = learn(texts)
    assert len(strong(found)) == wanted
    assert (
        cleaned(found, f"他去了落雪论坛，{stamp}没有回来。") == f"他去了落雪论坛，{'' if wanted else stamp}没有回来。"
    )


def test_copies_of_one_work_are_one_file() -> None:
    work = site(1)
    found = learn([work, work + "\n完", *("\n".join(prose(number)) for number in range(50, 60))])
    assert found.works == 11
    assert strong(found) == []


def test_a_pack_passes_its_own_examples_and_is_known_the_next_time(tmp_path: Path) -> None:
    path = tmp_path / "my-site.toml"
    found = learn([site(number) for number in range(24)])
    write(path, found.proposals, "learnt", why)
    pack = load_pack(path)
    assert list(check_packs([pack])) == []
    assert all("24" in rule.why for rule in pack.rules.values())
    again = learn([site(number) for number in range(30, 50)])
    assert [one for one in new_since(pack, again).proposals if one.strong] == []


def test_the_folded_text_loses_disguises_and_knows_its_characters() -> None:
    text = "Ｗww。ＱingWa—2024-05-01\n小*说*网"
    found = fold(text)
    assert found.string(0, found.letters.size) == "wwwqingwa0\n小说网"
    assert [text[at] for at in found.at[-3:]] == ["小", "说", "网"]


def test_a_stopped_count_goes_on_where_it_was_saved(tmp_path: Path) -> None:
    texts = [fold(site(number)) for number in range(6)]
    whole, half = Counts(), Counts()
    for one in texts:
        whole.add(one)
    for one in texts[:3]:
        half.add(one)
    half.save(tmp_path / "state", "these files")
    assert Counts.load(tmp_path / "state", "other files").files == 0
    going = Counts.load(tmp_path / "state", "these files")
    for one in texts[3:]:
        going.add(one)
    assert (going.windows == whole.windows).all()
    assert going.works() == whole.works()


def test_files_are_read_as_a_run_reads_them(tmp_path: Path) -> None:
    for number in range(12):
        (tmp_path / f"{number}.txt").write_bytes(site(number).encode("gb18030"))
    (tmp_path / "seal.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    reading = Reading(list(discover([str(tmp_path)], PathFilter())), None, ByPath(), False, Watch())
    found = reading.learn(3, None)
    assert len(strong(found)) == 3
    assert found.files == 12
    assert +reading.totals.files == {"ok": 12, "skipped": 1}
    assert found.proposals[0].samples[0].file.startswith(str(tmp_path))


def test_a_proposal_is_refused_by_a_no_at_one_of_its_places(tmp_path: Path) -> None:
    (tmp_path / "1.txt").write_text(site(1), "utf-8")
    found = learn([site(number) for number in range(24)])
    rules = rules_of(tmp_path / "learnt.toml", [*found.proposals, *found.taken], why)
    review = Review(rules)
    list(Run(Pipeline(rules)).over(discover([str(tmp_path)], PathFilter()), review))
    first, *others = sorted({one.rule for file in review.files for one in file.hunks})
    review.decide(review.of_rule(first)[:1], "reject")
    assert review.rule_verdict(first) == "reject"
    assert not any(map(review.rule_verdict, others))
    review.decide(review.of_rule(others[0])[:1], "exception")
    assert review.rule_verdict(others[0]) == (None if len(review.of_rule(others[0])) > 1 else "reject")
    review.decide(review.of_rule(first)[:1], "accept")
    assert review.rule_verdict(first) == "accept"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A site of twelve files, in which the program is called."""
    monkeypatch.chdir(tmp_path)
    for number in range(12):
        foot = f"——南窗小筑藏本，第{number}页——"
        (tmp_path / f"{number}.txt").write_text(f"{site(number)}{foot}\n", "utf-8")
    return tmp_path


def test_what_a_person_changed_in_the_pack_stays(folder: Path) -> None:
    cleaner("rules", "learn", ".", "-o", "my-site.toml")
    mine = folder / "my-site.toml"
    mine.write_text("# mine\n" + mine.read_text("utf-8").replace("\nkind", "\nenabled = false\nkind", 1), "utf-8")
    before = mine.read_text("utf-8")
    assert "the pack finds already: 2" in cleaner("rules", "learn", ".", "-o", "my-site.toml")
    assert mine.read_text("utf-8") == before
    mine.write_text(before.rpartition("\n[rules.")[0], "utf-8")
    assert "written: 1 rule" in cleaner("rules", "learn", ".", "-o", "my-site.toml")
    assert "# mine" in mine.read_text("utf-8")


def test_what_was_decided_in_the_report_is_written(folder: Path) -> None:
    assert "page.html" in cleaner("rules", "learn", ".", "-o", "my-site.toml", "--html", "page.html")
    assert "南窗小筑藏本" in (folder / "page.html").read_text("utf-8")
    mine = folder / "my-site.toml"
    assert not mine.exists()
    seen = learn([path.read_text("utf-8") for path in sorted(folder.glob("*.txt"))]).proposals
    foot, stamp = (next(one for one in seen if one.kind == kind) for kind in ("footer", "watermark"))
    decided = [
        ReviewDecision("reject", f"boilerplate/my-site/{foot.name}"),
        ReviewDecision("accept", f"boilerplate/my-site/{stamp.name}"),
    ]
    save_decisions("said.json", ReviewDecisions(decisions=decided))
    cleaner("rules", "learn", ".", "-o", "my-site.toml", "--decisions", "said.json", "--add")
    assert list(load_pack(mine).rules) == [stamp.name]
    assert "my-site.toml" in (folder / "cleaner.toml").read_text("utf-8")
    assert list(check_packs([load_pack(mine)])) == []


class Stopped(Exception):
    pass


class Stopping(Watch):
    """Stops a run when some files are counted, as a kill does."""

    def __init__(self, after: int) -> None:
        self._left = after

    def done(self, report: FileReport) -> None:
        self._left -= 1
        if not self._left:
            raise Stopped


KINDS = {"copy": site(0), "blank": "\n", "binary": "\0" * 99}
LINKS = {"link": "0.txt", "dead link": "nowhere", "loop": "."}


@settings(max_examples=10)
@given(st.lists(st.sampled_from(["text", "hard link", *KINDS, *LINKS]), max_size=6), st.integers(0, 5), st.booleans())
def test_each_file_counts_once_also_after_a_stop(kinds: list[str], stop: int, twice: bool) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "0.txt").write_text(site(0), "utf-8")
        for number, kind in enumerate(kinds, 1):
            path = folder / f"{number}.txt"
            if kind in LINKS:
                path.symlink_to(LINKS[kind])
            elif kind == "hard link":
                path.hardlink_to(folder / "0.txt")
            else:
                path.write_text(KINDS.get(kind, site(number)), "utf-8")
        state = folder / "my-site.learning"
        roots = [name, f"{name}/0.txt", f"{name}/."] if twice else [name]

        def reading(watch: Watch) -> Reading:
            return Reading(discover(roots, PathFilter()), None, ByPath(), False, watch)

        with contextlib.suppress(Stopped):
            reading(Stopping(stop)).learn(3, state, every=0)
        again = reading(Watch()).learn(3, state)
        assert again.files == 1 + kinds.count("text") + kinds.count("copy")
        assert again.works == 1 + kinds.count("text")
