"""The loop: from a save to what is shown and kept, with a runner that needs no process."""

import hashlib
import io
import json
import queue
import shutil
import sys
import threading
from contextlib import suppress
from dataclasses import replace

import pytest
import screens

from nanolab import notes
from nanolab import progress as learner
from nanolab.config import Config
from nanolab.history import History
from nanolab.loop import acts, opening
from nanolab.loop.hops import Loop
from nanolab.loop.keeper import merged
from nanolab.loop.lines import Lines
from nanolab.loop.ndjson import Ndjson
from nanolab.loop.scenes import Scenes
from nanolab.progress import Entry, Progress
from nanolab.runner import Judged
from nanolab.session.events import Answered, Ended, Interrupted, Key, Warned
from nanolab.verdict import Outcome, Verdict
from nanolab.watcher import sha256_of

LONG = 10  # seconds: far longer than anything here takes
NOW = "2026-11-21T10:00:00Z"


@pytest.fixture
def watch(mini, workspace, fake_runner):
    """`watch(*steps)`: a watch in lines; each step waits for a text, then acts.

    Ends with Ctrl-C after the last step. Gives the exit code and everything that was written.
    """

    def play(*steps, runner=fake_runner, course=mini, json_lines=False, **changes):
        heard, written = queue.SimpleQueue(), []

        def write(text):
            written.append(text)
            heard.put(text)

        lines = Lines(screens.look(), Scenes(course, workspace), write)
        face = Ndjson(workspace.file, write) if json_lines else lines
        loop = Loop(course, workspace, runner, face)

        def act():
            code = Ended(99)  # unless every step came to its turn
            try:
                for wanted, action in steps:
                    while wanted not in heard.get(timeout=LONG):
                        pass
                    action(loop)
                code = Interrupted()
            finally:
                loop.events.put(code)
                loop.events.put(code)  # the first one may only stop a run

        threading.Thread(target=act, daemon=True).start()
        session = replace(opening(course, workspace, Config()), auto=True, plain=True, **changes)
        return loop.run(session), "".join(written)

    return play


@pytest.fixture
def solves(mini, workspace, solve):
    """`solves(0)`: an action that writes the solution of the first exercise."""
    return lambda number: lambda _loop: solve(workspace, mini, mini.exercises[number])


def nothing(_loop):
    """An action for steps that only wait."""


# From a save to what is kept.


def test_a_save_is_judged_shown_and_kept(watch, mini, workspace, solves):
    code, text = watch(("Not finished", solves(0)), ("double ✓ Passed", nothing))

    assert code == 130
    progress, _ = learner.load(workspace, mini)
    assert learner.entry(progress, mini.exercises[0]).passed
    assert "Next: exercises/01_numbers/total.py" in text


def test_every_tested_version_is_kept(watch, mini, workspace, fake_runner, solves):
    double, judge = mini.exercises[0], fake_runner.judge
    fake_runner.judge = lambda job: replace(judge(job), sha256=sha256_of(job.file))

    watch(("Not finished", solves(0)), ("Next:", nothing))

    versions = History(workspace).versions(double)
    assert [one.note.partition(",")[0] for one in versions] == ["unfinished", "passed"]
    assert History(workspace).read(double, 2) == workspace.file(double).read_bytes()


def test_a_damaged_history_is_set_aside_and_said(watch, mini, workspace, fake_runner, solves):
    judge = fake_runner.judge
    fake_runner.judge = lambda job: replace(judge(job), sha256=sha256_of(job.file))
    workspace.history_dir.write_text("not a store")

    _, text = watch(("The history was damaged", solves(0)), ("Next:", nothing))

    assert "history.git.damaged-" in text
    assert [one.number for one in History(workspace).versions(mini.exercises[0])] == [1, 2]


def test_the_screen_is_drawn_before_the_disk_is_written_and_that_before_the_next_event(
    mini, workspace, fake_runner, solve
):
    seen = []

    class Face:
        """Notes what the progress file says at each call."""

        def open(self):
            solve(workspace, mini, mini.exercises[0])

        def tell(self, _before, after, event):
            seen.append(("tell", kept()))
            if after.passed and event is not None:
                loop.events.put(Interrupted())

        def show(self, session):
            seen.append(("show", kept()))
            return session

        def forget(self):
            """Not called here."""

        def close(self):
            """Nothing to put back."""

    def kept():
        return learner.entry(learner.load(workspace, mini)[0], mini.exercises[0]).passed

    loop = Loop(mini, workspace, fake_runner, Face())
    loop.run(opening(mini, workspace, Config()))

    first_kept = seen.index(("tell", True))
    assert seen[first_kept - 1] == ("show", False)


