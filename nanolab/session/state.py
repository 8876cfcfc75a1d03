"""Everything that the watch screen shows, as one value."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from nanolab import progress as learner

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nanolab.course import Course, Exercise, Stage
    from nanolab.progress import Progress
    from nanolab.verdict import Check, Verdict


class Panel(Enum):
    """What covers the verdict for a while."""

    WELCOME = "welcome"
    LESSON = "lesson"
    LIST = "list"
    DIFF = "diff"
    OUTPUT = "output"
    HELP = "help"
    QUESTIONS = "questions"
    FINAL = "final"


class Confirm(Enum):
    """What waits for a yes; the value is the question."""

    RESET = "Put the exercise back as shipped? Your version is kept: u brings it back."
    HINT = "The third hint is nearly the code. Show it?"
    DIFF = "This shows the solution before you have passed. Show it?"


@dataclass(frozen=True, slots=True)
class Run:
    """A run under way.

    Attributes:
        number: Counts from 1; what belongs to another number is out of date.
        exercise: What is judged.
        sha256: Of the content that was announced; empty if the run was asked for by key.
        checks: Those that have ended.
        seconds: Full seconds since its start.
        restarts: How often in a row the file had changed by the end.
        cancelling: Whether the learner has asked for its end.
    """

    number: int
    exercise: Exercise
    sha256: str = ""
    checks: tuple[Check, ...] = ()
    seconds: int = 0
    restarts: int = 0
    cancelling: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    """Everything that the screen shows.

    Attributes:
        current: Where the learner is in the course.
        shown: The exercise on the screen; another one while a save of it is looked at.
        asking: Names of the stages whose lessons end with questions.
        verdicts: The last verdict of each exercise that was judged, by id.
        running: The run under way, or None.
        waiting: Saved, but interrupted by a save of another; judged next.
        runs: Number of the last run.
        warm: Whether a worker has answered yet; the first answer takes longer.
        panel: What covers the verdict, or None.
        page: The page of the panel on the screen, from 0.
        pages: How many the panel has.
        cut: Whether the screen has no room for all of the verdict.
        confirm: What waits for a yes, or None.
        hint: Level of the hint shown, 0 for none.
        notice: One sentence on what just happened.
        undo: What `u` would take back; empty for nothing.
        ours: sha256 of what a reset or undo has just written; its save is no news.
        manual: Whether only the key runs.
        auto: Whether a pass moves on by itself.
        read_only: Whether another watch keeps the progress.
        editor: Whether there is an editor to open.
        plain: Whether there is no screen for panels, only lines.
        keyboard: Whether keys can be pressed; without, Ctrl-C is the only way out.
    """

    course: Course
    progress: Progress
    current: Exercise
    shown: Exercise
    asking: frozenset[str] = frozenset()
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    running: Run | None = None
    waiting: tuple[Exercise, ...] = ()
    runs: int = 0
    warm: bool = False
    panel: Panel | None = None
    page: int = 0
    pages: int = 1
    cut: bool = False
    confirm: Confirm | None = None
    hint: int = 0
    notice: str = ""
    undo: str = ""
    ours: frozenset[str] = frozenset()
    manual: bool = False
    auto: bool = False
    read_only: bool = False
    editor: bool = False
    plain: bool = False
    keyboard: bool = True

    @property
    def verdict(self) -> Verdict | None:
        """The last verdict of the exercise on the screen, or None before the first."""
        return self.verdicts.get(self.shown.id)

    @property
    def passed(self) -> bool:
        """Whether the exercise on the screen passes as it stands."""
        return self.verdict is not None and self.verdict.passed

    @property
    def visiting(self) -> bool:
        """Whether the screen shows another exercise than the current one."""
        return self.shown.id != self.current.id

    @property
    def due(self) -> Stage | None:
        """The first stage that is done but for its questions, if there is one."""
        return learner.reflection_due(self.course, self.progress)
