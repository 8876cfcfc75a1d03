"""Many exercises judged at once, in course order, for CI and for a teacher.

`verify` only judges; `junit`, `github` and `exercism` say the same report in three formats.
"""

from __future__ import annotations

import queue
import threading
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from nanolab.errors import MissingFileError, NanolabError, UsageError
from nanolab.runner import Runner, job_for, sandbox, unavailable
from nanolab.verdict import Outcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from nanolab.course import Course, Exercise
    from nanolab.runner import Job
    from nanolab.workspace import Workspace

INTERRUPTED = 130
# When several apply, the first of these is the exit code.
GRAVEST_FIRST = (5, 4, 3, 1)


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
        selected: How many exercises were to be judged.
        verdicts: Of those that were, in course order.
        faults: Errors that kept nanolab from judging.
        interrupted: Whether Ctrl-C ended it early.
    """

    selected: int
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
        return next((code for code in GRAVEST_FIRST if code in codes), 0)


def _code(verdict: Verdict) -> int:
    if verdict.passed:
        return 0
    return 4 if verdict.outcome is Outcome.UNAVAILABLE else 1


def jobs_for(
    course: Course,
    workspace: Workspace | None,
    exercises: Sequence[Exercise],
    passed: Mapping[str, Path],
) -> tuple[Job, ...]:
    """What there is to judge: the files of a workspace, or without one the solutions.

    Args:
        course: The course.
        workspace: Whose files; None for the solutions.
        exercises: Which exercises.
        passed: The learner's passed files by exercise id.

    Raises:
        UsageError: If there is nothing.
    """
    if not exercises:
        raise UsageError("No exercise is selected.", "See `nanolab list` for the names.")
    if workspace is None:
        return tuple(
            job_for(course, one, course.solution(one), tree="solutions") for one in exercises
        )
    return tuple(job_for(course, one, workspace.file(one), passed=passed) for one in exercises)


def verify(
    course: Course,
    jobs: Sequence[Job],
    size: int,
    on_verdict: Callable[[Job, Verdict], None],
    open_judge: Callable[[], Judge] = Runner,
) -> Report:
    """Judge all jobs, `size` of them at a time, and report them in their order.

    Args:
        course: The course.
        jobs: What to judge, see `jobs_for`.
        size: How many runners work side by side, at least 1.
        on_verdict: Called in this thread for each verdict, in the order of `jobs`.
        open_judge: Makes a runner.
    """
    verdicts: list[Verdict] = []
    faults: list[NanolabError] = []
    interrupted = False
    try:
        with ExitStack() as stack:
            crew = _Crew(course, jobs, [open_judge() for _ in range(min(size, len(jobs)))])
            crew.start(stack)
            for job, result in crew.results():
                if isinstance(result, NanolabError):
                    faults.append(result)
                else:
                    verdicts.append(result)
                    on_verdict(job, result)
    except KeyboardInterrupt:
        interrupted = True
    return Report(len(jobs), tuple(verdicts), tuple(faults), interrupted)


def confined(course: Course, workspace: Workspace | None) -> Callable[[], Judge]:
    """Makes runners in sandboxes that can read this learner's exercise files, and no one else's.

    Args:
        course: The course.
        workspace: Whose files; None for the solutions, which can be read anyway.
    """
    root = workspace.root if workspace else course.root
    files = [workspace.file(one) for one in course.exercises] if workspace else []
    # A link may lead to what the learner could not read, and whoever runs this can.
    real = tuple(file for file in files if sandbox.within(file, root))
    box = sandbox.for_course(course, real)
    led_out = frozenset(file for file in files if file.exists()) - frozenset(real)
    return lambda: _Confined(Runner(sandbox=box), led_out)


class _Confined:
    """A runner in a sandbox; a file that is a link to somewhere else is not taken into it."""

    def __init__(self, runner: Runner, led_out: frozenset[Path]) -> None:
        self.cancel, self.close = runner.cancel, runner.close
        self._runner, self._led_out = runner, led_out

    def run(self, job: Job) -> Verdict:
        """As `Judge.run`."""
        if job.file in self._led_out:
            reason = "The file is a link to somewhere else, which is not followed in a sandbox."
            return _without_run(job, Outcome.BROKEN, reason)
        return self._runner.run(job)


class _Crew:
    """Threads that take jobs from one list, each with a runner of its own."""

    def __init__(self, course: Course, jobs: Sequence[Job], judges: Sequence[Judge]) -> None:
        self._course = course
        self._jobs = jobs
        self._judges = judges
        self._waiting = iter(list(enumerate(jobs)))
        self._lock = threading.Lock()
        self._done: queue.SimpleQueue[tuple[int, Verdict | NanolabError]] = queue.SimpleQueue()

    def start(self, stack: ExitStack) -> None:
        """Begin; when `stack` is left, whatever still runs is cancelled and everyone goes home."""
        for judge in self._judges:
            thread = threading.Thread(target=self._work, args=(judge,))
            stack.callback(judge.close)
            stack.callback(thread.join)
            thread.start()
        stack.callback(self._stop)

    def results(self) -> Iterator[tuple[Job, Verdict | NanolabError]]:
        """Each job with what came of it, in order, as soon as it is its turn."""
        early: dict[int, Verdict | NanolabError] = {}
        for position, job in enumerate(self._jobs):
            while position not in early:
                done, result = self._done.get()
                early[done] = result
            yield job, early.pop(position)

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
        return _without_run(job, Outcome.BROKEN, MissingFileError(job.exercise.file).advice)
    try:
        return judge.run(job)
    except NanolabError as error:
        return error
    except Exception as error:  # a bug in one runner must not hang the others
        return NanolabError(
            f"{job.exercise.id} could not be judged: {type(error).__name__}: {error}"
        )


def _without_run(job: Job, outcome: Outcome, reason: str) -> Verdict:
    return Verdict(job.exercise.id, job.tree, outcome, (), job.exercise.checks, reason)