def test_the_last_save_wins_whatever_is_under_way(watch, mini, workspace, solves):
    slow = SlowRunner()
    double = workspace.file(mini.exercises[0])

    def save_twice(loop):
        double.write_text("def double(number):\n    return number\n")
        slow.wait_for(2)
        solves(0)(loop)
        slow.go.set()

    _, text = watch(("Watching", save_twice), ("double ✓ Passed", nothing), runner=slow)

    assert "double ✗" not in text
    assert slow.jobs[-1] != slow.jobs[-2]


def test_a_file_that_is_gone_is_said_so_with_the_cure(watch, mini, workspace):
    workspace.file(mini.exercises[0]).unlink()

    _, text = watch(("double.py is missing", nothing))

    assert "`nanolab reset double` brings it back, or rename yours" in text


def test_what_the_machine_does_not_have_is_said_with_its_cure(watch, mini, fake_runner):
    first, *others = mini.stages
    double = replace(first.exercises[0], needs=("absent",))
    stage = replace(first, exercises=(double, *first.exercises[1:]))

    _, text = watch(("cannot run", nothing), course=replace(mini, stages=(stage, *others)))

    assert "pip install no-such-module-anywhere" in text
    assert fake_runner.jobs == []


def test_progress_that_cannot_be_written_is_said_once_and_the_watch_goes_on(
    watch, workspace, solves
):
    workspace.progress_file.unlink(missing_ok=True)

    def block(_loop):
        while not workspace.progress_file.is_dir():  # the loop may be writing it just now
            workspace.progress_file.unlink(missing_ok=True)
            with suppress(FileExistsError):
                workspace.progress_file.mkdir()
        solves(0)(_loop)

    code, text = watch(("Not finished", block), ("total ○", nothing))

    assert code == 130
    assert text.count("progress.json") == 1


def test_a_second_watch_looks_and_writes_nothing(watch, mini, workspace, solves):
    learner.save(workspace, Progress(current=mini.exercises[0].id))
    before = workspace.progress_file.read_bytes()

    watch(("Not finished", solves(0)), ("Passed", nothing), read_only=True)

    assert workspace.progress_file.read_bytes() == before
    assert not workspace.history_dir.exists()
    assert "process 4711" in opening(mini, workspace, Config(), other=4711).notice


def test_what_another_process_writes_is_neither_lost_nor_unseen(watch, mini, workspace, solves):
    double, total, _ = mini.exercises

    def hint_elsewhere(_loop):
        learner.update(workspace, mini, lambda kept: learner.with_hint(kept, total, 2))
        learner.update(workspace, mini, lambda kept: learner.with_current(kept, total))

    watch(("Not finished", hint_elsewhere), ("total ○", solves(0)), ("double ✓", nothing))

    progress, _ = learner.load(workspace, mini)
    assert learner.entry(progress, total).hints_used == 2
    assert learner.entry(progress, double).passed
    assert progress.current == total.id


def test_two_changes_of_one_progress_are_both_kept(mini):
    double, total, shout = (one.id for one in mini.exercises)
    base = Progress(double, {double: Entry(attempts=1)})
    mine = replace(base, entries={double: Entry(attempts=2), total: Entry(passed=True)})
    theirs = replace(
        base, current=shout, entries={double: Entry(attempts=9), shout: Entry(skipped=True)}
    )

    both = merged(base, mine, theirs)

    assert both.current == shout
    assert both.entries == {
        double: Entry(attempts=2), total: Entry(passed=True), shout: Entry(skipped=True),
    }  # fmt: skip


# Lines and keys.


def test_a_stage_that_ends_says_how_the_next_one_opens(watch, mini, workspace, solves):
    def reflect(_loop):
        learner.update(workspace, mini, lambda kept: learner.with_reflection(kept, mini.stages[0]))

    _, text = watch(
        ("Not finished", solves(0)),
        ("total ○", solves(1)),
        ("`nanolab reflect 1` opens the next", reflect),
        ("shout ○", nothing),
    )

    assert "Next: exercises/02_words/shout.py" in text


def test_a_hint_can_be_asked_for_in_lines_and_other_keys_mean_nothing(watch):
    code, text = watch(
        ("Not finished", lambda loop: [loop.events.put(Key(key)) for key in "tlxh"]),
        ("How many times", lambda loop: loop.events.put(Key("q"))),
    )

    assert code == 0
    assert "shipped" not in text  # x asks to reset, and no screen shows the question


def test_a_name_chooses_where_to_begin(mini, workspace):
    session = opening(mini, workspace, Config(advance="auto", editor="vi"), "shout")

    assert session.current == mini.exercises[2]
    assert session.progress.current == "02_words/shout"
    assert (session.auto, session.editor) == (True, True)


# JSON.


