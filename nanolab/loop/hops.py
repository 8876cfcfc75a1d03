"""The one module that makes every hop.

    save -> watcher -> Exercise -> runner -> Verdict -> progress -> session -> views -> screen

Everything that happens comes through one queue, and one thread takes it out, so the state has one
owner. For each event: a run is started before anything is drawn, the screen is drawn before
anything is written to disk, and everything is written before the next event is looked at.
"""

from __future__ import annotations

import queue
import sys
import time
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from nanolab.errors import MissingFileError, NanolabError
from nanolab.keys import Keys, Signals
from nanolab.loop import acts
from nanolab.loop.keeper import Keeper
from nanolab.progress import passed_files
from nanolab.runner import CheckDone, job_for, unavailable
from nanolab.session import Session, Step, open_at, step
from nanolab.session.events import (
    Ask,
    CancelRun,
    Checked,
    Edit,
    Effect,
    Event,
    Judged,
    Quit,
    Record,
    Redraw,
    Reset,
    Resized,
    StartRun,
    Ticked,
    Undo,
    Warned,
)
from nanolab.verdict import Outcome, Verdict
from nanolab.watcher import Watcher, sha256_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from nanolab.course import Course, Exercise, Stage
    from nanolab.runner import Job
    from nanolab.runner import Judged as Ended
    from nanolab.workspace import Workspace

FLASH = 0.08  # seconds that a run may take before the screen says that it runs
TICK = 1.0  # seconds between two looks at a run that takes long


class Face(Protocol):
    """How the loop shows itself: a screen, lines of text, or lines of JSON."""

    def open(self) -> None:
        """Before the first event."""

    def tell(self, before: Session, after: Session, event: Event | None) -> None:
        """After every event; None is the start."""

    def show(self, session: Session) -> Session:
        """Once there is time to draw; the session comes back with a page that exists."""

    def forget(self) -> None:
        """Somebody else has used the terminal."""

    def close(self) -> None:
        """After the last event."""


class Judge(Protocol):
    """What the loop needs of a runner."""

    def start(self, job: Job, emit: Callable[[CheckDone | Ended], None], /) -> None:
        """Judge in the background; a run under way ends first."""

    def cancel(self) -> None:
        """End the run under way."""

    def warm_up(self, preload: Sequence[str] = (), /) -> None:
        """Get ready in the background."""


@dataclass(frozen=True, slots=True)
class _Touched:
    """Somebody has written the progress file: another nanolab process, or this one."""


