"""The stages after decoding, as rule files see them, and the orders that a run may put them in.

STAGES is the one table: a row for each stage, in the order of a run that chooses none. The code of a stage is the
module of its name in `cleaner/stages`. A package adds a stage by an entry point of the group GROUP, whose module holds
such a row as `SPEC`. It works only in a run that names it: what is installed changes no result.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Literal

import msgspec

from ..model.errors import UsageProblem

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "cleaner.stages"
DECODE = "decode"  # reads the bytes; always the first stage


class StageSpec(msgspec.Struct, frozen=True):
    """One stage: its name in rule ids, and what its rules may do.

    `makes`: "edits" change the text, "tags" and "flags" report characters of the final text. `removes`: its rules take
    out what they match and have a kind, else they repair and have none. `actions` are the names that `does` may have,
    `repairs` those of them that a removing stage has without a kind. `packs` is the folder of
    its rule files. `module` and `version` of a stage of a package are read from there.
    """

    name: str
    makes: Literal["edits", "tags", "flags"] = "edits"
    removes: bool = False
    actions: tuple[str, ...] = ()
    repairs: tuple[str, ...] = ()
    module: str = ""
    packs: str = ""
    version: str = ""


STAGES = (
    StageSpec(
        "mojibake",
        actions=(
            "utf8-as-gbk",
            "two-bytes-as-latin",
            "letters-as-latin",
            "two-bytes-as-gbk",
            "ftfy",
            "unescape",
            "decode-bytes",
            "nfc",
            "nfkc",
        ),
    ),
    StageSpec("invisible", removes=True, actions=("homoglyph",), repairs=("homoglyph",)),
    StageSpec("boilerplate", removes=True, actions=("block", "protect", "page", "stamps", "code", "heads", "model")),
    StageSpec("whitespace", actions=("join", "to-halfwidth", "remove-blanks")),
    StageSpec("placeholder", makes="tags", actions=("protect", "model")),
    StageSpec("flag", makes="flags"),
)
BUILT_IN = {spec.name: spec for spec in STAGES}
DEFAULT_ORDER = tuple(BUILT_IN)


def find_stage(name: str) -> StageSpec | None:
    """The stage of this name, built in or of a package. Raises UsageProblem for a package's that can't be used."""
    return BUILT_IN.get(name) or _of_a_package(name)


def stage_spec(name: str) -> StageSpec:
    """The stage of this name. Raises UsageProblem for none."""
    found = find_stage(name)
    if found is None:
        import difflib
        from importlib.metadata import entry_points

        known = [*DEFAULT_ORDER, *sorted(entry_points(group=GROUP).names)]
        near = difflib.get_close_matches(name, [DECODE, *known], 1, 0.5)
        hint = f"did you mean {near[0]!r}?" if near else f"stages: {', '.join(known)}"
        raise UsageProblem(f"no stage is called {name!r}", hint=hint)
    return found


@cache
def _of_a_package(name: str) -> StageSpec | None:
    from importlib.metadata import entry_points

    found = list(entry_points(group=GROUP, name=name))
    if not found:
        return None
    if len(found) > 1:
        packages = ", ".join(sorted(map(_package, found)))
        raise UsageProblem(f"several packages have a stage {name!r}: {packages}", hint="uninstall all but one")
    try:
        module = import_module(found[0].value)
    except Exception as error:  # whatever a package raises when it is imported
        raise _unusable(found[0], f"{type(error).__name__}: {error}") from None
    spec = getattr(module, "SPEC", None)
    if not isinstance(spec, StageSpec) or spec.name != name:
        raise _unusable(found[0], f"its module has no SPEC = StageSpec({name!r}, ...)")
    if not callable(getattr(module, spec.makes, None)):
        raise _unusable(found[0], f"its module has no function {spec.makes}(context, rules)")
    version = found[0].dist.version if found[0].dist is not None else ""
    return msgspec.structs.replace(spec, module=found[0].value, version=version)


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else point.value


def _unusable(point: EntryPoint, why: str) -> UsageProblem:
    return UsageProblem(f"the stage {point.name!r} of {_package(point)} can't be used: {why}", hint="leave it out")


def in_order(names: Sequence[str]) -> tuple[str, ...]:
    """The stages after decoding in the order of `names`. Raises UsageProblem for an order that can't work.

    `decode` may stand first and is not in the result: it always runs.
    """
    if not names:
        raise UsageProblem("no stage is named", hint="decode alone reads and writes and changes nothing")
    order: list[StageSpec] = []
    for at, name in enumerate(names):
        if name in names[:at]:
            raise UsageProblem(f"the stage {name} is named twice", hint="name it once: rounds repeat all stages")
        if name != DECODE:
            order.append(stage_spec(name))
        elif at:
            raise UsageProblem(
                f"decode can't come after {names[at - 1]}: all other stages work on the text that it reads",
                hint="put it first, or leave it out: it always runs",
            )
    for reading, editing in ((a, b) for at, b in enumerate(order) for a in order[:at]):
        if reading.makes != "edits" and editing.makes == "edits":
            raise UsageProblem(
                f"{reading.name} can't come before {editing.name}: it reads the final text, which {editing.name} edits",
                hint=f"put {reading.name} behind {editing.name}",
            )
    return tuple(spec.name for spec in order)


def with_stages(names: Iterable[str]) -> tuple[str, ...]:
    """The default order, and in it the stages `names` that it lacks: last of those that edit, or that read."""
    return tuple(sorted(dict.fromkeys((*DEFAULT_ORDER, *names)), key=lambda name: stage_spec(name).makes != "edits"))


def points(order: Sequence[str]) -> tuple[str, ...]:
    """The stages of a run after which a text can be shown: decode, those that edit, those that tag."""
    return DECODE, *(name for name in order if stage_spec(name).makes != "flags")
