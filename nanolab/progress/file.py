"""`.nanolab/progress.json`: read, mended, changed under a lock; small, sorted, fit to commit."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from nanolab import storage
from nanolab.errors import NewerWorkspaceError, WorkspaceError
from nanolab.progress.values import Entry, Progress

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from nanolab.course import Course
    from nanolab.workspace import Workspace

SCHEMA = 1


def load(workspace: Workspace, course: Course) -> tuple[Progress, str]:
    """The progress kept in a workspace, and a note for the learner if something was repaired.

    A damaged file is set aside, never lost, and the version before it is restored.

    Raises:
        NewerWorkspaceError: If a later nanolab wrote it; the file is untouched.
        WorkspaceError: If it cannot be read or set aside.
    """
    path = workspace.progress_file
    data = storage.read(path)
    if data is None and not storage.backup_of(path).exists():
        return Progress(), ""
    if data is None:
        return _restore(workspace, course, f"{path.name} was gone.")
    try:
        return _parse(data, path, course), ""
    except _DamagedError as damage:
        note = f"{path.name} was damaged: {damage}. It is kept as {storage.set_aside(path).name}."
    return _restore(workspace, course, note)


def peek(workspace: Workspace, course: Course) -> Progress:
    """The progress kept in a workspace of somebody else's, in which nothing is written.

    Raises:
        NewerWorkspaceError: If a later nanolab wrote it.
        WorkspaceError: If it is damaged, or cannot be read.
    """
    path = workspace.progress_file
    if not os.path.lexists(path):
        return Progress()
    data = storage.read(path) if storage.is_plain(path) else None
    try:
        return _parse(data or b"", path, course)
    except _DamagedError as damage:
        raise WorkspaceError(
            f"{path.name} is damaged: {damage}.",
            "`nanolab status` in the workspace restores the version before it.",
        ) from damage


def save(workspace: Workspace, progress: Progress) -> None:
    """Keep the progress in its workspace; what was there stays beside it as `.bak`.

    Raises:
        EnvironmentalError: If the disk is full.
        WorkspaceError: If it cannot be written.
    """
    data = _to_json(progress)
    if storage.read(workspace.progress_file) != data:
        workspace.write(workspace.progress_file, data, keep_previous=True)


def update(
    workspace: Workspace, course: Course, change: Callable[[Progress], Progress]
) -> tuple[Progress, str]:
    """Change what is kept, under a lock, so that no other process's change is lost.

    Returns:
        The progress as it is now, and a note as `load` gives.

    Raises:
        EnvironmentalError, WorkspaceError: As `load` and `save`.
    """
    workspace.make_directory(workspace.state)
    with storage.Lock(workspace.write_lock_file):
        progress, note = load(workspace, course)
        progress = change(progress)
        save(workspace, progress)
    return progress, note


class _DamagedError(Exception):
    """The file is not what `save` writes; the message says why."""


def _restore(workspace: Workspace, course: Course, note: str) -> tuple[Progress, str]:
    """Go back to the version before, if that can be read; the note says what became of it."""
    backup = storage.backup_of(workspace.progress_file)
    try:
        progress = _parse(storage.read(backup) or b"", backup, course)
    except _DamagedError:
        return Progress(), f"{note} No version before it can be read: progress starts anew."
    save(workspace, progress)
    return progress, f"{note} The version before it was restored."


def _to_json(progress: Progress) -> bytes:
    """Only what differs from a blank entry, in a fixed order."""
    blank = asdict(Entry())
    data = {
        "schema": SCHEMA,
        "current": progress.current,
        "welcomed": progress.welcomed,
        "reflections": dict(progress.reflections),
        "exercises": {
            id_: {key: value for key, value in asdict(one).items() if value != blank[key]}
            for id_, one in progress.entries.items()
        },
    }
    return (json.dumps(data, indent=2, sort_keys=True) + "\n").encode()


def _parse(data: bytes, path: Path, course: Course) -> Progress:
    """The inverse of `_to_json`; earlier ids of an exercise become its id."""
    try:
        tree = json.loads(data, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise _DamagedError("it is not JSON") from error
    _check(tree, dict, "it")
    schema = _get(tree, "schema", int, 0)
    if schema > SCHEMA:
        raise NewerWorkspaceError(
            f"{path} was written by a later nanolab (schema {schema}; this one reads {SCHEMA}).",
            "Upgrade: pip install -U nanolab.",
        )
    if schema < 1:
        raise _DamagedError("it has no schema number")
    return Progress(
        current=_id(course, _get(tree, "current", str, "")),
        entries=_entries(_get(tree, "exercises", dict, {}), course),
        reflections={
            _stage(course, stage): _check(how, str, f"reflections.{stage}")
            for stage, how in _get(tree, "reflections", dict, {}).items()
        },
        welcomed=_get(tree, "welcomed", bool, False),
    )


def _entries(tree: dict[str, Any], course: Course) -> dict[str, Entry]:
    entries: dict[str, Entry] = {}
    for id_, table in tree.items():
        _check(table, dict, id_)
        known = {
            one.name: _get(table, one.name, type(one.default), one.default, id_)
            for one in fields(Entry)
        }
        now = _id(course, id_)
        if now not in entries or now == id_:
            entries[now] = Entry(**known)
    return entries


def _id(course: Course, id_: str) -> str:
    exercise = course.exercise(id_)
    return exercise.id if exercise else id_


def _stage(course: Course, name: str) -> str:
    """The stage's name now: where exercises went that it had under an earlier one."""
    if any(one.name == name for one in course.stages):
        return name
    heirs = (
        one.stage for one in course.exercises for old in one.aliases if old.startswith(f"{name}/")
    )
    return next(heirs, name)


def _get(table: dict[str, Any], key: str, kind: type, default: Any, where: str = "") -> Any:  # noqa: ANN401
    return _check(table[key], kind, f"{where} {key}".strip()) if key in table else default


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _check(value: Any, kind: type, what: str) -> Any:  # noqa: ANN401
    accepted = (int, float) if kind is float else kind
    if not isinstance(value, accepted) or (isinstance(value, bool) and kind is not bool):
        raise _DamagedError(f"{what} is {value!r:.40}")
    return value