class Loop:
    """One watch, from the first screen to the exit code.

    Args:
        course: The course.
        workspace: Where the learner's files are.
        runner: Judges.
        face: Shows.
        editor: The command that opens a file; empty if there is none.
    """

    def __init__(
        self, course: Course, workspace: Workspace, runner: Judge, face: Face, editor: str = ""
    ) -> None:
        # A SimpleQueue, because a signal handler may put into it while its own thread does.
        self.events: queue.SimpleQueue[Event | _Touched] = queue.SimpleQueue()
        self._course, self._workspace = course, workspace
        self._runner, self._face, self._editor = runner, face, editor
        self._keys = Keys(self.events.put) if sys.stdin.isatty() else None
        self._signals = Signals(self.events.put)
        self._complaint = ""
        self._code: int | None = None
        self._owed = False  # whether the screen is behind
        self._started = 0.0
        self._sources: dict[str, bytes] = {}  # what each file held when its last run began

    def run(self, session: Session) -> int:
        """Loop until the learner, or the system, ends it; the exit code."""
        self._session = session
        self._keeper = Keeper(self._course, self._workspace, read_only=session.read_only)
        self._runner.warm_up(self._course.stage_of(session.current).preload)
        files = {self._workspace.file(one): one for one in self._course.exercises}
        with ExitStack() as stack:
            stack.enter_context(self._signals)
            stack.enter_context(self._keys or nullcontext())
            self._face.open()
            stack.callback(self._face.close)
            stack.callback(self._runner.cancel)
            self._watcher = Watcher(
                files,
                session.current,
                self.events.put,
                also=self._workspace.progress_file,
                touched=lambda: self.events.put(_Touched()),
            )
            stack.enter_context(self._watcher)
            self._take(open_at(session), None)
            while self._code is None:
                event = self._next()
                if event is not None:
                    self._take(step(self._session, event), event)
        return self._code

    # One event.

    def _next(self) -> Event | None:
        """The next event; None if none is left of what came."""
        running = self._session.running is not None
        patience = FLASH if self._owed else TICK if running or sys.platform == "win32" else None
        try:
            event = self.events.get(timeout=patience)
        except queue.Empty:
            if self._owed:
                self._show()
                return None
            return Ticked(int(time.monotonic() - self._started)) if running else None
        if isinstance(event, _Touched):
            self._read_news()
            return None
        return event

    def _take(self, outcome: Step, event: Event | None) -> None:
        """Take a step: start and stop runs, draw, write, and do the rest."""
        before = self._session
        self._session, effects = outcome
        self._watcher.current = self._session.current
        for effect in effects:
            self._do_first(effect)
        self._face.tell(before, self._session, event)
        begun = self._session.runs > before.runs
        if begun or self._soon(event) or not (self.events.empty() or isinstance(event, Judged)):
            self._owed = True
        else:
            self._show()
        self._keep()
        for effect in effects:
            self._do_last(effect)

    def _soon(self, event: Event | None) -> bool:
        """Whether the verdict is likely to follow at once; drawing this would only delay it."""
        young = time.monotonic() - self._started < FLASH
        return young and isinstance(event, Checked) and event.check.passed

    def _show(self) -> None:
        self._session = self._face.show(self._session)
        self._owed = False

    def _do_first(self, effect: Effect) -> None:
        """What comes before the drawing."""
        if isinstance(effect, StartRun):
            self._start(effect.run, effect.exercise)
        elif isinstance(effect, CancelRun):
            self._runner.cancel()
        elif isinstance(effect, Redraw):
            self._face.forget()
        elif isinstance(effect, Quit):
            self._code = effect.code

    def _do_last(self, effect: Effect) -> None:
        """What takes its time, or the terminal; what fails becomes a sentence on the screen."""
        try:
            if isinstance(effect, Record):
                source = self._sources.get(effect.exercise.id, b"")
                for event in self._keeper.record(effect.exercise, effect.verdict, source, now()):
                    self.events.put(event)
            elif isinstance(effect, Reset):
                self.events.put(acts.reset(self._course, self._workspace, effect.exercise, now()))
            elif isinstance(effect, Undo):
                self.events.put(acts.undo(self._course, self._workspace, now()))
            elif isinstance(effect, Edit):
                self._edit(effect.exercise)
            elif isinstance(effect, Ask):
                self._ask(effect.stage)
        except NanolabError as error:
            self._complain(error)

    def _start(self, run: int, exercise: Exercise) -> None:
        """Have the runner judge, or say at once why it cannot."""
        file = self._workspace.file(exercise)
        self._started = time.monotonic()
        ahead = self._verdict_ahead(exercise)
        if ahead is not None:
            self.events.put(Judged(run, ahead, "", now()))
            return

        def told(event: CheckDone | Ended) -> None:
            if isinstance(event, CheckDone):
                self.events.put(Checked(run, event.check))
            else:
                self.events.put(Judged(run, event.verdict, sha256_of(file), now()))

        passed = passed_files(self._course, self._workspace, self._session.progress)
        self._runner.start(job_for(self._course, exercise, file, passed=passed), told)
        with suppress(OSError):  # then the verdict says so
            self._sources[exercise.id] = file.read_bytes()

    def _verdict_ahead(self, exercise: Exercise) -> Verdict | None:
        """The verdict on an exercise that cannot be judged: no file, or no cargo, say."""
        verdict = Verdict(exercise.id, "exercises", Outcome.UNAVAILABLE, total=exercise.checks)
        if not self._workspace.file(exercise).exists():
            missing = MissingFileError(exercise.file)
            return replace(verdict, outcome=Outcome.BROKEN, reason=missing.advice)
        reason = unavailable(self._course, exercise)
        return replace(verdict, reason=reason) if reason else None

    def _keep(self) -> None:
        try:
            for event in self._keeper.keep(self._session.progress):
                self.events.put(event)
        except NanolabError as error:
            self._complain(error)

    def _read_news(self) -> None:
        try:
            for event in self._keeper.news(self._session.progress):
                self.events.put(event)
        except NanolabError as error:
            self._complain(error)

    def _complain(self, error: NanolabError) -> None:
        """Say once what cannot be done."""
        if error.advice != self._complaint:
            self._complaint = error.advice
            self.events.put(Warned(error.advice))

    def _edit(self, exercise: Exercise) -> None:
        """Open the editor: in a window of its own, or here until it ends."""
        file = self._workspace.file(exercise)
        if acts.is_in_terminal(self._editor):
            with self._handed_over():
                warning = acts.edit(self._editor, file, wait=True)
        else:
            warning = acts.edit(self._editor, file, wait=False)
        if warning:
            self.events.put(warning)

    def _ask(self, stage: Stage) -> None:
        """Put the questions at an ordinary prompt."""
        with self._handed_over():
            answered = acts.ask(self._course, self._workspace, stage, now())
        if answered:
            self.events.put(answered)

    @contextmanager
    def _handed_over(self) -> Iterator[None]:
        """The terminal, as it was, to somebody else."""
        self._face.close()
        with ExitStack() as stack:
            if self._keys:
                self._keys.__exit__()
                stack.callback(self._keys.__enter__)
            self._signals.__exit__()
            stack.callback(self._signals.__enter__)
            yield
        self._face.open()
        self.events.put(Resized())


def now() -> str:
    """The time in UTC, as everything that is kept writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
