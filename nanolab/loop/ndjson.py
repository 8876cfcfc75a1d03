"""Watching for programs: one JSON object per line, each with `event`; the first has `schema`.

    watch_started    schema, nanolab, exercise, file, read_only
    run_started      run (counts from 1), exercise
    check            run, exercise, check (a check of a verdict)
    run_finished     run, exercise, current (whether it speaks of the file as it is), verdict
    exercise_passed  exercise; for the first time
    stage_passed     stage; for the first time
    moved            exercise, file: the learner is there now
    idle             exercise; nothing runs
    notice           message: what a screen would say in passing
    error            code, kind, message, cure; the last line before the exit with that code

A `verdict` and a `check` are what `nanolab.verdict` says. Every `run_started` has its
`run_finished`; outcome `cancelled` means that a newer save, or the learner, ended it. Later
versions may add events and keys; `schema` changes when one changes its meaning.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from nanolab import __version__
from nanolab import progress as learner
from nanolab.session.events import Checked, Judged
from nanolab.verdict import to_json

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from nanolab.course import Exercise
    from nanolab.errors import NanolabError
    from nanolab.session import Session
    from nanolab.session.events import Event

SCHEMA = 1


class Ndjson:
    """Tells what happens, for an editor plug-in.

    Args:
        file: Where an exercise lies.
        write: Puts text on the stream.
    """

    def __init__(self, file: Callable[[Exercise], Path], write: Callable[[str], None]) -> None:
        self._file, self._write = file, write

    def open(self) -> None:
        """Nothing to prepare."""

    def tell(self, before: Session, after: Session, event: Event | None) -> None:
        """The objects that an event is worth, in order."""
        if event is None:
            self._started(after)
        elif isinstance(event, Checked):
            self._checked(before, event)
        elif isinstance(event, Judged):
            self._judged(before, after, event)
        if after.current.id != before.current.id:
            file = str(self._file(after.current))
            self._say("moved", exercise=after.current.id, file=file)
        if after.running and after.runs != before.runs:
            self._say("run_started", run=after.runs, exercise=after.running.exercise.id)
        if after.notice and after.notice != before.notice:
            self._say("notice", message=after.notice)
        if before.running and not after.running:
            self._say("idle", exercise=after.current.id)

    def show(self, session: Session) -> Session:
        """Nothing: what happened has been told."""
        return session

    def forget(self) -> None:
        """Nothing: a line stays where it is."""

    def close(self) -> None:
        """Nothing to put back."""

    def fail(self, error: NanolabError) -> None:
        """The last object, before the exit."""
        self._say(
            "error", code=error.exit_code, kind=error.kind, message=str(error), cure=error.cure
        )

    def _started(self, session: Session) -> None:
        self._say(
            "watch_started",
            schema=SCHEMA,
            nanolab=__version__,
            exercise=session.current.id,
            file=str(self._file(session.current)),
            read_only=session.read_only,
        )

    def _checked(self, before: Session, event: Checked) -> None:
        if before.running and before.running.number == event.run:
            exercise = before.running.exercise.id
            self._say("check", run=event.run, exercise=exercise, check=to_json(event.check))

    def _judged(self, before: Session, after: Session, event: Judged) -> None:
        verdict = event.verdict
        self._say(
            "run_finished",
            run=event.run,
            exercise=verdict.exercise,
            current=after.verdicts.get(verdict.exercise) is verdict,
            verdict=to_json(verdict),
        )
        exercise = after.course.exercise(verdict.exercise)
        if exercise is None:
            return
        if not _passed(before, exercise) and _passed(after, exercise):
            self._say("exercise_passed", exercise=exercise.id)
        stage = after.course.stage_of(exercise)
        if learner.stage_passed(after.progress, stage) and not learner.stage_passed(
            before.progress, stage
        ):
            self._say("stage_passed", stage=stage.name)

    def _say(self, event: str, **fields: object) -> None:
        self._write(json.dumps({"event": event, **fields}, ensure_ascii=False) + "\n")


def _passed(session: Session, exercise: Exercise) -> bool:
    return learner.entry(session.progress, exercise).passed
