"""The learner's directory: what lies where, how it is found, made and mended.

    exercises/01_welcome/hello.py    the learner's files, and each stage's lesson beside them
    .nanolab/base/01_welcome/…       stubs and lessons as shipped: what `reset` goes back to, and
                                     what `update` compares with
    .nanolab/base/course.json        with which course the workspace was made
    .nanolab/progress.json           worth a commit, as are the notes
    .nanolab/history.git             every tested version
    .nanolab/editor/nanochat/…       links, so that an editor finds `nanochat.welcome.hello`

No solution, hint or answer ever comes here. Nothing of ours is written outside the directory, nor
through a link that leads out of it; no file of the learner's is overwritten here.
"""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nanolab import __version__, storage
from nanolab.errors import WorkspaceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nanolab.course import Course, Exercise

# What may lie in a directory that `create` turns into a workspace: a fresh clone, say.
_HARMLESS = {
    ".DS_Store", ".editorconfig", ".git", ".gitattributes", ".github", ".gitignore", ".idea",
    ".python-version", ".venv", ".vscode", "venv",
}  # fmt: skip
_LESSON = ".md"
_HARMLESS_TEXTS = ("readme", "license", "licence")


@dataclass(frozen=True, slots=True)
class Workspace:
    """Paths of a workspace; `root` is absolute."""

    root: Path

    @property
    def exercises(self) -> Path:
        """The learner's files, a folder for each stage."""
        return self.root / "exercises"

    @property
    def state(self) -> Path:
        """What nanolab keeps here."""
        return self.root / ".nanolab"

    @property
    def base(self) -> Path:
        """The stubs as shipped, a folder for each stage."""
        return self.state / "base"

    @property
    def editor(self) -> Path:
        """What a type checker needs on its search path."""
        return self.state / "editor"

    @property
    def progress_file(self) -> Path:
        """What is passed, and how it went."""
        return self.state / "progress.json"

    @property
    def notes_file(self) -> Path:
        """Notes and answers, one JSON object a line."""
        return self.state / "notes.jsonl"

    @property
    def history_dir(self) -> Path:
        """The git store of every tested version."""
        return self.state / "history.git"

    @property
    def lock_file(self) -> Path:
        """Held by `watch` for as long as it runs."""
        return self.state / "watch.lock"

    @property
    def write_lock_file(self) -> Path:
        """Held for the moment it takes to read, change and write the state."""
        return self.state / "write.lock"

    @property
    def record_file(self) -> Path:
        """With which course the workspace was made, or updated last."""
        return self.base / "course.json"

    def keep_slip(self, exercise: Exercise, sha256: str, slip: str) -> None:
        """Remember which slip the last version of a file was found to be, if any; for hints."""
        place = self._slip_file(exercise)
        with contextlib.suppress(OSError):  # then the hint says less
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(f"{sha256}\n{slip}", encoding="utf-8")

    def slip(self, exercise: Exercise) -> str:
        """The slip that the file, as it is now, was found to be; empty if none is known."""
        import hashlib  # a glance has no use for it

        try:
            sha256, _, slip = self._slip_file(exercise).read_text(encoding="utf-8").partition("\n")
            source = self.file(exercise).read_bytes()
        except (OSError, ValueError):
            return ""
        return slip if hashlib.sha256(source).hexdigest() == sha256 else ""

    def _slip_file(self, exercise: Exercise) -> Path:
        return self.state / "cache" / "slips" / exercise.file

    def file(self, exercise: Exercise) -> Path:
        """The learner's file of an exercise."""
        return self.exercises / exercise.file

    def base_file(self, exercise: Exercise) -> Path:
        """The exercise as shipped to this workspace."""
        return self.base / exercise.file

    def shipped(self, course: Course, exercise: Exercise) -> bytes:
        """An exercise as shipped: to this workspace or, if that is lost, in the course of now.

        Raises:
            WorkspaceError: If neither can be read.
        """
        stub = course.stub(exercise)
        with storage.translated(stub):
            return storage.read(self.base_file(exercise)) or stub.read_bytes()

    def write(self, path: Path, data: bytes, *, keep_previous: bool = False) -> None:
        """Write a file of the workspace in one step, with the directories that it needs.

        Raises:
            EnvironmentalError: If the disk is full.
            WorkspaceError: If it cannot be written, or a link leads out of the workspace.
        """
        self.make_directory(path.parent)
        storage.write_atomic(path, data, keep_previous=keep_previous)

    def remove(self, path: Path) -> None:
        """Remove a file of the workspace, and its folder if that was all it held.

        Raises:
            WorkspaceError: If it cannot be removed, or a link leads out of the workspace.
        """
        self.make_directory(path.parent)
        with storage.translated(path):
            path.unlink(missing_ok=True)
            storage.sync(path.parent)
        with contextlib.suppress(OSError):
            path.parent.rmdir()

    def make_directory(self, directory: Path) -> None:
        """Make sure that a directory is there, and inside.

        Raises:
            EnvironmentalError, WorkspaceError: As `write`.
        """
        with storage.translated(directory):
            if not directory.resolve().is_relative_to(self.root.resolve()):
                raise WorkspaceError(
                    f"{directory} leads out of the workspace {self.root}.",
                    "Nothing was written. Replace the link by a directory of its own.",
                )
            directory.mkdir(parents=True, exist_ok=True)


