"""One run, watched from outside: send the job, read the report, keep the time, reach a verdict."""

from __future__ import annotations

import contextlib
import secrets
import selectors
import signal
import time
from typing import TYPE_CHECKING

from nanolab.runner import limits
from nanolab.runner.job import TRACE_FILE, CheckDone, Job, Shown, to_wire
from nanolab.runner.report import MEMORY_REASON, Report, Tape
from nanolab.verdict import Frame, Outcome, Verdict

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from pathlib import Path

    from nanolab.runner.hosts import Worker

START_SECONDS = 120.0  # for a worker that is still importing torch
FLOOD = 16 << 20  # bytes of output after which a run is stopped
_TICK = 0.05
_LAST_BREATH = 0.5  # seconds for a worker that has closed its channel to end by itself


def judge(
    job: Job,
    worker: Worker,
    *,
    directory: Path,
    cancelled: socket.socket,
    emit: Callable[[CheckDone | Shown], None],
) -> Verdict:
    """Run one job on one worker, up to its verdict; the worker is left to be ended.

    Args:
        job: What to judge.
        worker: Ready, or about to be.
        directory: Empty; the run's own.
        cancelled: Becomes readable when the run shall stop.
        emit: Called with each check as it ends, and with what a demo gives.
    """
    return _Run(job, worker, directory, cancelled, emit).verdict()


class _Run:
    def __init__(
        self,
        job: Job,
        worker: Worker,
        directory: Path,
        cancelled: socket.socket,
        emit: Callable[[CheckDone | Shown], None],
    ) -> None:
        self.job = job
        self.worker = worker
        self.directory = directory
        self.cancelled = cancelled
        self.emit = emit
        self.report = Report(job, secrets.token_hex(16))
        self.tape = Tape()
        self.began = time.monotonic()
        self.deadline = self.began + START_SECONDS

    def verdict(self) -> Verdict:
        """Drive the run to its end."""
        ended, reason = self._drive()
        if ended is None:
            ended, reason = self.report.outcome()
        if self.report.shown is not None:
            self.emit(Shown(self.job, self.report.shown))
        frame = self.report.place
        if ended is Outcome.TIMEOUT:
            frame = self._last_line()
        return Verdict(
            exercise=self.job.exercise.id,
            tree=self.job.tree,
            outcome=ended,
            checks=tuple(self.report.checks),
            total=self.job.exercise.checks,
            reason=reason,
            place=frame,
            output=self.tape.text,
            diagnosis=self.report.diagnosis,
            seconds=time.monotonic() - self.began,
            sha256=self.report.sha256,
        )

    def _drive(self) -> tuple[Outcome | None, str]:
        """Pump until the report closes (None), or something else ends the run."""
        try:
            self.worker.channel.settimeout(5)
            line = to_wire(self.job, nonce=self.report.nonce, directory=self.directory)
            self.worker.channel.sendall(line)
        except OSError:
            return self._crash()
        with selectors.DefaultSelector() as selector:
            for source in (self.worker.channel, self.worker.output, self.cancelled):
                selector.register(source, selectors.EVENT_READ)
            return self._pump(selector)

    def _pump(self, selector: selectors.BaseSelector) -> tuple[Outcome | None, str]:
        while not self.report.closed:
            left = self.deadline - time.monotonic()
            ready = {key.fileobj for key, _ in selector.select(min(max(left, 0), _TICK))}
            if self.cancelled in ready:
                return Outcome.CANCELLED, "Stopped."
            if self.worker.output in ready and not self._read_output():
                selector.unregister(self.worker.output)
            if self.worker.channel in ready and not self._read_report():
                return self._crash()
            if not ready and self.worker.gone() and not self._read_rest():
                return self._crash()
            if stopped := self._too_much():
                return stopped
        self._drain_output()
        return None, ""

    def _too_much(self) -> tuple[Outcome, str] | None:
        """Whether a limit that is watched from outside has been passed."""
        if self.tape.total > FLOOD:
            return Outcome.CRASHED, "It printed more than 16 MB and was stopped."
        if time.monotonic() > self.deadline and not self.report.closed:
            return self._too_late()
        if not self.report.limited and _resident(self.report.pid) > limits.MEMORY:
            return Outcome.MEMORY, MEMORY_REASON
        return None

    def _read_output(self) -> bool:
        try:
            data = self.worker.output.recv(1 << 18)
        except OSError:
            return False
        self.tape.feed(data)
        return bool(data)

    def _drain_output(self) -> None:
        """Read what was printed before the closing line was sent."""
        self.worker.output.setblocking(False)
        while self.tape.total <= FLOOD and self._read_output():
            pass

    def _read_report(self) -> bool:
        try:
            data = self.worker.channel.recv(1 << 18)
        except OSError:
            return False
        was_started = self.report.started
        for check in self.report.feed(data):
            self.emit(CheckDone(self.job, check))
        if self.report.started and not was_started:
            self.began = time.monotonic()
            self.deadline = self.began + self.job.exercise.timeout
        return bool(data)

    def _read_rest(self) -> bool:
        """After the worker's death: what it had still sent; whether that closed the report."""
        self.worker.channel.setblocking(False)
        while self._read_report():
            pass
        return self.report.closed

    def _too_late(self) -> tuple[Outcome, str]:
        if not self.report.started:
            return Outcome.CRASHED, "The process that judges exercises did not get ready."
        limit = self.job.exercise.timeout
        return (
            Outcome.TIMEOUT,
            f"It was still running after {limit:g} seconds: is there an endless loop?",
        )

    def _crash(self) -> tuple[Outcome, str]:
        """The channel closed without a closing line."""
        self._drain_output()
        if not self.report.started:
            return Outcome.CRASHED, (
                "The process that judges exercises ended before it was ready; see `nanolab doctor`."
            )
        status = self._last_status()
        if status is not None and -status == getattr(signal, "SIGXCPU", None):
            return self._too_late()
        return Outcome.CRASHED, _last_words(status)

    def _last_status(self) -> int | None:
        """How the worker ended; the channel closes a moment before the system can tell."""
        deadline = time.monotonic() + _LAST_BREATH
        while not self.worker.gone() and time.monotonic() < deadline:
            time.sleep(0.005)
        return self.worker.end()

    def _last_line(self) -> Frame | None:
        """The learner's line that the interpreter was at shortly before time was up."""
        try:
            trace = (self.directory / TRACE_FILE).read_text(encoding="utf-8", errors="replace")
            source = self.job.file.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return None
        mark = f'File "{self.job.file}", line '
        for line in trace.splitlines():
            if mark in line:
                number, _, function = line.partition(mark)[2].partition(" in ")
                code = source[int(number) - 1].strip() if int(number) <= len(source) else ""
                return Frame(str(self.job.file), int(number), function, code)
        return None


def _resident(pid: int) -> int:
    """Bytes of memory that a process and its children hold now."""
    import psutil

    total = 0
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        for one in (process, *process.children(recursive=True)):
            total += one.memory_info().rss
    return total


def _last_words(status: int | None) -> str:
    if status is None:
        return "The process ended before its report was complete."
    if status >= 0:
        return f"The process ended itself (exit code {status}) before its report was complete."
    name = signal.Signals(-status).name if -status in set(signal.Signals) else f"signal {-status}"
    words = {
        "SIGSEGV": "a segmentation fault",
        "SIGABRT": "an abort",
        "SIGKILL": "a kill, perhaps for want of memory",
    }
    return f"The process died of {words.get(name, name)} before its report was complete."
