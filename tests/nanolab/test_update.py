"""A newer course comes into a workspace: edits stay, nothing is lost, and all of it can be undone."""

from __future__ import annotations

import functools
import json
import shutil
import sys

import pytest
from faults import NAMES, NEEDS_FORK, killed_at

from nanolab import __version__, manifest, progress, update
from nanolab.config import Config
from nanolab.history import History
from nanolab.loop import opening
from nanolab.update.merge import three_way
from nanolab.update.plan import Kind, make_plan, offer_name
from nanolab.workspace import Workspace, create

NOON = "2026-11-21T12:00:00Z"
DOUBLE = "exercises/01_numbers/double.py"
OFFER = "exercises/01_numbers/double.update.py"
NEEDS_GIT = pytest.mark.skipif(shutil.which("git") is None, reason="merging needs git")


class Release:
    """A copy of the miniature course, to be changed into the next release of it."""

    def __init__(self, root):
        self.root = root

    @property
    def course(self):
        """The course as it is now."""
        return manifest.load(self.root)

    def edit(self, name, old, new):
        """Change one place of a file of the course."""
        path = self.root / name
        text = path.read_text()
        assert text.count(old) == 1, (name, old)
        path.write_text(text.replace(old, new))

    def remove(self, stage, name):
        """An exercise that the next release does not have."""
        info = self.root / "info.toml"
        head, _, rest = info.read_text().partition(f'  [[stages.exercises]]\n  name = "{name}"\n')
        _, gap, tail = rest.partition("\n\n")
        info.write_text(head + tail if gap else head)
        self._move(stage, name, None)

    def rename(self, stage, name, new):
        """An exercise that has another name in the next release."""
        aliases = f'name = "{new}"\n  aliases = ["{stage}/{name}"]'
        self.edit("info.toml", f'name = "{name}"', aliases)
        self._move(stage, name, new)

    def add(self, stage, name, after):
        """An exercise that the next release has in addition."""
        table = f'[[stages.exercises]]\n  name = "{name}"\n  title = "t"\n  checks = 1\n\n'
        self.edit("info.toml", f'[[stages.exercises]]\n  name = "{after}"', f"{table}  @@")
        self.edit("info.toml", "@@", f'[[stages.exercises]]\n  name = "{after}"')
        (self.root / f"exercises/{stage}/{name}.py").write_text('"""New."""\n\nraise Exception\n')

    def _move(self, stage, name, new):
        for tree in ("exercises", "solutions"):
            path = self.root / tree / stage / f"{name}.py"
            if new:
                path.rename(path.with_name(f"{new}.py"))
            else:
                path.unlink()


@pytest.fixture
def release(cli, mini_copy, monkeypatch):
    """The next release, which `cli` finds from now on."""
    del cli
    monkeypatch.setenv("NANOLAB_COURSE", str(mini_copy))
    return Release(mini_copy)


def tree(root):
    """Every file of the learner's and every base, with its content; no half-written one."""
    folders = ("exercises", "aside", ".nanolab/base")
    paths = (path for folder in folders for path in sorted((root / folder).rglob("*")))
    files = (path for path in paths if path.is_file() and path.suffix != ".tmp")
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


def edit(workspace, path, old, new):
    """What a learner does in an editor."""
    text = (workspace.root / path).read_text()
    assert text.count(old) == 1
    (workspace.root / path).write_text(text.replace(old, new))


def kinds(answer):
    return {step["path"]: step["kind"] for step in answer.json["steps"]}


SOLVED = ("    raise NotImplementedError", "    return number * 2")
NEXT_TODO = ("    raise NotImplementedError", "    result = ...\n    raise NotImplementedError")


# One file, each in its way.


def test_an_untouched_file_is_replaced(cli, workspace, release):
    release.edit(DOUBLE, "3 becomes 6", "4 becomes 8")
    answer = cli("update")
    assert answer.code == 0
    assert answer.out == f"replaced   {DOUBLE}\n"
    assert "4 becomes 8" in (workspace.root / DOUBLE).read_text()
    assert "4 becomes 8" in (workspace.base / "01_numbers/double.py").read_text()


