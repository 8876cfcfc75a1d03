"""How a verdict changes what is remembered, what is open, and what survives a damaged file."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from nanolab import manifest, progress, storage
from nanolab.errors import CourseError, NewerWorkspaceError
from nanolab.progress import Entry, Progress
from nanolab.verdict import Outcome, Verdict
from nanolab.workspace import Workspace

NOON = "2026-11-21T12:00:00Z"


def stage(name, *exercises, **more):
    rows = [{"name": one, "title": one, "checks": 1} for one in exercises]
    return {"name": name, "title": name, "goal": "g", "minutes": 1, "exercises": rows, **more}


def course_of(*stages):
    data = {
        "format_version": 1,
        "title": "t",
        "package": "p",
        "upstream": {"repo": "r", "commit": "c"},
        "stages": list(stages),
    }
    return manifest.parse(data, Path("nowhere"))


def judged(exercise, outcome, sha256="1", tree="exercises"):
    return Verdict(exercise.id, tree, outcome, sha256=sha256)


def after(state, exercise, *runs):
    """The entry after runs of (outcome, sha256, minute past noon)."""
    for outcome, sha256, minute in runs:
        now = f"2026-11-21T12:{minute:02}:00Z"
        state = progress.after_verdict(state, exercise, judged(exercise, outcome, sha256), now)
    return progress.entry(state, exercise)


def passing(course, *names, reflected=()):
    state = Progress(reflections=dict.fromkeys(reflected, "answered"))
    for name in names:
        exercise = course.find(name)
        state = progress.after_verdict(state, exercise, judged(exercise, Outcome.PASSED), NOON)
    return state


COURSE = course_of(stage("01_one", "a", "b"), stage("02_two", "c"))
A, B, C = COURSE.exercises
ONE, TWO = COURSE.stages

PASSED, FAILED = Outcome.PASSED, Outcome.FAILED


# One exercise.


def test_a_pass_is_remembered_with_its_time_and_content():
    one = after(Progress(), A, (PASSED, "x", 0))
    assert one.passed
    assert one.done
    assert (one.first_passed, one.sha256) == (NOON, "x")


def test_a_pass_that_breaks_stays_a_pass_and_says_so():
    one = after(Progress(), A, (PASSED, "x", 0), (FAILED, "y", 1))
    assert one.passed
    assert one.broken
    assert (one.sha256, one.tried) == ("x", "y")
    assert not after(Progress(), A, (PASSED, "x", 0), (FAILED, "y", 1), (PASSED, "z", 2)).broken


def test_a_second_pass_keeps_the_time_of_the_first():
    one = after(Progress(), A, (PASSED, "x", 0), (PASSED, "y", 5))
    assert (one.first_passed, one.sha256) == (NOON, "y")


def test_the_same_content_again_is_no_new_attempt():
    assert after(Progress(), A, (FAILED, "x", 0), (FAILED, "x", 1), (FAILED, "y", 2)).attempts == 2


@pytest.mark.parametrize(
    ("outcome", "attempts"),
    [
        (Outcome.FAILED, 1),
        (Outcome.BROKEN, 1),
        (Outcome.TIMEOUT, 1),
        (Outcome.CRASHED, 1),
        (Outcome.UNFINISHED, 0),
        (Outcome.CANCELLED, 0),
        (Outcome.UNAVAILABLE, 0),
    ],
)
def test_what_counts_as_an_attempt(outcome, attempts):
    assert after(Progress(), A, (outcome, "x", 0)).attempts == attempts


@pytest.mark.parametrize("outcome", [Outcome.CANCELLED, Outcome.UNAVAILABLE])
def test_a_run_that_judged_nothing_breaks_nothing(outcome):
    assert not after(Progress(), A, (PASSED, "x", 0), (outcome, "y", 1)).broken


def test_the_solutions_pass_is_not_the_learners():
    verdict = judged(A, PASSED, tree="solutions")
    assert progress.after_verdict(Progress(), A, verdict, NOON) == Progress()


def test_time_at_work_is_the_time_between_runs_without_long_pauses():
    runs = [(FAILED, "x", 0), (FAILED, "y", 4), (FAILED, "z", 40), (PASSED, "w", 43)]
    assert after(Progress(), A, *runs).seconds == 7 * 60


def test_hints_count_by_the_highest_level():
    state = progress.with_hint(progress.with_hint(Progress(), A, 2), A, 1)
    assert progress.entry(state, A).hints_used == 2


def test_the_solution_is_only_noted_before_the_pass():
    assert progress.entry(progress.with_solution_seen(Progress(), A), A).solution_seen
    state = passing(COURSE, "a")
    assert progress.with_solution_seen(state, A) == state


def test_a_reset_takes_the_pass_and_keeps_the_record():
    one = progress.entry(progress.with_file(passing(COURSE, "a"), A, "of the stub"), A)
    assert not one.done
    assert one.first_passed == NOON
    assert one.attempts == 1


def test_the_content_that_passed_is_passed_when_it_comes_back():
    state = progress.with_file(passing(COURSE, "a"), A, "of the stub")
    assert progress.entry(progress.with_file(state, A, "1"), A).passed
    assert not progress.entry(progress.with_file(state, A, "2"), A).passed
    assert not progress.entry(progress.with_file(Progress(), A, ""), A).passed


def test_nothing_changes_the_value_it_was_given():
    before = Progress()
    progress.with_hint(before, A, 1)
    progress.with_skip(before, A)
    progress.with_reflection(before, ONE)
    assert before == Progress()


# Stages.


def test_a_stage_opens_when_the_one_before_is_passed_and_reflected():
    assert progress.stage_open(COURSE, Progress(), ONE)
    assert not progress.stage_open(COURSE, passing(COURSE, "a", "b"), TWO)
    assert not progress.stage_open(COURSE, passing(COURSE, "a", reflected=["01_one"]), TWO)
    assert progress.stage_open(COURSE, passing(COURSE, "a", "b", reflected=["01_one"]), TWO)


def test_skipping_opens_as_passing_does_but_is_no_pass():
    state = progress.with_skip(passing(COURSE, "a", reflected=["01_one"]), B)
    assert progress.stage_open(COURSE, state, TWO)
    assert not progress.stage_passed(state, ONE)


@pytest.mark.parametrize("middle", [stage("02_two"), stage("02_two", "c", optional=True)])
def test_a_coming_or_optional_stage_blocks_nobody_and_opens_nothing_early(middle):
    course = course_of(stage("01_one", "a"), middle, stage("03_three", "d"))
    third = course.stages[2]
    assert not progress.stage_open(course, Progress(), third)
    assert progress.stage_open(course, passing(course, "a", reflected=["01_one"]), third)


def test_a_coming_stage_is_not_passed():
    course = course_of(stage("01_one", "a"), stage("02_two"))
    assert not progress.stage_passed(Progress(), course.stages[1])


def test_a_reflection_is_due_once():
    state = passing(COURSE, "a", "b")
    assert progress.reflection_due(COURSE, Progress()) is None
    assert progress.reflection_due(COURSE, state) == ONE
    state = progress.with_reflection(state, ONE, skipped=True)
    assert progress.reflection_due(COURSE, state) is None
    assert state.reflections == {"01_one": "skipped"}


def test_an_answer_is_never_taken_back():
    state = progress.with_reflection(Progress(), ONE)
    assert progress.with_reflection(state, ONE, skipped=True) == state


# Where to go.


def test_next_is_the_first_unfinished_one_behind_then_from_the_start():
    assert progress.next_exercise(COURSE, Progress(), None) == A
    assert progress.next_exercise(COURSE, passing(COURSE, "a"), A) == B
    assert progress.next_exercise(COURSE, passing(COURSE, "b"), B) == A


def test_next_is_nothing_while_the_next_stage_is_closed():
    assert progress.next_exercise(COURSE, passing(COURSE, "a", "b"), B) is None
    assert progress.next_exercise(COURSE, passing(COURSE, "a", "b", reflected=["01_one"]), B) == C


def test_the_current_exercise_is_where_the_learner_went_else_the_next():
    assert progress.current(COURSE, Progress()) == A
    assert progress.current(COURSE, progress.with_current(Progress(), C)) == C
    assert progress.current(COURSE, Progress(current="01_one/unknown")) == A
    done = passing(COURSE, "a", "b", "c", reflected=["01_one", "02_two"])
    assert progress.current(COURSE, done) == C


def test_a_course_without_exercises_has_no_current_one():
    with pytest.raises(CourseError):
        progress.current(course_of(stage("01_one")), Progress())


# The file.


@pytest.fixture
def lab(tmp_path):
    (tmp_path / ".nanolab").mkdir()
    return Workspace(tmp_path)


FULL = replace(passing(COURSE, "a", reflected=["01_one"]), current="01_one/b", welcomed=True)


def test_what_is_saved_is_loaded(lab):
    progress.save(lab, FULL)
    assert progress.load(lab, COURSE) == (FULL, "")


def test_a_new_workspace_begins_blank(lab):
    assert progress.load(lab, COURSE) == (Progress(), "")


def test_the_file_is_small_sorted_and_of_no_machine(lab):
    progress.save(lab, FULL)
    text = lab.progress_file.read_text()
    data = json.loads(text)
    assert text == json.dumps(data, indent=2, sort_keys=True) + "\n"
    assert data["schema"] == 1
    assert "skipped" not in data["exercises"]["01_one/a"]
    assert str(lab.root) not in text


def test_saving_the_same_again_writes_nothing(lab):
    progress.save(lab, FULL)
    before = lab.progress_file.stat().st_mtime_ns
    progress.save(lab, FULL)
    assert lab.progress_file.stat().st_mtime_ns == before
    assert not storage.backup_of(lab.progress_file).exists()


def test_exercises_of_another_course_are_kept(lab):
    other = Progress(entries={"09_else/x": Entry(passed=True)})
    progress.save(lab, other)
    state, _ = progress.update(lab, COURSE, lambda kept: progress.with_hint(kept, A, 1))
    assert state.entries["09_else/x"].passed
    assert progress.load(lab, COURSE)[0].entries["09_else/x"].passed


def test_progress_follows_a_renamed_exercise(lab):
    rows = {"aliases": ["01_one/a"], "name": "new", "title": "t", "checks": 1}
    course = course_of(stage("01_one") | {"exercises": [rows]})
    progress.save(lab, passing(COURSE, "a"))
    progress.save(lab, progress.with_current(progress.load(lab, COURSE)[0], A))
    state, _ = progress.load(lab, course)
    assert progress.entry(state, course.find("new")).passed
    assert state.current == "01_one/new"


DAMAGE = {
    "empty": b"",
    "cut short": b'{"schema": 1, "exer',
    "not UTF-8": b"\xff\xfe\xfa",
    "NUL bytes": b"\0" * 500,
    "a list": b"[]",
    "no schema": b"{}",
    "schema of another type": b'{"schema": "1"}',
    "schema true": b'{"schema": true}',
    "schema zero": b'{"schema": 0}',
    "conflict marks": b'<<<<<<< ours\n{"schema": 1}\n=======\n{"schema": 1}\n>>>>>>> theirs\n',
    "exercises a list": b'{"schema": 1, "exercises": []}',
    "entry a number": b'{"schema": 1, "exercises": {"01_one/a": 3}}',
    "attempts a word": b'{"schema": 1, "exercises": {"01_one/a": {"attempts": "3"}}}',
    "passed a number": b'{"schema": 1, "exercises": {"01_one/a": {"passed": 1}}}',
    "not a number": b'{"schema": 1, "exercises": {"01_one/a": {"seconds": NaN}}}',
    "reflection a list": b'{"schema": 1, "reflections": {"01_one": []}}',
    "deep": b"[" * 100_000,
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_file_is_set_aside_and_the_one_before_restored(lab, damage):
    progress.save(lab, FULL)
    progress.save(lab, progress.with_current(FULL, C))
    lab.progress_file.write_bytes(damage)
    state, note = progress.load(lab, COURSE)
    assert state == FULL
    assert "was damaged" in note
    assert "restored" in note
    (aside,) = lab.state.glob("*.damaged-*")
    assert aside.read_bytes() == damage
    assert aside.name in note
    assert progress.load(lab, COURSE) == (FULL, "")


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_with_no_readable_version_before_it_starts_anew_and_says_so(lab, damage):
    lab.progress_file.write_bytes(damage)
    storage.backup_of(lab.progress_file).write_bytes(damage)
    state, note = progress.load(lab, COURSE)
    assert state == Progress()
    assert "starts anew" in note
    assert len(list(lab.state.glob("*.damaged-*"))) == 1


def test_a_file_that_is_gone_is_restored(lab):
    progress.save(lab, FULL)
    progress.save(lab, progress.with_current(FULL, C))
    lab.progress_file.unlink()
    state, note = progress.load(lab, COURSE)
    assert state == FULL
    assert "was gone" in note


def test_a_newer_file_is_refused_and_untouched(lab):
    newer = b'{"schema": 2, "exercises": "otherwise"}'
    lab.progress_file.write_bytes(newer)
    for use in (progress.load, lambda *given: progress.update(*given, lambda kept: kept)):
        with pytest.raises(NewerWorkspaceError) as caught:
            use(lab, COURSE)
        assert "Upgrade" in caught.value.cure
        assert caught.value.exit_code == 3
    assert lab.progress_file.read_bytes() == newer


WRITER = """
import sys
from pathlib import Path
from nanolab import progress
from nanolab.workspace import Workspace
sys.path.insert(0, sys.argv[2])
from test_progress import COURSE
def more(kept):
    exercise = COURSE.find(sys.argv[3])
    return progress.with_hint(kept, exercise, progress.entry(kept, exercise).hints_used + 1)
