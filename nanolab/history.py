"""Every tested version of a file, and the way back from everything that overwrites one.

`.nanolab/history.git` has one ref for each exercise, whose commits are its versions, and one for
the acts that can be undone, whose commits hold what each act overwrote.
"""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nanolab import storage
from nanolab.errors import UsageError, WorkspaceError
from nanolab.gitstore import Store

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nanolab.course import Course, Exercise
    from nanolab.gitstore import Commit
    from nanolab.workspace import Workspace

_UNDO = "refs/undo"
# In the message of an act, below its label.
_UPDATE, _MADE = "update", "made "


@dataclass(frozen=True, slots=True)
class Version:
    """One tested content of an exercise file; `number` counts from 1."""

    number: int
    sha256: str
    when: str
    note: str


@dataclass(frozen=True, slots=True)
class Undone:
    """An act that was undone.

    Attributes:
        label: What it was, for the learner: "reset hello".
        when: When it was.
        files: For each file that is back, from the root, its sha256.
        removed: Files that the act had made and nobody has changed since; they are gone again.
        update: Whether it was an update, which neither gives a pass nor takes one away.
    """

    label: str
    when: str
    files: Mapping[str, str]
    removed: tuple[str, ...] = ()
    update: bool = False

    def exercises(self, course: Course) -> tuple[tuple[Exercise, str], ...]:
        """Each exercise whose pass depends on the file that is back, with its sha256."""
        named = () if self.update else course.exercises
        files = ((one, f"exercises/{one.file}") for one in named)
        return tuple((one, self.files[file]) for one, file in files if file in self.files)


