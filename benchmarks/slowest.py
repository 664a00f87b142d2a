"""The slowest texts that a search finds: how many times the CPU time of a novel of their size they take.

    python -m benchmarks slowest [--seconds 600] [--seed 1] [--kb 64]

A text repeats a few ATOMS in one of LAYOUTS: one alone, some drawn at random, or a change of the slowest so far. It is
read and decided as `cleaner clean` does it, in this process: no start is in the figures, and a
quarter of it goes first, so nothing is compiled in them. The worst are taken again at four times the size.
"""

from __future__ import annotations

import random
import signal
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import chain, product, repeat
from pathlib import Path

from cleaner import api
from cleaner.matching import load_ruleset
from cleaner.pipeline import Pipeline
from tools.runner import Figures, options
from tools.shared_data import base_texts

WORDS = r"""
× ××× X XX * ** *某* ○ □□ _ __ ＿ … —— . 。 ， ； ： “ ” 「 」 『 【 】 [ ] （ ） ( ) 《 》 < > { }
| / \ - = ~ # @ & % $ + ★ ☆ ━ ■ ◆ → 、 · • &nbsp; &amp;nbsp; &lt; &#160; &amp;amp; </p> <p <br> <a href=
<div> <!-- <?xml {{ }} [[ ![ ](http:// =C3=A9 %E6%96%87 \xe6 \u4e2d www. .com www.某某.com http://a.example/
a@b.example QQ 1234567 13800138000 ＱＱ群 微信 加群 ｗｗｗ ． 转载 转载请注明 本文来自 来源： 作者： 编辑：
责任编辑 版权所有 小说 最新章节 手打 首发 无弹窗 本书由 整理 下载 txt 电子书 免费阅读 小说网 求票 推荐票 第一章
第1页 共9页 目录 上一页 下一页 返回 首页 登录 注册 分享 评论 收藏 Home Login Share Comments Copyright © 2020
reserved Read more Subscribe 所需下载币 资料 绝密 启用前 分类名 被告人 原告 某某 李× 张某 市 县 公司 （20××）
号 身份证 电话 月 日 年 12 3 1 0 ① Ã© â€™ Â ä¸­ å æ ç 涓 枃 銆 锛 鏄 鐨 Ð° Ñ ï»¿ ？ � 锟斤拷 烫 屯 é
à ñ ß 茅 氓 ﬁ ｶ Ａ １ а о 雨 停了 他 说 的 人 一 在 the and a I of
"""
BLANKS = [" ", "  ", "\t", "\u3000", "\xa0", "\u200b", "\ufeff", "\u202e", "\u202f", "\xad", "́", "\r", "\r\r\n", "\n"]
ATOMS = (*BLANKS, *WORDS.split())
LAYOUTS = {"one line": 0, "a line each": 1, "lines of 60": 60, "lines of 1,000": 1000, "mixed": 0, "mixed lines": 40}
LONG = 20.0  # seconds after which a text is given up
Recipe = tuple[str, tuple[str, ...]]  # a layout and atoms


def text_of(recipe: Recipe, size: int) -> bytes:
    """About `size` bytes. Mixed lines differ from each other: of one that returns all is known."""
    layout, atoms = recipe
    width = LAYOUTS[layout]
    if layout.startswith("mixed"):
        drawn = random.Random(0).choices([*atoms, "\n"], [*[width or 1] * len(atoms), len(atoms) * bool(width)], k=size)
        return "".join(drawn).encode()[:size]
    unit = "".join(atoms)
    if width:
        unit = unit * -(-width // len(unit)) + "\n"
    return (unit * (size // len(unit.encode()) + 1)).encode()[:size]


class Stopwatch:
    """CPU seconds of cleaning a text, up to LONG."""

    def __init__(self, folder: Path) -> None:
        self._pipeline = Pipeline(load_ruleset())
        self._path = folder / "text.txt"
        signal.signal(signal.SIGPROF, _stop)

    def once(self, data: bytes) -> float:
        self._path.write_bytes(data)
        began = time.process_time()
        with suppress(_Stopped):
            signal.setitimer(signal.ITIMER_PROF, LONG)
            for _ in api.files([str(self._path)], self._pipeline, as_text=True):
                pass
        signal.setitimer(signal.ITIMER_PROF, 0)
        return time.process_time() - began

    def warm(self, data: bytes) -> float:
        """The same after a quarter of it."""
        self.once(data[: len(data) // 4])
        return self.once(data)


class _Stopped(BaseException):
    pass


def _stop(*_: object) -> None:
    raise _Stopped


def recipes(taken: Mapping[Recipe, float], chance: random.Random) -> Iterator[Recipe]:
    """Each atom in each layout and a thousand draws; after each, and for ever, a change of one of the 20 slowest."""
    first: list[Recipe] = [(layout, (atom,)) for layout, atom in product(LAYOUTS, ATOMS)]
    first += [(chance.choice([*LAYOUTS]), tuple(chance.choices(ATOMS, k=chance.randint(2, 5)))) for _ in range(1000)]
    chance.shuffle(first)
    for recipe in chain(first, repeat(None)):
        if recipe is not None:
            yield recipe
        layout, atoms = chance.choice(sorted(taken, key=lambda one: -taken[one])[:20])
        at = chance.randint(0, len(atoms))
        put = tuple(chance.choices(ATOMS, k=chance.randint(0, 2)))
        changed = (*atoms[:at], *put, *atoms[at + chance.randint(0, 1) :])
        yield chance.choice([layout, layout, *LAYOUTS]), changed or put or ("雨",)


def main(argv: Sequence[str]) -> Figures:
    parser = options(__name__, __doc__)
    parser.add_argument("--seconds", type=float, default=600, help="CPU seconds of the search (default: 600)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kb", type=int, default=64)
    parser.add_argument("--show", type=int, default=10, help="how many of the worst (default: 10)")
    given = parser.parse_args(argv)
    size = given.kb * 1000
    novels = base_texts(given.shared)["novels"].encode()
    taken: dict[Recipe, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        watch = Stopwatch(Path(folder))
        plain, plain_of_four = watch.warm(novels[:size]), watch.warm(novels[: 4 * size])
        end = time.process_time() + given.seconds
        for recipe in recipes(taken, random.Random(given.seed)):
            if time.process_time() > end:
                break
            if recipe not in taken:
                taken[recipe] = watch.warm(text_of(recipe, size))
        rows = []
        for recipe in sorted(taken, key=lambda one: -taken[one])[: given.show]:
            four = watch.once(text_of(recipe, 4 * size))
            ratio, ratio_of_four = round(taken[recipe] / plain, 1), round(four / plain_of_four, 1)
            row = {"layout": recipe[0], "atoms": repr(recipe[1]), "times": ratio}
            rows.append(row | {"four times the size": ratio_of_four})
    return {"KB": given.kb, "texts": len(taken), "CPU seconds of a novel": round(plain, 3), "worst": rows}
