"""Judging: run an exercise's checks on a file, in a process apart, and give a `Verdict`.

    with Runner() as runner:
        verdict = runner.run(job_for(course, exercise, file))

Watch, run, verify, dev check and the wrongs all come this way.
"""

from __future__ import annotations

import os
import shutil
import socket
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nanolab.errors import EnvironmentalError
from nanolab.runner.job import CheckDone, Demo, Job, Judged, Shown, job_for
from nanolab.verdict import Outcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from nanolab.course import Course, Exercise
    from nanolab.runner.hosts import Host, Worker
    from nanolab.runner.sandbox import Sandbox

__all__ = ["CheckDone", "Demo", "Job", "Judged", "Runner", "Shown", "job_for", "unavailable"]


class Runner:
    """Judges one job at a time; a newer one cancels the one before.

    Args:
        warm: Keep a process ready between runs. Without, each run starts from cold, and no
            memory is held in between.
        sandbox: Where the code runs; None for the same rights as whoever runs nanolab. One runner
            is one sandbox: files of two learners must not be judged by the same.
    """

    def __init__(self, *, warm: bool = True, sandbox: Sandbox | None = None) -> None:
        self.warm = warm
        self._sandbox = sandbox
        self._scratch = _folder() if sandbox else None
        self._host: Host | None = None
        self._preload: tuple[str, ...] = ()
        self._turn = threading.Lock()  # held by whoever uses the host
        self._latest: _Cancel | None = None

    def __enter__(self) -> Runner:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def warm_up(self, preload: Sequence[str] = ()) -> None:
        """Start getting ready in the background, with these modules imported."""
        if self.warm:
            threading.Thread(target=self._get_ready, args=(tuple(preload),), daemon=True).start()

    def start(self, job: Job, emit: Callable[[CheckDone | Judged], None]) -> None:
        """Judge `job` in the background; a run in progress is cancelled first.

        Args:
            job: What to judge.
            emit: Called from another thread with each check as it ends, and once with the end.
        """

        def tell(event: CheckDone | Judged | Shown) -> None:
            if not isinstance(event, Shown):
                emit(event)

        self.cancel()
        cancel = self._latest = _Cancel()
        threading.Thread(target=self._judge, args=(job, tell, cancel), daemon=True).start()

    def cancel(self) -> None:
        """End the run in progress, if there is one; its verdict is `cancelled`."""
        if self._latest is not None:
            self._latest.set()

    def run(self, job: Job) -> Verdict:
        """Judge `job` and wait for the verdict."""
        return self.demonstrate(job)[0]

    def demonstrate(self, job: Job) -> tuple[Verdict, list[Any] | None]:
        """Run the demo of a job and wait for it.

        Returns:
            The verdict, which says whether the demo got through, and what it gave: for `show`
            pieces of text with their styles, for `bench` rows; None if it gave nothing.
        """
        ended: list[Verdict] = []
        shown: list[Any] | None = None

        def keep(event: CheckDone | Judged | Shown) -> None:
            nonlocal shown
            if isinstance(event, Judged):
                ended.append(event.verdict)
            elif isinstance(event, Shown):
                shown = event.value

        self._latest = cancel = _Cancel()
        self._judge(job, keep, cancel)
        return ended[0], shown

    def close(self) -> None:
        """Cancel what runs and end every process."""
        self.cancel()
        with self._turn:
            self._drop_host()
            if self._scratch is not None:
                shutil.rmtree(self._scratch, ignore_errors=True)

    def _get_ready(self, preload: tuple[str, ...]) -> None:
        with self._turn:
            self._host_with(preload).prepare()

    def _judge(
        self, job: Job, emit: Callable[[CheckDone | Judged | Shown], None], cancel: _Cancel
    ) -> None:
        with self._turn, cancel:
            if cancel.is_set:
                emit(Judged(job, _no_verdict(job, Outcome.CANCELLED, "Stopped.")))
                return
            directory = _folder(self._scratch)
            try:
                self._judge_in(directory, job, emit, cancel)
            finally:
                shutil.rmtree(directory, ignore_errors=True)

    def _judge_in(
        self,
        directory: Path,
        job: Job,
        emit: Callable[[CheckDone | Judged | Shown], None],
        cancel: _Cancel,
    ) -> None:
        """Emit the verdict as soon as it is known; clean up and get ready again afterwards."""
        from nanolab.runner import supervise

        worker: Worker | None = None
        try:
            worker = self._host_with(job.preload).take()
            verdict = supervise.judge(
                job, worker, directory=directory, cancelled=cancel.reader, emit=emit
            )
        except EnvironmentalError as error:
            verdict = _no_verdict(job, Outcome.UNAVAILABLE, f"{error} {error.cure}")
        emit(Judged(job, verdict))
        if worker is not None:
            worker.end()
        if self.warm and worker is not None:
            self._host_with(job.preload).prepare()
        else:
            self._drop_host()

    def _host_with(self, preload: tuple[str, ...]) -> Host:
        """A living host that has imported at least `preload`."""
        enough = self._host is not None and set(preload) <= set(self._preload)
        if self._host is not None and not (enough and self._host.alive()):
            self._drop_host()
        if self._host is None:
            self._host = _host_for(preload, self._sandbox, self._scratch)
            self._preload = preload
        return self._host

    def _drop_host(self) -> None:
        if self._host is not None:
            self._host.close()
            self._host = None


def _folder(parent: Path | None = None) -> Path:
    """A new temporary folder of our own."""
    return Path(tempfile.mkdtemp(prefix="nanolab-", dir=parent))


def _host_for(preload: Sequence[str], sandbox: Sandbox | None, scratch: Path | None) -> Host:
    """The best kind of host that this system has; `NANOLAB_RUNNER=spawn` chooses the other.

    In a sandbox there is only the first: the other kind calls back over the network.
    """
    fork_works = hasattr(os, "fork") and hasattr(socket, "send_fds") and sys.platform != "win32"
    if sandbox or (fork_works and os.environ.get("NANOLAB_RUNNER") != "spawn"):
        from nanolab.runner.fork import ForkHost

        return ForkHost(preload, sandbox, scratch)
    from nanolab.runner.spawn import SpawnHost

    return SpawnHost(preload)


class _Cancel:
    """A flag that a selector can wait for."""

    def __init__(self) -> None:
        self.reader, self._writer = socket.socketpair()
        self._lock = threading.Lock()
        self._open = True
        self.is_set = False

    def set(self) -> None:
        """Raise the flag; harmless if the run has ended."""
        with self._lock:
            if self._open:
                self._writer.send(b"x")
                self._open, self.is_set = False, True

    def __enter__(self) -> _Cancel:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._open = False
            self.reader.close()
            self._writer.close()


def unavailable(course: Course, exercise: Exercise) -> str:
    """Why an exercise cannot be judged on this machine, with the cure; empty if it can."""
    import importlib.util

    for need in course.needs:
        if need.name not in exercise.needs:
            continue
        missing_module = need.module and importlib.util.find_spec(need.module) is None
        missing_program = need.program and shutil.which(need.program) is None
        if missing_module or missing_program:
            return f"This exercise needs {need.name}, which is not installed. Cure: {need.cure}"
    return ""


def _no_verdict(job: Job, outcome: Outcome, reason: str) -> Verdict:
    return Verdict(
        exercise=job.exercise.id,
        tree=job.tree,
        outcome=outcome,
        total=job.exercise.checks,
        reason=reason,
    )
