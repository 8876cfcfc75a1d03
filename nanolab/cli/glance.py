"""`list`, `map`, `status`, `hint` and `where`: a glance that must cost no more than a glance.

No typer and no rich here. Both doors, `front` and `app`, call these functions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nanolab import lessons, progress
from nanolab.cli import out
from nanolab.cli.here import here
from nanolab.errors import NanolabError, UsageError
from nanolab.views import plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from nanolab.cli.here import Here
    from nanolab.course import Exercise, Stage


def list_exercises(name: str = "", *, json: bool = False) -> int:
    """The exercises of the course or of one stage, and how far each is."""
    at = here()
    stages = (at.stage(name),) if name else at.course.stages
    if json:
        out.emit_json(current=at.exercise().id, stages=[stage_fields(at, one) for one in stages])
    else:
        out.emit(plain.list_text(at.course, at.progress, stages, at.look))
    return 0


def map_stages(*, json: bool = False) -> int:
    """All stages: passed, open, locked or coming."""
    at = here()
    if json:
        out.emit_json(stages=[stage_fields(at, stage) for stage in at.course.stages])
    else:
        out.emit(plain.map_text(at.course, at.progress, at.look))
    return 0


def status(*, json: bool = False) -> int:
    """Where the learner is and what comes next."""
    at = here()
    if json:
        out.emit_json(**_status_fields(at))
    else:
        waits = _update_waits(at)
        out.emit(plain.status_text(at.course, at.progress, at.look, update_waits=waits))
    return 0


def hint(name: str = "", *, level: int = 0, yes: bool = False, json: bool = False) -> int:
    """The next hint of an exercise, or the one of a level; the last asks first.

    Raises:
        UsageError: If there is no such level, or the last was asked for with nobody to confirm.
    """
    at = here()
    exercise = at.exercise(name)
    hints = lessons.hints(at.course, exercise)
    seen = progress.entry(at.progress, exercise).hints_used
    level = level or min(seen + 1, len(hints))
    if not 1 <= level <= len(hints):
        raise UsageError(
            f"There is no hint {level}.", f"{exercise.id} has hints 1 to {len(hints)}."
        )
    if level == len(hints) > seen and not out.confirm(
        f"Hint {level} of {exercise.id} nearly gives the code away. Show it?", yes=yes
    ):
        return 0
    if level > seen:
        at.update(lambda now: progress.with_hint(now, exercise, level))
    slip = at.workspace.slip(exercise) if level >= lessons.SLIP_LEVEL else ""
    if json:
        text = hints[level - 1]
        out.emit_json(exercise=exercise.id, level=level, of=len(hints), text=text, slip=slip)
    else:
        out.emit(plain.hint_text(exercise, hints, level, at.look, slip))
    return 0


def where(*, json: bool = False) -> int:
    """Where everything is."""
    at = here()
    places = {
        "workspace": at.workspace.root,
        "exercise": at.workspace.file(at.exercise()),
        "lesson": at.workspace.exercises / at.stage().name / "README.md",
        "progress": at.workspace.progress_file,
        "history": at.workspace.history_dir,
        "course": at.course.root,
    }
    if json:
        out.emit_json(**{name: str(path) for name, path in places.items()})
    else:
        out.emit(plain.where_text(tuple(places.items()), out.look()))
    return 0


def stage_fields(at: Here, stage: Stage) -> dict[str, object]:
    """A stage and its exercises for `--json`."""
    return {
        "name": stage.name,
        "title": stage.title,
        "minutes": stage.minutes,
        "optional": stage.optional,
        "coming": stage.coming,
        "open": progress.stage_open(at.course, at.progress, stage),
        "passed": progress.stage_passed(at.progress, stage),
        "exercises": [exercise_fields(at, one) for one in stage.exercises],
    }


def exercise_fields(at: Here, exercise: Exercise) -> dict[str, object]:
    """An exercise and its progress for `--json`."""
    entry = progress.entry(at.progress, exercise)
    return {
        "id": exercise.id,
        "title": exercise.title,
        "file": str(at.workspace.file(exercise)),
        "passed": entry.passed,
        "first_passed": entry.first_passed or None,
        "skipped": entry.skipped,
        "attempts": entry.attempts,
        "hints_used": entry.hints_used,
    }


def _status_fields(at: Here) -> dict[str, object]:
    following = progress.next_exercise(at.course, at.progress, at.exercise())
    return {
        "current": exercise_fields(at, at.exercise()),
        "stage": at.stage().name,
        "passed": sum(progress.entry(at.progress, one).passed for one in at.course.exercises),
        "total": len(at.course.exercises),
        "next": following.id if following else None,
        "update_waits": _update_waits(at),
    }


def _update_waits(at: Here) -> bool:
    """Whether `nanolab update` has something to do; no, if that cannot be read."""
    from nanolab import update

    try:
        return update.waiting(at.workspace, at.course)
    except NanolabError:
        return False


COMMANDS: dict[str, Callable[..., int]] = {
    "list": list_exercises,
    "map": map_stages,
    "status": status,
    "hint": hint,
    "where": where,
}
