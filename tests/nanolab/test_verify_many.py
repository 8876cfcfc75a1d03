"""The workspaces of a class: one table, resumable, and no bad one stops the others."""

from __future__ import annotations

import json
import os
import shutil

import pytest

from nanolab import progress
from nanolab.errors import EnvironmentalError, NanolabError
from nanolab.runner import sandbox
from nanolab.verdict import Outcome, Verdict
from nanolab.verify import Report, many
from nanolab.views.text import one_line
from nanolab.workspace import Workspace, create


@pytest.fixture
def lesson(tmp_path, mini, solve):
    """A class of three: one has solved everything, one a part, one nothing."""
    folder = tmp_path / "class"
    for name, count in (("anna", 3), ("ben", 1), ("carl", 0)):
        lab = create(folder / name, mini)
        for one in mini.exercises[:count]:
            solve(lab, mini, one)
    return folder


def looks(course):
    """A judge that knows the solutions by heart."""

    def judge(_, jobs):
        verdicts = []
        for job in jobs:
            solved = job.file.read_bytes() == course.solution(job.exercise).read_bytes()
            outcome = Outcome.PASSED if solved else Outcome.UNFINISHED
            verdicts.append(Verdict(job.exercise.id, job.tree, outcome))
        return Report(len(jobs), tuple(verdicts))

    return judge


def round_of(mini, lesson, judge=None, ledger=None, names=("anna", "ben", "carl")):
    rows = []
    examiner = many.Examiner(mini, mini.exercises, judge or looks(mini))
    places = [(name, lesson / name) for name in names]
    return examiner.round(places, many.Ledger(ledger), rows.append), rows


def test_a_row_for_each_in_the_order_given(mini, lesson):
    result, rows = round_of(mini, lesson)
    assert [(row.name, row.passed(mini.exercises)) for row in rows] == [
        ("anna", 3),
        ("ben", 1),
        ("carl", 0),
    ]
    assert result.rows == tuple(rows)
    assert result.exit_code == 1


def test_the_table_has_a_column_for_each_stage(mini, lesson):
    _, rows = round_of(mini, lesson)
    head = many.table_head(mini, mini.exercises, 11)
    lines = [many.table_line(row, mini, mini.exercises, 11) for row in rows]
    assert [head, *lines] == [
        "workspace       01     02      all",
        "anna           2/2    1/1      3/3",
        "ben            1/2    0/1      1/3",
        "carl           0/2    0/1      0/3",
    ]


def _no_state(root):
    shutil.rmtree(root / ".nanolab")


def _gone(root):
    shutil.rmtree(root)


def _a_file(root):
    shutil.rmtree(root)
    root.write_text("no directory")


def _newer(root):
    (root / ".nanolab/progress.json").write_text('{"schema": 99}')


def _damaged(root):
    (root / ".nanolab/progress.json").write_bytes(b"\xff{")


def _a_folder_for_a_file(root):
    (root / ".nanolab/progress.json").mkdir()


def _a_pipe(root):
    os.mkfifo(root / ".nanolab/progress.json")


def _a_device(root):
    (root / ".nanolab/progress.json").symlink_to("/dev/zero")


def _a_loop(root):
    shutil.rmtree(root / ".nanolab")
    (root / ".nanolab").symlink_to(".nanolab")


BAD = {
    "no .nanolab": (_no_state, "no workspace"),
    "gone": (_gone, "no workspace"),
    "a file": (_a_file, "no workspace"),
    "newer": (_newer, "later nanolab"),
    "damaged": (_damaged, "is damaged"),
    "a folder for a file": (_a_folder_for_a_file, "is damaged"),
    "a pipe for a file": (_a_pipe, "is damaged"),
    "a device for a file": (_a_device, "is damaged"),
    "a loop of links": (_a_loop, "no workspace"),
}


@pytest.mark.parametrize(("spoil", "words"), BAD.values(), ids=BAD)
def test_a_bad_workspace_is_a_row_that_says_why(mini, lesson, spoil, words):
    spoil(lesson / "ben")
    result, rows = round_of(mini, lesson)
    assert [row.passed(mini.exercises) for row in rows] == [3, 0, 0]
    assert words in str(rows[1].fault)
    assert words in many.table_line(rows[1], mini, mini.exercises, 11)
    assert result.exit_code == 3


