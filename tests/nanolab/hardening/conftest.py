"""The promises under attack: `pytest tests/nanolab -m hardening`, with the counts at the end.

A test takes `tally` and says what it tried, then, after its last assertion, what held.
"""

from __future__ import annotations

import math
from collections import defaultdict

import pytest


class Tally:
    """What a session tried, how much of it held, and how long it took."""

    def __init__(self):
        self.counts = defaultdict(lambda: defaultdict(int))
        self.figures = defaultdict(list)

    def add(self, what, **counts):
        """Count, by what was done: `add("attacks", tried=1, contained=1)`.

        Count what held only after the assertions that say so.
        """
        for name, number in counts.items():
            self.counts[what][name] += number

    def measured(self, what, seconds):
        """Keep a duration; figures are shown, never asserted."""
        self.figures[what].append(seconds)

    def lines(self):
        """The report: one line for each count, one for each figure."""
        for what, counts in sorted(self.counts.items()):
            names, numbers = "/".join(counts), "/".join(map(str, counts.values()))
            yield f"{what} {names}: {numbers}"
        for what, seconds in sorted(self.figures.items()):
            ordered = sorted(seconds)
            p50, p95 = (ordered[math.ceil(part * len(ordered)) - 1] for part in (0.5, 0.95))
            yield (
                f"{what}: p50 {p50 * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms, "
                f"max {ordered[-1] * 1000:.0f} ms (n={len(ordered)})"
            )


TALLY = pytest.StashKey[Tally]()


@pytest.fixture(scope="session")
def tally(request):
    """What this session tries and what holds; shown at the end."""
    return request.config.stash.setdefault(TALLY, Tally())


def pytest_terminal_summary(terminalreporter, config):
    """Print the tally, if anything was counted."""
    lines = list(config.stash.get(TALLY, Tally()).lines())
    if lines:
        terminalreporter.section("hardening")
        for line in lines:
            terminalreporter.write_line(line)
