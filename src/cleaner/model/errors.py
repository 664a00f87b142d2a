"""Problems that a user can solve: each says what is wrong, where, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .source import Judgement


class CleanerError(Exception):
    """A problem with the input of one run, never shown as a traceback.

    `what` is one sentence, `where` a path (with line and column where known), `hint` what to do about it.
    """

    def __init__(self, what: str, where: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        return f"{text}\n  help: {self.hint}" if self.hint else text


class UsageProblem(CleanerError):
    """Wrong use, configuration or pack: the run does not start (exit code 2)."""


class InputProblem(CleanerError):
    """One input could not be cleaned: it is named, and the run continues (exit code 3)."""


class Undecided(InputProblem):
    """No reading of an input is sure enough; `judgement` holds those that it may have."""

    def __init__(self, what: str, where: str = "", hint: str = "", judgement: Judgement | None = None) -> None:
        super().__init__(what, where, hint)
        self.judgement = judgement


class InputSkipped(CleanerError):
    """One input is none that can be cleaned (binary, empty, excluded): it is named, and is no failure."""


class DiskFull(CleanerError):
    """No room for another byte: the run stops; what was written so far is complete (exit code 3)."""

    def __init__(self, where: str) -> None:
        super().__init__(
            "the disk is full", where, "free some space and give the same command again: it continues where it stopped"
        )