class History:
    """The versions kept in a workspace.

    Attributes:
        notice: What the learner should be told: a damaged store was set aside. Empty normally.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.notice = ""
        self._workspace = workspace
        self._store = Store(workspace.history_dir)

    def record(self, exercise: Exercise, source: bytes, note: str, when: str) -> int | None:
        """Keep a version, unless it equals the latest.

        Args:
            exercise: Whose file was tested.
            source: Its content.
            note: What came of it, in one line.
            when: UTC, as in `2026-11-21T10:00:00Z`.

        Returns:
            Its number, or None if nothing was kept.

        Raises:
            EnvironmentalError: If the disk is full.
            WorkspaceError: If the store cannot be written.
        """
        path = self._path(exercise)
        ref = _ref_of(path)
        with self._writing(ref):
            if self._ref(exercise) != ref:  # renamed since: go on from where its old name was
                self._store.move(ref, self._store.tip(self._ref(exercise)))
            return self._record(path, source, note, when)

    def versions(self, exercise: Exercise) -> tuple[Version, ...]:
        """Every kept version, oldest first.

        Raises:
            WorkspaceError: If the store is damaged.
        """
        return tuple(_version(commit) for commit in self._log(exercise))[::-1]

    def read(self, exercise: Exercise, number: int) -> bytes:
        """The content of a version.

        Raises:
            UsageError: If there is no version of that number.
            WorkspaceError: If the store is damaged.
        """
        latest = 0
        for commit in self._log(exercise):
            version = _version(commit)
            latest = latest or version.number
            if version.number == number:
                return next(iter(self._store.files(commit).values()))
        cure = f"There are versions 1 to {latest}" if latest else "None was tested yet"
        raise UsageError(
            f"{exercise.id} has no version {number}.",
            f"{cure}: see `nanolab history {exercise.name}`.",
        )

    def replace(self, exercise: Exercise, source: bytes, label: str, when: str) -> None:
        """Overwrite the learner's file; what was there becomes a version, and `undo` brings it back.

        Args:
            exercise: Whose file.
            source: Its new content.
            label: The act, for the learner: "reset hello".
            when: The time of the act.

        Raises:
            EnvironmentalError: If the disk is full; the file is untouched.
            WorkspaceError: If the store or the file cannot be written; the file is untouched.
        """
        path = self._path(exercise)
        with self._writing(_UNDO, _ref_of(path)):
            previous = storage.read(self._workspace.file(exercise))
            if previous is not None:
                self._record(path, previous, f"before {label}", when)
                self._store.commit(_UNDO, {path: previous}, label, when)
            self._workspace.write(self._workspace.file(exercise), source)

    def before_update(self, changes: Mapping[str, bytes | None], label: str, when: str) -> None:
        """Keep what an update is about to overwrite: `undo` then takes all of it back at once.

        Args:
            changes: For each path from the root, what will stand there; None for nothing.
            label: The act, for the learner.
            when: The time of the act.

        Raises:
            EnvironmentalError, WorkspaceError: If it cannot be kept; nothing may be changed then.
        """
        with self._writing(_UNDO, *(_ref_of(path) for path in changes if _has_versions(path))):
            there = {path: storage.read(self._workspace.root / path) for path in changes}
            previous = {path: data for path, data in there.items() if data is not None}
            for path, data in previous.items():
                if _has_versions(path):
                    self._record(path, data, f"before {label}", when)
            made = (
                f"{_MADE}{_sha256(data)} {path}"
                for path, data in changes.items()
                if data is not None and path not in previous
            )
            message = "\n".join([label, "", _UPDATE, *made])
            self._store.commit(_UNDO, previous, message, when)

    def undo(self, when: str) -> Undone | None:
        """Reverse the latest act that is not undone yet.

        What this overwrites is kept as a version first. Called again, it goes further back.

        Returns:
            What was undone, or None if there is nothing.

        Raises:
            EnvironmentalError, WorkspaceError: As `replace`.
        """
        with self._writing(_UNDO):
            act = next(self._store.log(_UNDO), None)
            if act is None:
                return None
            label, _, facts = act.message.partition("\n\n")
            files = self._store.files(act)
            for path, data in files.items():
                self._put_back(path, data, f"before undoing: {label}", when)
            removed = tuple(self._remove_made(facts.splitlines()))
            self._store.move(_UNDO, act.parent)
            sums = {path: _sha256(data) for path, data in files.items()}
            return Undone(label, act.when, sums, removed, facts.startswith(_UPDATE))

    def _put_back(self, path: str, data: bytes, note: str, when: str) -> None:
        present = storage.read(self._workspace.root / path)
        if present is not None and _has_versions(path):
            self._record(path, present, note, when)
        self._workspace.write(self._workspace.root / path, data)

    def _remove_made(self, facts: list[str]) -> Iterator[str]:
        """Remove what an act made, unless somebody has changed it since; what was removed."""
        for fact in facts:
            if fact.startswith(_MADE):
                sha256, _, path = fact.removeprefix(_MADE).partition(" ")
                data = storage.read(self._workspace.root / path)
                if data is not None and _sha256(data) == sha256:
                    self._workspace.remove(self._workspace.root / path)
                    yield path

    def _record(self, path: str, source: bytes, note: str, when: str) -> int | None:
        ref = _ref_of(path)
        sha256 = _sha256(source)
        latest = next(self._store.log(ref), None)
        before = _version(latest) if latest else Version(0, "", "", "")
        if before.sha256 == sha256:
            return None
        number = before.number + 1
        message = f"Version {number}\n\n{' '.join(note.split())}\n\nsha256: {sha256}\n"
        self._store.commit(ref, {path: source}, message, when)
        return number

    def _log(self, exercise: Exercise) -> Iterator[Commit]:
        return self._store.log(self._ref(exercise))

    def _path(self, exercise: Exercise) -> str:
        """The file as the store names it: from the root, with slashes."""
        file = self._workspace.file(exercise)
        return file.relative_to(self._workspace.root).as_posix()

    def _ref(self, exercise: Exercise) -> str:
        """The ref of an exercise: under its id, else under an id it had before."""
        own = _ref_of(self._path(exercise))
        suffix = own.removeprefix(f"refs/exercises/{exercise.id}")
        refs = (own, *(f"refs/exercises/{alias}{suffix}" for alias in exercise.aliases))
        return next((ref for ref in refs if self._store.tip(ref)), own)

    @contextlib.contextmanager
    def _writing(self, *refs: str) -> Iterator[None]:
        """Alone in the store, and on refs that can be read: a damaged store is set aside."""
        root = self._workspace.history_dir
        self._workspace.make_directory(root.parent)
        with storage.Lock(self._workspace.write_lock_file):
            if root.is_symlink() or (root.exists() and not all(map(self._is_sound, refs))):
                aside = storage.set_aside(root).name
                self.notice = f"The history was damaged. It is kept as {aside}; a new one begins."
                self._store = Store(root)
            yield

    def _is_sound(self, ref: str) -> bool:
        try:
            next(self._store.log(ref), None)
        except WorkspaceError:
            return False
        return True


def _has_versions(path: str) -> bool:
    return path.startswith("exercises/")


def _ref_of(path: str) -> str:
    return f"refs/{path.removesuffix('.py')}"


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _version(commit: Commit) -> Version:
    subject, note, sha256 = commit.message.rstrip().split("\n\n")
    return Version(
        int(subject.rpartition(" ")[2]), sha256.removeprefix("sha256: "), commit.when, note
    )