def test_a_pipe_in_the_place_of_an_exercise_keeps_nobody_waiting(mini, lesson):
    path = lesson / "ben/exercises/01_numbers/double.py"
    path.unlink()
    os.mkfifo(path)
    _, rows = round_of(mini, lesson, lambda _, jobs: Report(len(jobs), ()))
    assert len(rows) == 3


def test_a_bug_on_one_workspace_is_its_row(mini, lesson):
    def judge(place, jobs):
        if place.root.name == "ben":
            raise ZeroDivisionError
        return looks(mini)(place, jobs)

    result, rows = round_of(mini, lesson, judge)
    assert "bug in nanolab: ZeroDivisionError" in str(rows[1].fault)
    assert rows[2].fault is None
    assert result.exit_code == 5


def test_nothing_is_written_into_a_workspace(mini, lesson):
    _damaged(lesson / "ben")
    before = {path: path.lstat().st_mtime_ns for path in lesson.rglob("*")}
    round_of(mini, lesson)
    assert {path: path.lstat().st_mtime_ns for path in lesson.rglob("*")} == before


@pytest.mark.parametrize(
    ("fault", "code"), [(EnvironmentalError("no fork"), 4), (NanolabError("a bug"), 5)]
)
def test_what_keeps_one_from_being_judged_is_its_row(mini, lesson, fault, code):
    def judge(place, jobs):
        if place.root.name == "ben":
            raise fault
        return looks(mini)(place, jobs)

    result, rows = round_of(mini, lesson, judge)
    assert rows[1].fault is fault
    assert rows[2].fault is None
    assert result.exit_code == code


def test_a_fault_in_one_exercise_is_told_beside_the_rest(mini, lesson):
    fault = NanolabError("double could not be judged")
    verdict = Verdict("01_numbers/total", "exercises", Outcome.PASSED)
    result, rows = round_of(
        mini, lesson, lambda *_: Report(3, (verdict,), (fault,)), names=["anna"]
    )
    line = many.table_line(rows[0], mini, mini.exercises, 11)
    assert "1/3" in line
    assert "could not be judged" in line
    assert result.exit_code == 5


def test_the_ledger_spares_what_has_not_changed(mini, lesson, tmp_path, solve):
    ledger = tmp_path / "round.jsonl"
    first, _ = round_of(mini, lesson, ledger=ledger)
    judged = []

    def judge(place, jobs):
        judged.append(place.root.name)
        return looks(mini)(place, jobs)

    for one in mini.exercises[:2]:
        solve(Workspace(lesson / "carl"), mini, one)
    again, _ = round_of(mini, lesson, judge, ledger)
    assert judged == ["carl"]
    assert [row.known for row in again.rows] == [True, True, False]
    assert [row.outcomes for row in again.rows[:2]] == [row.outcomes for row in first.rows[:2]]
    assert again.rows[2].passed(mini.exercises) == 2


def test_an_interrupted_round_goes_on_where_it_was(mini, lesson, tmp_path):
    ledger = tmp_path / "round.jsonl"
    judged = []

    def until_ctrl_c(place, jobs):
        if place.root.name == "ben":
            return Report(len(jobs), (), interrupted=True)
        return looks(mini)(place, jobs)

    def judge(place, jobs):
        judged.append(place.root.name)
        return looks(mini)(place, jobs)

    first, _ = round_of(mini, lesson, until_ctrl_c, ledger)
    assert [row.name for row in first.rows] == ["anna"]
    assert first.exit_code == 130
    ledger.write_bytes(ledger.read_bytes() + b'{"workspace": "ben", "cont')  # a crash, too
    again, _ = round_of(mini, lesson, judge, ledger)
    assert judged == ["ben", "carl"]
    assert len(again.rows) == 3
    assert all(json.loads(line) for line in ledger.read_bytes().splitlines()[-2:])


