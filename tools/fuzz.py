"""Try what `tests/test_fuzz.py` tries, for as long as it is given, each time with other examples.

    python -m tools.fuzz SECONDS

Prints how many examples of each kind were tried. A failure ends it with the example, made as small as possible.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings

EACH = 50  # examples of one kind before the next has its turn


def main(seconds: float) -> int:
    """Return 0. Raises what a test raises. `seconds` are those of a clock on the wall."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    os.environ.setdefault("CLEANER_PATIENCE", "3600")
    with tempfile.TemporaryDirectory() as state:
        os.environ["CLEANER_STATE_DIR"] = os.environ["CLEANER_DATA_DIR"] = state
        import test_fuzz

        counts: Counter[str] = Counter()
        tests = {name: _counted(name, test, counts) for name, test in vars(test_fuzz).items() if _is_test(name, test)}
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for test in tests.values():
                test()
    print(json.dumps({"seconds": round(seconds), "cpu": round(time.process_time()), "examples": dict(counts)}))
    return 0


def _is_test(name: str, test: Any) -> bool:
    return name.startswith("test_") and hasattr(test, "hypothesis")


def _counted(name: str, test: Any, counts: Counter[str]) -> Callable[[], None]:
    inner = test.hypothesis.inner_test

    def counting(*args: Any, **kwargs: Any) -> None:
        counts[name.removeprefix("test_")] += 1
        inner(*args, **kwargs)

    test.hypothesis.inner_test = counting
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    chosen = settings(max_examples=EACH, derandomize=False, database=None, deadline=None, suppress_health_check=checks)
    found: Callable[[], None] = chosen(test)
    return found


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1])))