@NEEDS_GIT
def test_an_edited_file_is_merged(cli, workspace, release):
    edit(workspace, DOUBLE, *SOLVED)
    release.edit(DOUBLE, "3 becomes 6", "4 becomes 8")
    assert kinds(cli("update", "--json")) == {DOUBLE: "merged"}
    text = (workspace.root / DOUBLE).read_text()
    assert "4 becomes 8" in text
    assert "return number * 2" in text


@NEEDS_GIT
def test_a_merge_keeps_the_line_ends_of_windows(cli, workspace, release):
    edit(workspace, DOUBLE, *SOLVED)
    path = workspace.root / DOUBLE
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    release.edit(DOUBLE, "3 becomes 6", "4 becomes 8")
    assert kinds(cli("update", "--json")) == {DOUBLE: "merged"}
    assert path.read_bytes().count(b"\r\n") == path.read_bytes().count(b"\n")


def test_a_file_that_git_gave_other_line_ends_is_untouched(cli, workspace, release):
    path = workspace.root / DOUBLE
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    release.edit(DOUBLE, "3 becomes 6", "4 becomes 8")
    assert kinds(cli("update", "--json")) == {DOUBLE: "replaced"}


def test_where_both_changed_the_same_lines_both_are_kept_and_it_is_explained(
    cli, workspace, release
):
    edit(workspace, DOUBLE, *SOLVED)
    mine = (workspace.root / DOUBLE).read_bytes()
    release.edit(DOUBLE, *NEXT_TODO)
    answer = cli("update")
    assert answer.out == f"both kept  {DOUBLE} (new: {OFFER})\n"
    assert "changed the same lines" in answer.err
    assert "delete double.update.py, and run `nanolab update` again" in answer.err
    assert (workspace.root / DOUBLE).read_bytes() == mine
    assert "result = ..." in (workspace.root / OFFER).read_text()


def test_until_the_learner_has_dealt_with_it_it_is_said_again_and_nothing_written(
    cli, workspace, release
):
    edit(workspace, DOUBLE, *SOLVED)
    release.edit(DOUBLE, *NEXT_TODO)
    cli("update")
    (workspace.root / OFFER).write_text("what I took from it")
    before = tree(workspace.root)
    assert cli("update", "--json").json["steps"][0]["beside"] == OFFER
    assert tree(workspace.root) == before
    assert "update" in cli("status").out
    (workspace.root / OFFER).unlink()
    assert cli("update").out == ""
    assert "update" not in cli("status").out
    assert cli("update", "--json").json["steps"] == []


def test_the_new_stub_is_had_by_a_reset_and_another_update(cli, workspace, release):
    edit(workspace, DOUBLE, *SOLVED)
    release.edit(DOUBLE, *NEXT_TODO)
    cli("update")
    cli("reset", "double", "--yes")
    assert kinds(cli("update", "--json")) == {DOUBLE: "replaced"}
    assert "result = ..." in (workspace.root / DOUBLE).read_text()


def test_an_exercise_that_is_gone_is_set_aside(cli, workspace, release):
    edit(workspace, DOUBLE, *SOLVED)
    mine = (workspace.root / DOUBLE).read_bytes()
    release.remove("01_numbers", "double")
    assert cli("update").out == f"set aside  {DOUBLE} -> aside/01_numbers/double.py\n"
    assert (workspace.root / "aside/01_numbers/double.py").read_bytes() == mine
    assert not (workspace.root / DOUBLE).exists()
    assert cli("update").out == ""


def test_what_was_set_aside_before_is_not_covered(cli, workspace, release):
    aside = workspace.root / "aside/01_numbers/double.py"
    workspace.write(aside, b"of another time")
    release.remove("01_numbers", "double")
    (path,) = kinds(cli("update", "--json"))
    assert path.startswith("aside/01_numbers/double-")
    assert aside.read_bytes() == b"of another time"


