"""One run, watched from outside: send the job, read the report, keep the time, reach a verdict.

Pass if and only if the closing line came, the report holds exactly the expected checks, each
passed, the canary failed, and nothing that the checks rely on was changed. The exit code of the
worker means nothing.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import selectors
import signal
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nanolab.runner import limits
from nanolab.runner.job import CANARY, CLOSING, TRACE_FILE, CheckDone, Job, Shown, to_wire
from nanolab.verdict import Check, Diagnosis, Frame, Outcome, Verdict, check_from_json

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from pathlib import Path

    from nanolab.runner.hosts import Worker

START_SECONDS = 120.0  # for a worker that is still importing torch
FLOOD = 16 << 20  # bytes of output after which a run is stopped
KEPT = 15_000  # characters of output kept at each end
_TICK = 0.05
_MEMORY = "It asked for more memory than the limit of 2 GiB."
_UNFINISHED = "There is still a NotImplementedError where your code goes."
_LINE_LIMIT = 4 << 20  # bytes without a newline on the channel: nobody honest writes such a line


@dataclass
class Tape:
    """What the learner's code printed: everything is read, head and tail are kept."""

    head: bytes = b""
    tail: bytes = b""
    total: int = 0

    def feed(self, data: bytes) -> None:
        """Take some more output."""
        self.total += len(data)
        room = KEPT - len(self.head)
        self.head += data[:room]
        self.tail = (self.tail + data[room:])[-KEPT:]

    @property
    def text(self) -> str:
        """Head and tail as text, with a line about what was left out between them."""
        missing = self.total - len(self.head) - len(self.tail)
        gap = f"\n… {missing} bytes of output left out …\n".encode() if missing else b""
        return (self.head + gap + self.tail).decode("utf-8", "replace")


@dataclass
class Report:
    """The events of one run, as far as they came."""

    job: Job
    nonce: str
    checks: list[Check] = field(default_factory=list)
    collected: list[str] = field(default_factory=list)
    canary: Check | None = None
    changed: list[str] | None = None
    broken: dict[str, Any] | None = None
    check_broken: str = ""
    unavailable: str = ""
    shown: list[Any] | None = None
    diagnosis: Diagnosis | None = None
    sha256: str = ""
    started: bool = False
    pid: int = 0
    limited: bool = True
    closed: bool = False
    memory: bool = False
    count: int = 0
    torn: bool = False
    _pending: bytes = b""

    def feed(self, data: bytes) -> list[Check]:
        """Take bytes from the channel; the checks that they complete.

        Lines that do not carry the run's nonce are nobody's and are passed over; a number that
        is missing from the sequence means that a line of ours was lost.
        """
        *lines, self._pending = (self._pending + data).split(b"\n")
        if len(self._pending) > _LINE_LIMIT:
            self._pending = b""
        done = []
        for line in lines:
            event = self._ours(line)
            if event is not None and (check := self._take(event)) is not None:
                done.append(check)
        return done

    def _ours(self, line: bytes) -> dict[str, Any] | None:
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            return None
        if not isinstance(event, dict) or event.get("nonce") != self.nonce:
            return None
        self.torn = self.torn or event.get("count") != self.count
        self.count += 1
        return event

    def _take(self, event: dict[str, Any]) -> Check | None:
        kind = event.pop("event")
        if kind == "check":
            return self._take_check(check_from_json(event["check"]), memory=event["memory"])
        if kind == "broken":
            self.broken = event
            self.memory = event["memory"]
        elif kind == "diagnosis":
            self.diagnosis = Diagnosis(event["wrong"], event["slip"])
        elif kind == "started":
            self.started, self.pid, self.limited = True, event["pid"], event["limited"]
        elif kind == CLOSING:
            self.closed = True
        elif kind in {"changed", "collected", "check_broken", "sha256", "shown", "unavailable"}:
            setattr(self, kind, event["value"])
        return None

    def _take_check(self, check: Check, *, memory: bool) -> Check | None:
        if check.id == CANARY:
            self.canary = check
            return None
        self.memory = self.memory or memory
        self.checks.append(check)
        return check

    def outcome(self) -> tuple[Outcome, str]:
        """What a finished report amounts to, and why if that is neither passed nor failed."""
        if self.memory:
            return Outcome.MEMORY, _MEMORY
        if self.unavailable:
            return Outcome.UNAVAILABLE, self.unavailable
        if self.broken is not None and not self.broken["unfinished"]:
            return Outcome.BROKEN, self.broken["reason"]
        if self.broken is not None:
            return Outcome.UNFINISHED, _UNFINISHED
        return self._believed_outcome()

    def _believed_outcome(self) -> tuple[Outcome, str]:
        doubt = "" if self.job.demo and self.checks else self._doubt()
        if doubt:
            return Outcome.ERROR, doubt
        kinds = {check.outcome for check in self.checks}
        if kinds == {Outcome.PASSED}:
            return Outcome.PASSED, ""
        first = next(check for check in self.checks if not check.passed)
        if first.outcome is Outcome.UNFINISHED:
            return Outcome.UNFINISHED, _UNFINISHED
        if Outcome.FAILED in kinds:
            return Outcome.FAILED, ""
        return Outcome.ERROR, first.message

    def _doubt(self) -> str:
        """Why this report, though closed, must not be believed; empty if it may."""
        if self.check_broken:
            return f"The check itself cannot be imported: {self.check_broken}"
        if self.changed:
            names = ", ".join(self.changed[:3])
            return f"The file changes {names}, which the checks rely on; undo that."
        ids = [check.id for check in self.checks]
        expected = self.job.exercise.checks
        if len(ids) != expected or len(set(ids)) != expected or self.torn:
            return f"The report should hold {expected} checks, but {len(ids)} came."
        if [*ids, CANARY] != self.collected or self.changed is None:
            return "The report is not complete."
        if self.canary is None or self.canary.outcome is not Outcome.FAILED:
            return "A check that must fail did not: something switches the checks off."
        return ""

    @property
    def place(self) -> Frame | None:
        """Where a file that does not import stands."""
        if self.broken is None or self.broken["place"] is None:
            return None
        return Frame(**self.broken["place"])


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
            return Outcome.MEMORY, _MEMORY
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
        status = self.worker.end()
        if status is not None and -status == getattr(signal, "SIGXCPU", None):
            return self._too_late()
        return Outcome.CRASHED, _last_words(status)

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