def find(start: Path) -> Workspace:
    """The workspace that `start` lies in; `$NANOLAB_WORKSPACE`, if set, goes before.

    Raises:
        WorkspaceError: If there is none.
    """
    chosen = os.environ.get("NANOLAB_WORKSPACE")
    if chosen:
        root = Path(chosen).expanduser().absolute()
        if _is_workspace(root):
            return Workspace(root)
        raise WorkspaceError(
            f"NANOLAB_WORKSPACE is {root}, which is no workspace.",
            "Unset the variable, or make one there with `nanolab init`.",
        )
    here = start.absolute()
    for root in (here, *here.parents):
        if _is_workspace(root):
            return Workspace(root)
    raise WorkspaceError(
        f"There is no workspace in {here} or above it.",
        "Make one with `nanolab init`, or change to the directory of yours.",
    )


def create(directory: Path, course: Course) -> Workspace:
    """Make a workspace of the course, or restore what is missing from one.

    Needs no network, and no git: without it, or inside a repository, none is made
    (`in_repository` tells).

    Raises:
        EnvironmentalError: If the disk is full.
        WorkspaceError: If the directory holds something else, or cannot be written.
    """
    root = directory.expanduser().absolute()
    workspace = Workspace(root)
    with storage.translated(root):
        root.mkdir(parents=True, exist_ok=True)
        if not _is_workspace(root):
            _refuse_foreign(root)
    workspace.make_directory(workspace.state)
    restore_missing(workspace, course)
    if not in_repository(root):
        _init_git(root)
    return workspace


def restore_missing(workspace: Workspace, course: Course) -> tuple[Path, ...]:
    """Put back every file of the workspace that is gone, as shipped; touch no other.

    Returns:
        What was put back, in the learner's part of the workspace.

    Raises:
        EnvironmentalError, WorkspaceError: If something cannot be written.
    """
    is_new = not workspace.base.is_dir()
    restored = []
    for name, source in shipped_files(course).items():
        base, target = workspace.base / name, workspace.exercises / name
        # A lesson that is there without a base is of an earlier release: its base is not this one.
        if name.endswith(_LESSON) and os.path.lexists(target):
            continue
        _copy_missing(workspace, source, base)
        if _copy_missing(workspace, base, target):
            restored.append(target)
    if is_new:
        workspace.write(workspace.record_file, record(course))
    for name, text in _settings(course).items():
        if not os.path.lexists(workspace.root / name):
            workspace.write(workspace.root / name, text.encode())
    if restored or not workspace.editor.exists():
        write_editor_paths(workspace, course)
    return tuple(restored)


def shipped_files(course: Course) -> dict[str, Path]:
    """Every stub, and every lesson in each language, by its path below `exercises/`."""
    files = {one.file: course.stub(one) for one in course.exercises}
    return files | {f"{text.parent.name}/{text.name}": text for text in _texts(course)}


def record(course: Course) -> bytes:
    """What a workspace remembers of the course that it was made with."""
    facts = {"schema": 1, "nanolab": __version__, "package": course.package}
    return (json.dumps(facts, indent=2, sort_keys=True) + "\n").encode()


