"""What most commands begin with: the workspace around the current directory, course and progress."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nanolab import config, manifest, progress, workspace
from nanolab.cli import out
from nanolab.errors import WorkspaceError

if TYPE_CHECKING:
    from collections.abc import Callable

    from nanolab.config import Config
    from nanolab.course import Course, Exercise, Stage
    from nanolab.progress import Progress
    from nanolab.views.look import Look
    from nanolab.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Here:
    """Where the learner is.

    Attributes:
        course: The course.
        workspace: The workspace around the current directory.
        progress: As it was when the command began.
        config: The settings in force.
    """

    course: Course
    workspace: Workspace
    progress: Progress
    config: Config

    @property
    def look(self) -> Look:
        """How stdout looks; paths are shown relative to the workspace."""
        return out.look(self.workspace.root)

    def exercise(self, name: str = "") -> Exercise:
        """The exercise called `name`, or the current one.

        Raises:
            UnknownNameError: If no exercise answers to the name.
        """
        return self.course.find(name) if name else progress.current(self.course, self.progress)

    def stage(self, name: str = "") -> Stage:
        """The stage called `name`, or the current one.

        Raises:
            UnknownNameError: If no stage answers to the name.
        """
        return self.course.find_stage(name) if name else self.course.stage_of(self.exercise())

    def update(self, change: Callable[[Progress], Progress]) -> Progress:
        """Change the progress that is kept, as it is now: another process may have written it.

        Returns:
            The progress after the change; `self.progress` stays as it was.
        """
        state, note = progress.update(self.workspace, self.course, change)
        out.say_if(note)
        return state


def here() -> Here:
    """The workspace, its course and its progress; a repair of the progress is told on stderr.

    Raises:
        WorkspaceError: If there is no workspace, or it cannot be read.
        CourseError: If the course is malformed.
    """
    place = workspace.find(current_directory())
    settings = config.load(place.root)
    os.environ["NANOLAB_COLOR"] = settings.color  # where `out`, and children, look
    course = manifest.load()
    state, note = progress.load(place, course)
    for told in (*settings.warnings, note):
        out.say_if(told)
    return Here(course, place, state, settings)


def current_directory() -> Path:
    """The current directory.

    Raises:
        WorkspaceError: If it has been deleted.
    """
    try:
        return Path(os.getcwd())  # noqa: PTH109 - Path.cwd() would be the same call
    except OSError as error:
        raise WorkspaceError(
            "The current directory no longer exists.", "Change to one that does."
        ) from error


def now() -> str:
    """The time in UTC, as everything that is kept writes it: `2026-11-21T10:00:00Z`."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
