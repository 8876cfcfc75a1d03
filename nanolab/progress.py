"""What the learner has done, as a value; how a verdict changes it; what is open and what is next.

`Progress` is changed by pure functions only: each takes one and returns the next. `load`, `save`
and `update` keep it in `.nanolab/progress.json`, which is small, sorted, and fit to commit.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from nanolab import storage
from nanolab.errors import CourseError, NewerWorkspaceError
from nanolab.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from nanolab.course import Course, Exercise, Stage
    from nanolab.verdict import Verdict
    from nanolab.workspace import Workspace

SCHEMA = 1

# Longer than this between two runs, and the learner was elsewhere.
_PAUSE = 600.0
# No try by the learner: an untouched stub, or a run that never judged.
_NO_ATTEMPT = {Outcome.UNFINISHED, Outcome.CANCELLED, Outcome.UNAVAILABLE}
_NO_JUDGEMENT = {Outcome.CANCELLED, Outcome.UNAVAILABLE}


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known about one exercise. Times are UTC, as in `2026-11-21T10:00:00Z`.

    Attributes:
        passed: Whether it has passed; stays so if a later version fails.
        broken: Whether it had passed and the version judged last did not.
        first_passed: When it passed for the first time.
        attempts: How many different contents were judged, stubs not counted.
        hints_used: The highest level of hint seen.
        seconds: Time at work: between judged runs, pauses above ten minutes not counted.
        sha256: Of the file that passed last.
        tried: sha256 of the file judged last.
        last_run: When it was judged last.
        skipped: Whether the learner passed it by.
        solution_seen: Whether the learner asked for the solution before passing.
    """

    passed: bool = False
    broken: bool = False
    first_passed: str = ""
    attempts: int = 0
    hints_used: int = 0
    seconds: float = 0.0
    sha256: str = ""
    tried: str = ""
    last_run: str = ""
    skipped: bool = False
    solution_seen: bool = False

    @property
    def done(self) -> bool:
        """Whether the learner may move on from it: passed or skipped."""
        return self.passed or self.skipped


@dataclass(frozen=True, slots=True)
class Progress:
    """All that is remembered of a learner.

    Attributes:
        current: Id of the exercise that the learner is at; empty at first.
        entries: By exercise id; also those of exercises that this course does not have.
        reflections: For each stage whose questions were dealt with, `answered` or `skipped`.
        welcomed: Whether the welcome was shown.
    """

    current: str = ""
    entries: Mapping[str, Entry] = field(default_factory=dict)
    reflections: Mapping[str, str] = field(default_factory=dict)
    welcomed: bool = False


def entry(progress: Progress, exercise: Exercise) -> Entry:
    """What is known about an exercise; a blank entry if nothing is."""
    return progress.entries.get(exercise.id, Entry())


def after_verdict(progress: Progress, exercise: Exercise, verdict: Verdict, now: str) -> Progress:
    """The progress after a run; unchanged unless the learner's own file was judged."""
    if verdict.tree != "exercises" or verdict.outcome in _NO_JUDGEMENT:
        return progress
    old = entry(progress, exercise)
    same = bool(verdict.sha256) and verdict.sha256 == old.tried
    new = replace(
        old,
        attempts=old.attempts + (not same and verdict.outcome not in _NO_ATTEMPT),
        seconds=round(old.seconds + _at_work(old.last_run, now), 1),
        tried=verdict.sha256,
        last_run=now,
        broken=old.passed and not verdict.passed,
    )
    if verdict.passed:
        first = old.first_passed or now
        new = replace(new, passed=True, first_passed=first, sha256=verdict.sha256)
    return _with(progress, exercise, new)


def with_hint(progress: Progress, exercise: Exercise, level: int) -> Progress:
    """Having seen the hint of this level, from 1."""
    old = entry(progress, exercise)
    return _with(progress, exercise, replace(old, hints_used=max(old.hints_used, level)))


def with_solution_seen(progress: Progress, exercise: Exercise) -> Progress:
    """Having seen the solution; after a pass that is no secret, and not noted."""
    old = entry(progress, exercise)
    return progress if old.passed else _with(progress, exercise, replace(old, solution_seen=True))


def with_skip(progress: Progress, exercise: Exercise) -> Progress:
    """Having passed the exercise by."""
    return _with(progress, exercise, replace(entry(progress, exercise), skipped=True))


