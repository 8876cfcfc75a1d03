"""What the screen shows besides the session, read from the learner's and the course's files."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from nanolab import lessons
from nanolab.errors import NanolabError
from nanolab.session import Panel
from nanolab.views.watch import Scene

if TYPE_CHECKING:
    from pathlib import Path

    from nanolab.course import Course, Exercise, Stage
    from nanolab.session import Session
    from nanolab.workspace import Workspace


class Scenes:
    """Called with a session, reads what its screen needs, and no more."""

    def __init__(self, course: Course, workspace: Workspace) -> None:
        self._course, self._workspace = course, workspace
        self._hints = lru_cache(maxsize=8)(self._read_hints)

    def __call__(self, session: Session) -> Scene:
        """The scene of a session."""
        shown, panel = session.shown, session.panel
        file = self._workspace.file(shown)
        diff = panel is Panel.DIFF
        return Scene(
            file=file,
            hints=self._hints(shown) if session.hint else (),
            questions=self._questions(session.due) if panel is Panel.QUESTIONS else (),
            lesson=self._lesson(shown) if panel is Panel.LESSON else "",
            mine=_source(file) if diff else "",
            solution=_source(self._course.solution(shown)) if diff else "",
        )

    def _read_hints(self, exercise: Exercise) -> tuple[str, ...]:
        try:
            return lessons.hints(self._course, exercise)
        except NanolabError as error:
            return (str(error),) * lessons.HINT_LEVELS

    def _questions(self, stage: Stage | None) -> tuple[str, ...]:
        return lessons.questions(self._course, stage) if stage else ()

    def _lesson(self, exercise: Exercise) -> str:
        try:
            return lessons.lesson(self._course, self._course.stage_of(exercise))
        except NanolabError as error:
            return str(error)


def _source(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
