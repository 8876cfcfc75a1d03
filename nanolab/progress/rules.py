"""What the progress means for the course: what is passed, what is open, what is next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nanolab.errors import CourseError
from nanolab.progress.values import entry

if TYPE_CHECKING:
    from pathlib import Path

    from nanolab.course import Course, Exercise, Stage
    from nanolab.progress.values import Progress
    from nanolab.workspace import Workspace


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


def passed_files(course: Course, workspace: Workspace, progress: Progress) -> dict[str, Path]:
    """For the id of each exercise that has passed, the learner's file."""
    return {one.id: workspace.file(one) for one in course.exercises if entry(progress, one).passed}
