"""A workspace is found from anywhere inside, made offline, and mended without touching work."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

from nanolab import lessons, workspace
from nanolab.errors import WorkspaceError


def everything(root):
    """Every path below `root`, git's own left out."""
    return sorted(
        path.relative_to(root).as_posix()
        for path in root.rglob("*")
        if ".git" not in path.relative_to(root).parts
    )


def contents(root):
    return {
        name: (root / name).read_bytes() for name in everything(root) if (root / name).is_file()
    }


@pytest.fixture
def lab(tmp_path, mini):
    return workspace.create(tmp_path / "lab", mini)


@pytest.fixture(autouse=True)
def _no_variable(monkeypatch):
    monkeypatch.delenv("NANOLAB_WORKSPACE", raising=False)


def test_it_is_found_from_deep_inside(lab):
    assert workspace.find(lab.exercises / "01_numbers") == lab
    assert workspace.find(lab.root) == lab


def test_where_there_is_none_the_cure_is_init(tmp_path):
    with pytest.raises(WorkspaceError, match="no workspace") as caught:
        workspace.find(tmp_path)
    assert "nanolab init" in caught.value.cure
    assert caught.value.exit_code == 3


def test_a_variable_names_it_from_anywhere(lab, tmp_path, monkeypatch):
    monkeypatch.setenv("NANOLAB_WORKSPACE", str(lab.root))
    assert workspace.find(tmp_path) == lab


def test_a_variable_that_names_none_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setenv("NANOLAB_WORKSPACE", str(tmp_path))
    with pytest.raises(WorkspaceError, match="NANOLAB_WORKSPACE"):
        workspace.find(tmp_path)


def test_stubs_and_lessons_are_there_twice_and_once(lab, mini):
    for exercise in mini.exercises:
        stub = mini.stub(exercise).read_bytes()
        assert lab.file(exercise).read_bytes() == stub
        assert lab.base_file(exercise).read_bytes() == stub
    for stage in mini.stages:
        if not stage.coming:
            lesson = lab.exercises / stage.name / "README.md"
            assert lesson.read_bytes() == mini.lesson(stage).read_bytes()


def test_no_solution_hint_or_answer_comes_along(lab, mini):
    texts = "\n".join(
        (lab.root / name).read_text()
        for name in everything(lab.root)
        if (lab.root / name).is_file()
    )
    for exercise in mini.exercises:
        assert mini.solution(exercise).read_text() not in texts
        for hint in lessons.hints(mini, exercise):
            assert hint not in texts
    for stage in mini.stages:
        for answer in () if stage.coming else lessons.answers(mini, stage):
            assert answer not in texts


def test_a_second_time_nothing_changes(lab, mini):
    lab.file(mini.exercises[0]).write_text("mine\n")
    before = contents(lab.root)
    assert workspace.create(lab.root, mini) == lab
    assert contents(lab.root) == before


def test_what_is_missing_comes_back_and_is_named(lab, mini):
    first, second, *_ = mini.exercises
    lab.file(second).write_text("mine\n")
    lab.file(first).unlink()
    shutil.rmtree(lab.editor)
    restored = workspace.restore_missing(lab, mini)
    assert restored == (lab.file(first),)
    assert lab.file(first).read_bytes() == mini.stub(first).read_bytes()
    assert lab.file(second).read_text() == "mine\n"
    assert lab.editor.is_dir()


def test_an_exercise_as_shipped_is_the_base_or_else_the_course(lab, mini):
    first = mini.exercises[0]
    lab.base_file(first).write_bytes(b"of the release before")
    assert lab.shipped(mini, first) == b"of the release before"
    shutil.rmtree(lab.base)
    assert lab.shipped(mini, first) == mini.stub(first).read_bytes()


def test_a_whole_folder_comes_back(lab, mini):
    before = everything(lab.root)
    shutil.rmtree(lab.exercises)
    workspace.restore_missing(lab, mini)
    assert everything(lab.root) == before


def test_a_foreign_directory_is_refused_and_untouched(tmp_path, mini):
    (tmp_path / "thesis.tex").write_text("x")
    with pytest.raises(WorkspaceError, match=r"not empty: it holds thesis\.tex"):
        workspace.create(tmp_path, mini)
    assert everything(tmp_path) == ["thesis.tex"]


def test_a_fresh_clone_is_welcome_and_its_files_stay(tmp_path, mini):
    (tmp_path / ".git").mkdir()
    for name in ("README.md", "LICENSE", ".gitignore"):
        (tmp_path / name).write_text("theirs")
    workspace.create(tmp_path, mini)
    assert (tmp_path / "README.md").read_text() == "theirs"
    assert (tmp_path / ".gitignore").read_text() == "theirs"


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_it_becomes_a_repository_whatever_the_environment_says(tmp_path, mini, monkeypatch):
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    lab = workspace.create(tmp_path / "lab", mini)
    assert (lab.root / ".git").is_dir()
    assert not (tmp_path / "elsewhere").exists()


