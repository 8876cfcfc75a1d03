"""Many exercises at once: order, exit codes, and the report in every format."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import xmlschema

from nanolab.errors import EnvironmentalError, NanolabError, UsageError, WorkspaceError
from nanolab.verdict import Check, Diagnosis, Frame, Outcome, Verdict
from nanolab.verify import Report, exercism, github, jobs_for, lines, verify
from nanolab.verify.junit import junit
from nanolab.views.look import ASCII, Look

NOW = "2026-11-21T10:00:00Z"


class Fake:
    """A judge that asks a function; `cancel` wakes whoever waits for `cancelled`."""

    def __init__(self, judge):
        self.judge = judge
        self.cancelled = threading.Event()
        self.closed = False

    def run(self, job):
        """What the function says."""
        return self.judge(job)

    def cancel(self):
        """Remember it."""
        self.cancelled.set()

    def close(self):
        """Remember it."""
        self.closed = True


def verdict(job, outcome=Outcome.PASSED, **fields):
    return Verdict(job.exercise.id, job.tree, outcome, total=job.exercise.checks, **fields)


def verified(course, workspace, judge, size=2, on_verdict=lambda *_: None):
    jobs = jobs_for(course, workspace, course.exercises, {})
    return verify(course, jobs, size, on_verdict, lambda: Fake(judge))


def report(*verdicts, faults=(), interrupted=False):
    return Report(len(verdicts) + len(faults), verdicts, faults, interrupted)


def test_verdicts_come_in_course_order_however_long_each_takes(mini, workspace):
    waits = iter((0.2, 0.0, 0.05))
    pauses = {one.id: next(waits) for one in mini.exercises}

    def slow(job):
        time.sleep(pauses[job.exercise.id])
        return verdict(job)

    told = []
    done = verified(mini, workspace, slow, 3, lambda _, one: told.append(one.exercise))
    assert told == [one.id for one in mini.exercises]
    assert [one.exercise for one in done.verdicts] == told
    assert done.exit_code == 0


def test_two_runners_work_side_by_side(mini, workspace):
    meeting = threading.Barrier(2, timeout=5)

    def both(job):
        if job.exercise.name != "shout":
            meeting.wait()  # breaks if the other never comes
        return verdict(job)

    assert verified(mini, workspace, both, 2).exit_code == 0


def test_every_runner_is_closed(mini, workspace):
    made = []

    def open_judge():
        made.append(Fake(verdict))
        return made[-1]

    jobs = jobs_for(mini, workspace, mini.exercises, {})
    verify(mini, jobs, 8, lambda *_: None, open_judge)
    assert len(made) == 3, "no more runners than jobs"
    assert all(one.closed for one in made)


def test_nothing_selected_is_wrong_usage(mini, workspace):
    with pytest.raises(UsageError):
        jobs_for(mini, workspace, (), {})


def test_a_missing_file_is_a_finding(mini, workspace):
    workspace.file(mini.find("total")).unlink()
    done = verified(mini, workspace, verdict)
    assert [one.outcome for one in done.verdicts][1] is Outcome.BROKEN
    assert "nanolab reset total" in done.verdicts[1].reason
    assert done.exit_code == 1


def test_the_solutions_need_no_workspace(mini):
    done = verified(mini, None, verdict)
    assert {one.tree for one in done.verdicts} == {"solutions"}


def test_what_needs_something_missing_is_unavailable_and_not_run(mini, workspace):
    double = replace(mini.stages[0].exercises[0], needs=("absent",))
    stage = replace(mini.stages[0], exercises=(double,))
    course = replace(mini, stages=(stage,))
    done = verified(course, workspace, lambda _: pytest.fail("it was run"))
    assert done.verdicts[0].outcome is Outcome.UNAVAILABLE
    assert "pip install no-such-module-anywhere" in done.verdicts[0].reason
    assert done.exit_code == 4


@pytest.mark.parametrize(
    ("error", "code"),
    [(EnvironmentalError("no fork"), 4), (WorkspaceError("gone"), 3), (ValueError("oops"), 5)],
)
def test_an_error_in_one_run_is_kept_and_the_others_go_on(mini, workspace, error, code):
    def judge(job):
        if job.exercise.name == "double":
            raise error
        return verdict(job)

    done = verified(mini, workspace, judge)
    assert [one.exercise for one in done.verdicts] == ["01_numbers/total", "02_words/shout"]
    assert str(error) in str(done.faults[0])
    assert done.exit_code == code


@pytest.mark.parametrize(
    ("outcomes", "faults", "code"),
    [
        ([Outcome.PASSED], (), 0),
        ([Outcome.PASSED, Outcome.FAILED], (), 1),
        ([Outcome.UNFINISHED], (), 1),
        ([Outcome.TIMEOUT, Outcome.UNAVAILABLE], (), 4),
        ([Outcome.FAILED], (WorkspaceError("x"),), 3),
        ([Outcome.UNAVAILABLE], (WorkspaceError("x"), NanolabError("x")), 5),
    ],
)
def test_the_gravest_gives_the_exit_code(outcomes, faults, code):
    verdicts = [Verdict("01_numbers/double", "exercises", outcome) for outcome in outcomes]
    assert report(*verdicts, faults=faults).exit_code == code


def test_ctrl_c_leaves_a_partial_report_and_cancels_the_rest(mini, workspace):
    made = []

    def open_judge():
        made.append(Fake(judge))
        return made[-1]

    def judge(job):
        if job.exercise.name != "double":
            assert made[0].cancelled.wait(5)
            return verdict(job, Outcome.CANCELLED)
        return verdict(job)

    def press_ctrl_c(*_):
        raise KeyboardInterrupt

    jobs = jobs_for(mini, workspace, mini.exercises, {})
    done = verify(mini, jobs, 1, press_ctrl_c, open_judge)
    assert [one.exercise for one in done.verdicts] == ["01_numbers/double"]
    assert done.exit_code == 130
    assert lines.total_line(done) == "1 of 3 exercises pass. 2 were not judged."


# The formats, on one report with everything in it.

FRAME = Frame("/w/exercises/01_numbers/double.py", 12, "double", "return number + 2")
FAILED = Verdict(
    "01_numbers/double",
    "exercises",
    Outcome.FAILED,
    (
        Check("test_one_becomes_two", "One becomes two.", Outcome.PASSED, seconds=0.001),
        Check("test_x", "A, B: 50%", Outcome.FAILED, "twice\n::error::no", "4", "5", "", (FRAME,)),
    ),
    total=3,
    output="hello\x00\x1b[2J\n::warning::mine\n",
    diagnosis=Diagnosis("adds_two", "adds two"),
    seconds=0.25,
)
PASSED = Verdict("01_numbers/total", "exercises", Outcome.PASSED, FAILED.checks[:1], total=1)
BROKEN = Verdict("02_words/shout", "exercises", Outcome.BROKEN, reason="SyntaxError: <&> at 3")
EVERYTHING = report(FAILED, PASSED, BROKEN)


def test_junit_is_valid():
    schema = xmlschema.XMLSchema(Path(__file__).with_name("junit.xsd"))
    schema.validate(junit(EVERYTHING, NOW).decode())
    schema.validate(junit(report(), NOW).decode())


def test_junit_counts_what_it_shows():
    root = ET.fromstring(junit(EVERYTHING, NOW))
    shown = [[suite.get(key) for key in ("name", "tests", "failures", "errors")] for suite in root]
    assert shown == [
        ["01_numbers/double", "2", "1", "0"],
        ["01_numbers/total", "1", "0", "0"],
        ["02_words/shout", "1", "0", "1"],
    ]
    assert root[0].get("timestamp") == "2026-11-21T10:00:00"
    assert "double.py:12" in root[0].find("testcase/failure").text
    assert root[0].find("system-out").text == "hello\n::warning::mine\n"


def test_github_annotates_the_line_and_escapes_everything():
    said = github.commands(FAILED, Path("/w/exercises/01_numbers/double.py"), Path("/w"))
    rows = said.splitlines()
    assert rows[0] == "::group::01_numbers/double: failed, 1 of 3 checks"
    assert rows[-1] == (
        "::error file=exercises/01_numbers/double.py,line=12,title=01_numbers/double%3A failed"
        "::A, B: 50%25: twice%0A::error::no%0AYour code adds two."
    )
    commands = [row for row in rows if row.startswith("::")]
    assert len(commands) == 3, "what the learner prints is no command"
    assert "\x1b" not in said


def test_github_puts_a_table_into_the_summary():
    table = github.summary(EVERYTHING)
    assert "1 of 3 exercises pass" in table
    assert "| `02_words/shout` | 0/0 | SyntaxError: &lt;&amp;> at 3 |" in table


def test_json_speaks_exercism(mini):
    data = json.loads(json.dumps(exercism.report_fields(mini, EVERYTHING)))
    assert (data["version"], data["status"], data["passed"]) == (3, "fail", 1)
    statuses = [(one["id"], one["status"]) for one in data["exercises"]]
    assert statuses == [
        ("01_numbers/double", "fail"),
        ("01_numbers/total", "pass"),
        ("02_words/shout", "error"),
    ]
    first, second = data["exercises"][0]["tests"]
    assert set(first) >= {"name", "status", "message", "output", "test_code", "task_id"}
    assert first["test_code"].startswith("def test_one_becomes_two():")
    assert (first["status"], first["message"]) == ("pass", None)
    assert second["message"] == "twice\n::error::no\nexpected: 4\nactual:   5"
    assert data["exercises"][0]["diagnosis"] == "adds two"


def test_lines_say_why_in_the_fewest_words():
    shown = [lines.verdict_lines(one, Look(glyphs=ASCII)) for one in EVERYTHING.verdicts]
    assert shown[0].splitlines()[1:] == [
        "    A, B: 50%: twice",
        "    ::error::no",
        "    Your code adds two.",
    ]
    assert "\n" not in shown[1]
    assert shown[2].endswith("SyntaxError: <&> at 3")


# The command.


def test_verify_exits_0_when_all_pass_and_1_when_one_breaks(cli, workspace, mini, solve, tmp_path):
    for one in mini.exercises:
        solve(workspace, mini, one)
    passed = cli("verify", "--junit", tmp_path / "out.xml")
    assert passed.code == 0
    assert passed.out.splitlines()[-1] == "3 of 3 exercises pass."
    assert ET.parse(tmp_path / "out.xml").getroot()[2].get("name") == "02_words/shout"
    workspace.file(mini.find("total")).write_text("def total(numbers):\n    return 0\n")
    assert cli("verify").code == 1
    assert cli("verify", "double", "2").code == 0


def test_verify_solutions_works_anywhere(shell, tmp_path):
    answer = shell("nanolab verify --solutions --json", cwd=tmp_path)
    assert answer.code == 0
    assert answer.json["selected"] == 3


def test_verify_passed_asks_only_for_what_passed_before(cli, workspace, mini, solve):
    assert cli("verify", "--passed").code == 2
    solve(workspace, mini, mini.find("double"))
    cli("run", "double")
    assert cli("verify", "--passed").code == 0


def test_on_github_it_annotates_by_itself(shell, tmp_path, workspace):
    summary = tmp_path / "summary.md"
    variables = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}
    answer = shell(
        "nanolab verify double", GITHUB_WORKSPACE=str(workspace.root.parent), **variables
    )
    assert answer.code == 1
    assert "::error file=lab/exercises/01_numbers/double.py,line=" in answer.out
    assert "0 of 1 exercises pass" in summary.read_text()
