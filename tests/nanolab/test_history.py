"""Every version is kept, every overwriting is undone, and the learner's git is left alone."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import time
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from nanolab.errors import EnvironmentalError, UsageError, WorkspaceError
from nanolab.history import History, Version
from nanolab.workspace import Workspace

NOON, LATER = "2026-11-21T12:00:00Z", "2026-11-21T13:00:00Z"


@pytest.fixture
def exercise(mini):
    return mini.find("double")


@pytest.fixture
def history(workspace):
    return History(workspace)


def git(workspace, *arguments):
    command = ["git", "--git-dir", str(workspace.history_dir), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def objects(workspace):
    return [path for path in (workspace.history_dir / "objects").rglob("*") if path.is_file()]


def test_versions_are_numbered_from_one(history, exercise):
    assert history.versions(exercise) == ()
    assert history.record(exercise, b"one", "0 of 3", NOON) == 1
    assert history.record(exercise, b"two", "3 of 3", LATER) == 2
    first, second = history.versions(exercise)
    assert (first.number, first.when, first.note) == (1, NOON, "0 of 3")
    assert isinstance(second, Version)
    assert len(second.sha256) == 64


def test_the_same_content_is_kept_once_in_a_row(history, exercise):
    contents = (b"one", b"one", b"two", b"one")
    numbers = [history.record(exercise, content, "", NOON) for content in contents]
    assert numbers == [1, None, 2, 3]


@pytest.mark.parametrize(
    "content", [b"", b"\0\xff\xfe", b"a\r\nb\t\n", "déjà vu\n".encode(), b"x" * 5_000_000]
)
def test_a_version_comes_back_byte_for_byte(history, exercise, content):
    history.record(exercise, b"before", "", NOON)
    history.record(exercise, content, "", NOON)
    assert history.read(exercise, 2) == content
    assert history.read(exercise, 1) == b"before"


def test_exercises_have_versions_of_their_own(history, mini):
    double, total, *_ = mini.exercises
    assert history.record(double, b"one", "", NOON) == 1
    assert history.record(total, b"one", "", NOON) == 1


@pytest.mark.parametrize("number", [0, 3, -1])
def test_a_version_that_is_not_there_is_a_usage_error(history, exercise, number):
    history.record(exercise, b"one", "", NOON)
    history.record(exercise, b"two", "", NOON)
    with pytest.raises(UsageError, match="has no version") as caught:
        history.read(exercise, number)
    assert "1 to 2" in caught.value.cure


def test_a_note_of_several_lines_becomes_one(history, exercise):
    history.record(exercise, b"one", "a\n\nb\nsha256: no", NOON)
    assert history.versions(exercise)[0].note == "a b sha256: no"


def test_another_process_sees_what_was_kept(history, workspace, exercise):
    history.record(exercise, b"one", "", NOON)
    assert History(workspace).read(exercise, 1) == b"one"


@pytest.mark.parametrize("kind", ["python", "rust"])
def test_versions_follow_a_renamed_exercise(history, exercise, kind):
    exercise = replace(exercise, kind=kind)
    history.record(exercise, b"one", "", NOON)
    renamed = replace(exercise, name="twice", aliases=(exercise.id,))
    assert history.read(renamed, 1) == b"one"
    assert history.record(renamed, b"two", "", LATER) == 2
    assert len(history.versions(renamed)) == 2


def test_undo_brings_back_what_a_reset_overwrote(history, workspace, mini, exercise):
    file = workspace.file(exercise)
    file.write_bytes(b"mine")
    history.replace(exercise, b"stub", "reset double", NOON)
    assert file.read_bytes() == b"stub"
    undone = history.undo(LATER)
    assert file.read_bytes() == b"mine"
    assert (undone.label, undone.when) == ("reset double", NOON)
    sha256 = hashlib.sha256(b"mine").hexdigest()
    assert undone.files == {"exercises/01_numbers/double.py": sha256}
    assert undone.exercises(mini) == ((exercise, sha256),)


def test_undo_names_the_exercise_whose_file_is_back_also_in_rust(
    history, workspace, mini, exercise
):
    rust = replace(exercise, kind="rust")
    stage = replace(mini.stages[0], exercises=(rust,))
    workspace.file(rust).write_bytes(b"mine")
    history.replace(rust, b"stub", "reset double", NOON)
    sha256 = hashlib.sha256(b"mine").hexdigest()
    assert history.undo(LATER).exercises(replace(mini, stages=(stage,))) == ((rust, sha256),)


def test_undo_again_goes_further_back_until_there_is_nothing(history, workspace, mini):
    double, total, *_ = mini.exercises
    workspace.file(double).write_bytes(b"first")
    workspace.file(total).write_bytes(b"other")
    history.replace(double, b"second", "one", NOON)
    history.replace(total, b"changed", "two", NOON)
    history.replace(double, b"third", "three", NOON)
    labels = [history.undo(LATER).label for _ in range(3)]
    assert labels == ["three", "two", "one"]
    assert workspace.file(double).read_bytes() == b"first"
    assert workspace.file(total).read_bytes() == b"other"
    assert history.undo(LATER) is None


def test_what_a_reset_or_an_undo_overwrites_is_a_version(history, workspace, exercise):
    workspace.file(exercise).write_bytes(b"mine")
    history.replace(exercise, b"stub", "reset double", NOON)
    workspace.file(exercise).write_bytes(b"written after the reset, never judged")
    history.undo(LATER)
    notes = [version.note for version in history.versions(exercise)]
    assert notes == ["before reset double", "before undoing: reset double"]
    assert history.read(exercise, 1) == b"mine"
    assert history.read(exercise, 2) == b"written after the reset, never judged"


def test_undo_survives_a_restart(history, workspace, exercise):
    workspace.file(exercise).write_bytes(b"mine")
    history.replace(exercise, b"stub", "reset", NOON)
    History(workspace).undo(LATER)
    assert workspace.file(exercise).read_bytes() == b"mine"


def test_a_missing_file_is_replaced_with_nothing_to_undo(history, workspace, exercise):
    workspace.file(exercise).unlink()
    history.replace(exercise, b"stub", "reset", NOON)
    assert workspace.file(exercise).read_bytes() == b"stub"
    assert history.undo(LATER) is None


def test_a_file_behind_a_link_is_safe(history, workspace, exercise, tmp_path):
    (tmp_path / "elsewhere.py").write_bytes(b"theirs")
    workspace.file(exercise).unlink()
    workspace.file(exercise).symlink_to(tmp_path / "elsewhere.py")
    history.replace(exercise, b"stub", "reset", NOON)
    assert (tmp_path / "elsewhere.py").read_bytes() == b"theirs"
    history.undo(LATER)
    assert workspace.file(exercise).read_bytes() == b"theirs"


def test_without_a_snapshot_nothing_is_overwritten(history, workspace, exercise, monkeypatch):
    workspace.file(exercise).write_bytes(b"mine")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("gitdb.LooseObjectDB.store", full)
    with pytest.raises(EnvironmentalError, match="no room"):
        history.replace(exercise, b"stub", "reset", NOON)
    assert workspace.file(exercise).read_bytes() == b"mine"


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_git_can_read_the_store(history, workspace, exercise):
    history.record(exercise, b"one\n", "", NOON)
    history.record(exercise, b"two\n", "", LATER)
    ref = "refs/exercises/01_numbers/double"
    assert git(workspace, "log", "--format=%s %aI", ref).splitlines() == [
        "Version 2 2026-11-21T13:00:00Z",
        "Version 1 2026-11-21T12:00:00Z",
    ]
    assert git(workspace, "show", f"{ref}:exercises/01_numbers/double.py") == "two\n"
    git(workspace, "fsck", "--strict")


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_no_environment_or_configuration_reaches_the_store(
    workspace, exercise, tmp_path, monkeypatch
):
    elsewhere = str(tmp_path / "elsewhere")
    for name in ("DIR", "INDEX_FILE", "WORK_TREE", "OBJECT_DIRECTORY", "COMMON_DIR"):
        monkeypatch.setenv(f"GIT_{name}", elsewhere)
    monkeypatch.setenv("GIT_AUTHOR_DATE", "yesterday")
    (Path.home() / ".gitconfig").write_text(
        "[commit]\n\tgpgsign = true\n[core]\n\thooksPath = /no\n"
    )
    before = sorted((workspace.root / ".git").rglob("*"))
    history = History(workspace)
    history.record(exercise, b"one", "", NOON)
    assert history.read(exercise, 1) == b"one"
    assert not (tmp_path / "elsewhere").exists()
    assert sorted((workspace.root / ".git").rglob("*")) == before


def test_without_git_on_the_path_everything_works(workspace, exercise, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("GIT_PYTHON_GIT_EXECUTABLE", "/no/git")
    history = History(workspace)
    workspace.file(exercise).write_bytes(b"mine")
    history.record(exercise, b"mine", "", NOON)
    history.replace(exercise, b"stub", "reset", NOON)
    history.undo(LATER)
    assert workspace.file(exercise).read_bytes() == b"mine"


def empty_an_object(root):
    for path in (root / "objects").rglob("*"):
        if path.is_file():
            path.chmod(0o644)
            path.write_bytes(b"")


def forge_an_object(root):
    for path in (root / "objects").rglob("*"):
        if path.is_file():
            path.chmod(0o644)
            path.write_bytes(zlib.compress(b"commit 5\0wrong"))


DAMAGE = {
    "empty objects": empty_an_object,
    "forged objects": forge_an_object,
    "no objects": lambda root: shutil.rmtree(root / "objects"),
    "a ref of nonsense": lambda root: (root / "refs/exercises/01_numbers/double").write_text("?"),
    "an empty ref": lambda root: (root / "refs/exercises/01_numbers/double").write_text(""),
    "a file in its place": lambda root: (shutil.rmtree(root), root.write_text("x")),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_store_is_set_aside_and_said(workspace, exercise, damage):
    History(workspace).record(exercise, b"one", "", NOON)
    damage(workspace.history_dir)
    history = History(workspace)
    with pytest.raises(WorkspaceError):
        history.versions(exercise)
    assert history.record(exercise, b"two", "", LATER) == 1
    (aside,) = workspace.state.glob("history.git.damaged-*")
    assert aside.name in history.notice
    assert history.read(exercise, 1) == b"two"
    assert history.record(exercise, b"three", "", LATER) == 2


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_reset_on_a_damaged_store_can_still_be_undone(workspace, exercise, damage):
    History(workspace).record(exercise, b"one", "", NOON)
    damage(workspace.history_dir)
    workspace.file(exercise).write_bytes(b"mine")
    history = History(workspace)
    history.replace(exercise, b"stub", "reset", NOON)
    assert history.notice
    history.undo(LATER)
    assert workspace.file(exercise).read_bytes() == b"mine"


def test_a_store_behind_a_link_is_not_written(workspace, exercise, tmp_path):
    (tmp_path / "outside").mkdir()
    workspace.history_dir.symlink_to(tmp_path / "outside")
    history = History(workspace)
    assert history.record(exercise, b"one", "", NOON) == 1
    assert list((tmp_path / "outside").iterdir()) == []
    assert history.notice


WRITER = """
import sys
from pathlib import Path
from nanolab import manifest
from nanolab.history import History
from nanolab.workspace import Workspace
course = manifest.load(Path(sys.argv[2]))
history = History(Workspace(Path(sys.argv[1])))
for number in range(25):
    assert history.record(course.exercises[0], f"{sys.argv[3]} {number}".encode(), "", sys.argv[4])
"""


def test_two_writers_lose_no_version(workspace, mini, history, exercise):
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(workspace.root), str(mini.root), name, NOON]
        )
        for name in ("x", "y")
    ]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0]
    versions = history.versions(exercise)
    assert [one.number for one in versions] == list(range(1, 51))


def test_a_version_is_kept_quickly_however_many_there_are(history, exercise):
    took = []
    for number in range(300):
        start = time.perf_counter()
        history.record(exercise, b"%d" % number, "", NOON)
        took.append(time.perf_counter() - start)
    early, late = sorted(took[50:100])[25], sorted(took[-50:])[25]
    assert late < 4 * early


def test_git_is_not_imported_before_it_is_needed():
    code = "import sys, nanolab.history; print({'git', 'gitdb'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_a_moved_workspace_keeps_its_history(history, workspace, exercise, tmp_path):
    history.record(exercise, b"one", "", NOON)
    workspace.root.rename(tmp_path / "moved")
    assert History(Workspace(tmp_path / "moved")).read(exercise, 1) == b"one"
