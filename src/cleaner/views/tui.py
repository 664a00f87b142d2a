"""The review screen: draws a `Review` and takes keys. The only module with textual."""

from __future__ import annotations

from collections.abc import Callable

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.events import Key
from textual.screen import ModalScreen
from textual.widgets import Footer, Input, Label, OptionList, Static
from textual.widgets.option_list import Option

from ..jobs.decisions import Verdict
from ..model.errors import CleanerError
from .console import STYLES
from .diff_lines import short
from .display import clipped, ending, plain, width
from .i18n import t
from .review_session import Review, Spot, one_line
from .wrapping import runs, styled, wrap

SYMBOLS = {"accept": ("+", "green"), "reject": ("-", "red"), "exception": ("x", "yellow"), None: (" ", "")}
OWN = STYLES | {"own": "bold white on #b3363f", "own badge": "bold black on #ff9f6b"}
KEYS = (
    ("y", "decide('accept')", "accept"),
    ("n", "decide('reject')", "reject"),
    ("x", "decide('exception')", "exception"),
    ("a", "rest('accept')", "accept the rest of the file"),
    ("d", "rest('reject')", "reject the rest of the file"),
    ("A", "rule('accept')", "accept the whole rule"),
    ("D", "rule('reject')", "reject the whole rule"),
    ("j", "undecided(1)", "next one"),
    ("k", "undecided(-1)", "undecided before"),
    ("u", "undo", "undo"),
    ("m", "make", "make a rule"),
    ("s", "save", "save"),
    ("w", "write", "write"),
    ("question_mark", "help", "keys"),
    ("q", "leave", "quit"),
)
REACH = 500  # lines before and after a hunk that a rule can be made of
IN_FOOTER = frozenset("ynxjuwq") | {"question_mark"}


class Ask(ModalScreen[str | None]):
    """One line of text, or None."""

    def __init__(self, question: str, text: str) -> None:
        super().__init__()
        self._question, self._text = question, text

    def compose(self) -> ComposeResult:
        with Vertical(id="ask"):
            yield Label(self._question, markup=False)
            yield Input(self._text, id="answer")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value)

    def key_escape(self) -> None:
        self.dismiss(None)


class Confirm(ModalScreen[str | None]):
    """A question that one of some keys answers, or Escape (None)."""

    def __init__(self, question: str, answers: dict[str, str]) -> None:
        super().__init__()
        self._question, self._answers = question, answers

    def compose(self) -> ComposeResult:
        with Vertical(id="ask"):
            yield Label(self._question, markup=False)
            for key, words in (*self._answers.items(), ("esc", t("back"))):
                yield Label(f"  {key}  {words}", markup=False)

    def on_key(self, event: Key) -> None:
        if event.key in (*self._answers, "escape"):
            event.stop()
            self.dismiss(None if event.key == "escape" else event.key)


class Lines(ModalScreen[str | None]):
    """The lines of a file to choose one from, or None."""

    def __init__(self, question: str, lines: list[tuple[int, str]], at: int) -> None:
        super().__init__()
        self._question, self._lines, self._at = question, lines, at

    def compose(self) -> ComposeResult:
        with Vertical(id="lines"):
            yield Label(self._question, markup=False)
            columns = max(self.app.size.width * 9 // 10 - 16, 20)
            yield OptionList(*(Option(self._shown(number, line, columns)) for number, line in self._lines))

    @staticmethod
    def _shown(number: int, line: str, columns: int) -> Text:
        return Text(f"{number:>6}  {clipped(plain(line.strip()), columns)}", no_wrap=True)

    def on_mount(self) -> None:
        listed = self.query_one(OptionList)
        listed.highlighted = self._at
        listed.focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._lines[event.option_index][1])

    def key_escape(self) -> None:
        self.dismiss(None)


