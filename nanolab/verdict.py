"""What came of one run, as plain values: no drawing, no process, no disk.

A run ends in exactly one `Verdict`, whatever the learner's code did. Verdicts travel between
processes as JSON (`to_json`, `check_from_json`) and each view chooses its own words for them.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, cast


class Outcome(str, Enum):
    """How a check or a whole run ended; checks use only the first four."""

    PASSED = "passed"
    FAILED = "failed"
    UNFINISHED = "unfinished"  # a stub: NotImplementedError
    ERROR = "error"  # the check itself could not be carried out
    TIMEOUT = "timeout"
    MEMORY = "memory"
    CRASHED = "crashed"  # the process ended without a complete report
    BROKEN = "broken"  # the file does not even import: syntax or import error
    CANCELLED = "cancelled"  # a newer save, or the learner, stopped it
    UNAVAILABLE = "unavailable"  # something outside is missing: torch, cargo

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Frame:
    """One line of the learner's own code on the way to a failure.

    `line` counts from 1; so does `column`, in `code`, where 0 means unknown.
    """

    file: str
    line: int
    function: str
    code: str
    column: int = 0


@dataclass(frozen=True, slots=True)
class Check:
    """One test function of a check module.

    `message` is the check's own sentence about the idea; `expected` and `actual` are short
    reprs; `autopsy` says in lines of text how two tensors differ; `frames` run outermost first.
    """

    id: str
    title: str
    outcome: Outcome
    message: str = ""
    expected: str = ""
    actual: str = ""
    autopsy: str = ""
    frames: tuple[Frame, ...] = ()
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether this check passed."""
        return self.outcome is Outcome.PASSED


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A named wrong answer that behaves exactly like the learner's code."""

    wrong: str
    slip: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The end of one run of one exercise.

    Attributes:
        exercise: Id, as in `05_gpt/rotary`.
        tree: Whose file was judged: `exercises`, `solutions`, or the name of a wrong.
        outcome: Passed if and only if a complete report of exactly the expected checks came
            back and every one of them passed.
        checks: In the order of the check module, as far as they came.
        total: How many checks the report had to hold.
        reason: One sentence, for every outcome but passed and failed.
        place: Where a broken or timed-out file stands, if known.
        output: What the learner's code printed, head and tail kept.
        diagnosis: The slip, if the failure equals a named wrong answer.
        seconds: Wall clock of the run.
        sha256: Of the bytes of the exercise file that were executed; empty if none were read.
    """

    exercise: str
    tree: str
    outcome: Outcome
    checks: tuple[Check, ...] = ()
    total: int = 0
    reason: str = ""
    place: Frame | None = None
    output: str = ""
    diagnosis: Diagnosis | None = None
    seconds: float = 0.0
    sha256: str = ""

    @property
    def passed(self) -> bool:
        """Whether the exercise is solved."""
        return self.outcome is Outcome.PASSED

    @property
    def first_failure(self) -> Check | None:
        """The first check that did not pass: the one to read."""
        return next((check for check in self.checks if not check.passed), None)

    @property
    def passed_count(self) -> int:
        """How many checks passed."""
        return sum(check.passed for check in self.checks)


def to_json(value: Verdict | Check | Frame | Diagnosis) -> dict[str, Any]:
    """A verdict, or a part of one, as plain dicts, lists and strings, ready for `json.dumps`."""
    return dataclasses.asdict(value)


def check_from_json(data: dict[str, Any]) -> Check:
    """The inverse of `to_json` for a check.

    Raises:
        KeyError, TypeError, ValueError: If `data` is not the JSON of a check.
    """
    frames = tuple(frame_from_json(frame) for frame in data["frames"])
    check = Check(**{**data, "outcome": Outcome(data["outcome"]), "frames": frames})
    texts(check.id, check.title, check.message, check.expected, check.actual, check.autopsy)
    return replace(check, seconds=float(check.seconds))


def frame_from_json(data: dict[str, Any]) -> Frame:
    """The inverse of `to_json` for a frame.

    Raises:
        TypeError, ValueError: If `data` is not the JSON of a frame.
    """
    frame = Frame(**data)
    texts(frame.file, frame.function, frame.code)
    return replace(frame, line=int(frame.line), column=int(frame.column))


def texts(*values: object) -> tuple[str, ...]:
    """The values, if each is a string.

    Raises:
        TypeError: Otherwise.
    """
    if not all(isinstance(value, str) for value in values):
        raise TypeError("not a text")
    return cast("tuple[str, ...]", values)
