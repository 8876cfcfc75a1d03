"""A new release of the course into a workspace with edits, three ways: base, yours, new.

    untouched   replaced by the new stub
    edited      merged: the learner's edits and the course's changes, both
    collision   both kept: the learner's as it is, the course's beside it as NAME.update.py
    removed     moved to `aside/`
    renamed     moved along, with its history and progress
    new         written

`plan` works all that out as a value, `apply` makes it so after a snapshot that `undo` goes back
to. Stopped at any point, it is finished by doing it again.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from nanolab import __version__, storage, workspace
from nanolab.errors import NewerWorkspaceError, WorkspaceError
from nanolab.update.plan import (
    BASE,
    RECORD,
    Change,
    Kind,
    Plan,
    Step,
    bases,
    make_plan,
    paths_of_interest,
    same,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nanolab.course import Course
    from nanolab.history import History
    from nanolab.workspace import Workspace

__all__ = ["Change", "Kind", "Plan", "Step", "apply", "made_with", "plan", "waiting"]

SCHEMA = 1


def plan(place: Workspace, course: Course) -> Plan:
    """What an update of this workspace to this course would do; nothing is written.

    Raises:
        NewerWorkspaceError: If a later nanolab made the workspace.
        WorkspaceError: If it is of another course, or cannot be read.
    """
    from nanolab.update.merge import three_way

    origin = made_with(place, course)
    shipped = {name: _read(path) for name, path in workspace.shipped_files(course).items()}
    former = {
        one.file: tuple(f"{alias}{one.file[len(one.id) :]}" for alias in one.aliases)
        for one in course.exercises
        if one.aliases
    }
    present = dict(_below_base(place))
    for path in paths_of_interest(shipped, former, bases(present)):
        data = storage.read(place.root / path)
        if data is not None:
            present[path] = data
    steps = make_plan(shipped, former, present, three_way)
    record = Change(f"{BASE}/{RECORD}", present.get(f"{BASE}/{RECORD}"), workspace.record(course))
    if record.before != record.after:
        steps += (Step(Kind.SETTLED, record.path, (record,)),)
    return Plan(steps, origin)


def apply(
    what: Plan, place: Workspace, course: Course, history: History, now: str
) -> tuple[str, ...]:
    """Carry out a plan, after a snapshot of everything that it overwrites.

    Returns:
        Files that were changed by somebody else since the plan was made, and left alone.

    Raises:
        EnvironmentalError: If the disk is full. What is done is done; doing it again does the rest.
        WorkspaceError: If something cannot be written; likewise.
    """
    if not what.steps:
        return ()
    workspace.write_editor_paths(place, course)  # first: nothing below depends on it
    if any(step.changes for step in what.told):
        changes = {change.path: change.after for change in what.changes}
        history.before_update(changes, f"update to {__version__}", now)
    left_alone = []
    with storage.Lock(place.write_lock_file):
        for step in what.steps:
            if any(storage.read(place.root / one.path) != one.before for one in step.changes):
                left_alone.append(step.path)
                continue
            for change in step.changes:
                _make(place, change)
    return tuple(left_alone)


def waiting(place: Workspace, course: Course) -> bool:
    """Whether the course has moved on since the workspace was made: some milliseconds of reading.

    Raises:
        WorkspaceError: If a file cannot be read.
    """
    shipped = workspace.shipped_files(course)
    for name, source in shipped.items():
        base = storage.read(place.base / name)
        if base is None:
            base = storage.read(place.exercises / name)
        if not same(base, _read(source)):
            return True
    return any(name not in shipped for name in bases(dict.fromkeys(_base_paths(place), b"")))


def made_with(place: Workspace, course: Course) -> str:
    """The nanolab that made the workspace, or updated it last; empty if it does not remember.

    Raises:
        NewerWorkspaceError: If it is a later one than this.
        WorkspaceError: If the workspace is of another course.
    """
    try:
        facts = json.loads(storage.read(place.record_file) or b"{}")
        schema, made_by = int(facts.get("schema", 0)), str(facts.get("nanolab", ""))
        package = str(facts.get("package", course.package))
    except (ValueError, AttributeError, TypeError, RecursionError):
        return ""  # damaged, or a conflict of git's: it is written anew
    if schema > SCHEMA or _numbers(made_by) > _numbers(__version__):
        raise NewerWorkspaceError(
            f"The workspace was made with nanolab {made_by}; this is {__version__}.",
            "Upgrade: pip install -U nanolab.",
        )
    if package != course.package:
        raise WorkspaceError(
            f"The workspace is of a course that makes {package!r}; this one makes"
            f" {course.package!r}.",
            "Is NANOLAB_COURSE set to another course?",
        )
    return made_by


def _numbers(version: str) -> tuple[int, ...]:
    parts = version.partition("+")[0].split(".")
    return tuple(int(part) for part in parts if part.isdecimal())


def _below_base(place: Workspace) -> Iterator[tuple[str, bytes]]:
    for path in _base_paths(place):
        data = storage.read(place.root / path)
        if data is not None:
            yield path, data


def _base_paths(place: Workspace) -> Iterator[str]:
    """Every file below the base, from the root, with slashes."""
    for folder, _, names in os.walk(place.base):
        inner = os.path.relpath(folder, place.root).replace(os.sep, "/")
        yield from (f"{inner}/{name}" for name in sorted(names) if not name.endswith(".tmp"))


def _make(place: Workspace, change: Change) -> None:
    path = place.root / change.path
    if change.after is None:
        place.remove(path)
    else:
        place.write(path, change.after)


def _read(path: Path) -> bytes:
    with storage.translated(path):
        return path.read_bytes()
