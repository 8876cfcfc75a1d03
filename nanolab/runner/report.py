"""What comes back from a worker: its output on a tape, its events in a report, and what they mean.

Pass if and only if the closing line came, the report holds exactly the expected checks, each
passed, the canary failed, and nothing that the checks rely on was changed. The exit code of the
worker means nothing.

This withstands accidents and every shortcut that was tried; it is no proof against somebody who
works at a false pass. The learner's code shares a process with its checks, so it can find the
nonce in a frame and write a report of its own, or answer with an object that says it equals
everything. A teacher who grades should read the code too.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nanolab.runner.job import CANARY, CLOSING
from nanolab.verdict import (
    Check,
    Diagnosis,
    Frame,
    Outcome,
    check_from_json,
    frame_from_json,
    texts,
)

if TYPE_CHECKING:
    from nanolab.runner.job import Job

KEPT = 15_000  # characters of output kept at each end
MEMORY_REASON = "It asked for more memory than the limit of 2 GiB."
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
    broken: str | None = None
    unfinished: bool = False
    place: Frame | None = None
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
            try:
                check = self._take(event) if event is not None else None
            except (LookupError, TypeError, ValueError, ArithmeticError):
                self.torn = True  # somebody has found the nonce, and not understood the rest
                continue
            if check is not None:
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
            self._take_broken(event)
        elif kind == "diagnosis":
            self.diagnosis = Diagnosis(*texts(event["wrong"], event["slip"]))
        elif kind == "started" and not self.started:
            self.started, self.pid, self.limited = True, event["pid"], event["limited"]
        elif kind == CLOSING:
            self.closed = True
        elif "value" in event:
            self._take_value(kind, event["value"])
        return None

    def _take_broken(self, event: dict[str, Any]) -> None:
        (self.broken,) = texts(event["reason"])
        self.place = frame_from_json(event["place"]) if event["place"] else None
        self.unfinished, self.memory = event["unfinished"], event["memory"]

    def _take_value(self, kind: str, value: Any) -> None:  # noqa: ANN401 - as it came
        if kind in {"changed", "collected"}:
            setattr(self, kind, list(texts(*value)))
        elif kind in {"check_broken", "sha256", "unavailable"}:
            setattr(self, kind, *texts(value))
        elif kind == "shown":
            self.shown = value

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
            return Outcome.MEMORY, MEMORY_REASON
        if self.unavailable:
            return Outcome.UNAVAILABLE, self.unavailable
        if self.broken is not None and not self.unfinished:
            return Outcome.BROKEN, self.broken
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
