"""Messages in English and Chinese. Rules speak their author's language."""

from __future__ import annotations

import locale
import os
import re
from functools import cache

CHINESE = {
    "file": "个文件",
    "path": "路径",
    "files": "个文件",
    "rule": "规则",
    "edits": "处",
    "characters": "字符",
    "kind": "类别",
    "would change": "将改动",
    "changed": "已改动",
    "clean": "无需改动",
    "recoded": "转码",
    "stopped: so many inputs failed": "已停止：失败的文件过多",
    "done before": "此前已完成",
    "cleaned again": "因规则或设置改变而重做",
    "skipped": "跳过",
    "failed": "失败",
    "placeholders": "占位符",
    "values": "个不同的值",
    "no placeholder": "不是占位符",
    "hidden message": "隐藏信息",
    "at most": "至多",
    "flags": "提示（未改动）",
    "removed": "删去",
    "repairs": "修补",
    "share": "占比",
    "share of the text that rules looked at": "规则实际查看的文本比例",
    "help": "办法",
    "error": "错误",
    "more": "另有",
    "blank lines": "空行",
    "not shown": "未显示",
    "whitespace edits": "空白改动",
    "no rule fired here": "没有规则在此命中",
    "line": "行",
    "stays as it is": "保持原样",
    "becomes": "改为",
    "is removed": "被删去",
    "why": "理由",
    "sum": "合计",
    "needed": "需要",
    "of its run": "所在一段共计",
    "kept": "保留",
    "rules": "规则",
    "checked": "已检查",
    "bad": "有问题",
    "decision without an edit": "找不到对应改动的决定",
    "taken": "已导入",
    "matches": "处匹配",
    "harm on clean text": "对干净文本的误伤",
    "as written": "照原样",
    "without its disguise": "去掉伪装",
    "any digits": "数字任意",
    "any digits and addresses": "数字、网址任意",
    "any digits, addresses and names": "数字、网址、书名任意",
    "the same ends": "首尾相同",
    "written, and its examples hold": "已写入，例子全部成立",
    "say --pick N to write one of them": "加上 --pick N 写入其中一个",
    "advice": "建议",
    "never asked": "从未用到",
    "first use": "首次使用",
    "may remove": "可能删去",
    "may replace": "可能替换",
    "may tag": "可能标注",
    "off": "停用",
    "refused": "未能导入",
    "already there": "已存在",
    "translated": "已改写",
    "left out": "未导出",
    "its expression was translated": "正则写法已转换",
    "a separator: nothing to find": "分隔条目，无内容可匹配",
    "a remark: nothing to find": "注释条目，无内容可匹配",
    "off where it comes from": "原来就是停用的",
    "the pack's own rule stays as it is": "规则包里已有，保持原样",
    "its replacement is a program": "替换内容是程序",
    "it is written in code": "由代码实现",
    "it has exceptions": "带有例外条件",
    "it does not decide alone": "不能单独判定",
    "it looks at the place": "与所在位置有关",
    "it takes the whole line": "整行删除",
    "it is for chapter titles, which a text file does not tell apart": "只用于章节标题，文本文件无法区分",
    "ad": "广告",
    "watermark": "水印",
    "header": "页眉",
    "footer": "页脚",
    "navigation": "导航",
    "contact": "联系方式",
    "notice": "告示",
    "invisible": "隐形字符",
    "date": "日期",
    "number": "数字",
    "place": "地名",
    "person": "人名",
    "org": "机构",
    "other": "其他",
    "accept": "接受",
    "accepted": "已接受",
    "all": "全部",
    "decided": "已决定",
    "exception": "例外",
    "exceptions": "例外",
    "hunks": "处改动",
    "next": "下一页",
    "none match": "没有符合条件的改动",
    "of": "/",
    "outlier": "异常",
    "page": "页",
    "previous": "上一页",
    "reject": "拒绝",
    "rejected": "已拒绝",
    "undecided": "未决定",
    "whole rule": "整条规则",
    "mojibake": "乱码",
    "boilerplate": "套话",
    "whitespace": "空白",
    "placeholder": "占位符",
    "link": "链接",
    "undo": "撤销",
    "line end": "换行",
    "inline": "对照",
    "original": "原文",
    "result": "结果",
    "light / dark": "浅色 / 深色",
    "load decisions": "读入决定",
    "export decisions": "导出决定",
    "filter": "筛选",
    "search in texts and paths": "搜索正文和路径",
    "decision": "决定",
    "stage": "阶段",
    "rules by characters removed": "规则（按删去字符）",
    "files by share removed": "文件（按删去比例）",
    "keys": "快捷键",
    "next, previous": "下一处、上一处",
    "view": "视图",
    "search": "搜索",
    "hunks that did not fit into this page": "本页放不下的改动",
    "this page needs its own script; nothing is loaded from elsewhere": "本页需要运行自带脚本，不从别处加载任何内容",
    "files changed": "改动的文件",
    "changes": "改动",
    "report written": "报告已写入",
    "accept the rest of the file": "接受本文件其余",
    "reject the rest of the file": "拒绝本文件其余",
    "accept the whole rule": "接受整条规则",
    "reject the whole rule": "拒绝整条规则",
    "next undecided": "下一处未定",
    "undecided before": "上一处未定",
    "make a rule": "新建规则",
    "save": "保存",
    "write": "写入",
    "quit": "退出",
    "nothing to decide": "没有要决定的改动",
    "the text that a new rule takes away": "新规则要删去的文字",
    "decisions are saved": "决定已保存",
    "example kept in": "例句已加入",
    "protected by a new rule in": "已用新规则保护，写入",
    "no exceptions in these decisions": "这些决定里没有例外",
    "encoding": "编码",
    "found by": "依据",
    "confidence": "把握",
    "damage": "损坏",
    "bom": "BOM",
    "escapes": "转义序列",
    "declared": "文件声明",
    "frequency": "字频",
    "lines": "逐行",
    "given": "指定",
    "there is no such file or directory": "没有此文件或目录",
    "check the path": "检查路径",
    "no permission to read it": "没有读取权限",
    "check its permissions": "检查权限",
    "empty": "空文件",
    "binary": "二进制文件",
    "its encoding is not recognized, so it was left alone": "无法识别编码，未处理",
    "its encoding is not recognized ({} is likeliest, {}), so it was left alone": "无法识别编码（似为 {}，{}），未处理",
    "name it with --encoding": "用 --encoding 指定编码",
    "more than {} MB of {}, which can't be read in blocks": "超过 {} MB 的 {}，这种编码无法分块读取",
    "convert it first: iconv -f ENCODING -t utf-8": "先转换：iconv -f 编码 -t utf-8",
    "{} of its characters are not in {} (with their lines): {}": "有 {} 处字符无法写成 {}（附行号）：{}",
    "--output-encoding utf-8 holds everything; --unencodable names a fallback":
        "--output-encoding utf-8 能写一切字符；--unencodable 可选替代写法",
    "no encoding is called {}": "没有名为 {} 的编码",
    "for example utf-8, gb18030, big5, cp932": "例如 utf-8、gb18030、big5、cp932",
}  # fmt: skip

_chosen = "en"


def choose(given: str | None) -> None:
    """`zh` or `en`; without one, what the environment says."""
    global _chosen  # noqa: PLW0603 - one language for a process
    if given is None:
        said = next((os.environ[key] for key in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(key)), "")
        given = "zh" if (said or locale.getlocale()[0] or "").lower().startswith("zh") else "en"
    _chosen = given


def chosen() -> str:
    return _chosen


def t(text: str) -> str:
    """A message in the language chosen; what is filled into it (`{}` in CHINESE) stays as it is."""
    if _chosen != "zh":
        return text
    said = CHINESE.get(text)
    return said if said is not None else _filled(text)


def _filled(text: str) -> str:
    for sentence, chinese in _sentences():
        if found := sentence.fullmatch(text):
            return chinese.format(*found.groups())
    return text


@cache
def _sentences() -> list[tuple[re.Pattern[str], str]]:
    return [
        (re.compile("(.*)".join(map(re.escape, english.split("{}"))), re.DOTALL), chinese)
        for english, chinese in CHINESE.items()
        if "{}" in english
    ]
