"""Every message has its Chinese: read from the source, where they are said, and from the commands."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from functools import cache

import pytest
import rich_click as click
from samples import ROOT

from cleaner.cli import cleaner
from cleaner.cli.translate import paragraphs
from cleaner.views import i18n

SOURCE = ROOT / "src" / "cleaner"
# Which arguments of what call are messages.
SAYS = {
    "t": (0,), "CleanerError": (0, 2), "UsageProblem": (0, 2), "InputProblem": (0, 2), "InputSkipped": (0, 2),
    "__init__": (0, 2), "UsageError": (0,), "BadParameter": (0,), "problem": (0, 1), "Advice": (3,),
    "_held": (0,), "Lost": (0,), "Untranslatable": (0,), "_replace": (1,),
}  # fmt: skip
SHOWS = {"print", "put", "notify", "say", "_put"}
WORD = re.compile(r"[a-z]{3,}")
NAMES = {"bold", "dim", "utf"}  # styles and the like


@cache
def trees() -> dict[str, ast.Module]:
    return {str(path.relative_to(SOURCE)): ast.parse(path.read_text("utf-8")) for path in sorted(SOURCE.rglob("*.py"))}


def template(node: ast.JoinedStr) -> str:
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)


def texts(node: ast.expr | None, tree: ast.Module, deep: int = 3) -> Iterator[str]:
    """What an expression may come to, `{}` for values; names and functions of the module are followed."""
    found: list[ast.expr | None] = []
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            yield template(node)
            found = [part.value for part in parts if isinstance(part, ast.FormattedValue)]
        case ast.IfExp(body=one, orelse=other):
            found = [one, other]
        case ast.BoolOp(values=values):
            found = [*values]
        case ast.Call(func=ast.Attribute(value=ast.Dict() as choice, attr="get"), args=rest):
            found = [choice, *rest]
        case ast.Dict(values=values):
            found = [*values]
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="get")) | ast.Name(id=name) if deep:
            found = list(assigned(name, tree))
        case ast.Call(func=ast.Name(id=name)) if deep:
            bodies = [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef) and one.name == name]
            found = [one.value for body in bodies for one in ast.walk(body) if isinstance(one, ast.Return)]
    for inner in found:
        yield from texts(inner, tree, deep - isinstance(node, ast.Name | ast.Call))


def assigned(name: str, tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        for target in node.targets if isinstance(node, ast.Assign) else ():
            value = node.value  # type: ignore[attr-defined]
            pairs = [(target, value)]
            if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                pairs = list(zip(target.elts, value.elts, strict=True))
            yield from (said for one, said in pairs if isinstance(one, ast.Name) and one.id == name)


def calls(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield getattr(node.func, "id", getattr(node.func, "attr", "")), node


def messages(tree: ast.Module) -> Iterator[str]:
    for name, call in calls(tree):
        said = [arg for number, arg in enumerate(call.args) if number in SAYS.get(name, ())]
        said += [one.value for one in call.keywords if name in SAYS and one.arg in ("what", "hint")]
        for arg in said:
            yield from texts(arg, tree)


def commands(command: click.Command) -> Iterator[click.Command]:
    yield command
    for other in getattr(command, "commands", {}).values():
        yield from commands(other)


def help_texts() -> set[str]:
    options = {option.help for one in commands(cleaner) for option in one.params if isinstance(option, click.Option)}
    return {text for one in commands(cleaner) for text in paragraphs(one.help or "")} | {one for one in options if one}


@pytest.mark.parametrize("module", trees())
def test_every_message_has_its_chinese(module: str) -> None:
    said = {text for text in messages(trees()[module]) if WORD.search(text.replace("{}", ""))}
    assert {text for text in said if text not in i18n.chinese() and not text.startswith(("pip ", "{}\n"))} == set()


def test_every_help_text_has_its_chinese() -> None:
    assert help_texts() - set(i18n.chinese()) == set()


def test_nothing_is_left_over() -> None:
    said = help_texts() | {"{} together"}
    for tree in trees().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                said.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                said.add(template(node))
    page = (SOURCE / "views" / "html_page" / "report.html").read_text("utf-8")
    said.update(re.findall(r"t\([\"']([^\"']*)[\"']\)", page))
    assert {text for text in i18n.chinese() if text not in said | libraries()} == set()


def libraries() -> set[str]:
    """What others say: click, the system, tomllib. Nobody can look that up here."""
    lines = (SOURCE / "views" / "messages.zh.toml").read_text("utf-8").split("[libraries]")[1].split("[help]")[0]
    import tomllib

    return set(tomllib.loads(lines[lines.index("\n") :]))


def test_the_chinese_has_the_values() -> None:
    for english, said in i18n.chinese().items():
        if "{}" in english:
            fields = [name for _, name, _, _ in string.Formatter().parse(said) if name is not None]
            assert len(fields) == english.count("{}"), english
            assert fields == [""] * len(fields) or sorted(fields) == [str(n) for n in range(len(fields))], english


@pytest.mark.parametrize("module", [name for name in trees() if name.startswith(("cli/", "views/"))])
def test_nothing_is_shown_that_was_not_translated(module: str) -> None:
    for name, call in calls(trees()[module]):
        for arg in call.args[:2] if name in SHOWS else ():
            said = {word for part in literals(arg) for word in WORD.findall(part)} - NAMES
            assert said == set(), f"line {call.lineno}"


def literals(node: ast.expr) -> Iterator[str]:
    """The texts in what is shown, not those in calls inside it."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            yield from (str(part.value) for part in parts if isinstance(part, ast.Constant))
        case ast.IfExp(body=one, orelse=other):
            yield from (*literals(one), *literals(other))
        case ast.BinOp(left=left, right=right):
            yield from (*literals(left), *literals(right))
        case ast.Tuple(elts=elts):
            yield from literals(elts[0])


@pytest.mark.parametrize(
    ("english", "said"),
    [
        ("rule a/b took too long and was left out", "规则 a/b 用时过长，未使用"),
        ("rule 'x': kind is missing", "规则 'x'：缺少 kind"),
        ("can't write: Permission denied", "无法写入：没有权限"),
        ("run empty did nothing to it", "第 empty 次运行没有改动它"),
        ("run no regular file did nothing to it", "第 no regular file 次运行没有改动它"),
        ("it is no regular file: there is nothing to explain", "它是不是普通文件：没有可解释的"),
        ("nobody ever said this", "nobody ever said this"),
    ],
)
def test_values_stand_in_it(english: str, said: str) -> None:
    i18n.choose("zh")
    try:
        assert i18n.t(english) == said
    finally:
        i18n.choose("en")


def test_the_environment_chooses(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in i18n.LANGUAGE_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    i18n.choose(None)
    assert i18n.chosen() == "zh"
    monkeypatch.setenv("CLEANER_LANG", "en")
    i18n.choose(None)
    assert i18n.chosen() == "en"
