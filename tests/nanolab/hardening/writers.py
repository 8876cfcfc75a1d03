"""Somebody who saves, at random times, as random editors do, and waits for the verdict."""

from __future__ import annotations

import hashlib
import random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from hardening.labs import Lab
from saves import (
    as_emacs,
    as_vim,
    atomically,
    in_pieces,
    in_place,
    on_a_coarse_clock,
    with_a_gap,
)

EDITORS = (in_place, atomically, as_vim, as_emacs, in_pieces, on_a_coarse_clock, with_a_gap)


@dataclass(frozen=True)
class System:
    """A kind of file system.

    Attributes:
        moments: How often it is quiet, each time after a save or several.
        notice: What the learner is told about it; empty for nothing, None if it depends.
        before: What is done to nanolab first.
        folder: Name of the workspace.
        link: Name of a link to it by which the learner comes there.
        variables: Environment of nanolab.
    """

    moments: int
    notice: str | None = ""
    before: str = "pass"
    folder: str = "lab"
    link: str = ""
    variables: dict = field(default_factory=dict)


def version(number, pause=0.0):
    """An answer of always the same size; a wrong one, since after a right one watch moves on."""
    return (
        f"import time\n\ntime.sleep({pause:.3f})\nnumber = 1{number:06d}\n\n\n"
        "def double(number):\n    return number * 7\n"
    )


def sha256(text):
    """Of a text as it stands on disk."""
    return hashlib.sha256(text.encode()).hexdigest()


class Writer:
    """Saves the current exercise; what is random is drawn from a seed."""

    def __init__(self, lab, follower, seed):
        self.file = lab.file("double")
        self.follower = follower
        self.dice = random.Random(seed)
        self.saves = 0
        self.sha256 = sha256(self.file.read_text())

    def moment(self, gaps):
        """Save once, and again after each gap; seconds from the last save to its verdict."""
        self.follower.wait(lambda: self.follower.tested() == self.sha256, "the same verdict still")
        editors = []
        for gap in (*gaps, None):
            pause = self.dice.choice((0, 0, 0, 0.1)) if gap is None else 0.3
            text = version(self.saves, pause)
            self.sha256 = sha256(text)
            editors.append(self.dice.choice(EDITORS))
            self.saves += 1
            saved = time.monotonic()
            editors[-1](self.file, text)
            time.sleep(gap or 0)
        seen = self.follower.wait(
            lambda: self.follower.tested() == self.sha256,
            f"the verdict on save {self.saves}, as {[one.__name__ for one in editors]} {gaps}",
        )
        assert sha256(self.file.read_text()) == self.sha256
        return seen - saved - pause

    def gaps(self):
        """The gaps of a moment in seconds: mostly none, since most saves stand alone."""
        count = self.dice.choice((0, 0, 0, 0, 1, 1, 2, 4))
        return [self.dice.choice((0, 0.001, 0.01, 0.03, 0.08, 0.2)) for _ in range(count)]


def drive_all(folder, systems, tally, what):
    """All moments of several kinds of file system at once, since most of the time is waiting."""
    with ThreadPoolExecutor(len(systems)) as pool:
        driven = {}
        for number, (name, system) in enumerate(systems.items()):
            place = folder / str(number)
            place.mkdir()
            driven[name] = pool.submit(_drive, place, name, system, tally)
        for name, end in driven.items():
            saves, last = end.result(), systems[name].moments
            tally.add(what, made=saves, last=last, tested=last)


def _drive(folder, name, system, tally):
    """All moments of one kind; how many saves that were."""
    lab = Lab(folder, system.folder, **system.variables)
    if system.link:
        lab.at = folder / system.link
        lab.at.symlink_to(lab.workspace.root, target_is_directory=True)
    with lab.follow(system.before) as follower:
        writer = Writer(lab, follower, name)
        for _ in range(system.moments):
            tally.measured(f"save to verdict, {name}", writer.moment(writer.gaps()))
            time.sleep(writer.dice.choice((0, 0, 0.02)))
        notices = {event["message"] for _, event in follower.said if event["event"] == "notice"}
    lab.assert_only(0)
    about_saves = " ".join(one for one in notices if "announce" in one)
    if system.notice is not None:
        assert system.notice in about_saves
        assert bool(about_saves) == bool(system.notice), about_saves
    return writer.saves
