"""What happens to a session, and what is to be done about it: both as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from nanolab.course import Exercise, Stage
    from nanolab.progress import Progress
    from nanolab.verdict import Check, Verdict

# What happens.


@dataclass(frozen=True, slots=True)
class Saved:
    """An exercise file has new content; `sha256` is of that content."""

    exercise: Exercise
    sha256: str


@dataclass(frozen=True, slots=True)
class Missing:
    """An exercise file was deleted or renamed."""

    exercise: Exercise


@dataclass(frozen=True, slots=True)
class Warned:
    """Something outside deserves a sentence."""

    notice: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A check of a run has ended."""

    run: int
    check: Check


@dataclass(frozen=True, slots=True)
class Judged:
    """A run has ended; `on_disk` is the file's sha256 now (empty if gone), `now` the time."""

    run: int
    verdict: Verdict
    on_disk: str
    now: str


@dataclass(frozen=True, slots=True)
class Key:
    """A key was pressed: a character, or `esc`, `up`, `down`, `pageup`, `pagedown`."""

    name: str


@dataclass(frozen=True, slots=True)
class Interrupted:
    """Ctrl-C."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The system asks the process to end; `code` is the exit code of that signal."""

    code: int


@dataclass(frozen=True, slots=True)
class Ticked:
    """Time has passed during a run; `seconds`, full ones, since its start."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Resized:
    """The terminal has another size, or its screen may be spoilt."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The questions of a stage were dealt with."""

    stage: Stage
    skipped: bool


@dataclass(frozen=True, slots=True)
class Restored:
    """Files were overwritten on request.

    Attributes:
        notice: What was done, and what takes it back.
        files: Each exercise with the sha256 that its file has now.
        undo: What `u` would take back now; empty for nothing.
    """

    notice: str
    files: tuple[tuple[Exercise, str], ...] = ()
    undo: str = ""


@dataclass(frozen=True, slots=True)
class Learned:
    """Another nanolab process has changed the progress."""

    progress: Progress


Event: TypeAlias = (
    "Saved | Missing | Warned | Checked | Judged | Key | Interrupted | Ended | Ticked"
    " | Resized | Answered | Restored | Learned"
)


# What is to be done.


@dataclass(frozen=True, slots=True)
class StartRun:
    """Judge an exercise; a run under way ends first."""

    run: int
    exercise: Exercise


@dataclass(frozen=True, slots=True)
class CancelRun:
    """End the run under way."""


@dataclass(frozen=True, slots=True)
class Record:
    """Keep the tested version of a file in the history."""

    exercise: Exercise
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Ask:
    """Put the questions of a stage to the learner, one by one."""

    stage: Stage


@dataclass(frozen=True, slots=True)
class Edit:
    """Open an exercise in the learner's editor."""

    exercise: Exercise


@dataclass(frozen=True, slots=True)
class Reset:
    """Put an exercise back as shipped, keeping the learner's version."""

    exercise: Exercise


@dataclass(frozen=True, slots=True)
class Undo:
    """Take the last reset, restore or the like back."""


@dataclass(frozen=True, slots=True)
class Redraw:
    """Draw the whole screen anew."""


@dataclass(frozen=True, slots=True)
class Quit:
    """End the loop with an exit code."""

    code: int


Effect: TypeAlias = "StartRun | CancelRun | Record | Ask | Edit | Reset | Undo | Redraw | Quit"
