"""Seconds that a check takes in a process that has run it before; called by save_to_verdict.py.

python own_time.py CHECK PACKAGE
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import time
from pathlib import Path

import pytest

REPEATS = 5


class Stopwatch:
    """Sums up what collecting and running the tests of one session takes."""

    def __init__(self, check: Path) -> None:
        self.check = check
        self.seconds = 0.0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add a phase of a test."""
        self.seconds += report.duration

    @pytest.hookimpl(wrapper=True)
    def pytest_pycollect_makemodule(self, module_path: Path) -> object:
        """Add the import of the check and of the exercise."""
        module = yield
        if module_path == self.check:  # pytest looks at its neighbours too, but imports none
            start = time.perf_counter()
            module.obj  # noqa: B018 - imports it
            self.seconds += time.perf_counter() - start
        return module


def main() -> None:
    """Run the check a few times, each with fresh imports, and print the last one's seconds."""
    check, package = sys.argv[1:]
    options = ["-q", "--tb=no", "-c", os.devnull, "--rootdir", str(Path.cwd())]
    for _ in range(REPEATS):
        for name in [name for name in sys.modules if name.startswith((f"{package}.", "test_"))]:
            del sys.modules[name]
        stopwatch = Stopwatch(Path(check))
        with contextlib.redirect_stdout(io.StringIO()) as output:
            code = pytest.main([*options, check], plugins=[stopwatch])
        if code > pytest.ExitCode.TESTS_FAILED:
            sys.exit(output.getvalue())
    print(stopwatch.seconds)


if __name__ == "__main__":
    main()
