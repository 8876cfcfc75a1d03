"""The watch loop as a value: what the learner sees, and what one event makes of it.

`step(session, event) -> (session, effects)` decides everything and touches nothing: files, keys,
runs and the clock come in as events, and what is to be done goes out as effects, which `loop`
carries out. A key does something if and only if it is `offered`, and the screen shows those.
"""

from __future__ import annotations

from dataclasses import replace
from functools import singledispatch
from typing import TYPE_CHECKING

from nanolab import progress as learner
from nanolab.errors import MissingFileError
from nanolab.session.actions import Action, offered, press
from nanolab.session.events import (
    Answered,
    CancelRun,
    Checked,
    Effect,
    Ended,
    Event,
    Interrupted,
    Judged,
    Key,
    Learned,
    Missing,
    Quit,
    Record,
    Redraw,
    Resized,
    Restored,
    Saved,
    Ticked,
    Warned,
)
from nanolab.session.moves import Step, go_next, go_on, go_to, reflected, start, uncovered
from nanolab.session.state import Confirm, Panel, Run, Session
from nanolab.verdict import Outcome

if TYPE_CHECKING:
    from nanolab.course import Exercise

__all__ = [
    "Action",
    "Confirm",
    "Panel",
    "Run",
    "Session",
    "Step",
    "at_page",
    "offered",
    "open_at",
    "step",
]

RESTARTS = 3  # runs in a row for a file that changes while it is judged


def open_at(session: Session) -> Step:
    """The first step: judge the current exercise, under the welcome if that is still due."""
    if not (session.progress.welcomed or session.plain):
        session = replace(session, panel=Panel.WELCOME)
    return (session, ()) if session.manual else start(session, session.current)


def step(session: Session, event: Event) -> Step:
    """What an event makes of the session, and what is to be done."""
    return _on(event, session)


def at_page(session: Session, pages: int) -> Session:
    """The session with its page inside a panel of `pages` pages, which only the screen counts."""
    return replace(session, page=min(session.page, pages - 1), pages=pages)


@singledispatch
def _on(event: Event, _session: Session) -> Step:
    raise TypeError(f"no such event: {event!r}")


@_on.register(Saved)
def _saved(event: Saved, session: Session) -> Step:
    notice = session.notice if event.sha256 in session.ours else ""
    session = uncovered(replace(session, shown=event.exercise, notice=notice, ours=frozenset()))
    if event.exercise.id != session.current.id:
        session = replace(session, hint=0)
    if session.manual:
        return replace(session, notice=f"{event.exercise.name} is saved; r runs it."), ()
    if session.running and session.running.exercise.id != event.exercise.id:
        session = _with_waiting(session, session.running.exercise)
    return start(session, event.exercise, sha256=event.sha256)


@_on.register(Missing)
def _missing(event: Missing, session: Session) -> Step:
    return replace(session, notice=MissingFileError(event.exercise.file).advice), ()


@_on.register(Warned)
def _warned(event: Warned, session: Session) -> Step:
    return replace(session, notice=event.notice), ()


@_on.register(Checked)
def _checked(event: Checked, session: Session) -> Step:
    run = session.running
    if run is None or run.number != event.run:
        return session, ()
    run = replace(run, checks=(*run.checks, event.check))
    return replace(session, running=run, warm=True), ()


@_on.register(Ticked)
def _ticked(event: Ticked, session: Session) -> Step:
    if session.running is None:
        return session, ()
    return replace(session, running=replace(session.running, seconds=event.seconds)), ()


@_on.register(Judged)
def _judged(event: Judged, session: Session) -> Step:
    run = session.running
    if run is None or run.number != event.run:
        return session, ()
    session = replace(session, running=None, warm=True)
    if event.verdict.outcome is Outcome.CANCELLED:
        return go_on(replace(session, notice="Stopped. r runs it again."))
    if _changed_since(run, event) and not session.manual and run.restarts < RESTARTS:
        return start(session, run.exercise, sha256=event.on_disk, restarts=run.restarts + 1)
    return _accept(session, run, event)


def _changed_since(run: Run, event: Judged) -> bool:
    tested = event.verdict.sha256 or run.sha256
    return bool(tested and event.on_disk and tested != event.on_disk)


def _accept(session: Session, run: Run, event: Judged) -> Step:
    """Take a verdict that speaks of the file as it stands."""
    exercise, verdict = run.exercise, event.verdict
    broke = learner.entry(session.progress, exercise).passed and not verdict.passed
    session = replace(
        session,
        progress=learner.after_verdict(session.progress, exercise, verdict, event.now),
        verdicts={**session.verdicts, exercise.id: verdict},
        shown=exercise,
    )
    if broke and verdict.outcome is not Outcome.UNAVAILABLE:
        session = replace(session, notice=f"{exercise.name} passed before; now it does not.")
    elif _changed_since(run, event):
        session = replace(session, notice="The file has changed since this run; r runs it again.")
    record = Record(exercise, verdict)
    if session.auto and verdict.passed and not session.visiting and not session.waiting:
        session, effects = go_next(session)
        return replace(session, notice=f"{exercise.name} passed."), (record, *effects)
    return _also(go_on(session), record)


def _with_waiting(session: Session, exercise: Exercise) -> Session:
    others = tuple(one for one in session.waiting if one.id != exercise.id)
    return replace(session, waiting=(*others, exercise))


def _also(outcome: Step, *effects: Effect) -> Step:
    session, before = outcome
    return session, (*effects, *before)


@_on.register(Interrupted)
def _interrupted(_event: Interrupted, session: Session) -> Step:
    if session.running is None:
        return session, (Quit(130),)
    if session.running.cancelling or not session.keyboard:
        return session, (CancelRun(), Quit(130))
    run = replace(session.running, cancelling=True)
    return replace(session, running=run, waiting=(), notice="Stopping…"), (CancelRun(),)


@_on.register(Ended)
def _ended(event: Ended, session: Session) -> Step:
    return session, (Quit(event.code),)


@_on.register(Resized)
def _resized(_event: Resized, session: Session) -> Step:
    return session, (Redraw(),)


@_on.register(Restored)
def _restored(event: Restored, session: Session) -> Step:
    progress = session.progress
    for exercise, sha256 in event.files:
        progress = learner.with_file(progress, exercise, sha256)
    return replace(
        session,
        progress=progress,
        notice=event.notice,
        undo=event.undo,
        ours=frozenset(sha256 for _, sha256 in event.files),
    ), ()


@_on.register(Answered)
def _answered(event: Answered, session: Session) -> Step:
    return go_next(reflected(session, event.stage, skipped=event.skipped))


@_on.register(Learned)
def _learned(event: Learned, session: Session) -> Step:
    moved = event.progress.current != session.progress.current
    session = replace(session, progress=event.progress)
    if moved:
        return go_to(session, learner.current(session.course, event.progress))
    if session.panel is Panel.QUESTIONS and session.due is None:
        return go_next(session)
    return session, ()


@_on.register(Key)
def _key(event: Key, session: Session) -> Step:
    return press(session, event.name)
