"""What each rule costs on a set of files: CPU seconds, read from the interpreter's profiling hook."""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from types import FrameType, TracebackType

from ..matching.rule import Rule

MEASURED = (Rule.spans.__code__, Rule.replacements.__code__)


class RuleCosts:
    """Entered with `with`: meanwhile adds up the CPU seconds that each rule takes in this thread, by its id.

    The hook itself is called for every call in Python and makes a run slower; a rule's seconds hold the share of
    that which falls into its own calls.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._began: list[float] = []

    def __enter__(self) -> RuleCosts:
        sys.setprofile(self._event)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        sys.setprofile(None)

    def _event(self, frame: FrameType, event: str, _: object) -> None:
        if frame.f_code not in MEASURED:
            return
        if event == "call":
            self._began.append(time.process_time())
        elif event == "return":
            self.seconds[frame.f_locals["self"].id] += time.process_time() - self._began.pop()