@NEEDS_GIT
@pytest.mark.parametrize("init_first", [False, True])
def test_a_renamed_exercise_takes_its_file_history_and_progress_along(
    cli, workspace, release, init_first
):
    edit(workspace, DOUBLE, *SOLVED)
    assert cli("run", "double").code == 0
    release.rename("01_numbers", "double", "twice")
    release.edit("exercises/01_numbers/twice.py", "3 becomes 6", "4 becomes 8")
    if init_first:
        cli("init", ".")
    new = "exercises/01_numbers/twice.py"
    answer = cli("update")
    assert answer.out == f"moved      {DOUBLE} -> {new}\n"
    text = (workspace.root / new).read_text()
    assert "4 becomes 8" in text
    assert "return number * 2" in text
    assert not (workspace.root / DOUBLE).exists()
    assert cli("list", "1", "--json").json["stages"][0]["exercises"][0]["passed"]
    assert len(cli("history", "twice", "--json").json["versions"]) == 1
    assert cli("update").out == ""


def test_a_stage_that_is_renumbered_stays_open(cli, workspace, mini, release, solve):
    for one in mini.stages[0].exercises:
        solve(workspace, mini, one)
        cli("run", one.name)
    cli("reflect", "1", "--skip")
    assert cli("map", "--json").json["stages"][1]["open"]
    for tree_ in ("exercises", "solutions"):
        (release.root / tree_ / "01_numbers").rename(release.root / tree_ / "01_figures")
    release.edit("info.toml", 'name = "01_numbers"', 'name = "01_figures"')
    release.edit(
        "info.toml", 'name = "double"', 'name = "double"\n  aliases = ["01_numbers/double"]'
    )
    release.edit("info.toml", '["01_numbers/add_up"]', '["01_numbers/total"]')
    cli("update")
    first, second, *_ = cli("map", "--json").json["stages"]
    assert first["passed"]
    assert second["open"]
    assert "number * 2" in (workspace.root / "exercises/01_figures/double.py").read_text()


def test_new_exercises_and_lessons_appear(cli, workspace, release):
    release.add("02_words", "whisper", after="shout")
    release.edit("exercises/01_numbers/README.md", "Doubling is", "Doubling, you see, is")
    new, lesson = "exercises/02_words/whisper.py", "exercises/01_numbers/README.md"
    assert kinds(cli("update", "--json")) == {new: "new", lesson: "replaced"}
    assert (workspace.root / new).read_text().startswith('"""New."""')
    assert (workspace.editor / "mini/words/whisper.py").resolve() == workspace.root / new


@NEEDS_GIT
def test_words_written_into_a_lesson_stay(cli, workspace, release):
    lesson = "exercises/01_numbers/README.md"
    edit(workspace, lesson, "# Numbers\n", "# Numbers\n\nAh, zero!\n")
    release.edit(lesson, "Why does a total begin", "Why, then, does a total begin")
    assert kinds(cli("update", "--json")) == {lesson: "merged"}
    text = (workspace.root / lesson).read_text()
    assert "Ah, zero!" in text
    assert "Why, then," in text


def test_a_file_of_the_learners_own_in_the_place_of_a_new_one_stays(cli, workspace, release):
    path = workspace.exercises / "02_words/whisper.py"
    path.write_text("mine, by chance of that name\n")
    release.add("02_words", "whisper", after="shout")
    assert kinds(cli("update", "--json")) == {"exercises/02_words/whisper.py": "both"}
    assert path.read_text() == "mine, by chance of that name\n"
    assert (workspace.exercises / "02_words/whisper.update.py").exists()


def test_a_deleted_file_comes_back(cli, workspace, release):
    (workspace.root / DOUBLE).unlink()
    assert kinds(cli("update", "--json")) == {DOUBLE: "new"}
    assert (workspace.root / DOUBLE).read_bytes() == (release.root / DOUBLE).read_bytes()


def test_without_git_an_edited_file_is_kept_beside_the_new_one(
    cli, workspace, release, tmp_path, monkeypatch
):
    edit(workspace, DOUBLE, *SOLVED)
    release.edit(DOUBLE, "3 becomes 6", "4 becomes 8")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert kinds(cli("update", "--json")) == {DOUBLE: "both"}