def write_editor_paths(workspace: Workspace, course: Course) -> None:
    """Make anew what lets an editor resolve the course's package.

    Raises:
        EnvironmentalError, WorkspaceError: If it cannot be written.
    """
    from nanolab import assembly  # parses source: not needed to find a workspace

    workspace.make_directory(workspace.editor)
    with storage.translated(workspace.editor):
        assembly.write_editor_paths(workspace.editor, course, workspace.exercises)


def in_repository(directory: Path) -> bool:
    """Whether a directory lies in a git repository."""
    here = directory.absolute()
    return any((one / ".git").exists() for one in (here, *here.parents))


def _is_workspace(root: Path) -> bool:
    return (root / ".nanolab").is_dir()


def _refuse_foreign(root: Path) -> None:
    foreign = sorted(
        one.name
        for one in root.iterdir()
        if one.name not in _HARMLESS and not one.name.lower().startswith(_HARMLESS_TEXTS)
    )
    if foreign:
        raise WorkspaceError(
            f"{root} is not empty: it holds {', '.join(foreign[:3])}{', …' if foreign[3:] else ''}.",
            "Choose another directory: `nanolab init my-nanochat`.",
        )


def _texts(course: Course) -> Iterator[Path]:
    """The lessons, in each language."""
    for stage in course.stages:
        yield from sorted(course.lesson(stage).parent.glob("README*.md"))


def _copy_missing(workspace: Workspace, source: Path, target: Path) -> bool:
    """Copy a file unless something stands there; whether it was copied."""
    if os.path.lexists(target):
        return False
    with storage.translated(source):
        data = source.read_bytes()
    workspace.write(target, data)
    return True


def _init_git(root: Path) -> None:
    """`git init`, whatever GIT_DIR and its like say; without git, nothing."""
    import shutil
    import subprocess

    git = shutil.which("git")
    if git is None:
        return
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        subprocess.run(  # noqa: S603 - a fixed command
            [git, "init", "--quiet"], cwd=root, env=environment, check=True,
            capture_output=True, timeout=30,
        )  # fmt: skip


def _settings(course: Course) -> dict[str, str]:
    """The small files of a workspace beside the exercises: path -> text."""
    return {
        "README.md": _README.format(title=course.title, package=course.package),
        ".gitignore": "__pycache__/\n*.py[cod]\n.venv/\n.*.tmp\n",
        ".nanolab/.gitignore": _STATE_IGNORED,
        "pyrightconfig.json": _PYRIGHT,
        ".vscode/settings.json": _VSCODE,
        ".github/workflows/nanolab.yml": _WORKFLOW,
    }


_README = """\
# {package}, by me

My way through {title}: every function of {package}, rebuilt.

    nanolab            the tutor: save a file, see the verdict
    nanolab status     where I am, and what comes next
    nanolab verify     every exercise at once, as in CI
    nanolab journal    what I passed and when, with my notes

The exercises are in `exercises/`, each stage with its lesson, `README.md`.
"""

_STATE_IGNORED = """\
# Progress, notes and the stubs as shipped are worth a commit; the rest is of this machine.
/*
!/.gitignore
!/base/
!/notes.jsonl
!/progress.json
"""

_PYRIGHT = """\
{
  "include": ["exercises"],
  "extraPaths": [".nanolab/editor"]
}
"""

_VSCODE = """\
{
  "python.analysis.extraPaths": [".nanolab/editor"]
}
"""

_WORKFLOW = """\
# Checks on each push that what you have passed still passes: green as long as nothing broke.
# It needs .nanolab/progress.json in the repository, and a first pass: until then there is nothing
# to verify, and the step ends with exit code 2. GitHub runs this file when it lies at the top of
# the repository.
name: nanolab

on: [push, pull_request]

permissions:
  contents: read

jobs:
  verify:
    runs-on: ubuntu-latest
    timeout-minutes: 30
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - run: pip install torch --index-url https://download.pytorch.org/whl/cpu
      - run: pip install 'nanolab[data,tokenizer]'
      - run: nanolab verify --passed --github --junit verdicts.xml
      - uses: actions/upload-artifact@v4
        if: always()
        with:
          name: verdicts
          path: verdicts.xml
"""