def with_file(progress: Progress, exercise: Exercise, sha256: str) -> Progress:
    """With a file of this content put in place: passed if and only if it is the one that passed.

    What the exercise took so far is remembered.
    """
    old = entry(progress, exercise)
    passed = bool(old.first_passed) and old.sha256 == sha256
    new = replace(old, passed=passed, broken=False, skipped=False)
    return _with(progress, exercise, new)


def with_current(progress: Progress, exercise: Exercise) -> Progress:
    """With the learner at this exercise."""
    return replace(progress, current=exercise.id)


def with_welcome(progress: Progress) -> Progress:
    """Having shown the welcome."""
    return replace(progress, welcomed=True)


def with_reflection(progress: Progress, stage: Stage, *, skipped: bool = False) -> Progress:
    """With a stage's questions answered, or passed by; an answer is never taken back."""
    if progress.reflections.get(stage.name) == "answered":
        return progress
    dealt_with = {stage.name: "skipped" if skipped else "answered"}
    return replace(progress, reflections={**progress.reflections, **dealt_with})


def stage_passed(progress: Progress, stage: Stage) -> bool:
    """Whether every exercise of a stage is passed; a coming stage is not."""
    return not stage.coming and all(entry(progress, one).passed for one in stage.exercises)


def stage_done(progress: Progress, stage: Stage) -> bool:
    """Whether every exercise of a stage is passed or skipped; a coming stage is not."""
    return not stage.coming and all(entry(progress, one).done for one in stage.exercises)


def stage_open(course: Course, progress: Progress, stage: Stage) -> bool:
    """Whether a stage may be worked on.

    The stages it requires are done and their questions dealt with. An optional or coming stage
    blocks nobody: in its place stand the stages that it requires itself.
    """
    required = (one for one in course.stages if one.name in stage.requires)
    return all(
        stage_open(course, progress, one)
        if (one.optional or one.coming) and not stage_done(progress, one)
        else stage_done(progress, one) and one.name in progress.reflections
        for one in required
    )


def reflection_due(course: Course, progress: Progress) -> Stage | None:
    """The first stage that is done except for its questions, if there is one."""
    for stage in course.stages:
        if stage_done(progress, stage) and stage.name not in progress.reflections:
            return stage
    return None


def next_exercise(course: Course, progress: Progress, after: Exercise | None) -> Exercise | None:
    """The next exercise to do in the open stages: first those behind `after`, then from the start.

    None if nothing is left there: everything is done, or a reflection is due.
    """
    position = course.exercises.index(after) + 1 if after in course.exercises else 0
    in_turn = course.exercises[position:] + course.exercises[:position]
    for exercise in in_turn:
        if not entry(progress, exercise).done and stage_open(
            course, progress, course.stage_of(exercise)
        ):
            return exercise
    return None


def current(course: Course, progress: Progress) -> Exercise:
    """The exercise that the learner is at: where they went, else the next to do, else the last.

    Raises:
        CourseError: If the course has no exercises at all.
    """
    if not course.exercises:
        raise CourseError("The course has no exercises.", "Add one: `nanolab dev new STAGE NAME`.")
    return (
        course.exercise(progress.current)
        or next_exercise(course, progress, None)
        or course.exercises[-1]
    )


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


def _with(progress: Progress, exercise: Exercise, new: Entry) -> Progress:
    return replace(progress, entries={**progress.entries, exercise.id: new})


def _at_work(last_run: str, now: str) -> float:
    """Seconds of work between two runs."""
    try:
        gap = (_time(now) - _time(last_run)).total_seconds()
    except ValueError:
        return 0.0
    return gap if 0 < gap <= _PAUSE else 0.0


def _time(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z")


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
            stage: _check(how, str, f"reflections.{stage}")
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


def _get(table: dict[str, Any], key: str, kind: type, default: Any, where: str = "") -> Any:  # noqa: ANN401
    return _check(table[key], kind, f"{where} {key}".strip()) if key in table else default


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _check(value: Any, kind: type, what: str) -> Any:  # noqa: ANN401
    accepted = (int, float) if kind is float else kind
    if not isinstance(value, accepted) or (isinstance(value, bool) and kind is not bool):
        raise _DamagedError(f"{what} is {value!r:.40}")
    return value