def test_programs_read_one_object_a_line(watch, solves):
    _, text = watch(("idle", solves(0)), ("moved", nothing), ("idle", nothing), json_lines=True)

    objects = [json.loads(line) for line in text.splitlines()]
    first = objects[0]
    assert (first["event"], first["schema"], first["read_only"]) == ("watch_started", 1, False)
    names = [one["event"] for one in objects]
    checks = ["check"] * 3
    assert names[1:] == [
        "run_started", *checks, "run_finished", "idle",
        "run_started", *checks, "run_finished", "exercise_passed", "moved",
        "run_started", "notice", *checks, "run_finished", "idle",
    ]  # fmt: skip
    passed = objects[names.index("exercise_passed") - 1]
    assert passed["verdict"]["outcome"] == "passed"
    assert passed["current"]


def test_programs_learn_of_a_stage_that_is_passed(watch, solves):
    _, text = watch(
        ("idle", solves(0)), ("moved", nothing), ("idle", solves(1)), ("stage_passed", nothing),
        json_lines=True,
    )  # fmt: skip

    assert '{"event": "stage_passed", "stage": "01_numbers"}' in text


# What keys set going.


def test_a_reset_is_undone(mini, workspace):
    double = mini.exercises[0]
    file = workspace.file(double)
    file.write_text("mine = 1\n")

    done = acts.reset(mini, workspace, double, NOW)
    assert file.read_bytes() == mini.stub(double).read_bytes()
    assert done.files == ((double, sha256_of(file)),)
    assert done.undo == "reset double"

    undone = acts.undo(mini, workspace, NOW)
    assert file.read_text() == "mine = 1\n"
    assert undone.files == ((double, sha256_of(file)),)
    assert acts.undo(mini, workspace, NOW).notice == "There is nothing to undo."


def test_a_reset_and_an_undo_on_a_damaged_history_say_so(mini, workspace):
    double = mini.exercises[0]
    for act in (
        lambda: acts.reset(mini, workspace, double, NOW),
        lambda: acts.undo(mini, workspace, NOW),
    ):
        shutil.rmtree(workspace.history_dir, ignore_errors=True)
        workspace.history_dir.write_text("not a store")
        workspace.file(double).write_text("mine = 1\n")

        assert "The history was damaged" in act().notice


def test_a_reset_of_an_untouched_file_does_nothing(mini, workspace):
    assert acts.reset(mini, workspace, mini.exercises[0], NOW).undo == ""
    assert not workspace.history_dir.exists()


@pytest.mark.parametrize(
    ("editor", "in_terminal"),
    [("vim", True), ("/usr/bin/nano -l", True), ("code -w", False), ("'/opt/my code/subl'", False)],
)
def test_an_editor_in_the_terminal_gets_it_for_itself(editor, in_terminal):
    assert acts.is_in_terminal(editor) == in_terminal


def test_the_editor_gets_the_file(tmp_path):
    file = tmp_path / "hello.py"
    script = "import sys; open(sys.argv[1], 'w').write('edited')"

    assert acts.edit(f'{sys.executable} -c "{script}"', file, wait=True) is None
    assert file.read_text() == "edited"


def test_an_editor_that_does_not_start_is_named(tmp_path):
    warning = acts.edit("no-such-editor-anywhere", tmp_path, wait=False)

    assert isinstance(warning, Warned)
    assert "no-such-editor-anywhere" in warning.notice


@pytest.mark.parametrize(
    ("typed", "answered"),
    [
        ("zero\n\n", Answered("stage", skipped=False)),
        ("\n\n", Answered("stage", skipped=True)),
        ("zero\n", None),  # the input ends: Ctrl-D
    ],
)
def test_questions_are_asked_one_by_one(mini, workspace, monkeypatch, typed, answered):
    stage = mini.stages[0]
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))

    result = acts.ask(mini, workspace, stage, NOW)

    assert result == (answered and replace(answered, stage=stage))
    answers = [(note.question, note.text) for note in notes.load(workspace)]
    assert answers == ([(1, "zero")] if "zero" in typed else [])


class SlowRunner:
    """Judges what the file held when the run began, and only once `go` is set."""

    def __init__(self):
        self.go = threading.Event()
        self.jobs = []
        self._begun = threading.Condition()

    def warm_up(self, _preload=()):
        """Nothing is cold here."""

    def cancel(self):
        """Its runs end by themselves."""

    def wait_for(self, runs):
        """Wait until that many runs have begun."""
        with self._begun:
            assert self._begun.wait_for(lambda: len(self.jobs) >= runs, LONG)

    def start(self, job, emit):
        """Hold the run up."""
        source = job.file.read_bytes()
        passed = source == job.solution.read_bytes()
        with self._begun:
            self.jobs.append(source)
            self._begun.notify_all()
        verdict = Verdict(
            job.exercise.id, "exercises", Outcome.PASSED if passed else Outcome.FAILED,
            total=job.exercise.checks, sha256=hashlib.sha256(source).hexdigest(),
        )  # fmt: skip

        def finish():
            self.go.wait(LONG)
            emit(Judged(job, verdict))

        threading.Thread(target=finish, daemon=True).start()
