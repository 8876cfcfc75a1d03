"""The last save is the tested one: whatever the editor and the file system do, and whenever.

A moment is one save or several in a row, each as some editor makes it; then it is quiet. At its
end the verdict that counts must speak of what the disk holds.
"""

from __future__ import annotations

import random
import time

import pytest
from hardening.labs import Lab, until
from hardening.writers import System, Writer, drive_all, sha256, version
from saves import in_place

pytestmark = pytest.mark.hardening

SYSTEMS = {
    "events": System(230),
    "a link, spaces, other scripts": System(130, folder="mein Übungs ordner 练习", link="Verweis 链接"),
    "no events": System(
        70,
        "does not announce saves",
        "from nanolab.watcher.inotify import Inotify; Inotify._add_all = lambda self: None",
    ),
    "no inotify watch left": System(
        70,
        "cannot announce saves",
        "import errno, nanolab.watcher.inotify as i; i.Inotify._add_all = "
        "lambda self: (_ for _ in ()).throw(OSError(errno.ENOSPC, 'no watch left'))",
    ),
}  # fmt: skip


@pytest.mark.timeout(300)
def test_500_moments_each_end_with_a_verdict_on_the_last_save(tmp_path, tally):
    assert sum(system.moments for system in SYSTEMS.values()) == 500
    drive_all(tmp_path, SYSTEMS, tally, "saves")


@pytest.fixture
def lab(tmp_path):
    return Lab(tmp_path)


def test_of_50_saves_in_a_second_the_last_is_tested(lab, tally):
    with lab.follow() as follower:
        writer = Writer(lab, follower, "burst")
        for _ in range(3):
            writer.moment([0.02] * 49)
    tally.add("saves", made=writer.saves, last=3, tested=3)


@pytest.mark.parametrize(("runner", "count"), [("fork", 20), ("spawn", 5)])
def test_a_newer_save_cancels_the_run_under_way(tmp_path, tally, runner, count):
    lab, dice = Lab(tmp_path, NANOLAB_RUNNER=runner), random.Random(runner)
    with lab.follow() as follower:
        writer = Writer(lab, follower, runner)
        for number in range(count):
            runs = tmp_path / f"runs{number}"
            in_place(writer.file, f"open({str(runs)!r}, 'w')\n{version(number, pause=60)}")
            until(runs.exists)
            time.sleep(dice.uniform(0, 0.2))
            before, saved = len(follower.said), time.monotonic()
            in_place(writer.file, version(number))
            ended = cancelled(follower, before)
            tally.measured(f"newer save to the end of the run before ({runner})", ended - saved)
            follower.wait(lambda: follower.tested() == sha256(version(number)), "its verdict")  # noqa: B023 - at once
    lab.assert_only(0)
    tally.add("saves", made=2 * count, last=count, tested=count)


def cancelled(follower, before):
    """When the run under way was cancelled; `before` events had been said by then."""

    def ended():
        return [
            when
            for when, event in follower.said[before:]
            if event["event"] == "run_finished" and event["verdict"]["outcome"] == "cancelled"
        ]

    follower.wait(ended, "the end of the run before")
    return ended()[0]