class ReviewScreen(App[bool]):
    """Ends with True where the user chose to write, else False.

    `save` writes the decisions file. `make_rule` writes a rule that removes a text, given the line around it,
    and returns its id and where it is; `lines` are those of a file. Both raise CleanerError.
    """

    ENABLE_COMMAND_PALETTE = False
    CSS = """
    #files { width: 30%; max-width: 44; height: 1fr; } #hunks { height: 45%; }
    OptionList { border: round $foreground 30%; border-title-color: $foreground 70%; padding: 0; }
    OptionList:focus { border: round $accent; } #detail { border: round $foreground 30%; padding: 0 1; }
    Ask { align: center middle; }
    Confirm { align: center middle; } Lines { align: center middle; }
    #lines { width: 90%; height: 80%; border: round $accent; background: $surface; }
    #ask { width: 80%; height: auto; border: round $accent; padding: 1 2; background: $surface; }
    """

    def __init__(
        self, review: Review, save: Callable[[], None], make_rule: Callable[[str, str], str],
        lines: Callable[[str], list[str]],
    ) -> None:  # fmt: skip
        super().__init__()
        self._lines = lines
        self.review = review
        self._save = save
        self._make_rule = make_rule
        self.file = 0
        for key, action, words in KEYS:
            shown = "?" if key == "question_mark" else key
            self._bindings.key_to_bindings.setdefault(key, []).append(
                Binding(key, action, t(words), show=key in IN_FOOTER, key_display=shown)
            )

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield OptionList(id="files", markup=False)
            with Vertical():
                yield OptionList(id="hunks", markup=False)
                with VerticalScroll(id="detail"):
                    yield Static(id="text")
        yield Footer()

    def on_mount(self) -> None:
        self.theme = "textual-dark"
        self.query_one("#files").border_title = t("files changed")
        self.query_one("#hunks", OptionList).focus()

    def on_resize(self) -> None:
        self.call_after_refresh(self._draw_all)

    @property
    def spot(self) -> Spot | None:
        at = self.query_one("#hunks", OptionList).highlighted
        return None if at is None else (self.file, at)

    def go(self, spot: Spot) -> None:
        """Moves to a hunk, in another file too."""
        if spot[0] != self.file:
            self.file = spot[0]
            self.query_one("#files", OptionList).highlighted = spot[0]
            self._draw_hunks()
        self.query_one("#hunks", OptionList).highlighted = spot[1]
        self._draw_text()

    def _draw_all(self) -> None:
        files = self.query_one("#files", OptionList)
        at = files.highlighted
        files.clear_options()
        files.add_options([Option(self._file_line(n, files.size.width)) for n in range(len(self.review.files))])
        files.highlighted = at if at is not None else 0
        here = self.query_one("#hunks", OptionList).highlighted
        self._draw_hunks()
        self.query_one("#hunks", OptionList).highlighted = here or 0
        self._draw_text()

    def _draw_hunks(self) -> None:
        hunks = self.query_one("#hunks", OptionList)
        hunks.clear_options()
        if self.review.files:
            count = len(self.review.files[self.file].hunks)
            hunks.add_options([Option(self._hunk_line((self.file, n), hunks.size.width)) for n in range(count)])
            name = plain(self.review.files[self.file].path)
            hunks.border_title = ending(name, max(hunks.size.width - 4, 8))

    def _redraw(self, spots: list[Spot]) -> None:
        hunks = self.query_one("#hunks", OptionList)
        for file, hunk in spots:
            if file == self.file:
                hunks.replace_option_prompt_at_index(hunk, self._hunk_line((file, hunk), hunks.size.width))
        files = self.query_one("#files", OptionList)
        for file in {spot[0] for spot in spots}:
            files.replace_option_prompt_at_index(file, self._file_line(file, files.size.width))
        self._draw_text()

    def _file_line(self, number: int, columns: int) -> Text:
        left = f"{self.review.undecided(number):>5} "
        name = ending(plain(self.review.files[number].name), max(columns - len(left) - 2, 8))
        return Text.assemble((left, "dim"), name)

    def _hunk_line(self, spot: Spot, columns: int) -> Text:
        hunk, (symbol, colour) = self.review.hunk(spot), SYMBOLS[self.review.verdict(spot)]
        rule = clipped(short(hunk.rule), 22)
        head = f"{hunk.line:>5} {rule}{' ' * (23 - width(rule))}"
        return Text.assemble(
            (f"{symbol} ", f"bold {colour}"), (head, "dim"), clipped(one_line(hunk), max(columns - 36, 8))
        )

    def _draw_text(self) -> None:
        place, spot = self.query_one("#text", Static), self.spot
        if spot is None:
            place.update(t("nothing to decide"))
            return
        hunk = self.review.hunk(spot)
        columns = max(self.query_one("#detail").size.width - 4, 20)
        text = Text(no_wrap=True)
        for line in _split(hunk.pieces):
            for row in wrap([char for piece, style in line for char in styled(piece, style)], columns):
                for piece, style in runs(row):
                    text.append(piece, OWN.get(style, ""))
                text.append("\n")
        known = self.review.rules.by_id.get(hunk.rule)
        notes = [hunk.rule + (f"  {t(hunk.kind)}" if hunk.kind else ""), known.written.why if known else ""]
        for note in [*notes, *self.review.files[spot[0]].evidence.get(spot[1], [])]:
            for row in wrap(styled(plain(note), ""), columns):
                text.append("\n" + "".join(char for char, _ in row), "dim" if note not in notes[:1] else "bold")
        place.update(text)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        if not self.query("#text"):  # a late message of a screen that is being taken down
            return
        if event.option_list.id == "files" and event.option_index != self.file:
            self.file = event.option_index
            self._draw_hunks()
            self.query_one("#hunks", OptionList).highlighted = 0
        self._draw_text()

    def action_decide(self, verdict: Verdict) -> None:
        if (spot := self.spot) is not None:
            self.review.decide([spot], verdict)
            self._redraw([spot])
            self.action_undecided(1)

    def action_rest(self, verdict: Verdict) -> None:
        if (spot := self.spot) is not None:
            spots = self.review.rest_of_file(spot)
            self.review.decide(spots, verdict)
            self._redraw(spots)
            self.action_undecided(1)

    def action_rule(self, verdict: Verdict) -> None:
        if (spot := self.spot) is not None:
            spots = self.review.of_rule(self.review.hunk(spot).rule)
            self.review.decide(spots, verdict)
            self._redraw(spots)
            self.notify(f"{t(verdict)}: {len(spots)}", markup=False)

    def action_undecided(self, step: int) -> None:
        spot = self.spot
        found = self.review.next_undecided(spot, step) if spot is not None else None
        if found is not None:
            self.go(found)

    def action_undo(self) -> None:
        if spots := self.review.undo():
            self._redraw(spots)
            self.go(spots[0])

    def action_make(self) -> None:
        """Make a rule of any line of the file: an ad that is left has no hunk."""
        if (spot := self.spot) is None:
            return
        self.clear_notifications()  # the keys would lie over the question
        try:
            lines = self._lines(self.review.files[spot[0]].path)
        except CleanerError as why:
            self.notify(plain(t(why.what)), severity="error", markup=False)
            return
        here = self.review.hunk(spot).line
        first = max(here - REACH, 1)
        near = list(enumerate(lines[first - 1 : here + REACH], first))
        at = next((n for n, (number, _) in enumerate(near) if number >= here), 0)
        self.push_screen(Lines(t("the line to make a rule of"), near, at), self._ask_for_text)

    def _ask_for_text(self, line: str | None) -> None:
        if line:
            self.push_screen(Ask(t("the text that a new rule removes"), line), lambda text: self._made(text, line))

    def _made(self, text: str | None, line: str) -> None:
        if text:
            try:
                made = self._make_rule(text, line)
            except CleanerError as why:
                self.notify(plain(t(why.what)), severity="error", markup=False)
            else:
                self.notify(f"{t('rule')} {made}", markup=False)

    def action_save(self) -> None:
        self._save()
        self.notify(t("decisions are saved"), markup=False)

    def action_write(self) -> None:
        """What nobody decided is not taken for accepted: the user says what becomes of it."""
        left = sum(map(self.review.undecided, range(len(self.review.files))))
        if not left:
            self._written("a")
            return
        self.clear_notifications()
        answers = {"a": t("write them as accepted"), "d": t("write them as rejected")}
        self.push_screen(Confirm(t(f"{left} undecided"), answers), self._written)

    def _written(self, answer: str | None) -> None:
        if answer is not None:
            self.review.undecided_are = "accept" if answer == "a" else "reject"
            self._save()
            self.exit(True)

    def action_leave(self) -> None:
        self._save()
        self.exit(False)

    def action_help(self) -> None:
        keys = "\n".join(f"{'?' if key == 'question_mark' else key}  {t(words)}" for key, _, words in KEYS)
        self.notify(keys, title=t("keys"), timeout=15, markup=False)


def _split(pieces: list[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    """Pieces with line ends in them, line by line."""
    lines: list[list[tuple[str, str]]] = [[]]
    for piece, style in pieces:
        first, *more = piece.split("\n")
        lines[-1].append((first, style))
        lines += [[(part, style)] for part in more]
    return lines
