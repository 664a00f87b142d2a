"""What a folder gave: proposals with their evidence, their harm and three real places."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from ..authoring.learn import Learned, Proposal
from ..authoring.learn.writing import BETWEEN, RUN_OF
from ..authoring.suggest import BLANKS, SIGNS
from .console import say
from .display import clipped, path, plain, rules_counted
from .i18n import t

WIDE = 56  # columns of a sample
NAMED = 3  # of what rules find already
LEFT = 5  # stamps that were not proposed and are shown


def why(one: Proposal) -> str:
    """The evidence of a rule in words, in the language of the messages."""
    parts = [f"{t('returns across files')}: {one.files:,} / {one.all_files:,}"]
    parts += [t(reason.words) for reason in one.reasons if reason.share > 0]
    return "; ".join(parts)


def print_learned(console: Console, learned: Learned) -> None:
    """Print the proposals, then the weak ones, then what was not proposed and why."""
    copies = learned.files - learned.works
    say(
        console,
        f"{t('files read')}: {learned.files:,}"
        + (f"; {t('copies of a work that is there already')}: {copies:,}" if copies else ""),
    )
    _named(console, t("the built-in rules take already"), learned.taken)
    _named(console, t("the pack finds already"), learned.known)
    strong = [one for one in learned.proposals if one.strong]
    weak = [one for one in learned.proposals if not one.strong]
    for number, one in enumerate(strong, 1):
        _proposal(console, number, one)
    if not strong:
        some = learned.taken or learned.known
        say(console, t("nothing else was found") if some else t("nothing was found that returns across files"))
    if weak:
        console.print()
        say(console, t("weak ones, which come switched off:"))
        for number, one in enumerate(weak, len(strong) + 1):
            _proposal(console, number, one)
    against = [one for one in learned.left if any(reason.share < 0 for reason in one.reasons)][:LEFT]
    if against:
        console.print()
        say(console, t("returns as well, and was not proposed:"))
        for one in against:
            say(console, f"- {clipped(plain(' ... '.join(one.letters)), WIDE)}")
            say(console, f"  {_reasons(one)}", hang=2)


def _named(console: Console, words: str, found: Sequence[Proposal]) -> None:
    """How many they are, and the most frequent ones."""
    if found:
        most = sorted(found, key=lambda one: -one.places)[:NAMED]
        texts = ("".join(one.letters) if one.form == "inside" else one.samples[0].text.strip() for one in most)
        shown = "; ".join(clipped(plain(text), WIDE // 2) for text in texts)
        say(console, f"{words}: {len(found):,} ({shown}{'; ...' if len(found) > NAMED else ''})")


def _proposal(console: Console, number: int, one: Proposal) -> None:
    console.print()
    counts = (
        f"{one.places:,} {t('places')}, {one.files:,} / {one.all_files:,} {t('files')}, {one.chars:,} {t('characters')}"
    )
    say(console, f"{number}  {one.name}  {t(one.kind)}: {counts}", hang=3)
    say(console, f"   {plain(_finds(one))}", hang=3)
    for sample in one.samples:
        say(console, f"   - {clipped(plain(sample.text.strip()), WIDE)}  ({path(sample.file)}:{sample.line})", hang=5)
    say(console, f"   {_reasons(one)}", hang=3)
    say(console, f"   {t('harm on clean text')}: {t(str(one.harm))}", hang=3)
    beyond = (
        f"{one.beyond:,} {t('matches beyond the places found')}"
        if one.beyond
        else t("no match beyond the places found")
    )
    say(console, f"   {t('harm in this folder')}: {beyond}", hang=3)


def _finds(one: Proposal) -> str:
    """The literal or the expression; one that looks for its letters one by one in words, which can be read."""
    if one.form == "frame":
        return t(f"{len(one.letters)} lines of menus, {RUN_OF} or more in a row")
    match = one.keys.get("literal") or one.keys["match"].removeprefix(f"^{BLANKS}").removesuffix(f"{BLANKS}$")
    spelled = SIGNS in match or BETWEEN in match
    return f"{' ... '.join(one.letters)}  ({t('with other symbols between its letters')})" if spelled else match


def _reasons(one: Proposal) -> str:
    return "; ".join(f"{t(reason.words)} {reason.share:+.2f}" for reason in one.reasons)


def print_stale(console: Console, names: Sequence[str]) -> None:
    """Name the rules of a pack that found nothing."""
    for name in names:
        say(console, f"{t('no longer matches anything here')}: {name}")


def print_pack_written(console: Console, name: str, count: int) -> None:
    say(console, f"{t('written')}: {rules_counted(count)}, {path(name)}")
    say(console, t(f"look at what they would do: cleaner rules try {path(name)} DIR"), hang=2)


def print_page_written(console: Console) -> None:
    say(console, t("decide there and export the decisions; then --decisions FILE in place of --html writes the pack"))


def print_added(console: Console, name: str) -> None:
    say(console, f"{t('every run here uses it now')}: {path(name)}")