for _ in range(50):
    progress.update(Workspace(Path(sys.argv[1])), COURSE, more)
"""


def test_two_writers_lose_nothing_of_each_other(lab):
    here = str(Path(__file__).parent)
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(lab.root), here, name])
        for name in ("a", "a", "b")
    ]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0, 0]
    state, note = progress.load(lab, COURSE)
    assert note == ""
    assert progress.entry(state, A).hints_used == 100
    assert progress.entry(state, B).hints_used == 50


KILLED = """
import os, sys
from pathlib import Path
from nanolab import progress
from nanolab.workspace import Workspace
sys.path.insert(0, sys.argv[2])
from test_progress import COURSE, FULL, C
left = int(sys.argv[3])
def counting(call):
    def counted(*given, **more):
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), 9)
        return call(*given, **more)
    return counted
for name in ("open", "fsync", "replace", "close", "write"):
    setattr(os, name, counting(getattr(os, name)))
progress.update(Workspace(Path(sys.argv[1])), COURSE, lambda kept: progress.with_current(kept, C))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no kill -9")
@pytest.mark.parametrize("step", range(1, 14))
def test_killed_at_any_step_it_is_the_old_or_the_new(lab, step):
    progress.save(lab, FULL)
    here = str(Path(__file__).parent)
    command = [sys.executable, "-c", KILLED, str(lab.root), here, str(step)]
    ended = subprocess.run(command, check=False, timeout=60).returncode
    state, note = progress.load(lab, COURSE)
    assert note == ""
    assert state in (FULL, progress.with_current(FULL, C))
    if ended == 0:
        assert state == progress.with_current(FULL, C)


CROWDED = """
import resource, sys
from pathlib import Path
from nanolab import progress
from nanolab.errors import EnvironmentalError
from nanolab.workspace import Workspace
sys.path.insert(0, sys.argv[2])
from test_progress import COURSE, C
resource.setrlimit(resource.RLIMIT_FSIZE, (20, 20))
try:
    progress.update(Workspace(Path(sys.argv[1])), COURSE, lambda kept: progress.with_skip(kept, C))
except EnvironmentalError as error:
    print(error, error.exit_code)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit")
def test_a_full_disk_costs_nothing_that_was_there(lab):
    progress.save(lab, FULL)
    command = [sys.executable, "-c", CROWDED, str(lab.root), str(Path(__file__).parent)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert "no room to write" in done.stdout
    assert done.stdout.endswith("4\n")
    assert progress.load(lab, COURSE) == (FULL, "")
