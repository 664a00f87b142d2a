"""Stamps that `rules learn` finds in folders: what share it proposes, whom it hurts, what a learnt pack is worth.

    python -m evaluation learn

Twenty folders: three whole novels with labelled stamps, cut into files; pages of the hosts with six pages or more;
generated ones, of clean texts with stamps of one invented site each, of which a third vary (numbers, dates, chapter
names, one other letter, disguises). Half of the files of each are learnt from, the other half cleaned with the
built-in packs, with and without the learnt one. Ten folders of clean text say what is proposed where nothing should be.
"""

from __future__ import annotations

import gzip
import json
import random
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlparse

from cleaner.authoring.learn import learn
from cleaner.authoring.learn.folded import fold
from cleaner.authoring.learn.packs import as_pack, rules_of
from cleaner.matching.ruleset import RuleSet, load_ruleset
from cleaner.pipeline import Pipeline
from cleaner.rules.parsed import builtin_packs
from tools.runner import Figures, options
from tools.scores import Counts, macro
from tools.shared_data import base_texts, decoded, need

FILES = 60  # of a generated folder
CHARS = 2500  # of one file
LEAST = 3  # files of the half that is learnt from, in which a mark has to stand to be looked for
PAGES = 6  # of a host


class Text(NamedTuple):
    """A file: its text, and the characters of its stamps by the mark's name."""

    text: str
    marks: list[tuple[int, int, str]]


class Site(NamedTuple):
    """An invented site: stamps on lines of their own (head, tail) and inside sentences."""

    family: str
    head: str
    tail: str
    inside: str


SITES = (
    Site("novel", "青麦书屋 www.qingmaishuwu.example 首发", "《{chapter}》由青麦书屋网友整理，共{number}字",
         "（青麦书屋手打更新）"),
    Site("novel", "本书来自竹影小说网，下载更多好书", "更新时间{date}　竹影小说网",
         "竹影小说网ｗｗｗ．zhuying．ｃｏｍ"),
    Site("novel", "【澜海文学】最新章节：{chapter}", "澜海文学祝您阅读愉快，{number}人在读", "最快更新澜海文学"),
    Site("novel", "请记住本站域名：mobaiku.example", "（墨白库 第{number}页）本站所有小说由网友上传", "墨白库免费阅读"),
    Site("novel", "扫描校对：落雪论坛 {date}", "落雪论坛 bbs.luoxue.example 收藏本站", "=落雪论坛="),
    Site("novel", "★小满电子书★ 编号{number}", "小满电子书整理，版权归原作者所有", "小满电子书下载站"),
    Site("official", "来源：江岸公文网 {date}", "加入会员即可下载全文，客服QQ：{number}",
         "江岸公文网www.jiangan.example"),
    Site("official", "本文由文秘之舟收集整理于网络", "文秘之舟版权所有 备案号{number}", "（文秘之舟会员专享）"),
    Site("news", "首页 > 新闻 > {chapter} > 正文", "责任编辑：林小满 来源：北屿新闻网", "【北屿新闻网讯】"),
    Site("news", "分享到微信 分享到微博 阅读量{number}", "未经授权禁止转载 举报电话：{number}", "关注公众号海角观察"),
    Site("exam", "更多试题请登录稻田题库 www.daotian.example", "稻田题库 {date}更新 免费下载", "（稻田题库提供）"),
    Site("review", "豆粒影评站 用户{number}发表于{date}", "豆粒影评站客户端下载 扫描二维码", "豆粒影评站原创首发"),
    Site("english", "Downloaded from papermill-books.example on {date}",
         "Visit us at www.papermill-books.example for more free ebooks", "[papermill-books.example]"),
    Site("english", "Skip to main content", "Copyright {number} Larkfield Media. All rights reserved.",
         "(subscribe at larkfield.example)"),
)  # fmt: skip


def generated(site: Site, texts: Sequence[str], seed: int) -> list[Text]:
    """Files with the stamps of a site; a third of the stamps vary more than their numbers do."""
    rng = random.Random(seed)
    return [_planted(site, text, rng) for text in texts[:FILES]]