@NEEDS_GIT
def test_a_merge_that_does_not_parse_is_none():
    base = "a = 1\nb = 2\nc = 3\nd = (\n    4\n)\n"
    yours, new = base.replace("d = (\n", "d = [\n").replace(")\n", "]\n"), "x = (\n" + base[:-2]
    assert (
        three_way(b"a\nb\nc\nd\nE\n", b"a\nb\nc\nd\ne\n", b"A\nb\nc\nd\ne\n") == b"A\nb\nc\nd\nE\n"
    )
    shipped = {"s/e.py": (new + "7)\n)\n").encode()}
    present = {"exercises/s/e.py": yours.encode(), ".nanolab/base/s/e.py": base.encode()}
    joined = b"x = (\n"
    (step,) = make_plan(shipped, {}, present, lambda *_: joined)
    assert step.kind is Kind.BOTH
    (step,) = make_plan(shipped, {}, present, lambda *_: b"x = 1\n")
    assert step.kind is Kind.MERGED


def test_a_merge_that_would_not_come_out_again_is_none():
    present = {"exercises/s/e.py": b"yours\n", ".nanolab/base/s/e.py": b"base\n"}
    answers = iter([b"once\n", None])
    (step,) = make_plan({"s/e.py": b"new\n"}, {}, present, lambda *_: next(answers))
    assert step.kind is Kind.BOTH


# Nothing to do, nothing done.


def test_a_workspace_of_this_course_has_nothing_to_do(cli, workspace):
    edit(workspace, DOUBLE, *SOLVED)
    before = tree(workspace.root)
    answer = cli("update")
    assert (answer.code, answer.out) == (0, "")
    assert "Nothing to do" in answer.err
    assert tree(workspace.root) == before
    assert cli("undo").err == "There is nothing to undo.\n"


def test_a_dry_run_says_it_all_and_does_nothing(cli, workspace, release):
    release.edit(DOUBLE, "3 becomes 6", "4 becomes 8")
    before = tree(workspace.root)
    dry = cli("update", "--dry-run")
    assert tree(workspace.root) == before
    assert "Nothing was changed yet" in dry.err
    assert cli("update").out == dry.out


def test_status_and_doctor_say_that_an_update_waits(cli, release):
    assert not cli("status", "--json").json["update_waits"]
    assert "up to date" in cli("doctor").out
    release.edit(DOUBLE, "3 becomes 6", "4 becomes 8")
    assert cli("status", "--json").json["update_waits"]
    assert "nanolab update" in cli("status").out
    assert "the course has changed" in cli("doctor").out
    cli("update")
    assert not cli("status", "--json").json["update_waits"]


def test_watch_begins_by_saying_so(workspace, mini, release):
    assert opening(mini, workspace, Config()).notice == ""
    release.edit(DOUBLE, "3 becomes 6", "4 becomes 8")
    assert "nanolab update" in opening(release.course, workspace, Config()).notice


def test_a_quick_answer_does_not_outlive_a_change_of_the_course(shell, mini_copy):
    variables = {"NANOLAB_COURSE": str(mini_copy)}
    assert "update" not in shell("nanolab status", **variables).out
    Release(mini_copy).edit(DOUBLE, "3 becomes 6", "4 becomes 8")
    assert "update" in shell("nanolab status", **variables).out


def test_a_workspace_remembers_with_what_it_was_made(workspace):
    facts = json.loads(workspace.record_file.read_text())
    assert facts == {"schema": 1, "nanolab": __version__, "package": "mini"}


@pytest.mark.parametrize("facts", [{"schema": 2}, {"schema": 1, "nanolab": "99.0"}])
def test_a_workspace_of_a_later_nanolab_is_not_updated(cli, workspace, release, facts):
    release.edit(DOUBLE, "3 becomes 6", "4 becomes 8")
    workspace.record_file.write_text(json.dumps(facts))
    before = tree(workspace.root)
    answer = cli("update")
    assert answer.code == 3
    assert "pip install -U nanolab" in answer.err
    assert tree(workspace.root) == before


def test_a_workspace_of_another_course_is_not_updated(cli, workspace, release):
    release.edit("info.toml", 'package = "mini"', 'package = "maxi"')
    before = tree(workspace.root)
    answer = cli("update")
    assert answer.code == 3
    assert "NANOLAB_COURSE" in answer.err
    assert tree(workspace.root) == before


