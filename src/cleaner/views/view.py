"""What every view is: a sink with an end of its own."""

from __future__ import annotations

from ..model.report import NullSink, Totals


class View(NullSink):
    """A sink that shows what it is given; each of its methods does nothing until a view says otherwise."""

    def finish(self, totals: Totals) -> None:
        """Called once, when the run is over."""