def _planted(site: Site, text: str, rng: random.Random) -> Text:
    lines = text.split("\n")
    built, marks, length = [], [], 0

    def put(piece: str, name: str = "") -> None:
        nonlocal length
        if name:
            marks.append((length, length + len(piece), name))
        built.append(piece)
        length += len(piece)

    spots = {number for number, line in enumerate(lines) if len(line) > 30 and rng.random() < 0.08}
    if rng.random() < 0.9:
        put(_varied(site.head, rng), "head")
        put("\n")
    for number, line in enumerate(lines):
        if number in spots:
            at = rng.randrange(5, len(line) - 5)
            at = line.index(" ", at) if site.family == "english" and " " in line[at:] else at
            put(line[:at])
            put(_varied(site.inside, rng), "inside")
            put(line[at:])
        else:
            put(line)
        put("\n")
    if rng.random() < 0.9:
        put(_varied(site.tail, rng), "tail")
        put("\n")
    return Text("".join(built), marks)


def _varied(mark: str, rng: random.Random) -> str:
    title = "".join(rng.choices("风雪山河故人归来夜雨江湖旧梦", k=rng.randrange(2, 5)))
    mark = mark.format(
        chapter=f"第{rng.randrange(1, 900)}章 {title}",
        number=rng.randrange(100, 99999),
        date=f"{rng.randrange(2008, 2024)}-{rng.randrange(1, 13)}-{rng.randrange(1, 29)}",
    )
    if rng.random() >= 1 / 3:
        return mark
    way = rng.choice(("swap", "symbols", "wide", "case"))
    letters = [at for at, char in enumerate(mark) if char.isalpha()]
    if way == "swap":
        at = rng.choice(letters[1:-1])
        return mark[:at] + (rng.choice("囗氺冫卝") if ord(mark[at]) > 0x2E80 else rng.choice("qxz")) + mark[at + 1 :]
    if way == "symbols":
        for spot in sorted(rng.sample(letters[:-1], min(3, len(letters) - 1)), reverse=True):
            mark = mark[: spot + 1] + rng.choice("*~_-.") + mark[spot + 1 :]
        return mark
    if way == "wide":
        return "".join(
            chr(ord(char) + 0xFEE0) if char.isascii() and char.isalnum() and rng.random() < 0.5 else char
            for char in mark
        )
    return "".join(char.upper() if rng.random() < 0.5 else char for char in mark)


def cut(text: str, size: int = CHARS) -> list[str]:
    """A text in files of about `size` characters, at line ends."""
    found, piece, length = [], [], 0
    for line in text.split("\n"):
        piece.append(line)
        length += len(line)
        if length >= size:
            found.append("\n".join(piece))
            piece, length = [], 0
    return found


def bases(shared: Path) -> dict[str, list[str]]:
    """Texts without stamps by family, in an order that mixes works."""
    base = base_texts(shared)
    found = {"novel": cut(base["novels"]), "news": cut(base["news"]), "review": cut(base["reviews"])}
    found["official"] = cut("\n".join(decoded(sorted((shared / "data/law_templates").glob("*")))), 900) + found["news"]
    found["exam"] = list(decoded(sorted((shared / "data/exam_essay").glob("*"))))
    found["english"] = [text for text in map(_body, _pages(shared)) if len(text) > 1000]
    for number, texts in enumerate(found.values()):
        random.Random(number).shuffle(texts)
    return found


def _pages(shared: Path) -> list[dict[str, Any]]:
    with gzip.open(need(shared, "data", "pages_en", "wcxb_dev.jsonl.gz"), "rt") as rows:
        return [json.loads(row) for row in rows]


def _body(row: dict[str, Any]) -> str:
    lines = str(row["text"]).split("\n")
    return "\n".join(lines[at] for at, label in row["labels"] if label > 0)