@pytest.mark.parametrize("content", [b"", b"\xff", b"[]", b'{"schema": "x"}', b"<<<<<<< ours"])
def test_a_damaged_record_is_written_anew(cli, workspace, content):
    workspace.record_file.write_bytes(content)
    assert cli("update").code == 0
    assert json.loads(workspace.record_file.read_text())["schema"] == 1


# Every state of a file against every change of the course.


def _nothing(_):
    pass


def _solve(workspace):
    edit(workspace, DOUBLE, *SOLVED)


def _edit_the_head(workspace):
    edit(workspace, DOUBLE, "from __future__", "import math  # MINE\nfrom __future__")


def _break(workspace):
    (workspace.root / DOUBLE).write_bytes(b"def (:\n\xff MINE")


def _delete(workspace):
    (workspace.root / DOUBLE).unlink()


def _lose_the_base(workspace):
    _solve(workspace)
    shutil.rmtree(workspace.base)


def _link(workspace):
    path = workspace.root / DOUBLE
    elsewhere = workspace.root / "elsewhere.py"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)


LEARNERS = {
    "untouched": _nothing,
    "solved": _solve,
    "head edited": _edit_the_head,
    "broken": _break,
    "deleted": _delete,
    "base lost": _lose_the_base,
    "a link": _link,
}


def _far(release):
    release.edit(DOUBLE, "Twice as much", "Twice as much, says the next release")


def _near(release):
    release.edit(DOUBLE, *NEXT_TODO)


def _removed(release):
    release.remove("01_numbers", "double")


def _renamed(release):
    release.rename("01_numbers", "double", "twice")


def _renamed_and_changed(release):
    _renamed(release)
    release.edit("exercises/01_numbers/twice.py", *NEXT_TODO)


def _more(release):
    release.add("01_numbers", "half", after="double")


RELEASES = {
    "the same": _nothing,
    "changed far": _far,
    "changed near": _near,
    "removed": _removed,
    "renamed": _renamed,
    "renamed, changed": _renamed_and_changed,
    "one more": _more,
}


@pytest.mark.parametrize("change", RELEASES.values(), ids=RELEASES)
@pytest.mark.parametrize("learner", LEARNERS.values(), ids=LEARNERS)
def test_nothing_is_lost_a_second_time_does_nothing_and_undo_brings_all_back(
    tmp_path, mini, mini_copy, learner, change
):
    lab = create(tmp_path / "lab", mini)
    learner(lab)
    before = tree(lab.root)
    mine = before.get(DOUBLE)
    release = Release(mini_copy)
    change(release)
    course, history = release.course, History(lab)

    what = update.plan(lab, course)
    assert update.apply(what, lab, course, history, NOON) == ()
    after = tree(lab.root)
    shipped = (mini.root / DOUBLE).read_bytes().splitlines()
    typed = [line for line in (mine or b"").splitlines() if line not in shipped]
    everything = b"\n".join(after.values()).splitlines()
    assert set(typed) <= set(everything)
    for exercise in course.exercises:
        assert lab.file(exercise).exists()

    again = update.plan(lab, course)
    assert [step.kind for step in again.told] == [
        step.kind for step in what.told if step.kind is Kind.BOTH
    ]
    assert again.changes == ()
    pending = any(step.kind is Kind.BOTH for step in what.told)
    assert update.waiting(lab, course) == pending

    if what.told and what.changes:
        assert history.undo(NOON).label.startswith("update to ")
        assert tree(lab.root) == before
        assert [step.kind for step in update.plan(lab, course).told] == [
            step.kind for step in what.told
        ]


# Stopped half-way.