def test_a_bad_one_is_tried_again(mini, lesson, tmp_path):
    ledger = tmp_path / "round.jsonl"
    _newer(lesson / "ben")
    round_of(mini, lesson, ledger=ledger)
    (lesson / "ben/.nanolab/progress.json").unlink()
    again, _ = round_of(mini, lesson, ledger=ledger)
    assert again.rows[1].fault is None
    assert not again.rows[1].known


def test_who_has_passed_nothing_has_broken_nothing(mini, lesson):
    examiner = many.Examiner(mini, mini.exercises, looks(mini), only_passed=True)
    result = examiner.round([("carl", lesson / "carl")], many.Ledger(None), lambda _: None)
    assert result.rows == (many.Row("carl"),)
    assert result.exit_code == 0


def test_a_progress_is_looked_at_without_being_mended(workspace, mini):
    assert progress.peek(workspace, mini) == progress.Progress()
    _damaged(workspace.root)
    with pytest.raises(NanolabError, match="is damaged"):
        progress.peek(workspace, mini)
    assert not list(workspace.state.glob("*.damaged-*"))


# The command.


def test_directories_among_the_names_are_workspaces(shell, lesson):
    answer = shell("nanolab verify anna ben double", cwd=lesson)
    assert answer.code == 0
    rows = [line.split() for line in answer.out.splitlines()]
    assert rows == [["workspace", "01", "all"], ["anna", "1/1", "1/1"], ["ben", "1/1", "1/1"]]


def test_one_that_lost_its_folder_is_still_meant(shell, lesson):
    _no_state(lesson / "ben")
    answer = shell("nanolab verify --json -- *", cwd=lesson)
    assert answer.code == 3
    found = {one["workspace"]: one for one in answer.json["workspaces"]}
    assert found["anna"]["passed"] == 3
    assert found["ben"]["error"]["kind"] == "workspace"
    assert found["carl"]["exercises"]["01_numbers/double"] == "unfinished"
    assert answer.json["sandbox"] in ("bwrap", "none")


@pytest.mark.skipif(bool(sandbox.why_not()), reason=sandbox.why_not())
def test_workspaces_that_are_named_are_judged_in_sandboxes_of_their_own(shell, lesson):
    spy = (
        "from pathlib import Path\n"
        f"seen = Path({str(lesson / 'anna/exercises/01_numbers/double.py')!r}).exists()\n\n\n"
        "def double(number):\n    return number if seen else number * 2\n"
    )
    (lesson / "ben/exercises/01_numbers/double.py").write_text(spy)
    answer = shell("nanolab verify anna ben double --json", cwd=lesson)
    assert answer.json["sandbox"] == "bwrap"
    assert [one["passed"] for one in answer.json["workspaces"]] == [1, 1]
    bare = shell("nanolab verify anna ben double --json --sandbox none", cwd=lesson)
    assert bare.json["sandbox"] == "none"
    assert [one["passed"] for one in bare.json["workspaces"]] == [1, 0]


def test_the_command_resumes(shell, lesson):
    line = "nanolab verify anna carl double --resume round.jsonl --json"
    shell(line, cwd=lesson)
    assert [one["known"] for one in shell(line, cwd=lesson).json["workspaces"]] == [True, True]


@pytest.mark.parametrize("words", ["--junit x.xml", "--github", "--solutions"])
def test_what_is_for_one_workspace_is_refused_for_many(shell, lesson, words):
    answer = shell(f"nanolab verify anna ben {words}", cwd=lesson)
    assert answer.code == 2
    assert answer.out == ""


def test_resume_is_for_many(cli):
    assert cli("verify", "--resume", "x").code == 2


def test_a_stage_folder_is_a_name_as_before(shell, lesson):
    answer = shell("nanolab verify 01_numbers", cwd=lesson / "anna/exercises")
    assert answer.code == 0
    assert "2 of 2 exercises pass" in answer.out


def test_a_name_cannot_break_the_table(mini, lesson):
    name = "an\nna\x1b[2J"
    (lesson / "anna").rename(lesson / name)
    _, rows = round_of(mini, lesson, names=[name])
    shown = one_line(many.table_line(rows[0], mini, mini.exercises, 11))
    assert "\n" not in shown
    assert "\x1b" not in shown