def folders(shared: Path) -> Iterator[tuple[str, str, list[Text]]]:
    """The name, the family and the files of each folder."""
    for name in ("xiaoao", "xieqi", "xiuzhen"):
        text = need(shared, "eval", "books", f"{name}.txt").read_text("utf-8")
        spans = json.loads(need(shared, "eval", "books", f"{name}.json").read_text("utf-8"))["spans"]
        yield (
            f"book {name}",
            "book",
            _book(text, [(start, end, said) for start, end, kind, said in spans if kind == "stamp"]),
        )
    hosts: dict[str, list[dict[str, Any]]] = {}
    for row in _pages(shared):
        hosts.setdefault(urlparse(str(row["url"])).netloc.removeprefix("www."), []).append(row)
    for host, rows in hosts.items():
        if len(rows) >= PAGES and hosts and host in _chosen(hosts):
            yield f"pages of {host}", "page", [_page(row) for row in rows]
    texts = bases(shared)
    for number, site in enumerate(SITES):
        used = (
            texts[site.family][(number % 6) * FILES :]
            if len(texts[site.family]) >= (number % 6 + 1) * FILES
            else texts[site.family]
        )
        yield f"{site.family} {number + 1}", site.family, generated(site, used, number)


def _chosen(hosts: dict[str, list[dict[str, Any]]]) -> list[str]:
    return sorted((host for host, rows in hosts.items() if len(rows) >= PAGES), key=lambda host: -len(hosts[host]))[:3]


def _book(text: str, spans: Sequence[tuple[int, int, str]], size: int = 8000) -> list[Text]:
    found, start = [], 0
    while start < len(text):
        end = text.find("\n", min(start + size, len(text)))
        end = end + 1 if end >= 0 else len(text)
        found.append(
            Text(
                text[start:end],
                [(a - start, b - start, letters(said)) for a, b, said in spans if start <= a < b <= end],
            )
        )
        start = end
    return found


def _page(row: dict[str, Any]) -> Text:
    lines = str(row["text"]).split("\n")
    kept = {at for at, label in row["labels"] if label > 0}
    marks, at = [], 0
    for number, line in enumerate(lines):
        if line.strip() and number not in kept:
            marks.append((at, at + len(line), letters(line)))
        at += len(line) + 1
    return Text("\n".join(lines), marks)


def letters(text: str) -> str:
    found = fold(text)
    return found.string(0, found.letters.size).replace("\n", "")


def score(name: str, family: str, files: Sequence[Text], builtin: Pipeline) -> dict[str, object]:
    """Learn from every other file, clean the rest."""
    learnt, rest = files[::2], files[1::2]
    begun = time.process_time()
    found = learn([one.text for one in learnt])
    took = time.process_time() - begun
    pack = as_pack(Path("learnt.toml"), found.proposals, lambda one: one.name)
    alone = Pipeline(RuleSet([pack]))
    in_files = Counter(mark for one in learnt for mark in {mark for _, _, mark in one.marks})
    wanted = {mark for mark, count in in_files.items() if count >= LEAST and len(mark) >= 4}
    got = _found(alone, learnt) & wanted
    others = rules_of(Path("taken.toml"), found.taken, lambda one: one.name)
    taken = (_found(Pipeline(others), learnt) & wanted) - got
    hurt: Counter[str] = Counter()
    lost = 0
    for one in rest:
        gold = {at for start, end, _ in one.marks for at in range(start, end)}
        for edit in alone.clean(one.text).edits:
            wrong = [at for at in range(edit.start, edit.end) if at not in gold and one.text[at].isalnum()]
            lost += len(wrong)
            hurt[edit.rule] += bool(wrong)
    both = Pipeline(RuleSet([*builtin_packs(), pack]))
    dirty = [one for one in rest if one.marks]
    before, after = ([_counts(pipeline, one) for one in dirty] for pipeline in (builtin, both))
    return {
        "folder": name, "family": family, "files": len(files), "marks wanted": len(wanted), "proposed": len(got),
        "taken by built-in rules": len(taken),
        "rules on": sum(one.strong for one in found.proposals), "weak": sum(not one.strong for one in found.proposals),
        "rules that hit the author": sum(count > 0 for count in hurt.values()), "author's characters lost": lost,
        "macro F1 without": round(macro(before), 3), "macro F1 with": round(macro(after), 3), "CPU s": round(took, 1),
    }  # fmt: skip


