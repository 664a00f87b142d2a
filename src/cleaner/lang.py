"""Messages in English and Chinese. Rules speak their author's language."""

from __future__ import annotations

import locale
import os

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
    "skipped": "跳过",
    "failed": "失败",
    "placeholders": "占位符",
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
    "kept": "保留",
    "rules": "规则",
    "checked": "已检查",
    "bad": "有问题",
    "decision without an edit": "找不到对应改动的决定",
    "taken": "已导入",
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
    return CHINESE.get(text, text) if _chosen == "zh" else text
