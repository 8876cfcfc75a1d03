"""A thousand learners, each typing commands in some order, against a model of what must be true.

The model is a dictionary for each thing that a learner would miss. The commands are those of the
command line, called in this process on the miniature course with a runner that only looks.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import shutil
import time
from unittest import mock

import pytest
from acting import Treasure, acting, judge
from hypothesis import HealthCheck, settings
from hypothesis import strategies as some
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from nanolab import notes, progress
from nanolab.runner import job_for
from nanolab.verdict import Outcome
from nanolab.workspace import Workspace, create

SEQUENCES = 1000
STEPS = 15
# Weighed so that what hangs together meets: a pass, a reset and an undo of the same exercise.
EXERCISES = some.sampled_from(("double", "double", "double", "total", "shout"))
CONTENTS = some.sampled_from(("solution", "solution", "wrong", "other", "stub"))
SELDOM = some.sampled_from(("lose", "init", "skip", "goto", "reflect", "update"))
UPDATE = None  # in the pile of acts, in the place of an exercise


class Learner(RuleBasedStateMachine):
    """One learner. `template`, `course`, `newer` and `folder` are set by the test."""

    numbers = itertools.count()

    @initialize()
    def begin(self):
        """A fresh workspace."""
        root = self.folder / str(next(self.numbers))
        self.lab = Workspace(shutil.copytree(self.template, root, symlinks=True))
        self.stack = contextlib.ExitStack()
        self.stack.enter_context(acting(self.lab, self.course.root))
        self.files = {one.name: self.read(one.name) for one in self.course.exercises}
        self.seen = {(name, data) for name, data in self.files.items()}
        self.versions = {name: [] for name in self.files}
        self.acts = []
        self.passing = {}  # content that passed last
        self.first = {}  # and when one did for the first time
        self.minutes, self.time = itertools.count(), ""
        self.stack.enter_context(mock.patch("nanolab.cli.practise.now", self.tick))
        self.passed, self.skipped, self.hints = set(), set(), {}
        self.notes = []
        self.reflected = None

    def teardown(self):
        """At the end, everything that was ever judged or overwritten is still to be had."""
        if not hasattr(self, "lab"):
            return
        self.stack.close()
        kept = Treasure.of(self.lab, self.course).contents
        for name, contents in self.versions.items():
            assert {(name, data) for data in contents} <= kept
        shutil.rmtree(self.lab.root)

    def tick(self):
        """A clock on which no two moments are the same."""
        hours, minutes = divmod(next(self.minutes), 60)
        self.time = f"2026-11-21T{hours:02}:{minutes:02}:00Z"
        return self.time

    def read(self, name):
        """What the learner's file holds; None if it is not there."""
        path = self.lab.file(self.course.find(name))
        return path.read_bytes() if path.exists() else None

    def keep(self, name):
        """What the file holds becomes a version, unless it is the latest."""
        data = self.files[name]
        if data is not None and self.versions[name][-1:] != [data]:
            self.versions[name].append(data)

    def put(self, name, data):
        """A command puts a content in the place of what was there."""
        if self.files[name] is not None:
            self.keep(name)
            self.acts.append((name, self.files[name]))
        self.files[name] = data
        self.placed(name)

    def placed(self, name):
        """Whether an exercise counts as passed follows from the content that was put there."""
        self.passed.discard(name)
        if self.passing.get(name) == self.files[name]:
            self.passed.add(name)
        self.skipped.discard(name)

    # What a learner does.

    @rule(name=EXERCISES, what=CONTENTS)
    def work(self, name, what):
        """Edit, and judge at once."""
        self.edit(name, what)
        self.run(name)

    @rule(name=EXERCISES, what=CONTENTS)
    def give_up(self, name, what):
        """Edit, and start over without having judged it."""
        self.edit(name, what)
        self.reset(name)

    @rule(kind=SELDOM, name=EXERCISES)
    def now_and_then(self, kind, name):
        """What learners do less often."""
        act = getattr(self, kind)
        act(name) if kind in {"lose", "skip", "goto"} else act()

    @rule(name=EXERCISES, what=CONTENTS)
    def edit(self, name, what):
        """In an editor, of which nanolab knows nothing."""
        exercise = self.course.find(name)
        data = {
            "solution": self.course.solution(exercise).read_bytes(),
            "stub": self.course.stub(exercise).read_bytes(),
            "wrong": b"def %s(*given):\n    return 0\n" % name.encode(),
            "other": b"import math\n\n\ndef %s(*given):\n    return math\n" % name.encode(),
        }[what]
        self.lab.file(exercise).write_bytes(data)
        self.files[name] = data

    def lose(self, name):
        """By accident, in a file manager."""
        self.lab.file(self.course.find(name)).unlink(missing_ok=True)
        self.files[name] = None

    def init(self):
        """Puts back what is missing."""
        from nanolab.cli import start

        assert start.init(self.lab.root) == 0
        for name, data in self.files.items():
            if data is None:
                self.files[name] = self.course.stub(self.course.find(name)).read_bytes()

    @rule(name=EXERCISES)
    def run(self, name):
        """Judges, keeps the version, and remembers a pass."""
        from nanolab.cli import practise
        from nanolab.errors import MissingFileError

        if self.files[name] is None:
            with pytest.raises(MissingFileError):
                practise.run(name)
            return
        exercise = self.course.find(name)
        verdict = judge(job_for(self.course, exercise, self.lab.file(exercise)))
        assert practise.run(name) == (0 if verdict.passed else 1)
        self.keep(name)
        if verdict.outcome is Outcome.PASSED:
            self.passed.add(name)
            self.passing[name] = self.files[name]
            self.first.setdefault(name, self.time)

    @rule(name=EXERCISES)
    def reset(self, name):
        """The stub again."""
        from nanolab.cli import keep

        stub = self.course.stub(self.course.find(name)).read_bytes()
        assert keep.reset(name, yes=True) == 0
        if self.files[name] != stub:
            self.put(name, stub)
        elif name in self.passed:
            self.placed(name)

    @rule(name=EXERCISES, data=some.data())
    def restore(self, name, data):
        """A version again."""
        from nanolab.cli import keep

        if not self.versions[name]:
            return
        number = data.draw(some.integers(1, len(self.versions[name])))
        content = self.versions[name][number - 1]
        assert keep.restore(f"{name}@{number}", yes=True) == 0
        if self.files[name] != content:
            self.put(name, content)
        elif name in self.passed:
            self.placed(name)

    @rule()
    def undo(self):
        """The latest act is taken back."""
        from nanolab.cli import keep

        assert keep.undo() == 0
        if not self.acts:
            return
        name, before = self.acts.pop()
        if name is UPDATE:
            for one in before:
                if self.files[one] == self.course.stub(self.course.find(one)).read_bytes():
                    self.files[one] = None
            return
        self.keep(name)
        self.files[name] = before
        self.placed(name)

    @rule(name=EXERCISES, levels=some.lists(some.integers(1, 3), min_size=1, max_size=2))
    def hint(self, name, levels):
        """The highest hint is remembered."""
        from nanolab.cli import glance

        for level in levels:
            assert glance.hint(name, level=level, yes=True) == 0
        self.hints[name] = max([*levels, self.hints.get(name, 0)])

    @rule(text=some.text('abc \n\\"é', min_size=1).filter(str.strip))
    def note(self, text):
        """A thought is kept."""
        from nanolab.cli import think

        assert think.note([text]) == 0
        self.notes.append(text.strip())

    def skip(self, name):
        """Passed by."""
        from nanolab.cli import practise

        assert practise.skip(name) == 0
        self.skipped.add(name)

    def goto(self, name):
        """Somewhere else."""
        from nanolab.cli import practise

        assert practise.goto(name) == 0

    def reflect(self):
        """Questions passed by."""
        from nanolab.cli import think

        assert think.reflect("1", skip=True) == 0
        self.reflected = "skipped"

    def update(self):
        """To the course that is there already: nothing happens but to a file that is missing."""
        from nanolab.cli import renew

        before = dict(self.files)
        assert renew.update() == 0
        missing = [name for name, data in before.items() if data is None]
        for name in missing:
            self.files[name] = self.course.stub(self.course.find(name)).read_bytes()
        if missing:
            self.acts.append((UPDATE, missing))

    # What is true after each step.

    @invariant()
    def all_is_as_it_should_be(self):
        """Files, passes, hints, notes and answers."""
        if not hasattr(self, "lab"):
            return
        assert {name: self.read(name) for name in self.files} == self.files
        state, told = progress.load(self.lab, self.course)
        assert told == ""
        for one in self.course.exercises:
            entry = progress.entry(state, one)
            assert entry.passed == (one.name in self.passed), one.name
            assert entry.skipped == (one.name in self.skipped), one.name
            assert entry.first_passed == self.first.get(one.name, ""), one.name
            assert entry.hints_used == self.hints.get(one.name, 0)
            if one.name in self.passing:
                assert entry.sha256 == hashlib.sha256(self.passing[one.name]).hexdigest()
        assert [note.text for note in notes.load(self.lab)] == self.notes
        assert state.reflections.get("01_numbers") == self.reflected


@pytest.mark.hardening
@pytest.mark.timeout(600)
def test_a_thousand_sequences_of_commands_do_what_the_model_says(
    memory_path, mini, monkeypatch, tally
):
    monkeypatch.setattr("os.fsync", lambda _: None)
    monkeypatch.setattr("nanolab.manifest.load", lambda *_: mini)
    template = create(memory_path / "template", mini)
    shutil.rmtree(template.root / ".git")
    monkeypatch.setattr("nanolab.workspace._init_git", lambda _: None)
    began = time.perf_counter()
    ran = itertools.count()

    class Counted(Learner):
        def teardown(self):
            super().teardown()
            next(ran)

    Counted.template, Counted.course, Counted.folder = template.root, mini, memory_path
    run_state_machine_as_test(
        Counted,
        settings=settings(
            max_examples=SEQUENCES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    count = next(ran)
    assert count >= SEQUENCES
    tally.add("sequences of commands", tried=count, held=count)
    tally.measured("a sequence of commands", (time.perf_counter() - began) / count)
