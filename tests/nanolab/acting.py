"""A learner who types commands and edits files, in this process and quickly: for tests of state."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from nanolab import notes, progress
from nanolab.history import History
from nanolab.verdict import Check, Outcome, Verdict


def judge(job):
    """Passed like the solution, unfinished like the stub, else failed; by the words in the file."""
    source = job.file.read_bytes()
    outcome = Outcome.FAILED
    if b"raise NotImplementedError" in source:
        outcome = Outcome.UNFINISHED
    elif source.splitlines()[-1:] == job.solution.read_bytes().splitlines()[-1:]:
        outcome = Outcome.PASSED
    total = job.exercise.checks
    checks = tuple(Check(f"test_{number}", f"check {number}", outcome) for number in range(total))
    sha256 = hashlib.sha256(source).hexdigest()
    return Verdict(job.exercise.id, job.tree, outcome, checks, total, sha256=sha256)


class QuickRunner:
    """`nanolab.runner.Runner` without a process."""

    def __init__(self, **_):
        self.run = judge

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


@contextlib.contextmanager
def acting(lab, course_root):
    """In the workspace, with that course, a quick runner, and nobody at the terminal."""
    here, on_term = Path.cwd(), signal.getsignal(signal.SIGTERM)
    streams = sys.stdin, sys.stdout, sys.stderr
    variables = {"NANOLAB_COURSE": str(course_root), "NANOLAB_COLOR": "never", "NANOLAB_DEBUG": ""}
    os.chdir(lab.root)
    sys.stdin = io.StringIO()
    sys.stdout, sys.stderr = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
    try:
        with (
            mock.patch.dict(os.environ, variables),
            mock.patch("nanolab.runner.Runner", QuickRunner),
        ):
            yield
    finally:
        sys.stdin, sys.stdout, sys.stderr = streams
        signal.signal(signal.SIGTERM, on_term)
        os.chdir(here)


def command(lab, course_root, *words):
    """The exit code of a command line, run in this process."""
    from nanolab.cli import edge

    with acting(lab, course_root):
        return edge.run([str(word) for word in words])


@dataclass(frozen=True)
class Treasure:
    """All that a learner would miss: what was typed, and what was earned."""

    contents: frozenset  # (exercise, content): in the file, or among its versions
    passes: frozenset  # (exercise, time of the first pass)
    hints: frozenset
    notes: tuple
    reflections: frozenset

    @classmethod
    def of(cls, lab, course):
        """What there is, read by a process that comes fresh to it."""
        state, told = progress.load(lab, course)
        assert "starts anew" not in told
        history = History(lab)
        contents = set()
        for one in course.exercises:
            if lab.file(one).exists():
                contents.add((one.name, lab.file(one).read_bytes()))
            for version in history.versions(one):
                contents.add((one.name, history.read(one, version.number)))
        return cls(
            frozenset(contents),
            frozenset((id_, one.first_passed) for id_, one in state.entries.items()) - {("", "")},
            frozenset((id_, one.hints_used) for id_, one in state.entries.items()),
            tuple(note.text for note in notes.load(lab)),
            frozenset(state.reflections.items()),
        )

    def assert_kept_in(self, later):
        """Nothing of this is missing later."""
        assert self.contents <= later.contents
        passes = dict(later.passes)
        for id_, when in self.passes:
            assert not when or passes.get(id_) == when, "a first pass is forgotten"
        hints = dict(later.hints)
        assert all(hints.get(id_, 0) >= level for id_, level in self.hints)
        assert later.notes[: len(self.notes)] == self.notes
        assert self.reflections <= later.reflections
