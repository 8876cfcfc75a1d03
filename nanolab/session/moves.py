"""The moves that saves, verdicts and keys have in common: start a run, go somewhere, uncover."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from nanolab import progress as learner
from nanolab.session.events import StartRun
from nanolab.session.state import Panel, Run, Session

if TYPE_CHECKING:
    from nanolab.course import Exercise, Stage
    from nanolab.session.events import Effect

Step: TypeAlias = "tuple[Session, tuple[Effect, ...]]"


def start(session: Session, exercise: Exercise, *, sha256: str = "", restarts: int = 0) -> Step:
    """Judge an exercise now."""
    run = Run(session.runs + 1, exercise, sha256, restarts=restarts)
    waiting = tuple(one for one in session.waiting if one.id != exercise.id)
    session = replace(session, running=run, runs=run.number, waiting=waiting)
    return session, (StartRun(run.number, exercise),)


def go_on(session: Session) -> Step:
    """Judge what an interruption left waiting, if anything."""
    return start(session, session.waiting[0]) if session.waiting else (session, ())


def go_to(session: Session, exercise: Exercise) -> Step:
    """Make an exercise the current one, and judge it."""
    session = replace(
        uncovered(session),
        progress=learner.with_current(session.progress, exercise),
        current=exercise,
        shown=exercise,
        hint=0,
        notice="",
    )
    return (session, ()) if session.manual else start(session, exercise)


def go_next(session: Session) -> Step:
    """Move on: to the questions of a finished stage, to the next exercise, or to the end."""
    session = uncovered(session)
    if session.due is not None:
        if session.due.name in session.asking and not session.read_only:
            return replace(session, panel=Panel.QUESTIONS), ()
        return go_next(reflected(session, session.due, skipped=True))
    following = learner.next_exercise(session.course, session.progress, session.current)
    if following is None:
        return replace(session, panel=Panel.FINAL), ()
    return go_to(session, following)


def reflected(session: Session, stage: Stage, *, skipped: bool) -> Session:
    """The session with a stage's questions dealt with."""
    progress = learner.with_reflection(session.progress, stage, skipped=skipped)
    return replace(session, progress=progress)


def uncovered(session: Session) -> Session:
    """Nothing in front of the verdict; the welcome, once read, does not come back."""
    if session.panel is Panel.WELCOME:
        session = replace(session, progress=learner.with_welcome(session.progress))
    return replace(session, panel=None, page=0, pages=1, confirm=None)