def _found(pipeline: Pipeline, files: Sequence[Text]) -> set[str]:
    """The marks of which half of the places are removed, and half of each."""
    caught: Counter[str] = Counter()
    for one in files:
        removed = _removed(pipeline, one.text)
        for start, end, mark in one.marks:
            caught[mark] += sum(at in removed for at in range(start, end)) * 2 > end - start
    places = Counter(mark for one in files for _, _, mark in one.marks)
    return {mark for mark, count in places.items() if caught[mark] * 2 >= count}


def _removed(pipeline: Pipeline, text: str) -> set[int]:
    return {
        at for edit in pipeline.clean(text).edits
        if len(edit.after) < edit.end - edit.start and edit.stage == "boilerplate"
        for at in range(edit.start, edit.end)
    }  # fmt: skip


def _counts(pipeline: Pipeline, one: Text) -> Counts:
    gold = {at for start, end, _ in one.marks for at in range(start, end) if not one.text[at].isspace()}
    found = {at for at in _removed(pipeline, one.text) if not one.text[at].isspace()}
    return Counts(len(gold & found), len(found - gold), len(gold - found))


def clean_folders(shared: Path) -> Iterator[tuple[str, list[str]]]:
    data = need(shared, "data")
    yield "statutes", list(decoded(sorted((data / "clean_zh").glob("Laws*"))))
    yield "judgments", list(decoded(sorted((data / "judgment").glob("*"))))
    yield "essays of an exam", list(decoded(sorted((data / "exam_essay").glob("*"))))
    yield "exams", list(decoded(sorted((data / "exam").glob("*"))))
    yield "templates of statutes", cut("\n".join(decoded(sorted((data / "law_templates").glob("*")))), 900)
    yield (
        "poetry",
        [piece for text in decoded(sorted((data / "clean_zh").glob("chinese-poetry*"))) for piece in cut(text, 1500)],
    )
    yield (
        "Japanese novels",
        [piece for text in decoded(sorted((data / "aozora").glob("*"))) for piece in cut(text, 8000)[1:-1]],
    )
    base = base_texts(shared)
    novels = base["novels"]
    yield "one novelist", cut(novels[: len(novels) // 5], 6000)
    yield "speeches and news", cut(base["news"], 4000)
    yield "comments of code", list(_comments())


def _comments() -> Iterator[str]:
    for path in sorted(Path(json.__file__).parents[1].glob("*.py")):
        text = path.read_text("utf-8", "replace")
        found = re.findall(r'^\s*#(.*)$|"""(.*?)"""', text, re.MULTILINE | re.DOTALL)
        lines = "\n".join(one or other for one, other in found).split("\n")
        yield "\n".join(
            line for line in lines if not re.search(r"copyright|licen[cs]e|all rights", line, re.IGNORECASE)
        )


def main(argv: Sequence[str]) -> Figures:
    given = options(__name__, __doc__).parse_args(argv)
    builtin = Pipeline(load_ruleset())
    rows = [score(*folder, builtin) for folder in folders(given.shared)]
    clean = []
    for name, texts in clean_folders(given.shared):
        found = learn(texts)
        strong = [one for one in found.proposals if one.strong]
        clean.append({
            "clean folder": name, "files": len(texts), "characters": sum(map(len, texts)), "above the bar": len(strong),
            "weak": len(found.proposals) - len(strong),
        })  # fmt: skip
    families = sorted({str(row["family"]) for row in rows})
    by_family = [_mean(family, [row for row in rows if row["family"] == family]) for family in families]
    return {"folders": rows, "by family": [*by_family, _mean("all", rows)], "clean": clean}


def _mean(name: str, rows: Sequence[dict[str, object]]) -> dict[str, object]:
    def total(key: str) -> float:
        return sum(float(str(row[key])) for row in rows)

    return {
        "family": name, "folders": len(rows),
        "share proposed or taken": round(
            (total("proposed") + total("taken by built-in rules")) / max(1, total("marks wanted")), 3
        ),
        "rules that hit the author": int(total("rules that hit the author")),
        "macro F1 without": round(total("macro F1 without") / len(rows), 3),
        "macro F1 with": round(total("macro F1 with") / len(rows), 3),
    }  # fmt: skip
