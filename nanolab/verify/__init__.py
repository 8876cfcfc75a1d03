"""Many exercises judged at once, in course order, for CI and for a teacher.

`verify` only judges; `junit`, `github` and `exercism` say the same report in three formats.
"""

from __future__ import annotations

import queue
import threading
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from nanolab.errors import NanolabError, UsageError
from nanolab.runner import Runner, job_for, unavailable
from nanolab.verdict import Outcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from nanolab.course import Course, Exercise
    from nanolab.runner import Job
    from nanolab.workspace import Workspace

INTERRUPTED = 130
# When several apply, the first of these is the exit code.
_GRAVEST_FIRST = (5, 4, 3, 1)


class Judge(Protocol):
    """What `verify` needs of a runner."""

    def run(self, job: Job) -> Verdict:
        """Judge one file, and wait for it."""
        ...

    def cancel(self) -> None:
        """End the run in progress."""
        ...

    def close(self) -> None:
        """Give everything back."""
        ...


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a verification.

    Attributes:
        exercises: Those that were selected, in course order.
        verdicts: Of the exercises that were judged, in the same order.
        faults: Errors that kept nanolab from judging.
        interrupted: Whether Ctrl-C ended it early.
    """

    exercises: tuple[Exercise, ...]
    verdicts: tuple[Verdict, ...]
    faults: tuple[NanolabError, ...] = ()
    interrupted: bool = False

    @property
    def passed_count(self) -> int:
        """How many of the exercises passed."""
        return sum(verdict.passed for verdict in self.verdicts)

    @property
    def exit_code(self) -> int:
        """130 if interrupted, else the gravest of 5, 4, 3, 1; 0 if every exercise passed."""
        if self.interrupted:
            return INTERRUPTED
        codes = {_code(verdict) for verdict in self.verdicts}
        codes |= {fault.exit_code for fault in self.faults}
        return next((code for code in _GRAVEST_FIRST if code in codes), 0)


def _code(verdict: Verdict) -> int:
    if verdict.passed:
        return 0
    return 4 if verdict.outcome is Outcome.UNAVAILABLE else 1


def verify(
    course: Course,
    workspace: Workspace | None,
    exercises: Sequence[Exercise],
    jobs: int,
    on_verdict: Callable[[Verdict, Path], None],
    *,
    open_judge: Callable[[], Judge] = Runner,
) -> Report:
    """Judge the exercises with `jobs` runners and report them in course order.

    Args:
        course: The course.
        workspace: Whose files to judge; None judges the solutions.
        exercises: What to judge.
        jobs: How many runners work side by side, at least 1.
        on_verdict: Called in this thread with each verdict and the file that was judged, in the
            order of `exercises`.
        open_judge: Makes a runner; a test may bring its own.

    Raises:
        UsageError: If there is nothing to judge.
    """
    if not exercises:
        raise UsageError("No exercise is selected.", "See `nanolab list` for the names.")
    tree = "exercises" if workspace else "solutions"
    tasks = [
        job_for(course, one, workspace.file(one) if workspace else course.solution(one), tree=tree)
        for one in exercises
    ]
    found: list[Verdict] = []
    faults: list[NanolabError] = []
    interrupted = False
    try:
        with ExitStack() as stack:
            crew = _Crew(course, tasks, open_judge, min(jobs, len(tasks)))
            crew.start(stack)
            for job, result in zip(tasks, crew.results()):
                if isinstance(result, NanolabError):
                    faults.append(result)
                else:
                    found.append(result)
                    on_verdict(result, job.file)
    except KeyboardInterrupt:
        interrupted = True
    return Report(tuple(exercises), tuple(found), tuple(faults), interrupted)


class _Crew:
    """Threads that take jobs from one list, each with a runner of its own."""

    def __init__(
        self, course: Course, tasks: Sequence[Job], open_judge: Callable[[], Judge], size: int
    ) -> None:
        self._course = course
        self._size = len(tasks)
        self._waiting = iter(list(enumerate(tasks)))
        self._lock = threading.Lock()
        self._done: queue.SimpleQueue[tuple[int, Verdict | NanolabError]] = queue.SimpleQueue()
        self._judges = [open_judge() for _ in range(size)]

    def start(self, stack: ExitStack) -> None:
        """Begin; when `stack` is left, whatever still runs is cancelled and everyone goes home."""
        for judge in self._judges:
            thread = threading.Thread(target=self._work, args=(judge,))
            stack.callback(judge.close)
            stack.callback(thread.join)
            thread.start()
        stack.callback(self._stop)

    def results(self) -> Iterator[Verdict | NanolabError]:
        """One result for each task, in the order of the tasks, as soon as it is its turn."""
        early: dict[int, Verdict | NanolabError] = {}
        for position in range(self._size):
            while position not in early:
                done, result = self._done.get()
                early[done] = result
            yield early.pop(position)

    def _work(self, judge: Judge) -> None:
        while (task := self._take()) is not None:
            position, job = task
            self._done.put((position, _judge(self._course, judge, job)))

    def _take(self) -> tuple[int, Job] | None:
        with self._lock:
            return next(self._waiting, None)

    def _stop(self) -> None:
        with self._lock:
            self._waiting = iter(())
        for judge in self._judges:
            judge.cancel()


def _judge(course: Course, judge: Judge, job: Job) -> Verdict | NanolabError:
    """The verdict; a file that is not there is a finding, and an error of ours is carried along."""
    reason = unavailable(course, job.exercise)
    if reason:
        return _without_run(job, Outcome.UNAVAILABLE, reason)
    if not job.file.is_file():
        cure = f"`nanolab reset {job.exercise.name}` brings the stub back."
        return _without_run(job, Outcome.BROKEN, f"{job.file.name} is missing. {cure}")
    try:
        return judge.run(job)
    except NanolabError as error:
        return error
    except Exception as error:  # noqa: BLE001 - a bug in one runner must not hang the others
        return NanolabError(f"{job.exercise.id} could not be judged: {type(error).__name__}: {error}")


def _without_run(job: Job, outcome: Outcome, reason: str) -> Verdict:
    return Verdict(job.exercise.id, job.tree, outcome, (), job.exercise.checks, reason)