def test_inside_a_repository_none_is_made(tmp_path, mini):
    (tmp_path / ".git").mkdir()
    lab = workspace.create(tmp_path / "lab", mini)
    assert not (lab.root / ".git").exists()
    assert workspace.in_repository(lab.root)


def test_without_git_all_else_is_there(tmp_path, mini, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    lab = workspace.create(tmp_path / "lab", mini)
    assert not workspace.in_repository(lab.root)
    assert lab.file(mini.exercises[0]).exists()


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_git_sees_progress_and_stubs_but_not_what_is_of_this_machine(lab):
    for path in (lab.progress_file, lab.notes_file, lab.lock_file):
        path.write_text("x")
    (lab.history_dir / "objects").mkdir(parents=True)
    (lab.history_dir / "HEAD").write_text("x")
    asked = ["git", "status", "--porcelain", "--untracked-files=all"]
    listed = subprocess.run(asked, cwd=lab.root, capture_output=True, text=True, check=True).stdout
    assert ".nanolab/progress.json" in listed
    assert ".nanolab/notes.jsonl" in listed
    assert ".nanolab/base/01_numbers/double.py" in listed
    for unwanted in ("history.git", "editor/", "watch.lock"):
        assert unwanted not in listed


def test_the_workflow_of_the_learner_verifies_what_has_passed(lab):
    text = (lab.root / ".github/workflows/nanolab.yml").read_text()
    assert "nanolab verify --passed --github --junit verdicts.xml" in text


def test_the_workflow_of_the_learner_is_yaml(lab):
    yaml = pytest.importorskip("yaml", reason="needs PyYAML")
    flow = yaml.safe_load((lab.root / ".github/workflows/nanolab.yml").read_text())
    steps = flow["jobs"]["verify"]["steps"]
    written = next(one["run"] for one in steps if "--junit" in one.get("run", ""))
    assert steps[-1]["with"]["path"] == written.split()[-1]


def test_the_command_of_the_workflow_is_green_once_something_passed(cli, workspace, mini, solve):
    command = ["verify", "--passed", "--github", "--junit", "verdicts.xml"]
    assert cli(*command).code == 2
    solve(workspace, mini, mini.find("double"))
    cli("run", "double")
    assert cli(*command).code == 0
    assert (workspace.root / "verdicts.xml").is_file()


@pytest.mark.parametrize("inner", ["exercises", "exercises/01_numbers", ".nanolab"])
def test_nothing_is_written_through_a_link_that_leads_out(tmp_path, mini, inner):
    outside, root = tmp_path / "outside", tmp_path / "lab"
    outside.mkdir()
    (root / ".nanolab").mkdir(parents=True)
    link = root / inner
    if link.is_dir():
        link.rmdir()
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(outside)
    with pytest.raises(WorkspaceError, match="leads out of the workspace"):
        workspace.create(root, mini)
    assert list(outside.iterdir()) == []


def test_a_workspace_behind_a_link_is_one_like_any_other(lab, mini, tmp_path):
    (tmp_path / "link").symlink_to(lab.root)
    lab.file(mini.exercises[0]).unlink()
    behind = workspace.find(tmp_path / "link" / "exercises")
    assert workspace.restore_missing(behind, mini) == (behind.file(mini.exercises[0]),)


def test_a_file_in_the_way_is_said(tmp_path, mini):
    (tmp_path / "lab").write_text("x")
    with pytest.raises(WorkspaceError, match="cannot be used"):
        workspace.create(tmp_path / "lab", mini)


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege")
def test_an_editor_finds_the_learners_file_also_after_a_move(lab, mini, tmp_path):
    moved = tmp_path / "moved"
    lab.root.rename(moved)
    for exercise in mini.exercises:
        slug = exercise.stage[3:]
        seen = moved / ".nanolab" / "editor" / "mini" / slug / f"{exercise.name}.py"
        assert seen.resolve() == moved / "exercises" / exercise.stage / f"{exercise.name}.py"


MYPY = (sys.executable, "-m", "mypy", "--no-incremental", "exercises/try.py")
NO_PYRIGHT = pytest.mark.skipif(
    shutil.which("pyright") is None, reason="pyright, a program of Node's, is not on the PATH"
)


@pytest.mark.parametrize(
    ("command", "content"),
    [(MYPY, "Success"), pytest.param(("pyright",), "0 errors, 0 warnings", marks=NO_PYRIGHT)],
    ids=["mypy", "pyright"],
)
def test_a_type_checker_resolves_exercises_stages_and_upstreams_modules(lab, command, content):
    (lab.exercises / "try.py").write_text(
        "from mini.arithmetic import double\n"
        "from mini.numbers.double import double as same\n"
        "from mini.words import shout\n\n"
        "print(double, same, shout)\n"
    )
    done = subprocess.run(
        command,
        cwd=lab.root,
        env={**os.environ, "MYPYPATH": str(lab.editor)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert content in done.stdout, done.stdout
