"""A folder of its own for what is remembered of packs, two speeds, and a check of what was skipped.

Every test that SLOW does not name is marked `fast`. TESTS_MAY_LACK names what a machine may be without (words of SKIPS,
"" for nothing): any other skip is then a failure. Without it every reason of SKIPS is allowed, and no other.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# The gate tries the same examples each time: a change must not fail by luck. `long` looks for new ones.
settings.register_profile(
    "fast",
    max_examples=40,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.register_profile("long", parent=settings.get_profile("fast"), max_examples=1000, derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))

# How the names of slow tests begin: they take more than a second each, or compile rules again, or are many.
SLOW = (
    "test_cluster.py",
    "test_decisions.py::test_blocks_of_any_size",
    "test_docs.py",
    "test_golden.py",
    "test_fuzz.py::test_ledgers",
    "test_fuzz.py::test_runs",
    "test_html.py",
    "test_invisible.py::test_what_shows_stays",
    "test_linewrap.py::test_block_size",
    "test_learn.py::test_each_file_counts_once",
    "test_legacy.py::test_a_configuration_is_read",
    "test_packs.py::test_no_rule_opens_clean_text",
    "test_pipeline.py::test_block_size",
    "test_prefilter.py",
    "test_fingerprint.py::test_what_changes_results",
    "test_context_pattern.py",
    "test_optimize.py",
    "test_transcripts.py::test_transcript[chinese",
    "test_transcripts.py::test_transcript[check-encodings",
    "test_transcripts.py::test_transcript[clean-decisions",
    "test_transcripts.py::test_transcript[config",
    "test_transcripts.py::test_transcript[diff-",
    "test_transcripts.py::test_transcript[escapes",
    "test_transcripts.py::test_transcript[explain",
    "test_transcripts.py::test_transcript[jsonl",
    "test_transcripts.py::test_transcript[keep-",
    "test_transcripts.py::test_transcript[line-numbers",
    "test_transcripts.py::test_transcript[name-",
    "test_transcripts.py::test_transcript[off",
    "test_transcripts.py::test_transcript[output-encoding",
    "test_transcripts.py::test_transcript[rules-",
    "test_transcripts.py::test_transcript[undo",
    "test_records.py",
    "test_slow.py",
    "test_still.py",
    "test_trust.py::test_garbage",
    "test_undo.py::test_interrupted_and_resumed",
    "test_undo.py::test_a_mirror_over_files",
    "test_undo.py::test_killed_at_any_moment",
    "test_unified.py::test_git_apply",
    "test_write_job.py::test_a_full_disk",
)

# How the reason of a skip begins: what is lacking.
SKIPS = {
    "../shared is not here": "shared",
    "the shared data is not here": "shared",
    "got empty parameter set for (path)": "shared",
    "chromium and chromedriver are not installed": "browser",
    "could not import 'datasets'": "datasets",
    "could not import 'ray'": "ray",
    "could not import 'datatrove'": "datatrove",
    "could not import 'moto": "moto",
    "WHEELS names no folder": "wheels",
    "the super-user may read and write everything": "user",
    "only the super-user makes small disks": "root",
    "mkdocs-material is not installed": "mkdocs",
    "git is not installed": "tools",
    "LibreOffice is not installed": "office",
    "needs bash": "tools",
    "transcripts are written for bash": "tools",
    "no mount": "tools",
    "asks Linux which signals are caught": "posix",
    "signals": "posix",
}
# How many tests are skipped where it is lacking.
SKIPPED = {
    "shared": 14, "browser": 0, "datasets": 1, "ray": 2, "datatrove": 1, "moto": 5, "wheels": 1, "user": 2, "root": 2,
    "office": 2,
}  # fmt: skip


class Census:
    """Count the skips of a run by what is lacking, and fail the run where the count is not what it should be."""

    def __init__(self) -> None:
        self.lacking: Counter[str] = Counter()
        self.ran: set[str] = set()
        self.problems: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.ran.add(report.nodeid)
        if report.skipped and not hasattr(report, "wasxfail"):
            assert isinstance(report.longrepr, tuple)
            reason = report.longrepr[2].removeprefix("Skipped: ")
            self.lacking[next((SKIPS[known] for known in SKIPS if reason.startswith(known)), reason)] += 1

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        allowed = os.environ.get("TESTS_MAY_LACK")
        may_lack = set(SKIPS.values()) if allowed is None else set(allowed.split())
        self.problems = [f"{n} skipped: {what}" for what, n in self.lacking.items() if what not in may_lack]
        if session.exitstatus == pytest.ExitCode.OK and whole(session.config):
            self.problems += [
                f"{n} skipped for lack of {what}, not {SKIPPED[what]}"
                for what, n in self.lacking.items()
                if n != SKIPPED.get(what, n)
            ]
            self.problems += [
                f"SLOW names {name}, which is no test" for name in SLOW if not any(is_of(name, ran) for ran in self.ran)
            ]
        if self.problems and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for problem in self.problems:
            terminalreporter.write_line(f"ERROR: {problem} (tests/conftest.py)", red=True)


def whole(config: pytest.Config) -> bool:
    """Whether all tests were asked for."""
    return config.args_source == config.ArgsSource.TESTPATHS and not config.option.markexpr + config.option.keyword


def is_of(name: str, nodeid: str) -> bool:
    return nodeid.startswith(f"tests/{name}")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # workers inherit the environment of the first process
        os.environ["CLEANER_STATE_DIR"] = os.environ["CLEANER_DATA_DIR"] = tempfile.mkdtemp(prefix="cleaner-tests-")
        os.environ["CLEANER_PATIENCE"] = "3600"  # how long a machine takes is in no transcript
        config.pluginmanager.register(Census())


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ["CLEANER_STATE_DIR"], ignore_errors=True)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave slow files unread where only fast tests are wanted: their parameters alone take seconds."""
    return True if config.option.markexpr == "fast" and collection_path.name in SLOW else None


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    for item in items:
        item.add_marker("slow" if any(is_of(name, item.nodeid) for name in SLOW) else "fast")


BEGUN: dict[object, settings] = {}


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Give a parametrized test the settings it began with.

    Hypothesis 6.170 wraps them once more for each case of a test: after 950 cases the chain ends in a RecursionError.
    """
    test: Any = getattr(item, "obj", None)
    if hasattr(test, "_hypothesis_internal_use_settings"):
        test._hypothesis_internal_use_settings = BEGUN.setdefault(test, test._hypothesis_internal_use_settings)
