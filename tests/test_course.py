"""The course checks itself: `nanolab dev check` on the real one."""

import os
import sys
from pathlib import Path

import pytest

from nanolab import manifest
from nanolab.dev import proof

ROOT = Path(__file__).parent.parent


@pytest.mark.timeout(1800)
def test_the_course_is_in_order(capsys):
    found = proof.check(manifest.load(ROOT), jobs=min(os.cpu_count() or 1, 8), progress=print)
    with capsys.disabled():
        sys.stdout.writelines(
            f"\n{one.stage}: {one.rejected}/{one.wrongs} wrong answers rejected"
            for one in found.tallies
        )
    assert [f"{one.where} {one.rule}: {one.what}" for one in found.findings] == []
    assert sum(tally.wrongs for tally in found.tallies) > 0
    assert all(tally.rejected == tally.wrongs for tally in found.tallies)