@NEEDS_GIT
@NEEDS_FORK
def test_killed_at_any_step_a_second_run_finishes_and_undo_brings_all_back(
    memory_path, mini, mini_copy, monkeypatch
):
    monkeypatch.setattr("os.fsync", lambda _: None)
    monkeypatch.setattr("nanolab.update.merge.three_way", functools.cache(three_way))
    original = create(memory_path / "original", mini)
    shutil.rmtree(original.root / ".git")
    edit(original, DOUBLE, *SOLVED)
    edit(original, "exercises/02_words/shout.py", "    raise NotImplementedError", "    return 1")
    before = tree(original.root)
    release = Release(mini_copy)
    _renamed_and_changed(release)
    release.remove("01_numbers", "total")
    release.edit("exercises/02_words/shout.py", "Loud words:", "Loud words, louder:")
    course = release.course

    def run(place):
        update.apply(update.plan(place, course), place, course, History(place), NOON)

    whole = Workspace(shutil.copytree(original.root, memory_path / "whole", symlinks=True))
    run(whole)
    after = tree(whole.root)
    step, killed = 0, True
    while killed:
        step += 1
        place = Workspace(shutil.copytree(original.root, memory_path / "lab", symlinks=True))
        killed = killed_at(step, lambda place=place: run(place), events=NAMES)
        run(place)
        assert tree(place.root) == after, f"killed at step {step}"
        while History(place).undo(NOON):
            pass
        assert {name: data for name, data in tree(place.root).items() if name in before} == before
        shutil.rmtree(place.root)
    assert step > 40


def test_a_full_disk_before_the_snapshot_changes_nothing(cli, workspace, release, monkeypatch):
    release.edit(DOUBLE, "3 becomes 6", "4 becomes 8")
    before = tree(workspace.root)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("gitdb.LooseObjectDB.store", full)
    assert cli("update").code == 4
    assert tree(workspace.root) == before


def test_a_file_saved_in_the_meantime_is_left_alone(workspace, mini_copy):
    release = Release(mini_copy)
    release.edit(DOUBLE, "3 becomes 6", "4 becomes 8")
    course = release.course
    what = update.plan(workspace, course)
    (workspace.root / DOUBLE).write_text("saved just now")
    assert update.apply(what, workspace, course, History(workspace), NOON) == (DOUBLE,)
    assert (workspace.root / DOUBLE).read_text() == "saved just now"


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege")
def test_nothing_is_written_through_a_link_that_leads_out(cli, workspace, release, tmp_path):
    release.edit(DOUBLE, "3 becomes 6", "4 becomes 8")
    shutil.move(workspace.exercises / "01_numbers", tmp_path / "outside")
    (workspace.exercises / "01_numbers").symlink_to(tmp_path / "outside")
    assert cli("update").code == 3
    assert "3 becomes 6" in (tmp_path / "outside/double.py").read_text()


# Passes are neither given nor taken away.


@NEEDS_GIT
def test_a_pass_survives_an_update_and_its_undo(cli, workspace, mini, release, solve):
    solve(workspace, mini, mini.find("double"))
    assert cli("run", "double").code == 0
    edit(workspace, DOUBLE, "number * 2", "2 * number")  # saved, and not judged yet
    release.edit(DOUBLE, "3 becomes 6", "4 becomes 8")
    for command in ("update", "undo"):
        assert cli(command).code == 0
        state, _ = progress.load(workspace, release.course)
        assert progress.entry(state, release.course.find("double")).passed, command
    assert "2 * number" in (workspace.root / DOUBLE).read_text()


def test_undo_says_what_is_back_and_what_is_gone(cli, workspace, release):
    release.edit(DOUBLE, "3 becomes 6", "4 becomes 8")
    release.add("02_words", "whisper", after="shout")
    cli("update")
    told = cli("undo").err
    assert f"Back: {DOUBLE}. Gone again: exercises/02_words/whisper.py." in told
    assert ".nanolab" not in told
    assert "3 becomes 6" in (workspace.root / DOUBLE).read_text()


def test_undo_leaves_a_new_file_that_was_edited(cli, workspace, release):
    release.add("02_words", "whisper", after="shout")
    cli("update")
    path = workspace.exercises / "02_words/whisper.py"
    path.write_text("begun\n")
    cli("undo")
    assert path.read_text() == "begun\n"


def test_the_offer_is_no_exercise_and_no_base():
    assert offer_name("05_gpt/rotary.py") == "05_gpt/rotary.update.py"
    assert offer_name("05_gpt/README.zh.md") == "05_gpt/README.zh.update.md"


def test_a_temporary_file_of_a_killed_write_is_no_base(workspace, mini):
    (workspace.base / "01_numbers" / ".double.py.1-ab.tmp").write_bytes(b"half")
    assert update.plan(workspace, mini).steps == ()
